//! A calendar item as a room's mailbox holds it ([MS-OXWSMTGS] 2.2.4.6).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{DateTime, Duration, NaiveDate, Utc};

use crate::particulars::Particulars;
use crate::{GlobalObjectId, MeetingHandle, Recurrence, Zone};

/// How secret an item is ([MS-OXWSCDATA] SensitivityChoicesType).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Sensitivity {
    /// Not at all.
    #[default]
    Normal,
    /// Personal.
    Personal,
    /// Private.
    Private,
    /// Confidential.
    Confidential,
}

/// How an item shows on a free/busy bar ([MS-OXWSCDATA] LegacyFreeBusyType).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum FreeBusy {
    /// Free.
    Free,
    /// Tentative.
    Tentative,
    /// Busy.
    #[default]
    Busy,
    /// Out of office.
    #[serde(rename = "OOF")]
    OutOfOffice,
    /// Working elsewhere (2013 and later).
    WorkingElsewhere,
    /// Nobody knows.
    NoData,
}

/// What the room answered ([MS-OXWSCDATA] ResponseTypeType).
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum ResponseType {
    /// The room itself wrote the item.
    Organizer,
    /// Tentatively accepted, or waiting for a delegate.
    Tentative,
    /// Accepted.
    Accept,
    /// Declined.
    Decline,
    /// The request has just arrived.
    NoResponseReceived,
}

/// A name with its address.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Mailbox {
    /// Display name.
    pub name: String,
    /// Primary SMTP address.
    pub address: String,
}

/// What an invited mailbox answered, and when.
pub(crate) type Reply = (ResponseType, DateTime<Utc>);

/// One occurrence of a series that differs from its master.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Exception {
    pub(crate) start: DateTime<Utc>,
    pub(crate) end: DateTime<Utc>,
    pub(crate) subject: Option<String>,
    pub(crate) show_as: Option<FreeBusy>,
    pub(crate) response: Option<ResponseType>,
    pub(crate) replied_at: Option<DateTime<Utc>>,
    pub(crate) cancelled: bool,
    pub(crate) sensitivity: Option<Sensitivity>,
    pub(crate) location: Option<String>,
    pub(crate) body: Option<String>,
    pub(crate) particulars: Option<Arc<Particulars>>,
}

impl Exception {
    /// An exception that differs in nothing yet.
    pub(crate) fn plain((start, end): (DateTime<Utc>, DateTime<Utc>)) -> Self {
        Self {
            start,
            end,
            subject: None,
            show_as: None,
            response: None,
            replied_at: None,
            cancelled: false,
            sensitivity: None,
            location: None,
            body: None,
            particulars: None,
        }
    }

    /// The same as it reaches a mailbox where the occurrence had particulars before.
    pub(crate) fn received(self, own: &Particulars) -> Self {
        let particulars = self.particulars.map(|sent| Particulars::received(&sent, own));
        Self { particulars, ..self }
    }
}

/// A single item or a recurring master.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CalendarItem {
    /// Counts the items of one mailbox; part of the item's id.
    pub(crate) number: u64,
    /// The mailbox's change number at the item's last change; part of the change key.
    pub(crate) changed: u64,
    pub(crate) meeting: Option<MeetingHandle>,
    pub(crate) id: GlobalObjectId,
    pub(crate) subject: String,
    pub(crate) body: String,
    pub(crate) attached: bool,
    pub(crate) location: String,
    pub(crate) join_url: Option<String>,
    pub(crate) particulars: Arc<Particulars>,
    pub(crate) sensitivity: Sensitivity,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) modified_at: DateTime<Utc>,
    pub(crate) start: DateTime<Utc>,
    pub(crate) end: DateTime<Utc>,
    pub(crate) zone: Zone,
    pub(crate) all_day: bool,
    pub(crate) show_as: FreeBusy,
    /// What the organizer wished, shown once the room accepts.
    pub(crate) intended: FreeBusy,
    pub(crate) cancelled: bool,
    pub(crate) response: ResponseType,
    pub(crate) replied_at: Option<DateTime<Utc>>,
    pub(crate) organizer: Mailbox,
    pub(crate) attendees: Vec<Mailbox>,
    pub(crate) optional: Vec<Mailbox>,
    pub(crate) resources: Vec<Mailbox>,
    /// Whether the invitations went out, on the organizer's copy.
    pub(crate) request_sent: bool,
    /// What was answered to the organizer, by address.
    pub(crate) replies: BTreeMap<String, Reply>,
    pub(crate) sequence: i32,
    /// The sequence at which the whole item was last asked for.
    pub(crate) requested: i32,
    pub(crate) recurrence: Option<Recurrence>,
    pub(crate) exceptions: BTreeMap<NaiveDate, Exception>,
    pub(crate) deleted: BTreeSet<NaiveDate>,
}

impl CalendarItem {
    /// A meeting, received or with people invited, unlike an appointment.
    pub(crate) fn is_meeting(&self) -> bool {
        let mut invited = self.attendees.iter().chain(&self.optional).chain(&self.resources);
        !self.is_own() || invited.next().is_some()
    }

    /// Whether the mailbox it lies in organizes it.
    pub(crate) fn is_own(&self) -> bool {
        self.response == ResponseType::Organizer
    }

    /// Whether nothing but single occurrences of the series is different.
    pub(crate) fn differs_in_occurrences_alone(&self, before: &Self) -> bool {
        let differs = self.exceptions != before.exceptions || self.deleted != before.deleted;
        let rest = Self {
            exceptions: self.exceptions.clone(),
            deleted: self.deleted.clone(),
            sequence: self.sequence,
            modified_at: self.modified_at,
            ..before.clone()
        };
        differs && *self == rest
    }

    pub(crate) fn duration(&self) -> Duration {
        self.zone.wall(self.end) - self.zone.wall(self.start)
    }

    /// Start and end of the pattern's instance on a civil date: the wall clock stays, the instants follow. What would
    /// begin in an hour that the clocks leave out begins later, and lasts as long as ever; a whole day ends with the day.
    pub(crate) fn slot(&self, date: NaiveDate) -> (DateTime<Utc>, DateTime<Utc>) {
        let start = date.and_time(self.zone.wall(self.start).time());
        let (begin, duration) = (self.zone.instant(start), self.duration());
        let left_out = self.zone.wall(begin) != start && !self.all_day;
        let end = if left_out { begin + duration } else { self.zone.instant(start + duration) };
        (begin, end)
    }

    /// Every instance of the pattern that was not deleted, in order of the original dates.
    pub(crate) fn occurrences(&self) -> impl Iterator<Item = View<'_>> {
        self.occurrences_from(NaiveDate::MIN)
    }

    fn occurrences_from(&self, first: NaiveDate) -> impl Iterator<Item = View<'_>> {
        let dates = self.recurrence.iter().flat_map(move |series| series.dates_from(first));
        dates.filter(|date| !self.deleted.contains(date)).map(|date| View::occurrence(self, date))
    }

    /// What a calendar view shows of the item between two instants, whole series expanded.
    pub(crate) fn within(&self, from: DateTime<Utc>, until: DateTime<Utc>) -> Vec<View<'_>> {
        let overlaps = |view: &View<'_>| {
            let point = view.start() == view.end() && view.start() >= from;
            view.start() < until && (view.end() > from || point)
        };
        if self.recurrence.is_none() {
            return Some(View::whole(self)).into_iter().filter(overlaps).collect();
        }
        let moved = self.exceptions.keys().map(|date| View::occurrence(self, *date)).filter(overlaps);
        // No occurrence that began so many days before still lasts, whatever the clocks did.
        let reach = self.duration() + Duration::days(2);
        let first = self.zone.wall(from).checked_sub_signed(reach).map_or(NaiveDate::MIN, |wall| wall.date());
        let plain = self
            .occurrences_from(first)
            .take_while(|view| view.original().is_some_and(|(start, _)| start < until))
            .filter(|view| view.exception.is_none() && overlaps(view));
        let mut views: Vec<View<'_>> = plain.chain(moved).collect();
        views.sort_by_key(View::start);
        views
    }
}

/// An item or one occurrence of it, as a client sees it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct View<'a> {
    pub(crate) item: &'a CalendarItem,
    /// The original civil date, for an occurrence.
    pub(crate) date: Option<NaiveDate>,
    pub(crate) exception: Option<&'a Exception>,
}

impl<'a> View<'a> {
    pub(crate) fn whole(item: &'a CalendarItem) -> Self {
        Self { item, date: None, exception: None }
    }

    pub(crate) fn occurrence(item: &'a CalendarItem, date: NaiveDate) -> Self {
        Self { item, date: Some(date), exception: item.exceptions.get(&date) }
    }

    /// The pattern's own start and end, for an occurrence.
    pub(crate) fn original(&self) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
        self.date.map(|date| self.item.slot(date))
    }

    pub(crate) fn start(&self) -> DateTime<Utc> {
        let slot = self.original().map(|(start, _)| start);
        self.exception.map(|exception| exception.start).or(slot).unwrap_or(self.item.start)
    }

    pub(crate) fn end(&self) -> DateTime<Utc> {
        let slot = self.original().map(|(_, end)| end);
        self.exception.map(|exception| exception.end).or(slot).unwrap_or(self.item.end)
    }

    pub(crate) fn subject(&self) -> &'a str {
        self.exception.and_then(|exception| exception.subject.as_deref()).unwrap_or(&self.item.subject)
    }

    pub(crate) fn show_as(&self) -> FreeBusy {
        self.exception.and_then(|exception| exception.show_as).unwrap_or(self.item.show_as)
    }

    pub(crate) fn sensitivity(&self) -> Sensitivity {
        self.exception.and_then(|exception| exception.sensitivity).unwrap_or(self.item.sensitivity)
    }

    pub(crate) fn location(&self) -> &'a str {
        self.exception.and_then(|exception| exception.location.as_deref()).unwrap_or(&self.item.location)
    }

    pub(crate) fn body(&self) -> &'a str {
        self.exception.and_then(|exception| exception.body.as_deref()).unwrap_or(&self.item.body)
    }

    pub(crate) fn particulars(&self) -> &'a Arc<Particulars> {
        self.exception.and_then(|exception| exception.particulars.as_ref()).unwrap_or(&self.item.particulars)
    }

    pub(crate) fn response(&self) -> ResponseType {
        self.exception.and_then(|exception| exception.response).unwrap_or(self.item.response)
    }

    pub(crate) fn replied_at(&self) -> Option<DateTime<Utc>> {
        self.exception.and_then(|exception| exception.replied_at).or(self.item.replied_at)
    }

    pub(crate) fn cancelled(&self) -> bool {
        self.item.cancelled || self.exception.is_some_and(|exception| exception.cancelled)
    }

    /// The appointment state bits ([MS-OXOCAL] 2.2.1.10): 1 meeting, 2 received, 4 cancelled.
    pub(crate) fn state(&self) -> u32 {
        let meeting = u32::from(self.item.is_meeting());
        let received = if self.item.is_own() { 0 } else { 2 };
        let cancelled = if meeting == 1 && self.cancelled() { 4 } else { 0 };
        meeting | received | cancelled
    }

    /// PidLidGlobalObjectId.
    pub(crate) fn global_object_id(&self) -> Vec<u8> {
        self.date.map_or_else(|| self.item.id.clean(), |date| self.item.id.of_occurrence(date))
    }

    /// Whether the room is taken while it lasts.
    pub(crate) fn blocks(&self) -> bool {
        let decided = matches!(self.response(), ResponseType::Accept | ResponseType::Organizer);
        decided && !self.cancelled() && self.show_as() != FreeBusy::Free
    }
}
