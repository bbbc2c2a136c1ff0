//! The invariants of `docs/architecture.md`, as far as plans hold them.

use super::{
    properties::{item, near_room as room, read},
    *,
};
use crate::{
    decision::{Decision, Reason, Rule, Verdict},
    display::Displayed,
    fact::Fact,
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

/// Rooms that hold copies of the same meetings, and what their store makes of the lessons.
struct Rooms(Vec<Room>);

impl Rooms {
    /// One room reads; what it learns every room is told, as by the store: the strictest sensitivity and the last subject.
    fn take(&mut self, which: usize, read: Option<&Observed>) -> bool {
        let plan = self.0[which].planned(read);
        carry_out(&mut self.0[which].known, &plan);
        for room in &mut self.0 {
            for (key, learned) in &plan.learned {
                let known = room.known.facts.entry(key.clone()).or_default();
                let sensitivity = known.sensitivity.max(learned.sensitivity);
                let said = if learned.subject.is_some() { learned.clone() } else { known.clone() };
                *known = Fact { sensitivity, ..said };
            }
        }
        !plan.learned.is_empty()
    }

    /// Every room is planned again until none has anything to teach. Two rounds suffice.
    fn settle(&mut self) {
        for round in 0.. {
            let news = (0..self.0.len()).filter(|which| self.take(*which, None)).count();
            if news == 0 {
                return;
            }
            assert!(round < 2, "rooms teach each other for ever");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    /// Rule P5, across rooms, in whatever order they read: what was private in any copy is masked in all.
    #[test]
    fn p5_s4_copies_in_two_rooms_come_to_agree(reads in proptest::collection::vec((0usize..2, items()), 1..8)) {
        let mut rooms = Rooms(vec![room(), room()]);
        let mut secret = BTreeSet::new();
        for (which, items) in &reads {
            let private = items.iter().filter(|item| item.sensitivity.is_hidden());
            secret.extend(private.map(crate::identity::meeting_id));
            rooms.take(*which, Some(&observed(items, Coverage::Delta)));
        }
        rooms.settle();
        for room in &rooms.0 {
            for one in room.known.occurrences.values().filter(|one| secret.contains(&one.key.meeting())) {
                prop_assert!(one.displayed.as_ref().is_none_or(Displayed::is_private));
            }
        }
    }

    /// What older rules, other settings or another release of the zones decided is decided again from what was read, without
    /// Exchange, as if it had never been otherwise.
    #[test]
    fn what_was_decided_otherwise_is_decided_again_without_a_read(
        items in items(),
        wrong in proptest::collection::vec(any::<bool>(), 1..20),
    ) {
        // Nothing settles, and no subject is kept of what was shown: both depend on what came before.
        let items: Vec<CalendarItem> = items
            .into_iter()
            .map(|item| CalendarItem { subject: Some("Budget".to_owned()), ..item })
            .collect();
        let mut right = room();
        right.complete(&items);
        let mut room = Room { known: right.known.clone(), ..room() };
        room.known.planned_with = Some("older rules".to_owned());
        for (one, is_wrong) in room.known.occurrences.values_mut().zip(wrong.iter().cycle()) {
            if *is_wrong {
                one.decision = Decision { rule: Rule::A2, verdict: Verdict::Hidden(Reason::Declined) };
                (one.start, one.end) = (one.start + TimeDelta::hours(1), one.end + TimeDelta::hours(1));
                (one.displayed, one.settling_since) = (None, None);
            }
        }
        let plan = room.replan();
        prop_assert!(plan.settings_changed && plan.items.is_empty() && plan.removed_items.is_empty());
        prop_assert_eq!(room.known, right.known);
    }
}
