//! Where the world's time differs from what it is told, and whether it still has something to do.

use chrono::{DateTime, Duration, Utc};

use super::{Task, World};

#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Time {
    /// How far it was moved ahead of the clock of whoever serves it.
    lead: Duration,
    /// How wrong the clock is from which replies are dated.
    date_offset: Duration,
}

impl World {
    /// Does what is due until an instant, and counts from there on, as if that time had passed: a served world stays
    /// so far ahead of the server's clock. Time never goes back, so an earlier instant changes nothing.
    pub fn skip_to(&mut self, instant: DateTime<Utc>) {
        let ahead = (instant - self.now).max(Duration::zero());
        self.time.lead += ahead;
        self.advance(self.now + ahead);
    }

    /// Whether no script is played any more, and no attendant has anything left to decide. What else wakes the world,
    /// such as a stream's heartbeat, changes no calendar.
    pub fn is_settled(&self) -> bool {
        self.script.is_none() && !self.agenda.values().any(|task| matches!(task, Task::Settle(_)))
    }

    /// How far ahead of the server's clock it is.
    pub(crate) fn lead(&self) -> Duration {
        self.time.lead
    }

    /// Lets the server's clock be wrong by so much: the `Date` of its replies (RFC 9110 §6.6.1) tells. Nothing else
    /// follows it.
    pub fn set_date_offset(&mut self, offset: Duration) {
        self.time.date_offset = offset;
    }

    /// How wrong that clock is.
    pub fn date_offset(&self) -> Duration {
        self.time.date_offset
    }

    /// Lets chance begin anew: from now on the same calls are struck by the same faults, and get the same ids.
    pub fn reseed(&mut self, seed: u64) {
        self.dice = crate::dice::Dice::new(seed);
    }
}
