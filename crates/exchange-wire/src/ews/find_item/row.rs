//! One item of a view.

use crate::{ews::calendar_item as field, xml::Element};
use chrono::{DateTime, Utc};
use meeting_model::{
    compare::{RowKind, ViewRow},
    global_object_id::GlobalObjectId,
    id::ItemId,
    item::{Response, Sensitivity},
};
use serde::{Deserialize, Serialize};
use std::fmt;

/// One item of a view, as far as it was asked for and the server says it.
///
/// Its `Debug` names no subject: it may end in a log.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// The server's id: of an occurrence its own, which no other occurrence has.
    pub id: ItemId,
    /// What it is.
    pub kind: Option<RowKind>,
    /// The iCalendar UID, which all occurrences of a series share.
    pub uid: Option<String>,
    /// PidLidGlobalObjectId (0x03): of an occurrence with its original date.
    pub global_object_id: Option<GlobalObjectId>,
    /// PidLidCleanGlobalObjectId (0x23), which all occurrences and all copies share.
    pub clean_global_object_id: Option<GlobalObjectId>,
    /// When the pattern would have started it: RecurrenceId, else OriginalStart. Only of occurrences.
    pub original_start: Option<DateTime<Utc>>,
    /// When it starts. Of a series: its first occurrence.
    pub start: Option<DateTime<Utc>>,
    /// When it ends. Of a series: its first occurrence.
    pub end: Option<DateTime<Utc>>,
    /// Whether it stands for whole civil days.
    pub all_day: bool,
    /// As the server has it; a view cuts it after 255 characters.
    pub subject: Option<String>,
    /// How secret.
    pub sensitivity: Sensitivity,
    /// What the room answered.
    pub response: Response,
    /// Whether it is cancelled, by IsCancelled or bit 4 of AppointmentState.
    pub is_cancelled: Option<bool>,
    /// Whether the server calls it a part of a series. Several versions err: believe the kind.
    pub is_recurring: Option<bool>,
}

impl Row {
    /// Reads an entry; `None` when it has no id.
    pub(super) fn read(item: &Element) -> Option<Self> {
        let is_cancelled = field::flag(item, "IsCancelled");
        let state = field::number(item, "AppointmentState").map(|state| state & 0x4 != 0);
        Some(Self {
            id: ItemId::new(item.child("ItemId")?.attribute("Id")?),
            kind: kind(item),
            uid: item.value("UID").map(str::to_owned),
            global_object_id: field::global_object_id(item, "3"),
            clean_global_object_id: field::clean_global_object_id(item),
            original_start: field::instant(item, "RecurrenceId")
                .or_else(|| field::instant(item, "OriginalStart")),
            start: field::instant(item, "Start"),
            end: field::instant(item, "End"),
            all_day: field::flag(item, "IsAllDayEvent").unwrap_or_default(),
            subject: item.child("Subject").map(|subject| subject.text().to_owned()),
            sensitivity: field::sensitivity(item),
            response: field::response(item),
            is_cancelled: is_cancelled.max(state),
            is_recurring: field::flag(item, "IsRecurring"),
        })
    }

    /// Whether it is a series itself, of which the view does not show the occurrences.
    pub fn is_series(&self) -> bool {
        self.kind == Some(RowKind::RecurringMaster)
    }

    /// Whether it is one occurrence of a series.
    pub fn is_occurrence(&self) -> bool {
        matches!(self.kind, Some(RowKind::Occurrence | RowKind::Exception))
    }
}

/// What a comparison with our own expansion asks for (rule T1).
impl From<Row> for ViewRow {
    fn from(row: Row) -> Self {
        Self {
            item_id: Some(row.id),
            clean_global_object_id: row.clean_global_object_id,
            uid: row.uid,
            original_start: row.original_start,
            start: row.start,
            end: row.end,
            subject: row.subject,
            sensitivity: row.sensitivity,
            kind: row.kind,
            response: Some(row.response),
            is_cancelled: row.is_cancelled,
            is_recurring: row.is_recurring,
        }
    }
}

impl fmt::Debug for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Row")
            .field("id", &self.id)
            .field("kind", &self.kind)
            .field("start", &self.start)
            .field("end", &self.end)
            .finish_non_exhaustive()
    }
}

/// What the item is. A series betrays itself by its Recurrence where its type is left out.
fn kind(item: &Element) -> Option<RowKind> {
    match item.value("CalendarItemType") {
        Some("Single") => Some(RowKind::Single),
        Some("Occurrence") => Some(RowKind::Occurrence),
        Some("Exception") => Some(RowKind::Exception),
        Some("RecurringMaster") => Some(RowKind::RecurringMaster),
        _ if item.child("Recurrence").is_some() => Some(RowKind::RecurringMaster),
        _ => None,
    }
}
