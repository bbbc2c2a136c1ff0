//! What organizers write anew of a meeting besides its subject: where it takes place, and what it is about.

use chrono::{DateTime, NaiveDate, Utc};

use super::{What, World};
use crate::SimError;
use crate::meeting::MeetingHandle;

impl World {
    /// Tells bodies over EWS as HTML also to those who ask for text, as servers do that have nothing else.
    pub fn set_bodies_are_html(&mut self, html: bool) {
        self.bodies_are_html = html;
    }

    /// Gives a meeting another location; empty: none.
    ///
    /// # Errors
    ///
    /// [`SimError::UnknownMeeting`], [`SimError::CalledOff`].
    pub fn relocate(
        &mut self,
        meeting: MeetingHandle,
        location: &str,
        now: DateTime<Utc>,
    ) -> Result<(), SimError> {
        self.update(meeting, now, What::Renamed, |meeting| meeting.location = Some(location.to_owned()))
    }

    /// Gives a meeting another body, as plain text.
    ///
    /// # Errors
    ///
    /// [`SimError::UnknownMeeting`], [`SimError::CalledOff`].
    pub fn reword(&mut self, meeting: MeetingHandle, body: &str, now: DateTime<Utc>) -> Result<(), SimError> {
        self.update(meeting, now, What::Renamed, |meeting| body.clone_into(&mut meeting.body))
    }

    /// Gives one occurrence another location; `date` is its original civil date in the series' zone.
    ///
    /// # Errors
    ///
    /// [`SimError::UnknownMeeting`], [`SimError::CalledOff`], [`SimError::NoSuchOccurrence`].
    pub fn relocate_occurrence(
        &mut self,
        meeting: MeetingHandle,
        date: NaiveDate,
        location: &str,
        now: DateTime<Utc>,
    ) -> Result<(), SimError> {
        self.update_occurrence(meeting, date, now, What::Renamed, |exception| {
            exception.location = Some(location.to_owned());
        })
    }

    /// Gives one occurrence another body, as plain text.
    ///
    /// # Errors
    ///
    /// [`SimError::UnknownMeeting`], [`SimError::CalledOff`], [`SimError::NoSuchOccurrence`].
    pub fn reword_occurrence(
        &mut self,
        meeting: MeetingHandle,
        date: NaiveDate,
        body: &str,
        now: DateTime<Utc>,
    ) -> Result<(), SimError> {
        self.update_occurrence(meeting, date, now, What::Renamed, |exception| {
            exception.body = Some(body.to_owned());
        })
    }
}
