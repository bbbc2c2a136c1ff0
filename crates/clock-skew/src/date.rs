//! Exchange's clock, from the `Date` of its replies (rule C2; RFC 9110 §6.6.1).
//!
//! A `Date` says that the server's clock had reached that second and not the next one, at some moment between the request and
//! its reply. Each reading is thus an interval of a second and the time the request took; where many of them intersect is the
//! server's offset. The sharpest are those at the edge where the second changes.
//!
//! Several clocks may stand behind one name: readings are kept apart by the front-end server that names itself
//! (`X-FEServer`), else by connection, and where those of one still contradict each other there are several clocks there too.

use crate::Estimate;
use chrono::{DateTime, TimeDelta, Utc};
use std::{collections::BTreeMap, time::Duration};

/// How far two clocks may drift apart that are both kept in step, in seconds a second: Windows slews its clock.
const DRIFT_APART: f64 = 50e-6;

/// A `Date` holds for a second.
const GRAIN: f64 = 1.0;

/// A server that keeps the text of its `Date` for a second may be that late, and may seem to be behind by as much.
const LATE: f64 = 1.0;

/// The most clocks that are kept of one server, and behind one front-end server of it.
const MOST_FRONT_ENDS: usize = 32;
const MOST_CLOCKS: usize = 4;

/// A clock that no reading was of for so long is forgotten, or for so many readings of others behind the same front end.
const FORGOTTEN_AFTER: Duration = Duration::from_hours(2);
const FORGOTTEN_WITH: u64 = 16;

/// A reply that was dated. Instants are by the steady clock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dated {
    /// Who dated it: the front-end server's name, or what tells connections apart.
    pub front_end: String,
    /// What it said.
    pub date: DateTime<Utc>,
    /// When the request began to be sent.
    pub sent: DateTime<Utc>,
    /// When the reply began to arrive.
    pub received: DateTime<Utc>,
    /// The same since the program started.
    pub at: Duration,
}

/// What is known of the clocks of one server.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Dates {
    front_ends: BTreeMap<String, FrontEnd>,
}

/// One clock of a server.
#[derive(Debug, Clone, PartialEq)]
pub struct ServerClock {
    /// Who has it: the front-end server's name, or what tells connections apart.
    pub front_end: String,
    /// How far it is ahead of the steady clock, in seconds.
    pub offset: f64,
    /// The truth may be so far from that, in seconds.
    pub uncertainty: f64,
    /// How often it was read.
    pub readings: u64,
}

#[derive(Debug, Clone, Default, PartialEq)]
struct FrontEnd {
    clocks: Vec<Interval>,
    readings: u64,
    /// Whether its `Date` was seen to be late.
    is_late: bool,
}

/// Where a clock's offset lies, in seconds.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Interval {
    low: f64,
    high: f64,
    /// As of when.
    at: Duration,
    read_at: Duration,
    readings: u64,
    /// The front end's count of readings when it was last read.
    last: u64,
}

/// The instant of a `Date` (IMF-fixdate, RFC 9110 §5.6.7); nothing where it is none.
pub fn parse(text: &str) -> Option<DateTime<Utc>> {
    let instant = DateTime::parse_from_rfc2822(text).ok()?.to_utc();
    // what no clock of a server says is none: far from it nothing could be reckoned with
    ((0..253_402_300_800).contains(&instant.timestamp())).then_some(instant)
}

impl Dates {
    /// Takes a reading. One that took so long that it says nothing is passed over.
    pub fn take(&mut self, dated: &Dated) {
        if !self.front_ends.contains_key(&dated.front_end) && self.front_ends.len() >= MOST_FRONT_ENDS {
            self.forget_the_oldest();
        }
        self.front_ends.entry(dated.front_end.clone()).or_default().take(dated);
        for front_end in self.front_ends.values_mut() {
            front_end.forget(dated.at);
        }
        self.front_ends.retain(|_, front_end| !front_end.clocks.is_empty());
    }

    /// Every clock there is, at `now`.
    pub fn clocks(&self, now: Duration) -> Vec<ServerClock> {
        let clocks = self.front_ends.iter().flat_map(|(name, front_end)| {
            front_end.clocks.iter().map(|clock| front_end.clock(name, clock.aged(now)))
        });
        clocks.collect()
    }

    /// The steady clock is not what it was: what was measured with it says nothing.
    pub fn clear(&mut self) {
        self.front_ends.clear();
    }

    fn forget_the_oldest(&mut self) {
        let newest = |front_end: &FrontEnd| front_end.clocks.iter().map(|clock| clock.read_at).max();
        let oldest = self.front_ends.iter().min_by_key(|(_, front_end)| newest(front_end));
        if let Some(name) = oldest.map(|(name, _)| name.clone()) {
            self.front_ends.remove(&name);
        }
    }
}

impl ServerClock {
    /// How far this clock is ahead of the true one, and how far the truth may be from that, in seconds. `true_time` is how far
    /// the true time is ahead of the steady clock.
    pub fn skew(&self, true_time: Estimate) -> (f64, f64) {
        (self.offset - true_time.offset, self.uncertainty + true_time.uncertainty)
    }
}

impl FrontEnd {
    fn take(&mut self, dated: &Dated) {
        let Some(reading) = Interval::of(dated) else { return };
        self.readings += 1;
        let late = if self.is_late { LATE } else { 0.0 };
        for clock in &mut self.clocks {
            *clock = clock.aged(dated.at);
        }
        let fits = |clock: &Interval, late: f64| {
            clock.low <= reading.high + late && reading.low <= clock.high + late
        };
        let mut place = self.clocks.iter().position(|clock| fits(clock, late));
        if place.is_none() {
            // a clock that seems to go back by less than a second tells that its `Date` is late
            place = self.clocks.iter().position(|clock| fits(clock, LATE) && reading.high < clock.low);
            self.is_late |= place.is_some();
        }
        let reading = Interval { last: self.readings, ..reading };
        if let Some(clock) = place.and_then(|place| self.clocks.get_mut(place)) {
            return clock.narrow(reading);
        }
        if self.clocks.len() >= MOST_CLOCKS {
            self.clocks.remove(0);
        }
        self.clocks.push(reading);
    }

    fn forget(&mut self, now: Duration) {
        let readings = self.readings;
        self.clocks.retain(|clock| {
            now.saturating_sub(clock.read_at) < FORGOTTEN_AFTER && readings - clock.last < FORGOTTEN_WITH
        });
    }

    fn clock(&self, name: &str, Interval { low, high, readings, .. }: Interval) -> ServerClock {
        let high = if self.is_late { high + LATE } else { high };
        ServerClock {
            front_end: name.to_owned(),
            offset: f64::midpoint(low, high),
            uncertainty: ((high - low) / 2.0).max(0.0),
            readings,
        }
    }
}

impl Interval {
    /// What one reading says.
    fn of(dated: &Dated) -> Option<Self> {
        let Dated { date, sent, received, at, .. } = dated;
        let (low, high) = (seconds(*date - *received), seconds(*date - *sent) + GRAIN);
        (received >= sent).then_some(Self { low, high, at: *at, read_at: *at, readings: 1, last: 0 })
    }

    /// The same later: clocks drift apart.
    fn aged(self, now: Duration) -> Self {
        let drift = DRIFT_APART * now.saturating_sub(self.at).as_secs_f64();
        Self { low: self.low - drift, high: self.high + drift, at: self.at.max(now), ..self }
    }

    fn narrow(&mut self, reading: Self) {
        *self = Self {
            low: self.low.max(reading.low),
            high: self.high.min(reading.high),
            at: reading.at,
            read_at: reading.at,
            readings: self.readings + 1,
            last: reading.last,
        };
    }
}

fn seconds(span: TimeDelta) -> f64 {
    span.as_seconds_f64()
}

#[cfg(test)]
mod tests;
