//! Every file of `samples/webdav` parses to what it says.

use super::{Trace, mailbox, window};
use crate::shared;
use exchange_wire::{
    Method, Operation, Reply, Request,
    webdav::{
        Mailbox, Session,
        forms::{self, Credentials, SignIn},
        notify,
        read::{Read, Step},
        watch::{self, Watch},
    },
};
use meeting_model::{
    item::{ItemKind, Response, Sensitivity, ShowAs},
    join::JoinRules,
    observed::{Coverage, Cursor, Observed, Protocol},
};
use std::collections::BTreeSet;

/// What each file is read for; every file of the folder is here.
const READ: [&str; 12] = [
    "01_propfind_wellknown_folders.http",
    "04_search_calendar_window_CONSTRUCTED.http",
    "06_subscribe_calendar_CONSTRUCTED.http",
    "07_subscribe_renew_207_body_evolution.xml",
    "08_unsubscribe_ms.http",
    "09_notify_udp_datagram_ms.txt",
    "10_poll_207_CONSTRUCTED.http",
    "11_fba_login_evolution.http",
    "20_goid_vectors.tsv",
    "21_url_encoding_vectors.tsv",
    "24_status_codes.tsv",
    "27_enums.tsv",
];

/// What is compared with our own requests and tables.
const COMPARED: [&str; 7] = [
    "02_search_calendar_official_query.xml",
    "03_search_generic_ms.http",
    "05_subscribe_callback_request_ms.http",
    "17_calendar_window_where_clauses.txt",
    "25_ms_webstorage_builds.tsv",
    "30_property_map.tsv",
    "31_timezoneid.tsv",
];

/// What is never asked, and why.
const LEFT_OUT: [(&str, &str); 8] = [
    ("12_collblob_manifest_ms.http", "replication, which does not work for expanded occurrences"),
    ("13_collblob_calendar_sync_CONSTRUCTED.http", "the same"),
    ("14_mkcol_searchfolder_207_ms.http", "folders are never made"),
    ("15_owa_freebusy_evolution.txt", "web mail's free/busy"),
    ("16_put_calendar_item_trace.http", "calendars are read only"),
    ("22_urlcompname_vectors.tsv", "items are never looked for by name"),
    ("23_store_ids.tsv", "ids that do not outlive a mailbox move"),
    ("26_notification_semantics.tsv", "only `update` is subscribed to"),
];

pub(super) fn sample(name: &str) -> Option<String> {
    Some(std::fs::read_to_string(shared("samples/webdav")?.join(name)).unwrap())
}

/// The reply in a sample, behind its request.
fn reply_in(sample: &str) -> Trace {
    Trace::of(sample.split_once("----- response -----\n").unwrap().1)
}

#[test]
fn no_sample_is_forgotten() {
    let Some(folder) = shared("samples/webdav") else { return };
    let names: BTreeSet<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .collect();
    let known = READ.into_iter().chain(COMPARED).chain(LEFT_OUT.into_iter().map(|(name, _)| name));
    assert_eq!(names, known.map(str::to_owned).collect());
}

#[test]
fn well_known_folders_lose_their_host() {
    let Some(sample) = sample("01_propfind_wellknown_folders.http") else { return };
    let local = Mailbox::new("/exchange", "local", Session::Http);
    let (read, request) = Read::complete(local, window(), &JoinRules::default());
    assert_eq!(request.path.as_deref(), Some("/exchange/local/"));
    assert_eq!(request.operation, Operation::Webdav(Method::Propfind));
    let Step::Send(_, request) = read.on_reply(&reply_in(&sample).reply()).unwrap() else { panic!("done") };
    assert_eq!(request.path.as_deref(), Some("/exchange/local/Calendar/"));
}

pub(super) fn read(reply: &Reply<'_>) -> (Observed, Request) {
    let cursor = Cursor { protocol: Protocol::Webdav, bytes: b"/exchange/room101/Calendar/".to_vec() };
    let (read, request) = Read::again(mailbox(), &cursor, window(), &JoinRules::default()).unwrap();
    match read.on_reply(reply).unwrap() {
        Step::Done(outcome) => {
            assert_eq!(outcome.cursor, Some(cursor));
            (outcome.observed, request)
        }
        Step::Send(_, request) => panic!("{request:?}"),
    }
}

#[test]
fn a_window_holds_the_meeting_that_it_says() {
    let Some(sample) = sample("04_search_calendar_window_CONSTRUCTED.http") else { return };
    let (observed, _) = read(&reply_in(&sample).reply());
    assert_eq!(observed.coverage, Coverage::Complete { window: window(), confirmed: false });
    let [item] = observed.items.as_slice() else { panic!("{observed:?}") };
    assert_eq!(item.item_id.as_str(), "/exchange/room101/Calendar/Board meeting.EML");
    assert_eq!(
        (item.kind, item.subject.as_deref(), item.location.as_deref(), item.start, item.end),
        (
            ItemKind::Single,
            Some("Board meeting"),
            Some("Room 101"),
            super::at("2008-09-16T13:00:00Z"),
            super::at("2008-09-16T14:00:00Z")
        )
    );
    let organizer = item.organizer.as_ref().unwrap();
    assert_eq!(
        (organizer.name.as_deref(), organizer.address.as_deref()),
        (Some("Alice Example"), Some("alice@example.test"))
    );
    assert_eq!(
        (item.response, item.sensitivity, item.show_as, item.is_meeting, item.is_cancelled, item.all_day),
        (Response::Accept, Sensitivity::Normal, ShowAs::Busy, Some(true), false, false)
    );
    let id = item.clean_global_object_id.as_ref().unwrap();
    assert_eq!(Some(id.to_uid()), item.uid);
    assert_eq!(item.last_modified, Some(super::at("2008-08-29T08:12:44Z")));
}

#[test]
fn any_answer_to_a_search_is_read() {
    let Some(sample) = sample("03_search_generic_ms.http") else { return };
    // documents are no appointments: they say too little, and nothing is lost by that
    let (observed, _) = read(&reply_in(&sample).reply());
    let unreadable: Vec<_> = observed.unreadable.iter().map(meeting_model::id::ItemId::as_str).collect();
    assert_eq!(unreadable, ["/vroot/folder/item1.txt", "/vroot/folder/item2.txt"]);
}

#[test]
fn the_query_keeps_to_what_the_field_has_proven() {
    let names = ["04_search_calendar_window_CONSTRUCTED.http", "02_search_calendar_official_query.xml"];
    let Some(samples) = names.into_iter().map(sample).collect::<Option<String>>() else { return };
    let clauses = sample("17_calendar_window_where_clauses.txt").unwrap();
    let (_, request) = read(&Reply { status: 416, headers: &[], body: b"" });
    let sql = request.body.replace("&quot;", "\"").replace("&apos;", "'");
    for part in [
        r#"AND NOT "urn:schemas:calendar:instancetype" = 1"#,
        r#""DAV:contentclass" = 'urn:content-classes:appointment'"#,
        r#"ORDER BY "urn:schemas:calendar:dtstart" ASC"#,
    ] {
        assert!(samples.contains(part) && sql.contains(part), "{part}");
    }
    for property in ["DAV:ishidden", "urn:schemas:calendar:dtend", "urn:schemas:calendar:dtstart"] {
        assert!(clauses.contains(property), "{property}");
    }
    assert!(samples.contains(r#"CAST("2008-09-01T00:00:00.000Z" AS 'dateTime.tz')"#));
    assert!(sql.contains(r#"CAST("2008-09-01T00:00:00.000Z" AS 'dateTime.tz')"#), "{sql}");
}

#[test]
fn every_property_that_is_asked_for_exists() {
    let Some(map) = sample("30_property_map.tsv") else { return };
    let (_, request) = read(&Reply { status: 416, headers: &[], body: b"" });
    let sql = request.body.replace("&quot;", "\"");
    let columns = sql.split("SELECT ").nth(1).unwrap().split(" FROM").next().unwrap();
    // of these the map says nothing: they are the sheet's, or RFC 2518's
    let elsewhere = ["urn:schemas:httpmail:to", "urn:schemas:httpmail:cc"];
    for column in columns.split(',').map(|column| column.trim_matches('"')) {
        assert!(map.contains(column) || elsewhere.contains(&column), "{column}");
    }
}

fn opened(reply: &Reply<'_>) -> Watch {
    let (opening, _) = Watch::open(mailbox(), None);
    let root = super::multistatus(&super::response(
        "http://mail.example.test/exchange/room101/",
        "<e:calendar>http://mail.example.test/exchange/room101/Calendar</e:calendar>",
    ));
    let folder =
        super::multistatus(&super::response("http://mail.example.test/exchange/room101/Calendar/", ""));
    let Ok(watch::Step::Send(opening, _)) = opening.on_reply(&crate::reply(207, &root)) else {
        panic!("done")
    };
    let Ok(watch::Step::Send(opening, request)) = opening.on_reply(&crate::reply(207, &folder)) else {
        panic!("done")
    };
    assert_eq!(request.operation, Operation::Webdav(Method::Subscribe));
    match opening.on_reply(reply).unwrap() {
        watch::Step::Done(watch) => watch,
        watch::Step::Send(_, request) => panic!("{request:?}"),
    }
}

#[test]
fn a_subscription_is_granted_renewed_polled_and_lost() {
    let Some(sample) = sample("06_subscribe_calendar_CONSTRUCTED.http") else { return };
    let mut replies = sample.split("----- response -----\n").skip(1);
    let granted = replies.next().unwrap().split("\n# renewal").next().unwrap();
    let mut watch = opened(&Trace::of(granted).reply());
    assert_eq!((watch.id(), watch.group()), ("21", Some("iJlqb5xLLkqoNhMzqGPkYQ==")));
    assert_eq!(watch.renew_within().as_secs(), 2400);
    let renewal = watch.renew();
    assert_eq!(renewal.path.as_deref(), Some("/exchange/room101/Calendar"));
    for forbidden in ["Notification-type", "Depth", "Call-Back"] {
        assert!(renewal.headers.iter().all(|(name, _)| *name != forbidden), "{forbidden}");
    }
    let lost = sample.split_once("----- response (all ids unknown, e.g. store restarted) -----\n").unwrap().1;
    let error = watch.renewed(&Trace::of(lost).reply()).unwrap_err();
    assert_eq!(error.to_string(), "SUBSCRIBE: the subscription is gone: `status 412`");

    let body = super::samples::sample("07_subscribe_renew_207_body_evolution.xml").unwrap();
    watch.renewed(&crate::reply(207, &body)).unwrap();

    let polled = reply_in(&super::samples::sample("10_poll_207_CONSTRUCTED.http").unwrap());
    assert!(watch.polled(&polled.reply()).unwrap());
    for (id, expected) in [("22", Ok(false)), ("99", Err("status 412")), ("7", Err("left out"))] {
        let other = opened(&Trace::of(&granted.replace("id: 21", &format!("id: {id}"))).reply());
        let found = other.polled(&polled.reply()).map_err(|error| error.to_string());
        let expected = expected.map_err(|code| format!("POLL: the subscription is gone: `{code}`"));
        assert_eq!(found, expected, "{id}");
    }
}

#[test]
fn an_end_is_taken() {
    let Some(sample) = sample("08_unsubscribe_ms.http") else { return };
    Watch::closed(&reply_in(&sample).reply()).unwrap();
}

#[test]
fn word_by_udp_is_understood() {
    let Some(sample) = sample("09_notify_udp_datagram_ms.txt") else { return };
    let datagrams: Vec<_> =
        sample.split("\n\n").filter_map(|part| Some(&part[part.find("NOTIFY httpu")?..])).collect();
    let found: Vec<_> = datagrams.iter().map(|one| notify::parse(one.as_bytes()).unwrap()).collect();
    let ids: Vec<_> = found.iter().map(|notice| notice.ids.join("+")).collect();
    assert_eq!(ids, ["15", "21+22", ""]);
    let tokens: Vec<_> = found.iter().map(|notice| notice.token.as_str()).collect();
    assert_eq!(tokens, ["510", "room101", "room101"]);
    assert_eq!(found[1].group.as_deref(), Some("iJlqb5xLLkqoNhMzqGPkYQ=="));
}

#[test]
fn a_call_back_is_asked_for_as_the_sdk_does() {
    let Some(sample) = sample("05_subscribe_callback_request_ms.http") else { return };
    let call_back = exchange_wire::webdav::CallBack::new("httpu://www.fourthcoffee.com:8080/510");
    let (opening, _) = Watch::open(mailbox(), Some(call_back));
    let root = super::multistatus(&super::response("/r/", "<e:calendar>/r/c</e:calendar>"));
    let Ok(watch::Step::Send(opening, _)) = opening.on_reply(&crate::reply(207, &root)) else { panic!() };
    let folder = super::multistatus(&super::response("/r/c/", ""));
    let Ok(watch::Step::Send(_, request)) = opening.on_reply(&crate::reply(207, &folder)) else { panic!() };
    for line in sample.lines().filter(|line| line.starts_with("Notification") || line.starts_with("Call")) {
        let (name, value) = line.split_once(": ").unwrap();
        let ours = request.headers.iter().find(|(ours, _)| *ours == name).unwrap();
        assert!(ours.1.eq_ignore_ascii_case(value), "{line}");
    }
}

#[test]
fn a_form_of_2003_is_filled_in_and_proven() {
    let Some(sample) = sample("11_fba_login_evolution.http") else { return };
    let (sign_in, _) = SignIn::begin("https://ex2k3.xcs.ximian.com/exchange/", "room101");
    let who = Credentials { username: "USERNAME", password: "PASSWORD" };
    let to_form = "HTTP/1.1 302 Moved\nLocation: /exchweb/bin/auth/owalogon.asp?url=x&reason=0\n\n";
    let Ok(forms::Step::Send(sign_in, post)) = sign_in.on_reply(&Trace::of(to_form).reply(), who) else {
        panic!()
    };
    let (request, rest) = sample.split_once("----- response -----\n").unwrap();
    assert!(request.contains(&format!("POST {} HTTP/1.1", post.path.as_deref().unwrap())));
    let theirs = request.trim().lines().last().unwrap();
    for field in theirs.split('&').filter(|field| !field.starts_with("flags")) {
        assert!(post.body.split('&').any(|ours| ours == field), "{field} is not in {}", post.body);
    }
    let accepted = Trace::of(rest.split("\n-----").next().unwrap());
    let Ok(forms::Step::Send(sign_in, proof)) = sign_in.on_reply(&accepted.reply(), who) else { panic!() };
    assert_eq!(proof.operation, Operation::Webdav(Method::Get));
    let expired = Trace::of(rest.split("any non-OWA-GET request -----\n").nth(1).unwrap());
    assert_eq!(sign_in.clone().on_reply(&expired.reply(), who), Ok(forms::Step::Refused));
    assert_eq!(sign_in.on_reply(&crate::reply(200, "<html>Inbox</html>"), who), Ok(forms::Step::Done));
}

pub(super) fn granted() -> Watch {
    let reply = "HTTP/1.1 200 OK\nSubscription-id: 21\nSubscription-lifetime: 3600\n\
        Content-Location: http://back/exchange/room101/Calendar\nSubscribe-group: one\n\n";
    opened(&Trace::of(reply).reply())
}
