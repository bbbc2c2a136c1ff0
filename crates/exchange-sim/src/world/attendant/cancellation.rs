//! Cancellations reach a room: what was called off stays, marked and free, unless the room is set up otherwise.

use chrono::{DateTime, NaiveDate, Utc};

use crate::item::{CalendarItem, Exception, FreeBusy};
use crate::meeting::MeetingHandle;
use crate::world::{RoomNumber, What, World};

impl World {
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
                item.subject = format!("Canceled: {}", item.subject);
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
        let goes = own || to.processing.remove_canceled_meetings;
        self.edit(room, number, at, |item| {
            item.sequence = sequence;
            if goes {
                item.exceptions.remove(&date);
                item.deleted.insert(date);
                return;
            }
            let subject = exception.subject.as_ref().unwrap_or(&item.subject);
            let subject = Some(format!("Canceled: {subject}"));
            item.exceptions.insert(date, Exception { subject, show_as: Some(FreeBusy::Free), ..exception });
        });
        self.hides((room, meeting, Some(date)), at, What::Cancelled);
    }
}
