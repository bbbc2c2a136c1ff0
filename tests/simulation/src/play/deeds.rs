//! What people do with meetings.

use super::Player;
use crate::scenario::{Deed, Invitation, MeetingId, Said, Scenario};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use exchange_sim::{MeetingHandle, Sensitivity, SimError, Zone};

impl Player {
    pub(super) fn invite(&mut self, id: MeetingId, invitation: &Invitation, now: DateTime<Utc>) {
        let rooms = invitation.rooms.iter().filter(|room| **room < self.rooms);
        let mut rooms = rooms.map(|room| Scenario::alias(*room));
        let Some(first) = rooms.next() else { return };
        let Invitation { organizer, subject, times, .. } = invitation;
        let zone = Zone::windows(invitation.zone).expect("a zone of Windows");
        let organizer = self.run.world.organizer(organizer);
        let mut sent = organizer.invites(&first).to(subject).at(times.start, times.end()).in_zone(&zone);
        for room in rooms {
            sent = sent.and(&room);
        }
        if invitation.private {
            sent = sent.private();
        }
        if let Some(days) = invitation.whole_days {
            sent = sent.all_day(zone.date(times.start), days);
        }
        if let Some((pattern, range)) = &invitation.series {
            sent = sent.every(pattern.clone());
            sent = match range {
                exchange_sim::Range::NoEnd => sent,
                exchange_sim::Range::Count(count) => sent.times(*count),
                exchange_sim::Range::Until(last) => sent.until(*last),
            };
        }
        if let Some(location) = &invitation.location {
            sent = sent.located(&location.text);
        }
        if let Some(body) = &invitation.body {
            sent = sent.saying(&body.text);
        }
        if let Some(link) = &invitation.link {
            sent = sent.online(&link.text);
        }
        let meeting = sent.send(now).expect("an invitation that can be sent");
        self.is_made(id, meeting, invitation);
    }

    pub(super) fn book(&mut self, id: MeetingId, booking: &Invitation, now: DateTime<Utc>) {
        let Some(room) = booking.rooms.iter().find(|room| **room < self.rooms) else { return };
        let Invitation { subject, times, .. } = booking;
        let world = &mut self.run.world;
        let meeting = world.book(&Scenario::alias(*room), subject, times.start, times.end(), now);
        let meeting = meeting.expect("a booking that can be made");
        let located = booking.location.as_ref().map(|said| world.relocate(meeting, &said.text, now));
        let worded = booking.body.as_ref().map(|said| world.reword(meeting, &said.text, now));
        located.into_iter().chain(worded).for_each(|done| done.expect("a booking that stands"));
        self.is_made(id, meeting, booking);
    }

    fn is_made(&mut self, id: MeetingId, meeting: MeetingHandle, invitation: &Invitation) {
        self.meetings.insert(id, meeting);
        let said = [&invitation.location, &invitation.body, &invitation.link];
        self.witness().reads(said.into_iter().flatten());
        if invitation.whole_days.is_some() {
            self.whole_days.insert(meeting);
        }
        let named = self.witness().named.entry(meeting).or_default();
        named.was_private |= invitation.private;
        named.subjects.insert(invitation.subject.trim().to_owned());
    }

    /// Somebody does something with a meeting. Much of it cannot be done, when its time has come: then nothing is.
    pub(super) fn deed(&mut self, meeting: MeetingHandle, deed: &Deed, now: DateTime<Utc>) {
        let moves = matches!(deed, Deed::Move(..) | Deed::MoveOne(..));
        if moves && self.whole_days.contains(&meeting) {
            return;
        }
        self.witness().reads(said_by(deed));
        if let Some(subject) = subject_of(deed) {
            self.witness().is_called(meeting, subject.trim());
        }
        let named = self.witness().named.entry(meeting).or_default();
        named.was_private |= matches!(deed, Deed::Hide(true) | Deed::HideOne(_));
        let is_called_otherwise = subject_of(deed).is_some() || named.was_private;
        let _ = self.done(meeting, deed, now);
        if is_called_otherwise {
            self.run.look_anew();
        }
    }

    fn done(&mut self, meeting: MeetingHandle, deed: &Deed, now: DateTime<Utc>) -> Result<(), SimError> {
        let world = &mut self.run.world;
        let hidden = |hide: bool| if hide { Sensitivity::Private } else { Sensitivity::Normal };
        match deed {
            Deed::Move(by, lasts) => {
                let Some((start, _)) = world.times_of(meeting) else { return Ok(()) };
                let start = start + *by;
                world.reschedule(meeting, start, start + *lasts, now)
            }
            Deed::Rename(subject) => world.rename(meeting, subject, now),
            Deed::Relocate(said) => world.relocate(meeting, &said.text, now),
            Deed::Reword(said) => world.reword(meeting, &said.text, now),
            Deed::Cancel => world.cancel(meeting, now),
            Deed::Hide(hide) => world.set_sensitivity(meeting, hidden(*hide), now),
            Deed::Answer(room, answer) => world.answer(&Scenario::alias(*room), meeting, *answer, now),
            Deed::Delete(room) => world.delete_from(&Scenario::alias(*room), meeting, now),
            Deed::MoveOne(which, _)
            | Deed::RenameOne(which, _)
            | Deed::RelocateOne(which, _)
            | Deed::RewordOne(which, _)
            | Deed::HideOne(which)
            | Deed::CancelOne(which)
            | Deed::DeleteOne(which, _)
            | Deed::AnswerOne(which, ..) => {
                let Some(date) = world.dates_of(meeting, *which + 1).pop() else { return Ok(()) };
                self.done_to_one(meeting, date, deed, now)
            }
        }
    }

    fn done_to_one(
        &mut self,
        meeting: MeetingHandle,
        date: NaiveDate,
        deed: &Deed,
        now: DateTime<Utc>,
    ) -> Result<(), SimError> {
        let world = &mut self.run.world;
        match deed {
            Deed::MoveOne(_, by) => {
                let Some((start, end)) = world.occurrence_of(meeting, date) else { return Ok(()) };
                // an occurrence does not pass its neighbours
                let by = (*by).clamp(TimeDelta::hours(-6), TimeDelta::hours(6));
                world.reschedule_occurrence(meeting, date, start + by, end + by, now)
            }
            Deed::RenameOne(_, subject) => world.rename_occurrence(meeting, date, subject, now),
            Deed::RelocateOne(_, said) => world.relocate_occurrence(meeting, date, &said.text, now),
            Deed::RewordOne(_, said) => world.reword_occurrence(meeting, date, &said.text, now),
            Deed::HideOne(_) => world.set_occurrence_sensitivity(meeting, date, Sensitivity::Private, now),
            Deed::CancelOne(_) => world.cancel_occurrence(meeting, date, now),
            Deed::DeleteOne(_, room) => world.delete_occurrence(&Scenario::alias(*room), meeting, date, now),
            Deed::AnswerOne(_, room, answer) => {
                world.answer_occurrence(&Scenario::alias(*room), meeting, date, *answer, now)
            }
            _ => Ok(()),
        }
    }
}

/// What it says from then on.
fn said_by(deed: &Deed) -> Option<&Said> {
    match deed {
        Deed::Relocate(said) | Deed::Reword(said) | Deed::RelocateOne(_, said) | Deed::RewordOne(_, said) => {
            Some(said)
        }
        _ => None,
    }
}

/// What it is called from then on.
fn subject_of(deed: &Deed) -> Option<&str> {
    match deed {
        Deed::Rename(subject) | Deed::RenameOne(_, subject) => Some(subject),
        _ => None,
    }
}
