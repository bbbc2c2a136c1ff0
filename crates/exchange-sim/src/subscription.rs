//! Pull subscriptions ([MS-OXWSNTIF] 3.1.4.3): a place in a mailbox's event log, and who may read on from it.

use std::collections::BTreeMap;

use chrono::{DateTime, Duration, Utc};

use crate::World;
use crate::calendar::EventKind;
use crate::world::RoomNumber;

/// Which events a subscription asks for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct EventTypes {
    pub(crate) created: bool,
    pub(crate) modified: bool,
    pub(crate) moved: bool,
    pub(crate) deleted: bool,
}

impl EventTypes {
    /// Adds one by the name it has in a request; the others never happen in a room's calendar.
    pub(crate) fn add(&mut self, name: &str) {
        match name {
            "CreatedEvent" => self.created = true,
            "ModifiedEvent" => self.modified = true,
            "MovedEvent" => self.moved = true,
            "DeletedEvent" => self.deleted = true,
            _ => {}
        }
    }

    pub(crate) fn want(self, kind: EventKind) -> bool {
        match kind {
            EventKind::Created(_) => self.created,
            EventKind::Modified(_) | EventKind::FolderModified => self.modified,
            EventKind::Moved { .. } => self.moved,
            EventKind::Deleted(_) => self.deleted,
        }
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Subscription {
    pub(crate) owner: String,
    pub(crate) types: EventTypes,
    pub(crate) timeout: Duration,
    pub(crate) used_at: DateTime<Utc>,
}

impl Subscription {
    pub(crate) fn expired(&self, now: DateTime<Utc>) -> bool {
        now - self.used_at >= self.timeout
    }
}

/// A subscription's name: its mailbox, and a serial number.
pub(crate) type SubscriptionKey = (RoomNumber, u64);

/// All subscriptions of a world.
#[derive(Debug, Clone)]
pub(crate) struct Subscriptions {
    live: BTreeMap<SubscriptionKey, Subscription>,
    serial: u64,
    /// How many a mailbox may have (`EWSMaxSubscriptions`).
    pub(crate) limit: usize,
}

impl Default for Subscriptions {
    fn default() -> Self {
        Self { live: BTreeMap::new(), serial: 0, limit: 5000 }
    }
}

impl Subscriptions {
    /// Adds one, unless the mailbox has too many that have not expired.
    pub(crate) fn add(
        &mut self,
        room: RoomNumber,
        subscription: Subscription,
        now: DateTime<Utc>,
    ) -> Option<SubscriptionKey> {
        let of_room = self.live.range((room, 0)..=(room, u64::MAX));
        if of_room.filter(|(_, other)| !other.expired(now)).count() >= self.limit {
            return None;
        }
        self.serial += 1;
        self.live.insert((room, self.serial), subscription);
        Some((room, self.serial))
    }

    pub(crate) fn get_mut(&mut self, key: SubscriptionKey) -> Option<&mut Subscription> {
        self.live.get_mut(&key)
    }

    pub(crate) fn remove(&mut self, key: SubscriptionKey) -> Option<Subscription> {
        self.live.remove(&key)
    }

    pub(crate) fn len(&self) -> usize {
        self.live.len()
    }
}

impl World {
    /// Restarts Exchange Web Services: every subscription is forgotten.
    pub fn restart_web_services(&mut self) {
        self.subscriptions.live.clear();
    }

    /// Limits how many subscriptions a mailbox may have at a time.
    pub fn limit_subscriptions(&mut self, per_mailbox: usize) {
        self.subscriptions.limit = per_mailbox;
    }
}
