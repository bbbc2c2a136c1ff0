//! When a device is to be looked at though nothing was committed: a meeting starts or ends, the day does, or somebody is to be
//! reminded.
//!
//! All of it is wall-clock time, compared with the corrected clock whenever that is looked at: a step of the clock makes
//! nothing come twice, and what was skipped comes at once unless it is past.

use chrono::{DateTime, TimeDelta, Utc};
use meeting_model::display::{Displayed, Present};
use std::time::Duration;

/// A reminder that is later than this is none: a device that returns gets the present and not the past.
const LATEST: TimeDelta = TimeDelta::minutes(1);

/// When the people in front of a device are reminded of a meeting: so long before it starts, and when it starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reminders {
    /// How long before.
    pub before: Duration,
}

impl Default for Reminders {
    /// 10 minutes.
    fn default() -> Self {
        Self { before: Duration::from_mins(10) }
    }
}

impl Reminders {
    /// The meeting whose reminder came due after `since` and until now. Of several the last.
    pub fn due(self, present: &Present, since: Option<DateTime<Utc>>) -> Option<&Displayed> {
        let after = since?.max(present.now - LATEST);
        let is_due = |meeting: &&Displayed| self.of(meeting).any(|at| after < at && at <= present.now);
        present.meetings.iter().filter(is_due).max_by_key(|meeting| meeting.start)
    }

    /// When the next reminder is due.
    pub fn next(self, present: &Present) -> Option<DateTime<Utc>> {
        present.meetings.iter().flat_map(|meeting| self.of(meeting)).filter(|at| *at > present.now).min()
    }

    /// Nobody is reminded of what stands for whole days.
    fn of(self, meeting: &Displayed) -> impl Iterator<Item = DateTime<Utc>> {
        let before =
            TimeDelta::from_std(self.before).ok().and_then(|span| meeting.start.checked_sub_signed(span));
        let both = before.into_iter().chain([meeting.start]);
        both.filter(|_| meeting.all_day.is_none())
    }
}

#[cfg(test)]
mod tests;
