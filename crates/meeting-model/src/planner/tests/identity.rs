//! Rules I1 and I2, as a room lives them.

use super::*;
use crate::{example::meeting, global_object_id::GlobalObjectId};

const NINE: &str = "2026-03-02T09:00:00Z";
const TEN: &str = "2026-03-02T10:00:00Z";

fn room() -> Room {
    Room::at("2026-03-02T08:00:00Z")
}

fn keys(room: &Room) -> Vec<MeetingKey> {
    room.known.occurrences.keys().cloned().collect()
}

#[test]
fn i1_the_key_survives_whatever_happens_to_the_item() {
    let mut room = room();
    room.delta(&[meeting("m", NINE)]);
    let key = keys(&room);
    room.delta(&[meeting("m", TEN)]);
    assert_eq!(keys(&room), key, "rescheduled");
    let uid = Some(GlobalObjectId::from_uid("m").to_uid());
    let other =
        CalendarItem { item_id: ItemId::new("dav"), clean_global_object_id: None, uid, ..meeting("m", TEN) };
    let plan = room.complete(&[other]);
    assert_eq!(keys(&room), key, "another protocol, another item");
    assert!(plan.changes.is_empty());
}

#[test]
fn i1_without_any_id_it_is_what_it_says() {
    let soft = |subject: &str| CalendarItem {
        clean_global_object_id: None,
        uid: Some(" ".to_owned()),
        subject: Some(subject.to_owned()),
        ..meeting(subject, NINE)
    };
    let mut room = room();
    room.delta(&[soft("Budget"), soft("Standup")]);
    assert_eq!(keys(&room).iter().filter(|key| key.as_str().starts_with("soft-")).count(), 2);
}

#[test]
fn i1_an_occurrence_is_named_by_the_date_of_its_series_zone() {
    let mut room = room();
    // 20:00 in New York is the next day in Berlin and in UTC.
    let mut series = daily(meeting("m", "2026-03-03T01:00:00Z"));
    series.zone = crate::zone::ZoneRef::Named("Eastern Standard Time".to_owned());
    let rule = &mut series.series.as_mut().unwrap().recurrence;
    (rule.start_date, rule.end) = ("2026-03-02".parse().unwrap(), RangeEnd::After(1));
    room.delta(&[series]);
    assert!(keys(&room)[0].as_str().ends_with("/2026-03-02"));
    assert_eq!(room.shows(), ["03 01:00 Budget"]);
}

#[test]
fn i2_of_two_items_with_one_key_and_start_the_later_version_wins() {
    let version = |name: &str, sequence, modified: &str| CalendarItem {
        item_id: ItemId::new(name),
        subject: Some(name.to_owned()),
        sequence,
        last_modified: Some(utc(modified)),
        ..meeting("m", NINE)
    };
    for (one, other, winner) in [
        (version("a", Some(2), NINE), version("b", Some(1), TEN), "a"),
        (version("a", None, TEN), version("b", Some(0), NINE), "b"),
        (version("a", Some(1), NINE), version("b", Some(1), TEN), "b"),
        (version("a", Some(1), NINE), version("b", Some(1), NINE), "a"),
    ] {
        for items in [[one.clone(), other.clone()], [other.clone(), one.clone()]] {
            let mut room = room();
            room.delta(&items);
            assert_eq!(room.shows(), [format!("02 09:00 {winner}")]);
            assert_eq!(room.known.items.len(), 2);
        }
    }
}

#[test]
fn i2_with_different_starts_both_stay() {
    let at = |name: &str, start| CalendarItem { item_id: ItemId::new(name), ..meeting("m", start) };
    let mut room = room();
    room.delta(&[at("b", NINE), at("a", TEN), at("c", "2026-03-02T11:00:00Z")]);
    let suffixes: Vec<_> =
        keys(&room).iter().map(|key| key.as_str().rsplit('/').next().unwrap().to_owned()).collect();
    assert_eq!(suffixes, ["single", "single#2", "single#3"]);
    assert_eq!(room.shows(), ["02 09:00 Budget", "02 10:00 Budget", "02 11:00 Budget"]);
    assert!(keys(&room).iter().all(|key| key.meeting() == keys(&room)[0].meeting()));
}
