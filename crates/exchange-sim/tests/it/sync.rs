//! SyncFolderItems: paging, changes while paging, deletes.

use std::collections::BTreeSet;

use crate::client::{BERLIN, ask, get_folder, hours, ids, morning, seconds, sync, text, texts, world};

#[test]
fn a_client_that_pages_while_the_calendar_changes_ends_up_right() {
    let mut world = world();
    let mut handles = Vec::new();
    for hour in 0..20 {
        handles.push(world.book("berlin", "Cleaning", hours(hour), hours(hour + 1), morning()).unwrap());
    }
    let (mut known, mut state) = (BTreeSet::new(), None::<String>);
    for page in 0.. {
        let reply = ask(&mut world, seconds(1), &sync(BERLIN, state.as_deref(), 6));
        for created in texts(&reply, "t:Create") {
            assert!(known.insert(ids(&created, "t:ItemId").remove(0)), "created once only");
        }
        for updated in texts(&reply, "t:Update") {
            assert!(known.contains(&ids(&updated, "t:ItemId")[0]), "an update is of a known item");
        }
        for deleted in texts(&reply, "t:Delete") {
            assert!(known.remove(&ids(&deleted, "t:ItemId")[0]), "a delete is of a known item");
        }
        state = Some(text(&reply, "m:SyncState"));
        if page < 2 {
            world.delete_from("berlin", handles[page], seconds(1)).unwrap();
            world.rename(handles[19 - page], "Deep cleaning", seconds(1)).unwrap();
            world.book("berlin", "More", hours(30), hours(31), seconds(1)).unwrap();
        } else if text(&reply, "m:IncludesLastItemInRange") == "true" {
            break;
        }
    }
    let truth = ask(&mut world, seconds(1), &sync(BERLIN, None, 512));
    assert_eq!(known, ids(&truth, "t:ItemId").into_iter().collect());
    let quiet = ask(&mut world, seconds(1), &sync(BERLIN, state.as_deref(), 512));
    assert!(quiet.contains("<m:Changes/>"));
}

#[test]
fn newest_first_and_one_update_for_many_changes() {
    let mut world = world();
    let series = world.organizer("kim").invites("berlin").to("A").at(hours(1), hours(2));
    let series = series.daily().send(morning()).unwrap();
    let booking = world.book("berlin", "B", hours(3), hours(4), seconds(10)).unwrap();
    let first = ask(&mut world, seconds(20), &sync(BERLIN, None, 512));
    let (state, listed) = (text(&first, "m:SyncState"), ids(&first, "t:ItemId"));
    let day = chrono::NaiveDate::from_ymd_opt(2026, 3, 5).unwrap();
    world.rename_occurrence(series, day, "A with guests", seconds(30)).unwrap();
    world.delete_from("berlin", booking, seconds(30)).unwrap();
    let delta = ask(&mut world, seconds(40), &sync(BERLIN, Some(&state), 512));
    let updated = texts(&delta, "t:Update");
    assert_eq!(updated.len(), 1, "an occurrence is no item: its master is updated");
    assert_eq!(ids(&updated[0], "t:ItemId"), [listed[1].clone()]);
    assert_eq!(ids(&texts(&delta, "t:Delete")[0], "t:ItemId"), [listed[0].clone()]);
}

#[test]
fn a_state_is_good_for_its_own_folder_only() {
    let mut world = world();
    let state = text(&ask(&mut world, morning(), &sync(BERLIN, None, 10)), "m:SyncState");
    let other = ask(&mut world, morning(), &sync("oslo@rooms.example", Some(&state), 10));
    assert_eq!(text(&other, "m:ResponseCode"), "ErrorInvalidSyncStateData");
    let garbage = ask(&mut world, morning(), &sync(BERLIN, Some("H4sIAAAA"), 10));
    assert_eq!(text(&garbage, "m:ResponseCode"), "ErrorInvalidSyncStateData");
}

#[test]
fn the_folder_tells_cheaply_whether_anything_changed() {
    let mut world = world();
    let facts =
        |world: &mut exchange_sim::World, now| texts(&ask(world, now, &get_folder(BERLIN)), "t:Value");
    let booking = world.book("berlin", "B", hours(3), hours(4), seconds(10)).unwrap();
    assert_eq!(facts(&mut world, seconds(11)), ["2026-03-02T08:00:10Z", "0"]);
    world.delete_from("berlin", booking, seconds(12)).unwrap();
    assert_eq!(facts(&mut world, seconds(13)), ["2026-03-02T08:00:12Z", "1"]);
}
