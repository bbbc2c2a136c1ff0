//! What a room's calendar holds after a read.

use super::forgotten::forgotten;
use crate::{
    acceptance::is_unanswered,
    clock::Window,
    id::ItemId,
    item::{CalendarItem, Response},
    known::Known,
    observed::{Coverage, Observed},
};
use chrono::{DateTime, Utc};
use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
};

/// So many meetings do not go at once without a second look.
const TOO_MANY_TO_LOSE: usize = 3;

/// A calendar by the ids of its items.
pub(super) type Calendar<'a> = BTreeMap<&'a ItemId, Cow<'a, CalendarItem>>;

/// Whether a read is too empty to be believed: complete, without anything, not confirmed, and three or more meetings to
/// come are shown of that calendar.
pub(super) fn is_suspicious(known: &Known, observed: &Observed, now: DateTime<Utc>) -> bool {
    matches!(observed.coverage, Coverage::Complete { confirmed: false, .. })
        && observed.items.is_empty()
        && observed.unreadable.is_empty()
        && has_much_to_lose(&known.of_calendar(observed.calendar), now)
}

/// Whether more meetings to come are shown than may go without a second look.
pub(crate) fn has_much_to_lose(known: &Known, now: DateTime<Utc>) -> bool {
    let to_come = known.occurrences.values().filter(|one| one.displayed.is_some() && one.start > now);
    to_come.count() >= TOO_MANY_TO_LOSE
}

/// What was known, with what the read said of it. Single meetings that ended before the window are forgotten; those
/// beyond it stay, for a delta will not name them again when the window reaches them.
pub(super) fn merged<'a>(
    known: &'a Known,
    observed: Option<&'a Observed>,
    window: Window,
    forgotten_before: DateTime<Utc>,
) -> Calendar<'a> {
    let mut items: Calendar<'a> = known.items.iter().map(|(id, item)| (id, Cow::Borrowed(item))).collect();
    if let Some(observed) = observed {
        sweep(&mut items, observed);
        let read = observed.items.iter().map(|item| match known.items.get(&item.item_id) {
            Some(known) if says_nothing_new(item, known) => Cow::Borrowed(known),
            Some(known) if has_lost_body(item, known) => {
                Cow::Owned(CalendarItem { lost_body: true, ..item.clone() })
            }
            _ => Cow::Borrowed(item),
        });
        items.extend(observed.items.iter().map(|item| &item.item_id).zip(read));
        for gone in &observed.deleted {
            items.remove(gone);
        }
    }
    if !known.calendars.is_empty() && has_read_all(known, observed) {
        items.retain(|id, _| known.calendars.contains_key(&id.calendar()));
    }
    items.retain(|_, item| item.series.is_some() || item.end.max(item.start) >= window.start);
    for item in items.values_mut() {
        if let Some(forgotten) = forgotten(item, forgotten_before) {
            *item = Cow::Owned(forgotten);
        }
    }
    items
}

/// Whether every calendar of the room has been read whole, now or before. What was read of one that is no longer the room's
/// stays until then: another may have come in its place.
fn has_read_all(known: &Known, observed: Option<&Observed>) -> bool {
    let now = observed.filter(|observed| matches!(observed.coverage, Coverage::Complete { .. }));
    let now = now.map(|observed| observed.calendar);
    known.calendars.iter().all(|(calendar, read_with)| read_with.is_some() || now == Some(*calendar))
}

/// Whether a series was read as it is known, but for what the server's own expansion said of it: that lasts until the series
/// changes (rule T1).
fn says_nothing_new(read: &CalendarItem, known: &CalendarItem) -> bool {
    let overrides = known.series.as_ref().map(|series| series.overrides.as_slice()).unwrap_or_default();
    if overrides.is_empty() || read.series.as_ref().is_none_or(|series| !series.overrides.is_empty()) {
        return false;
    }
    let mut known = known.clone();
    known.series.iter_mut().for_each(|series| series.overrides.clear());
    known.lost_body = read.lost_body;
    *read == known
}

/// Whether the very version that has no body had one before the room accepted it.
fn has_lost_body(read: &CalendarItem, known: &CalendarItem) -> bool {
    let is_same = read.sequence == known.sequence && !read.has_body && read.response == Response::Accept;
    is_same && (known.lost_body || (known.has_body && is_unanswered(known)))
}

/// A complete read removes what it would have named and did not. Of the room's other calendars it names nothing.
fn sweep(items: &mut Calendar<'_>, observed: &Observed) {
    let Coverage::Complete { window, .. } = observed.coverage else { return };
    let unreadable: BTreeSet<&ItemId> = observed.unreadable.iter().collect();
    items.retain(|id, item| {
        id.calendar() != observed.calendar
            || unreadable.contains(id)
            || (item.series.is_none() && !window.overlaps(item.start, item.end))
    });
}
