//! A room's attendant: it files what arrives at once, and decides a little later.
//!
//! Exchange writes a room's copy twice: the calendar attendant files the request as it came, tentative;
//! the booking attendant then answers and rewrites it. Clients are notified of both.

mod cancellation;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};

use super::booking::{Trim, Verdict};
use super::change::Place;
use super::{RoomNumber, Task, What, World};
use crate::item::{CalendarItem, Exception, FreeBusy, ResponseType, Sensitivity, View};
use crate::meeting::{Meeting, MeetingHandle};
use crate::particulars::Particulars;
use crate::room::Room;
use crate::{AutomateProcessing, CalendarProcessing, MailboxState};

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
        let unasked = !processing.process_external_meeting_messages && self.is_external(&known.organizer);
        if room.state.receives() {
            self.receive_request(place, at);
        }
        if processing.automate_processing == AutomateProcessing::None || unasked || !self.receives(number) {
            return;
        }
        match date {
            Some(date) => self.file_occurrence(number, meeting, date, at),
            None if processing.add_new_requests_tentatively || self.copy(number, meeting).is_some() => {
                self.file(number, meeting, at);
            }
            None => {}
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

    /// The booking attendant decides, if it still is its business.
    pub(super) fn settle(&mut self, settle: &Settle, at: DateTime<Utc>) {
        let (number, meeting, date) = settle.place;
        let Some(processing) = self.room(number).map(|room| room.processing) else { return };
        if processing.automate_processing != AutomateProcessing::AutoAccept {
            return;
        }
        let called_off = self.meetings.get(&meeting).is_none_or(|known| known.cancelled);
        let unfiled = self.copy(number, meeting).is_none() && !processing.add_new_requests_tentatively;
        if unfiled && date.is_none() && !called_off {
            self.file(number, meeting, at);
        }
        let Some(item) = self.copy(number, meeting) else { return };
        let view = date.map_or_else(|| View::whole(item), |date| View::occurrence(item, date));
        let newer = date.is_none() && item.requested != settle.requested;
        if newer || view.cancelled() || view.response() != ResponseType::NoResponseReceived {
            return;
        }
        let what = if view.replied_at().is_none() { What::Created } else { settle.what };
        match self.verdict(number, item, date, at) {
            Verdict::Hold => self.hold_copy(settle.place, at),
            Verdict::Decline => self.decline_copy(settle.place, at),
            Verdict::Accept(trim) => self.accept_trimmed(settle.place, at, what, trim),
        }
    }

    /// A request lies in the Inbox until somebody has answered it.
    fn receive_request(&mut self, (number, meeting, date): Place, at: DateTime<Utc>) {
        let Some(known) = self.meetings.get(&meeting) else { return };
        let Some(to) = self.room(number) else { return };
        let sent = requested(known, meeting, to, at);
        if let Some(room) = self.room_mut(number) {
            room.calendar.receive((meeting, date), CalendarItem { body: String::new(), ..sent });
        }
    }

    fn accept_trimmed(&mut self, place: Place, at: DateTime<Utc>, what: What, trim: Trim) {
        if trim != Trim::default()
            && let Some(number) = self.copy(place.0, place.1).map(|item| item.number)
        {
            self.edit(place.0, number, at, |item| trim.apply(item));
        }
        self.accept_copy(place, at, what, true);
    }

    /// Files a request: as it was sent, tentative, unanswered. A room's own booking needs no answer.
    pub(super) fn file(&mut self, room: RoomNumber, meeting: MeetingHandle, at: DateTime<Utc>) {
        let Some(known) = self.meetings.get(&meeting) else { return };
        let Some(to) = self.room(room) else { return };
        let mut fresh = requested(known, meeting, to, at);
        let filed = self.copy(room, meeting).map(|item| item.number);
        let Some(calendar) = self.room_mut(room).map(|room| &mut room.calendar) else { return };
        match filed {
            None => {
                calendar.insert(fresh, at);
            }
            Some(number) => calendar.edit(number, at, |item| {
                let same_pattern = item.recurrence == fresh.recurrence && item.start == fresh.start;
                if same_pattern {
                    fresh.keep_of(item);
                }
                if !fresh.is_own() {
                    fresh.particulars = Particulars::received(&fresh.particulars, &item.particulars);
                }
                fresh.exceptions.retain(|date, _| !fresh.deleted.contains(date));
                let (created_at, replied_at) = (item.created_at, item.replied_at);
                *item = CalendarItem { number, created_at, replied_at, ..fresh };
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
        let Some((number, sequence, exception)) = self.sent_of((room, meeting), date) else { return };
        self.edit(room, number, at, |item| {
            item.sequence = sequence;
            item.deleted.remove(&date);
            let response = Some(ResponseType::NoResponseReceived);
            let filed = Exception { response, show_as: Some(FreeBusy::Tentative), ..exception };
            item.exceptions.insert(date, filed);
        });
    }

    /// What the organizer sends about one occurrence: the item that it is for, its sequence, and what it says.
    fn sent_of(
        &self,
        (room, meeting): (RoomNumber, MeetingHandle),
        date: NaiveDate,
    ) -> Option<(u64, i32, Exception)> {
        let known = self.meetings.get(&meeting)?;
        let sent = known.exceptions.get(&date)?;
        let item = self.copy(room, meeting)?;
        if item.is_own() {
            return Some((item.number, known.sequence, sent.clone()));
        }
        // What is sent says everything: also what the series here has lost since it was answered.
        let subject = sent.subject.as_ref().unwrap_or(&known.subject);
        let sensitivity = sent.sensitivity.unwrap_or(known.sensitivity);
        let exception = Exception {
            subject: (*subject != item.subject).then(|| subject.clone()),
            sensitivity: (sensitivity != item.sensitivity).then_some(sensitivity),
            ..sent.clone().received(View::occurrence(item, date).particulars())
        };
        Some((item.number, known.sequence, exception))
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
            let leave = |exception: &mut Exception| {
                exception.subject = exception.subject.as_deref().map(subject);
                if rewrite && processing.delete_comments {
                    exception.body = None;
                }
                if rewrite && processing.remove_private_property {
                    exception.sensitivity = None;
                }
            };
            if let Some(exception) = date.and_then(|date| item.exceptions.get_mut(&date)) {
                exception.response = Some(ResponseType::Accept);
                exception.replied_at = Some(at);
                exception.show_as = Some(item.intended);
                return leave(exception);
            }
            // what came with the whole series; what was called off is as it was left then
            item.exceptions.values_mut().filter(|exception| !exception.cancelled).for_each(leave);
            item.response = ResponseType::Accept;
            item.replied_at = Some(at);
            item.show_as = item.intended;
            item.subject = subject(&item.subject);
            if rewrite && processing.delete_comments {
                item.body.clear();
            }
            if rewrite && processing.delete_attachments {
                item.attached = false;
            }
            if rewrite && processing.remove_private_property {
                item.sensitivity = Sensitivity::Normal;
            }
        });
        self.answer_request(place);
        self.shows(place, at, what);
        self.replied(place, ResponseType::Accept, at);
        self.watch(room, meeting, at);
    }

    /// The request waits for somebody to decide.
    pub(super) fn hold_copy(&mut self, place: Place, at: DateTime<Utc>) {
        let (room, meeting, date) = place;
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
        self.replied(place, ResponseType::Tentative, at);
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
        self.answer_request(place);
        self.hides(place, at, What::Deleted);
        self.replied(place, ResponseType::Decline, at);
    }

    /// Whoever answers a request is done with it.
    fn answer_request(&mut self, (room, meeting, date): Place) {
        if let Some(room) = self.room_mut(room) {
            room.calendar.answer((meeting, date));
        }
    }

    /// An answer to a whole request reaches the organizer's own copy.
    fn replied(&mut self, (room, meeting, date): Place, response: ResponseType, at: DateTime<Utc>) {
        let Some(known) = self.meetings.get(&meeting).filter(|_| date.is_none()) else { return };
        let Some(home) = self.home_of(&known.organizer) else { return };
        let Some(address) = self.room(room).map(|room| room.mailbox.address.to_lowercase()) else { return };
        if let Some(number) = self.copy(home, meeting).map(|item| item.number) {
            self.edit(home, number, at, |item| {
                item.replies.insert(address, (response, at));
            });
        }
    }

    /// Whether what is sent to a mailbox arrives; what arrives first opens it.
    fn receives(&mut self, room: RoomNumber) -> bool {
        let Some(room) = self.room_mut(room) else { return false };
        if room.state == MailboxState::NeverOpened {
            room.state = MailboxState::Healthy;
        }
        room.state.receives()
    }
}

/// What the calendar attendant files.
fn requested(known: &Meeting, meeting: MeetingHandle, room: &Room, at: DateTime<Utc>) -> CalendarItem {
    let own = known.organizer == room.mailbox;
    let named = if known.resources.is_empty() && own {
        std::slice::from_ref(&room.mailbox)
    } else {
        &known.resources
    };
    let names = || named.iter().map(|room| room.name.as_str()).collect::<Vec<_>>().join("; ");
    // An organizer does not keep what was called off, so that no request tells of it.
    let mut exceptions = known.exceptions.clone();
    let called_off = exceptions.extract_if(.., |_, exception| exception.cancelled);
    let deleted: BTreeSet<NaiveDate> = called_off.map(|(date, _)| date).collect();
    let mut particulars = Arc::clone(&known.particulars);
    if !own {
        particulars = Particulars::received(&particulars, &Particulars::none());
        for exception in exceptions.values_mut() {
            *exception = exception.clone().received(&Particulars::none());
        }
    }
    CalendarItem {
        number: 0,
        changed: 0,
        meeting: Some(meeting),
        id: known.id.clone(),
        subject: known.subject.clone(),
        body: known.body.clone(),
        attached: known.attached,
        location: known.location.clone().unwrap_or_else(names),
        join_url: known.join_url.clone(),
        particulars,
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
        optional: known.optional.clone(),
        resources: known.resources.clone(),
        request_sent: known.sent && own,
        replies: BTreeMap::new(),
        sequence: known.sequence,
        requested: known.sequence,
        recurrence: known.recurrence.clone(),
        exceptions,
        deleted,
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
