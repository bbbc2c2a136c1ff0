//! A room's attendant: it files what arrives at once, and decides a little later.
//!
//! Exchange writes a room's copy twice: the calendar attendant files the request as it came, tentative;
//! the booking attendant then answers and rewrites it. Clients are notified of both.

use std::collections::BTreeSet;

use chrono::{DateTime, Duration, NaiveDate, Utc};

use super::change::Place;
use super::{RoomNumber, Task, What, World};
use crate::item::{CalendarItem, Exception, FreeBusy, Mailbox, ResponseType, Sensitivity, View};
use crate::meeting::{Meeting, MeetingHandle};
use crate::room::Room;
use crate::{AutomateProcessing, CalendarProcessing};

/// How far ahead the attendant looks for conflicts (`BookingWindowInDays`).
const BOOKING_WINDOW: Duration = Duration::days(180);

/// A decision the booking attendant still owes, about an item or one occurrence of it.
#[derive(Debug, Clone)]
pub(super) struct Settle {
    place: Place,
    /// A newer update of the whole item brings a decision of its own.
    requested: i32,
    what: What,
}

impl World {
    /// A request or an update reaches a room.
    pub(super) fn deliver(&mut self, place: Place, at: DateTime<Utc>, what: What) {
        let (number, meeting, date) = place;
        let Some(known) = self.meetings.get(&meeting) else { return };
        let Some(room) = self.room(number) else { return };
        let (processing, requested) = (room.processing, known.sequence);
        if known.organizer == room.mailbox {
            self.file(number, meeting, at);
            self.shows(place, at, what);
            return;
        }
        if processing.automate_processing == AutomateProcessing::None {
            return;
        }
        match date {
            Some(date) => self.file_occurrence(number, meeting, date, at),
            None => self.file(number, meeting, at),
        }
        if processing.automate_processing == AutomateProcessing::AutoAccept {
            let settle = Settle { place, requested, what };
            if processing.delay_ms == 0 {
                self.settle(&settle, at);
            } else {
                self.schedule(at + processing.delay(), Task::Settle(settle));
            }
        }
    }

    /// The booking attendant decides.
    pub(super) fn settle(&mut self, settle: &Settle, at: DateTime<Utc>) {
        let (number, meeting, date) = settle.place;
        let Some(processing) = self.room(number).map(|room| room.processing) else { return };
        let Some(item) = self.copy(number, meeting) else { return };
        let view = date.map_or_else(|| View::whole(item), |date| View::occurrence(item, date));
        let newer = date.is_none() && item.requested != settle.requested;
        if newer || view.cancelled() || view.response() != ResponseType::NoResponseReceived {
            return;
        }
        if !processing.all_book_in_policy {
            self.hold_copy(settle.place, at);
        } else if !processing.allow_conflicts && self.taken(number, item, date, at) {
            self.decline_copy(settle.place, at);
        } else {
            let what = if view.replied_at().is_none() { What::Created } else { settle.what };
            self.accept_copy(settle.place, at, what, true);
        }
    }

    fn taken(
        &self,
        room: RoomNumber,
        item: &CalendarItem,
        date: Option<NaiveDate>,
        at: DateTime<Utc>,
    ) -> bool {
        let Some(calendar) = self.room(room).map(|room| &room.calendar) else { return false };
        match date.and_then(|date| item.exceptions.get(&date)) {
            None => calendar.conflicts(item, at + BOOKING_WINDOW),
            Some(exception) => {
                let there = calendar.view(exception.start, exception.end);
                there.iter().any(|view| view.item.number != item.number && view.blocks())
            }
        }
    }

    /// Files a request: as it was sent, tentative, unanswered. A room's own booking needs no answer.
    pub(super) fn file(&mut self, room: RoomNumber, meeting: MeetingHandle, at: DateTime<Utc>) {
        let Some(known) = self.meetings.get(&meeting) else { return };
        let Some(to) = self.room(room) else { return };
        let resources = known.rooms.iter().filter_map(|room| self.room(*room));
        let resources: Vec<Mailbox> = resources.map(|room| room.mailbox.clone()).collect();
        let fresh = requested(known, meeting, to, resources, at);
        let filed = self.copy(room, meeting).map(|item| item.number);
        let Some(calendar) = self.room_mut(room).map(|room| &mut room.calendar) else { return };
        match filed {
            None => {
                calendar.insert(fresh, at);
            }
            Some(number) => calendar.edit(number, at, |item| {
                let same_pattern = item.recurrence == fresh.recurrence && item.start == fresh.start;
                let deleted = if same_pattern { std::mem::take(&mut item.deleted) } else { BTreeSet::new() };
                let (created_at, replied_at) = (item.created_at, item.replied_at);
                *item = CalendarItem { number, created_at, replied_at, deleted, ..fresh };
            }),
        }
    }

    fn file_occurrence(
        &mut self,
        room: RoomNumber,
        meeting: MeetingHandle,
        date: NaiveDate,
        at: DateTime<Utc>,
    ) {
        let Some(known) = self.meetings.get(&meeting) else { return };
        let Some(exception) = known.exceptions.get(&date).cloned() else { return };
        let sequence = known.sequence;
        let Some(number) = self.copy(room, meeting).map(|item| item.number) else { return };
        self.edit(room, number, at, |item| {
            item.sequence = sequence;
            item.deleted.remove(&date);
            let response = Some(ResponseType::NoResponseReceived);
            let filed = Exception { response, show_as: Some(FreeBusy::Tentative), ..exception };
            item.exceptions.insert(date, filed);
        });
    }

    /// The room takes part; `rewrite` when the booking attendant answers, not a person.
    pub(super) fn accept_copy(&mut self, place: Place, at: DateTime<Utc>, what: What, rewrite: bool) {
        let (room, meeting, date) = place;
        let Some(processing) = self.room(room).map(|room| room.processing) else { return };
        let Some(number) = self.copy(room, meeting).map(|item| item.number) else { return };
        self.edit(room, number, at, |item| {
            let organizer = item.organizer.name.clone();
            let subject = |written: &str| {
                if rewrite { rewritten(&processing, &organizer, written) } else { written.to_owned() }
            };
            if let Some(exception) = date.and_then(|date| item.exceptions.get_mut(&date)) {
                exception.response = Some(ResponseType::Accept);
                exception.replied_at = Some(at);
                exception.show_as = Some(item.intended);
                exception.subject = exception.subject.as_deref().map(subject);
                return;
            }
            item.response = ResponseType::Accept;
            item.replied_at = Some(at);
            item.show_as = item.intended;
            item.subject = subject(&item.subject);
            if rewrite && processing.delete_comments {
                item.body.clear();
            }
            if rewrite && processing.remove_private_property {
                item.sensitivity = Sensitivity::Normal;
            }
        });
        self.shows(place, at, what);
    }

    /// The request waits for somebody to decide.
    pub(super) fn hold_copy(&mut self, (room, meeting, date): Place, at: DateTime<Utc>) {
        let Some(processing) = self.room(room).map(|room| room.processing) else { return };
        let Some(number) = self.copy(room, meeting).map(|item| item.number) else { return };
        let show_as =
            if processing.tentative_pending_approval { FreeBusy::Tentative } else { FreeBusy::Free };
        self.edit(room, number, at, |item| {
            if let Some(exception) = date.and_then(|date| item.exceptions.get_mut(&date)) {
                exception.response = Some(ResponseType::Tentative);
                exception.show_as = Some(show_as);
            } else {
                item.response = ResponseType::Tentative;
                item.show_as = show_as;
            }
        });
    }

    /// The room does not take part: its copy, or the one occurrence, leaves the calendar.
    pub(super) fn decline_copy(&mut self, place: Place, at: DateTime<Utc>) {
        let (room, meeting, date) = place;
        let Some(number) = self.copy(room, meeting).map(|item| item.number) else { return };
        if let Some(date) = date {
            self.edit(room, number, at, |item| {
                item.exceptions.remove(&date);
                item.deleted.insert(date);
            });
        } else if let Some(room) = self.room_mut(room) {
            room.calendar.discard(number, at);
        }
        self.hides(place, at, What::Deleted);
    }

    /// The organizer's cancellation reaches a room: its copy stays, marked and free; a booking goes.
    pub(super) fn cancel_copy(&mut self, room: RoomNumber, meeting: MeetingHandle, at: DateTime<Utc>) {
        let Some(to) = self.room_mut(room) else { return };
        let mut items = to.calendar.items();
        let Some(item) = items.find(|item| item.meeting == Some(meeting)) else { return };
        let (number, is_meeting) = (item.number, item.is_meeting());
        drop(items);
        if !is_meeting {
            to.calendar.delete(number, at);
        } else if to.processing.automate_processing == AutomateProcessing::None {
            return;
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
    pub(super) fn cancel_occurrence_copy(
        &mut self,
        room: RoomNumber,
        meeting: MeetingHandle,
        date: NaiveDate,
        at: DateTime<Utc>,
    ) {
        let Some(known) = self.meetings.get(&meeting) else { return };
        let Some(exception) = known.exceptions.get(&date).cloned() else { return };
        let sequence = known.sequence;
        let Some(number) = self.copy(room, meeting).map(|item| item.number) else { return };
        self.edit(room, number, at, |item| {
            item.sequence = sequence;
            let subject = exception.subject.as_ref().unwrap_or(&item.subject);
            let subject = Some(format!("Canceled: {subject}"));
            item.exceptions.insert(date, Exception { subject, show_as: Some(FreeBusy::Free), ..exception });
        });
        self.hides((room, meeting, Some(date)), at, What::Cancelled);
    }
}

/// What the calendar attendant files.
fn requested(
    known: &Meeting,
    meeting: MeetingHandle,
    room: &Room,
    resources: Vec<Mailbox>,
    at: DateTime<Utc>,
) -> CalendarItem {
    let own = known.organizer == room.mailbox;
    let names = || resources.iter().map(|room| room.name.as_str()).collect::<Vec<_>>().join("; ");
    CalendarItem {
        number: 0,
        changed: 0,
        meeting: Some(meeting),
        id: known.id.clone(),
        subject: known.subject.clone(),
        body: known.body.clone(),
        location: known.location.clone().unwrap_or_else(names),
        join_url: known.join_url.clone(),
        sensitivity: known.sensitivity,
        created_at: at,
        modified_at: at,
        start: known.start,
        end: known.end,
        zone: known.zone.clone(),
        all_day: known.all_day,
        show_as: if own { known.show_as } else { FreeBusy::Tentative },
        intended: known.show_as,
        cancelled: false,
        response: if own { ResponseType::Organizer } else { ResponseType::NoResponseReceived },
        replied_at: None,
        organizer: known.organizer.clone(),
        attendees: known.attendees.clone(),
        resources: if own { Vec::new() } else { resources },
        sequence: known.sequence,
        requested: known.sequence,
        recurrence: known.recurrence.clone(),
        exceptions: known.exceptions.clone(),
        deleted: BTreeSet::new(),
    }
}

/// The subject as the booking attendant leaves it.
fn rewritten(processing: &CalendarProcessing, organizer: &str, subject: &str) -> String {
    let kept = if processing.delete_subject { "" } else { subject };
    if processing.add_organizer_to_subject { format!("{organizer} {kept}") } else { kept.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subjects_are_rewritten_in_four_ways() {
        let table = [
            (false, false, "Design review"),
            (false, true, "Kim Design review"),
            (true, false, ""),
            (true, true, "Kim "),
        ];
        for (delete_subject, add_organizer_to_subject, expected) in table {
            let processing = CalendarProcessing {
                delete_subject,
                add_organizer_to_subject,
                ..CalendarProcessing::default()
            };
            assert_eq!(rewritten(&processing, "Kim", "Design review"), expected);
        }
    }
}
