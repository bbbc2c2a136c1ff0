//! When a room wants to be looked at though nothing happens.

use super::{Doing, Room};
use chrono::{DateTime, Utc};
use meeting_model::clock::Now;
use std::time::Duration;

impl Room {
    /// The next monotonic time at which it will need something though nothing happens.
    pub(crate) fn next_mono(&self, now: Now) -> Option<Duration> {
        if !matches!(self.doing, Doing::Nothing) || self.given_up {
            return None;
        }
        if let Some(until) = self.blocked_until.filter(|until| now.mono < *until) {
            return Some(until);
        }
        if self.passive {
            return self.second_look_at;
        }
        [
            Some(self.catch_up_at),
            Some(self.reconcile_at),
            self.second_look_at,
            self.seeking.at(),
            self.change_at,
            self.next_of_watch(),
        ]
        .into_iter()
        .flatten()
        .filter(|at| *at > now.mono)
        .min()
    }

    /// The next wall-clock time at which it will need something though nothing happens.
    pub(crate) fn next_wall(&self) -> Option<DateTime<Utc>> {
        if !matches!(self.doing, Doing::Nothing | Doing::Queued) || self.given_up {
            return None;
        }
        [self.replan_at, self.midnight].into_iter().flatten().min()
    }
}
