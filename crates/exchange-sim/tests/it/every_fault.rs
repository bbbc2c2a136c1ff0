//! Every fault by its name does what its name says, once, and then all is well again.

use std::collections::BTreeSet;
use std::time::Duration;

use exchange_sim::{Ending, Fault, Injection, Response, Strikes};

use crate::client::{
    BERLIN, call, find, get_events, get_folder, get_item, hours, ids, item_id, morning, seconds, subscribe,
    sync, text, texts, world,
};
use crate::valid::Site;
use crate::xsd::Schema;

/// What a client sends when a fault strikes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asked {
    Folder,
    Sync,
    Resync,
    Items,
    View,
    Subscribe,
    Events,
}

/// What a fault is seen by: the status, a part of a header, a part of the body.
struct Seen {
    asked: Asked,
    status: u16,
    header: Option<(&'static str, &'static str)>,
    body: &'static str,
}

fn seen(asked: Asked, status: u16, body: &'static str) -> Seen {
    Seen { asked, status, header: None, body }
}

fn front(status: u16, name: &'static str, value: &'static str, body: &'static str) -> Seen {
    Seen { asked: Asked::Folder, status, header: Some((name, value)), body }
}

/// Faults inside streams, and one of impersonation, have tests of their own.
const TESTED_ELSEWHERE: [&str; 6] = [
    "stream-silent",
    "subscription-faulted",
    "missed-events",
    "events-lost",
    "anchor-missing",
    "shifted-original-start",
];

fn before_the_service(name: &str) -> Option<Seen> {
    Some(match name {
        "sign-in-page" => front(200, "Content-Type", "text/html", "logonForm"),
        "redirect-to-owa" => front(302, "Location", "/owa/auth/logon.aspx", ""),
        "login-timeout" => front(440, "Content-Type", "text/html", "440 Login Timeout"),
        "generic-error-page" => front(302, "Location", "/ews/genericerrorpage.htm", ""),
        "moved" => front(307, "Location", "https://elsewhere.example/", ""),
        "moved-permanently" => front(301, "Location", "https://elsewhere.example/EWS/Exchange.asmx", ""),
        "moved-for-now" => front(302, "Location", "https://elsewhere.example/EWS/Exchange.asmx", ""),
        "moved-for-good" => front(308, "Location", "https://elsewhere.example/EWS/Exchange.asmx", ""),
        "moved-to-plain-http" => front(302, "Location", "http://elsewhere.example/EWS/Exchange.asmx", ""),
        "moved-to-itself" => front(302, "Location", "http://localhost/EWS/Exchange.asmx", ""),
        "sign-in-elsewhere" => front(302, "Location", "https://sign-in.example/adfs/ls/", ""),
        "wrong-password" => front(401, "WWW-Authenticate", "Basic", ""),
        "account-locked" => front(401, "Content-Type", "text/html", "currently locked out"),
        "ews-disabled" => seen(Asked::Folder, 403, ""),
        "bad-request" => seen(Asked::Folder, 400, ""),
        "not-found" => seen(Asked::Folder, 404, ""),
        "method-not-allowed" => front(405, "Allow", "GET", ""),
        "body-too-large" => seen(Asked::Folder, 413, ""),
        "too-many-requests" => front(429, "Retry-After", "2", ""),
        "service-unavailable" => front(503, "X-CasErrorCode", "ServerTooBusy", ""),
        "cas-error" => front(500, "X-CasErrorCode", "MailboxServerLocatorFailed", ""),
        "iis-error" => front(500, "Content-Type", "text/html", "Server Error in '/EWS' Application"),
        "connection-close" => front(200, "Connection", "close", "NoError"),
        _ => return None,
    })
}

fn expected(name: &str) -> Seen {
    use Asked::{Events, Folder, Items, Resync, Subscribe, Sync, View};
    if let Some(seen) = before_the_service(name) {
        return seen;
    }
    match name {
        "server-busy" => seen(Folder, 500, "Name=\"BackOffMilliseconds\">2000<"),
        "absurd-back-off" => seen(Folder, 500, "Name=\"BackOffMilliseconds\">2147483647<"),
        "internal-server-error" => seen(Folder, 500, "a:ErrorInternalServerError<"),
        "transient-error" => seen(Folder, 500, "a:ErrorInternalServerTransientError<"),
        "mailbox-moving" => seen(Folder, 500, "a:ErrorMailboxMoveInProgress<"),
        "store-unavailable" => seen(Folder, 500, "a:ErrorMailboxStoreUnavailable<"),
        "no-responding-server" => seen(Folder, 500, "a:ErrorNoRespondingCASInDestinationSite<"),
        "invalid-server-version" => seen(Folder, 500, "a:ErrorInvalidServerVersion<"),
        "impersonation-denied" => seen(Folder, 500, "a:ErrorImpersonateUserDenied<"),
        "non-existent-mailbox" => seen(Folder, 500, "a:ErrorNonExistentMailbox<"),
        "connection-count-exceeded" => seen(Folder, 500, "Name=\"MaxConcurrencyLimit\">27<"),
        "localized-fault" => seen(Folder, 500, "vorübergehend"),
        "unprefixed-fault" => seen(Folder, 500, "<ResponseCode xmlns="),
        "padded-fault" => seen(Folder, 500, ">\n            ErrorMailboxStoreUnavailable\n"),
        "inner-server-busy" => seen(Sync, 200, "Name=\"InnerErrorResponseCode\">ErrorServerBusy<"),
        "too-many-objects-opened" => seen(View, 200, "ErrorTooManyObjectsOpened"),
        "access-denied" => seen(Folder, 200, "ErrorAccessDenied"),
        "find-count-exceeded" => seen(View, 200, "ErrorExceededFindCountLimit"),
        "invalid-sync-state" => seen(Resync, 200, "ErrorInvalidSyncStateData"),
        "subscriptions-exhausted" => seen(Subscribe, 200, "ErrorExceededSubscriptionCount"),
        "subscription-expired" => seen(Events, 200, "ErrorExpiredSubscription"),
        "subscription-lost" => seen(Events, 200, "ErrorSubscriptionNotFound"),
        "invalid-watermark" => seen(Events, 200, "ErrorInvalidWatermark"),
        "event-not-found" => seen(Events, 200, "ErrorEventNotFound"),
        "read-events-failed" => seen(Events, 200, "ErrorReadEventsFailed"),
        "proxy-request-not-allowed" => seen(Events, 200, "ErrorProxyRequestNotAllowed"),
        "item-not-found" => seen(Items, 200, "ErrorItemNotFound"),
        "item-corrupt" => seen(Items, 200, "ErrorCorruptData"),
        "recurrence-empty" => seen(Items, 200, "ErrorRecurrenceHasNoOccurrence"),
        "batch-failed" => seen(Items, 500, "a:ErrorInternalServerError<"),
        "batch-stopped" => seen(Items, 200, "ErrorBatchProcessingStopped"),
        "empty-calendar" => seen(View, 200, "TotalItemsInView=\"0\""),
        "short-page" => seen(Sync, 200, "<m:IncludesLastItemInRange>false<"),
        "control-characters" => seen(Items, 200, "<t:Subject>&#x1A;Review"),
        "unknown-elements" => seen(Items, 200, "<t:FutureProperty"),
        "other-prefixes" => seen(Items, 200, "<ns2:CalendarItem>"),
        "custom-time-zone" => seen(Items, 200, "Id=\"tzone://Microsoft/Custom\""),
        "strange-time-zone" => seen(Items, 200, "<t:StartTimeZone Name="),
        "event-storm" => seen(Events, 200, "</t:CreatedEvent><t:CreatedEvent>"),
        "other-operation" => seen(Folder, 200, "ResolveNamesResponse"),
        // What is not in the reply's text is looked at apart.
        "truncated-body" | "connection-closed" | "connection-reset" | "slow-reply" | "no-reply"
        | "oversized-reply" | "sign-in-forgotten" => seen(Folder, 0, ""),
        other => panic!("the table knows no `{other}`"),
    }
}

/// A world whose room holds two meetings, and what a client sends in it.
fn about_to_ask(asked: Asked) -> (Site, String) {
    let mut world = world();
    let subscribed = call(&mut world, morning(), &subscribe(BERLIN, 30)).text();
    for hour in [1, 3] {
        let meeting = world.organizer("kim").invites("berlin").to("Review").at(hours(hour), hours(hour + 1));
        meeting.send(morning()).unwrap();
    }
    world.advance(seconds(5));
    let listed = call(&mut world, seconds(6), &sync(BERLIN, None, 10)).text();
    let body = match asked {
        Asked::Folder => get_folder(BERLIN),
        Asked::Sync => sync(BERLIN, None, 10),
        Asked::Resync => sync(BERLIN, Some(&text(&listed, "m:SyncState")), 10),
        Asked::Items => get_item(&ids(&listed, "t:ItemId").iter().map(|id| item_id(id)).collect::<String>()),
        Asked::View => find(BERLIN, "2026-03-02T00:00:00Z", "2026-03-03T00:00:00Z", None),
        Asked::Subscribe => subscribe(BERLIN, 30),
        Asked::Events => {
            get_events(&text(&subscribed, "m:SubscriptionId"), &text(&subscribed, "m:Watermark"))
        }
    };
    (world, body)
}

#[test]
fn every_fault_does_what_its_name_says() {
    let schema = Schema::find();
    for (name, fault) in Fault::NAMES {
        if TESTED_ELSEWHERE.contains(&name) {
            continue;
        }
        let expected = expected(name);
        let (mut world, body) = about_to_ask(expected.asked);
        world.inject(Injection::of(name.parse().unwrap())).unwrap();
        let struck = call(&mut world, seconds(7), &body);
        if expected.status == 0 {
            assert!(seen_apart(fault, &struck), "{name}: {} {:?}", struck.status, struck.headers);
        } else {
            assert_eq!(struck.status, expected.status, "{name}");
            assert!(struck.text().contains(expected.body), "{name}: {}", struck.text());
        }
        if let Some((header, part)) = expected.header {
            let value = struck.header_value(header).unwrap_or_default();
            assert!(value.contains(part), "{name}: {header}: {value}");
        }
        // What the schema does not know, and what is not XML, is what these are for.
        let valid = !matches!(
            fault,
            Fault::ControlCharacters | Fault::UnknownElements | Fault::EventStorm | Fault::TruncatedBody
        );
        let xml = struck.body.starts_with(b"<?xml") && struck.body.len() < 1 << 20;
        if let Some(schema) = schema.as_ref().filter(|_| valid && xml) {
            schema.check(name, &struck.text());
        }
        let (mut well, body) =
            (world, if expected.asked == Asked::Events { get_folder(BERLIN) } else { body });
        let after = call(&mut well, seconds(8), &body);
        assert!(after.text().contains("NoError"), "{name} strikes once: {}", after.text());
        assert_eq!((after.delay, after.ending), (Duration::ZERO, Ending::Whole), "{name} strikes once");
    }
}

/// What is no part of the text.
fn seen_apart(fault: Fault, struck: &Response) -> bool {
    let whole = call(&mut about_to_ask(Asked::Folder).0, seconds(7), &get_folder(BERLIN)).body.len();
    match fault {
        Fault::TruncatedBody => struck.body.len() == whole / 2,
        Fault::ConnectionClosed => struck.ending == Ending::ClosedAfter(whole / 2),
        Fault::ConnectionReset => struck.ending == Ending::ClosedAfter(0),
        Fault::SlowReply => struck.delay == Duration::from_secs(5) && struck.status == 200,
        Fault::NoReply => struck.delay == Duration::from_hours(1),
        Fault::OversizedReply => struck.body.len() == 40 << 20,
        // With Basic every call signs in anew.
        Fault::SignInForgotten => struck.status == 200,
        _ => false,
    }
}

#[test]
fn a_page_of_a_view_may_be_short_and_says_so() {
    let (mut world, body) = about_to_ask(Asked::View);
    for most in [None, Some(" MaxEntriesReturned=\"10\"")] {
        let body =
            body.replace("/><m:ParentFolderIds>", &format!("{}/><m:ParentFolderIds>", most.unwrap_or("")));
        world.inject(Injection::of(Fault::ShortPage)).unwrap();
        let short = call(&mut world, seconds(7), &body).text();
        assert_eq!(texts(&short, "t:Subject").len(), 1);
        assert!(short.contains("TotalItemsInView=\"2\" IncludesLastItemInRange=\"false\""), "{short}");
        let whole = call(&mut world, seconds(7), &body).text();
        assert!(whole.contains("TotalItemsInView=\"2\" IncludesLastItemInRange=\"true\""), "{whole}");
    }
}

#[test]
fn strange_zones_are_many() {
    let (mut world, body) = about_to_ask(Asked::Items);
    world.inject(Injection::of(Fault::StrangeTimeZone).striking(Strikes::Always)).unwrap();
    let mut names = BTreeSet::new();
    for _ in 0..60 {
        let reply = call(&mut world, seconds(7), &body).text();
        let zone = reply.split("<t:StartTimeZone Name=\"").nth(1).unwrap().split('"').next().unwrap();
        names.insert(zone.to_owned());
    }
    assert_eq!(names.len(), 7, "{names:?}");
}

#[test]
fn original_starts_may_be_an_hour_late_on_the_master_alone() {
    let mut world = world();
    let series = world.organizer("kim").invites("berlin").at(hours(1), hours(2)).daily().times(3);
    let series = series.send(morning()).unwrap();
    let day = chrono::NaiveDate::from_ymd_opt(2026, 3, 3).unwrap();
    world.reschedule_occurrence(series, day, hours(30), hours(31), seconds(5)).unwrap();
    let listed = call(&mut world, seconds(20), &sync(BERLIN, None, 10)).text();
    let master = item_id(&ids(&listed, "t:ItemId")[0]);
    world.inject(Injection::of(Fault::ShiftedOriginalStart).striking(Strikes::Always)).unwrap();
    let read = call(&mut world, seconds(20), &get_item(&master)).text();
    let modified = text(&read, "t:ModifiedOccurrences");
    assert_eq!(text(&modified, "t:OriginalStart"), "2026-03-03T10:00:00Z");
    let exception = item_id(&ids(&modified, "t:ItemId")[0]);
    let read = call(&mut world, seconds(20), &get_item(&exception)).text();
    assert_eq!(text(&read, "t:OriginalStart"), "2026-03-03T09:00:00Z");
}

#[test]
fn faults_of_batches_strike_their_items() {
    let table = [
        ("item-corrupt", vec!["ErrorCorruptData", "NoError"]),
        ("recurrence-empty", vec!["ErrorRecurrenceHasNoOccurrence", "NoError"]),
    ];
    for (name, expected) in table {
        let (mut world, body) = about_to_ask(Asked::Items);
        world.inject(Injection::of(name.parse().unwrap())).unwrap();
        let reply = call(&mut world, seconds(7), &body).text();
        assert_eq!(texts(&reply, "m:ResponseCode"), expected, "{name}");
    }
    let (mut world, body) = about_to_ask(Asked::Items);
    world.inject(Injection::of(Fault::BatchFailed).next(100)).unwrap();
    assert_eq!(call(&mut world, seconds(7), &body).status, 500);
    let listed = call(&mut world, seconds(7), &sync(BERLIN, None, 10)).text();
    for id in ids(&listed, "t:ItemId") {
        let alone = call(&mut world, seconds(7), &get_item(&item_id(&id)));
        assert_eq!(alone.status, 200, "one item alone is answered");
    }
}
