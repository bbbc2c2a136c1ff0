//! As of when a room's mirror is true, and whether that is stored.

use chrono::{DateTime, TimeDelta, Utc};
use meeting_model::availability::{AGELESS, believed};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How old the stored moment of a quiet room may become: a restart then shows an age that is at most this much too old,
/// and a quiet room costs the disk nothing in between.
const STORE_EVERY: Duration = Duration::from_mins(5);

/// As of when a room's mirror is true.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct AsOf {
    at: Option<DateTime<Utc>>,
    noted: Noted,
    /// By how much, at least, a clock that was ahead was so; or ours is behind.
    #[serde(default)]
    ahead_by: Duration,
    stored: Duration,
    /// What is stored was noted by a clock that was ahead: by a restart it would make the mirror look too young.
    is_misstored: bool,
}

/// By which clock the moment was noted.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum Noted {
    /// By ours, since the start.
    #[default]
    Here,
    /// By an earlier run's. That may have been ours.
    Earlier,
    /// By an earlier run's that was ahead of ours: what it noted was still to come as this one began. Nobody knows how old it
    /// is, also when that moment has come, unless it was ours that was behind.
    Ahead,
}

impl AsOf {
    /// What the store holds.
    pub(super) fn restored(at: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Self {
        let ahead_by = at.filter(|_| believed(at, now).is_none()).and_then(|at| (at - now).to_std().ok());
        match ahead_by {
            Some(ahead_by) => {
                Self { at, noted: Noted::Ahead, ahead_by, is_misstored: true, ..Self::default() }
            }
            None => Self { at, noted: Noted::Earlier, ..Self::default() },
        }
    }

    /// The moment, or [`AGELESS`]. Absent before the first read.
    pub(super) fn at(&self) -> Option<DateTime<Utc>> {
        let is_ageless = self.noted == Noted::Ahead;
        self.at.map(|at| if is_ageless { AGELESS } else { at })
    }

    /// The calendar was read, or is said not to have changed.
    pub(super) fn note(&mut self, at: Option<DateTime<Utc>>) {
        (self.at, self.noted) = (at, Noted::Here);
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
        self.at().filter(|_| self.is_misstored)
    }

    /// The wall clock was set by so much: the moment moves with it. What an earlier run noted moves back with it and not
    /// forward, since that run's clock may have been this one or may have been right: it ages, and is never made younger.
    /// Where ours is put forward past what was to come, it was ours that was behind.
    pub(super) fn clock_was_set(&mut self, by: TimeDelta) {
        let is_set_back = by < TimeDelta::zero();
        self.is_misstored |= is_set_back;
        if self.noted == Noted::Ahead {
            self.ahead_by = match by.to_std() {
                Ok(forward) => self.ahead_by.saturating_sub(forward),
                Err(_) => self.ahead_by + by.abs().to_std().unwrap_or_default(),
            };
            if self.ahead_by.is_zero() {
                (self.noted, self.is_misstored) = (Noted::Earlier, true);
            }
        } else if is_set_back || self.noted == Noted::Here {
            self.at = self.at.map(|at| at + by);
        }
    }
}
