//! The clock: by how much this machine's is corrected, who says so, and how that went over the day.

use super::{
    SignedIn,
    layout::{self, Tab},
    said::{self, Standing},
};
use crate::server::Shared;
use axum::{extract::State, response::Response};
use chrono::{DateTime, TimeDelta, Utc};
use control::{ClockReport, ClockState, ExchangeClock, Message, NtpSource, NtpVerdict, Request};
use maud::{Markup, html};
use std::{
    collections::VecDeque,
    fmt::Write,
    sync::{Arc, Mutex, PoisonError},
};

/// How often a look at the clock is kept.
pub(crate) const EVERY: std::time::Duration = std::time::Duration::from_mins(1);

/// How far back the plot goes.
const DAY: TimeDelta = TimeDelta::days(1);

/// The line's size, in its own units: it is as wide as there is room for, and so many pixels high.
const WIDTH: i64 = 1000;
const HEIGHT: i64 = 200;

/// What was known of the clock over a day.
#[derive(Debug, Default)]
pub(crate) struct ClockLog(Mutex<VecDeque<(DateTime<Utc>, i64)>>);

impl ClockLog {
    /// Keeps how far the machine's clock was ahead at a moment, in microseconds.
    fn keep(&self, now: DateTime<Utc>, ahead_us: i64) {
        let mut log = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        log.push_back((now, ahead_us));
        while log.front().is_some_and(|(at, _)| now - *at > DAY) {
            log.pop_front();
        }
    }

    fn all(&self) -> Vec<(DateTime<Utc>, i64)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().copied().collect()
    }
}

/// Looks at the clock, and keeps what is seen.
pub(crate) async fn look(feed: &Shared) {
    if let Some(ahead) = report(feed).await.and_then(|report| report.ahead_us) {
        feed.clock_log.keep(feed.clock.now().wall, ahead);
    }
}

/// What the daemon knows of the clocks, where there is one.
pub(crate) async fn report(feed: &Shared) -> Option<ClockReport> {
    let mut told = feed.operator.get()?.ask(Request::Clock);
    match told.recv().await? {
        Message::Clock(report) => Some(*report),
        _ => None,
    }
}

/// What is known of the time.
pub(crate) async fn page(State(feed): State<Arc<Shared>>, SignedIn(session): SignedIn) -> Response {
    let now = feed.clock.now().wall;
    let report = report(&feed).await;
    let main = html! {
        h1 { "Clock" }
        div data-live="" #clock {
            @match &report {
                None => { (layout::empty("Nobody looks at the clock", "This feed is served without a daemon that could tell.")) }
                Some(report) => {
                    p .lead { (said::instant(now)) " " (said::badge(standing(report.state))) }
                    p { (offset(report)) }
                    (said::warnings(&report.warnings.iter().collect::<Vec<_>>()))
                    section .card { h2 { "This machine's clock, ahead of NTP, over the last day" } (plot(&feed.clock_log.all(), now)) }
                    section .card { h2 { "NTP servers" } (sources(&report.ntp)) }
                    section .card { h2 { "Exchange servers" } (exchange(report)) }
                }
            }
        }
    };
    layout::page(&feed, &session, Tab::Clock, "Clock", &main)
}

fn standing(state: ClockState) -> Standing {
    let (word, kind) = match state {
        ClockState::Good => ("right", "good"),
        ClockState::Unknown => ("not known", "idle"),
        ClockState::Skewed => ("wrong by a second or more", "warn"),
        ClockState::Degraded => ("wrong by half a minute or more", "bad"),
    };
    Standing { word, kind }
}

fn offset(report: &ClockReport) -> String {
    let waits = report.ntp.iter().any(|source| source.verdict == NtpVerdict::Waiting);
    let Some(ahead) = report.ahead_us else {
        let why = match report.ntp.as_slice() {
            [] => "No NTP server is configured",
            _ if waits => "The NTP servers have not told the time yet",
            _ => "No NTP server has told the time for a day, or since the start",
        };
        return format!("{why}: this machine's own clock decides.");
    };
    let uncertainty =
        report.uncertainty_us.map_or_else(String::new, |most| format!(", give or take {}", span(most)));
    let way = if ahead < 0 { "behind" } else { "ahead of" };
    format!(
        "This machine's clock is {} {way} NTP{uncertainty}; meetings go by the corrected time.",
        span(ahead.unsigned_abs())
    )
}

/// A length of time in the unit that suits it.
fn span(us: u64) -> String {
    match us {
        0..1_000 => format!("{us} µs"),
        1_000..1_000_000 => format!("{}.{} ms", us / 1_000, us % 1_000 / 100),
        _ => format!("{}.{:03} s", us / 1_000_000, us % 1_000_000 / 1_000),
    }
}

/// How long ago, in whole minutes.
fn ago(us: u64) -> String {
    match us / 60_000_000 {
        0 => "within the last minute".to_owned(),
        1 => "a minute ago".to_owned(),
        minutes => format!("{minutes} minutes ago"),
    }
}

/// What an Exchange server's last replies say.
fn heard(state: ClockState) -> Standing {
    match state {
        ClockState::Unknown => Standing { word: "not heard lately", kind: "idle" },
        judged => standing(judged),
    }
}

fn signed(us: i64) -> String {
    format!("{}{}", if us < 0 { "−" } else { "+" }, span(us.unsigned_abs()))
}

/// The offset over a day, with its extremes and where there is none.
fn plot(log: &[(DateTime<Utc>, i64)], now: DateTime<Utc>) -> Markup {
    let Some(most) = log.iter().map(|(_, ahead)| ahead.abs()).max() else {
        return html! { p .faint { "Nothing was measured yet." } };
    };
    let most = most.max(1_000);
    let x =
        |at: DateTime<Utc>| ((at - (now - DAY)).num_seconds() * WIDTH / DAY.num_seconds()).clamp(0, WIDTH);
    let y = |ahead: i64| HEIGHT / 2 - ahead * (HEIGHT / 2 - 20) / most;
    let mut line = String::new();
    for (at, ahead) in log {
        let pen = if line.is_empty() { 'M' } else { 'L' };
        let _ = write!(line, "{pen}{} {}", x(*at), y(*ahead));
    }
    let last = log.last().map_or(0, |(_, ahead)| *ahead);
    html! {
        svg .plot role="img"
            aria-label={ "between " (signed(-most)) " and " (signed(most)) ", now " (signed(last)) } {
            line .axis x1="0" x2="100%" y1="50%" y2="50%" {}
            svg y="20" width="100%" height=(HEIGHT) viewBox={ "0 0 " (WIDTH) " " (HEIGHT) } preserveAspectRatio="none" {
                path .line d=(line) vector-effect="non-scaling-stroke" {}
            }
            text x="0" y="14" { (signed(most)) }
            text x="0" y=(HEIGHT + 34) { (signed(-most)) }
            text x="50%" y=(HEIGHT + 34) text-anchor="middle" { "12 hours ago" }
            text x="100%" y=(HEIGHT + 34) text-anchor="end" { "now" }
        }
    }
}

fn sources(sources: &[NtpSource]) -> Markup {
    html! {
        @if sources.is_empty() { p .faint { "None is configured: name those that Exchange uses, in [clock] ntp_servers." } }
        @else {
            table .stacked {
                thead { tr { th scope="col" { "Server" } th scope="col" { "Offset" } th scope="col" { "Delay" } th scope="col" { "Stratum" } th scope="col" { "Verdict" } } }
                tbody {
                    @for NtpSource { server, offset_us, delay_us, stratum, verdict, trouble, .. } in sources {
                        tr {
                            th scope="row" { (server) }
                            td data-name="Offset" { (offset_us.map_or_else(String::new, signed)) }
                            td data-name="Delay" { (delay_us.map_or_else(String::new, span)) }
                            td data-name="Stratum" { @if let Some(stratum) = stratum { (stratum) } }
                            td data-name="Verdict" { (said::badge(judged(*verdict))) @if let Some(trouble) = trouble { (said::trouble(trouble)) } }
                        }
                    }
                }
            }
        }
    }
}

fn judged(verdict: NtpVerdict) -> Standing {
    let (word, kind) = match verdict {
        NtpVerdict::Waiting => ("waiting", "idle"),
        NtpVerdict::True => ("true", "good"),
        NtpVerdict::Falseticker => ("contradicts most", "bad"),
        NtpVerdict::Disputed => ("disputed", "warn"),
        NtpVerdict::Silent => ("silent", "bad"),
        NtpVerdict::Refuses => ("refuses us", "bad"),
        NtpVerdict::Unusable => ("does not know", "warn"),
    };
    Standing { word, kind }
}

/// Against what Exchange's clocks are held, and what each of them says of that.
fn exchange(ClockReport { exchange: clocks, ahead_us, .. }: &ClockReport) -> Markup {
    let ahead_of = if ahead_us.is_some() { "Ahead of NTP" } else { "Ahead of this machine" };
    html! {
        @if clocks.is_empty() { p .faint { "None has told the time yet." } }
        @else {
            table .stacked {
                thead { tr { th scope="col" { "Server" } th scope="col" { "Front end" } th scope="col" { (ahead_of) } th scope="col" { "Verdict" } } }
                tbody {
                    @for ExchangeClock { server, front_end, ahead_us, uncertainty_us, age_us, state, .. } in clocks {
                        tr {
                            th scope="row" { (server) }
                            td data-name="Front end" { (crate::text::one_line(front_end)) }
                            td data-name="Ahead" { (signed(*ahead_us)) ", give or take " (span(*uncertainty_us)) ", heard " (ago(*age_us)) }
                            td data-name="Verdict" { (said::badge(heard(*state))) }
                        }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_have_a_unit_that_suits_them() {
        for (us, said) in [(0, "+0 µs"), (-999, "−999 µs"), (1_250, "+1.2 ms"), (-2_000_345, "−2.000 s")]
        {
            assert_eq!(signed(us), said);
        }
    }

    #[test]
    fn where_ntp_says_nothing_nothing_is_said_of_it() {
        let source = |verdict: &str| {
            let source = format!(r#"{{"server": "ntp.example.com", "reach": 0, "verdict": "{verdict}"}}"#);
            serde_json::from_str(&source).unwrap()
        };
        let unknown = |ntp: Vec<NtpSource>| ClockReport { ntp, ..ClockReport::default() };
        for (report, said) in [
            (unknown(Vec::new()), "No NTP server is configured: "),
            (unknown(vec![source("waiting")]), "The NTP servers have not told the time yet: "),
            (
                unknown(vec![source("silent")]),
                "No NTP server has told the time for a day, or since the start: ",
            ),
        ] {
            assert_eq!(offset(&report), format!("{said}this machine's own clock decides."));
        }
        let clock = ExchangeClock {
            server: "hq".to_owned(),
            front_end: "EX01".to_owned(),
            ahead_us: 0,
            uncertainty_us: 41_000,
            readings: 1,
            age_us: 2_760_000_000,
            state: ClockState::Unknown,
        };
        let without = ClockReport { exchange: vec![clock], ..ClockReport::default() };
        let with = ClockReport { ahead_us: Some(0), ..without.clone() };
        let (without, with) = (exchange(&without).into_string(), exchange(&with).into_string());
        assert!(without.contains("Ahead of this machine") && !without.contains("NTP"), "{without}");
        assert!(with.contains("Ahead of NTP"), "{with}");
        assert!(with.contains("heard 46 minutes ago") && with.contains("not heard lately"), "{with}");
    }

    #[test]
    fn a_day_is_kept_and_no_more() {
        let (log, now) = (ClockLog::default(), DateTime::UNIX_EPOCH);
        for minute in 0..=2000 {
            log.keep(now + TimeDelta::minutes(minute), minute);
        }
        let kept = log.all();
        assert_eq!((kept.len(), kept[0].1, kept[1440].1), (1441, 560, 2000));
        assert!(plot(&kept, now + TimeDelta::minutes(2000)).into_string().contains("now +2.0 ms"));
    }
}
