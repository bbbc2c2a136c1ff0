//! What a meeting is called: rule I1.

use crate::{id::ItemId, item::CalendarItem};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
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

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
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
