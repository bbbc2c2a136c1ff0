//! The plan: what a read changes, and why.

pub use crate::planner::{Site, plan};
use crate::{
    decision::Decision,
    display::Displayed,
    fact::Facts,
    id::{CalendarNumber, ItemId, Revision, RoomId},
    identity::MeetingKey,
    item::{CalendarItem, ShowAs},
    join::Join,
    known::AcceptanceHistory,
    observed::{Cursor, Source},
    tombstone::Tombstone,
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// What one read, or one look at the clock, changes in a room: committed whole or not at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// Whose.
    pub room: RoomId,
    /// The revision it was made against.
    pub base: Revision,
    /// Which of its calendars was read; without meaning where none was.
    pub calendar: CalendarNumber,
    /// Items to store as they were read: new ones and changed ones.
    pub items: Vec<CalendarItem>,
    /// Items that are gone.
    pub removed_items: Vec<ItemId>,
    /// Occurrences to store: new ones and changed ones.
    pub occurrences: Vec<PlannedOccurrence>,
    /// Occurrences that are gone, or have left the window.
    pub removed_occurrences: Vec<MeetingKey>,
    /// Facts to store: new ones and changed ones.
    pub learned: Facts,
    /// What to remember of occurrences that vanished: new ones and changed ones.
    pub tombstones: Vec<Tombstone>,
    /// Tombstones that are to be forgotten: of what came back, and of what is long gone.
    pub removed_tombstones: Vec<MeetingKey>,
    /// Who accepts for the room from now on.
    pub acceptance: AcceptanceHistory,
    /// What the decisions were made with.
    pub planned_with: String,
    /// What join addresses were looked for with in that calendar, where a read of all of it has changed that.
    pub read_with: Option<String>,
    /// What people would call the difference, in order of start.
    pub changes: Vec<Change>,
    /// Whether what is displayed as before is joined otherwise: nobody sees that but a device that dials.
    pub dials_otherwise: bool,
    /// When to plan again without a read: an update is settling (rule A7).
    pub replan_at: Option<DateTime<Utc>>,
    /// Of what ended before this nothing is remembered: its names are forgotten, or it is altogether (rule P7).
    pub forgotten_before: DateTime<Utc>,
    /// Set where the read was too empty to be believed: nothing is removed until a second read agrees.
    pub suspicious: bool,
    /// Whether [`acceptance`](Self::acceptance) or [`planned_with`](Self::planned_with) differ from what is stored.
    pub settings_changed: bool,
}

impl Plan {
    /// Whether there is nothing to store.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
            && self.removed_items.is_empty()
            && self.occurrences.is_empty()
            && self.removed_occurrences.is_empty()
            && self.learned.is_empty()
            && self.tombstones.is_empty()
            && self.removed_tombstones.is_empty()
            && self.read_with.is_none()
            && !self.settings_changed
    }

    /// Whether any display changes, or what any device dials.
    pub fn changes_display(&self) -> bool {
        !self.changes.is_empty() || self.dials_otherwise
    }
}

/// A plan with what must be stored in the same savepoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commit {
    /// What to change.
    pub plan: Plan,
    /// Where the next delta read of the plan's calendar goes on; absent where no read was made.
    pub cursor: Option<Cursor>,
    /// Where the read was made; absent where none was.
    pub source: Option<Source>,
    /// The moment the server's answer was asked for: nothing older than this is shown as newer.
    pub as_of: Option<DateTime<Utc>>,
    /// The moment of the commit.
    pub now: DateTime<Utc>,
}

/// One occurrence in the window, and what was decided of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedOccurrence {
    /// Its name, which survives a reschedule, a new item id, a mailbox move and a change of protocol.
    pub key: MeetingKey,
    /// The item it comes from.
    pub item_id: ItemId,
    /// When the pattern would have started it. Of a single meeting: its start.
    pub original_start: DateTime<Utc>,
    /// When it starts.
    pub start: DateTime<Utc>,
    /// When it ends.
    pub end: DateTime<Utc>,
    /// What was decided, and by which rule.
    pub decision: Decision,
    /// Since when its update has been settling (rule A7).
    pub settling_since: Option<DateTime<Utc>>,
    /// When its room was first seen to have accepted it (rule A5, where the server gives no reply time).
    pub accepted_seen: Option<DateTime<Utc>>,
    /// What free/busy makes of it (section E of the rules).
    #[serde(default)]
    pub show_as: ShowAs,
    /// How to join it: for the device that dials, and for no other output (rule P1). Empty when hidden.
    #[serde(default, skip_serializing_if = "Join::is_empty")]
    pub join: Join,
    /// What may be seen of it. Absent when hidden.
    pub displayed: Option<Displayed>,
}

/// One line of a difference, for people: `resync-room` prints it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Appeared, differs, or went.
    pub kind: ChangeKind,
    /// What may be seen of it: after the change, or before it where it went.
    pub displayed: Displayed,
    /// The decision that made the difference; absent where the item itself is gone.
    pub decision: Option<Decision>,
}

/// Appeared, differs, or went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ChangeKind {
    /// It was on no display.
    Added,
    /// A display shows something else of it.
    Changed,
    /// It is on no display any more.
    Removed,
}
