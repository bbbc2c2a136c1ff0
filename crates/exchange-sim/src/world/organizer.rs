//! What becomes of a meeting after it was sent: organizers change it, people delete it.

use chrono::{DateTime, NaiveDate, Utc};

use super::{Disposal, RoomNumber, What, World};
use crate::item::{CalendarItem, Exception, FreeBusy, Sensitivity};
use crate::meeting::{Meeting, MeetingHandle};
use crate::particulars::Particulars;
use crate::{GlobalObjectId, SimError};

impl World {
    /// Writes an appointment straight into a room's calendar, with the room as its organizer.
    ///
    /// # Errors
    ///
    /// [`SimError::UnknownRoom`], [`SimError::EndsBeforeStart`].
    pub fn book(
        &mut self,
        room: &str,
        subject: &str,
        start: DateTime<Utc>,
        end: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<MeetingHandle, SimError> {
        self.advance(now);
        let number = self.room_number(room)?;
        if end < start {
            return Err(SimError::EndsBeforeStart);
        }
        let (organizer, zone) =
            self.named_room(room).map(|room| (room.mailbox.clone(), room.zone.clone()))?;
        let id = GlobalObjectId::new(&mut self.dice, now);
        let meeting = Meeting {
            id,
            organizer,
            attendees: Vec::new(),
            optional: Vec::new(),
            resources: Vec::new(),
            sent: false,
            rooms: vec![number],
            subject: subject.to_owned(),
            body: String::new(),
            attached: false,
            location: None,
            join_url: None,
            particulars: Particulars::none(),
            sensitivity: Sensitivity::Normal,
            show_as: FreeBusy::Busy,
            start,
            end,
            zone,
            all_day: false,
            recurrence: None,
            exceptions: std::collections::BTreeMap::new(),
            sequence: 0,
            cancelled: false,
        };
        Ok(self.publish(meeting, now))
    }

    /// Gives a meeting, or a whole series, another time. Exceptions of a series are lost, as in Exchange.
    ///
    /// # Errors
    ///
    /// [`SimError::UnknownMeeting`], [`SimError::CalledOff`], [`SimError::EndsBeforeStart`].
    pub fn reschedule(
        &mut self,
        meeting: MeetingHandle,
        start: DateTime<Utc>,
        end: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<(), SimError> {
        if end < start {
            return Err(SimError::EndsBeforeStart);
        }
        self.update(meeting, now, What::Moved, |meeting| {
            (meeting.start, meeting.end) = (start, end);
            meeting.exceptions.clear();
            let first = meeting.zone.date(start);
            if let Some(recurrence) = &mut meeting.recurrence {
                recurrence.start = first;
            }
        })
    }

    /// Gives a meeting another subject.
    ///
    /// # Errors
    ///
    /// [`SimError::UnknownMeeting`], [`SimError::CalledOff`].
    pub fn rename(
        &mut self,
        meeting: MeetingHandle,
        subject: &str,
        now: DateTime<Utc>,
    ) -> Result<(), SimError> {
        self.update(meeting, now, What::Renamed, |meeting| subject.clone_into(&mut meeting.subject))
    }

    /// Makes a meeting private, or normal again.
    ///
    /// # Errors
    ///
    /// [`SimError::UnknownMeeting`], [`SimError::CalledOff`].
    pub fn set_sensitivity(
        &mut self,
        meeting: MeetingHandle,
        sensitivity: Sensitivity,
        now: DateTime<Utc>,
    ) -> Result<(), SimError> {
        self.update(meeting, now, What::Renamed, |meeting| meeting.sensitivity = sensitivity)
    }

    /// Calls a meeting off. Rooms keep it, marked as cancelled; a booking leaves its room.
    ///
    /// # Errors
    ///
    /// [`SimError::UnknownMeeting`], [`SimError::CalledOff`] when it was before.
    pub fn cancel(&mut self, meeting: MeetingHandle, now: DateTime<Utc>) -> Result<(), SimError> {
        self.advance(now);
        let known = self.standing(meeting)?;
        known.cancelled = true;
        known.sequence += 1;
        for room in known.rooms.clone() {
            self.cancel_copy(room, meeting, now);
        }
        Ok(())
    }

    /// Removes a meeting from a room's calendar for good, as somebody with rights there may.
    ///
    /// # Errors
    ///
    /// [`SimError::UnknownRoom`], [`SimError::NotInCalendar`].
    pub fn delete_from(
        &mut self,
        room: &str,
        meeting: MeetingHandle,
        now: DateTime<Utc>,
    ) -> Result<(), SimError> {
        self.dispose(room, meeting, Disposal::HardDelete, now)
    }

    /// The same, in one of the ways of DeleteItem.
    pub(crate) fn dispose(
        &mut self,
        room: &str,
        meeting: MeetingHandle,
        how: Disposal,
        now: DateTime<Utc>,
    ) -> Result<(), SimError> {
        self.advance(now);
        let number = self.room_number(room)?;
        let absent = || SimError::NotInCalendar { room: room.to_owned(), meeting: meeting.0 };
        let item = self.copy(number, meeting).map(|item| item.number).ok_or_else(absent)?;
        self.remove(number, item, how, false);
        Ok(())
    }

    /// Moves one occurrence of a series; `date` is its original civil date in the series' zone.
    ///
    /// # Errors
    ///
    /// [`SimError::UnknownMeeting`], [`SimError::CalledOff`], [`SimError::NoSuchOccurrence`],
    /// [`SimError::EndsBeforeStart`].
    pub fn reschedule_occurrence(
        &mut self,
        meeting: MeetingHandle,
        date: NaiveDate,
        start: DateTime<Utc>,
        end: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<(), SimError> {
        if end < start {
            return Err(SimError::EndsBeforeStart);
        }
        self.update_occurrence(meeting, date, now, What::Moved, |exception| {
            (exception.start, exception.end) = (start, end);
        })
    }

    /// Gives one occurrence another subject.
    ///
    /// # Errors
    ///
    /// [`SimError::UnknownMeeting`], [`SimError::CalledOff`], [`SimError::NoSuchOccurrence`].
    pub fn rename_occurrence(
        &mut self,
        meeting: MeetingHandle,
        date: NaiveDate,
        subject: &str,
        now: DateTime<Utc>,
    ) -> Result<(), SimError> {
        self.update_occurrence(meeting, date, now, What::Renamed, |exception| {
            exception.subject = Some(subject.to_owned());
        })
    }

    /// Makes one occurrence private, or normal again.
    ///
    /// # Errors
    ///
    /// [`SimError::UnknownMeeting`], [`SimError::CalledOff`], [`SimError::NoSuchOccurrence`].
    pub fn set_occurrence_sensitivity(
        &mut self,
        meeting: MeetingHandle,
        date: NaiveDate,
        sensitivity: Sensitivity,
        now: DateTime<Utc>,
    ) -> Result<(), SimError> {
        self.update_occurrence(meeting, date, now, What::Renamed, |exception| {
            exception.sensitivity = Some(sensitivity);
        })
    }

    /// Calls one occurrence off: rooms keep it as a cancelled exception.
    ///
    /// # Errors
    ///
    /// [`SimError::UnknownMeeting`], [`SimError::CalledOff`], [`SimError::NoSuchOccurrence`].
    pub fn cancel_occurrence(
        &mut self,
        meeting: MeetingHandle,
        date: NaiveDate,
        now: DateTime<Utc>,
    ) -> Result<(), SimError> {
        self.update_occurrence(meeting, date, now, What::Cancelled, |exception| exception.cancelled = true)
    }

    /// Deletes one occurrence from a room's calendar.
    ///
    /// # Errors
    ///
    /// [`SimError::UnknownRoom`], [`SimError::NotInCalendar`], [`SimError::NoSuchOccurrence`].
    pub fn delete_occurrence(
        &mut self,
        room: &str,
        meeting: MeetingHandle,
        date: NaiveDate,
        now: DateTime<Utc>,
    ) -> Result<(), SimError> {
        self.advance(now);
        let number = self.room_number(room)?;
        let item = self.occurrence_in(room, number, meeting, date)?;
        self.remembers((number, meeting, Some(date)));
        self.edit(number, item, now, |item| {
            item.exceptions.remove(&date);
            item.deleted.insert(date);
        });
        self.hides((number, meeting, Some(date)), now, What::Deleted);
        Ok(())
    }

    /// The room's copy of the series that has such an occurrence.
    pub(super) fn occurrence_in(
        &self,
        room: &str,
        number: RoomNumber,
        meeting: MeetingHandle,
        date: NaiveDate,
    ) -> Result<u64, SimError> {
        let absent = || SimError::NotInCalendar { room: room.to_owned(), meeting: meeting.0 };
        let item = self.copy(number, meeting).ok_or_else(absent)?;
        let falls = item.recurrence.as_ref().is_some_and(|series| series.falls_on(date));
        let falls = falls && !item.deleted.contains(&date);
        falls.then_some(item.number).ok_or(SimError::NoSuchOccurrence { meeting: meeting.0, date })
    }

    pub(super) fn publish(&mut self, mut meeting: Meeting, now: DateTime<Utc>) -> MeetingHandle {
        if let Some(own) = self.home_of(&meeting.organizer).filter(|own| !meeting.rooms.contains(own)) {
            meeting.rooms.insert(0, own);
        }
        let rooms = meeting.rooms.clone();
        let handle = self.enter(meeting);
        for room in rooms {
            self.deliver((room, handle, None), now, What::Created);
        }
        handle
    }

    /// Gives a meeting its handle, before anybody hears of it.
    pub(super) fn enter(&mut self, meeting: Meeting) -> MeetingHandle {
        let handle = MeetingHandle(self.meetings.len() as u64 + 1);
        self.learn_zone(&meeting.zone.clone());
        self.meetings.insert(handle, meeting);
        handle
    }

    /// A meeting that was not called off.
    fn standing(&mut self, meeting: MeetingHandle) -> Result<&mut Meeting, SimError> {
        let known = self.meetings.get_mut(&meeting).ok_or(SimError::UnknownMeeting(meeting.0))?;
        if known.cancelled { Err(SimError::CalledOff(meeting.0)) } else { Ok(known) }
    }

    pub(super) fn update(
        &mut self,
        meeting: MeetingHandle,
        now: DateTime<Utc>,
        what: What,
        change: impl FnOnce(&mut Meeting),
    ) -> Result<(), SimError> {
        self.advance(now);
        let known = self.standing(meeting)?;
        change(known);
        known.sequence += 1;
        for room in known.rooms.clone() {
            self.deliver((room, meeting, None), now, what);
        }
        Ok(())
    }

    pub(super) fn update_occurrence(
        &mut self,
        meeting: MeetingHandle,
        date: NaiveDate,
        now: DateTime<Utc>,
        what: What,
        change: impl FnOnce(&mut Exception),
    ) -> Result<(), SimError> {
        self.advance(now);
        let known = self.standing(meeting)?;
        if !known.recurrence.as_ref().is_some_and(|series| series.falls_on(date)) {
            return Err(SimError::NoSuchOccurrence { meeting: meeting.0, date });
        }
        let plain = Exception::plain(known.slot(date));
        let exception = known.exceptions.entry(date).or_insert(plain);
        if exception.cancelled {
            return Err(SimError::CalledOff(meeting.0));
        }
        change(exception);
        known.sequence += 1;
        for room in known.rooms.clone() {
            self.remembers((room, meeting, Some(date)));
            if what == What::Cancelled {
                self.cancel_occurrence_copy(room, meeting, date, now);
            } else {
                self.deliver((room, meeting, Some(date)), now, what);
            }
        }
        Ok(())
    }

    /// The room's copy of a meeting.
    pub(crate) fn copy(&self, room: RoomNumber, meeting: MeetingHandle) -> Option<&CalendarItem> {
        let mut items = self.room(room)?.calendar.items();
        items.find(|item| item.meeting == Some(meeting))
    }

    pub(super) fn edit(
        &mut self,
        room: RoomNumber,
        item: u64,
        at: DateTime<Utc>,
        edit: impl FnOnce(&mut CalendarItem),
    ) {
        if let Some(room) = self.room_mut(room) {
            room.calendar.edit(item, at, edit);
        }
    }
}
