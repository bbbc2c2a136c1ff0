use super::*;

fn zone(name: &str) -> RoomZone {
    RoomZone::named(&ZoneDatabase::bundled(), name).unwrap()
}

fn utc(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

#[test]
fn t2_names_by_windows_id_then_iana() {
    let cases = [
        ("W. Europe Standard Time", Some("Europe/Berlin")),
        ("Pacific Standard Time", Some("America/Los_Angeles")),
        ("Kamchatka Standard Time", Some("Asia/Kamchatka")),
        ("Mid-Atlantic Standard Time", Some("Etc/GMT+2")),
        ("UTC", Some("Etc/UTC")),
        ("tzone://Microsoft/Utc", Some("Etc/UTC")),
        ("Europe/Copenhagen", Some("Europe/Copenhagen")),
        ("America/Vancouver", Some("America/Vancouver")),
        ("Customized Time Zone", None),
        ("tzone://Microsoft/Custom", None),
        ("(UTC+01:00) Amsterdam, Berlin", None),
        ("posixrules", None),
        ("../../etc/passwd", None),
        ("", None),
    ];
    for (name, expected) in cases {
        let found = ZoneRef::Named(name.to_owned()).zone(&ZoneDatabase::bundled());
        assert_eq!(found.as_ref().map(RoomZone::name), expected, "{name}");
    }
    assert_eq!(ZoneRef::Unstated.zone(&ZoneDatabase::bundled()), None);
}

#[test]
fn t2_every_windows_zone_has_rules() {
    for name in
        ["Greenland Standard Time", "South Sudan Standard Time", "UTC+13", "UTC-11", "Yukon Standard Time"]
    {
        assert!(RoomZone::named(&ZoneDatabase::system(), name).is_ok(), "{name}");
    }
}

#[test]
fn t2_rules_are_newer_than_those_of_chrono_tz() {
    // British Columbia keeps summer time from 2026 on: chrono-tz 0.10.4 still says -08:00 here.
    let noon = utc("2026-12-07T16:00:00Z");
    assert_eq!(zone("America/Vancouver").local(noon).to_string(), "2026-12-07 09:00:00");
}

#[test]
fn t2_rules_are_those_of_their_year() {
    let cases = [
        ("Africa/Cairo", "2022-07-01T12:00:00Z", 14), // Egypt had no summer time from 2015 to 2022
        ("Africa/Cairo", "2023-07-01T12:00:00Z", 15),
        ("Africa/Casablanca", "2018-01-15T12:00:00Z", 12), // Morocco moved its standard time in 2018
        ("Africa/Casablanca", "2019-01-15T12:00:00Z", 13),
        ("Africa/Casablanca", "2025-03-10T12:00:00Z", 12), // Ramadan
        ("America/Vancouver", "2025-12-07T12:00:00Z", 4),
        ("America/Vancouver", "2026-12-07T12:00:00Z", 5),
        ("Europe/Berlin", "1945-07-01T12:00:00Z", 15), // double summer time
        ("Europe/Berlin", "1969-07-01T12:00:00Z", 13),
        ("Europe/Berlin", "2050-07-01T12:00:00Z", 14),
        ("Australia/Sydney", "2050-01-01T12:00:00Z", 23),
    ];
    for (name, instant, hour) in cases {
        assert_eq!(zone(name).local(utc(instant)).hour(), hour, "{name} {instant}");
    }
}

#[test]
fn t4_gap_moves_forward_and_fold_is_the_second() {
    let cases = [
        ("Europe/Berlin", "2026-03-29T02:30:00", "2026-03-29T01:30:00Z"), // skipped: 03:30 summer time
        ("Europe/Berlin", "2026-10-25T02:30:00", "2026-10-25T01:30:00Z"), // twice: the second, standard time
        ("Europe/Berlin", "2026-07-01T12:00:00", "2026-07-01T10:00:00Z"),
        ("Australia/Lord_Howe", "2026-10-04T02:10:00", "2026-10-03T15:40:00Z"), // half an hour is skipped
        ("America/Santiago", "2026-09-06T00:00:00", "2026-09-06T04:00:00Z"),    // midnight is skipped
    ];
    for (name, local, expected) in cases {
        assert_eq!(zone(name).instant(local.parse().unwrap()), utc(expected), "{name} {local}");
    }
}

#[test]
fn the_ends_of_time_do_not_panic() {
    for name in ["Europe/Berlin", "Pacific/Kiritimati", "Pacific/Niue"] {
        let zone = zone(name);
        for instant in [DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC, utc("4500-09-01T00:00:00Z")] {
            zone.instant(zone.local(instant));
        }
        zone.midnight(NaiveDate::MIN);
        zone.midnight(NaiveDate::MAX);
        date_without_zone(DateTime::<Utc>::MAX_UTC);
    }
}

#[test]
fn all_day_dates_without_a_zone() {
    // Midnight of 5 March in zones from -10:00 to +13:00, expressed in UTC.
    for (instant, name) in [
        ("2026-03-05T10:00:00Z", "Pacific/Honolulu"),
        ("2026-03-04T23:00:00Z", "Europe/Berlin"),
        ("2026-03-05T00:00:00Z", "Etc/UTC"),
        ("2026-03-04T11:00:00Z", "Pacific/Auckland"),
    ] {
        assert_eq!(date_without_zone(utc(instant)).to_string(), "2026-03-05", "{name}");
        assert_eq!(zone(name).local(utc(instant)).to_string(), "2026-03-05 00:00:00", "{name}");
    }
}

#[test]
fn both_databases_say_their_release() {
    let year = |zones: ZoneDatabase| zones.release().and_then(|text| text.get(..4)?.parse::<u32>().ok());
    assert!(year(ZoneDatabase::bundled()).is_some_and(|year| year >= 2026));
    let system = ZoneDatabase::system();
    if system.release().is_none() {
        println!("skipped: the host's zone database does not say its release");
        return;
    }
    assert!(year(system).is_some_and(|year| year >= 2000));
}
