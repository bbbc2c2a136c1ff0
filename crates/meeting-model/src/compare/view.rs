//! What the server says of a span of time.

use crate::{
    clock::Window,
    global_object_id::GlobalObjectId,
    id::{CalendarNumber, ItemId},
    identity::{MeetingId, named_by},
    item::{Response, Sensitivity},
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::fmt;

/// The server's own expansion of a room's calendar in a window: FindItem with CalendarView, or a WebDAV search.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct View {
    /// What it listed, in any order.
    pub rows: Vec<ViewRow>,
    /// What it was asked for.
    pub window: Window,
    /// How far it is complete: every occurrence in the window that starts before this is among the rows. The window's end,
    /// unless the server cut its list short: then the start of the last row of a list in order, and the window's
    /// start of a list in no order.
    pub complete_until: DateTime<Utc>,
}

impl View {
    /// The same, of this calendar of a room's: items are called as the room calls them.
    #[must_use]
    pub fn of_calendar(mut self, calendar: CalendarNumber) -> Self {
        for id in self.rows.iter_mut().filter_map(|row| row.item_id.as_mut()) {
            *id = id.clone().of_calendar(calendar);
        }
        self
    }

    /// Whether the list was not cut short.
    pub fn is_complete(&self) -> bool {
        self.complete_until >= self.window.end
    }
}

/// One line of a view. Servers leave out what they do not know: only what is there is compared.
///
/// Its `Debug` names no subject: it may end in a log.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ViewRow {
    /// The id of this occurrence, which is not that of its series ([MS-OXWSCDATA] ItemIdType).
    pub item_id: Option<ItemId>,
    /// PidLidCleanGlobalObjectId ([MS-OXOCAL] 2.2.1.28).
    pub clean_global_object_id: Option<GlobalObjectId>,
    /// The iCalendar UID.
    pub uid: Option<String>,
    /// When its pattern would have started it: RecurrenceId, or OriginalStart.
    pub original_start: Option<DateTime<Utc>>,
    /// When it starts.
    pub start: Option<DateTime<Utc>>,
    /// When it ends.
    pub end: Option<DateTime<Utc>>,
    /// As the server lists it: cut after 255 characters.
    pub subject: Option<String>,
    /// How secret; a server that does not say calls it normal.
    pub sensitivity: Sensitivity,
    /// CalendarItemType.
    pub kind: Option<RowKind>,
    /// MyResponseType. [`Response::Unknown`] says nothing.
    pub response: Option<Response>,
    /// IsCancelled, or bit 4 of AppointmentState.
    pub is_cancelled: Option<bool>,
    /// IsRecurring.
    pub is_recurring: Option<bool>,
}

impl ViewRow {
    pub(super) fn meeting(&self) -> Option<MeetingId> {
        named_by(self.clean_global_object_id.as_ref(), self.uid.as_deref())
    }

    /// When it takes place, where the server says both ends of it, or one.
    pub(super) fn span(&self) -> Option<Window> {
        let start = self.start.or(self.end)?;
        Some(Window { start, end: self.end.unwrap_or(start).max(start) })
    }

    /// Whether it belongs to a series, by any of the signs.
    pub(super) fn is_occurrence(&self) -> bool {
        match self.kind {
            Some(RowKind::Occurrence | RowKind::Exception) => true,
            Some(RowKind::Single | RowKind::RecurringMaster) => false,
            None => self.original_start.is_some() || self.is_recurring == Some(true),
        }
    }
}

impl fmt::Debug for ViewRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ViewRow")
            .field("kind", &self.kind)
            .field("start", &self.start)
            .field("end", &self.end)
            .field("response", &self.response)
            .finish_non_exhaustive()
    }
}

/// What a row is ([MS-OXWSMTGS] 2.2.5.5 CalendarItemType).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum RowKind {
    /// One meeting.
    Single,
    /// One of a series, as the pattern says.
    Occurrence,
    /// One of a series that differs from it.
    Exception,
    /// A whole series: some servers do not expand.
    RecurringMaster,
}
