//! Cancellations reach a room: what was called off stays, marked and free, unless the room is set up otherwise.

use chrono::{DateTime, NaiveDate, Utc};

use crate::item::{CalendarItem, Exception, FreeBusy, View};
use crate::meeting::MeetingHandle;
use crate::world::{RoomNumber, What, World};

impl World {
    /// What the subjects of cancelled meetings begin with from now on: `Canceled:` in English, `Abgesagt:` in German.
    pub fn set_cancelled_prefix(&mut self, prefix: &str) {
        prefix.clone_into(&mut self.cancelled_prefix);
    }

    /// Whether requests that nobody has answered say `Unknown` in place of `NoResponseReceived`, as was seen too.
    pub fn set_unanswered_is_unknown(&mut self, unknown: bool) {
        self.unanswered_is_unknown = unknown;
    }

    /// The organizer's cancellation reaches a room: its copy stays, marked and free; a booking goes.
    pub(in crate::world) fn cancel_copy(
        &mut self,
        room: RoomNumber,
        meeting: MeetingHandle,
        at: DateTime<Utc>,
    ) {
        let Some((number, own)) = self.copy(room, meeting).map(|item| (item.number, item.is_own())) else {
            return;
        };
        let prefix = self.cancelled_prefix.clone();
        let Some(to) = self.room_mut(room).filter(|to| own || to.heeds_mail()) else { return };
        if own {
            to.calendar.delete(number, at);
        } else if to.processing.remove_canceled_meetings {
            to.calendar.discard(number, at);
        } else {
            to.calendar.edit(number, at, |item| {
                item.cancelled = true;
                item.show_as = FreeBusy::Free;
                item.sequence += 1;
                item.subject = format!("{prefix} {}", item.subject);
            });
        }
        self.hides((room, meeting, None), at, What::Cancelled);
    }

    /// The cancellation of one occurrence reaches a room.
    pub(in crate::world) fn cancel_occurrence_copy(
        &mut self,
        room: RoomNumber,
        meeting: MeetingHandle,
        date: NaiveDate,
        at: DateTime<Utc>,
    ) {
        let Some((number, sequence, exception)) = self.sent_of((room, meeting), date) else { return };
        let own = self.copy(room, meeting).is_some_and(CalendarItem::is_own);
        let Some(to) = self.room(room).filter(|to| own || to.heeds_mail()) else { return };
        let prefix = self.cancelled_prefix.clone();
        let goes = own || to.processing.remove_canceled_meetings;
        self.edit(room, number, at, |item| {
            item.sequence = sequence;
            // what the room has declined or deleted does not come back by being called off
            if goes || item.deleted.contains(&date) {
                item.exceptions.remove(&date);
                item.deleted.insert(date);
                return;
            }
            let subject = exception.subject.as_ref().unwrap_or(&item.subject);
            let subject = Some(format!("{prefix} {subject}"));
            let answered = View::occurrence(item, date);
            let (response, replied_at) = (Some(answered.response()), answered.replied_at());
            let show_as = Some(FreeBusy::Free);
            item.exceptions.insert(date, Exception { subject, show_as, response, replied_at, ..exception });
        });
        self.hides((room, meeting, Some(date)), at, What::Cancelled);
    }
}

impl CalendarItem {
    /// Takes over what a room's copy has of its own when its series is asked for anew: what was deleted or answered
    /// there, and the occurrences that were called off, which stay.
    pub(in crate::world) fn keep_of(&mut self, before: &mut Self) {
        self.deleted.append(&mut before.deleted);
        self.replies.append(&mut before.replies);
        for (date, exception) in before.exceptions.extract_if(.., |_, exception| exception.cancelled) {
            self.deleted.remove(&date);
            self.exceptions.insert(date, exception);
        }
    }
}
