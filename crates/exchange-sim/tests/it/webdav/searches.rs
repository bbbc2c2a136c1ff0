//! SEARCH: its rows, their names and ranges, what the store expands, and what changed since.

use chrono::{Duration, TimeDelta};
use exchange_sim::{InvalidCollblob, WebdavManners, World};

use super::{CALENDAR, WINDOW, ask, furnished, manners, now, search, world};

#[test]
fn conditions_on_dates_expand_series_and_others_do_not() {
    let mut world = furnished(manners());
    let rows = |text: &str| text.matches("<a:response>").count();
    let kinds = |text: &str| -> Vec<String> {
        let each = text.split("instancetype b:dt=\"int\">").skip(1);
        each.map(|rest| rest.chars().take(1).collect()).collect()
    };
    let window = search(&mut world, &[], WINDOW).text();
    assert_eq!(kinds(&window), ["2", "0", "3"], "{window}");
    assert!(window.contains("<d:subject>Talk</d:subject>"), "private items are told to everybody");
    assert!(window.contains(":0x00000023 b:dt=\"bin.base64\">"), "{window}");
    assert!(window.contains("<uid>04000000"), "another name has no namespace");
    assert!(window.contains("rrule/>"), "what is missing is told");
    let with_masters =
        search(&mut world, &[], &WINDOW.replace(r#"AND NOT "urn:schemas:calendar:instancetype" = 1"#, ""));
    assert_eq!(rows(&with_masters.text()), 4);
    let stored = r#"SELECT "urn:schemas:calendar:instancetype" FROM "" WHERE "DAV:isfolder" = false"#;
    let mut stored = kinds(&search(&mut world, &[], stored).text());
    stored.sort();
    assert_eq!(stored, ["0", "1"]);
    assert_eq!(search(&mut world, &[], "SELECT * FROM everything").status, 422);
}

#[test]
fn rows_come_in_ranges() {
    let mut world = furnished(WebdavManners { rows: 2, ..manners() });
    for (range, status, content) in [
        ("rows=0-99", 207, Some("rows 0-1; total=3")),
        ("rows=2-101", 207, Some("rows 2-2; total=3")),
        ("rows=3-102", 416, None),
    ] {
        let told = search(&mut world, &[("Range", range)], WINDOW);
        assert_eq!((told.status, told.header_value("Content-Range")), (status, content), "{range}");
    }
}

#[test]
fn names_are_used_again_once_they_are_free() {
    let mut world = world(manners());
    let send = |world: &mut World, hour: i64| {
        let start = now() + TimeDelta::hours(hour);
        let sent =
            world.organizer("kim").invites("berlin").to("A/B sync").at(start, start + TimeDelta::hours(1));
        let sent = sent.send(now()).unwrap();
        world.advance(now() + Duration::seconds(30));
        sent
    };
    let first = send(&mut world, 24);
    send(&mut world, 26);
    let text = search(&mut world, &[], WINDOW).text();
    for name in ["A_xF8FF_B%20sync.EML<", "A_xF8FF_B%20sync-2.EML<"] {
        assert!(text.contains(name), "{name}: {text}");
    }
    world.delete_from("berlin", first, now() + Duration::seconds(40)).unwrap();
    send(&mut world, 28);
    assert!(search(&mut world, &[], WINDOW).text().contains("A_xF8FF_B%20sync.EML<"));
}

/// What replication tells of the query of everything but instances: subject (nothing of what is gone) and what became of it;
/// and the next blob.
fn replicated(
    world: &mut World,
    blob: &str,
    sql: Option<&str>,
) -> Result<(Vec<(String, String)>, String), u16> {
    let sql = sql.map_or(String::new(), |sql| format!("<D:sql>{sql}</D:sql>"));
    let body = format!(
        "<D:searchrequest xmlns:D=\"DAV:\" xmlns:R=\"http://schemas.microsoft.com/repl/\"><R:repl><R:collblob>{blob}\
         </R:collblob></R:repl>{sql}</D:searchrequest>"
    );
    let response = ask(world, "SEARCH", CALENDAR, &[], &body);
    if response.status != 207 {
        return Err(response.status);
    }
    let text = response.text();
    let inner = |text: &str, tag: &str| {
        let inner = text.split_once(&format!("<{tag}>")).map_or("", |(_, rest)| rest);
        inner.split('<').next().unwrap_or_default().to_owned()
    };
    let responses = text.split("<a:response>").skip(1);
    let rows = responses.map(|response| (inner(response, "subject"), inner(response, "d:changetype")));
    Ok((rows.collect(), inner(&text, "d:collblob")))
}

const MASTERS: &str = r#"SELECT "http://schemas.microsoft.com/repl/repl-uid", "urn:schemas:httpmail:subject" AS subject
    FROM Scope('SHALLOW TRAVERSAL OF ""')
    WHERE NOT ("urn:schemas:calendar:instancetype" = 2 OR "urn:schemas:calendar:instancetype" = 3)"#;

#[test]
fn a_blob_is_followed_by_what_changed_since() {
    let mut world = furnished(manners());
    let row = |subject: &str, change: &str| (subject.to_owned(), change.to_owned());
    let (rows, first) = replicated(&mut world, "", Some(MASTERS)).unwrap();
    assert_eq!(rows, [row("Talk", "new"), row("Weekly", "new")]);
    let (rows, quiet) = replicated(&mut world, &first, Some(MASTERS)).unwrap();
    assert_eq!((rows, &quiet), (vec![], &first), "nothing changed");

    let second = |second: i64| now() + Duration::seconds(second);
    let (start, end) = (now() + Duration::hours(9), now() + Duration::hours(10));
    world.book("berlin", "Cleaning", start, end, second(40)).unwrap();
    let talk = world.changes().front().unwrap().meeting;
    world.delete_from("berlin", talk, second(41)).unwrap();
    let (rows, later) = replicated(&mut world, &first, None).unwrap();
    assert_eq!(rows, [row("Cleaning", "new"), row("", "delete")], "the query is known");
    assert_eq!(replicated(&mut world, &later, None).unwrap().0, []);
    let (rows, _) = replicated(&mut world, &first, Some(MASTERS)).unwrap();
    assert_eq!(rows.len(), 2, "an older blob is told the same again");
}

#[test]
fn a_blob_that_is_worth_nothing_is_answered_as_the_server_does() {
    let other = MASTERS.replace("= 3)", "= 4)");
    let table = [
        (InvalidCollblob::BadRequest, Err(400)),
        (InvalidCollblob::Unprocessable, Err(422)),
        (InvalidCollblob::FullList, Ok(2)),
    ];
    for (invalid_collblob, expected) in table {
        let mut world = furnished(WebdavManners { invalid_collblob, ..manners() });
        let (_, blob) = replicated(&mut world, "", Some(MASTERS)).unwrap();
        for (blob, sql) in [("bm9uZQ==", MASTERS), (blob.as_str(), other.as_str())] {
            let told = replicated(&mut world, blob, Some(sql)).map(|(rows, _)| rows.len());
            assert_eq!(told, expected, "{invalid_collblob:?} {blob}");
        }
    }
    let mut world = furnished(manners());
    assert_eq!(replicated(&mut world, "", None), Err(422), "neither a blob nor a query");
    let sql = WINDOW.replace('<', "&lt;").replace('>', "&gt;");
    assert_eq!(replicated(&mut world, "", Some(&sql)), Err(422), "what is expanded has no history");
}

#[test]
fn a_stale_expansion_lists_ghosts_until_it_is_cleared() {
    let mut world = furnished(manners());
    let weekly = world.changes()[1].meeting;
    let count = |world: &mut World| search(world, &[], WINDOW).text().matches("subject>Weekly<").count();
    world.keep_expansion("berlin", weekly).unwrap();
    assert_eq!(count(&mut world), 2, "what is so is listed once");
    world.cancel_occurrence(weekly, "2008-09-02".parse().unwrap(), now() + Duration::seconds(35)).unwrap();
    world.advance(now() + Duration::seconds(39));
    assert_eq!(count(&mut world), 2, "what was called off is listed on");
    world.delete_from("berlin", weekly, now() + Duration::seconds(40)).unwrap();
    let listed = search(&mut world, &[], WINDOW).text();
    assert_eq!(listed.matches("subject>Weekly<").count(), 2, "{listed}");
    assert!(listed.contains("/Weekly.EML</a:href>"), "{listed}");
    world.clear_expansions();
    assert_eq!(count(&mut world), 0);
    assert!(world.keep_expansion("berlin", weekly).is_err(), "the room has no copy any more");
}
