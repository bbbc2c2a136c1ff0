//! The clocks in numbers: how wrong this machine's is, and what each source says.
//!
//! NTP servers are told apart by their place in the configuration, which holds their addresses; Exchange's by the server's
//! configured name, of whose front ends the one that is furthest off speaks.

use super::written::Written;
use chrono::TimeDelta;
use control::{ClockReport, ClockState, ExchangeClock, NtpSource, NtpVerdict};
use std::{collections::BTreeMap, fmt, time::Duration};

type Labels = [(&'static str, String); 2];

/// What one source says.
struct Source {
    labels: Labels,
    ahead: Option<f64>,
    uncertainty: Option<f64>,
    degraded: bool,
}

/// The clocks; of the sources only what was reported.
pub(super) fn clock(
    state: ClockState,
    report: Option<&ClockReport>,
    out: &mut Written<'_, '_>,
) -> fmt::Result {
    let degraded = flag(state == ClockState::Degraded);
    out.number("clock_degraded", "1 while a clock is wrong by half a minute or more.", degraded)?;
    let Some(report) = report else { return Ok(()) };
    let ahead = report.ahead_us.map(signed);
    out.seconds("clock_offset", "How far this machine's clock is ahead of NTP's.", ahead)?;
    let uncertainty = report.uncertainty_us.map(span);
    out.seconds("clock_uncertainty", "The truth may be so far from the offset.", uncertainty)?;
    out.seconds("clock_age", "How long ago the offset was measured.", report.age_us.map(span))?;
    sources(report, out)
}

fn sources(report: &ClockReport, out: &mut Written<'_, '_>) -> fmt::Result {
    let ntp = (1..).zip(&report.ntp).map(|(place, source)| of_ntp(place, source));
    let sources: Vec<Source> = ntp.chain(furthest(&report.exchange).map(of_exchange)).collect();
    out.labelled_seconds(
        "clock_source_offset",
        "How far an NTP server's clock is ahead of this machine's, and Exchange's of NTP's.",
        sources.iter().filter_map(|source| Some((source.labels.clone(), source.ahead?))),
    )?;
    out.labelled_seconds(
        "clock_source_uncertainty",
        "The truth may be so far from a source's offset; of an NTP server half the delay.",
        sources.iter().filter_map(|source| Some((source.labels.clone(), source.uncertainty?))),
    )?;
    out.labelled(
        "clock_source_degraded",
        "1 where an NTP server is not to be relied on, or Exchange is wrong by half a minute or more.",
        sources.iter().map(|source| (source.labels.clone(), flag(source.degraded))),
    )
}

fn of_ntp(place: usize, source: &NtpSource) -> Source {
    Source {
        labels: [("kind", "ntp".to_owned()), ("source", place.to_string())],
        ahead: source.offset_us.map(signed),
        uncertainty: source.delay_us.map(|delay| span(delay / 2)),
        degraded: !matches!(source.verdict, NtpVerdict::True | NtpVerdict::Waiting),
    }
}

fn of_exchange(clock: &ExchangeClock) -> Source {
    Source {
        labels: [("kind", "exchange".to_owned()), ("source", clock.server.clone())],
        ahead: Some(signed(clock.ahead_us)),
        uncertainty: Some(span(clock.uncertainty_us)),
        degraded: clock.state == ClockState::Degraded,
    }
}

/// Of each server the front end that is furthest off, of those that were heard lately.
fn furthest(clocks: &[ExchangeClock]) -> impl Iterator<Item = &ExchangeClock> {
    let mut furthest: BTreeMap<&str, &ExchangeClock> = BTreeMap::new();
    for clock in clocks.iter().filter(|clock| clock.state != ClockState::Unknown) {
        let found = furthest.entry(&clock.server).or_insert(clock);
        if found.ahead_us.unsigned_abs() < clock.ahead_us.unsigned_abs() {
            *found = clock;
        }
    }
    furthest.into_values()
}

fn flag(is: bool) -> f64 {
    f64::from(u8::from(is))
}

fn signed(us: i64) -> f64 {
    TimeDelta::microseconds(us).as_seconds_f64()
}

fn span(us: u64) -> f64 {
    Duration::from_micros(us).as_secs_f64()
}
