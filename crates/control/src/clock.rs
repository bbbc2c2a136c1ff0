//! How right the clocks are (rules C1 to C6).

use crate::warning::Warning;
use serde::{Deserialize, Serialize};

/// How right the clocks are. All spans are in microseconds; what is behind is negative.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ClockReport {
    /// What to think of it.
    pub state: ClockState,
    /// How far this machine's clock is ahead of NTP's; absent where no server has told the time for a day.
    pub ahead_us: Option<i64>,
    /// The truth may be so far from that.
    pub uncertainty_us: Option<u64>,
    /// How long ago that was measured.
    pub age_us: Option<u64>,
    /// The NTP servers, in the configuration's order.
    pub ntp: Vec<NtpSource>,
    /// The clocks of the Exchange servers, by name; of a server that tells no time there is none.
    pub exchange: Vec<ExchangeClock>,
    /// What to do.
    pub warnings: Vec<Warning>,
}

/// What to think of the clocks, best first, so that `max` is the worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ClockState {
    /// They agree to a second.
    Good,
    /// Nobody knows: no NTP server is configured, or none has told the time for a day.
    #[default]
    Unknown,
    /// One is wrong by a second or more.
    Skewed,
    /// One is wrong by half a minute or more.
    Degraded,
}

/// An NTP server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NtpSource {
    /// As it is configured.
    pub server: String,
    /// The address that it answered from.
    pub address: Option<String>,
    /// How far its clock is ahead of this machine's.
    pub offset_us: Option<i64>,
    /// How long ago that was measured.
    #[serde(default)]
    pub age_us: Option<u64>,
    /// How long question and answer were under way.
    pub delay_us: Option<u64>,
    /// How much its answers differ.
    pub jitter_us: Option<u64>,
    /// How far it is from a reference clock, in servers.
    pub stratum: Option<u8>,
    /// The last eight questions, the last one in the lowest bit: whether each was answered.
    pub reach: u8,
    /// What to think of it.
    pub verdict: NtpVerdict,
    /// Why the last question had no answer.
    pub trouble: Option<String>,
}

/// What to think of an NTP server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NtpVerdict {
    /// Its answer is waited for.
    Waiting,
    /// Most agree with it.
    True,
    /// It contradicts what most agree on.
    Falseticker,
    /// It contradicts another one, and there is no majority.
    Disputed,
    /// It does not answer.
    Silent,
    /// It refuses to serve this machine.
    Refuses,
    /// It does not know the time.
    Unusable,
}

/// A clock of an Exchange server, by the `Date` of its replies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExchangeClock {
    /// The server's name in the configuration.
    pub server: String,
    /// The name of the front-end server; of those that give none, what tells their connections apart.
    pub front_end: String,
    /// How far it is ahead of NTP's, or of this machine's where that is not known.
    pub ahead_us: i64,
    /// The truth may be so far from that.
    pub uncertainty_us: u64,
    /// How many replies say so.
    pub readings: u64,
    /// How long ago the last of them came.
    #[serde(default)]
    pub age_us: u64,
    /// What to think of it; unknown where the last reply is too old to judge by.
    pub state: ClockState,
}
