//! What a room's calendar holds after a read.

use crate::{
    clock::Window,
    id::ItemId,
    item::CalendarItem,
    known::Known,
    observed::{Coverage, Observed},
};
use chrono::{DateTime, Utc};
use std::collections::{BTreeMap, BTreeSet};

/// So many meetings do not go at once without a second look.
const TOO_MANY_TO_LOSE: usize = 3;

/// A calendar by the ids of its items.
pub(super) type Calendar<'a> = BTreeMap<&'a ItemId, &'a CalendarItem>;

/// Whether a read is too empty to be believed: complete, without anything, not confirmed, and three or more meetings to
/// come are shown.
pub(super) fn is_suspicious(known: &Known, observed: &Observed, now: DateTime<Utc>) -> bool {
    let to_come = known.occurrences.values().filter(|one| one.displayed.is_some() && one.start > now);
    matches!(observed.coverage, Coverage::Complete { confirmed: false, .. })
        && observed.items.is_empty()
        && observed.unreadable.is_empty()
        && to_come.count() >= TOO_MANY_TO_LOSE
}

/// What was known, with what the read said of it. Single meetings that ended before the window are forgotten; those
/// beyond it stay, for a delta will not name them again when the window reaches them.
pub(super) fn merged<'a>(known: &'a Known, observed: Option<&'a Observed>, window: Window) -> Calendar<'a> {
    let mut items: Calendar<'a> = known.items.iter().collect();
    if let Some(observed) = observed {
        sweep(&mut items, observed);
        items.extend(observed.items.iter().map(|item| (&item.item_id, item)));
        for gone in &observed.deleted {
            items.remove(gone);
        }
    }
    items.retain(|_, item| item.series.is_some() || item.end.max(item.start) >= window.start);
    items
}

/// A complete read removes what it would have named and did not.
fn sweep(items: &mut Calendar<'_>, observed: &Observed) {
    let Coverage::Complete { window, .. } = observed.coverage else { return };
    let unreadable: BTreeSet<&ItemId> = observed.unreadable.iter().collect();
    items.retain(|id, item| {
        unreadable.contains(id) || (item.series.is_none() && !window.overlaps(item.start, item.end))
    });
}
