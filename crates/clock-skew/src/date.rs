//! Exchange's clock, from the `Date` of its replies (rule C2; RFC 9110 §6.6.1).
//!
//! A `Date` says that the server's clock had reached that second and not the next one, at some moment between the request and
//! its reply. Each reading is thus an interval of a second and the time the request took; where many of them intersect is the
//! server's offset. The sharpest are those at the edge where the second changes.
//!
//! Several clocks may stand behind one name: readings are kept apart by the front-end server that names itself
//! (`X-FEServer`), else by connection, and where those of one still contradict each other there are several clocks there too,
//! or one that was set. What tells these apart is whether the old one comes back:
//!
//! - Readings that cannot be true together are never intersected, so that what is said was never narrowed by another clock:
//!   the first that contradicts all that is kept begins an interval of its own.
//! - The second one in a row that contradicts a clock puts it out of account: a clock that was set is told by its new offset
//!   alone from the second reading after it was set, and what was known before counts no more.
//! - Two clocks that take turns do the same to each other, but come back. One that came back within ten minutes is put out of
//!   account by the sixteenth reading in a row that contradicts it, or by the second once these minutes are over: one wrong
//!   clock of two behind a balancer stays told although it is met by chance (16 in a row of the other: once in 65,536), and one
//!   that was set back and forth is told rightly ten minutes after the last time.
//! - A connection that ended is never read again. So those without a name speak of each other, and one that was not read for
//!   ten minutes is forgotten at the next reading of another.
//!
//! A clock that was set by less than the interval's width contradicts nothing at first. What is said then may be wrong, but the
//! interval that the newest reading was taken for meets that reading: by no more than its width, which is a second and the time
//! its request took, and a second more where it may have been late.

mod front_end;
mod interval;

use crate::Estimate;
use chrono::{DateTime, Utc};
use front_end::FrontEnd;
use interval::Interval;
use std::{collections::BTreeMap, fmt, time::Duration};

/// The most clocks that are kept of one server.
const MOST_FRONT_ENDS: usize = 32;

/// A clock that no reading was of for so long is forgotten.
const FORGOTTEN_AFTER: Duration = Duration::from_hours(2);

/// Clocks take turns where one comes back within this. A connection that is idle for so long has ended.
const TURNS_TAKE: Duration = Duration::from_mins(10);

/// Who dated a reply.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum DatedBy {
    /// The front-end server of this name: one machine, with one clock.
    FrontEnd(String),
    /// Whoever is behind this connection, and gives no name.
    Connection(String),
}

/// A reply that was dated. Instants are by the steady clock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dated {
    /// Who dated it.
    pub by: DatedBy,
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
    front_ends: BTreeMap<DatedBy, FrontEnd>,
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
    /// How long ago it was read last.
    pub age: Duration,
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
        let Some(reading) = Interval::of(dated) else { return };
        if !self.front_ends.contains_key(&dated.by) && self.front_ends.len() >= MOST_FRONT_ENDS {
            self.forget_the_oldest();
        }
        self.front_ends.entry(dated.by.clone()).or_default().take(reading);
        let nameless = matches!(dated.by, DatedBy::Connection(_));
        for (by, front_end) in &mut self.front_ends {
            front_end.forget(dated.at, FORGOTTEN_AFTER);
            if nameless && *by != dated.by && matches!(by, DatedBy::Connection(_)) {
                front_end.forget(dated.at, TURNS_TAKE);
                front_end.hear(&reading);
            }
        }
        self.front_ends.retain(|_, front_end| !front_end.is_empty());
    }

    /// Every clock there is, at `now`.
    pub fn clocks(&self, now: Duration) -> Vec<ServerClock> {
        let clocks = self.front_ends.iter().flat_map(|(by, front_end)| front_end.clocks(by, now));
        clocks.collect()
    }

    /// The steady clock is not what it was: what was measured with it says nothing.
    pub fn clear(&mut self) {
        self.front_ends.clear();
    }

    fn forget_the_oldest(&mut self) {
        let oldest = self.front_ends.iter().min_by_key(|(_, front_end)| front_end.read_at());
        if let Some(by) = oldest.map(|(by, _)| by.clone()) {
            self.front_ends.remove(&by);
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

impl fmt::Display for DatedBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Self::FrontEnd(name) | Self::Connection(name)) = self;
        f.write_str(name)
    }
}

#[cfg(test)]
mod tests;
