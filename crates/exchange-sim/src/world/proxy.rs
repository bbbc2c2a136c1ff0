//! What a room's proxy answers to requests.

use chrono::{DateTime, NaiveDate, Utc};

use super::{What, World};
use crate::SimError;
use crate::item::{Exception, View};
use crate::meeting::MeetingHandle;

/// What a room's proxy answers for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Answer {
    /// The room takes part.
    Accept,
    /// Perhaps.
    Tentative,
    /// The room is not free: the item leaves its calendar.
    Decline,
}

impl World {
    /// Lets a room's proxy answer a request, or change an earlier answer.
    ///
    /// # Errors
    ///
    /// [`SimError::UnknownRoom`], [`SimError::UnknownMeeting`], [`SimError::CalledOff`], and
    /// [`SimError::NotInCalendar`] for a room that was not invited, or has nothing to decline.
    pub fn answer(
        &mut self,
        room: &str,
        meeting: MeetingHandle,
        answer: Answer,
        now: DateTime<Utc>,
    ) -> Result<(), SimError> {
        self.advance(now);
        let number = self.room_number(room)?;
        let known = self.meetings.get(&meeting).ok_or(SimError::UnknownMeeting(meeting.0))?;
        if known.cancelled {
            return Err(SimError::CalledOff(meeting.0));
        }
        let copy = self.copy(number, meeting);
        if !known.rooms.contains(&number) || (copy.is_none() && answer == Answer::Decline) {
            return Err(SimError::NotInCalendar { room: room.to_owned(), meeting: meeting.0 });
        }
        let filed = copy.is_some_and(|item| item.sequence == known.sequence);
        if !filed {
            self.file(number, meeting, now);
        }
        match answer {
            Answer::Accept => self.accept_copy((number, meeting, None), now, What::Accepted, false),
            Answer::Tentative => self.hold_copy((number, meeting, None), now),
            Answer::Decline => self.decline_copy((number, meeting, None), now),
        }
        Ok(())
    }

    /// Lets a room's proxy answer for one occurrence of a series, which so becomes an exception.
    ///
    /// # Errors
    ///
    /// [`SimError::UnknownRoom`], [`SimError::NotInCalendar`], [`SimError::NoSuchOccurrence`],
    /// [`SimError::CalledOff`].
    pub fn answer_occurrence(
        &mut self,
        room: &str,
        meeting: MeetingHandle,
        date: NaiveDate,
        answer: Answer,
        now: DateTime<Utc>,
    ) -> Result<(), SimError> {
        self.advance(now);
        let number = self.room_number(room)?;
        let item = self.occurrence_in(room, number, meeting, date)?;
        if self.copy(number, meeting).is_some_and(|copy| View::occurrence(copy, date).cancelled()) {
            return Err(SimError::CalledOff(meeting.0));
        }
        let place = (number, meeting, Some(date));
        self.remembers(place);
        if answer != Answer::Decline {
            self.edit(number, item, now, |item| {
                let plain = Exception::plain(item.slot(date));
                item.exceptions.entry(date).or_insert(plain);
            });
        }
        match answer {
            Answer::Accept => self.accept_copy(place, now, What::Accepted, false),
            Answer::Tentative => self.hold_copy(place, now),
            Answer::Decline => self.decline_copy(place, now),
        }
        Ok(())
    }
}
