//! What rooms' calendars truly hold, for whoever judges what others make of them.

use chrono::{DateTime, NaiveDate, Utc};

use super::World;
use crate::SimError;
use crate::item::{ResponseType, Sensitivity, View};
use crate::meeting::MeetingHandle;
use crate::room::MailboxKind;

/// A meeting, or one occurrence of a series, as it lies in a room's calendar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// Which meeting; absent where the mailbox itself wrote the item.
    pub meeting: Option<MeetingHandle>,
    /// The original civil date, for an occurrence.
    pub occurrence: Option<NaiveDate>,
    /// Start.
    pub start: DateTime<Utc>,
    /// End.
    pub end: DateTime<Utc>,
    /// Whether it stands for whole days.
    pub all_day: bool,
    /// The subject as it lies there: the attendant may have rewritten it.
    pub subject: String,
    /// The organizer's display name.
    pub organizer: String,
    /// The location.
    pub location: String,
    /// The body: of an exception, its own.
    pub body: String,
    /// The address to join it online, which the server itself keeps.
    pub join_url: Option<String>,
    /// How secret it is.
    pub sensitivity: Sensitivity,
    /// What the room answered.
    pub response: ResponseType,
    /// When it answered, if it did.
    pub replied_at: Option<DateTime<Utc>>,
    /// Whether it was called off.
    pub cancelled: bool,
}

impl Held {
    fn of(view: &View<'_>) -> Self {
        let item = view.item;
        Self {
            meeting: item.meeting,
            occurrence: view.date,
            start: view.start(),
            end: view.end(),
            all_day: item.all_day,
            subject: view.subject().to_owned(),
            organizer: item.organizer.name.clone(),
            location: view.location().to_owned(),
            body: view.body().to_owned(),
            join_url: item.join_url.clone(),
            sensitivity: view.sensitivity(),
            response: view.response(),
            replied_at: view.replied_at(),
            cancelled: view.cancelled(),
        }
    }
}

impl World {
    /// What a room's calendar holds between two instants, whole series expanded.
    ///
    /// # Errors
    ///
    /// [`SimError::UnknownRoom`].
    pub fn held(&self, room: &str, from: DateTime<Utc>, until: DateTime<Utc>) -> Result<Vec<Held>, SimError> {
        let calendar = &self.named_room(room)?.calendar;
        Ok(calendar.view(from, until).iter().map(Held::of).collect())
    }

    /// Every room with a number that is another one whenever its calendar has changed, in the order they were added.
    pub fn calendars(&self) -> impl Iterator<Item = (&str, u64)> {
        let rooms = self.rooms.iter().filter(|room| room.kind == MailboxKind::Room);
        rooms.map(|room| (room.alias.as_str(), room.calendar.last_watermark()))
    }

    /// When a meeting takes place, or the first occurrence of a series would.
    pub fn times_of(&self, meeting: MeetingHandle) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
        self.meetings.get(&meeting).map(|known| (known.start, known.end))
    }

    /// The first civil dates of a series, that many at most; none of a single meeting.
    pub fn dates_of(&self, meeting: MeetingHandle, most: usize) -> Vec<NaiveDate> {
        let series = self.meetings.get(&meeting).and_then(|known| known.recurrence.as_ref());
        series.map(|series| series.dates().take(most).collect()).unwrap_or_default()
    }

    /// When the occurrence of a civil date takes place, as its organizer has it.
    pub fn occurrence_of(
        &self,
        meeting: MeetingHandle,
        date: NaiveDate,
    ) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
        let known = self.meetings.get(&meeting)?;
        let moved = known.exceptions.get(&date).map(|exception| (exception.start, exception.end));
        Some(moved.unwrap_or_else(|| known.slot(date)))
    }
}
