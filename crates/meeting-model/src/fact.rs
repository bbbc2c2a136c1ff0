//! What copies of one meeting teach each other across rooms.
//!
//! One meeting usually books two TelePresence rooms or more, and Exchange rewrites each room's copy on its own. What
//! any copy ever said of the subject (rule S3) and of the sensitivity (rule P5) is kept by the meeting's id, which
//! every copy shares.

use crate::{
    id::RoomId,
    identity::{MeetingId, Slot},
    item::Sensitivity,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// What is known of one meeting, or of one occurrence of it, from any of its copies.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Fact {
    /// The last subject that was one: not empty, and not the organizer's name.
    pub subject: Option<String>,
    /// The room whose copy said so. Absent without a subject, and where it was not written down.
    pub said_in: Option<RoomId>,
    /// Whether it was not the room's copy that said so, but the meeting request in its mailbox.
    pub by_request: bool,
    /// The strictest sensitivity any copy ever had.
    pub sensitivity: Sensitivity,
}

impl fmt::Debug for Fact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fact").field("sensitivity", &self.sensitivity).finish_non_exhaustive()
    }
}

/// Facts by meeting and slot. The slot [`Slot::Whole`] holds for every occurrence.
pub type Facts = BTreeMap<(MeetingId, Slot), Fact>;
