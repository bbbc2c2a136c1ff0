//! Rule P7, and what is remembered of what vanished.

use super::*;
use crate::{
    example::meeting,
    item::{Exception, Response, Sensitivity},
    join::{Found, Join, JoinRule, Place},
    privacy::MASK,
};

const NINE: &str = "2026-03-02T09:00:00Z";

fn stones(room: &Room) -> Vec<(String, String)> {
    let said = |stone: &crate::tombstone::Tombstone| {
        (stone.title.clone().unwrap_or_default(), format!("{} {}", stone.decision.rule, stone.sentence()))
    };
    room.known.tombstones.values().map(said).collect()
}

#[test]
fn what_vanished_is_remembered_for_thirty_days() {
    let cases = [
        (
            Response::Accept,
            "A6 it was accepted, and then cancelled, moved or taken out of the room's calendar",
        ),
        (Response::NoResponseReceived, "A4 declined by the room, probably: it was never accepted"),
        (Response::Organizer, "A3 somebody took it out of the room's calendar"),
        (Response::Decline, "A2 the room declined it"),
    ];
    for (response, expected) in cases {
        let mut room = Room::at("2026-03-02T08:00:00Z");
        room.delta(&[CalendarItem { response, ..meeting("m", NINE) }]);
        room.wait(60).take(Some(&deleted("m")));
        assert_eq!(stones(&room), [("Budget".to_owned(), expected.to_owned())]);
        // The name goes a week after the meeting was to end, the rest a month after it vanished.
        room.wait(8 * 86400).replan();
        assert_eq!(stones(&room)[0].0, "");
        room.wait(23 * 86400).replan();
        assert_eq!(stones(&room), []);
    }
}

#[test]
fn what_comes_back_or_rolls_out_leaves_no_tombstone() {
    let mut room = Room::at("2026-03-02T08:00:00Z");
    room.delta(&[meeting("m", NINE)]);
    room.take(Some(&deleted("m")));
    room.delta(&[CalendarItem { item_id: ItemId::new("again"), ..meeting("m", "2026-03-03T09:00:00Z") }]);
    assert_eq!(stones(&room), []);
    room.wait(20 * 86400).replan();
    assert_eq!((room.known.occurrences.len(), stones(&room)), (0, vec![]));
}

#[test]
fn p1_a_tombstone_hides_what_displays_hid() {
    for response in [Response::Accept, Response::Tentative] {
        let mut room = Room::at("2026-03-02T08:00:00Z");
        room.delta(&[CalendarItem { response, sensitivity: Sensitivity::Private, ..meeting("m", NINE) }]);
        // Exchange clears the flag before the meeting goes: the strictest ever holds.
        room.delta(&[CalendarItem { response, ..meeting("m", NINE) }]);
        room.take(Some(&deleted("m")));
        assert_eq!(stones(&room)[0].0, MASK);
    }
}

#[test]
fn p7_names_go_a_week_after_the_end() {
    let mut room = Room::at("2026-03-02T08:00:00Z");
    room.settings.back = 30 * crate::settings::FORGET_AFTER;
    let mut series = daily(meeting("series", "2026-03-02T15:00:00Z"));
    let own = CalendarItem { subject: Some("Special".to_owned()), ..meeting("own", NINE) };
    {
        let series = series.series.as_mut().unwrap();
        series.recurrence.end = RangeEnd::After(5);
        let (start, end) = (utc("2026-03-03T16:00:00Z"), utc("2026-03-03T17:00:00Z"));
        let original_start = utc("2026-03-03T15:00:00Z");
        series.exceptions = vec![Exception { original_start, start, end, item: Some(Box::new(own)) }];
    }
    let subjects = [("plain", "Budget"), ("name", "Kim Jones"), ("prefix", "Kim Jones review")];
    let address = "kim@video.example.com".to_owned();
    let video = Some(Found { address, rule: JoinRule::BodyUri, place: Place::Body });
    let join = Join { video, ..Join::default() };
    let single = |id, subject: &str| CalendarItem {
        subject: Some(subject.to_owned()),
        join: join.clone(),
        ..meeting(id, NINE)
    };
    let singles = subjects.map(|(id, subject)| single(id, subject));
    room.delta(&[&singles[..], &[series.clone()]].concat());
    room.wait(8 * 86400);
    room.replan();
    let named = |room: &Room| room.known.items.values().filter(|item| item.organizer.is_some()).count();
    assert_eq!(named(&room), 1, "the series ends on the 6th");
    let joined = room.known.occurrences.values().filter(|one| !one.join.is_empty()).count()
        + room.known.items.values().filter(|item| !item.join.is_empty()).count();
    assert_eq!(joined, 0, "an address may be a name");
    let subjects: Vec<_> = room
        .known
        .items
        .values()
        .filter(|item| item.series.is_none())
        .map(|item| item.subject.as_deref())
        .collect();
    assert_eq!(subjects, [None, Some("Budget"), Some("review")]);
    let shown = room.known.occurrences.values().filter_map(|one| one.displayed.as_ref());
    assert_eq!(shown.filter(|one| one.organizer().is_some()).count(), 5, "its occurrences, until it is over");
    let exception = |room: &Room| {
        room.known.items.values().find_map(|item| item.series.clone()).unwrap().exceptions[0].item.clone()
    };
    assert!(exception(&room).is_some(), "its day is a week ago");
    room.wait(86400);
    room.replan();
    assert_eq!(exception(&room), None);
    // Reading it again brings nothing back; two weeks on the whole series is over.
    room.delta(&[&singles[..], &[series]].concat());
    assert_eq!((exception(&room), named(&room)), (None, 1));
    room.wait(14 * 86400).replan();
    assert_eq!(named(&room), 0);
}
