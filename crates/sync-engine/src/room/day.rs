//! When a room's day ends, and what becomes of what it noted when the wall clock is set.

use super::{Doing, Room};
use chrono::{DateTime, TimeDelta, Utc};

impl Room {
    /// The wall clock was set by so much: what was noted by it since the start was so much earlier or later.
    pub(crate) fn clock_was_set(&mut self, by: TimeDelta) {
        self.as_of.clock_was_set(by);
        if let Doing::Talking(conversation) = &mut self.doing {
            conversation.asked += by;
        }
    }

    /// The wall clock was set back: what was to come by a time that is still to come is found out anew.
    pub(crate) fn clock_went_back(&mut self, wall: DateTime<Utc>) {
        self.midnight = self.midnight.and_then(|_| self.next_midnight(wall));
        self.replan |= self.as_of().is_some() && self.is_first();
    }

    /// When the room's day ends. The day of a room is the matter of its first calendar.
    pub(super) fn next_midnight(&self, wall: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let day = || meeting_model::day::local_day(&self.plan.settings.zone, wall);
        self.is_first().then(|| day().window.end)
    }
}
