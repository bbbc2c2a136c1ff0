//! Every request we can send is valid by Microsoft's schema.

use crate::shared;
use chrono::TimeDelta;
use exchange_wire::{
    Request,
    ews::{
        Access, Dialect, Group, Mailbox, Version, find_item, get_events, get_folder, get_item,
        get_password_expiration_date, get_room_lists, get_rooms, get_streaming_events, get_user_availability,
        mailbox_quota,
        meeting_requests::Search,
        resolve_names,
        server_version::ServerVersion,
        subscribe::{self, Kind, Subscription},
        sync_folder_items::{self, Shape},
        unsubscribe,
    },
};
use meeting_model::{clock::Window, global_object_id::GlobalObjectId, id::ItemId};
use std::{path::Path, process::Command, time::Duration};

const DIALECTS: [Access; 2] = [Access::Delegate, Access::Impersonation];

/// One of each, with texts that need escaping.
fn every_request(dialect: Dialect) -> Vec<Request> {
    let mailbox = Mailbox::new("o'neil&<sons>@example.com");
    let start = "2026-03-02T00:00:00Z".parse().unwrap();
    let window = Window { start, end: start + TimeDelta::days(60) };
    let ids = [ItemId::new("AAMk+/=="), ItemId::new("a\"b<c>&\u{1}")];
    let push =
        Kind::Push { url: "http://us.example.com/?a=b&c".into(), status_frequency: Duration::from_mins(5) };
    let meetings = ["a", "b"].map(GlobalObjectId::from_uid);
    let group = Group { anchor: mailbox.clone() };
    let subscription = Subscription { id: "f6bc&".into(), watermark: Some("AAAA=".into()) };
    vec![
        get_folder::request(dialect, &mailbox),
        get_folder::probe(dialect, &mailbox),
        get_folder::inbox(dialect, &mailbox),
        get_password_expiration_date::request(dialect),
        get_room_lists::request(dialect),
        mailbox_quota::request(dialect),
        get_rooms::request(dialect, mailbox.as_str()),
        resolve_names::request(dialect, "smtp:R&D <1>"),
        sync_folder_items::request(dialect, &mailbox, None, Shape::Span, 512),
        sync_folder_items::request(dialect, &mailbox, Some("H4sI<&"), Shape::Id, 0),
        get_item::request(dialect, &mailbox, &ids),
        find_item::request(dialect, &mailbox, window, find_item::Shape::Span, 1000),
        find_item::request(dialect, &mailbox, window, find_item::Shape::Whole, 1),
        Search::begin(dialect, mailbox.clone(), &meetings).1,
        Search::begin(dialect, mailbox.clone(), &meetings[..1]).1,
        get_user_availability::request(dialect, &mailbox, window),
        subscribe::request(dialect, &mailbox, &Kind::Pull { timeout: Duration::from_mins(30) }),
        subscribe::request(dialect, &mailbox, &Kind::Pull { timeout: Duration::from_secs(u64::MAX) }),
        subscribe::request(dialect, &mailbox, &Kind::Streaming),
        subscribe::request(dialect, &mailbox, &push),
        get_streaming_events::request(dialect, &group, &["f6bc&", "g"], Duration::from_mins(20)),
        get_events::request(dialect, &mailbox, &subscription),
        get_events::request(dialect, &mailbox, &Subscription { watermark: None, ..subscription.clone() }),
        unsubscribe::request(dialect, &mailbox, &subscription.id),
    ]
}

#[test]
fn every_request_is_valid() {
    let Some(xsd) = shared("xsd/ews-soap.xsd") else { return };
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("requests");
    std::fs::create_dir_all(&folder).unwrap();
    let mut paths = Vec::new();
    for version in Version::ALL {
        for access in DIALECTS {
            for (number, request) in every_request(Dialect { version, access }).into_iter().enumerate() {
                let path = folder.join(format!("{version}-{access:?}-{number}-{}.xml", request.operation));
                std::fs::write(&path, request.body).unwrap();
                paths.push(path);
            }
        }
    }
    let run = Command::new("xmllint").args(["--noout", "--nonet", "--schema"]).arg(xsd).args(&paths).output();
    match run {
        Ok(output) => {
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        }
        Err(error) if std::env::var_os("CI").is_some() => panic!("xmllint: {error}"),
        Err(error) => println!("skipped: xmllint: {error}"),
    }
}

#[test]
fn impersonation_says_who_in_header_and_anchor() {
    let mailbox = Mailbox::new("berlin@example.com");
    for (access, expected) in [(Access::Delegate, None), (Access::Impersonation, Some("berlin@example.com"))]
    {
        let request = get_folder::request(Dialect { access, ..Dialect::default() }, &mailbox);
        let anchor = request.headers.iter().find(|(name, _)| *name == "X-AnchorMailbox");
        assert_eq!(anchor.map(|(_, value)| value.as_str()), expected);
        let who = "<t:PrimarySmtpAddress>berlin@example.com</t:PrimarySmtpAddress>";
        assert_eq!(request.body.contains(who), expected.is_some());
        assert!(request.body.contains("<t:EmailAddress>berlin@example.com</t:EmailAddress>"));
    }
}

#[test]
fn each_version_is_asked_for_what_it_knows() {
    for (version, zone_context, fields) in [
        (Version::Exchange2007Sp1, false, ["MeetingTimeZone", "TimeZone"].as_slice()),
        (Version::Exchange2010Sp1, true, &["StartTimeZone"]),
        (Version::Exchange2016, true, &["StartTimeZone", "StartTimeZoneId"]),
    ] {
        let dialect = Dialect { version, access: Access::Delegate };
        let body = get_item::request(dialect, &Mailbox::new("a@example.com"), &[ItemId::new("a")]).body;
        for field in ["MeetingTimeZone", "TimeZone", "StartTimeZone", "StartTimeZoneId"] {
            let asked = body.contains(&format!("\"calendar:{field}\""));
            assert_eq!(asked, fields.contains(&field), "{version} {field}");
        }
        assert_eq!(body.contains("TimeZoneContext"), zone_context, "{version}");
        assert!(body.contains(&format!("Version=\"{version}\"")));
    }
}

#[test]
fn versions_step_down_to_the_oldest() {
    let steps: Vec<_> =
        std::iter::successors(Some(Version::Exchange2016), |version| version.older()).collect();
    assert_eq!(steps.len(), Version::ALL.len());
    assert_eq!(steps.last(), Some(&Version::Exchange2007Sp1));
}

#[test]
fn the_newest_schema_that_both_sides_know_is_spoken() {
    for (major, minor, expected) in [
        (8, 3, Version::Exchange2007Sp1),
        (14, 0, Version::Exchange2010),
        (14, 3, Version::Exchange2010Sp1),
        (15, 0, Version::Exchange2013),
        (15, 1, Version::Exchange2016),
        (15, 2, Version::Exchange2016),
        (15, 20, Version::Exchange2016),
        (16, 0, Version::Exchange2016),
    ] {
        assert_eq!(Version::spoken_by(ServerVersion { major, minor, build: 0 }), expected, "{major}.{minor}");
    }
}

#[test]
fn the_account_asks_the_directory_as_itself() {
    let dialect = Dialect { access: Access::Impersonation, ..Dialect::default() };
    for request in [get_room_lists::request(dialect), get_rooms::request(dialect, "a@example.com")] {
        assert!(!request.body.contains("ExchangeImpersonation"));
        assert!(request.headers.iter().all(|(name, _)| *name != "X-AnchorMailbox"));
    }
}

#[test]
fn every_character_of_an_address_arrives() {
    for character in
        ['~', '#', '%', '+', '&', '|', '*', '/', '!', '\'', '=', '?', '^', '`', '{', '}', '$', '_', '-']
    {
        let address = format!("ro{character}om@example.com");
        let request = get_folder::request(
            Dialect { access: Access::Impersonation, ..Dialect::default() },
            &Mailbox::new(address.clone()),
        );
        let written = address.replace('&', "&amp;").replace('\'', "&apos;");
        assert!(request.body.contains(&format!("<t:EmailAddress>{written}</t:EmailAddress>")), "{address}");
        assert!(request.body.contains(&format!("<t:PrimarySmtpAddress>{written}</t:PrimarySmtpAddress>")));
        assert!(request.headers.contains(&("X-AnchorMailbox", address)));
    }
}
