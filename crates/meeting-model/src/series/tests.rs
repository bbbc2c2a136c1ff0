mod by_hand;
mod upstream;

use super::*;
use crate::{
    example::{meeting, utc},
    recurrence::{RangeEnd, Recurrence},
    zone::{RoomZone, ZoneDatabase, ZoneRef},
};
use chrono::{Datelike, Offset, TimeZone, Weekday};
use proptest::prelude::*;

fn zone(name: &str) -> ItemZone {
    let zones = ZoneDatabase::bundled();
    let room = RoomZone::named(&zones, "Europe/Berlin").unwrap();
    ItemZone::of(&ZoneRef::Named(name.to_owned()), &zones, &room)
}

fn master(start: DateTime<Utc>, end: DateTime<Utc>, all_day: bool) -> CalendarItem {
    CalendarItem { start, end, all_day, ..meeting("series", "2026-03-02T08:00:00Z") }
}

fn series(pattern: Pattern, start_date: &str) -> Series {
    let recurrence = Recurrence { pattern, start_date: start_date.parse().unwrap(), end: RangeEnd::Never };
    Series { recurrence, exceptions: Vec::new(), deleted: Vec::new(), overrides: Vec::new() }
}

fn weekly(day: Weekday) -> Pattern {
    Pattern::Weekly { interval: 1, days: vec![day], first_day_of_week: Weekday::Mon }
}

fn exception(original: &str, start: &str, end: &str) -> Exception {
    Exception { original_start: utc(original), start: utc(start), end: utc(end), item: None }
}

fn starts(master: &CalendarItem, series: &Series, zone: &ItemZone, from: &str, to: &str) -> Vec<String> {
    let window = Window { start: utc(from), end: utc(to) };
    let instances = expand(master, series, zone, window);
    instances.iter().map(|one| format!("{} {}", one.date, one.start.format("%d %H:%M"))).collect()
}

#[test]
fn t1_wall_clock_holds_across_summer_time() {
    let master = master(utc("2026-03-02T08:00:00Z"), utc("2026-03-02T09:00:00Z"), false);
    let series = series(weekly(Weekday::Mon), "2026-03-02");
    let found = starts(
        &master,
        &series,
        &zone("W. Europe Standard Time"),
        "2026-03-20T00:00:00Z",
        "2026-04-07T00:00:00Z",
    );
    assert_eq!(found, ["2026-03-23 23 08:00", "2026-03-30 30 07:00", "2026-04-06 06 07:00"]);
}

#[test]
fn t1_exceptions_replace_and_deletions_remove() {
    let master = master(utc("2026-03-02T08:00:00Z"), utc("2026-03-02T09:00:00Z"), false);
    let mut series = series(Pattern::Daily { interval: 1 }, "2026-03-02");
    series.deleted = vec![utc("2026-03-31T07:00:00Z"), utc("2026-04-03T07:00:00Z")];
    series.exceptions = vec![
        exception("2026-03-30T07:00:00Z", "2026-03-30T12:00:00Z", "2026-03-30T13:00:00Z"),
        // Moved into the window from far outside, out of the window, and listed as deleted, too.
        exception("2026-09-01T07:00:00Z", "2026-04-02T15:00:00Z", "2026-04-02T16:00:00Z"),
        exception("2026-04-02T07:00:00Z", "2026-08-02T07:00:00Z", "2026-08-02T08:00:00Z"),
        exception("2026-04-03T07:00:00Z", "2026-04-03T18:00:00Z", "2026-04-03T17:00:00Z"),
    ];
    let found =
        starts(&master, &series, &zone("Europe/Berlin"), "2026-03-29T00:00:00Z", "2026-04-04T00:00:00Z");
    assert_eq!(
        found,
        [
            "2026-03-29 29 07:00",
            "2026-04-01 01 07:00",
            "2026-03-30 30 12:00",
            "2026-04-03 03 18:00",
            "2026-09-01 02 15:00",
        ]
    );
}

#[test]
fn t4_gap_and_fold_of_a_series() {
    let master = master(utc("2026-01-01T01:30:00Z"), utc("2026-01-01T02:00:00Z"), false); // 02:30 to 03:00
    let series = series(Pattern::Daily { interval: 1 }, "2026-01-01");
    let span = |from: &str, to: &str| {
        let window = Window { start: utc(from), end: utc(to) };
        let one = expand(&master, &series, &zone("Europe/Berlin"), window).remove(0);
        (one.start, one.end)
    };
    // 02:30 does not exist: it becomes 03:30, and keeps its half hour.
    assert_eq!(
        span("2026-03-29T00:30:00Z", "2026-03-29T12:00:00Z"),
        (utc("2026-03-29T01:30:00Z"), utc("2026-03-29T02:00:00Z"))
    );
    // 02:30 comes twice: the second.
    assert_eq!(
        span("2026-10-24T12:00:00Z", "2026-10-25T12:00:00Z"),
        (utc("2026-10-25T01:30:00Z"), utc("2026-10-25T02:00:00Z"))
    );
}

#[test]
fn t4_whole_days_that_begin_in_a_gap_end_with_the_day() {
    // Santiago's clocks go from midnight to one on 6 September.
    let two_days = master(utc("2026-09-01T04:00:00Z"), utc("2026-09-03T04:00:00Z"), true);
    let series = series(Pattern::Daily { interval: 5 }, "2026-09-01");
    let window = Window { start: utc("2026-09-05T00:00:00Z"), end: utc("2026-09-10T00:00:00Z") };
    let found = expand(&two_days, &series, &zone("Pacific SA Standard Time"), window);
    let found: Vec<_> = found.into_iter().map(|one| (one.start, one.end)).collect();
    assert_eq!(found, [(utc("2026-09-06T04:00:00Z"), utc("2026-09-08T03:00:00Z"))]);
}

#[test]
fn t4_all_day_series_by_civil_dates() {
    // Whole Mondays in Berlin, one deleted and one moved, all as midnights in UTC.
    let master = master(utc("2026-03-15T23:00:00Z"), utc("2026-03-16T23:00:00Z"), true);
    let mut series = series(weekly(Weekday::Mon), "2026-03-16");
    series.deleted = vec![utc("2026-04-05T22:00:00Z")];
    series.exceptions =
        vec![exception("2026-04-12T22:00:00Z", "2026-04-13T22:00:00Z", "2026-04-14T22:00:00Z")];
    let expected = ["2026-03-23 22 23:00", "2026-03-30 29 22:00", "2026-04-13 13 22:00"];
    // An unknown zone is read as the room's, and its dates by the UTC date of the start and 13 hours.
    for name in ["W. Europe Standard Time", "Customized Time Zone"] {
        let found = starts(&master, &series, &zone(name), "2026-03-20T00:00:00Z", "2026-04-19T00:00:00Z");
        assert_eq!(found, expected, "{name}");
    }
}

#[test]
fn t2_a_series_in_an_unknown_zone_keeps_its_dates() {
    // 09:00 in Auckland is 21:00 or 22:00 of the day before in Berlin, which stands in; Auckland's summer time ends on
    // 5 April, so the deletion of the 6th is an hour beside what Berlin's clock would say.
    let master = master(utc("2026-03-01T20:00:00Z"), utc("2026-03-01T21:00:00Z"), false);
    let mut series = series(Pattern::Daily { interval: 1 }, "2026-03-02");
    series.deleted = vec![utc("2026-04-05T21:00:00Z")];
    let found = starts(
        &master,
        &series,
        &zone("tzone://Microsoft/Custom"),
        "2026-04-04T00:00:00Z",
        "2026-04-07T00:00:00Z",
    );
    assert_eq!(found, ["2026-04-05 04 19:00", "2026-04-07 06 19:00"]);
}

#[test]
fn t2_a_series_in_a_zone_of_its_own_keeps_its_wall_clock() {
    use crate::{
        recurrence::DayIndex::Last,
        zone::rules::{Change, ChangeDay, ZoneRules},
    };
    // A customized zone: Berlin's clocks, but its summer begins two weeks late.
    let change = |month, hours, from: i32, index| {
        let day = ChangeDay::Weekday { month, weekday: Weekday::Sun, index };
        Change { offset: hours * 3600, day, seconds: from * 3600, from: None, until: None }
    };
    let rules = ZoneRules::new(
        3600,
        vec![change(4, 2, 2, crate::recurrence::DayIndex::Second), change(10, 1, 3, Last)],
    );
    let zones = ZoneDatabase::bundled();
    let named = ZoneRef::Own { name: "Customized Time Zone".to_owned(), rules };
    let own = ItemZone::of(&named, &zones, &RoomZone::named(&zones, "Asia/Tokyo").unwrap());
    let master = master(utc("2026-03-02T08:00:00Z"), utc("2026-03-02T09:00:00Z"), false);
    let mut series = series(weekly(Weekday::Mon), "2026-03-02");
    series.deleted = vec![utc("2026-04-20T07:00:00Z")];
    let found = starts(&master, &series, &own, "2026-03-29T00:00:00Z", "2026-04-30T00:00:00Z");
    assert_eq!(
        found,
        ["2026-03-30 30 08:00", "2026-04-06 06 08:00", "2026-04-13 13 07:00", "2026-04-27 27 07:00"]
    );
}

#[test]
fn a_long_occurrence_is_found_though_it_began_before_the_window() {
    let master = master(utc("2026-03-02T08:00:00Z"), utc("2026-03-12T08:00:00Z"), false);
    let series = series(Pattern::AbsoluteMonthly { interval: 1, day_of_month: 2 }, "2026-03-02");
    let found = starts(&master, &series, &zone("UTC"), "2026-05-12T00:00:00Z", "2026-05-12T01:00:00Z");
    assert_eq!(found, ["2026-05-02 02 08:00"]);
}

#[test]
fn a_regenerating_series_shows_its_first() {
    let master = master(utc("2026-03-02T08:00:00Z"), utc("2026-03-02T09:00:00Z"), false);
    let series = series(Pattern::Regenerating, "2026-03-02");
    let found = starts(&master, &series, &zone("UTC"), "2026-03-01T00:00:00Z", "2026-04-01T00:00:00Z");
    assert_eq!(found, ["2026-03-02 02 08:00"]);
}

/// What the walls of a zone mean, by another zone library: rules before 2026 are the same in both.
fn reference_instant(zone: chrono_tz::Tz, wall: NaiveDateTime) -> DateTime<Utc> {
    match zone.from_local_datetime(&wall) {
        chrono::LocalResult::Single(instant) | chrono::LocalResult::Ambiguous(_, instant) => instant.to_utc(),
        chrono::LocalResult::None => {
            let before = zone.from_local_datetime(&(wall - TimeDelta::hours(3))).unwrap();
            (wall - TimeDelta::seconds(before.offset().fix().local_minus_utc().into())).and_utc()
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn t1_t4_a_daily_series_keeps_its_wall_clock_in_every_zone(
        name in proptest::sample::select(vec![
            "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Santiago", "Asia/Kolkata", "Pacific/Apia",
        ]),
        begin in 0i64..2900,
        minute in 0i64..1440,
        interval in 1u32..20,
        offset in 0i64..2000,
        holes in proptest::collection::btree_set(0i64..120, 0..10),
    ) {
        let tz: chrono_tz::Tz = name.parse().unwrap();
        let first = days_on("2012-01-01".parse().unwrap(), begin);
        let wall = |date: NaiveDate| date.and_time(NaiveTime::MIN) + TimeDelta::minutes(minute);
        let start = reference_instant(tz, wall(first));
        prop_assume!(tz.from_utc_datetime(&start.naive_utc()).naive_local() == wall(first));
        let master = master(start, start + TimeDelta::minutes(30), false);
        let mut series = series(Pattern::Daily { interval }, &first.to_string());
        let from = first + TimeDelta::days(offset);
        let all = (0..).map(|nth| first + TimeDelta::days(nth * i64::from(interval)));
        let near: Vec<NaiveDate> = all.skip_while(|date| *date < from).take_while(|date| *date < from + TimeDelta::days(120)).collect();
        let hole = |date: NaiveDate| holes.contains(&(date - from).num_days());
        series.deleted = near.iter().filter(|date| hole(**date)).map(|date| reference_instant(tz, wall(*date))).collect();

        let edge = |days| wall(from + TimeDelta::days(days)).and_utc();
        let window = Window { start: edge(2), end: edge(118) };
        let found: Vec<_> = expand(&master, &series, &zone(name), window).into_iter().map(|one| (one.date, one.start)).collect();
        let expected: Vec<_> = near.iter()
            .filter(|date| !hole(**date))
            .map(|date| (*date, reference_instant(tz, wall(*date))))
            .filter(|(_, start)| *start < window.end && *start + TimeDelta::minutes(30) > window.start)
            .collect();
        prop_assert!(near.iter().all(|date| date.year() < 2026));
        prop_assert_eq!(found, expected);
    }
}
