//! Rules S2 to S4, as a room lives them.

use super::*;
use crate::{
    example::meeting,
    identity::{Slot, meeting_id},
    item::{Exception, Person, Response, Sensitivity},
};

const NINE: &str = "2026-03-02T09:00:00Z";

fn called(subject: &str) -> CalendarItem {
    CalendarItem { subject: Some(subject.to_owned()), ..meeting("m", NINE) }
}

fn unanswered(subject: &str) -> CalendarItem {
    CalendarItem { response: Response::NoResponseReceived, ..called(subject) }
}

fn room() -> Room {
    Room::at("2026-03-02T08:00:00Z")
}

#[test]
fn s3_a_rewritten_copy_never_loses_a_subject() {
    for rewritten in ["", "Kim Jones", "KIM JONES "] {
        // Seen before it was accepted, or accepted from the first read on: both are kept.
        for first in [unanswered("Budget"), called("Budget")] {
            let mut room = room();
            room.delta(&[first]);
            room.delta(&[called(rewritten)]);
            assert_eq!(room.shows(), ["02 09:00 Budget"], "{rewritten}");
            // People rename meetings; the new name is rewritten, too.
            room.delta(&[unanswered("Budget 2027")]);
            room.delta(&[called(rewritten)]);
            assert_eq!(room.shows(), ["02 09:00 Budget 2027"], "{rewritten}");
        }
    }
}

#[test]
fn s3_a_new_item_of_the_same_meeting_keeps_the_subject() {
    let mut room = room();
    room.delta(&[unanswered("Budget")]);
    let moved = CalendarItem { item_id: ItemId::new("another"), ..called("Kim Jones") };
    let read = Observed { deleted: vec![ItemId::new("m")], ..observed(&[moved], Coverage::Delta) };
    room.take(Some(&read));
    assert_eq!(room.shows(), ["02 09:00 Budget"]);
}

#[test]
fn s3_an_occurrence_has_its_own_subject_or_that_of_its_series() {
    let mut room = room();
    let own = |subject: &str, response| {
        let item = CalendarItem { response, ..called(subject) };
        let (start, end) = (utc("2026-03-03T09:00:00Z"), utc("2026-03-03T10:00:00Z"));
        Exception { original_start: start, start, end, item: Some(Box::new(item)) }
    };
    let mut series = daily(unanswered("Standup"));
    series.series.as_mut().unwrap().recurrence.end = RangeEnd::After(2);
    series.series.as_mut().unwrap().exceptions = vec![own("Retrospective", Response::NoResponseReceived)];
    room.delta(std::slice::from_ref(&series));
    (series.response, series.subject) = (Response::Accept, Some("Kim Jones".to_owned()));
    series.series.as_mut().unwrap().exceptions = vec![own("Kim Jones", Response::Accept)];
    room.delta(std::slice::from_ref(&series));
    assert_eq!(room.shows(), ["02 09:00 Standup", "03 09:00 Retrospective"]);
    let slots: Vec<Slot> = room.known.facts.keys().map(|(_, slot)| *slot).collect();
    assert_eq!(slots, [Slot::Whole, Slot::On("2026-03-03".parse().unwrap())]);
}

#[test]
fn s4_a_subject_never_seen_names_the_organizer() {
    let nobody = |item: CalendarItem| CalendarItem { organizer: None, ..item };
    let by_room = CalendarItem {
        organizer: Some(Person {
            name: Some("Room".to_owned()),
            address: Some("room@example.com".to_owned()),
        }),
        ..called("")
    };
    for (item, expected) in [
        (called(""), "02 09:00 Meeting (Kim Jones)"),
        (called("Kim Jones"), "02 09:00 Meeting (Kim Jones)"),
        (nobody(called("")), "02 09:00 Meeting"),
        (by_room.clone(), "02 09:00 Meeting"),
        (CalendarItem { subject: Some("Room".to_owned()), ..by_room }, "02 09:00 Room"),
    ] {
        let mut room = room();
        room.delta(&[item]);
        assert_eq!(room.shows(), [expected]);
    }
}

#[test]
fn s4_an_organizer_who_changes_is_named_afresh() {
    let mut room = room();
    room.delta(&[called("")]);
    let lee = Some(Person { name: Some("Lee".to_owned()), address: None });
    room.delta(&[CalendarItem { organizer: lee, ..called("") }]);
    assert_eq!(room.shows(), ["02 09:00 Meeting (Lee)"]);
}

#[test]
fn s4_a_subject_travels_only_with_its_sensitivity() {
    let proof = CalendarItem { sensitivity: Sensitivity::Private, ..meeting("p", NINE) };
    let direct = CalendarItem { response: Response::Organizer, ..called("Budget") };
    for (name, items, travels) in [
        ("read before it was accepted", vec![unanswered("Budget")], true),
        ("read accepted, the flag may be gone", vec![called("Budget")], false),
        ("accepted in a room that keeps the flag", vec![called("Budget"), proof], true),
        ("never rewritten", vec![direct], true),
    ] {
        let mut room = room();
        room.delta(&items);
        let fact = room.known.facts.get(&(meeting_id(&called("")), Slot::Whole));
        assert_eq!(fact.and_then(|fact| fact.subject.as_deref()) == Some("Budget"), travels, "{name}");

        let mut other = Room::at("2026-03-02T08:00:00Z");
        other.known.facts = room.known.facts.clone();
        other.delta(&[called("")]);
        let expected = if travels { "02 09:00 Budget" } else { "02 09:00 Meeting (Kim Jones)" };
        assert_eq!(other.shows(), [expected], "{name}");
    }
}

#[test]
fn s2_the_prefix_goes_only_where_the_room_adds_it() {
    let mut room = room();
    room.delta(&[called("Kim Jones review")]);
    assert_eq!(room.shows(), ["02 09:00 Kim Jones review"]);
    room.settings.organizer_prefix = true;
    assert_eq!(said(&room.replan().changes), ["Changed review"]);
}

#[test]
fn two_rooms_with_different_subjects_do_not_teach_each_other_for_ever() {
    let (mut one, mut other) = (room(), room());
    one.delta(&[unanswered("Old")]);
    other.known.facts = one.known.facts.clone();
    other.delta(&[unanswered("New")]);
    one.known.facts = other.known.facts.clone();
    assert!(one.replan().learned.is_empty());
    one.delta(&[called("")]);
    assert_eq!(one.shows(), ["02 09:00 New"]);
}

#[test]
fn s4_what_was_called_off_teaches_no_subject() {
    let mut room = room();
    room.delta(&[unanswered("Budget")]);
    room.delta(&[called("Budget")]);
    room.delta(&[CalendarItem { is_cancelled: true, ..called("Canceled: Budget") }]);
    let subjects: Vec<_> = room.known.facts.values().map(|fact| fact.subject.as_deref()).collect();
    assert_eq!(subjects, [Some("Budget")], "other rooms are not told what Exchange writes before it");
}
