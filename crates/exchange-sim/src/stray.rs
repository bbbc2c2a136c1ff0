//! What lies in a calendar and is no calendar item: mail that somebody dragged there, a request that was moved, the
//! item of another program. SyncFolderItems, GetItem and notifications tell of it; views do not.

use chrono::{DateTime, Utc};

use crate::world::RoomNumber;
use crate::{SimError, World};

/// A kind of item that is none of a calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stray {
    /// A mail: `t:Message`.
    Message,
    /// A request that nobody processed: `t:MeetingRequest`.
    MeetingRequest,
    /// Anything else: `t:Item`.
    Item,
}

/// A stray item in a calendar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StrayItem {
    pub(crate) number: u64,
    /// The mailbox's change number when it came, or was last marked.
    pub(crate) changed: u64,
    pub(crate) is_read: bool,
    pub(crate) kind: Stray,
    pub(crate) subject: String,
    pub(crate) created_at: DateTime<Utc>,
}

impl World {
    /// Puts an item into a room's calendar that is no calendar item.
    ///
    /// # Errors
    ///
    /// [`SimError::UnknownRoom`].
    pub fn misplace(
        &mut self,
        room: &str,
        kind: Stray,
        subject: &str,
        now: DateTime<Utc>,
    ) -> Result<(), SimError> {
        self.advance(now);
        let number = self.room_number(room)?;
        if let Some(room) = self.room_mut(number) {
            room.calendar.misplace(kind, subject, now);
        }
        Ok(())
    }

    /// Marks all such items of a room's calendar as read, or as not read.
    ///
    /// # Errors
    ///
    /// [`SimError::UnknownRoom`].
    pub fn mark_strays(&mut self, room: &str, is_read: bool, now: DateTime<Utc>) -> Result<(), SimError> {
        self.advance(now);
        let number = self.room_number(room)?;
        if let Some(room) = self.room_mut(number) {
            room.calendar.mark_strays(is_read, now);
        }
        Ok(())
    }

    /// Removes such an item for good.
    pub(crate) fn remove_stray(&mut self, room: RoomNumber, number: u64) {
        let at = self.now;
        if let Some(room) = self.room_mut(room) {
            room.calendar.remove_stray(number, at);
        }
    }
}
