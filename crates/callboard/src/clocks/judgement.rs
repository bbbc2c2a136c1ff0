//! What to think of the clocks, and what to do (rules C3 to C5).

use super::{Clocks, Said};
use crate::corrected_clock::CorrectedClock;
use chrono::TimeDelta;
use clock_skew::{Dates, Estimate, ServerClock, SourceReport, Verdict};
use control::{ClockReport, ClockState, ExchangeClock, NtpSource, NtpVerdict, Warning};
use meeting_model::{clock::Clock, id::ServerId};
use std::{collections::BTreeMap, time::Duration};

/// From this on a skew is said, in seconds (rule C3).
const SKEWED: f64 = 1.0;

/// From this on it is said on every display, in seconds (rule C3).
const DEGRADED: f64 = 30.0;

/// Where the truth may be this far away, only what is certain counts, in seconds: half of what a `Date` holds for.
const VAGUE: f64 = 0.5;

/// An Exchange server that was not heard for so long is not judged: each is within twenty minutes, when what watches its rooms is
/// opened anew.
const STALE: Duration = Duration::from_mins(30);

/// What to do where a sentence for all NTP servers does not say it.
pub const ASK_CLOCK: &str = "`callboard clock` says what is wrong with each";

/// The longest that a meeting stays past its end where the true time is known (rule C5).
const LONGEST_LINGER: TimeDelta = TimeDelta::minutes(15);

/// What to think of the clocks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judgement {
    /// For operators.
    pub report: ClockReport,
    /// How far the true time is ahead of the steady clock; nothing where no NTP server has ever told.
    pub ahead: Option<TimeDelta>,
    /// How long meetings stay past their end in the rooms of these servers: their clocks are behind (rule C5).
    pub lingers: BTreeMap<ServerId, TimeDelta>,
}

/// What the clocks are judged by, in seconds.
#[derive(Debug, Clone, Copy)]
struct Standard {
    now: Duration,
    /// What NTP says; nothing where nobody has told the time for a day.
    ntp: Option<Estimate>,
    /// How far the system's clock is ahead of the steady one.
    system: f64,
}

impl Standard {
    /// The true time; the system's clock, where that is not known.
    fn truth(self) -> Estimate {
        self.ntp.unwrap_or(Estimate { offset: self.system, uncertainty: 0.0, age: Duration::ZERO })
    }

    /// How far this machine's clock is ahead, where that is known.
    fn ahead(self) -> Option<f64> {
        self.ntp.map(|ntp| self.system - ntp.offset)
    }
}

impl Clocks {
    /// What to think of the clocks now.
    pub fn judge(&self, clock: &CorrectedClock) -> Judgement {
        self.judge_at(clock.now().mono, clock, &mut Said::default())
    }

    /// As [`judge`](Self::judge), after what was said before.
    pub fn judge_again(&self, clock: &CorrectedClock, said: &mut Said) -> Judgement {
        self.judge_at(clock.now().mono, clock, said)
    }

    /// What to think of them at a monotonic time.
    pub(super) fn judge_at(&self, now: Duration, clock: &CorrectedClock, said: &mut Said) -> Judgement {
        let ntp = self.ntp.as_ref();
        let by = Standard {
            now,
            ntp: ntp.and_then(|ntp| ntp.estimate(now)),
            system: clock.system_ahead().as_seconds_f64(),
        };
        let sources = ntp.map(|ntp| ntp.report(now)).unwrap_or_default();
        let exchange: Vec<ExchangeClock> =
            self.dates.iter().flat_map(|(server, dates)| exchange_clocks(server, dates, by)).collect();
        let lingers = self.dates.iter().filter_map(|(server, dates)| {
            let behind = dates.clocks(now).iter().map(|clock| clock.skew(by.truth()).0).fold(0.0, f64::min);
            Some((server.clone(), linger(behind, by.ntp.is_some())?))
        });
        said.begin();
        let mut warnings: Vec<Warning> = ours(by, said).into_iter().collect();
        warnings.extend(of_ntp(&sources, by));
        warnings.extend(exchange.iter().filter_map(|clock| theirs(clock, by, said)));
        let local = by.ntp.map_or(ClockState::Unknown, |ntp| state(by.system - ntp.offset, ntp.uncertainty));
        // what is not known of a server is no fault
        let judged = exchange.iter().map(|clock| clock.state).filter(|state| *state != ClockState::Unknown);
        let report = ClockReport {
            state: judged.fold(local, ClockState::max),
            ahead_us: by.ahead().map(micros),
            uncertainty_us: by.ntp.map(|ntp| span(ntp.uncertainty)),
            age_us: by.ntp.map(|ntp| span(ntp.age.as_secs_f64())),
            ntp: sources.iter().map(|source| ntp_source(source, by)).collect(),
            exchange,
            warnings,
        };
        let ahead = ntp.and_then(clock_skew::Ntp::last_offset).map(delta);
        Judgement { report, ahead, lingers: lingers.collect() }
    }
}

/// What a skew is called, of which the truth may be so far away.
fn state(skew: f64, uncertainty: f64) -> ClockState {
    let certain = if uncertainty < VAGUE { skew.abs() } else { skew.abs() - uncertainty };
    if certain >= DEGRADED {
        ClockState::Degraded
    } else if certain >= SKEWED {
        ClockState::Skewed
    } else {
        ClockState::Good
    }
}

/// How long meetings stay past their end where the server's clock is so far behind (negative): until it too says that they
/// have ended, and where the true time is known no longer than a quarter of an hour. Whole seconds, so that what is measured
/// finer every time does not wake displays.
fn linger(behind: f64, known: bool) -> Option<TimeDelta> {
    let linger = delta(-behind.floor());
    (behind < -DEGRADED).then_some(if known { linger.min(LONGEST_LINGER) } else { linger })
}

fn exchange_clocks(server: &ServerId, dates: &Dates, by: Standard) -> Vec<ExchangeClock> {
    let judged = |clock: ServerClock| {
        let (skew, uncertainty) = clock.skew(by.truth());
        ExchangeClock {
            server: server.to_string(),
            front_end: clock.front_end,
            ahead_us: micros(skew),
            uncertainty_us: span(uncertainty),
            readings: clock.readings,
            age_us: span(clock.age.as_secs_f64()),
            state: if clock.age < STALE { state(skew, uncertainty) } else { ClockState::Unknown },
        }
    };
    dates.clocks(by.now).into_iter().map(judged).collect()
}

fn ntp_source(source: &SourceReport, by: Standard) -> NtpSource {
    NtpSource {
        server: source.address.to_string(),
        address: source.resolved.map(|address| address.to_string()),
        offset_us: source.peer.map(|peer| micros(peer.offset - by.system)),
        age_us: source.peer.map(|peer| span(by.now.saturating_sub(peer.at).as_secs_f64())),
        delay_us: source.peer.map(|peer| span(peer.delay)),
        jitter_us: source.peer.map(|peer| span(peer.jitter)),
        stratum: source.stratum,
        reach: source.reach,
        verdict: match source.verdict {
            Verdict::Waiting => NtpVerdict::Waiting,
            Verdict::True => NtpVerdict::True,
            Verdict::Falseticker => NtpVerdict::Falseticker,
            Verdict::Disputed => NtpVerdict::Disputed,
            Verdict::Silent => NtpVerdict::Silent,
            Verdict::Refuses => NtpVerdict::Refuses,
            Verdict::Unusable => NtpVerdict::Unusable,
        },
        trouble: source.trouble.as_ref().map(ToString::to_string),
    }
}

/// What is wrong with this machine's clock.
fn ours(by: Standard, said: &mut Said) -> Option<Warning> {
    let (ahead, uncertainty) = (by.ahead()?, by.ntp?.uncertainty);
    (state(ahead, uncertainty) >= ClockState::Skewed).then(|| Warning {
        id: "clock-skew".into(),
        about: None,
        sentence: format!(
            "this machine's clock is {} NTP's; displays go by NTP and are right",
            ahead_or_behind(said.figure("", ahead, uncertainty))
        ),
        remedy: "keep it in step with the servers of [clock] ntp_servers (chrony, ntpd)".into(),
    })
}

/// What is wrong with an Exchange server's clock.
fn theirs(clock: &ExchangeClock, by: Standard, said: &mut Said) -> Option<Warning> {
    #[expect(clippy::cast_precision_loss, reason = "told in tenths of a second")]
    let (ahead, uncertainty) = (clock.ahead_us as f64 / 1e6, clock.uncertainty_us as f64 / 1e6);
    let name = format!("{}/{}", clock.server, clock.front_end);
    let standard = if by.ntp.is_some() { "NTP's" } else { "this machine's" };
    (clock.state >= ClockState::Skewed).then(|| Warning {
        id: "clock-skew".into(),
        about: Some(clock.server.clone()),
        sentence: format!(
            "the clock of the Exchange server `{}` is {} {standard}",
            clock.front_end,
            ahead_or_behind(said.figure(&name, ahead, uncertainty))
        ),
        remedy: "have Exchange and callboard ask the same NTP servers; `w32tm /query /status` on that server says \
                 whom it asks"
            .into(),
    })
}

/// What is wrong with NTP servers.
fn of_ntp(sources: &[SourceReport], by: Standard) -> Vec<Warning> {
    let mut warnings: Vec<Warning> = sources.iter().filter_map(|source| of_source(source, by)).collect();
    let waits = sources.iter().any(|source| source.verdict == Verdict::Waiting);
    if !sources.is_empty() && by.ntp.is_none() && !waits {
        warnings.push(Warning {
            id: "clock-unknown".into(),
            about: None,
            sentence: "no NTP server has told the time for a day, or since the start: this machine's own clock decides"
                .into(),
            remedy: ASK_CLOCK.into(),
        });
    }
    warnings
}

/// What is wrong with one of them. That it does not answer is said as long as the time is known by others; where it is not, one
/// sentence says so of all.
fn of_source(source: &SourceReport, by: Standard) -> Option<Warning> {
    const ANOTHER: &str = "name another in [clock] ntp_servers: three or more tell which one lies";
    let address = &source.address;
    let offset = source.peer.map_or(0.0, |peer| peer.offset - by.truth().offset);
    let trouble = source.trouble.as_ref().map(|trouble| format!(": {trouble}")).unwrap_or_default();
    let (id, sentence, remedy) = match source.verdict {
        Verdict::Falseticker => (
            "ntp-falseticker",
            format!("the NTP server `{address}` is {} what most say", ahead_or_behind(offset)),
            ANOTHER,
        ),
        Verdict::Disputed => (
            "ntp-falseticker",
            format!("the NTP server `{address}` contradicts another, and no majority says who is right"),
            ANOTHER,
        ),
        Verdict::Refuses => {
            ("ntp-refused", format!("the NTP server `{address}` refuses to serve this machine"), ANOTHER)
        }
        Verdict::Silent if by.ntp.is_some() => (
            "ntp-silent",
            format!("the NTP server `{address}` is silent{trouble}"),
            "the time is still known; name another in [clock] ntp_servers if it has gone for good",
        ),
        Verdict::Unusable if by.ntp.is_some() => (
            "ntp-unusable",
            format!("the NTP server `{address}` does not know the time itself{trouble}"),
            "the time is still known; see to that server, or name another in [clock] ntp_servers",
        ),
        Verdict::True | Verdict::Waiting | Verdict::Silent | Verdict::Unusable => return None,
    };
    let about = Some(address.to_string());
    Some(Warning { id: id.into(), about, sentence, remedy: remedy.into() })
}

/// `45.0 s ahead of`, `3 h 0 min behind`.
fn ahead_or_behind(ahead: f64) -> String {
    format!("{} {}", spoken(ahead), if ahead < 0.0 { "behind" } else { "ahead of" })
}

/// `45.0 s`, `2 min 5 s`, `3 h 0 min`, `12 d 0 h`.
pub fn spoken(seconds: f64) -> String {
    let whole = delta(seconds.abs().round()).num_seconds();
    match whole {
        0..60 => format!("{:.1} s", seconds.abs()),
        60..3600 => format!("{} min {} s", whole / 60, whole % 60),
        3600..86400 => format!("{} h {} min", whole / 3600, whole % 3600 / 60),
        _ => format!("{} d {} h", whole / 86400, whole % 86400 / 3600),
    }
}

#[expect(clippy::cast_possible_truncation, reason = "a cast from a float saturates")]
fn micros(seconds: f64) -> i64 {
    (seconds * 1e6).round() as i64
}

fn span(seconds: f64) -> u64 {
    micros(seconds).unsigned_abs()
}

fn delta(seconds: f64) -> TimeDelta {
    TimeDelta::microseconds(micros(seconds))
}
