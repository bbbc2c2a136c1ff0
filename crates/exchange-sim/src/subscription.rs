//! Subscriptions ([MS-OXWSNTIF] 3.1.4.3): who wants to hear of what in a mailbox, and in which way.

use std::collections::BTreeMap;

use chrono::{DateTime, Duration, Utc};

use crate::World;
use crate::calendar::{Event, EventKind};
use crate::world::{Push, RoomNumber, StreamId};

/// Which events a subscription asks for, and of which folders.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Interest {
    pub(crate) calendar: bool,
    pub(crate) deleted_items: bool,
    /// `SubscribeToAllFolders`.
    pub(crate) all_folders: bool,
    created: bool,
    modified: bool,
    moved: bool,
    deleted: bool,
    free_busy: bool,
}

impl Interest {
    /// Adds an event by the name it has in a request; false when it has no such name.
    pub(crate) fn add(&mut self, name: &str) -> bool {
        match name {
            "CreatedEvent" => self.created = true,
            "ModifiedEvent" => self.modified = true,
            "MovedEvent" => self.moved = true,
            "DeletedEvent" => self.deleted = true,
            "FreeBusyChangedEvent" => self.free_busy = true,
            // They never happen in a room's calendar.
            "CopiedEvent" | "NewMailEvent" => {}
            _ => return false,
        }
        true
    }

    pub(crate) fn wants(self, event: &Event) -> bool {
        let calendar = self.calendar || self.all_folders;
        match event.kind {
            EventKind::Created(_) => calendar && self.created,
            EventKind::Modified(_) | EventKind::FolderModified => calendar && self.modified,
            // Whoever watches all folders sees that it was deleted, not where it went.
            EventKind::Moved { .. } if self.all_folders => self.deleted,
            EventKind::Moved { .. } => (self.calendar || self.deleted_items) && self.moved,
            EventKind::Deleted(_) => calendar && self.deleted,
            EventKind::FreeBusyChanged(_) => calendar && self.free_busy,
            EventKind::FreeBusyData => self.all_folders && self.modified,
        }
    }
}

/// How a subscription's events reach its owner.
#[derive(Debug, Clone)]
pub(crate) enum Delivery {
    /// They are asked for. Those up to the watermark `told` were, and have left the queue.
    Pull { timeout: Duration, told: u64 },
    /// They come in the body of a reply that stays open.
    Streaming { stream: Option<StreamId>, idle: Duration, told: u64 },
    /// They are posted.
    Push(Push),
}

#[derive(Debug, Clone)]
pub(crate) struct Subscription {
    pub(crate) owner: String,
    /// The server that holds it.
    pub(crate) server: u32,
    pub(crate) interest: Interest,
    pub(crate) delivery: Delivery,
    pub(crate) used_at: DateTime<Utc>,
}

impl Subscription {
    pub(crate) fn expired(&self, now: DateTime<Utc>) -> bool {
        match self.delivery {
            Delivery::Pull { timeout: idle, .. } | Delivery::Streaming { stream: None, idle, .. } => {
                now - self.used_at >= idle
            }
            Delivery::Streaming { .. } | Delivery::Push(_) => false,
        }
    }
}

/// Who listens.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Listener {
    Stream(StreamId),
    Push,
}

/// A subscription's name: its mailbox, and a serial number.
pub(crate) type SubscriptionKey = (RoomNumber, u64);

/// All subscriptions of a world.
#[derive(Debug, Clone, Default)]
pub(crate) struct Subscriptions {
    live: BTreeMap<SubscriptionKey, Subscription>,
    serial: u64,
}

impl Subscriptions {
    /// Adds one, unless the mailbox has `limit` that have not expired.
    pub(crate) fn add(
        &mut self,
        room: RoomNumber,
        subscription: Subscription,
        now: DateTime<Utc>,
        limit: usize,
    ) -> Option<SubscriptionKey> {
        if self.of_room(room).filter(|(_, other)| !other.expired(now)).count() >= limit {
            return None;
        }
        self.serial += 1;
        self.live.insert((room, self.serial), subscription);
        Some((room, self.serial))
    }

    pub(crate) fn of_room(&self, room: RoomNumber) -> impl Iterator<Item = (SubscriptionKey, &Subscription)> {
        self.live.range((room, 0)..=(room, u64::MAX)).map(|(key, subscription)| (*key, subscription))
    }

    pub(crate) fn get(&self, key: SubscriptionKey) -> Option<&Subscription> {
        self.live.get(&key)
    }

    pub(crate) fn get_mut(&mut self, key: SubscriptionKey) -> Option<&mut Subscription> {
        self.live.get_mut(&key)
    }

    pub(crate) fn remove(&mut self, key: SubscriptionKey) -> Option<Subscription> {
        self.live.remove(&key)
    }

    /// Forgets those of a room.
    pub(crate) fn forget(&mut self, room: RoomNumber) {
        self.live.retain(|(of, _), _| *of != room);
    }

    /// Those of a room whose events are told as they happen.
    pub(crate) fn listeners(&self, room: RoomNumber) -> Vec<(SubscriptionKey, Listener)> {
        let listening = self.of_room(room).filter_map(|(key, subscription)| match &subscription.delivery {
            Delivery::Streaming { stream: Some(stream), .. } => Some((key, Listener::Stream(*stream))),
            Delivery::Push(_) => Some((key, Listener::Push)),
            _ => None,
        });
        listening.collect()
    }

    pub(crate) fn len(&self) -> usize {
        self.live.len()
    }
}

impl World {
    /// The events after a watermark that a subscription is told of.
    pub(crate) fn events_for(&self, key: SubscriptionKey, watermark: u64) -> Vec<Event> {
        let Some(calendar) = self.room(key.0).map(|room| &room.calendar) else { return Vec::new() };
        let Some(interest) = self.subscriptions.get(key).map(|subscription| subscription.interest) else {
            return Vec::new();
        };
        let habits = self.profile.habits();
        let tells = |event: &&Event| habits.tells(event.kind, interest.all_folders);
        let events = calendar.events_after(watermark).filter(tells);
        events.filter(|event| interest.wants(event)).copied().collect()
    }

    /// Restarts Exchange Web Services: every subscription is forgotten, every stream breaks off.
    pub fn restart_web_services(&mut self) {
        self.subscriptions.live.clear();
        self.break_streams();
    }
}
