//! The believable week: what it holds, and that it follows from its seed.

use chrono::{DateTime, Datelike as _, NaiveDate, NaiveDateTime, Utc};
use exchange_sim::script::Pace;
use exchange_sim::{CalendarProcessing, Request, Room, SimError, World, Zone, script};
use serde_json::Value;

use crate::client::at;

const ROOMS: [&str; 2] = ["berlin", "new-york"];

fn week(seed: u64, now: DateTime<Utc>) -> World {
    let mut world = World::new(seed, now);
    for (alias, zone) in ROOMS.iter().zip(["W. Europe Standard Time", "Eastern Standard Time"]) {
        let room = Room::new(alias).in_zone(Zone::windows(zone).unwrap());
        world.add_room(room.processing(CalendarProcessing::preserving())).unwrap();
    }
    script::demo_week(&mut world, now, &ROOMS).unwrap();
    world
}

/// What a room's calendar holds in the week of a Monday, with local starts and ends.
fn entries(world: &mut World, now: DateTime<Utc>, monday: NaiveDate) -> Vec<Vec<Entry>> {
    let state: Value = world.handle(now, &Request::get("/sim/state")).text().parse().unwrap();
    let rooms = state["rooms"].as_array().unwrap().iter();
    let zones = ["W. Europe Standard Time", "Eastern Standard Time"].map(|id| Zone::windows(id).unwrap());
    rooms
        .zip(zones)
        .map(|(room, zone)| {
            let items = room["items"].as_array().unwrap().iter();
            let entries = items.map(|item| Entry::of(item, &zone));
            entries
                .filter(|entry| entry.start.date().week(chrono::Weekday::Mon).first_day() == monday)
                .collect()
        })
        .collect()
}

#[derive(Debug)]
struct Entry {
    start: NaiveDateTime,
    end: NaiveDateTime,
    item: Value,
}

impl Entry {
    fn of(item: &Value, zone: &Zone) -> Self {
        let wall = |name: &str| zone.wall(at(item[name].as_str().unwrap()));
        Self { start: wall("start"), end: wall("end"), item: item.clone() }
    }

    fn is(&self, name: &str, value: &str) -> bool {
        self.item[name] == value
    }

    fn flagged(&self, name: &str) -> bool {
        self.item[name] == true
    }

    /// Whether it takes the room.
    fn blocks(&self) -> bool {
        !self.flagged("cancelled") && !self.is("show_as", "Free")
    }
}

/// A Wednesday, a Saturday and a Sunday night that is still Sunday in New York, with the Monday of the week.
const TIMES: [(&str, &str); 3] = [
    ("2026-03-04T10:20:30Z", "2026-03-02"),
    ("2026-03-07T12:00:00Z", "2026-03-09"),
    ("2026-10-26T01:30:00Z", "2026-10-26"),
];

#[test]
fn every_day_is_one_that_people_could_have_had() {
    for (seed, (now, monday)) in (1..=5).flat_map(|seed| TIMES.map(|time| (seed, time))) {
        let (now, monday) = (at(now), monday.parse().unwrap());
        for room in entries(&mut week(seed, now), now, monday) {
            let mut days = [0; 7];
            for entry in room.iter().filter(|entry| !entry.flagged("all_day")) {
                let text = format!("{seed} {entry:?}");
                let day = entry.start.date();
                days[usize::try_from(day.weekday().num_days_from_monday()).unwrap()] += 1;
                let (opens, closes) = (day.and_hms_opt(8, 0, 0).unwrap(), day.and_hms_opt(20, 0, 0).unwrap());
                assert!(opens <= entry.start && entry.end <= closes, "{text}");
                let minutes = (entry.end - entry.start).num_minutes();
                assert!((15..=90).contains(&minutes) && minutes % 15 == 0, "{text}");
                assert_ne!(entry.item["subject"], "", "{text}");
            }
            assert!(days[..5].iter().all(|count| (3..=9).contains(count)), "{seed} {days:?}");
            assert_eq!(days[5..], [0, 0]);
        }
    }
}

#[test]
fn the_week_holds_one_of_everything() {
    for (now, monday) in TIMES {
        let now = at(now);
        for room in entries(&mut week(3, now), now, monday.parse().unwrap()) {
            let count = |wanted: &dyn Fn(&Entry) -> bool| room.iter().filter(|entry| wanted(entry)).count();
            assert_eq!(count(&|entry| entry.flagged("all_day")), 1);
            assert_eq!(count(&|entry| entry.is("sensitivity", "Private")), 1);
            assert_eq!(count(&|entry| entry.is("response", "Tentative")), 1);
            assert_eq!(count(&|entry| entry.is("response", "Organizer")), 1);
            assert_eq!(count(&|entry| entry.flagged("cancelled")), 2, "a meeting and a stand-up");
            assert_eq!(count(&|entry| entry.is("subject", "Stand-up")), 4);
            assert_eq!(count(&|entry| entry.is("subject", "Team meeting with the auditors")), 1);
            assert_eq!(count(&|entry| entry.is("subject", "All hands")), 1);
            assert_eq!(count(&|entry| entry.item["occurrence"].is_string()), 6);
        }
    }
}

#[test]
fn two_meetings_conflict_and_no_others() {
    for (seed, (now, monday)) in (1..=5).flat_map(|seed| TIMES.map(|time| (seed, time))) {
        let now = at(now);
        for room in entries(&mut week(seed, now), now, monday.parse().unwrap()) {
            let blocking: Vec<&Entry> = room.iter().filter(|entry| entry.blocks()).collect();
            let overlap = |one: &Entry, other: &Entry| one.start < other.end && other.start < one.end;
            let pairs = blocking.iter().enumerate().flat_map(|(index, one)| {
                blocking[index + 1..].iter().filter(move |other| overlap(one, other))
            });
            assert_eq!(pairs.count(), 1, "{seed} {now}");
        }
    }
}

#[test]
fn days_past_and_to_come_and_today_have_meetings() {
    // A Monday, a Friday and a Saturday.
    for now in ["2026-03-02T09:00:00Z", "2026-03-06T15:00:00Z", "2026-03-07T12:00:00Z"].map(at) {
        let state: Value = week(1, now).handle(now, &Request::get("/sim/state")).text().parse().unwrap();
        for room in state["rooms"].as_array().unwrap() {
            let singles =
                room["items"].as_array().unwrap().iter().filter(|item| item["occurrence"].is_null());
            let days: Vec<i64> = singles
                .filter(|item| item["all_day"] == false)
                .map(|item| (at(item["start"].as_str().unwrap()).date_naive() - now.date_naive()).num_days())
                .collect();
            let count = |days_from_now: std::ops::RangeInclusive<i64>| {
                days.iter().filter(|day| days_from_now.contains(day)).count()
            };
            for around in [-3..=-1, 0..=0, 1..=3] {
                assert!(count(around.clone()) >= 2, "{now} {around:?}: {days:?}");
            }
        }
    }
}

#[test]
fn a_crowd_of_rooms_gets_two_days() {
    let now = at(TIMES[0].0);
    let mut world = World::new(1, now);
    let aliases: Vec<String> = (0..110).map(|number| format!("room-{number}")).collect();
    for alias in &aliases {
        world.add_room(Room::new(alias).processing(CalendarProcessing::preserving())).unwrap();
    }
    let rooms: Vec<&str> = aliases.iter().map(String::as_str).collect();
    script::demo_week(&mut world, now, &rooms).unwrap();
    let state: Value = world.handle(now, &Request::get("/sim/state")).text().parse().unwrap();
    let count = |room: usize, subject: Option<&str>| {
        let items = state["rooms"][room]["items"].as_array().unwrap().iter();
        items.filter(|item| subject.is_none_or(|subject| item["subject"] == subject)).count()
    };
    for room in [0, 99] {
        assert_eq!(count(room, Some("All hands")), 1);
        assert!(count(room, None) > 40);
    }
    for room in [100, 109] {
        assert_eq!(count(room, Some("Stand-up")), 0);
        assert!((8..20).contains(&count(room, None)), "{}", count(room, None));
    }
}

/// How much happened in each hour of a Friday and a Saturday in Berlin, from their midnight on.
fn hours_of_two_days(pace: Pace) -> Vec<usize> {
    // Half past seven in Berlin.
    let now = at("2026-03-06T06:30:00Z");
    let mut world = World::new(4, now);
    let rooms: Vec<String> = (1..=8).map(|number| format!("berlin-{number}")).collect();
    for alias in &rooms {
        let room = Room::new(alias).in_zone(Zone::windows("W. Europe Standard Time").unwrap());
        world.add_room(room.processing(CalendarProcessing::preserving())).unwrap();
    }
    script::demo_week(&mut world, now, &rooms.iter().map(String::as_str).collect::<Vec<_>>()).unwrap();
    script::set_pace(&mut world, pace);
    let (midnight, mut seen) = (at("2026-03-05T23:00:00Z"), world.last_change());
    (0..48)
        .map(|hour| {
            world.advance(now.max(midnight + chrono::Duration::hours(hour + 1)));
            let before = std::mem::replace(&mut seen, world.last_change());
            usize::try_from(seen - before).unwrap()
        })
        .collect()
}

#[test]
fn people_change_things_in_their_hours_and_sleep_at_night() {
    let hours = hours_of_two_days(Pace::Believable);
    let sum = |range: std::ops::Range<usize>| -> usize { hours[range].iter().sum() };
    assert_eq!((sum(0..7), sum(19..31), sum(43..48)), (0, 0, 0), "{hours:?}");
    assert!(hours[7] > 60, "the first minutes are lively: {hours:?}");
    assert!(hours[9] > 100 && 0 < hours[12] && hours[12] * 2 < hours[9], "{hours:?}");
    let (friday, saturday) = (sum(0..24), sum(24..48));
    assert!(0 < saturday && saturday * 3 < friday, "{hours:?}");
    assert!(friday < 4_000, "one every second or two would have been 50,000: {friday}");
}

#[test]
fn a_script_can_be_hurried_and_stopped() {
    assert_eq!(hours_of_two_days(Pace::Still).iter().sum::<usize>(), 0);
    let now = at(TIMES[0].0);
    let mut world = week(1, now);
    let passing = |world: &mut World, minutes: i64| {
        let before = world.last_change();
        let then = at(TIMES[0].0) + chrono::Duration::minutes(minutes);
        world.advance(then);
        world.last_change() - before
    };
    assert!(passing(&mut world, 1) >= 20, "something happens within seconds");
    script::set_pace(&mut world, Pace::Still);
    assert!(passing(&mut world, 30) <= 2, "only what was under way");
    script::set_pace(&mut world, Pace::Brisk);
    let brisk = passing(&mut world, 60);
    assert!((600..2_000).contains(&brisk), "one script goes on, not two: {brisk}");
    assert!(!script::set_pace(&mut World::new(1, now), Pace::Brisk), "nothing is played");
}

#[test]
fn the_log_of_changes_forgets_but_counts_on() {
    let now = at(TIMES[0].0);
    let mut world = World::new(1, now);
    world.add_room(Room::new("berlin").processing(CalendarProcessing::preserving())).unwrap();
    let booking = world.book("berlin", "Cleaning", now, now + chrono::Duration::hours(1), now).unwrap();
    for second in 1..10_100 {
        world.rename(booking, "Repairs", now + chrono::Duration::seconds(second)).unwrap();
    }
    assert_eq!((world.changes().len(), world.last_change()), (10_000, 10_100));
    let ids = |since: u64| world.changes_since(since).map(|change| change.id).collect::<Vec<u64>>();
    assert_eq!(ids(10_098), [10_099, 10_100]);
    assert_eq!(ids(10_100), [0_u64; 0]);
    assert_eq!(ids(7).first(), Some(&101), "what is forgotten is not told");
    let told = world.handle(now, &Request::get("/sim/changes?since=10099")).text();
    let told: Value = told.parse().unwrap();
    assert_eq!(told.as_array().unwrap().iter().map(|change| &change["id"]).collect::<Vec<_>>(), [10_100]);
}

#[test]
fn equal_seeds_give_equal_weeks_and_other_seeds_others() {
    let now = at(TIMES[0].0);
    let state = |seed, after| {
        let mut world = week(seed, now);
        let then = now + chrono::Duration::seconds(after);
        let state = world.handle(then, &Request::get("/sim/state")).text();
        (state, serde_json::to_string(world.changes()).unwrap())
    };
    assert_eq!(state(1, 0), state(1, 0));
    assert_eq!(state(1, 600), state(1, 600), "the script goes on equally");
    assert_ne!(state(1, 0).0, state(1, 600).0, "and it goes on");
    assert_ne!(state(1, 0).0, state(2, 0).0);
}

#[test]
fn a_week_needs_rooms() {
    let now = at(TIMES[0].0);
    let mut world = World::new(1, now);
    assert_eq!(script::demo_week(&mut world, now, &[]), Err(SimError::NoRooms));
    let unknown = SimError::UnknownRoom("oslo".to_owned());
    assert_eq!(script::demo_week(&mut world, now, &["oslo"]), Err(unknown));
}
