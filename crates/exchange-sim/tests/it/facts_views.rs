//! The facts of views: FindItem with a CalendarView.

use exchange_sim::{World, Zone};

use crate::client::{BERLIN, at, find, hours, ids, morning, seconds, sync, text, texts, world};
use crate::facts_sync::{daily, day, march};
use crate::valid::{ask, attribute, code, fault, items};

#[test]
fn fact_3_3_1_a_view_shows_singles_occurrences_and_exceptions() {
    let mut world = world();
    let series = daily(&mut world);
    world.rename_occurrence(series, day(3), "Other", seconds(10)).unwrap();
    world.book("berlin", "Cleaning", hours(5), hours(6), seconds(10)).unwrap();
    let view = ask(&mut world, seconds(30), &march());
    assert_eq!(
        texts(&view, "t:CalendarItemType"),
        ["Occurrence", "Single", "Exception", "Occurrence", "Occurrence"]
    );
}

#[test]
fn fact_3_3_2_what_only_touches_the_window_is_outside() {
    let mut world = world();
    let at = |world: &mut World, subject: &str, from: i64, until: i64| {
        world.book("berlin", subject, hours(from), hours(until), morning()).unwrap();
    };
    at(&mut world, "before", 0, 1);
    at(&mut world, "into", 0, 2);
    at(&mut world, "inside", 2, 3);
    at(&mut world, "over", 3, 6);
    at(&mut world, "after", 5, 6);
    let view = find(BERLIN, "2026-03-02T09:00:00Z", "2026-03-02T13:00:00Z", None);
    assert_eq!(texts(&ask(&mut world, morning(), &view), "t:Subject"), ["into", "inside", "over"]);
}

#[test]
fn fact_3_3_3_a_window_has_two_years_at_most() {
    let mut world = world();
    let wide = |until: &str| find(BERLIN, "2026-03-01T00:00:00Z", until, None);
    assert_eq!(code(&ask(&mut world, morning(), &wide("2028-03-01T00:00:00Z"))), "NoError");
    let refused = ask(&mut world, morning(), &wide("2028-03-01T00:00:01Z"));
    assert_eq!(code(&refused), "ErrorCalendarViewRangeTooBig");
    let sentence = "The specified view range exceeds the maximum range of two years.";
    assert_eq!(text(&refused, "m:MessageText"), sentence);
}

#[test]
fn fact_3_3_4_a_find_returns_a_thousand_at_most() {
    let mut world = world();
    let series = world.organizer("kim").invites("berlin").to("Stand-up").at(hours(1), hours(2));
    series.daily().send(morning()).unwrap();
    let two = world.organizer("lee").invites("berlin").to("Lunch").at(hours(4), hours(5));
    two.daily().send(morning()).unwrap();
    let wide = |most| find(BERLIN, "2026-03-02T00:00:00Z", "2028-03-01T00:00:00Z", most);
    assert_eq!(code(&ask(&mut world, seconds(9), &wide(None))), "ErrorExceededFindCountLimit");
    let part = ask(&mut world, seconds(9), &wide(Some(1000)));
    assert_eq!(ids(&part, "t:ItemId").len(), 1000);
    assert_eq!(attribute(&part, "m:RootFolder", "IncludesLastItemInRange"), "false");
    assert_eq!(attribute(&part, "m:RootFolder", "TotalItemsInView"), "1460");
}

#[test]
fn fact_3_3_5_a_view_is_brief() {
    let mut world = world();
    let long = world.organizer("kim").invites("berlin").with("lee").to(&"x".repeat(400)).saying("body");
    let long = long.located(&"y".repeat(300));
    long.at(hours(1), hours(2)).send(morning()).unwrap();
    let view = ask(&mut world, seconds(9), &march());
    assert_eq!(text(&view, "t:Subject").len(), 255);
    assert_eq!(text(&view, "t:Location").len(), 255);
    assert_eq!(text(&view, "t:Organizer"), "<t:Mailbox><t:Name>Kim</t:Name></t:Mailbox>");
    assert!(!view.contains("Attendees") && !view.contains("t:Body"));
    let whole = items(&mut world, seconds(9), BERLIN).remove(0);
    assert_eq!(text(&whole, "t:Subject").len(), 400);
    assert_eq!(text(&whole, "t:Location").len(), 300);
    assert!(text(&whole, "t:Organizer").contains("kim@people.example"));
}

#[test]
fn fact_3_3_6_dates_are_iso_8601() {
    let mut world = world();
    let view = find(BERLIN, "03/01/2026", "2026-03-31T00:00:00Z", None);
    assert_eq!(fault(&mut world, morning(), &view), "ErrorSchemaValidation");
}

#[test]
fn fact_3_3_7_occurrences_share_uid_and_change_key_and_keep_their_ids() {
    let mut world = world();
    let series = daily(&mut world);
    let before = ids(&ask(&mut world, seconds(9), &march()), "t:ItemId");
    world.reschedule_occurrence(series, day(3), hours(100), hours(101), seconds(10)).unwrap();
    let view = ask(&mut world, seconds(20), &march());
    let mut after = ids(&view, "t:ItemId");
    after.sort();
    let mut sorted = before;
    sorted.sort();
    assert_eq!(after, sorted, "an id holds the original date");
    let uids = texts(&view, "t:UID");
    assert!(uids.iter().all(|uid| *uid == uids[0]));
    let keys: Vec<&str> =
        view.split("<t:ItemId ").skip(1).map(|id| id.split("ChangeKey=\"").nth(1).unwrap()).collect();
    let keys: Vec<&str> = keys.iter().map(|key| key.split('"').next().unwrap()).collect();
    assert!(keys.iter().all(|key| *key == keys[0]) && keys.len() == 4);
}

#[test]
fn fact_3_4_a_view_expands_in_the_series_zone_what_a_sync_leaves_to_its_client() {
    let mut world = world();
    let berlin = Zone::windows("W. Europe Standard Time").unwrap();
    let weekly = world.organizer("kim").invites("berlin").in_zone(&berlin).at(hours(1), hours(2));
    weekly.weekly().times(9).send(morning()).unwrap();
    let view = find(BERLIN, "2026-03-23T00:00:00Z", "2026-04-01T00:00:00Z", None);
    let view = ask(&mut world, seconds(9), &view);
    assert_eq!(texts(&view, "t:Start"), ["2026-03-23T09:00:00Z", "2026-03-30T08:00:00Z"]);
    let page = ask(&mut world, seconds(9), &sync(BERLIN, None, 9));
    assert_eq!(ids(&page, "t:ItemId").len(), 1);
}

#[test]
fn an_occurrence_in_an_hour_that_is_left_out_keeps_its_duration() {
    let mut world = world();
    let berlin = Zone::windows("W. Europe Standard Time").unwrap();
    let night = world.organizer("kim").invites("berlin").in_zone(&berlin);
    // From 2:30 to 3:00; on March 29 the clocks go from 2:00 to 3:00.
    let night = night.at(at("2026-03-27T01:30:00Z"), at("2026-03-27T02:00:00Z"));
    night.daily().times(4).send(morning()).unwrap();
    let view =
        ask(&mut world, seconds(9), &find(BERLIN, "2026-03-28T00:00:00Z", "2026-03-31T00:00:00Z", None));
    let starts = ["2026-03-28T01:30:00Z", "2026-03-29T01:30:00Z", "2026-03-30T00:30:00Z"];
    let ends = ["2026-03-28T02:00:00Z", "2026-03-29T02:00:00Z", "2026-03-30T01:00:00Z"];
    assert_eq!(
        (texts(&view, "t:Start"), texts(&view, "t:End")),
        (starts.map(Into::into).into(), ends.map(Into::into).into())
    );
}
