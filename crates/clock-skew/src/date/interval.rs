//! Where a clock's offset lies, and whether that still counts.

use super::{Dated, TURNS_TAKE};
use chrono::TimeDelta;
use std::time::Duration;

/// How far two clocks may drift apart that are both kept in step, in seconds a second: Windows slews its clock.
const DRIFT_APART: f64 = 50e-6;

/// A `Date` holds for a second.
const GRAIN: f64 = 1.0;

/// So many readings in a row that contradict a clock put it out of account: one alone may have been dated by a proxy.
const CONTRADICTED: u32 = 2;

/// So many do that to a clock that takes turns with others; any clock is forgotten then.
const GONE: u32 = 16;

/// Where a clock's offset lies, in seconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Interval {
    low: f64,
    high: f64,
    /// As of when.
    at: Duration,
    read_at: Duration,
    readings: u64,
    /// How many readings in a row cannot be true together with it.
    contradicted: u32,
    /// When it was last read after it had been contradicted.
    came_back: Option<Duration>,
}

impl Interval {
    /// What one reading says.
    pub(super) fn of(dated: &Dated) -> Option<Self> {
        let Dated { date, sent, received, at, .. } = dated;
        let (low, high) = (seconds(*date - *received), seconds(*date - *sent) + GRAIN);
        let (at, read_at) = (*at, *at);
        (received >= sent).then_some(Self {
            low,
            high,
            at,
            read_at,
            readings: 1,
            contradicted: 0,
            came_back: None,
        })
    }

    /// The same later: clocks drift apart.
    pub(super) fn aged(self, now: Duration) -> Self {
        let drift = DRIFT_APART * now.saturating_sub(self.at).as_secs_f64();
        Self { low: self.low - drift, high: self.high + drift, at: self.at.max(now), ..self }
    }

    /// Whether both can be true of one clock whose `Date` may be so `late`.
    pub(super) fn meets(&self, other: &Self, late: f64) -> bool {
        self.low <= other.high + late && other.low <= self.high + late
    }

    /// Whether all of it lies before the other.
    pub(super) fn is_before(&self, other: &Self) -> bool {
        self.high < other.low
    }

    /// A reading of this clock, which lies where both do.
    pub(super) fn narrow(&mut self, reading: &Self) {
        self.confirm(reading.read_at);
        self.low = self.low.max(reading.low);
        self.high = self.high.min(reading.high);
        (self.at, self.read_at, self.readings) = (reading.at, reading.read_at, self.readings + 1);
    }

    /// It is still there, or there again.
    pub(super) fn confirm(&mut self, now: Duration) {
        if self.contradicted > 0 {
            (self.contradicted, self.came_back) = (0, Some(now));
        }
    }

    /// A reading that cannot be of this clock.
    pub(super) fn contradict(&mut self) {
        self.contradicted = self.contradicted.saturating_add(1);
    }

    /// Whether it was set to another time, or has gone: what was read of it says nothing of now.
    pub(super) fn is_out_of_account(&self, now: Duration) -> bool {
        let takes_turns = self.came_back.is_some_and(|at| now.saturating_sub(at) < TURNS_TAKE);
        self.contradicted >= if takes_turns { GONE } else { CONTRADICTED }
    }

    /// Whether it need not be remembered, as it will not come back.
    pub(super) fn is_gone(&self) -> bool {
        self.contradicted >= GONE
    }

    pub(super) fn bounds(&self) -> (f64, f64) {
        (self.low, self.high)
    }

    pub(super) fn read_at(&self) -> Duration {
        self.read_at
    }

    pub(super) fn readings(&self) -> u64 {
        self.readings
    }
}

fn seconds(span: TimeDelta) -> f64 {
    span.as_seconds_f64()
}
