//! Forgetting what is long past.

use crate::sample::{at, draft, id, key, meeting, room, take};
use meeting_model::{
    identity::Slot,
    item::{ItemKind, Sensitivity},
};
use std::collections::BTreeSet;
use store::{Prune, Pruned, Store};

fn before(minutes: i64) -> Prune {
    Prune {
        ended_before: at(minutes),
        names_before: at(minutes),
        unheld_since: at(-1),
        now: at(minutes),
        limit: 100,
    }
}

#[test]
fn what_ended_goes_and_what_runs_or_repeats_stays() {
    let mut store = Store::open_in_memory().unwrap();
    let epoch = take(&mut store, "berlin").epoch;
    let mut series = meeting("series", 0);
    series.kind = ItemKind::RecurringMaster;
    let commit = draft("berlin", 0).shows(meeting("past", 0)).shows(meeting("running", 15)).shows(series);
    commit.commit(&mut store, epoch);
    let pruned = store.prune(&before(31)).unwrap();
    assert_eq!(pruned, Pruned { items: 1, occurrences: 2, facts: 0, history: 0 });
    let known = store.known(&room("berlin"), &BTreeSet::new()).unwrap();
    assert!(known.items.values().all(|item| item.uid.as_deref() != Some("past")));
    assert_eq!(known.items.len(), 2);
    assert!(known.occurrences.keys().eq([&key("running")]));
    assert!(known.occurrences[&key("running")].displayed.is_some());
    assert_eq!(known.rev.0, 1);
}

#[test]
fn each_call_is_bounded() {
    let mut store = Store::open_in_memory().unwrap();
    let epoch = take(&mut store, "berlin").epoch;
    let all = (0..5).fold(draft("berlin", 0), |draft, n| draft.shows(meeting(&format!("m{n}"), n)));
    all.commit(&mut store, epoch);
    let prune = Prune { limit: 2, ..before(600) };
    let rounds: Vec<_> = (0..4).map(|_| store.prune(&prune).unwrap()).collect();
    assert_eq!(rounds.iter().map(|round| round.items).collect::<Vec<_>>(), [2, 2, 1, 0]);
    assert_eq!(rounds.iter().map(|round| round.is_more(2)).collect::<Vec<_>>(), [true, true, false, false]);
}

#[test]
fn a_fact_outlives_its_last_copy_by_the_time_that_is_asked() {
    let mut store = Store::open_in_memory().unwrap();
    let epoch = take(&mut store, "berlin").epoch;
    let commit = draft("berlin", 0).shows(meeting("budget", 0)).teaches("budget", Sensitivity::Private);
    commit.commit(&mut store, epoch);
    let forget = |unheld_since| Prune { ended_before: at(-600), unheld_since: at(unheld_since), ..before(0) };
    assert_eq!(store.prune(&forget(9000)).unwrap().facts, 0, "a room holds it");
    let mut gone = draft("berlin", 1).drops("budget");
    gone.0.now = at(100);
    gone.commit(&mut store, epoch);
    assert_eq!(store.prune(&forget(100)).unwrap().facts, 0, "it was let go at that very moment");
    let asked = BTreeSet::from([id("budget")]);
    let known = store.known(&room("berlin"), &asked).unwrap();
    assert!(known.facts.contains_key(&(id("budget"), Slot::Whole)));
    assert_eq!(store.prune(&forget(101)).unwrap().facts, 1);
    assert!(store.known(&room("berlin"), &asked).unwrap().facts.is_empty());
}
