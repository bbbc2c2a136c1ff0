//! How right the clocks are.

use super::{
    Page, Tint,
    status::warn,
    table::{Cell, heading, table},
};
use crate::clocks::spoken;
use control::{ClockReport, ClockState, ExchangeClock, NtpSource, NtpVerdict};
use std::io;

/// Writes how right this machine's clock is, what every NTP server says, and how right every Exchange server is; then what
/// to do.
///
/// # Errors
/// When it cannot be written.
pub fn clock(page: &mut Page<'_>, report: &ClockReport) -> io::Result<()> {
    let (word, tint) = word(report.state);
    let state = page.paint(tint, word);
    let machine = report.ahead_us.map_or_else(
        || "nobody says how right this machine's is".to_owned(),
        |ahead| {
            let uncertainty = fine(report.uncertainty_us.unwrap_or_default().cast_signed());
            let age = age(report.age_us.unwrap_or_default());
            format!("this machine's is {} {} (± {uncertainty}, {age} ago)", fine(ahead), side(ahead))
        },
    );
    page.line(&format!("clocks: {state}; {machine}"))?;
    if !report.ntp.is_empty() {
        page.line("")?;
        let titles =
            ["NTP server", "address", "offset", "delay", "jitter", "stratum", "reach", "age", "verdict", ""];
        let rows: Vec<_> = [heading(titles)].into_iter().chain(report.ntp.iter().map(source)).collect();
        table(page, "", &rows)?;
    }
    if !report.exchange.is_empty() {
        page.line("")?;
        let titles = ["Exchange", "front end", "clock", "replies", "age", "verdict"];
        let rows: Vec<_> =
            [heading(titles)].into_iter().chain(report.exchange.iter().map(exchange)).collect();
        table(page, "", &rows)?;
    }
    for warning in &report.warnings {
        warn(page, warning)?;
    }
    Ok(())
}

fn source(source: &NtpSource) -> [Cell; 10] {
    let (verdict, tint) = match source.verdict {
        NtpVerdict::Waiting => ("waiting", Tint::Plain),
        NtpVerdict::True => ("true", Tint::Good),
        NtpVerdict::Falseticker => ("falseticker", Tint::Bad),
        NtpVerdict::Disputed => ("disputed", Tint::Bad),
        NtpVerdict::Silent => ("silent", Tint::Notice),
        NtpVerdict::Refuses => ("refuses", Tint::Bad),
        NtpVerdict::Unusable => ("unusable", Tint::Bad),
    };
    let signed = |us: i64| format!("{}{}", if us < 0 { "-" } else { "+" }, fine(us));
    [
        Cell::plain(&source.server),
        Cell::plain(source.address.as_deref().unwrap_or_default()),
        Cell::plain(source.offset_us.map(signed).unwrap_or_default()),
        Cell::plain(source.delay_us.map(|us| fine(us.cast_signed())).unwrap_or_default()),
        Cell::plain(source.jitter_us.map(|us| fine(us.cast_signed())).unwrap_or_default()),
        Cell::plain(source.stratum.map(|stratum| stratum.to_string()).unwrap_or_default()),
        Cell::plain(format!("{:03o}", source.reach)),
        Cell::plain(source.age_us.map(age).unwrap_or_default()),
        Cell::new(tint, verdict),
        Cell::new(Tint::Bad, source.trouble.as_deref().unwrap_or_default()),
    ]
}

fn exchange(clock: &ExchangeClock) -> [Cell; 6] {
    let (word, tint) = word(clock.state);
    let uncertainty = fine(clock.uncertainty_us.cast_signed());
    [
        Cell::plain(&clock.server),
        Cell::plain(&clock.front_end),
        Cell::plain(format!("{} {} ± {uncertainty}", fine(clock.ahead_us), side(clock.ahead_us))),
        Cell::plain(clock.readings.to_string()),
        Cell::plain(age(clock.age_us)),
        Cell::new(tint, if clock.state == ClockState::Unknown { "not heard lately" } else { word }),
    ]
}

fn word(state: ClockState) -> (&'static str, Tint) {
    match state {
        ClockState::Good => ("good", Tint::Good),
        ClockState::Unknown => ("unknown", Tint::Notice),
        ClockState::Skewed => ("skewed", Tint::Notice),
        ClockState::Degraded => ("degraded", Tint::Bad),
    }
}

fn side(us: i64) -> &'static str {
    if us < 0 { "behind" } else { "ahead" }
}

/// Without its sign: `12 µs`, `3.456 ms`, `45.0 s`, `3 h 0 min`.
fn fine(us: i64) -> String {
    match us.unsigned_abs() {
        us @ 0..1_000 => format!("{us} µs"),
        us @ 1_000..1_000_000 => format!("{}.{:03} ms", us / 1_000, us % 1_000),
        _ => spoken(seconds(us)),
    }
}

fn age(us: u64) -> String {
    spoken(seconds(us.cast_signed()))
}

#[expect(clippy::cast_precision_loss, reason = "told in tenths of a second")]
fn seconds(us: i64) -> f64 {
    us as f64 / 1e6
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::tests::page_in_berlin;
    use insta::assert_snapshot;

    const REPORT: &str = r#"{
        "state": "degraded", "ahead_us": 10800000123, "uncertainty_us": 2950, "age_us": 12000000,
        "ntp": [
            {"server": "ntp1.example.com", "address": "192.0.2.1:123", "offset_us": -10800000120, "age_us": 12000000, "delay_us": 1204,
             "jitter_us": 31, "stratum": 2, "reach": 255, "verdict": "true"},
            {"server": "ntp2.example.com", "address": "192.0.2.2:123", "offset_us": 5000123, "age_us": 903000000, "delay_us": 998,
             "jitter_us": 12, "stratum": 1, "reach": 255, "verdict": "falseticker"},
            {"server": "[2001:db8::7]:1123", "reach": 0, "verdict": "silent",
             "trouble": "no answer within 1.5 s; check that UDP gets out to it and back"}
        ],
        "exchange": [
            {"server": "hq", "front_end": "EX01", "ahead_us": -45012345, "uncertainty_us": 41000, "readings": 214,
             "age_us": 4000000, "state": "degraded"},
            {"server": "hq", "front_end": "EX02", "ahead_us": 12345, "uncertainty_us": 512000, "readings": 1,
             "age_us": 2760000000, "state": "unknown"}
        ],
        "warnings": [
            {"id": "clock-skew", "about": "hq", "sentence": "the clock of `EX01` is 45.0 s behind NTP's",
             "remedy": "have Exchange and callboard ask the same NTP servers"}
        ]
    }"#;

    #[test]
    fn every_source_has_a_row() {
        let report: ClockReport = serde_json::from_str(REPORT).unwrap();
        assert_snapshot!(page_in_berlin(|page| clock(page, &report)), @"
        clocks: degraded; this machine's is 3 h 0 min ahead (± 2.950 ms, 12.0 s ago)

        NTP server          address        offset      delay     jitter  stratum  reach  age         verdict
        ntp1.example.com    192.0.2.1:123  -3 h 0 min  1.204 ms  31 µs   2        377    12.0 s      true
        ntp2.example.com    192.0.2.2:123  +5.0 s      998 µs    12 µs   1        377    15 min 3 s  falseticker
        [2001:db8::7]:1123                                                        000                silent       no answer within 1.5 s; check that UDP gets out to it and back

        Exchange  front end  clock                         replies  age         verdict
        hq        EX01       45.0 s behind ± 41.000 ms     214      4.0 s       degraded
        hq        EX02       12.345 ms ahead ± 512.000 ms  1        46 min 0 s  not heard lately

        warning clock-skew hq: the clock of `EX01` is 45.0 s behind NTP's
          have Exchange and callboard ask the same NTP servers
        ");
    }

    #[test]
    fn where_nothing_is_known_there_is_one_line() {
        assert_snapshot!(
            page_in_berlin(|page| clock(page, &ClockReport::default())),
            @"clocks: unknown; nobody says how right this machine's is"
        );
    }
}
