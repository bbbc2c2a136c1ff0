//! One commit: all of it or nothing, by who holds the room, on what the room is.

use crate::sample::{at, claim, device, draft, key, meeting, open, room, take};
use meeting_model::{
    decision::{Decision, Rule, Verdict},
    id::{Epoch, Revision, ServerId},
    item::Response,
    observed::Source,
    tombstone::Tombstone,
};
use std::collections::BTreeSet;
use store::{Error, NextStep, Store};

#[test]
fn what_is_committed_is_known() {
    let mut store = Store::open_in_memory().unwrap();
    let epoch = take(&mut store, "berlin").epoch;
    let commit =
        draft("berlin", 0).shows(meeting("budget", 0)).hides(meeting("maybe", 60)).reads_to(b"\0one");
    let commit = commit.0;
    let committed = store.commit(epoch, &commit).unwrap();
    assert_eq!(committed.rev, Revision(1));
    let known = store.known(&room("berlin"), &BTreeSet::new()).unwrap();
    assert_eq!(known.rev, Revision(1));
    assert_eq!(known.epoch, epoch);
    assert_eq!(known.acceptance, Some(commit.plan.acceptance));
    assert_eq!(known.planned_with.as_ref(), Some(&commit.plan.planned_with));
    assert!(known.items.values().eq([&meeting("budget", 0), &meeting("maybe", 60)]));
    let mut planned = commit.plan.occurrences.clone();
    planned.sort_by(|a, b| a.key.cmp(&b.key));
    assert!(known.occurrences.values().eq(&planned));
    let state = take(&mut store, "berlin");
    assert_eq!((&state.calendars[0].cursor, state.as_of), (&commit.cursor, commit.as_of));
}

#[test]
fn a_change_replaces_and_a_removal_removes() {
    let mut store = Store::open_in_memory().unwrap();
    let epoch = take(&mut store, "berlin").epoch;
    draft("berlin", 0).shows(meeting("budget", 0)).shows(meeting("review", 60)).commit(&mut store, epoch);
    let mut moved = meeting("budget", 15);
    moved.item_id = meeting_model::id::ItemId::new("after-the-mailbox-moved");
    let mut change = draft("berlin", 1).drops("review").shows(moved.clone());
    change.0.plan.removed_items.push(meeting("budget", 0).item_id);
    change.commit(&mut store, epoch);
    let known = store.known(&room("berlin"), &BTreeSet::new()).unwrap();
    assert!(known.items.values().eq([&moved]));
    assert!(known.occurrences.keys().eq([&key("budget")]), "the key survives");
    assert_eq!(known.occurrences[&key("budget")].displayed, Some(open(&room("berlin"), &moved)));
}

#[test]
fn tombstones_are_kept_and_taken_away() {
    let mut store = Store::open_in_memory().unwrap();
    let epoch = take(&mut store, "berlin").epoch;
    let tombstone = |title: Option<&str>| Tombstone {
        key: key("budget"),
        start: at(0),
        end: at(60),
        decision: Decision { verdict: Verdict::Shown, rule: Rule::A6 },
        response: Response::Accept,
        gone_at: at(10),
        title: title.map(str::to_owned),
    };
    for (rev, title) in [(0, Some("Budget")), (1, None)] {
        let mut kept = draft("berlin", rev);
        kept.0.plan.tombstones = vec![tombstone(title)];
        kept.commit(&mut store, epoch);
        let known = store.known(&room("berlin"), &BTreeSet::new()).unwrap();
        assert!(known.tombstones.values().eq([&tombstone(title)]));
    }
    let mut gone = draft("berlin", 2);
    gone.0.plan.removed_tombstones = vec![key("budget")];
    gone.commit(&mut store, epoch);
    assert!(store.known(&room("berlin"), &BTreeSet::new()).unwrap().tombstones.is_empty());
}

#[test]
fn a_plan_on_an_older_revision_conflicts() {
    let mut store = Store::open_in_memory().unwrap();
    let epoch = take(&mut store, "berlin").epoch;
    draft("berlin", 0).shows(meeting("budget", 0)).commit(&mut store, epoch);
    let error = store.commit(epoch, &draft("berlin", 0).shows(meeting("late", 0)).0).unwrap_err();
    assert_eq!(error.next_step(), NextStep::PlanAgain);
    assert_eq!(error.to_string(), "room `berlin`: planned against revision 0, found 1; plan it again");
    assert_eq!(store.known(&room("berlin"), &BTreeSet::new()).unwrap().items.len(), 1);
}

#[test]
fn who_held_the_room_before_is_fenced() {
    let mut store = Store::open_in_memory().unwrap();
    let before = take(&mut store, "berlin").epoch;
    let now = take(&mut store, "berlin").epoch;
    let commit = draft("berlin", 0).shows(meeting("budget", 0)).0;
    let error = store.commit(before, &commit).unwrap_err();
    assert!(matches!(error, Error::Fenced { mine, found, .. } if (mine, found) == (before, now)), "{error}");
    assert_eq!(error.next_step(), NextStep::LetGo);
    assert!(store.commit(now, &commit).is_ok());
}

#[test]
fn a_room_that_nobody_took_is_not_there() {
    let mut store = Store::open_in_memory().unwrap();
    let error = store.commit(Epoch(1), &draft("berlin", 0).0).unwrap_err();
    assert!(matches!(error, Error::UnknownRoom { .. }), "{error}");
    assert!(matches!(store.known(&room("berlin"), &BTreeSet::new()), Err(Error::UnknownRoom { .. })));
}

#[test]
fn an_empty_plan_moves_the_cursor_and_the_age_alone() {
    let mut store = Store::open_in_memory().unwrap();
    let epoch = take(&mut store, "berlin").epoch;
    draft("berlin", 0).shows(meeting("budget", 0)).reads_to(b"one").commit(&mut store, epoch);
    let mut quiet = draft("berlin", 1).reads_to(b"two").0;
    quiet.as_of = Some(at(5));
    assert_eq!(store.commit(epoch, &quiet).unwrap().rev, Revision(1));
    let mut blind = draft("berlin", 1).0;
    blind.as_of = None;
    store.commit(epoch, &blind).unwrap();
    let state = take(&mut store, "berlin");
    assert_eq!(
        (state.rev, &state.calendars[0].cursor, state.as_of),
        (Revision(1), &quiet.cursor, Some(at(5)))
    );
}

#[test]
fn where_rows_are_from_changes_only_with_a_read() {
    let mut store = Store::open_in_memory().unwrap();
    let epoch = take(&mut store, "berlin").epoch;
    let source = |server: &str, migrated_from: Option<&str>| {
        Some(Source { server: ServerId::new(server), migrated_from: migrated_from.map(ServerId::new) })
    };
    let moves = [
        source("legacy", None),
        source("hq", Some("legacy")),
        None,
        source("hq", None),
        source("legacy", None),
    ];
    let mut expected = None;
    for (rev, moved) in (0..).zip(moves) {
        let mut read = draft("berlin", rev).shows(meeting("budget", 0));
        read.0.plan.occurrences[0].start = at(rev);
        read.0.source.clone_from(&moved);
        read.commit(&mut store, epoch);
        expected = moved.or(expected);
        assert_eq!(store.known(&room("berlin"), &BTreeSet::new()).unwrap().source, expected);
    }
    assert_eq!(take(&mut store, "berlin").source, source("legacy", None));
}

#[test]
fn a_commit_that_fails_half_way_leaves_nothing() {
    let mut store = Store::open_in_memory().unwrap();
    let epoch = take(&mut store, "berlin").epoch;
    let before = store.known(&room("berlin"), &BTreeSet::new()).unwrap();
    // Two occurrences under one public key: the second row is refused, after everything else was written.
    let twin = open(&room("berlin"), &meeting("budget", 0));
    let commit = draft("berlin", 0).shows(meeting("budget", 0)).decides(meeting("review", 60), Some(twin));
    let error = store.commit(epoch, &commit.reads_to(b"one").0).unwrap_err();
    assert!(matches!(error, Error::Refused { .. }), "{error}");
    assert_eq!(store.known(&room("berlin"), &BTreeSet::new()).unwrap(), before);
    assert_eq!(take(&mut store, "berlin").calendars[0].cursor, None);
}

#[test]
fn a_room_that_gets_other_devices_stays_with_whoever_holds_it() {
    let mut store = Store::open_in_memory().unwrap();
    let epoch = take(&mut store, "berlin").epoch;
    draft("berlin", 0).shows(meeting("budget", 0)).commit(&mut store, epoch);
    let mut claim = claim("berlin");
    claim.devices = BTreeSet::from([device("panel")]);
    store.equip(&[claim]).unwrap();
    let devices = store.devices().unwrap();
    assert_eq!(devices.len(), 1, "the other one is forgotten: {devices:?}");
    assert_eq!((&devices[0].device, devices[0].wanted), (&device("panel"), Revision(1)));
    draft("berlin", 1).shows(meeting("review", 60)).commit(&mut store, epoch);
}

#[test]
fn forgotten_rooms_take_their_rows_along() {
    let mut store = Store::open_in_memory().unwrap();
    for name in ["berlin", "paris"] {
        let epoch = take(&mut store, name).epoch;
        draft(name, 0).shows(meeting("budget", 0)).commit(&mut store, epoch);
    }
    let gone = store.forget_others(&BTreeSet::from([room("paris")])).unwrap();
    assert_eq!(gone, [room("berlin")]);
    assert_eq!(store.devices().unwrap().len(), 1);
    let state = take(&mut store, "berlin");
    assert_eq!((state.rev, state.as_of), (Revision(0), None));
    assert!(store.known(&room("berlin"), &BTreeSet::new()).unwrap().occurrences.is_empty());
    assert_eq!(store.known(&room("paris"), &BTreeSet::new()).unwrap().items.len(), 1);
}
