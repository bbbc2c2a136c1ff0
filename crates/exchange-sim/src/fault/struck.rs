//! Whom faults have struck, and when.

use super::{Fault, Faults};
use crate::{World, world::RoomNumber};
use chrono::{DateTime, Utc};
use std::collections::BTreeMap;

/// Whom faults have struck, and when for the last time.
#[derive(Debug, Clone, Default)]
pub(super) struct Tally {
    strikes: u64,
    last: BTreeMap<(Fault, RoomNumber), DateTime<Utc>>,
}

impl Tally {
    /// A fault strikes what is asked, or told, of a room.
    pub(super) fn note(&mut self, fault: Fault, room: RoomNumber, now: DateTime<Utc>) {
        self.strikes += 1;
        self.last.insert((fault, room), now);
    }
}

impl Faults {
    /// A fault strikes what a stream tells of a room.
    pub(crate) fn strikes_word(&mut self, fault: Fault, room: RoomNumber, now: DateTime<Utc>) {
        self.tally.note(fault, room, now);
    }
}

impl World {
    /// How often faults have struck calls, and what streams said: where this is as before, so is [`World::struck`].
    pub fn strikes(&self) -> u64 {
        self.faults.tally.strikes
    }

    /// When a fault last struck a call about a room, or what a stream said of it.
    pub fn struck(&self, fault: Fault, room: &str) -> Option<DateTime<Utc>> {
        let room = self.room_number(room).ok()?;
        self.faults.tally.last.get(&(fault, room)).copied()
    }
}
