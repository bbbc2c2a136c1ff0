//! What a room's meetings tell of how Exchange treats them (rules S2, S5 to S8 and P3).
//!
//! Looked at are accepted meetings (rule A6) of which the room is not the organizer: only those are rewritten by the
//! booking attendant.

use crate::{
    acceptance::is_direct,
    fact::Facts,
    identity::{Slot, meeting_id},
    item::{CalendarItem, Response},
    settings::{RoomSettings, SubjectPolicy},
    subject::{self, Shape},
};
use chrono::{DateTime, TimeDelta, Utc};
use std::{cmp::Reverse, collections::BTreeSet};

/// How many of the latest meetings speak for the room.
const LATEST: usize = 20;
/// So many meetings are no accident: people send a meeting without words now and then.
const NO_ACCIDENT: usize = 3;
/// From so many meetings with a prefix on, of so many organizers, Exchange is known to add it (rule S2).
const ENOUGH: (usize, usize) = (5, 3);
/// So long a sign lasts without another (rule S6).
const LASTS: TimeDelta = TimeDelta::days(7);

/// Why an item that was just read has to be read once more, some seconds later: Exchange writes a room's copy twice
/// (rule S5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReadAgain {
    /// The room has not answered yet.
    Unanswered,
    /// Its subject looks rewritten: perhaps the private flag went with it, or another version follows.
    Rewritten,
}

impl ReadAgain {
    /// Why, in a sentence.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Unanswered => "the room has not answered yet",
            Self::Rewritten => "its subject looks rewritten by Exchange",
        }
    }
}

/// Whether an item that was just read has to be read once more, and why (rule S5).
pub fn read_again(item: &CalendarItem, settings: &RoomSettings) -> Option<ReadAgain> {
    if item.cancelled() || is_direct(item, &settings.mailboxes) {
        return None;
    }
    match item.response {
        Response::NoResponseReceived | Response::Unknown => Some(ReadAgain::Unanswered),
        Response::Accept => subject::shape(item).map(|_| ReadAgain::Rewritten),
        _ => None,
    }
}

/// What Exchange does to a room's copies, as far as they show it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Signs {
    /// Meetings written within the last week whose subject Exchange seems to have rewritten (rule S6).
    pub rewritten: usize,
    /// Whether Exchange puts the organizer's name before subjects (rule S2).
    pub adds_organizer: bool,
    /// Of the last 20 meetings, those that show that Exchange deletes what is written in them: none where one of them has a body,
    /// and where nothing but the want of bodies speaks for it (rule S7).
    pub bodies_deleted: usize,
    /// Meetings written within the last week that were private in some copy, and are not in the room's (rule P3).
    pub flags_removed: usize,
}

impl Signs {
    /// What a room's calendar shows.
    pub fn of(items: &[&CalendarItem], facts: &Facts, settings: &RoomSettings, now: DateTime<Utc>) -> Self {
        let latest = latest(items.iter().copied(), &settings.mailboxes);
        let is_recent = |item: &&CalendarItem| item.last_modified.is_none_or(|at| now - at < LASTS);
        let copies = items.iter().copied().filter(|item| is_copy(item, &settings.mailboxes));
        let recent: Vec<&CalendarItem> = copies.filter(is_recent).collect();
        let fact = |item: &CalendarItem| facts.get(&(meeting_id(item), Slot::Whole));
        let was_secret = |item: &&&CalendarItem| {
            !item.sensitivity.is_hidden() && fact(item).is_some_and(|fact| fact.sensitivity.is_hidden())
        };
        let had_subject = |item: &CalendarItem| fact(item).is_some_and(|fact| fact.subject.is_some());
        let adds_organizer =
            settings.organizer_prefix || adds_organizer(items.iter().copied(), &settings.mailboxes);
        Self {
            rewritten: rewritten(&recent, adds_organizer, had_subject),
            adds_organizer,
            bodies_deleted: bodies_deleted(&latest),
            flags_removed: recent.iter().filter(was_secret).count(),
        }
    }

    /// Rule S8, in one sentence: that Exchange strips subjects here, and where they are taken from. Absent where it does
    /// not.
    pub fn intent(self, settings: &RoomSettings) -> Option<&'static str> {
        let subjects = settings.subjects;
        (self.rewritten > 0).then_some(match (subjects.shown, subjects.recover) {
            (SubjectPolicy::Show, true) if subjects.recover_from_inbox => {
                "Exchange seems to strip subjects in this room: they are taken from what was read before it did, from the series, from copies in other rooms, and from the meeting requests in its mailbox"
            }
            (SubjectPolicy::Show, true) => {
                "Exchange seems to strip subjects in this room: they are taken from what was read before it did, from the series, and from copies in other rooms"
            }
            (SubjectPolicy::Show, false) => {
                "Exchange seems to strip subjects in this room, and `recover = false` leaves it so"
            }
            (SubjectPolicy::Organizer | SubjectPolicy::Busy, _) => {
                "Exchange seems to strip subjects in this room, and its displays show none"
            }
        })
    }
}

/// How many subjects Exchange seems to have rewritten. The organizer's bare name is what it leaves; an empty subject is, where
/// there was another or where most are empty, as people leave one empty now and then; the name before a subject is, where all have
/// it (rule S2), as people write that too.
fn rewritten(
    copies: &[&CalendarItem],
    adds_organizer: bool,
    had_subject: impl Fn(&CalendarItem) -> bool,
) -> usize {
    let shapes: Vec<(&CalendarItem, Shape)> =
        copies.iter().filter_map(|item| Some((*item, subject::shape(item)?))).collect();
    let empty = shapes.iter().filter(|(_, shape)| *shape == Shape::Empty).count();
    let most_are_empty = empty >= NO_ACCIDENT && empty * 2 > copies.len();
    let by_exchange = |(item, shape): &&(&CalendarItem, Shape)| match shape {
        Shape::Organizer => true,
        Shape::Empty => most_are_empty || had_subject(item),
        Shape::Prefixed => adds_organizer,
    };
    shapes.iter().filter(by_exchange).count()
}

/// How many of the latest meetings show that Exchange deletes bodies: they had one before the room accepted them, or their subject
/// went as bodies go by default (DeleteSubject, DeleteComments). That none has a body proves nothing: people send meetings
/// without words.
fn bodies_deleted(latest: &[&CalendarItem]) -> usize {
    if latest.len() < LATEST || latest.iter().any(|item| item.has_body) {
        return 0;
    }
    let lost_subject =
        |item: &CalendarItem| matches!(subject::shape(item), Some(Shape::Empty | Shape::Organizer));
    let shows = latest.iter().filter(|item| item.lost_body || lost_subject(item)).count();
    if shows >= NO_ACCIDENT { shows } else { 0 }
}

/// Rule S2: whether all of the latest meetings carry the organizer's name before their subject. One counter-example ends
/// it; a bare name is none, and proves nothing.
pub(crate) fn adds_organizer<'a>(
    items: impl Iterator<Item = &'a CalendarItem>,
    mailboxes: &[String],
) -> bool {
    let mut organizers = BTreeSet::new();
    let mut prefixed = 0;
    for item in latest(items, mailboxes) {
        match subject::shape(item) {
            Some(Shape::Prefixed) => {
                prefixed += 1;
                organizers.insert(subject::organizer_name(item));
            }
            Some(Shape::Organizer) => (),
            Some(Shape::Empty) | None => return false,
        }
    }
    prefixed >= ENOUGH.0 && organizers.len() >= ENOUGH.1
}

fn latest<'a>(items: impl Iterator<Item = &'a CalendarItem>, mailboxes: &[String]) -> Vec<&'a CalendarItem> {
    let mut copies: Vec<&CalendarItem> = items.filter(|item| is_copy(item, mailboxes)).collect();
    copies.sort_by_key(|item| Reverse((item.last_modified, item.start, &item.item_id)));
    copies.truncate(LATEST);
    copies
}

/// Whether an item is a copy that the booking attendant had in hand: accepted, and called by somebody else.
fn is_copy(item: &CalendarItem, mailboxes: &[String]) -> bool {
    item.response == Response::Accept && !item.cancelled() && !is_direct(item, mailboxes)
}

#[cfg(test)]
mod tests;
