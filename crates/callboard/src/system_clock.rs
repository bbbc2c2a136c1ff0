//! The one place that reads the machine's clocks.

use chrono::{DateTime, Utc};
use meeting_model::clock::{Clock, Now};
use std::time::SystemTime;
use tokio::time::Instant;

/// The machine's clocks; monotonic time counts from when this was made.
#[derive(Debug, Clone, Copy)]
pub struct SystemClock {
    started: Instant,
}

impl SystemClock {
    /// Starts counting monotonic time.
    pub fn start() -> Self {
        Self { started: Instant::now() }
    }

    /// The moment tokio's timers know as this monotonic time.
    pub fn instant(&self, mono: std::time::Duration) -> Instant {
        self.started + mono
    }
}

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "everybody else is given the time from here")]
    fn now(&self) -> Now {
        Now { wall: DateTime::<Utc>::from(SystemTime::now()), mono: self.started.elapsed() }
    }
}
