//! Rule S4 (3): the meeting requests that lie in a room's mailbox. The booking attendant rewrites the room's copy, never what the
//! organizer sent.

use crate::{
    acceptance::is_direct,
    fact::{Fact, Facts},
    global_object_id::GlobalObjectId,
    id::RoomId,
    identity::{MeetingId, Slot, meeting_id},
    item::{CalendarItem, Sensitivity},
    known::Known,
    settings::{RoomSettings, SubjectPolicy},
    subject::{self, Naming, Shape},
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

/// What one meeting request says.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MeetingRequest {
    /// PidLidGlobalObjectId: of an update of one occurrence with its date.
    pub global_object_id: GlobalObjectId,
    /// As the organizer wrote it.
    pub subject: Option<String>,
    /// How secret.
    pub sensitivity: Sensitivity,
    /// When it came: the last one holds.
    pub received: Option<DateTime<Utc>>,
}

impl fmt::Debug for MeetingRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MeetingRequest")
            .field("global_object_id", &self.global_object_id)
            .finish_non_exhaustive()
    }
}

/// The meetings of a room whose subject only their request may tell, by their clean GlobalObjectIds, the next ones first: they
/// are not over, are shown openly, and no copy of them ever said it. None where the room is not to look for it.
pub fn unnamed(known: &Known, settings: &RoomSettings, now: DateTime<Utc>) -> Vec<GlobalObjectId> {
    let subjects = settings.subjects;
    if !subjects.recover || !subjects.recover_from_inbox || subjects.shown != SubjectPolicy::Show {
        return Vec::new();
    }
    let placeholder = |title: &str| subject::is_placeholder(title);
    let to_come = known.occurrences.values().filter(|occurrence| occurrence.end > now);
    let mut named_so: Vec<_> = to_come
        .filter(|occurrence| occurrence.displayed.as_ref().is_some_and(|shown| placeholder(shown.title())))
        .collect();
    named_so.sort_by_key(|occurrence| occurrence.start);
    let mut seen = BTreeSet::new();
    named_so
        .into_iter()
        .filter(|occurrence| seen.insert(&occurrence.item_id))
        .filter_map(|occurrence| known.items.get(&occurrence.item_id))
        .filter(|item| is_rewritten(item, settings) && !is_known(known, item))
        .filter_map(|item| item.clean_global_object_id.clone().map(GlobalObjectId::clean))
        .collect()
}

fn is_rewritten(item: &CalendarItem, settings: &RoomSettings) -> bool {
    let has_none = matches!(subject::shape(item), Some(Shape::Empty | Shape::Organizer));
    has_none && !is_direct(item, &settings.mailboxes)
}

fn is_known(known: &Known, item: &CalendarItem) -> bool {
    known.facts.get(&(meeting_id(item), Slot::Whole)).is_some_and(|fact| fact.subject.is_some())
}

/// What requests teach of the meetings that a room holds: a subject where none is known, with its sensitivity, and the
/// strictest sensitivity of all of them (rules S4 and P5).
pub fn learned(room: &RoomId, known: &Known, requests: &[MeetingRequest], settings: &RoomSettings) -> Facts {
    let items: BTreeMap<MeetingId, &CalendarItem> =
        known.items.values().map(|item| (meeting_id(item), item)).collect();
    let naming = Naming { mailboxes: &settings.mailboxes, has_prefix: false };
    let mut oldest_first: Vec<&MeetingRequest> = requests.iter().collect();
    oldest_first.sort_by_key(|request| request.received);
    let mut learned = Facts::new();
    for request in oldest_first {
        let id = &request.global_object_id;
        let Some(meeting) = crate::identity::named_by(Some(id), None) else { continue };
        let Some(item) = items.get(&meeting) else { continue };
        let key = (meeting, id.date().map_or(Slot::Whole, Slot::On));
        let before = known.facts.get(&key).cloned().unwrap_or_default();
        let fact = learned.entry(key).or_insert_with(|| before.clone());
        fact.sensitivity = fact.sensitivity.max(request.sensitivity);
        let asks = CalendarItem { subject: request.subject.clone(), ..(*item).clone() };
        if let (None, Some(says)) = (before.subject, subject::written(&asks, naming)) {
            (fact.subject, fact.said_in, fact.by_request) = (Some(says), Some(room.clone()), true);
        }
    }
    learned.retain(|key, fact| known.facts.get(key) != Some(fact) && *fact != Fact::default());
    learned
}

#[cfg(test)]
mod tests;
