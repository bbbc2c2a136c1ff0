use super::*;
use crate::zone::{Clocks, Fold, RoomZone, ZoneDatabase, ZoneRef};
use chrono::{DateTime, NaiveTime, Utc};
use proptest::prelude::*;

const HOUR: i32 = 3600;

fn utc(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// On the nth weekday of a month, at a time, the clocks go to an offset.
fn on(month: u32, (index, weekday): (DayIndex, Weekday), seconds: i32, offset: i32) -> Change {
    let day = ChangeDay::Weekday { month, weekday, index };
    Change { offset, day, seconds, from: None, until: None }
}

fn once(date: &str, seconds: i32, offset: i32) -> Change {
    Change { offset, day: ChangeDay::Once(date.parse().unwrap()), seconds, from: None, until: None }
}

/// Zones as their rules are today, by their names in the zone database.
fn zones() -> Vec<(&'static str, ZoneRules)> {
    use DayIndex::{First, Last, Second};
    use Weekday::{Fri, Sun, Thu};
    let yearly = |standard, changes: [Change; 2]| ZoneRules::new(standard, changes.to_vec());
    let half = HOUR / 2;
    vec![
        (
            "Europe/Berlin",
            yearly(HOUR, [on(3, (Last, Sun), 2 * HOUR, 2 * HOUR), on(10, (Last, Sun), 3 * HOUR, HOUR)]),
        ),
        (
            "America/New_York",
            yearly(
                -5 * HOUR,
                [on(3, (Second, Sun), 2 * HOUR, -4 * HOUR), on(11, (First, Sun), 2 * HOUR, -5 * HOUR)],
            ),
        ),
        (
            "Australia/Sydney",
            yearly(
                10 * HOUR,
                [on(10, (First, Sun), 2 * HOUR, 11 * HOUR), on(4, (First, Sun), 3 * HOUR, 10 * HOUR)],
            ),
        ),
        (
            "Australia/Lord_Howe",
            yearly(
                10 * HOUR + half,
                [on(10, (First, Sun), 2 * HOUR, 11 * HOUR), on(4, (First, Sun), 2 * HOUR, 10 * HOUR + half)],
            ),
        ),
        (
            "Africa/Cairo", // its summer ends with the last Thursday of October
            yearly(2 * HOUR, [on(4, (Last, Fri), 0, 3 * HOUR), on(10, (Last, Thu), 24 * HOUR, 2 * HOUR)]),
        ),
        (
            "America/Santiago",
            yearly(
                -4 * HOUR,
                [
                    Change {
                        day: ChangeDay::OnOrAfter { month: 4, day: 2, weekday: Sun },
                        ..on(4, (First, Sun), 0, -4 * HOUR)
                    },
                    Change {
                        day: ChangeDay::OnOrAfter { month: 9, day: 2, weekday: Sun },
                        ..on(9, (First, Sun), 0, -3 * HOUR)
                    },
                ],
            ),
        ),
        ("Asia/Kathmandu", ZoneRules::new(5 * HOUR + 45 * 60, Vec::new())),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    /// From 2024 on these zones run as the zone database says, both ways, also beyond 2038 and in every changed week.
    #[test]
    fn t2_t4_own_rules_run_as_those_of_the_zone_database(
        number in 0usize..7,
        minutes in 0i64..60 * 24 * 365 * 75,
    ) {
        let (name, rules) = zones().swap_remove(number);
        let zone = RoomZone::named(&ZoneDatabase::bundled(), name).unwrap();
        let instant = utc("2024-01-01T00:00:00Z") + TimeDelta::minutes(minutes);
        prop_assert_eq!(rules.local(instant), zone.local(instant), "{} {}", name, instant);
        let wall = zone.local(instant);
        prop_assert_eq!(rules.resolve(wall, Fold::Second), zone.instant(wall), "{} {}", name, wall);
        // Near a change, where gaps and folds are.
        let near = wall.date().and_time(NaiveTime::MIN) + TimeDelta::minutes(minutes % 240);
        prop_assert_eq!(rules.resolve(near, Fold::Second), zone.instant(near), "{} {}", name, near);
    }
}

#[test]
fn t4_every_quarter_of_an_hour_of_two_years() {
    for (name, rules) in zones() {
        let zone = RoomZone::named(&ZoneDatabase::bundled(), name).unwrap();
        let first: NaiveDateTime = "2026-01-01T00:00:00".parse().unwrap();
        for quarter in 0..2 * 365 * 24 * 4 {
            let wall = first + TimeDelta::minutes(15 * quarter);
            assert_eq!(rules.resolve(wall, Fold::Second), zone.instant(wall), "{name} {wall}");
            assert_eq!(rules.local(wall.and_utc()), zone.local(wall.and_utc()), "{name} {wall}Z");
        }
    }
}

#[test]
fn t2_rules_that_change_with_the_year() {
    use DayIndex::{First, Last, Second};
    use Weekday::Sun;
    // The United States until 2006 and since, as Exchange says them.
    let (winter, summer) = (-5 * HOUR, -4 * HOUR);
    let old = vec![on(4, (First, Sun), 2 * HOUR, summer), on(10, (Last, Sun), 2 * HOUR, winter)];
    let new = vec![on(3, (Second, Sun), 2 * HOUR, summer), on(11, (First, Sun), 2 * HOUR, winter)];
    let eras = vec![
        Era { from: Some("2007-01-01T00:00:00".parse().unwrap()), offset: winter, changes: new },
        Era { from: None, offset: winter, changes: old },
    ];
    let rules = ZoneRules::of_eras(eras).unwrap();
    for (instant, wall) in [
        ("2006-03-20T12:00:00Z", "2006-03-20 07:00:00"),
        ("2006-04-03T12:00:00Z", "2006-04-03 08:00:00"),
        ("2006-11-01T12:00:00Z", "2006-11-01 07:00:00"),
        ("2007-03-20T12:00:00Z", "2007-03-20 08:00:00"),
        ("2007-11-01T12:00:00Z", "2007-11-01 08:00:00"),
        ("2040-03-20T12:00:00Z", "2040-03-20 08:00:00"),
        ("1601-07-01T12:00:00Z", "1601-07-01 08:00:00"), // the first era reaches back for ever
    ] {
        assert_eq!(rules.local(utc(instant)).to_string(), wall);
    }
}

#[test]
fn t2_single_changes_and_a_new_standard_time() {
    // Morocco: an hour ahead of Greenwich, but in Ramadan.
    let morocco = ZoneRules::new(
        HOUR,
        vec![
            once("2026-02-15", 3 * HOUR, 0),
            once("2026-03-22", 2 * HOUR, HOUR),
            once("2027-02-07", 3 * HOUR, 0),
        ],
    );
    for (instant, wall) in [
        ("2026-01-15T12:00:00Z", "2026-01-15 13:00:00"),
        ("2026-03-01T12:00:00Z", "2026-03-01 12:00:00"),
        ("2026-06-01T12:00:00Z", "2026-06-01 13:00:00"),
        ("2027-02-20T12:00:00Z", "2027-02-20 12:00:00"),
        ("2031-02-20T12:00:00Z", "2031-02-20 12:00:00"), // what was said last holds
    ] {
        assert_eq!(morocco.local(utc(instant)).to_string(), wall);
    }
    // A zone that gave summer time up and moved its standard time: the new era holds from its first moment.
    let eras = vec![
        Era {
            from: None,
            offset: 3 * HOUR,
            changes: vec![
                on(3, (DayIndex::Last, Weekday::Sun), 2 * HOUR, 4 * HOUR),
                on(10, (DayIndex::Last, Weekday::Sun), 3 * HOUR, 3 * HOUR),
            ],
        },
        Era { from: Some("2011-03-27T02:00:00".parse().unwrap()), offset: 4 * HOUR, changes: Vec::new() },
        Era { from: Some("2014-10-26T02:00:00".parse().unwrap()), offset: 3 * HOUR, changes: Vec::new() },
    ];
    let rules = ZoneRules::of_eras(eras).unwrap();
    let moscow = RoomZone::named(&ZoneDatabase::bundled(), "Europe/Moscow").unwrap();
    for day in 0..365 * 8 {
        let instant = utc("2008-06-01T12:00:00Z") + TimeDelta::days(day);
        assert_eq!(rules.local(instant), moscow.local(instant), "{instant}");
    }
}

#[test]
fn t2_a_change_lasts_from_its_first_to_its_last_day() {
    // As a VTIMEZONE says it: summer time from 1981 until 1995, and nothing since.
    let wall = |text: &str| Some(text.parse().unwrap());
    let (from, until) = (wall("1981-03-29T02:00:00"), wall("1995-09-24T03:00:00"));
    let summer = Change { from, until, ..on(3, (DayIndex::Last, Weekday::Sun), 2 * HOUR, 2 * HOUR) };
    let winter = Change { from, until, ..on(9, (DayIndex::Last, Weekday::Sun), 3 * HOUR, HOUR) };
    let rules = ZoneRules::new(HOUR, vec![summer, winter]);
    for (year, hour) in [(1970, 13), (1980, 13), (1981, 14), (1995, 14), (1996, 13), (2050, 13)] {
        let local = rules.local(utc(&format!("{year}-07-01T12:00:00Z")));
        assert_eq!(local.to_string(), format!("{year}-07-01 {hour}:00:00"));
    }
}

#[test]
fn t2_a_name_comes_before_the_rules_that_came_with_it() {
    let zones = ZoneDatabase::bundled();
    let rules = ZoneRules::new(HOUR, Vec::new());
    for (name, own) in
        [("Customized Time Zone", true), ("", true), ("Tokyo Standard Time", false), ("Asia/Tokyo", false)]
    {
        let clocks = ZoneRef::Own { name: name.to_owned(), rules: rules.clone() }.clocks(&zones);
        assert_eq!(matches!(clocks, Some(Clocks::Own(_))), own, "{name}");
    }
}

#[test]
fn t2_numbers_of_webdav() {
    for (id, name) in [
        (4, Some("Europe/Berlin")),
        (0, Some("Etc/UTC")),
        (51, Some("Europe/Moscow")),
        (52, None),
        (99, None),
    ] {
        let found = ZoneRef::of_cdo(id).zone(&ZoneDatabase::bundled());
        assert_eq!(found.as_ref().map(RoomZone::name), name, "{id}");
    }
    for id in 0..52 {
        assert!(ZoneRef::of_cdo(id).zone(&ZoneDatabase::bundled()).is_some(), "{id}");
    }
}

#[test]
fn rules_of_a_liar_do_no_harm() {
    let mad = Change {
        offset: i32::MAX,
        day: ChangeDay::Date { month: 13, day: 40 },
        seconds: i32::MIN,
        from: None,
        until: None,
    };
    let twice = Change { day: ChangeDay::Once(NaiveDate::MAX), ..mad };
    let rules = ZoneRules::new(i32::MIN, [mad, twice].repeat(2000));
    for instant in [DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC, utc("2026-03-02T08:00:00Z")] {
        let wall = rules.local(instant);
        rules.resolve(wall, Fold::First);
        rules.resolve(NaiveDateTime::MAX, Fold::Second);
    }
    assert_eq!(ZoneRules::of_eras(Vec::new()), None);
}
