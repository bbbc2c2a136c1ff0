//! A device that is no longer its room's: it is to show nothing of ours, and is then forgotten.

use super::{Device, RETRY};
use crate::{back_off::Dice, event::NotEmptied};
use meeting_model::id::RoomId;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// For how long it is tried to empty a device. One that does not answer for so long is gone.
const TRIED_FOR: Duration = Duration::from_hours(24);

/// A device that is to show nothing of ours any more.
#[derive(Debug, Serialize, Deserialize)]
pub struct Leaving {
    room: RoomId,
    pub(crate) address: String,
    until: Duration,
    look_at: Duration,
    under_way: UnderWay,
    attempts: u32,
    trouble: Option<String>,
}

/// What is being done with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum UnderWay {
    Nothing,
    /// A delivery that began while it was the room's: it could arrive late, and is waited for.
    Delivery,
    Emptying,
}

impl Leaving {
    /// A device that leaves now.
    pub(crate) fn new(device: Device, now: Duration) -> Self {
        Self {
            room: device.room,
            address: device.address,
            until: now + TRIED_FOR,
            look_at: now,
            under_way: if device.delivering.is_some() { UnderWay::Delivery } else { UnderWay::Nothing },
            attempts: 0,
            trouble: None,
        }
    }

    /// The room that it was of.
    pub fn room(&self) -> &RoomId {
        &self.room
    }

    /// Failures in a row.
    pub fn attempts(&self) -> u32 {
        self.attempts
    }

    /// What is wrong, and what to do.
    pub fn trouble(&self) -> Option<&str> {
        self.trouble.as_deref()
    }

    /// When it is to be looked at next, in monotonic time. Never while something is under way.
    pub(crate) fn look_at(&self) -> Option<Duration> {
        (self.under_way == UnderWay::Nothing).then(|| self.look_at.min(self.until))
    }

    /// Whether it was tried for long enough.
    pub(crate) fn is_over(&self, now: Duration) -> bool {
        self.under_way == UnderWay::Nothing && self.until <= now
    }

    /// Whether it is to be emptied now; whoever asks does so then.
    pub(crate) fn empty(&mut self, now: Duration) -> bool {
        let due = self.look_at().is_some_and(|at| at <= now);
        if due {
            self.under_way = UnderWay::Emptying;
        }
        due
    }

    /// The delivery that began while it was the room's has ended, however. Says whether there was one.
    pub(crate) fn delivered(&mut self) -> bool {
        let was_delivery = self.under_way == UnderWay::Delivery;
        if was_delivery {
            self.under_way = UnderWay::Nothing;
        }
        was_delivery
    }

    /// It could not be emptied.
    pub(crate) fn failed(&mut self, failure: NotEmptied, now: Duration, dice: &mut Dice) {
        self.under_way = UnderWay::Nothing;
        self.attempts += 1;
        self.look_at = now + failure.wait.unwrap_or_else(|| RETRY.wait(self.attempts, dice));
        self.trouble = Some(failure.sentence);
    }
}
