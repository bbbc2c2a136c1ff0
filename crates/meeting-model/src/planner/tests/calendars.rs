//! Rooms of several calendars: divisible ones, and those that are being migrated.

use super::*;
use crate::{example::meeting, item::Response};
use proptest::prelude::*;

const WEST: CalendarNumber = CalendarNumber(0);
const EAST: CalendarNumber = CalendarNumber(3);

/// A room of two calendars, neither of which was read.
fn room() -> Room {
    let mut room = Room::at("2026-03-02T07:00:00Z");
    room.known.calendars = [(WEST, None), (EAST, None)].into();
    room
}

fn complete(room: &Room, calendar: CalendarNumber, items: &[CalendarItem]) -> Observed {
    let window = window(&room.settings, room.now);
    observed(items, Coverage::Complete { window, confirmed: false }).of_calendar(calendar)
}

fn at(name: &str, hour: u32) -> CalendarItem {
    meeting(name, &format!("2026-03-03T{hour:02}:00:00Z"))
}

fn answered(item: CalendarItem, response: Response) -> CalendarItem {
    CalendarItem { response, ..item }
}

/// Reads both calendars whole.
fn read(west: &[CalendarItem], east: &[CalendarItem]) -> Room {
    let mut room = room();
    for (calendar, items) in [(WEST, west), (EAST, east)] {
        let read = complete(&room, calendar, items);
        room.take(Some(&read));
    }
    room
}

#[test]
fn a_complete_read_says_nothing_of_the_other_calendars() {
    // ids are a mailbox's own: both may have the same
    let mut room =
        read(&[at("a", 9), at("b", 10)], &[CalendarItem { item_id: ItemId::new("a"), ..at("c", 11) }]);
    assert_eq!(room.shows(), ["03 09:00 Budget", "03 10:00 Budget", "03 11:00 Budget"]);
    for (calendar, kept) in [(EAST, 2), (WEST, 0)] {
        let read = complete(&room, calendar, &[]);
        room.take(Some(&read));
        assert_eq!(room.shows().len(), kept);
    }
}

#[test]
fn a_deletion_is_of_one_calendar() {
    let mut room = read(&[at("a", 9)], &[CalendarItem { item_id: ItemId::new("a"), ..at("b", 10) }]);
    room.take(Some(&deleted("a").of_calendar(EAST)));
    assert_eq!(room.shows(), ["03 09:00 Budget"]);
    room.take(Some(&deleted("a").of_calendar(WEST)));
    assert_eq!(room.shows(), [""; 0]);
}

#[test]
fn a_calendar_is_suspiciously_empty_by_what_it_held_itself() {
    let three = [at("a", 9), at("b", 10), at("c", 11)];
    let mut room = read(&three, &[at("d", 12)]);
    let empty = complete(&room, EAST, &[]);
    assert!(!room.planned(Some(&empty)).suspicious);
    let empty = complete(&room, WEST, &[]);
    assert!(room.take(Some(&empty)).suspicious);
    assert_eq!(room.shows().len(), 4);
}

#[test]
fn what_is_booked_in_both_is_shown_once_by_whoever_accepted() {
    use Response::{Accept, Decline, NoResponseReceived, Organizer, Tentative};
    let table = [
        ((Accept, Accept), "A6"),
        ((Accept, Decline), "A6"),
        ((Decline, Accept), "A6"),
        ((NoResponseReceived, Organizer), "A3"),
        ((Tentative, Decline), "A4"),
        ((Decline, Decline), "A2"),
    ];
    for ((west, east), rule) in table {
        let room = read(&[answered(at("a", 9), west)], &[answered(at("a", 9), east)]);
        assert_eq!(room.rules(), rule, "{west:?} {east:?}");
    }
    let cancelled = CalendarItem { is_cancelled: true, sequence: Some(1), ..at("a", 9) };
    let room = read(&[cancelled], &[at("a", 9)]);
    assert_eq!(room.rules(), "A6", "it was taken out of one half only");
}

#[test]
fn whichever_copy_goes_the_other_stays_under_its_name() {
    let mut room = read(&[at("a", 9)], &[at("a", 9)]);
    let key: Vec<MeetingKey> = room.known.occurrences.keys().cloned().collect();
    for calendar in [WEST, EAST] {
        let mut other = read(&[at("a", 9)], &[at("a", 9)]);
        let plan = other.take(Some(&deleted("a").of_calendar(calendar)));
        assert!(plan.changes.is_empty() && plan.tombstones.is_empty(), "{:?}", plan.changes);
        assert!(other.known.occurrences.keys().eq(&key));
    }
    room.take(Some(&deleted("a").of_calendar(WEST)));
    room.take(Some(&deleted("a").of_calendar(EAST)));
    assert_eq!(room.shows(), [""; 0]);
}

#[test]
fn a_copy_that_is_behind_is_not_shown_beside_the_newer_one() {
    let moved = |sequence| CalendarItem { sequence, ..at("a", 14) };
    let room = read(&[at("a", 9)], &[moved(Some(1))]);
    assert_eq!(
        room.shows(),
        ["03 14:00 Budget"],
        "the organizer has moved it, and one half does not know yet"
    );
    let room = read(&[moved(Some(1))], &[at("a", 9)]);
    assert_eq!(room.shows(), ["03 14:00 Budget"]);
    for unknown in [Some(0), None] {
        let room = read(&[at("a", 9)], &[moved(unknown)]);
        assert_eq!(room.shows(), ["03 09:00 Budget", "03 14:00 Budget"], "nobody says which is the newer");
    }
}

#[test]
fn a7_what_one_copy_showed_is_no_earlier_version_of_the_other() {
    let mut room = read(&[at("a", 9)], &[]);
    let earlier = answered(at("a", 8), Response::NoResponseReceived);
    let read = complete(&room, EAST, &[earlier]);
    room.take(Some(&read));
    assert_eq!(room.shows(), ["03 09:00 Budget"], "once, and not what nobody has answered");
}

#[test]
fn occurrences_of_a_series_are_counted_one_by_one() {
    let series = |item| daily(CalendarItem { kind: ItemKind::RecurringMaster, ..item });
    let mut shorter = series(at("a", 9));
    shorter.series.as_mut().unwrap().deleted.push(utc("2026-03-04T09:00:00Z"));
    let both = read(&[series(at("a", 9))], &[shorter.clone()]);
    let one = read(&[series(at("a", 9))], &[]);
    assert_eq!(both.shows(), one.shows(), "what one half has lost the other shows");
    let lost = read(&[shorter.clone()], &[shorter]);
    assert_eq!(lost.shows().len() + 1, one.shows().len());
}

#[test]
fn a_calendar_that_is_taken_off_takes_its_meetings_alone() {
    let mut room = read(&[at("a", 9), at("both", 12)], &[at("b", 10), at("both", 12)]);
    room.known.calendars.remove(&WEST);
    let plan = room.replan();
    assert_eq!(said(&plan.changes), ["Removed Budget"]);
    assert_eq!(room.shows(), ["03 10:00 Budget", "03 12:00 Budget"]);
}

#[test]
fn what_a_calendar_showed_stays_until_the_one_in_its_place_was_read() {
    let mut room = read(&[at("a", 9)], &[at("b", 10)]);
    room.known.calendars.remove(&EAST);
    room.known.calendars.insert(CalendarNumber(4), None);
    assert!(room.replan().is_empty());
    assert_eq!(room.shows(), ["03 09:00 Budget", "03 10:00 Budget"]);
    let read = complete(&room, CalendarNumber(4), &[at("b", 10), at("c", 11)]);
    let plan = room.take(Some(&read));
    assert_eq!(said(&plan.changes), ["Added Budget"], "nothing flickers");
    assert_eq!(room.shows(), ["03 09:00 Budget", "03 10:00 Budget", "03 11:00 Budget"]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_read_of_one_calendar_changes_no_item_of_another(
        reads in prop::collection::vec((0..2usize, prop::collection::vec(properties::item(), 0..6), any::<bool>()), 1..8)
    ) {
        let mut room = room();
        for (place, items, is_whole) in reads {
            let calendar = [WEST, EAST][place];
            let of_the_other = |room: &Room| -> Vec<CalendarItem> {
                let items = room.known.items.iter().filter(|(id, _)| id.calendar() != calendar);
                items.map(|(_, item)| item.clone()).collect()
            };
            let before = of_the_other(&room);
            let delta = || observed(&items, Coverage::Delta).of_calendar(calendar);
            let read = if is_whole { complete(&room, calendar, &items) } else { delta() };
            room.take(Some(&read));
            prop_assert!(of_the_other(&room) == before);
            let mut starts: Vec<_> =
                room.known.occurrences.values().map(|one| (one.key.meeting(), one.key.slot(), one.start)).collect();
            let shown = starts.len();
            starts.sort_unstable();
            starts.dedup();
            prop_assert_eq!(starts.len(), shown, "no copy is counted beside another");
        }
    }
}
