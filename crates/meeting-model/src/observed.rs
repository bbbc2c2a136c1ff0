//! One read of a room's calendar.

use crate::{
    clock::Window,
    id::{CalendarNumber, ItemId, ServerId},
    identity::{MeetingId, meeting_id},
    item::CalendarItem,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// What one read of a room's calendar said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Observed {
    /// Which calendar of the room's was read: it says nothing of the others.
    pub calendar: CalendarNumber,
    /// Items that were read whole: single meetings and series.
    pub items: Vec<CalendarItem>,
    /// Items that the server said are gone.
    pub deleted: Vec<ItemId>,
    /// Items that the server named but that could not be read: kept as they were known, never deleted.
    pub unreadable: Vec<ItemId>,
    /// How much of the calendar this read covers.
    pub coverage: Coverage,
}

impl Observed {
    /// A read that named nothing.
    pub fn nothing(coverage: Coverage) -> Self {
        let (calendar, items, deleted, unreadable) = Default::default();
        Self { calendar, items, deleted, unreadable, coverage }
    }

    /// The meetings this read speaks of: what the store is asked for facts about before planning.
    pub fn meeting_ids(&self) -> BTreeSet<MeetingId> {
        self.items.iter().map(meeting_id).collect()
    }

    /// The same, read of this calendar of its room's: items are called as the room calls them.
    #[must_use]
    pub fn of_calendar(mut self, calendar: CalendarNumber) -> Self {
        self.calendar = calendar;
        self.items.iter_mut().for_each(|item| lies_in(item, calendar));
        for id in self.deleted.iter_mut().chain(&mut self.unreadable) {
            *id = id.clone().of_calendar(calendar);
        }
        self
    }
}

fn lies_in(item: &mut CalendarItem, calendar: CalendarNumber) {
    item.item_id = item.item_id.clone().of_calendar(calendar);
    let exceptions = item.series.iter_mut().flat_map(|series| &mut series.exceptions);
    exceptions.filter_map(|exception| exception.item.as_deref_mut()).for_each(|own| lies_in(own, calendar));
}

/// How much of a calendar a read covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Coverage {
    /// What changed since the cursor: what is not named is as it was.
    Delta,
    /// Everything that overlaps the window or repeats: what is not named is gone.
    Complete {
        /// The span that was read.
        window: Window,
        /// Whether a second read by another operation has confirmed that the calendar is as empty as it looks.
        confirmed: bool,
    },
}

/// Where the next delta read goes on. Opaque, and bound to the protocol that made it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    /// Which protocol understands it.
    pub protocol: Protocol,
    /// Its bytes: text as a rule, and written down as such.
    #[serde(with = "text")]
    pub bytes: Vec<u8>,
}

/// Where a room's rows were read, by the names of the configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// The server that holds the calendar.
    pub server: ServerId,
    /// The server that the configuration named when the room was migrated away from it; absent where the room is read where
    /// the configuration says.
    pub migrated_from: Option<ServerId>,
}

/// The protocols a room can be read by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Protocol {
    /// Exchange Web Services.
    Ews,
    /// WebDAV, of Exchange 2003 and 2007.
    Webdav,
}

/// Bytes that are written as text where they are text.
mod text {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Written {
        Text(String),
        Bytes(Vec<u8>),
    }

    pub(super) fn serialize<S: Serializer>(bytes: &[u8], to: S) -> Result<S::Ok, S::Error> {
        match str::from_utf8(bytes) {
            Ok(text) => to.serialize_str(text),
            Err(_) => bytes.serialize(to),
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<u8>, D::Error> {
        Ok(match Written::deserialize(from)? {
            Written::Text(text) => text.into_bytes(),
            Written::Bytes(bytes) => bytes,
        })
    }
}
