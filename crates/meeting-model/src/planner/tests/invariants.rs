//! The invariants of `docs/architecture.md`, as far as plans hold them.

use super::{
    properties::{item, read},
    *,
};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// Items by their ids: a read names each once.
fn items() -> impl Strategy<Value = Vec<CalendarItem>> {
    proptest::collection::vec(item(), 1..7).prop_map(|items| {
        let by_id: BTreeMap<ItemId, CalendarItem> =
            items.into_iter().map(|item| (item.item_id.clone(), item)).collect();
        by_id.into_values().collect()
    })
}

fn room() -> Room {
    Room::at("2026-03-02T08:00:00Z")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn the_order_of_a_read_does_not_matter(
        (items, shuffled) in items().prop_flat_map(|items| (Just(items.clone()), Just(items).prop_shuffle())),
        before in proptest::collection::vec(read(item()), 0..3),
    ) {
        let (mut one, mut other) = (room(), room());
        for read in &before {
            one.take(Some(read));
            other.take(Some(read));
        }
        one.complete(&items);
        other.complete(&shuffled);
        prop_assert_eq!(one.known, other.known);
    }

    /// Nothing is lost and nothing is made up: after a complete read the room holds what it named, and every occurrence
    /// comes from an item that is there.
    #[test]
    fn a_complete_read_is_what_the_room_holds(
        before in proptest::collection::vec(read(item()), 0..4),
        items in items(),
    ) {
        let mut room = room();
        for read in &before {
            room.take(Some(read));
        }
        room.complete(&items);
        let window = window(&room.settings, room.now);
        let read: BTreeSet<&ItemId> = items.iter().map(|item| &item.item_id).collect();
        let outside = |item: &CalendarItem| item.series.is_none() && !window.overlaps(item.start, item.end);
        for (id, held) in &room.known.items {
            prop_assert!(read.contains(id) || outside(held));
        }
        for occurrence in room.known.occurrences.values() {
            prop_assert!(room.known.items.contains_key(&occurrence.item_id));
        }
        // Two items with one name and one start are one meeting (rule I2); else each has its row.
        let starts: BTreeSet<_> = room.known.occurrences.values().map(|one| one.start).collect();
        for item in items.iter().filter(|item| item.series.is_none() && !outside(item)) {
            let settling = room.known.occurrences.values().any(|one| one.settling_since.is_some());
            prop_assert!(settling || starts.contains(&item.start));
        }
    }

    #[test]
    fn what_a_read_does_not_cover_stays(
        before in proptest::collection::vec(read(item()), 1..4),
        items in items(),
        unreadable in proptest::collection::btree_set(0usize..8, 0..8),
    ) {
        let mut delta = room();
        for read in &before {
            delta.take(Some(read));
        }
        let mut complete = Room { known: delta.known.clone(), ..room() };
        let held = delta.known.clone();
        // A delta without deletes removes no item, and no occurrence of an item that it does not name.
        let plan = delta.delta(&items);
        let named: BTreeSet<&ItemId> = items.iter().map(|item| &item.item_id).collect();
        prop_assert!(plan.removed_items.is_empty());
        let shared: BTreeSet<_> = items.iter().map(crate::identity::meeting_id).collect();
        for key in &plan.removed_occurrences {
            let gone = &held.occurrences[key];
            prop_assert!(named.contains(&gone.item_id) || shared.contains(&key.meeting()));
        }
        // A complete read that could not read some items does not remove those.
        let unreadable: Vec<ItemId> = unreadable.iter().map(|number| ItemId::new(format!("item-{number}"))).collect();
        let window = window(&complete.settings, complete.now);
        let read = Observed { unreadable: unreadable.clone(), ..observed(&items, Coverage::Complete { window, confirmed: false }) };
        let plan = complete.take(Some(&read));
        prop_assert!(plan.removed_items.iter().all(|id| !unreadable.contains(id)));
    }

    #[test]
    fn one_row_a_key(reads in proptest::collection::vec(read(item()), 1..6)) {
        let mut room = room();
        for read in &reads {
            let plan = room.take(Some(read));
            let keys: BTreeSet<_> = plan.occurrences.iter().map(|one| &one.key).collect();
            prop_assert_eq!(keys.len(), plan.occurrences.len());
            prop_assert!(plan.removed_occurrences.iter().all(|key| !keys.contains(key)));
        }
        let displayed = || room.known.occurrences.values().filter_map(|one| one.displayed.as_ref());
        let public: BTreeSet<_> = displayed().map(|one| &one.key).collect();
        prop_assert_eq!(public.len(), displayed().count());
    }
}
