use super::*;
use crate::phone::tests::{berlin, english, meeting, utc};

/// Seen on 21 November 2026 in Berlin, which is an hour ahead.
#[test]
fn times_are_said_as_people_of_the_room_say_them() {
    let zone = berlin();
    let today = local_day(&zone, utc("2026-11-21T08:00:00Z"));
    for (start, end, hours_said, when_said) in [
        ("21T08:00", "21T09:00", "09:00-10:00", "Sat 21 Nov 2026, 09:00-10:00"),
        ("21T08:00", "21T08:00", "09:00", "Sat 21 Nov 2026, 09:00"),
        ("21T21:00", "21T23:00", "22:00-24:00", "Sat 21 Nov 2026, 22:00-24:00"),
        ("20T23:00", "20T23:30", "00:00-00:30", "Sat 21 Nov 2026, 00:00-00:30"),
        ("20T21:00", "21T09:00", "until 10:00", "Fri 20 Nov 2026, 22:00 - Sat 21 Nov 2026, 10:00"),
        ("21T21:00", "22T09:00", "from 22:00", "Sat 21 Nov 2026, 22:00 - Sun 22 Nov 2026, 10:00"),
        ("20T08:00", "22T09:00", "All day", "Fri 20 Nov 2026, 09:00 - Sun 22 Nov 2026, 10:00"),
        ("20T23:00", "21T23:00", "All day", "Sat 21 Nov 2026, 00:00-24:00"),
    ] {
        let utc = |text: &str| utc(&format!("2026-11-{text}:00Z"));
        let meeting = meeting("1", utc(start), utc(end));
        assert_eq!(hours(&meeting, &today, &zone, english()), hours_said, "{start} {end}");
        assert_eq!(when(&meeting, &zone, english()), when_said, "{start} {end}");
    }
}

#[test]
fn whole_days_are_said_by_date() {
    let zone = berlin();
    // Made in Tokyo: the dates are what counts.
    let (start, end) = (utc("2026-11-20T15:00:00Z"), utc("2026-11-22T15:00:00Z"));
    let dated = |first: &str, last: &str| Displayed {
        all_day: Some((first.parse().unwrap(), last.parse().unwrap())),
        ..meeting("1", start, end)
    };
    let one = dated("2026-11-21", "2026-11-21");
    assert_eq!(when(&one, &zone, english()), "Sat 21 Nov 2026, all day");
    assert_eq!(hours(&one, &local_day(&zone, start), &zone, english()), "All day");
    let two = dated("2026-11-21", "2026-11-22");
    assert_eq!(when(&two, &zone, english()), "Sat 21 Nov 2026 - Sun 22 Nov 2026, all day");
}

#[test]
fn a_page_never_looks_younger_than_it_is() {
    let now = utc("2026-11-21T08:30:00Z");
    for (as_of, said) in [
        (Some("2026-11-21T08:29:59Z"), None),
        (Some("2026-11-21T08:15:01Z"), None),
        (Some("2026-11-21T08:15:00Z"), Some("as of 09:15")),
        (Some("2026-11-21T08:12:59Z"), Some("as of 09:12")),
        (Some("2026-11-20T23:00:00Z"), Some("as of 00:00")),
        (Some("2026-11-20T22:59:59Z"), Some("as of 20 Nov 23:59")),
        (Some("2026-11-21T08:30:01Z"), None),
        (Some("2026-11-21T08:31:00Z"), Some("not read yet")),
        (None, Some("not read yet")),
    ] {
        assert_eq!(staleness(as_of.map(utc), now, &berlin(), english()).as_deref(), said, "{as_of:?}");
    }
}

#[test]
fn other_languages_say_them_their_own_way() {
    let zone = berlin();
    let now = utc("2026-11-21T08:30:00Z");
    let today = local_day(&zone, now);
    let meeting = meeting("1", utc("2026-11-20T21:00:00Z"), utc("2026-11-21T13:05:00Z"));
    let said = ["en-us", "de", "fr", "es", "ja"].map(|tag| {
        let language = Language::named(tag).unwrap();
        let as_of = Some(utc("2026-11-20T13:00:00Z"));
        let stale = staleness(as_of, now, &zone, language).unwrap();
        let unknown = unknown(as_of, now, &zone, language).unwrap();
        let (hours, when) = (hours(&meeting, &today, &zone, language), when(&meeting, &zone, language));
        format!("{hours} | {when} | {stale} | {unknown}")
    });
    insta::assert_snapshot!(said.join("\n"), @r"
    until 2:05 PM | Fri, Nov 20, 2026, 10:00 PM - Sat, Nov 21, 2026, 2:05 PM | as of Nov 20 2:00 PM | State unknown: last read Nov 20 2:00 PM
    bis 14:05 | Fr, 20. Nov. 2026, 22:00 - Sa, 21. Nov. 2026, 14:05 | Stand 20. Nov. 14:00 | Stand unbekannt: zuletzt gelesen 20. Nov. 14:00
    jusqu'à 14:05 | ven. 20 nov. 2026, 22:00 - sam. 21 nov. 2026, 14:05 | état 20 nov. 14:00 | État inconnu : dernière lecture 20 nov. 14:00
    hasta 14:05 | vie 20 nov 2026, 22:00 - sáb 21 nov 2026, 14:05 | a las 20 nov 14:00 | Estado desconocido: última lectura 20 nov 14:00
    14:05まで | 2026年11月20日(金), 22:00 - 2026年11月21日(土), 14:05 | 11月20日 14:00現在 | 状態不明：最終読込 11月20日 14:00
    ");
}
