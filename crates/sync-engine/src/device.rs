//! One device: it wants a revision of its room and has one.
//!
//! Deliveries are a state and not a queue: whatever happened meanwhile, what is delivered is the present, and a dead
//! device costs nobody else anything.

mod leaving;

pub use leaving::Leaving;

use crate::{
    action::{Deliver, Settle},
    back_off::{BackOff, Dice},
    event::{Delivered, DeviceStart},
};
use chrono::{DateTime, Utc};
use meeting_model::id::{DeviceId, Revision, RoomId};
use std::time::Duration;

const RETRY: BackOff = BackOff { first: Duration::from_secs(1), most: Duration::from_mins(2) };

/// One device of a room.
#[derive(Debug)]
pub struct Device {
    pub(crate) id: DeviceId,
    pub(crate) room: RoomId,
    pub(crate) address: String,
    wanted: Revision,
    acknowledged: Revision,
    digest: Option<String>,
    attempts: u32,
    trouble: Option<String>,
    delivering: bool,
    /// A look at the device is due at this monotonic time.
    look_at: Option<Duration>,
    /// The present changes by itself at this wall-clock time.
    next_change: Option<DateTime<Utc>>,
}

impl Device {
    /// A device as it was last seen. It is looked at once at the start: meetings have begun and ended meanwhile. What it
    /// already has is not sent again.
    pub(crate) fn new(id: DeviceId, room: RoomId, address: String) -> Self {
        Self {
            id,
            room,
            address,
            wanted: Revision::default(),
            acknowledged: Revision::default(),
            digest: None,
            attempts: 0,
            trouble: None,
            delivering: false,
            look_at: None,
            next_change: None,
        }
    }

    /// The revision it should show.
    pub fn wanted(&self) -> Revision {
        self.wanted
    }

    /// The revision it has acknowledged.
    pub fn acknowledged(&self) -> Revision {
        self.acknowledged
    }

    /// Failures in a row.
    pub fn attempts(&self) -> u32 {
        self.attempts
    }

    /// What is wrong, and what to do.
    pub fn trouble(&self) -> Option<&str> {
        self.trouble.as_deref()
    }

    /// Its room.
    pub fn room(&self) -> &RoomId {
        &self.room
    }

    pub(crate) fn restore(&mut self, start: DeviceStart) {
        self.acknowledged = start.acknowledged;
        self.digest = start.digest;
        self.attempts = start.attempts;
    }

    /// Its room has this revision. A failing device is not tried sooner for it; after a start it is tried once.
    pub(crate) fn want(&mut self, rev: Revision, now: Duration) {
        self.wanted = self.wanted.max(rev);
        if self.attempts == 0 || (self.look_at.is_none() && !self.delivering) {
            self.look_at = Some(now);
        }
    }

    /// When it is to be looked at next, in monotonic time. Never while it is being looked at.
    pub(crate) fn look_at(&self) -> Option<Duration> {
        if self.delivering { None } else { self.look_at }
    }

    /// When its present changes by itself.
    pub(crate) fn next_change(&self) -> Option<DateTime<Utc>> {
        if self.delivering { None } else { self.next_change }
    }

    /// Starts a delivery, where one is due.
    pub(crate) fn deliver(&mut self, mono: Duration, wall: DateTime<Utc>) -> Option<Deliver> {
        let due = self.look_at().is_some_and(|at| at <= mono);
        let changes = self.attempts == 0 && self.next_change().is_some_and(|at| at <= wall);
        if !due && !changes {
            return None;
        }
        self.delivering = true;
        self.look_at = None;
        self.next_change = None;
        Some(Deliver { device: self.id.clone(), room: self.room.clone(), digest: self.digest.clone() })
    }

    /// A delivery ended. Returns what the store should know, where that is anything new.
    pub(crate) fn delivered(&mut self, result: Delivered, now: Duration, dice: &mut Dice) -> Option<Settle> {
        self.delivering = false;
        match result {
            Delivered::Acknowledged { rev, digest, sent, next_change } => {
                let news = sent || self.attempts > 0 || rev > self.acknowledged;
                self.acknowledged = self.acknowledged.max(rev);
                self.wanted = self.wanted.max(rev);
                self.digest = Some(digest);
                self.attempts = 0;
                self.trouble = None;
                self.next_change = Some(next_change);
                news.then(|| self.settlement(rev, None))
            }
            Delivered::Failed { rev, wait, sentence } => {
                self.attempts += 1;
                let wait = wait.unwrap_or_else(|| RETRY.wait(self.attempts, dice));
                self.trouble = Some(sentence);
                self.look_at = Some(now + wait);
                Some(self.settlement(rev, Some(wait)))
            }
        }
    }

    fn settlement(&self, rev: Revision, retry_in: Option<Duration>) -> Settle {
        Settle {
            device: self.id.clone(),
            rev,
            digest: if retry_in.is_none() { self.digest.clone() } else { None },
            attempts: self.attempts,
            retry_in,
            error: self.trouble.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WALL: DateTime<Utc> = DateTime::UNIX_EPOCH;

    fn device() -> Device {
        Device::new(DeviceId::new("berlin/phone"), RoomId::new("berlin"), "10.0.0.9".into())
    }

    fn seconds(n: u64) -> Duration {
        Duration::from_secs(n)
    }

    fn failed() -> Delivered {
        Delivered::Failed { rev: Revision(1), wait: None, sentence: "no answer".into() }
    }

    fn acknowledged(rev: i64, next: i64) -> Delivered {
        Delivered::Acknowledged {
            rev: Revision(rev),
            digest: format!("digest of {rev}"),
            sent: true,
            next_change: WALL + chrono::TimeDelta::seconds(next),
        }
    }

    #[test]
    fn a_failing_device_is_retried_with_longer_waits_until_it_answers() {
        let (mut device, mut dice) = (device(), Dice::new(1));
        device.want(Revision(1), seconds(0));
        let mut now = seconds(0);
        for _ in 0..12 {
            assert!(device.deliver(now, WALL).is_some());
            let settled = device.delivered(failed(), now, &mut dice).unwrap();
            assert!(settled.retry_in.unwrap() <= RETRY.most);
            device.want(Revision(2), now);
            assert!(device.deliver(now, WALL).is_none(), "a new revision does not shorten the wait");
            now = device.look_at().unwrap();
        }
        assert!(device.deliver(now, WALL).is_some());
        let settled = device.delivered(acknowledged(2, 60), now, &mut dice).unwrap();
        assert_eq!((settled.attempts, settled.rev), (0, Revision(2)));
        assert!(device.trouble().is_none());
    }

    #[test]
    fn a_revision_that_comes_while_one_is_delivered_is_delivered_afterwards() {
        let (mut device, mut dice) = (device(), Dice::new(1));
        device.want(Revision(1), seconds(0));
        assert!(device.deliver(seconds(0), WALL).is_some());
        device.want(Revision(2), seconds(0));
        assert!(device.deliver(seconds(0), WALL).is_none(), "one at a time");
        device.delivered(acknowledged(1, 60), seconds(0), &mut dice);
        assert!(device.deliver(seconds(0), WALL).is_some());
    }

    #[test]
    fn the_present_changes_by_itself_when_a_meeting_starts() {
        let (mut device, mut dice) = (device(), Dice::new(1));
        device.want(Revision(1), seconds(0));
        device.deliver(seconds(0), WALL);
        device.delivered(acknowledged(1, 60), seconds(0), &mut dice);
        assert!(device.deliver(seconds(59), WALL + chrono::TimeDelta::seconds(59)).is_none());
        let look = device.deliver(seconds(60), WALL + chrono::TimeDelta::seconds(60)).unwrap();
        assert_eq!(look.digest.as_deref(), Some("digest of 1"));
    }
}
