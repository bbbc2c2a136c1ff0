//! WebDAV of Exchange 2003 and 2007, seen from outside: what the field has told of it.

use chrono::{DateTime, Duration, TimeDelta, Utc};
use exchange_sim::{
    Account, CalendarProcessing, LostIds, Request, Response, Rights, Room, Sensitivity, ServerProfile,
    StoreVersion, WebdavManners, WebdavSignIn, World, Zone,
};

mod searches;

const CALENDAR: &str = "/exchange/berlin@rooms.example/Calendar/";

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn now() -> DateTime<Utc> {
    at("2008-09-01T08:00:00Z")
}

fn world(manners: WebdavManners) -> World {
    let mut world = World::new(1, now());
    world.add_account(Account::new("svc", "secret").with_rights(Rights::Reviewer));
    let zone = Zone::named("Europe/Berlin").unwrap();
    world.add_room(Room::new("berlin").in_zone(zone).processing(CalendarProcessing::preserving())).unwrap();
    world.set_webdav(Some(manners));
    world
}

fn manners() -> WebdavManners {
    WebdavManners::of(StoreVersion::Exchange2003)
}

fn asked(method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Request {
    let mut request = Request::post(path, body).header("Accept-Language", "en");
    method.clone_into(&mut request.method);
    headers.iter().fold(request, |request, (name, value)| request.header(name, value)).basic("svc", "secret")
}

fn ask(world: &mut World, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Response {
    // time never goes back: it is answered at the world's own
    world.handle(now(), &asked(method, path, headers, body))
}

fn search(world: &mut World, headers: &[(&str, &str)], sql: &str) -> Response {
    let sql = sql.replace('<', "&lt;").replace('>', "&gt;");
    let body = format!("<D:searchrequest xmlns:D=\"DAV:\"><D:sql>{sql}</D:sql></D:searchrequest>");
    ask(world, "SEARCH", CALENDAR, headers, &body)
}

const WINDOW: &str = r#"SELECT "urn:schemas:httpmail:subject","urn:schemas:calendar:instancetype","urn:schemas:calendar:dtstart",
    "urn:schemas:calendar:uid" AS uid,"urn:schemas:calendar:rrule",
    "http://schemas.microsoft.com/mapi/id/{6ED8DA90-450B-101B-98DA-00AA003F1305}/0x23"
    FROM Scope('SHALLOW TRAVERSAL OF ""') WHERE "DAV:ishidden" = False
    AND "DAV:contentclass" = 'urn:content-classes:appointment' AND NOT "urn:schemas:calendar:instancetype" = 1
    AND "urn:schemas:calendar:dtend" > CAST("2008-09-01T00:00:00Z" AS 'dateTime.tz')
    AND "urn:schemas:calendar:dtstart" < CAST("2008-09-15T00:00:00Z" AS 'dateTime.tz')
    ORDER BY "urn:schemas:calendar:dtstart" ASC"#;

/// A private single meeting and a weekly series of which one occurrence was moved.
fn furnished(manners: WebdavManners) -> World {
    let mut world = world(manners);
    let span = |text: &str| (at(text), at(text) + TimeDelta::hours(1));
    let (start, end) = span("2008-09-03T10:00:00Z");
    let secret = world.organizer("kim").invites("berlin").to("Talk").sensitivity(Sensitivity::Private);
    secret.at(start, end).send(now()).unwrap();
    let (start, end) = span("2008-09-02T08:00:00Z");
    let weekly =
        world.organizer("lee").invites("berlin").to("Weekly").at(start, end).weekly().send(now()).unwrap();
    world.advance(now() + Duration::seconds(10));
    let (start, end) = span("2008-09-10T09:00:00Z");
    let date = "2008-09-09".parse().unwrap();
    world.reschedule_occurrence(weekly, date, start, end, now() + Duration::seconds(20)).unwrap();
    world.advance(now() + Duration::seconds(30));
    world
}

#[test]
fn well_known_folders_are_told_without_a_slash_and_perhaps_with_another_host() {
    let mut world = world(WebdavManners {
        calendar: "Kalender".to_owned(),
        host: Some("backend".to_owned()),
        ..manners()
    });
    let body = r#"<D:propfind xmlns:D="DAV:" xmlns:h="urn:schemas:httpmail:"><D:prop><h:calendar/><h:notes/></D:prop></D:propfind>"#;
    let root = "/exchange/berlin@rooms.example/";
    // rights on the calendar open its folder and NON_IPM_SUBTREE, but not the root
    assert_eq!(ask(&mut world, "PROPFIND", root, &[], body).status, 403);
    let told = ask(&mut world, "PROPFIND", &format!("{root}NON_IPM_SUBTREE/"), &[], body);
    assert_eq!(told.status, 207);
    let text = told.text();
    assert!(
        text.contains("<d:calendar>http://backend/exchange/berlin@rooms.example/Kalender</d:calendar>"),
        "{text}"
    );
    assert!(text.contains("<a:status>HTTP/1.1 404 Resource Not Found</a:status>"), "{text}");
    let brief =
        ask(&mut world, "PROPFIND", &format!("{root}NON_IPM_SUBTREE/"), &[("Brief", "t")], body).text();
    assert!(!brief.contains("404"), "{brief}");
    assert_eq!(told.header_value("MS-WebStorage"), Some("6.5.7638"));
    assert_eq!(ask(&mut world, "PROPFIND", CALENDAR, &[], body).status, 404, "it goes by its own name");
}

#[test]
fn subscriptions_are_asked_renewed_and_lost() {
    for (lost_ids, told) in [(LostIds::Told, true), (LostIds::LeftOut, false)] {
        let mut world = furnished(WebdavManners { lost_ids, first_id: 21, ..manners() });
        let new = [("Notification-type", "Update"), ("Depth", "1"), ("Subscription-lifetime", "57600")];
        let granted = ask(&mut world, "SUBSCRIBE", CALENDAR, &new, "");
        assert_eq!(granted.status, 200);
        let header = |name: &str| granted.header_value(name).unwrap().to_owned();
        assert_eq!(
            (header("Subscription-id"), header("Subscription-lifetime")),
            ("21".to_owned(), "3600".to_owned())
        );
        assert!(header("Content-Location").ends_with("/exchange/berlin@rooms.example/Calendar"));
        let id = [("Subscription-id", "21")];
        let poll = |world: &mut World| ask(world, "POLL", CALENDAR, &id, "").text();
        assert!(poll(&mut world).contains("204 No Content</a:status><b:subscriptionID><li>21</li>"));
        let start = now() + TimeDelta::hours(3);
        world.organizer("kim").invites("berlin").to("New").at(start, start).send(now()).unwrap();
        world.advance(now() + Duration::seconds(60));
        assert!(poll(&mut world).contains("200 OK</a:status>"));
        assert!(poll(&mut world).contains("204 No Content"), "asking acknowledges");

        let again = [("Subscription-id", "21"), ("Depth", "1")];
        assert_eq!(ask(&mut world, "SUBSCRIBE", CALENDAR, &again, "").status, 400);
        assert_eq!(ask(&mut world, "SUBSCRIBE", CALENDAR, &id, "").status, 207);
        world.restart_store(now() + Duration::seconds(60), Duration::seconds(30));
        assert_eq!(ask(&mut world, "POLL", CALENDAR, &id, "").status, 503);
        world.advance(now() + Duration::seconds(100));
        assert_eq!(poll(&mut world).contains("412 Precondition Failed"), told);
        let lost = ask(&mut world, "SUBSCRIBE", CALENDAR, &id, "");
        assert_eq!((lost.status, lost.header_value("Subscription-id")), (412, Some("21")));
        let anew = ask(&mut world, "SUBSCRIBE", CALENDAR, &new, "");
        assert_eq!(anew.header_value("Subscription-id"), Some("21"), "numbers begin anew");
        assert_eq!(anew.header_value("Subscribe-group"), granted.header_value("Subscribe-group"));
        world.fail_over_store(now() + Duration::seconds(100));
        let other = ask(&mut world, "SUBSCRIBE", CALENDAR, &new, "");
        assert_ne!(other.header_value("Subscribe-group"), granted.header_value("Subscribe-group"));
        assert_eq!(ask(&mut world, "UNSUBSCRIBE", CALENDAR, &id, "").status, 200);
        assert_eq!(ask(&mut world, "UNSUBSCRIBE", CALENDAR, &id, "").status, 400);
    }
}

#[test]
fn a_subscription_expires_unless_it_is_asked() {
    let mut world = furnished(manners());
    ask(&mut world, "SUBSCRIBE", CALENDAR, &[("Notification-type", "update")], "");
    let id = [("Subscription-id", "1")];
    for (minutes, expected) in [(50, "204"), (100, "204"), (170, "412")] {
        world.advance(now() + Duration::minutes(minutes));
        let text = ask(&mut world, "POLL", CALENDAR, &id, "").text();
        assert!(text.contains(expected), "{minutes}: {text}");
    }
}

#[test]
fn forms_of_both_versions_sign_in() {
    for (version, page, form) in [
        (StoreVersion::Exchange2003, "/exchweb/bin/auth/owalogon.asp", "/exchweb/bin/auth/owaauth.dll"),
        (StoreVersion::Exchange2007, "/owa/auth/logon.aspx", "/owa/auth/owaauth.dll"),
    ] {
        for wrong_password_redirects in [false, true] {
            let sign_in = WebdavSignIn::Forms;
            let manners = WebdavManners { sign_in, wrong_password_redirects, ..WebdavManners::of(version) };
            let mut world = furnished(manners);
            assert_eq!(search(&mut world, &[], WINDOW).status, 440, "HTTP's own sign-in is not taken");
            let led = world.handle(now(), &Request::get("/exchange/"));
            assert!(led.header_value("Location").unwrap().starts_with(page));
            let fill_in = |world: &mut World, password: &str| {
                let body =
                    format!("destination=https%3A%2F%2Fmail%2Fexchange%2F&username=svc&password={password}");
                world.handle(now(), &Request::post(form, body))
            };
            let cookies = |response: &Response| {
                let each = response.headers.iter().filter(|(name, _)| name == "Set-Cookie");
                each.map(|(_, cookie)| cookie.split(';').next().unwrap().to_owned())
                    .collect::<Vec<_>>()
                    .join("; ")
            };
            let wrong = fill_in(&mut world, "other");
            assert_eq!((wrong.status, cookies(&wrong).is_empty()), (302, !wrong_password_redirects));
            assert_eq!(search(&mut world, &[("Cookie", &cookies(&wrong))], WINDOW).status, 440);
            let session = cookies(&fill_in(&mut world, "secret"));
            assert!(session.contains("; cadata=\"2,"), "{session}");
            assert_eq!(search(&mut world, &[("Cookie", &session)], WINDOW).status, 207);
            assert_eq!(
                search(&mut world, &[("Cookie", &session.replace('"', ""))], WINDOW).status,
                440,
                "quotes belong to it"
            );
            // no access looks like no session, and ends it
            world.forbid_webdav("berlin", true).unwrap();
            assert_eq!(search(&mut world, &[("Cookie", &session)], WINDOW).status, 440);
            world.forbid_webdav("berlin", false).unwrap();
            assert_eq!(search(&mut world, &[("Cookie", &session)], WINDOW).status, 440);
        }
    }
}

#[test]
fn nobody_finds_webdav_after_2007() {
    let mut world = world(manners());
    world.set_webdav(None);
    let led = ask(&mut world, "PROPFIND", "/exchange/berlin@rooms.example/", &[], "");
    assert_eq!((led.status, led.header_value("Location")), (302, Some("https://mail.exchange.example/owa/")));
    world.set_profile(ServerProfile::Exchange2007Sp1);
    assert_eq!(ask(&mut world, "PROPFIND", "/exchange/berlin@rooms.example/", &[], "").status, 404);
}

#[test]
fn control_characters_come_as_references() {
    let mut world = furnished(WebdavManners { control_characters: true, ..manners() });
    assert!(search(&mut world, &[], WINDOW).text().contains("Weekly&#01;</d:subject>"));
}

#[test]
fn word_goes_out_until_somebody_polls_and_once_more_when_the_store_stops() {
    let mut world = world(manners());
    let subscribe = |world: &mut World, call_back: &str| {
        let headers =
            [("Notification-type", "update"), ("Call-Back", call_back), ("Notification-delay", "2")];
        ask(world, "SUBSCRIBE", CALENDAR, &headers, "").status
    };
    for wrong in ["httpu://callboard.example/berlin", "http://callboard.example:34777/berlin", "httpu://:1/"]
    {
        assert_eq!(subscribe(&mut world, wrong), 400, "{wrong}");
    }
    let address = "httpu://callboard.example:34777/berlin";
    assert_eq!([subscribe(&mut world, address), subscribe(&mut world, address)], [200, 200]);
    let (start, end) = (now() + Duration::hours(2), now() + Duration::hours(3));
    world.organizer("kim").invites("berlin").to("Talk").at(start, end).send(now()).unwrap();

    let said = |world: &mut World, seconds| {
        let sent = world.datagrams(now() + Duration::seconds(seconds));
        let text = sent.iter().map(|one| format!("{} {}", one.to, String::from_utf8_lossy(&one.bytes)));
        text.collect::<Vec<_>>()
    };
    let group = "AAAAAAAAAAAAAAAAAAAAAA==";
    let word = format!(
        "callboard.example:34777 NOTIFY {address} HTTP/1.1\r\nSubscription-id: 1,2\r\nSubscribe-group: {group}\r\n\r\n"
    );
    assert!(said(&mut world, 1).is_empty(), "changes are gathered");
    // one for each subscription, both of which wait for the same address
    assert_eq!(said(&mut world, 2), [word.clone(), word.clone()]);
    assert!(said(&mut world, 31).is_empty());
    assert_eq!(said(&mut world, 32), [word.clone(), word]);
    let later = now() + Duration::seconds(33);
    let poll = asked("POLL", CALENDAR, &[("Subscription-id", "1,2")], "");
    assert!(world.handle(later, &poll).text().contains("200 OK"));
    assert!(said(&mut world, 300).is_empty(), "it was heard");
    world.restart_store(now() + Duration::seconds(301), Duration::zero());
    let farewell = format!("callboard.example:34777 NOTIFY {address} HTTP/1.1\r\n\r\n");
    assert_eq!(said(&mut world, 301), [farewell]);
}
