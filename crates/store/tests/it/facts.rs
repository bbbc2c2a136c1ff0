//! What copies of one meeting teach each other across rooms.

use crate::sample::{at, draft, fact, id, key, meeting, open, room, take};
use meeting_model::{
    display::{Displayed, Words},
    fact::Fact,
    id::{Epoch, Revision},
    identity::{MeetingKey, Slot},
    item::{CalendarItem, Sensitivity},
    privacy::MASK,
};
use std::collections::BTreeSet;
use store::{Changed, Store};

/// Berlin and Paris hold `budget`, Oslo holds something else.
fn three_rooms() -> (Store, Epoch) {
    let mut store = Store::open_in_memory().unwrap();
    for (name, held) in [("berlin", "budget"), ("oslo", "review"), ("paris", "budget")] {
        let epoch = take(&mut store, name).epoch;
        let commit = draft(name, 0).shows(meeting(held, 0)).teaches(held, Sensitivity::Normal);
        assert!(commit.commit(&mut store, epoch).replan.is_empty(), "nothing new about it");
    }
    (store, Epoch(1))
}

fn shown(store: &Store, name: &str, key: &MeetingKey) -> Displayed {
    let known = store.known(&room(name), &BTreeSet::new()).unwrap();
    known.occurrences[key].displayed.clone().unwrap()
}

fn secret(item: &CalendarItem) -> Displayed {
    let shown = open(&room("paris"), item);
    Displayed { words: Words::Private { organizer: None }, ..shown }
}

#[test]
fn a_secret_is_masked_everywhere_at_once() {
    let (mut store, epoch) = three_rooms();
    let hidden =
        Displayed { key: open(&room("berlin"), &meeting("budget", 0)).key, ..secret(&meeting("budget", 0)) };
    let lesson = draft("berlin", 1).decides(meeting("budget", 0), Some(hidden));
    let committed = lesson.teaches("budget", Sensitivity::Private).commit(&mut store, epoch);
    assert_eq!(committed.replan, [room("paris")]);
    assert_eq!(committed.masked, [Changed { room: room("paris"), rev: Revision(2) }]);
    assert_eq!(shown(&store, "paris", &key("budget")), secret(&meeting("budget", 0)));
    assert_eq!(shown(&store, "oslo", &key("review")).title(), "review");
    let wanted: Vec<_> = store.devices().unwrap().into_iter().map(|device| device.wanted.0).collect();
    assert_eq!(wanted, [2, 1, 2], "berlin, oslo, paris");
}

#[test]
fn a_plan_made_before_the_lesson_conflicts_and_the_mark_outlives_a_restart() {
    let (mut store, epoch) = three_rooms();
    let committed = draft("berlin", 1).hides(meeting("other", 90)).teaches("budget", Sensitivity::Private);
    committed.commit(&mut store, epoch);
    assert!(store.commit(epoch, &draft("paris", 1).shows(meeting("budget", 5)).0).is_err());
    assert_eq!(take(&mut store, "paris").planned_with, None);
    assert_eq!(take(&mut store, "oslo").planned_with.as_deref(), Some("rules 1"));
}

#[test]
fn the_strictest_sensitivity_stays_and_the_last_subject_wins() {
    let (mut store, epoch) = three_rooms();
    for (base, subject, sensitivity) in [
        (1, Some("Merger"), Sensitivity::Confidential),
        (2, None, Sensitivity::Normal),
        (3, Some("Lunch"), Sensitivity::Personal),
    ] {
        let mut lesson = draft("berlin", base).hides(meeting("other", 90));
        let learned = Fact {
            subject: subject.map(str::to_owned),
            said_in: subject.map(|_| room("berlin")),
            by_request: false,
            sensitivity,
        };
        lesson.0.plan.learned.insert((id("budget"), Slot::Whole), learned);
        let committed = lesson.commit(&mut store, epoch);
        assert_eq!(committed.replan.is_empty(), subject.is_none(), "a lesson without news teaches nobody");
    }
    let known = store.known(&room("paris"), &BTreeSet::new()).unwrap();
    let stored = &known.facts[&(id("budget"), Slot::Whole)];
    assert_eq!(stored.sensitivity, Sensitivity::Confidential);
    assert_eq!(stored.subject.as_deref(), Some("Lunch"));
}

#[test]
fn a_new_subject_marks_the_others_and_masks_nothing() {
    let (mut store, epoch) = three_rooms();
    let mut lesson = draft("berlin", 1).hides(meeting("other", 90));
    lesson.0.plan.learned.insert((id("budget"), Slot::Whole), fact("Merger", Sensitivity::Normal));
    let committed = lesson.commit(&mut store, epoch);
    assert_eq!(committed.replan, [room("paris")]);
    assert!(committed.masked.is_empty());
    assert_eq!(shown(&store, "paris", &key("budget")).title(), "budget");
}

#[test]
fn a_room_that_had_not_heard_is_masked_by_its_own_commit_and_planned_again() {
    let (mut store, epoch) = three_rooms();
    draft("berlin", 1)
        .hides(meeting("budget", 0))
        .teaches("budget", Sensitivity::Private)
        .commit(&mut store, epoch);
    // Oslo's plan was made when it did not hold the meeting and nobody had called it secret.
    let committed = draft("oslo", 1).shows(meeting("budget", 0)).commit(&mut store, epoch);
    assert_eq!(committed.replan, [room("oslo")]);
    assert_eq!(committed.masked, [Changed { room: room("oslo"), rev: Revision(2) }]);
    assert_eq!(shown(&store, "oslo", &key("budget")).title(), MASK);
    assert_eq!(take(&mut store, "oslo").planned_with, None);
    // Now it holds the meeting and has heard: a room that is told to show secrets may.
    let committed = draft("oslo", 2).shows(meeting("budget", 0)).commit(&mut store, Epoch(2));
    assert!(committed.replan.is_empty());
    assert_eq!(shown(&store, "oslo", &key("budget")).title(), "budget");
}

#[test]
fn a_secret_occurrence_leaves_the_rest_of_its_series_open() {
    let (mut store, epoch) = three_rooms();
    let days: Vec<_> = [0, 1440].map(|minutes| at(minutes).date_naive()).to_vec();
    let mut series = draft("paris", 1);
    for day in &days {
        series = series.shows(meeting("series", 0));
        let occurrence = series.0.plan.occurrences.last_mut().unwrap();
        occurrence.key = MeetingKey::of(&id("series"), Slot::On(*day));
        let displayed = occurrence.displayed.as_mut().unwrap();
        displayed.key = meeting_model::display::PublicKey::new(day.to_string());
    }
    series.commit(&mut store, epoch);
    let mut lesson = draft("berlin", 1).hides(meeting("series", 0));
    lesson.0.plan.learned.insert((id("series"), Slot::On(days[1])), fact("series", Sensitivity::Private));
    lesson.commit(&mut store, epoch);
    let titles: Vec<_> = days
        .iter()
        .map(|day| shown(&store, "paris", &MeetingKey::of(&id("series"), Slot::On(*day))).title().to_owned())
        .collect();
    assert_eq!(titles, ["series", MASK]);
}

#[test]
fn facts_are_known_of_meetings_that_are_asked_for() {
    let (store, _) = three_rooms();
    let held = store.known(&room("oslo"), &BTreeSet::new()).unwrap();
    assert!(held.facts.keys().eq([&(id("review"), Slot::Whole)]));
    let asked = store.known(&room("oslo"), &BTreeSet::from([id("budget"), id("unheard of")])).unwrap();
    assert_eq!(asked.facts.len(), 2);
    assert_eq!(asked.facts[&(id("budget"), Slot::Whole)], fact("budget", Sensitivity::Normal));
}
