//! Where `rrule` cannot be used as it is, and what is done instead: rules run on civil dates in UTC, from the period that the
//! window begins in (`series/pattern.rs`). A test here that fails says that a new release does better.

use super::*;
use rrule::RRuleSet;

fn upstream(text: &str) -> Vec<DateTime<Utc>> {
    let set: RRuleSet = text.parse().unwrap();
    set.all(100).dates.into_iter().map(|date| date.to_utc()).collect()
}

/// Upstream issue 109 (github.com/fmeringdal/rust-rrule/issues/109): a start that the clocks skip is left out, where Exchange
/// and RFC 5545 §3.3.5 move it forward. Santiago skips the midnight of 6 September 2026.
#[test]
fn rrule_109_drops_a_midnight_that_the_clocks_skip() {
    let theirs = upstream("DTSTART;TZID=America/Santiago:20260905T000000\nRRULE:FREQ=DAILY;COUNT=3");
    assert!(!theirs.contains(&utc("2026-09-06T04:00:00Z")), "{theirs:?}");

    let master = master(utc("2026-09-05T04:00:00Z"), utc("2026-09-05T05:00:00Z"), false);
    let series = series(Pattern::Daily { interval: 1 }, "2026-09-05");
    let ours =
        starts(&master, &series, &zone("America/Santiago"), "2026-09-05T00:00:00Z", "2026-09-08T00:00:00Z");
    assert_eq!(ours, ["2026-09-05 05 04:00", "2026-09-06 06 04:00", "2026-09-07 07 03:00"]);
}

/// Its zones are those of `chrono-tz`, which has Vancouver fall back in November 2026.
#[test]
fn rrule_has_the_zones_of_another_year() {
    let theirs = upstream("DTSTART;TZID=America/Vancouver:20261207T090000\nRRULE:FREQ=DAILY;COUNT=1");
    assert_eq!(theirs, [utc("2026-12-07T17:00:00Z")]);
    assert_eq!(
        zone("America/Vancouver").instant("2026-12-07T09:00:00".parse().unwrap()),
        utc("2026-12-07T16:00:00Z")
    );
}

/// Upstream issue 137 (github.com/fmeringdal/rust-rrule/issues/137): its iterator cannot be told where to begin. It walks from
/// DTSTART, which of a daily series that began in 1601 is 155,287 days to March 2026.
#[test]
fn rrule_137_walks_from_the_first_occurrence() {
    let set: RRuleSet = "DTSTART:16010101T000000Z\nRRULE:FREQ=DAILY".parse().unwrap();
    let march = rrule::Tz::UTC.from_utc_datetime(&utc("2026-03-01T00:00:00Z").naive_utc());
    let walked = set.after(march).into_iter().position(|date| date == march);
    assert_eq!(walked, Some(155_287));

    // A rule that is begun with the period of the window walks none of them.
    let recurrence = series(Pattern::Daily { interval: 1 }, "1601-01-01").recurrence;
    let (from, to) = ("2026-03-01".parse().unwrap(), "2026-03-31".parse().unwrap());
    assert_eq!(pattern::dates(&recurrence, from, to).len(), 31);
}

/// The 31st of a shorter month is skipped, as RFC 5545 §3.3.10 has it; Exchange has its last day (rule T3). So the day of the
/// month is said as a set: `BYMONTHDAY=-1`, or `BYMONTHDAY=28,29,30;BYSETPOS=-1`.
#[test]
fn rrule_skips_the_31st_of_a_shorter_month() {
    let theirs = upstream("DTSTART:20260131T000000Z\nRRULE:FREQ=MONTHLY;BYMONTHDAY=31;COUNT=2");
    assert_eq!(theirs, [utc("2026-01-31T00:00:00Z"), utc("2026-03-31T00:00:00Z")]);

    let recurrence =
        series(Pattern::AbsoluteMonthly { interval: 1, day_of_month: 31 }, "2026-01-31").recurrence;
    let dates = pattern::dates(&recurrence, "2026-02-01".parse().unwrap(), "2026-03-31".parse().unwrap());
    assert_eq!(dates.iter().map(ToString::to_string).collect::<Vec<_>>(), ["2026-02-28", "2026-03-31"]);
}
