//! What a room's copy looks like, before and after the attendant had its say.

use chrono::Duration;
use exchange_sim::{
    Answer, AutomateProcessing, CalendarProcessing, Expect, Room, Sensitivity, SimError, What, World,
};

use crate::client::{
    BERLIN, ask, find, get_item, hours, ids, item_id, morning, seconds, sync, text, texts, world,
};

/// The only item of Berlin's calendar, as it is now.
fn only_item(world: &mut World, now: chrono::DateTime<chrono::Utc>) -> String {
    let listed = ask(world, now, &sync(BERLIN, None, 512));
    let found = ids(&listed, "t:ItemId");
    assert_eq!(found.len(), 1, "{listed}");
    ask(world, now, &get_item(&item_id(&found[0])))
}

fn facts(item: &str) -> [String; 5] {
    let names =
        ["t:Subject", "t:MyResponseType", "t:LegacyFreeBusyStatus", "t:AppointmentState", "t:IsCancelled"];
    names.map(|name| texts(item, name).into_iter().next().unwrap_or_default())
}

#[test]
fn a_request_is_filed_first_and_accepted_later() {
    let mut world = world();
    world.set_processing("berlin", CalendarProcessing::default()).unwrap();
    let invitation = world.organizer("kim").invites("berlin").to("Design review").private();
    invitation.saying("join at 42").at(hours(1), hours(2)).send(morning()).unwrap();
    let first = only_item(&mut world, seconds(1));
    assert_eq!(facts(&first), ["Design review", "NoResponseReceived", "Tentative", "3", "false"]);
    assert_eq!(text(&first, "t:Sensitivity"), "Private");
    assert!(first.contains("join at 42"));

    assert_eq!(world.next_wake(), Some(seconds(3)));
    let second = only_item(&mut world, seconds(4));
    assert_eq!(facts(&second), ["Kim ", "Accept", "Busy", "3", "false"]);
    assert_eq!(text(&second, "t:Sensitivity"), "Normal", "RemovePrivateProperty");
    assert_eq!(text(&second, "t:AppointmentReplyTime"), "2026-03-02T08:00:03Z");
    assert!(!second.contains("join at 42"), "DeleteComments");
    assert_eq!(ids(&first, "t:ItemId"), ids(&second, "t:ItemId"), "the item keeps its id");
}

#[test]
fn a_request_for_one_occurrence_says_again_what_the_series_has_lost() {
    let mut world = world();
    world.set_processing("berlin", CalendarProcessing::default()).unwrap();
    let series = world.organizer("kim").invites("berlin").to("Merger").private();
    let series = series.at(hours(1), hours(2)).daily().times(3).send(morning()).unwrap();
    let tomorrow = morning().date_naive().succ_opt().unwrap();
    world.reschedule_occurrence(series, tomorrow, hours(27), hours(28), seconds(10)).unwrap();
    let view = find(BERLIN, "2026-03-03T00:00:00Z", "2026-03-04T00:00:00Z", None);
    for (at, subject, sensitivity) in [(11, "Merger", "Private"), (14, "Kim ", "Normal")] {
        let listed = ask(&mut world, seconds(at), &view);
        let found = ids(&listed, "t:ItemId");
        let item = ask(&mut world, seconds(at), &get_item(&item_id(&found[0])));
        assert_eq!(
            (text(&item, "t:Subject"), text(&item, "t:Sensitivity")),
            (subject.into(), sensitivity.into())
        );
    }
}

#[test]
fn what_comes_with_a_series_is_left_as_the_series_is() {
    let mut world = world();
    world.set_processing("berlin", CalendarProcessing::default()).unwrap();
    let series = world.organizer("kim").invites("berlin").to("Merger").private();
    let series = series.at(hours(1), hours(2)).daily().times(3).send(morning()).unwrap();
    let tomorrow = morning().date_naive().succ_opt().unwrap();
    world.rename_occurrence(series, tomorrow, "Takeover", seconds(10)).unwrap();
    world.rename(series, "Fusion", seconds(20)).unwrap();
    let view = find(BERLIN, "2026-03-02T00:00:00Z", "2026-03-05T00:00:00Z", None);
    let view = ask(&mut world, seconds(30), &view);
    assert_eq!(texts(&view, "t:Subject"), ["Kim "; 3]);
    assert_eq!(texts(&view, "t:Sensitivity"), ["Normal"; 3]);
}

#[test]
fn an_update_begins_anew_and_a_cancellation_stays() {
    let mut world = world();
    let review = world.organizer("kim").invites("berlin").to("Review").at(hours(1), hours(2));
    let review = review.send(morning()).unwrap();
    world.reschedule(review, hours(3), hours(4), seconds(10)).unwrap();
    assert_eq!(facts(&only_item(&mut world, seconds(11)))[1], "NoResponseReceived");
    assert_eq!(facts(&only_item(&mut world, seconds(14)))[1], "Accept");
    world.cancel(review, seconds(20)).unwrap();
    let item = only_item(&mut world, seconds(21));
    assert_eq!(facts(&item), ["Canceled: Review", "Accept", "Free", "7", "true"]);
    let what: Vec<What> = world.changes().iter().map(|change| change.what).collect();
    assert_eq!(what, [What::Created, What::Moved, What::Cancelled]);
    let moved = &world.changes()[1];
    assert_eq!(moved.at, seconds(13), "counted from the acceptance");
    let (from, start, end, subject) = (hours(1), hours(3), hours(4), "Review".to_owned());
    assert_eq!(moved.expect, Expect::Moved { from, start, end, subject, private: false });
}

#[test]
fn an_update_before_the_first_decision_replaces_it() {
    let mut world = world();
    let review = world.organizer("kim").invites("berlin").to("Review").at(hours(1), hours(2));
    let review = review.send(morning()).unwrap();
    world.rename(review, "Final review", seconds(2)).unwrap();
    world.advance(seconds(4));
    assert!(world.changes().is_empty(), "the first decision is void");
    assert_eq!(facts(&only_item(&mut world, seconds(6)))[0], "Final review");
    assert_eq!(world.changes()[0].what, What::Created);
}

#[test]
fn conflicting_requests_leave_the_calendar() {
    let mut world = world();
    let one = world.organizer("kim").invites("berlin").to("One").at(hours(1), hours(3));
    one.send(morning()).unwrap();
    let two = world.organizer("lee").invites("berlin").to("Two").at(hours(2), hours(4));
    two.send(seconds(10)).unwrap();
    let listed = ask(&mut world, seconds(11), &sync(BERLIN, None, 512));
    assert_eq!(ids(&listed, "t:ItemId").len(), 2, "filed until decided");
    assert_eq!(facts(&only_item(&mut world, seconds(14)))[0], "One");

    let allowing = CalendarProcessing { allow_conflicts: true, ..CalendarProcessing::preserving() };
    world.set_processing("berlin", allowing).unwrap();
    let three = world.organizer("lee").invites("berlin").to("Three").at(hours(2), hours(4));
    three.send(seconds(20)).unwrap();
    let listed = ask(&mut world, seconds(30), &sync(BERLIN, None, 512));
    assert_eq!(ids(&listed, "t:ItemId").len(), 2);
}

#[test]
fn a_proxy_decides_where_nobody_else_does() {
    let modes = [(AutomateProcessing::AutoUpdate, 1), (AutomateProcessing::None, 0)];
    for (mode, filed) in modes {
        let mut world = world();
        world.set_processing("berlin", CalendarProcessing::default().deciding(mode)).unwrap();
        let review = world.organizer("kim").invites("berlin").to("Review").at(hours(1), hours(2));
        let review = review.send(morning()).unwrap();
        let listed = ask(&mut world, seconds(60), &sync(BERLIN, None, 512));
        assert_eq!(ids(&listed, "t:ItemId").len(), filed, "{mode:?}");
        world.answer("berlin", review, Answer::Tentative, seconds(61)).unwrap();
        assert_eq!(facts(&only_item(&mut world, seconds(62)))[1..3], ["Tentative", "Tentative"]);
        world.answer("berlin", review, Answer::Accept, seconds(63)).unwrap();
        assert_eq!(facts(&only_item(&mut world, seconds(64)))[..3], ["Review", "Accept", "Busy"]);
        assert_eq!(world.changes()[0].what, What::Accepted);
        world.answer("berlin", review, Answer::Decline, seconds(65)).unwrap();
        let listed = ask(&mut world, seconds(66), &sync(BERLIN, None, 512));
        assert!(ids(&listed, "t:ItemId").is_empty());
        assert_eq!(world.changes()[1].what, What::Deleted);
    }
}

#[test]
fn a_booking_in_the_room_has_the_room_as_organizer() {
    let mut world = world();
    world.set_processing("berlin", CalendarProcessing::default()).unwrap();
    world.book("berlin", "Cleaning", hours(1), hours(2), morning()).unwrap();
    let item = only_item(&mut world, seconds(60));
    assert_eq!(facts(&item), ["Cleaning", "Organizer", "Busy", "0", "false"]);
    assert_eq!(text(&item, "t:IsMeeting"), "false");
    assert!(text(&item, "t:Organizer").contains(BERLIN));
}

#[test]
fn copies_in_several_rooms_share_their_identity() {
    let mut world = world();
    let talk = world.organizer("kim").invites("berlin").and("oslo").to("Talk").at(hours(1), hours(2));
    talk.send(morning()).unwrap();
    let mut found = Vec::new();
    for room in [BERLIN, "oslo@rooms.example"] {
        let listed = ask(&mut world, seconds(9), &sync(room, None, 512));
        let id = ids(&listed, "t:ItemId").remove(0);
        let item = ask(&mut world, seconds(9), &get_item(&item_id(&id)));
        found.push((id, text(&item, "t:UID"), texts(&item, "t:Value")));
    }
    assert_ne!(found[0].0, found[1].0);
    assert_eq!(found[0].1, found[1].1);
    assert_eq!(found[0].2, found[1].2);
}

#[test]
fn a_room_outside_the_booking_policy_waits() {
    let mut world = world();
    let asking = CalendarProcessing { all_book_in_policy: false, ..CalendarProcessing::default() };
    let waiting = CalendarProcessing { all_request_in_policy: true, ..asking };
    world.set_processing("berlin", waiting).unwrap();
    let review = world.organizer("kim").invites("berlin").to("Review").at(hours(1), hours(2));
    review.send(morning()).unwrap();
    assert_eq!(facts(&only_item(&mut world, seconds(9)))[..3], ["Review", "Tentative", "Tentative"]);
}

#[test]
fn occurrences_go_their_own_way() {
    let mut world = world();
    let series = world.organizer("kim").invites("berlin").to("Stand-up").at(hours(1), hours(2));
    let series = series.daily().times(5).send(morning()).unwrap();
    let day = |day: u32| chrono::NaiveDate::from_ymd_opt(2026, 3, day).unwrap();
    let later = |days: i64, hour: i64| hours(hour) + Duration::days(days);
    world.reschedule_occurrence(series, day(3), later(1, 3), later(1, 4), seconds(10)).unwrap();
    world.rename_occurrence(series, day(4), "Stand-up with guests", seconds(10)).unwrap();
    world.cancel_occurrence(series, day(5), seconds(10)).unwrap();
    world.delete_occurrence("berlin", series, day(6), seconds(20)).unwrap();
    let master = only_item(&mut world, seconds(30));
    assert_eq!(texts(&master, "t:OriginalStart").len(), 2 + 3, "first, last, three exceptions");
    assert!(text(&master, "t:DeletedOccurrences").contains("2026-03-06T09:00:00Z"));
    let exceptions = ids(&text(&master, "t:ModifiedOccurrences"), "t:ItemId");
    let asked: String = exceptions.iter().map(|id| item_id(id)).collect();
    let items = ask(&mut world, seconds(30), &get_item(&asked));
    assert_eq!(texts(&items, "t:Subject"), ["Stand-up", "Stand-up with guests", "Canceled: Stand-up"]);
    assert_eq!(texts(&items, "t:MyResponseType"), ["Accept", "Accept", "Accept"]);
    assert_eq!(texts(&items, "t:IsCancelled"), ["false", "false", "true"]);
    let what: Vec<What> = world.changes().iter().map(|change| change.what).collect();
    assert_eq!(what, [What::Created, What::Cancelled, What::Moved, What::Renamed, What::Deleted]);
}

#[test]
fn an_occurrence_may_be_answered_for_itself() {
    let mut world = world();
    let proxy = CalendarProcessing::preserving().deciding(AutomateProcessing::AutoUpdate);
    world.set_processing("berlin", proxy).unwrap();
    let series = world.organizer("kim").invites("berlin").to("Stand-up").at(hours(1), hours(2));
    let series = series.daily().times(5).send(morning()).unwrap();
    let day = |day: u32| chrono::NaiveDate::from_ymd_opt(2026, 3, day).unwrap();
    world.answer_occurrence("berlin", series, day(3), Answer::Accept, seconds(1)).unwrap();
    world.answer_occurrence("berlin", series, day(4), Answer::Decline, seconds(1)).unwrap();
    let gone = world.answer_occurrence("berlin", series, day(4), Answer::Accept, seconds(1)).unwrap_err();
    assert!(
        matches!(gone, SimError::NoSuchOccurrence { .. }),
        "what left the calendar cannot be answered there"
    );
    // nor does it come back by being called off
    world.cancel_occurrence(series, day(4), seconds(1)).unwrap();
    let view = find(BERLIN, "2026-03-02T00:00:00Z", "2026-03-09T00:00:00Z", None);
    let view = ask(&mut world, seconds(2), &view);
    let waits = "NoResponseReceived";
    assert_eq!(texts(&view, "t:MyResponseType"), [waits, "Accept", waits, waits]);
    assert_eq!(texts(&view, "t:AppointmentReplyTime"), ["2026-03-02T08:00:01Z"]);
}

#[test]
fn sentences_that_make_no_sense_are_refused() {
    let mut world = world();
    let nowhere = world.organizer("kim").invites("atlantis").at(hours(1), hours(2)).send(morning());
    says(&nowhere.unwrap_err(), "room `atlantis` is not in this world: add it first");
    let backwards = world.organizer("kim").invites("berlin").at(hours(2), hours(1)).send(morning());
    says(&backwards.unwrap_err(), "meeting ends before it starts: give an end at or after the start");
    let twice = world.add_room(Room::new("Berlin"));
    says(&twice.unwrap_err(), "room `berlin` is already in this world: choose another alias");
    let single = world.organizer("kim").invites("berlin").at(hours(1), hours(2)).send(morning()).unwrap();
    world.set_sensitivity(single, Sensitivity::Private, seconds(1)).unwrap();
    let none = world.cancel_occurrence(single, morning().date_naive(), morning());
    says(&none.unwrap_err(), "meeting 1 has no occurrence on 2026-03-02: take a date of its pattern");
}

fn says(error: &SimError, sentence: &str) {
    assert_eq!(error.to_string(), sentence);
}
