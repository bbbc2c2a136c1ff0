//! A meeting as its organizer has it.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};

use crate::item::{Exception, FreeBusy, Mailbox, Sensitivity};
use crate::particulars::Particulars;
use crate::world::RoomNumber;
use crate::{GlobalObjectId, Recurrence, Zone};

/// The name of a meeting that was sent, good for the life of its world.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct MeetingHandle(pub(crate) u64);

impl std::fmt::Display for MeetingHandle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0)
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Meeting {
    pub(crate) id: GlobalObjectId,
    pub(crate) organizer: Mailbox,
    pub(crate) attendees: Vec<Mailbox>,
    pub(crate) optional: Vec<Mailbox>,
    pub(crate) resources: Vec<Mailbox>,
    /// Whether the invitations went out.
    pub(crate) sent: bool,
    /// The mailboxes it is for, its organizer's own included.
    pub(crate) rooms: Vec<RoomNumber>,
    pub(crate) subject: String,
    pub(crate) body: String,
    /// Whether something is attached to it.
    pub(crate) attached: bool,
    pub(crate) location: Option<String>,
    pub(crate) join_url: Option<String>,
    pub(crate) particulars: Arc<Particulars>,
    pub(crate) sensitivity: Sensitivity,
    pub(crate) show_as: FreeBusy,
    pub(crate) start: DateTime<Utc>,
    pub(crate) end: DateTime<Utc>,
    pub(crate) zone: Zone,
    pub(crate) all_day: bool,
    pub(crate) recurrence: Option<Recurrence>,
    pub(crate) exceptions: BTreeMap<NaiveDate, Exception>,
    pub(crate) sequence: i32,
    pub(crate) cancelled: bool,
}

impl Meeting {
    /// Start and end of the pattern's instance on a civil date.
    pub(crate) fn slot(&self, date: NaiveDate) -> (DateTime<Utc>, DateTime<Utc>) {
        let start = date.and_time(self.zone.wall(self.start).time());
        let duration = self.zone.wall(self.end) - self.zone.wall(self.start);
        (self.zone.instant(start), self.zone.instant(start + duration))
    }
}
