//! The one source of now in the daemon: the system's clock, corrected by NTP (rules T6 and C3 to C6).
//!
//! Beneath it lies a *steady* clock: the system's clock as it was at the start, and the monotonic time since, and the time this
//! machine slept, which the monotonic clock does not count. Nobody steps it. What NTP says is kept as an offset from it, so
//! that a step of the system's clock changes nothing once NTP was heard.

mod slept;
#[cfg(test)]
mod tests;

use crate::system_clock::SystemClock;
use chrono::{DateTime, TimeDelta, Utc};
use meeting_model::{
    clock::{Clock, Now},
    id::RoomId,
};
use slept::Slept;
use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex, PoisonError, RwLock},
    time::Duration,
};
use tokio::time::Instant;

/// From this on a difference between two looks is a step, and not the clock's drift or its reader's delay.
const STEP: TimeDelta = TimeDelta::milliseconds(500);

/// The corrected clock. Cheap to clone; the clones tell one time.
#[derive(Clone)]
pub struct CorrectedClock {
    read: Arc<dyn Fn() -> Reading + Send + Sync>,
    started: Instant,
    anchor: DateTime<Utc>,
    correction: Arc<RwLock<Correction>>,
    watched: Arc<Mutex<Watched>>,
}

/// The machine's clocks at one moment.
#[derive(Debug, Clone, Copy)]
struct Reading {
    system: DateTime<Utc>,
    mono: Duration,
}

/// What is known of the clocks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Correction {
    /// How far the true time is ahead of the steady clock; nothing where no NTP server has told.
    pub ahead: Option<TimeDelta>,
    /// How long meetings stay past their end, where it is not nothing (rule C5).
    pub lingers: BTreeMap<RoomId, TimeDelta>,
}

/// What is compared from look to look.
#[derive(Debug)]
struct Watched {
    slept: Slept,
    /// How far the system's clock was ahead of the steady one.
    ahead: TimeDelta,
}

/// What a look has found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// How far the system's clock was set forward; back where it is negative.
    pub by: TimeDelta,
    /// How long the machine slept.
    pub slept: Duration,
}

impl CorrectedClock {
    /// Starts counting. Until NTP is heard it tells what the system's clock does.
    pub fn start() -> Self {
        let system = SystemClock::start();
        let started = system.instant(Duration::ZERO);
        let read = move || {
            let Now { wall, mono } = system.now();
            Reading { system: wall, mono }
        };
        Self::reading(Arc::new(read), started, Slept::of_this_machine())
    }

    fn reading(read: Arc<dyn Fn() -> Reading + Send + Sync>, started: Instant, slept: Slept) -> Self {
        let Reading { system, mono } = read();
        let anchor = system - mono;
        let watched = Watched { slept, ahead: TimeDelta::zero() };
        let (correction, watched) = (Arc::default(), Arc::new(Mutex::new(watched)));
        Self { read, started, anchor, correction, watched }
    }

    /// The moment tokio's timers know as this monotonic time.
    pub fn instant(&self, mono: Duration) -> Instant {
        self.started + mono
    }

    /// The monotonic time of a moment of tokio's.
    pub fn mono(&self, instant: Instant) -> Duration {
        instant.saturating_duration_since(self.started)
    }

    /// What the steady clock shows at a monotonic time.
    pub fn steady(&self, mono: Duration) -> DateTime<Utc> {
        self.anchor + mono + self.lock().slept.in_all()
    }

    /// What the steady clock shows.
    pub fn steady_now(&self) -> DateTime<Utc> {
        self.steady((self.read)().mono)
    }

    /// How far the system's clock is ahead of the steady one.
    pub fn system_ahead(&self) -> TimeDelta {
        let Reading { system, mono } = (self.read)();
        system - self.steady(mono)
    }

    /// What is known of the clocks.
    pub fn correction(&self) -> Correction {
        self.correction.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Goes by this from now on.
    pub fn correct(&self, correction: Correction) {
        *self.correction.write().unwrap_or_else(PoisonError::into_inner) = correction;
    }

    /// The longest that a meeting of any room stays past its end: what ended before is surely over.
    pub fn longest_linger(&self) -> TimeDelta {
        let correction = self.correction.read().unwrap_or_else(PoisonError::into_inner);
        correction.lingers.values().copied().max().unwrap_or_default()
    }

    /// Looks whether the system's clock was stepped, or the machine slept, since the last look (rule C6).
    pub fn look(&self) -> Option<Step> {
        let Reading { system, mono } = (self.read)();
        let mut watched = self.lock();
        let slept = watched.slept.look(mono);
        let ahead = system - (self.anchor + mono + watched.slept.in_all());
        let by = ahead - watched.ahead;
        watched.ahead = ahead;
        (by.abs() >= STEP || !slept.is_zero()).then_some(Step { by, slept })
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Watched> {
        self.watched.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Clock for CorrectedClock {
    fn now(&self) -> Now {
        let Reading { system, mono } = (self.read)();
        let ahead = self.correction.read().unwrap_or_else(PoisonError::into_inner).ahead;
        Now { wall: ahead.map_or(system, |ahead| self.steady(mono) + ahead), mono }
    }

    fn lingers(&self, room: &RoomId) -> TimeDelta {
        let correction = self.correction.read().unwrap_or_else(PoisonError::into_inner);
        correction.lingers.get(room).copied().unwrap_or_default()
    }
}

impl fmt::Debug for CorrectedClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CorrectedClock").field("correction", &self.correction()).finish_non_exhaustive()
    }
}
