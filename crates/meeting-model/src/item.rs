//! What a room's calendar holds, whatever the protocol that told us.

use crate::{
    clock::Window, global_object_id::GlobalObjectId, id::ItemId, join::Join, recurrence::Recurrence,
    zone::ZoneRef,
};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use std::fmt;

/// One item of a room's calendar: a single meeting, a whole series, or one exception of a series.
///
/// Its `Debug` names no subject, person or place: it may end in a log.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CalendarItem {
    /// The server's id. Opaque.
    pub item_id: ItemId,
    /// The server's version of the item; opaque. Absent where the protocol has none.
    pub change_key: Option<String>,
    /// Whether this is one meeting, a series, or an exception of one.
    pub kind: ItemKind,
    /// PidLidCleanGlobalObjectId, where the server gave it ([MS-OXOCAL] 2.2.1.28).
    pub clean_global_object_id: Option<GlobalObjectId>,
    /// The iCalendar UID, where the server gave it.
    pub uid: Option<String>,
    /// As the server has it: untrimmed, perhaps empty.
    pub subject: Option<String>,
    /// How secret.
    pub sensitivity: Sensitivity,
    /// What the organizer wants it to look like in free/busy. Never decides acceptance.
    pub show_as: ShowAs,
    /// When it starts. Of a series: its first occurrence.
    pub start: DateTime<Utc>,
    /// When it ends. Of a series: its first occurrence.
    pub end: DateTime<Utc>,
    /// Whether it stands for whole civil days of its own zone.
    pub all_day: bool,
    /// Whether people were invited. Absent where the server did not say.
    pub is_meeting: Option<bool>,
    /// Whether the server calls it cancelled. See [`CalendarItem::cancelled`].
    pub is_cancelled: bool,
    /// AppointmentState bits ([MS-OXOCAL] 2.2.1.10 PidLidAppointmentStateFlags): 1 meeting, 2 received, 4 cancelled.
    pub appointment_state: Option<i32>,
    /// What the room answered.
    pub response: Response,
    /// When the room answered.
    pub reply_time: Option<DateTime<Utc>>,
    /// How often the organizer has moved it.
    pub sequence: Option<i32>,
    /// When it was last written.
    pub last_modified: Option<DateTime<Utc>>,
    /// Who called the meeting.
    pub organizer: Option<Person>,
    /// Where, as text.
    pub location: Option<String>,
    /// Whether there was a body. Bodies themselves are not kept.
    pub has_body: bool,
    /// Whether this version had a body before the room accepted it, and has none since (rule S7). No server says so: it is found
    /// when what was read is put together with what was known.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub lost_body: bool,
    /// How to join it, by what its invitation says (section F of the rules).
    #[serde(default, skip_serializing_if = "Join::is_empty")]
    pub join: Join,
    /// The zone it was made in.
    pub zone: ZoneRef,
    /// What repeats. Only of a series.
    pub series: Option<Series>,
}

impl CalendarItem {
    /// Whether the organizer cancelled it, by any of the two signs (rule A1).
    pub fn cancelled(&self) -> bool {
        self.is_cancelled || self.appointment_state.is_some_and(|state| state & 0x4 != 0)
    }

    /// Whether people were invited, by either of the two signs (rule A3).
    pub fn is_meeting(&self) -> bool {
        self.is_meeting == Some(true) || self.appointment_state.is_some_and(|state| state & 0x1 != 0)
    }
}

impl fmt::Debug for CalendarItem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CalendarItem")
            .field("item_id", &self.item_id)
            .field("kind", &self.kind)
            .field("start", &self.start)
            .field("end", &self.end)
            .field("response", &self.response)
            .finish_non_exhaustive()
    }
}

/// Which of the four calendar item types that are stored ([MS-OXWSMTGS] 2.2.5.5 CalendarItemType; occurrences are
/// computed here).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ItemKind {
    /// One meeting.
    Single,
    /// A whole series.
    RecurringMaster,
    /// One occurrence of a series that differs from it.
    Exception,
}

/// What makes an item a series.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Series {
    /// The pattern and its range.
    pub recurrence: Recurrence,
    /// Occurrences that differ from the pattern.
    pub exceptions: Vec<Exception>,
    /// The original starts of occurrences that are gone.
    pub deleted: Vec<DateTime<Utc>>,
    /// Where the server's own expansion says otherwise than ours (rule T1). A read of the series names none: they come
    /// from [`compare`](crate::compare), and last until the series changes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub overrides: Vec<Override>,
}

/// What the server's own expansion says of one occurrence, and ours did not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Override {
    /// The civil date the pattern gave it, in the series' own zone.
    pub date: NaiveDate,
    /// When it takes place. Absent where the server has none on that date.
    pub span: Option<Window>,
}

/// One occurrence that differs from its series.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exception {
    /// When the pattern would have started it: the link to its series.
    pub original_start: DateTime<Utc>,
    /// When it starts instead.
    pub start: DateTime<Utc>,
    /// When it ends instead.
    pub end: DateTime<Utc>,
    /// The rest of it, where it could be read; otherwise it has everything from its series.
    pub item: Option<Box<CalendarItem>>,
}

impl Exception {
    /// The occurrence as an item of its own: what it says itself, and from its series what it leaves out. Absent where
    /// only its times are known.
    pub fn whole(&self, series: &CalendarItem) -> Option<CalendarItem> {
        let own = self.item.as_deref()?;
        let (response, reply_time) = match own.response {
            Response::Unknown => (series.response, series.reply_time),
            response => (response, own.reply_time),
        };
        Some(CalendarItem {
            is_cancelled: own.cancelled() || series.cancelled(),
            is_meeting: Some(own.is_meeting() || series.is_meeting()),
            sensitivity: own.sensitivity.max(series.sensitivity),
            organizer: own.organizer.clone().or_else(|| series.organizer.clone()),
            zone: if own.zone == ZoneRef::Unstated { series.zone.clone() } else { own.zone.clone() },
            response,
            reply_time,
            ..own.clone()
        })
    }
}

/// A person or a room: a name and an address.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// Display name.
    pub name: Option<String>,
    /// SMTP address.
    pub address: Option<String>,
}

impl fmt::Debug for Person {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Person(..)")
    }
}

/// How secret an item is ([MS-OXCICAL] CLASS; EWS `Sensitivity`), mildest first, so that `max` is the strictest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
pub enum Sensitivity {
    /// Anybody may see it.
    #[default]
    Normal,
    /// Of the person's own life, but not hidden.
    Personal,
    /// Hidden: only the time is shown.
    Private,
    /// Hidden: only the time is shown.
    Confidential,
}

impl Sensitivity {
    /// Whether rule P1 hides its content.
    pub fn is_hidden(self) -> bool {
        self >= Self::Private
    }
}

/// `LegacyFreeBusyStatus` ([MS-OXWSMTGS]); a word we do not know is [`ShowAs::Busy`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum ShowAs {
    /// Free.
    Free,
    /// Tentative.
    Tentative,
    /// Busy.
    #[default]
    Busy,
    /// Out of office.
    OutOfOffice,
    /// Working elsewhere (Exchange 2013 and later).
    WorkingElsewhere,
    /// The server does not say.
    NoData,
}

/// What the room answered ([MS-OXWSMTGS] 2.2.5.11 ResponseTypeType).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Response {
    /// The server does not say.
    #[default]
    Unknown,
    /// The room itself is the organizer.
    Organizer,
    /// Tentatively accepted.
    Tentative,
    /// Accepted.
    Accept,
    /// Declined.
    Decline,
    /// Not answered.
    NoResponseReceived,
}
