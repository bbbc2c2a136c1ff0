//! One device: it wants a revision of its room and has one.
//!
//! Deliveries are a state and not a queue: whatever happened meanwhile, what is delivered is the present, and a dead
//! device costs nobody else anything.

mod leaving;
#[cfg(test)]
mod tests;

pub use leaving::Leaving;

use crate::{
    action::{Deliver, Settle},
    back_off::{BackOff, Dice},
    event::{Delivered, DeviceStart, Page},
};
use chrono::{DateTime, Utc};
use meeting_model::id::{DeviceId, Revision, RoomId};
use serde::{Deserialize, Serialize};
use std::time::Duration;

const RETRY: BackOff = BackOff { first: Duration::from_secs(1), most: Duration::from_mins(2) };

/// A device that was told to fetch and has not is told again after this time: a phone that was busy has forgotten it.
const TELL_AGAIN: Duration = Duration::from_mins(1);

/// One that was told so often and has not fetched deserves somebody's attention.
const TOLD_IN_VAIN: u32 = 5;

/// A device that may have lost what it had gets the present after this time: one that says so again and again is not fed at
/// its own pace.
const FORGOT: Duration = Duration::from_secs(2);

/// One device of a room.
#[derive(Debug, Serialize, Deserialize)]
pub struct Device {
    pub(crate) id: DeviceId,
    pub(crate) room: RoomId,
    pub(crate) address: String,
    wanted: Revision,
    acknowledged: Revision,
    digest: Option<String>,
    attempts: u32,
    trouble: Option<String>,
    delivering: Option<Delivering>,
    told: Option<Told>,
    /// The newest page that it has fetched since the start.
    fetched: Option<Page>,
    /// A look at the device is due at this monotonic time.
    look_at: Option<Duration>,
    /// The present changes by itself at this wall-clock time.
    next_change: Option<DateTime<Utc>>,
    /// When the present was last rendered for it and arrived, by the wall clock.
    looked: Option<DateTime<Utc>>,
    answered_at: Option<DateTime<Utc>>,
}

/// A delivery under way.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Delivering {
    since: DateTime<Utc>,
    /// It may have lost what it had meanwhile.
    forgot: bool,
}

/// What it was told to fetch, and has not.
#[derive(Debug, Serialize, Deserialize)]
struct Told {
    page: Page,
    digest: String,
    times: u32,
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
            delivering: None,
            told: None,
            fetched: None,
            look_at: None,
            next_change: None,
            looked: None,
            answered_at: None,
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

    /// When it was last heard to be well, by the wall clock: it took what it was told, fetched its page, or called. Nothing
    /// since the start where it was not.
    pub fn answered_at(&self) -> Option<DateTime<Utc>> {
        self.answered_at
    }

    /// It was heard to be well.
    pub(crate) fn answered(&mut self, now: DateTime<Utc>) {
        self.answered_at = Some(now);
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
        if self.attempts == 0 || (self.look_at.is_none() && self.delivering.is_none()) {
            self.look_at = Some(now);
        }
    }

    /// When it is to be looked at next, in monotonic time. Never while it is being looked at.
    pub(crate) fn look_at(&self) -> Option<Duration> {
        if self.is_delivering() { None } else { self.look_at }
    }

    /// When its present changes by itself.
    pub(crate) fn next_change(&self) -> Option<DateTime<Utc>> {
        if self.is_delivering() { None } else { self.next_change }
    }

    fn is_delivering(&self) -> bool {
        self.delivering.is_some()
    }

    /// The wall clock was set back: what was rendered for a time that is still to come is rendered again.
    pub(crate) fn clock_went_back(&mut self, mono: Duration, wall: DateTime<Utc>) {
        if self.looked.is_some_and(|looked| looked > wall) {
            self.looked = Some(wall);
            self.look_soon(mono);
        }
    }

    fn look_soon(&mut self, at: Duration) {
        self.look_at = Some(self.look_at.map_or(at, |before| before.min(at)));
    }

    /// Starts a delivery, where one is due.
    pub(crate) fn deliver(&mut self, mono: Duration, wall: DateTime<Utc>) -> Option<Deliver> {
        let due = self.look_at().is_some_and(|at| at <= mono);
        let changes = self.next_change().is_some_and(|at| at <= wall);
        if !due && !changes {
            return None;
        }
        self.delivering = Some(Delivering { since: wall, forgot: false });
        self.look_at = None;
        self.next_change = None;
        Some(Deliver {
            device: self.id.clone(),
            room: self.room.clone(),
            digest: self.digest.clone(),
            since: self.looked,
            as_of: None, // its room's to say
        })
    }

    /// A delivery ended. Returns what the store should know, where that is anything new.
    pub(crate) fn delivered(&mut self, result: Delivered, now: Duration, dice: &mut Dice) -> Option<Settle> {
        let under_way = self.delivering.take();
        let settle = match result {
            Delivered::Acknowledged { rev, digest, sent, next_change, .. } => {
                self.looked = under_way.map(|delivery| delivery.since);
                self.next_change = Some(next_change);
                self.told = None;
                self.has(rev, digest, sent)
            }
            Delivered::Told { page, digest, next_change, unfetched, .. } => {
                self.looked = under_way.map(|delivery| delivery.since);
                self.next_change = Some(next_change);
                self.was_told(page, digest, unfetched, now)
            }
            Delivered::Failed { rev, wait, sentence } => {
                self.attempts += 1;
                // it may have taken what it did not answer for
                self.digest = None;
                let wait = wait.unwrap_or_else(|| RETRY.wait(self.attempts, dice));
                self.trouble = Some(sentence);
                self.look_at = Some(now + wait);
                // it is looked at then, and not before
                self.next_change = None;
                Some(self.settlement(rev, Some(wait)))
            }
        };
        if under_way.is_some_and(|delivery| delivery.forgot) {
            self.forgot(now);
        }
        settle
    }

    /// It has what was rendered.
    fn has(&mut self, rev: Revision, digest: String, sent: bool) -> Option<Settle> {
        let news = sent || self.attempts > 0 || self.trouble.is_some() || rev > self.acknowledged;
        self.acknowledged = self.acknowledged.max(rev);
        self.wanted = self.wanted.max(rev);
        self.digest = Some(digest);
        self.attempts = 0;
        self.trouble = None;
        news.then(|| self.settlement(rev, None))
    }

    fn was_told(&mut self, page: Page, digest: String, unfetched: String, now: Duration) -> Option<Settle> {
        if self.digest.as_ref() == Some(&digest) {
            // It was reminded of what it shows.
            self.told = None;
            return self.has(page.rev, digest, false);
        }
        self.attempts = 0;
        self.wanted = self.wanted.max(page.rev);
        let times = self.told.as_ref().map_or(1, |told| told.times + 1);
        self.trouble = (times >= TOLD_IN_VAIN).then_some(unfetched);
        self.told = Some(Told { page, digest, times });
        let settle = self.has_fetched();
        if self.told.is_some() {
            self.look_soon(now + TELL_AGAIN);
        }
        settle
    }

    /// It has fetched a page. Returns what the store should know, where it was told to.
    pub(crate) fn fetched(&mut self, page: Page) -> Option<Settle> {
        self.fetched = Some(self.fetched.filter(|newest| newest.at > page.at).unwrap_or(page));
        let settle = self.has_fetched();
        let waits_for_nothing = self.acknowledged >= self.wanted && self.attempts == 0;
        if settle.is_some() && waits_for_nothing {
            self.look_at = None;
        }
        settle
    }

    fn has_fetched(&mut self) -> Option<Settle> {
        let page = self.fetched?;
        let Told { page: told, digest, .. } = self.told.take_if(|told| page.has(told.page))?;
        self.has(told.rev, digest, true)
    }

    /// It may have lost what it had.
    pub(crate) fn forgot(&mut self, now: Duration) {
        if let Some(delivery) = &mut self.delivering {
            delivery.forgot = true;
            return;
        }
        self.digest = None;
        self.told = None;
        // It speaks to us: whatever was wrong with it may be over.
        self.look_soon(now + FORGOT);
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
