use super::*;
use proptest::prelude::*;

fn start() -> DateTime<Utc> {
    "2026-11-21T09:00:00Z".parse().unwrap()
}

fn span(seconds: f64) -> TimeDelta {
    #[expect(clippy::cast_possible_truncation, reason = "a test's few seconds")]
    let micros = (seconds * 1e6).round() as i64;
    TimeDelta::microseconds(micros)
}

/// A reply of a clock that is `ahead`, dated in the middle of a request of `took` seconds that was sent at `second`, by a
/// server whose `Date` is `stale` seconds late.
fn dated(front_end: &str, ahead: f64, second: f64, took: f64, stale: f64) -> Dated {
    let (sent, received) = (start() + span(second), start() + span(second + took));
    let there = start() + span(second + took / 2.0 + ahead - stale);
    let date = DateTime::from_timestamp(there.timestamp(), 0).unwrap();
    Dated { front_end: front_end.to_owned(), date, sent, received, at: Duration::from_secs_f64(second) }
}

fn at(seconds: f64) -> Duration {
    Duration::from_secs_f64(seconds)
}

/// The one clock that is known.
fn only(dates: &Dates, now: f64) -> ServerClock {
    let clocks = dates.clocks(at(now));
    assert_eq!(clocks.len(), 1, "{clocks:?}");
    clocks[0].clone()
}

#[test]
fn a_date_is_of_http() {
    let second = "2026-11-21T09:00:00Z".parse().ok();
    for (text, expected) in [
        ("Sat, 21 Nov 2026 09:00:00 GMT", second),
        ("Fri, 21 Nov 2026 09:00:00 GMT", None),
        ("Sat, 21 Nov 2026 25:00:00 GMT", None),
        ("2026-11-21T09:00:00Z", None),
        ("", None),
        ("Sat, 21 Nov 99999 09:00:00 GMT", None),
    ] {
        assert_eq!(parse(text), expected, "{text}");
    }
}

#[test]
fn many_replies_narrow_a_second_down() {
    // pulled every 15 s, and a bit: the edge of the second is met sooner or later
    let mut dates = Dates::default();
    let mut before = f64::INFINITY;
    for reply in 0..8 {
        dates.take(&dated("EX01", 1.0, f64::from(reply) * 15.13, 0.020, 0.0));
        let clock = only(&dates, f64::from(reply) * 15.13);
        assert!((clock.offset - 1.0).abs() <= clock.uncertainty, "{clock:?}");
        assert!(clock.uncertainty <= before + 0.001, "{clock:?}");
        before = clock.uncertainty;
    }
    let clock = only(&dates, 106.0);
    assert!(clock.uncertainty < 0.1 && (clock.offset - 1.0).abs() < 0.1, "within two minutes: {clock:?}");
    assert_eq!(clock.readings, 8);
}

#[test]
fn what_is_not_read_again_ages_and_is_forgotten() {
    let mut dates = Dates::default();
    dates.take(&dated("EX01", 0.0, 0.0, 0.02, 0.0));
    let (fresh, old) = (only(&dates, 0.0), only(&dates, 3_600.0));
    assert!((old.uncertainty - fresh.uncertainty - 0.18).abs() < 1e-6, "50 ppm");
    dates.take(&dated("EX02", 0.0, 7_300.0, 0.02, 0.0));
    assert_eq!(only(&dates, 7_300.0).front_end, "EX02");
    dates.clear();
    assert_eq!(dates.clocks(at(7_300.0)), []);
}

#[test]
fn each_front_end_has_its_own_clock() {
    let mut dates = Dates::default();
    for reply in 0..20 {
        let second = f64::from(reply) * 3.07;
        let (name, ahead) = if reply % 2 == 0 { ("EX01", 0.0) } else { ("EX02", 45.0) };
        dates.take(&dated(name, ahead, second, 0.02, 0.0));
    }
    let clocks = dates.clocks(at(60.0));
    let found: Vec<_> = clocks.iter().map(|clock| (clock.front_end.as_str(), clock.offset.round())).collect();
    assert_eq!(found, [("EX01", 0.0), ("EX02", 45.0)]);
}

#[test]
fn several_clocks_behind_one_connection_are_told_apart_and_one_that_was_set_is_forgotten() {
    let mut dates = Dates::default();
    for reply in 0..12 {
        let ahead = if reply % 3 == 0 { 10_800.0 } else { 0.0 };
        dates.take(&dated("", ahead, f64::from(reply) * 3.07, 0.02, 0.0));
    }
    let mut found: Vec<f64> = dates.clocks(at(36.0)).iter().map(|clock| clock.offset.round()).collect();
    found.sort_by(f64::total_cmp);
    assert_eq!(found, [0.0, 10_800.0]);
    for reply in 12..36 {
        dates.take(&dated("", 0.0, f64::from(reply) * 3.07, 0.02, 0.0));
    }
    assert!(only(&dates, 110.0).offset.abs() < 0.6);
}

#[test]
fn a_date_that_is_kept_for_a_second_is_late_and_no_clock_of_its_own() {
    let mut dates = Dates::default();
    let mut made = -9.0;
    for reply in 0..60 {
        let second = f64::from(reply) * 0.43;
        if second - made >= 1.0 {
            made = second;
        }
        dates.take(&dated("EX01", 0.0, second, 0.02, second - made));
    }
    let clock = only(&dates, 26.0);
    assert!(clock.offset.abs() <= clock.uncertainty + 0.001, "{clock:?}");
    assert!(clock.uncertainty < 0.2, "{clock:?}");
}

#[test]
fn no_server_makes_us_remember_without_end() {
    let mut dates = Dates::default();
    for reply in 0..500 {
        dates.take(&dated(&format!("EX{reply}"), f64::from(reply), f64::from(reply), 0.02, 0.0));
        dates.take(&dated("EX", f64::from(reply) * 100.0, f64::from(reply), 0.02, 0.0));
    }
    assert!(dates.clocks(at(500.0)).len() <= MOST_FRONT_ENDS + MOST_CLOCKS);
}

proptest! {
    /// Whatever a request takes and whenever it is sent, the clock is where it is said to be.
    #[test]
    fn the_truth_is_within_what_is_said(
        ahead in prop_oneof![-3.0..3.0_f64, -20_000.0..20_000.0_f64],
        replies in prop::collection::vec((0.5..40.0_f64, 0.001..3.0_f64), 1..40),
    ) {
        let mut dates = Dates::default();
        let mut second = 0.0;
        for (pause, took) in replies {
            second += pause;
            dates.take(&dated("EX01", ahead, second, took, 0.0));
        }
        let clocks = dates.clocks(at(second));
        prop_assert_eq!(clocks.len(), 1);
        prop_assert!((clocks[0].offset - ahead).abs() <= clocks[0].uncertainty + 1e-4, "{:?}", clocks);
    }
}
