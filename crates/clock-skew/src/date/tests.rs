use super::{front_end::MOST_CLOCKS, *};
use chrono::TimeDelta;
use proptest::prelude::*;

fn start() -> DateTime<Utc> {
    "2026-11-21T09:00:00Z".parse().unwrap()
}

fn span(seconds: f64) -> TimeDelta {
    #[expect(clippy::cast_possible_truncation, reason = "a test's few seconds")]
    let micros = (seconds * 1e6).round() as i64;
    TimeDelta::microseconds(micros)
}

/// A name that front-end servers give; anything else tells connections apart.
fn by(name: &str) -> DatedBy {
    let name = name.to_owned();
    if name.starts_with("EX") { DatedBy::FrontEnd(name) } else { DatedBy::Connection(name) }
}

/// A reply of a clock that is `ahead`, dated in the middle of a request of `took` seconds that was sent at `second`, by a
/// server whose `Date` is `stale` seconds late.
fn dated(name: &str, ahead: f64, second: f64, took: f64, stale: f64) -> Dated {
    let (sent, received) = (start() + span(second), start() + span(second + took));
    let there = start() + span(second + took / 2.0 + ahead - stale);
    let date = DateTime::from_timestamp(there.timestamp(), 0).unwrap();
    Dated { by: by(name), date, sent, received, at: Duration::from_secs_f64(second) }
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

/// How far the clocks are ahead that are told, in whole seconds, after replies from (connection, seconds ahead), three seconds
/// apart from `begin` on.
fn told_after(dates: &mut Dates, begin: f64, replies: &[(&str, f64)]) -> Vec<f64> {
    let mut second = begin;
    for (name, ahead) in replies {
        second += 3.07;
        dates.take(&dated(name, *ahead, second, 0.02, 0.0));
    }
    let mut found: Vec<f64> = dates.clocks(at(second)).iter().map(|clock| clock.offset.round()).collect();
    found.sort_by(f64::total_cmp);
    found
}

#[test]
fn a_clock_that_was_set_is_told_by_its_second_reading() {
    let mut dates = Dates::default();
    for (begin, replies, expected) in [
        (0.0, &[("EX01", 45.0); 20][..], &[45.0][..]),
        (100.0, &[("EX01", 0.0)], &[0.0, 45.0]),
        (200.0, &[("EX01", 0.0)], &[0.0]),
        // set again by a second and a half, and back
        (1_000.0, &[("EX01", 0.0); 20], &[0.0]),
        (1_100.0, &[("EX01", 2.0), ("EX01", 2.0)], &[2.0]),
        (3_000.0, &[("EX01", -10_800.0), ("EX01", -10_800.0)], &[-10_800.0]),
    ] {
        assert_eq!(told_after(&mut dates, begin, replies), expected, "from {begin} s on");
    }
}

#[test]
fn one_reading_that_is_far_off_ends_no_clock() {
    let mut dates = Dates::default();
    told_after(&mut dates, 0.0, &[("EX01", 0.0); 12]);
    assert_eq!(told_after(&mut dates, 60.0, &[("EX01", 900.0), ("EX01", 0.0)]), [0.0, 900.0]);
    assert_eq!(told_after(&mut dates, 70.0, &[("EX01", 0.0)]), [0.0], "a proxy's, not the server's");
    let clock = only(&dates, 74.0);
    assert!(clock.readings == 14 && clock.uncertainty < 0.5, "nothing was lost: {clock:?}");
}

#[test]
fn clocks_that_take_turns_are_kept_apart_until_one_stays_away() {
    for turns in [["10.0.0.1", "10.0.0.1"], ["10.0.0.1 (1)", "10.0.0.1 (2)"]] {
        let mut dates = Dates::default();
        let good = [(turns[0], 0.0), (turns[0], 0.0)];
        let wrong = [(turns[1], 10_800.0)];
        for round in 0..4 {
            told_after(&mut dates, f64::from(round) * 10.0, &good);
            let found = told_after(&mut dates, f64::from(round) * 10.0 + 6.5, &wrong);
            assert!(round == 0 || found == [0.0, 10_800.0], "{turns:?}, round {round}: {found:?}");
        }
        let away: Vec<_> = good.into_iter().cycle().take(15).collect();
        assert_eq!(told_after(&mut dates, 40.0, &away), [0.0, 10_800.0], "by chance");
        assert_eq!(told_after(&mut dates, 90.0, &good[..1]), [0.0], "{turns:?}");
        // whoever was away for ten minutes is put out of account as fast as any other
        told_after(&mut dates, 100.0, &[wrong[0], good[0], wrong[0], good[0]]);
        assert_eq!(told_after(&mut dates, 800.0, &good), [0.0], "{turns:?}");
    }
}

#[test]
fn a_connection_that_ended_is_no_clock_for_long() {
    let mut dates = Dates::default();
    told_after(&mut dates, 0.0, &[("10.0.0.1 (1)", 45.0); 8]);
    assert_eq!(told_after(&mut dates, 60.0, &[("10.0.0.1 (2)", 0.0), ("10.0.0.1 (3)", 0.0)]), [0.0, 0.0]);
    assert_eq!(told_after(&mut dates, 700.0, &[("10.0.0.1 (4)", 0.0)]), [0.0], "one row");
    // a name is a machine: another one says nothing of it
    let mut dates = Dates::default();
    told_after(&mut dates, 0.0, &[("EX01", 45.0); 8]);
    assert_eq!(told_after(&mut dates, 700.0, &[("EX02", 0.0); 20]), [0.0, 45.0]);
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

/// By how much a clock is ahead: a little, or hours.
fn aheads() -> impl Strategy<Value = f64> {
    prop_oneof![-3.0..3.0_f64, -20_000.0..20_000.0_f64]
}

/// Fewer replies than this: how long after the one before each request was sent, and how long it took.
fn replies(limit: usize) -> impl Strategy<Value = Vec<(f64, f64)>> {
    prop::collection::vec((0.5..40.0_f64, 0.001..3.0_f64), 1..limit)
}

proptest! {
    /// Whatever a request takes and whenever it is sent, the clock is where it is said to be.
    #[test]
    fn the_truth_is_within_what_is_said(
        ahead in aheads(),
        replies in replies(40),
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

    /// However often a clock is set, by however much: what is told meets the newest reading, so that it is never wrong by more
    /// than two seconds and what the request took, one of them because a `Date` may be late; and from the second reading on that contradicts what was known, the
    /// clock is where it is said to be, and no other is told.
    #[test]
    fn a_clock_that_is_set_is_never_far_from_what_is_said(
        spells in prop::collection::vec((aheads(), replies(12)), 2..5),
    ) {
        let mut dates = Dates::default();
        let (mut second, mut before) = (0.0, Vec::<f64>::new());
        for (ahead, replies) in spells {
            // longer than clocks take turns
            second += 700.0;
            for (reply, (pause, took)) in replies.into_iter().enumerate() {
                second += pause;
                dates.take(&dated("EX01", ahead, second, took, 0.0));
                let clocks = dates.clocks(at(second));
                let newest = clocks.iter().min_by_key(|clock| clock.age).unwrap();
                let wrong = (newest.offset - ahead).abs() - newest.uncertainty;
                prop_assert!(wrong <= 2.0 + took, "{wrong} {clocks:?}");
                // too far from all that was before to be taken for that, or for late
                if before.iter().all(|before| (before - ahead).abs() > 12.0) {
                    prop_assert!(wrong <= 1e-4, "{wrong} {clocks:?}");
                    prop_assert!(reply == 0 || clocks.len() == 1, "{clocks:?}");
                }
            }
            before.push(ahead);
        }
    }
}
