//! What a meeting is called: rule I1.

use crate::{global_object_id::GlobalObjectId, item::CalendarItem};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt;

/// The meeting itself, the same in every mailbox that has a copy: the clean GlobalObjectId in upper-case hex, the UID
/// wrapped as one, or a digest of what the item says where it has neither (then it begins with `soft-`).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MeetingId(String);

/// Which part of a meeting: all of it, or one occurrence of a series by the civil date the pattern gave it, in the
/// series' own zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Slot {
    /// A single meeting, or a series as a whole.
    Whole,
    /// One occurrence.
    On(NaiveDate),
}

/// What one occurrence in one room is called: `meeting/slot`, with `#2` and so on where two items of the calendar claim
/// one name with different starts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MeetingKey(String);

/// What an item's meeting is called (rule I1): its clean GlobalObjectId; else its UID as one; else a soft digest of what
/// it says, which changes when that changes.
pub fn meeting_id(item: &CalendarItem) -> MeetingId {
    named_by(item.clean_global_object_id.as_ref(), item.uid.as_deref()).unwrap_or_else(|| soft(item))
}

/// What a meeting is called by its clean GlobalObjectId, or by its UID; absent without either.
pub(crate) fn named_by(id: Option<&GlobalObjectId>, uid: Option<&str>) -> Option<MeetingId> {
    let uid = uid.map(str::trim).filter(|uid| !uid.is_empty());
    match (id, uid) {
        (Some(id), _) => Some(spelled(&id.clone().clean())),
        (None, Some(uid)) => Some(spelled(&GlobalObjectId::from_uid(uid))),
        (None, None) => None,
    }
}

fn spelled(id: &GlobalObjectId) -> MeetingId {
    MeetingId(hex::encode_upper(id.as_bytes()))
}

fn soft(item: &CalendarItem) -> MeetingId {
    let organizer = item.organizer.as_ref().map(|person| (&person.name, &person.address));
    let said = (item.start, item.end, organizer, &item.subject);
    let digest = Sha256::digest(serde_json::to_vec(&said).unwrap_or_default());
    MeetingId(format!("soft-{}", hex::encode(digest.iter().take(16).copied().collect::<Vec<u8>>())))
}

impl MeetingId {
    /// Takes an id that was made before, from a store's row.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Slot {
    /// The slot of a text made by its `Display`. Anything that is not a date is the whole.
    pub fn parse(text: &str) -> Self {
        text.parse().map_or(Self::Whole, Self::On)
    }
}

impl fmt::Display for Slot {
    /// `single`, or the date as `2026-03-02`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole => f.write_str("single"),
            Self::On(date) => date.fmt(f),
        }
    }
}

impl MeetingKey {
    /// Takes a key that was made before, from a store's row.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The key of one slot of a meeting.
    pub fn of(meeting: &MeetingId, slot: Slot) -> Self {
        Self(format!("{}/{slot}", meeting.as_str()))
    }

    /// The same key for the second item that claims it, the third and so on, by `#2`, `#3`. The first keeps its own.
    #[must_use]
    pub fn nth(self, nth: usize) -> Self {
        if nth < 2 { self } else { Self(format!("{}#{nth}", self.0)) }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Which part of its meeting it names.
    pub fn slot(&self) -> Slot {
        let slot = self.0.split_once('/').map(|(_, slot)| slot).unwrap_or_default();
        Slot::parse(slot.split('#').next().unwrap_or_default())
    }

    /// The meeting it belongs to.
    pub fn meeting(&self) -> MeetingId {
        MeetingId::new(self.0.split('/').next().unwrap_or_default())
    }
}

impl fmt::Display for MeetingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
