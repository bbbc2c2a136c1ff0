//! Time as an argument.

use crate::id::RoomId;
use chrono::{DateTime, TimeDelta, Utc};
use std::time::Duration;

/// The only time argument there is: the two clocks, read at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Now {
    /// Corrected wall clock: what meetings are compared with (rule T6).
    pub wall: DateTime<Utc>,
    /// Monotonic time since the program started: what renewals and back-off are measured with.
    pub mono: Duration,
}

/// Something that tells the time. The program has one; the simulation has another.
pub trait Clock: Send + Sync {
    /// Both clocks, now.
    fn now(&self) -> Now;

    /// How long a meeting of this room stays on displays past its end: while the clock of the room's server is behind ours by
    /// more than may be (rule C5).
    fn lingers(&self, _room: &RoomId) -> TimeDelta {
        TimeDelta::zero()
    }
}

/// A half-open span of instants, `start <= t < end`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Window {
    /// First instant inside.
    pub start: DateTime<Utc>,
    /// First instant after.
    pub end: DateTime<Utc>,
}

impl Window {
    /// Whether something from `start` to `end` overlaps this window. Of zero length it counts as a point, which
    /// is inside when `window.start <= point < window.end` (rule T7).
    pub fn overlaps(&self, start: DateTime<Utc>, end: DateTime<Utc>) -> bool {
        if start == end { self.contains(start) } else { start < self.end && end > self.start }
    }

    /// Whether the instant lies inside.
    pub fn contains(&self, instant: DateTime<Utc>) -> bool {
        self.start <= instant && instant < self.end
    }
}
