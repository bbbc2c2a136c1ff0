//! As of when a room's mirror is true, and whether that is stored.

use chrono::{DateTime, TimeDelta, Utc};
use std::time::Duration;

/// How old the stored moment of a quiet room may become: a restart then shows an age that is at most this much too old,
/// and a quiet room costs the disk nothing in between.
const STORE_EVERY: Duration = Duration::from_mins(5);

/// As of when a room's mirror is true.
#[derive(Debug, Default)]
pub(super) struct AsOf {
    at: Option<DateTime<Utc>>,
    /// Noted since the start, by the clock as it is: where that is set, the moment moves with it.
    is_ours: bool,
    stored: Duration,
    /// What is stored was noted by a clock that was ahead: by a restart it would make the mirror look too young.
    is_misstored: bool,
}

impl AsOf {
    /// What the store holds.
    pub(super) fn restored(at: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Self {
        Self { at, is_misstored: at.is_some_and(|at| at > now), ..Self::default() }
    }

    /// The moment. Absent before the first read.
    pub(super) fn at(&self) -> Option<DateTime<Utc>> {
        self.at
    }

    /// The calendar was read, or is said not to have changed.
    pub(super) fn note(&mut self, at: Option<DateTime<Utc>>) {
        (self.at, self.is_ours) = (at, true);
    }

    /// Whether to store it though nothing else has changed.
    pub(super) fn is_to_be_stored(&self, now: Duration) -> bool {
        self.at.is_none() || self.is_misstored || now >= self.stored + STORE_EVERY
    }

    /// It was stored.
    pub(super) fn was_stored(&mut self, now: Duration) {
        (self.stored, self.is_misstored) = (now, false);
    }

    /// What is to be stored in place of what a clock that was ahead has noted, at once.
    pub(super) fn mended(&self) -> Option<DateTime<Utc>> {
        self.at.filter(|_| self.is_ours && self.is_misstored)
    }

    /// The wall clock was set by so much.
    pub(super) fn clock_was_set(&mut self, by: TimeDelta) {
        self.is_misstored |= by < TimeDelta::zero();
        if self.is_ours {
            self.at = self.at.map(|at| at + by);
        }
    }
}
