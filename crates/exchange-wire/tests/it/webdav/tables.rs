//! The tables of `samples/webdav`: ids, paths, statuses, words and numbers.

use super::{
    mailbox,
    samples::{granted, read, sample},
    window,
};
use chrono::Datelike;
use exchange_wire::{
    Reply,
    webdav::{
        path_of,
        read::{Read, Step},
        same_path, segment,
        watch::{self, Watch},
    },
};
use meeting_model::{
    global_object_id::GlobalObjectId,
    join::JoinRules,
    observed::{Cursor, Protocol},
    zone::ZoneRef,
};

#[test]
fn global_object_ids_hold() {
    let Some(table) = sample("20_goid_vectors.tsv") else { return };
    let mut rows = 0;
    for line in table.lines().skip(1) {
        let columns: Vec<&str> = line.split('\t').collect();
        let row = format!(
            "<d:instancetype>3</d:instancetype><d:dtstart>2008-09-20T13:00:00.000Z</d:dtstart>
            <d:dtend>2008-09-20T14:00:00.000Z</d:dtend><i:0x00000003>{}</i:0x00000003>",
            columns[2]
        );
        let rows_of = super::multistatus(&super::response("/c/a.EML", &row));
        let cursor = Cursor { protocol: Protocol::Webdav, bytes: b"/c/".to_vec() };
        let (read, _) = Read::again(mailbox(), &cursor, window(), &JoinRules::default()).unwrap();
        let Ok(Step::Send(read, _)) = read.on_reply(&crate::reply(207, &rows_of)) else { panic!() };
        let Ok(Step::Done(outcome)) = read.on_reply(&crate::reply(207, &super::multistatus(""))) else {
            panic!()
        };
        let item = &outcome.observed.items[0];
        assert_eq!(item.clean_global_object_id, Some(GlobalObjectId::from_uid(columns[8])), "{}", columns[0]);
        let original = item.series.as_ref().unwrap().exceptions[0].original_start;
        match columns[3] {
            "" => assert_eq!(original.day(), 20, "{}", columns[0]),
            date => assert_eq!(original.date_naive().to_string(), date, "{}", columns[0]),
        }
        rows += 1;
    }
    assert!(rows > 3);
}

#[test]
fn urls_hold() {
    let Some(table) = sample("21_url_encoding_vectors.tsv") else { return };
    let mut rows = 0;
    for line in table.lines().filter(|line| !line.starts_with('#')).skip(1) {
        let [name, encoded, _] = line.split('\t').collect::<Vec<_>>()[..] else { panic!("{line}") };
        // the plus is written both ways by the sources; ours is the one that IIS 7 takes
        assert_eq!(segment(name), encoded.replace('+', "%2b").replace("%2B", "%2b"), "{name}");
        assert!(same_path(&format!("http://one/c/{encoded}"), &format!("/c/{}", segment(name))), "{name}");
        assert_eq!(path_of(&format!("https://h/c/{encoded}")), Some(format!("/c/{encoded}")));
        rows += 1;
    }
    assert!(rows > 20);
}

#[test]
fn every_status_leads_where_the_table_says() {
    let Some(table) = sample("24_status_codes.tsv") else { return };
    // by the status and a part of what the table makes of it: what we make of it
    let ours = [
        ("403", "SEARCH", "may not read"),
        ("404", "SEARCH", "at this path"),
        ("412", "POLL", "subscription is gone"),
        ("422", "SEARCH", "rejected the request"),
        ("440", "SEARCH", "session has ended"),
        ("501", "SUBSCRIBE", "no subscription to be had"),
        ("503", "SEARCH", "overloaded"),
        ("400", "SUBSCRIBE", "did not take the request"),
        ("401", "SEARCH", "expected to be signed in"),
        ("415", "SUBSCRIBE", "did not take the request"),
    ];
    let (opening, _) = Watch::open(mailbox(), None);
    for (status, method, expected) in ours {
        assert!(table.lines().any(|line| line.starts_with(status)), "{status}");
        let reply = Reply { status: status.parse().unwrap(), headers: &[], body: b"" };
        let cursor = Cursor { protocol: Protocol::Webdav, bytes: b"/c/".to_vec() };
        let error = match method {
            "SEARCH" => {
                let (read, _) = Read::again(mailbox(), &cursor, window(), &JoinRules::default()).unwrap();
                read.on_reply(&reply).unwrap_err()
            }
            "POLL" => granted().polled(&reply).unwrap_err(),
            _ => {
                let root = super::multistatus(&super::response("/r/", "<e:calendar>/r/c</e:calendar>"));
                let Ok(watch::Step::Send(opening, _)) = opening.clone().on_reply(&crate::reply(207, &root))
                else {
                    panic!()
                };
                let folder = super::multistatus(&super::response("/r/c/", ""));
                let Ok(watch::Step::Send(opening, _)) = opening.on_reply(&crate::reply(207, &folder)) else {
                    panic!()
                };
                opening.on_reply(&reply).unwrap_err()
            }
        };
        assert!(error.to_string().contains(expected), "{status}: {error}");
    }
}

#[test]
fn the_words_and_numbers_of_properties_mean_what_the_table_says() {
    let Some(table) = sample("27_enums.tsv") else { return };
    let item = |property: &str, value: &str| {
        let named = [
            "urn:schemas:calendar:",
            "http://schemas.microsoft.com/mapi/",
            "http://schemas.microsoft.com/exchange/",
        ];
        let (prefix, local) = named
            .iter()
            .zip(["d", "f", "g"])
            .find_map(|(uri, prefix)| Some((prefix, property.strip_prefix(uri)?)))?;
        let row = format!(
            "<d:dtstart>2008-09-20T13:00:00.000Z</d:dtstart><d:dtend>2008-09-20T14:00:00.000Z</d:dtend>
            <{prefix}:{local}>{value}</{prefix}:{local}>"
        );
        let rows = super::multistatus(&super::response("/c/a.EML", &row));
        Some(read(&crate::reply(207, &rows)).0.items.remove(0))
    };
    let mut compared = 0;
    for line in table.lines().skip(1) {
        let [property, value, meaning, ..] = line.split('\t').collect::<Vec<_>>()[..] else {
            panic!("{line}")
        };
        if property.ends_with("instancetype") {
            continue;
        }
        let Some(found) = item(property, value) else { continue };
        let said = match property.rsplit([':', '/']).next().unwrap() {
            "busystatus" if property.starts_with("urn") => format!("{:?}", found.show_as),
            "responsestatus" => format!("{:?}", found.response),
            "sensitivity" => format!("{:?}", found.sensitivity),
            "meetingstatus" if value == "CANCELLED" => format!("{}", found.is_cancelled),
            _ => continue,
        };
        let expected = match meaning {
            "free" => "Free",
            "tentative" if property.contains("busystatus") => "Tentative",
            "busy" => "Busy",
            "out of office" => "OutOfOffice",
            "none" if property.contains("response") => "Unknown",
            "organized" => "Organizer",
            "tentative" => "Tentative",
            "accepted" => "Accept",
            "declined" => "Decline",
            "not responded" => "NoResponseReceived",
            "none" => "Normal",
            "personal" => "Personal",
            "private" => "Private",
            "confidential" => "Confidential",
            "" => "true",
            other => panic!("{line}: {other}"),
        };
        assert_eq!(said, expected, "{line}");
        compared += 1;
    }
    assert_eq!(compared, 15);
}

#[test]
fn zones_and_builds_are_known_by_their_numbers() {
    let (Some(zones), Some(builds)) = (sample("31_timezoneid.tsv"), sample("25_ms_webstorage_builds.tsv"))
    else {
        return;
    };
    for line in zones.lines().skip(2) {
        let id = line.split('\t').next().unwrap();
        let row = format!(
            "<d:dtstart>2008-09-20T13:00:00.000Z</d:dtstart><d:dtend>2008-09-20T14:00:00.000Z</d:dtend>
            <d:timezoneid>{id}</d:timezoneid>"
        );
        let rows = super::multistatus(&super::response("/c/a.EML", &row));
        let zone = read(&crate::reply(207, &rows)).0.items.remove(0).zone;
        assert_eq!(matches!(zone, ZoneRef::Unstated), id == "52", "{line}");
    }
    for line in builds.lines().skip(1) {
        let build = line.split('\t').next().unwrap();
        let headers = [("MS-WebStorage".to_owned(), build.to_owned())];
        let folder = super::multistatus(&super::response("/r/c/", ""));
        let reply = Reply { status: 207, headers: &headers, body: folder.as_bytes() };
        let version = super::conversation::found(&reply).version.unwrap();
        let plain = |text: &str| text.split('.').map(|part| part.parse().unwrap()).collect::<Vec<u32>>();
        assert_eq!(plain(&version), plain(build));
    }
}
