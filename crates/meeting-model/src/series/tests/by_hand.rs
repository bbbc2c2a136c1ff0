//! Series computed by hand: what the walls of each zone say, and why.

use super::*;

/// A weekly series of an hour: its zone, its first start, a window, and its starts there.
type Case = (&'static str, &'static str, [&'static str; 2], &'static [&'static str]);

#[test]
fn t4_weeks_in_which_clocks_change() {
    let cases: [Case; 9] = [
        // Berlin springs forward on 29 March 2026, 02:00 to 03:00: 09:00 is 08:00Z before and 07:00Z after.
        (
            "Europe/Berlin",
            "2026-03-16T08:00:00Z",
            ["2026-03-20", "2026-04-07"],
            &["23 08:00", "30 07:00", "06 07:00"],
        ),
        // New York did on 8 March: in the three weeks between, its 09:00 is an hour closer to Berlin's.
        (
            "America/New_York",
            "2026-03-02T14:00:00Z",
            ["2026-03-02", "2026-03-18"],
            &["02 14:00", "09 13:00", "16 13:00"],
        ),
        // Sydney falls back on 5 April, in the southern autumn: 09:00 is 22:00Z of the day before, then 23:00Z.
        (
            "Australia/Sydney",
            "2026-03-22T22:00:00Z",
            ["2026-03-28", "2026-04-13"],
            &["29 22:00", "05 23:00", "12 23:00"],
        ),
        // Lord Howe falls back by half an hour on 5 April, from +11:00 to +10:30: 09:00 is 22:00Z, then 22:30Z.
        (
            "Australia/Lord_Howe",
            "2026-03-22T22:00:00Z",
            ["2026-03-28", "2026-04-13"],
            &["29 22:00", "05 22:30", "12 22:30"],
        ),
        // Egypt has summer time again since 2023, from the last Friday of April: 09:00 is 07:00Z, then 06:00Z.
        (
            "Africa/Cairo",
            "2026-04-13T07:00:00Z",
            ["2026-04-17", "2026-05-05"],
            &["20 07:00", "27 06:00", "04 06:00"],
        ),
        // It had none from 2015 to 2022: a series made then stays at 07:00Z throughout.
        (
            "Africa/Cairo",
            "2022-04-11T07:00:00Z",
            ["2022-04-17", "2022-05-03"],
            &["18 07:00", "25 07:00", "02 07:00"],
        ),
        // Morocco is at +01:00 but for Ramadan, in 2026 from 15 February to 22 March: 09:00 is 09:00Z, then 08:00Z.
        (
            "Africa/Casablanca",
            "2026-02-16T09:00:00Z",
            ["2026-03-09", "2026-03-31"],
            &["09 09:00", "16 09:00", "23 08:00", "30 08:00"],
        ),
        // Vancouver springs forward on 8 March 2026 for the last time and never falls back: 09:00 is 16:00Z, in December too.
        (
            "America/Vancouver",
            "2026-10-19T16:00:00Z",
            ["2026-10-25", "2026-11-10"],
            &["26 16:00", "02 16:00", "09 16:00"],
        ),
        (
            "America/Vancouver",
            "2026-10-19T16:00:00Z",
            ["2026-12-06", "2026-12-20"],
            &["07 16:00", "14 16:00"],
        ),
    ];
    check(&cases);
}

#[test]
fn t4_years_long_gone_and_far_ahead() {
    let cases: [Case; 4] = [
        // Before 1970 instants are negative. Berlin kept +01:00 all year in 1969: 09:00 is 08:00Z in July as in January.
        ("Europe/Berlin", "1969-01-06T08:00:00Z", ["1969-07-01", "1969-07-15"], &["07 08:00", "14 08:00"]),
        // London did not fall back in 1968 and stayed at +01:00 until 1971.
        ("Europe/London", "1969-01-06T08:00:00Z", ["1969-12-01", "1969-12-15"], &["01 08:00", "08 08:00"]),
        // After 2037 the tables end and the rule that they close with goes on: summer time in July 2050, none in December.
        ("Europe/Berlin", "2026-01-05T08:00:00Z", ["2050-07-01", "2050-07-12"], &["04 07:00", "11 07:00"]),
        ("Europe/Berlin", "2026-01-05T08:00:00Z", ["2050-12-01", "2050-12-13"], &["05 08:00", "12 08:00"]),
    ];
    check(&cases);
}

fn check(cases: &[Case]) {
    for (name, first, [from, to], expected) in cases {
        let zone = zone(name);
        let begin = zone.local(utc(first)).date();
        let series = series(weekly(begin.weekday()), &begin.to_string());
        let master = master(utc(first), utc(first) + TimeDelta::hours(1), false);
        let window =
            Window { start: utc(&format!("{from}T00:00:00Z")), end: utc(&format!("{to}T00:00:00Z")) };
        let found: Vec<_> = expand(&master, &series, &zone, window)
            .iter()
            .map(|one| one.start.format("%d %H:%M").to_string())
            .collect();
        assert_eq!(found, *expected, "{name} from {first}");
    }
}

/// A series starts at most once a day, and a day that is skipped altogether has no such time: Samoa went over the date line
/// at the end of 29 December 2011. What falls on the 30th moves forward by the day that was skipped (rule T4).
#[test]
fn t4_a_day_that_was_skipped() {
    let master = master(utc("2011-12-26T19:00:00Z"), utc("2011-12-26T20:00:00Z"), false); // 09:00 at -10:00
    let series = series(Pattern::Daily { interval: 1 }, "2011-12-26");
    let found =
        starts(&master, &series, &zone("Pacific/Apia"), "2011-12-28T00:00:00Z", "2012-01-01T00:00:00Z");
    assert_eq!(
        found,
        [
            "2011-12-28 28 19:00",
            "2011-12-29 29 19:00",
            "2011-12-30 30 19:00",
            "2011-12-31 30 19:00",
            "2012-01-01 31 19:00"
        ]
    );
}
