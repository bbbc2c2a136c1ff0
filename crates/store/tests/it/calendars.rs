//! Rooms of several calendars.

use crate::sample::{at, calendar, claim, draft, meeting, room};
use chrono::{DateTime, Utc};
use meeting_model::id::{CalendarNumber, Epoch};
use std::collections::BTreeSet;
use store::{CalendarState, Claim, RoomState, Store};

const HALL: &str = "hall";

/// The hall, of these calendars.
fn hall(calendars: &[&str]) -> Claim {
    Claim { calendars: calendars.iter().map(|name| calendar(name)).collect(), ..claim(HALL) }
}

fn take(store: &mut Store, calendars: &[&str]) -> RoomState {
    store.take(&[hall(calendars)]).unwrap().remove(0)
}

fn equip(store: &mut Store, calendars: &[&str]) -> RoomState {
    store.equip(&[hall(calendars)]).unwrap().remove(0)
}

fn calendar_of<'a>(state: &'a RoomState, name: &str) -> &'a CalendarState {
    state.calendars.iter().find(|one| one.name == calendar(name)).unwrap()
}

/// Reads one of the hall's calendars, as of this minute.
fn read(store: &mut Store, epoch: Epoch, number: CalendarNumber, minute: i64) {
    let rev = store.known(&room(HALL), &BTreeSet::new()).unwrap().rev;
    let mut draft = draft(HALL, rev.0).reads_to(&minute.to_be_bytes());
    draft.0.plan.calendar = number;
    draft.0.as_of = Some(at(minute));
    draft.commit(store, epoch);
}

fn as_of(state: &RoomState) -> Option<DateTime<Utc>> {
    state.as_of
}

#[test]
fn each_calendar_goes_on_where_it_was_read_to() {
    let mut store = Store::open_in_memory().unwrap();
    let state = take(&mut store, &["west", "east"]);
    for (name, minute) in [("west", 1), ("east", 2)] {
        read(&mut store, state.epoch, calendar_of(&state, name).number, minute);
    }
    let state = take(&mut store, &["east", "west"]);
    for (name, minute) in [("west", 1i64), ("east", 2)] {
        let calendar = calendar_of(&state, name);
        assert_eq!(calendar.cursor.as_ref().unwrap().bytes, minute.to_be_bytes(), "{name}");
        assert_eq!(calendar.as_of, Some(at(minute)), "{name}");
    }
}

#[test]
fn a_room_is_as_old_as_the_oldest_of_its_calendars() {
    let mut store = Store::open_in_memory().unwrap();
    let state = take(&mut store, &["west", "east"]);
    let [west, east] = ["west", "east"].map(|name| calendar_of(&state, name).number);
    read(&mut store, state.epoch, west, 1);
    assert_eq!(as_of(&equip(&mut store, &["west", "east"])), None, "half of it was never read");
    for (calendar, minute, oldest) in [(east, 3, 1), (east, 4, 1), (west, 6, 4)] {
        read(&mut store, state.epoch, calendar, minute);
        assert_eq!(as_of(&equip(&mut store, &["west", "east"])), Some(at(oldest)));
    }
}

#[test]
fn a_calendar_that_is_added_is_as_old_as_what_the_room_showed_without_it() {
    let mut store = Store::open_in_memory().unwrap();
    let state = take(&mut store, &["west"]);
    read(&mut store, state.epoch, state.calendars[0].number, 1);
    let joined = equip(&mut store, &["west", "east"]);
    let east = calendar_of(&joined, "east");
    assert_eq!((as_of(&joined), east.as_of, &east.cursor), (Some(at(1)), Some(at(1)), &None));
    read(&mut store, state.epoch, state.calendars[0].number, 9);
    assert_eq!(as_of(&equip(&mut store, &["west", "east"])), Some(at(1)), "it ages until that is read, too");
    assert_eq!(as_of(&equip(&mut store, &["west"])), Some(at(9)));
}

#[test]
fn a_number_is_never_given_to_another_calendar() {
    let mut store = Store::open_in_memory().unwrap();
    let mut seen = BTreeSet::new();
    for names in [&["west"][..], &["west", "east"], &["east"], &["north", "east"], &["west"]] {
        let state = take(&mut store, names);
        assert_eq!(state.calendars.len(), names.len());
        seen.extend(state.calendars.iter().map(|one| (one.number, one.name.as_str().to_owned())));
    }
    let numbers: Vec<i64> = seen.iter().map(|(number, _)| number.0).collect();
    assert_eq!(numbers, [0, 1, 2, 3], "west came back as another: {seen:?}");
}

#[test]
fn what_was_read_of_a_calendar_that_is_gone_stays_until_somebody_plans_without_it() {
    let mut store = Store::open_in_memory().unwrap();
    let state = take(&mut store, &["west", "east"]);
    let mut draft = draft(HALL, 0).shows(meeting("budget", 0));
    draft.0.plan.calendar = calendar_of(&state, "east").number;
    draft.commit(&mut store, state.epoch);
    equip(&mut store, &["west"]);
    let known = store.known(&room(HALL), &BTreeSet::new()).unwrap();
    assert_eq!(known.items.len(), 1);
    assert!(known.calendars.keys().eq([&calendar_of(&state, "west").number]));
}
