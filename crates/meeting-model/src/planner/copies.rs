//! Copies of one meeting in several calendars of a room: a divisible room that is booked as a whole has it in each, and a
//! room that is being migrated perhaps in both.

use super::drafts::{Draft, by_name, is_same, is_same_name, newest};
use crate::{
    item::{CalendarItem, Response},
    plan::PlannedOccurrence,
};

/// Leaves one of the copies that start together, and none that is behind the copy of another calendar.
pub(super) fn count_once(drafts: &mut Vec<Draft<'_>>) {
    let is_behind = |copies: &[Draft<'_>]| -> Vec<bool> {
        copies.iter().map(|one| copies.iter().any(|other| is_ahead(other, one))).collect()
    };
    let behind: Vec<bool> = drafts.chunk_by(is_same_name).flat_map(is_behind).collect();
    let mut behind = behind.into_iter();
    drafts.retain(|_| behind.next() == Some(false));
    let rank = |draft: &Draft<'_>| (draft.start, answer(&draft.item));
    drafts.sort_by(|one, other| {
        let ranks = || rank(one).cmp(&rank(other));
        by_name(one, other).then_with(ranks).then_with(|| newest(one).cmp(&newest(other)))
    });
    drafts.dedup_by(|other, one| is_same(one, other));
}

/// Leaves one of the occurrences that start together once they are decided, where one is shown: a copy that keeps what it
/// showed (rule A7) may start where another has moved to.
pub(super) fn show_once(occurrences: Vec<PlannedOccurrence>) -> Vec<PlannedOccurrence> {
    let mut once: Vec<PlannedOccurrence> = Vec::with_capacity(occurrences.len());
    for one in occurrences {
        let name = (one.key.meeting(), one.key.slot());
        let copies = once.iter().rev().take_while(|other| (other.key.meeting(), other.key.slot()) == name);
        let before = copies.zip(1..).find(|(other, _)| other.start == one.start);
        match before.map(|(other, back)| (other.displayed.is_some(), once.len() - back)) {
            None => once.push(one),
            Some((false, at)) if one.displayed.is_some() => {
                once.remove(at);
                once.push(one);
            }
            Some(_) => {}
        }
    }
    once
}

/// Whether the organizer has moved the meeting since, which another calendar does not know yet, or never will.
fn is_ahead(one: &Draft<'_>, other: &Draft<'_>) -> bool {
    let later = one.item.sequence.zip(other.item.sequence).is_some_and(|(one, other)| one > other);
    later && one.start != other.start && one.calendar() != other.calendar()
}

/// Whoever accepted counts first: the other half of a room may have been taken.
fn answer(item: &CalendarItem) -> u8 {
    match item.response {
        _ if item.cancelled() => 3,
        Response::Decline => 2,
        Response::Tentative | Response::NoResponseReceived | Response::Unknown => 1,
        Response::Accept | Response::Organizer => 0,
    }
}
