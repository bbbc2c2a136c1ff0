//! What was called off stays so, whatever comes later.

use exchange_sim::{Answer, CalendarProcessing, Room, SimError, Zone};

use crate::client::{BERLIN, ask, find, hours, morning, seconds, texts, world};

/// Subjects, free/busy and whether cancelled, of all that Berlin's calendar holds this week.
fn week(world: &mut exchange_sim::World, second: i64) -> Vec<[String; 3]> {
    let view =
        ask(world, seconds(second), &find(BERLIN, "2026-03-02T00:00:00Z", "2026-03-09T00:00:00Z", None));
    let [subjects, busy, cancelled] =
        ["t:Subject", "t:LegacyFreeBusyStatus", "t:IsCancelled"].map(|name| texts(&view, name));
    let rest = busy.into_iter().zip(cancelled);
    subjects.into_iter().zip(rest).map(|(subject, (busy, cancelled))| [subject, busy, cancelled]).collect()
}

#[test]
fn fact_5_4_a_cancelled_occurrence_outlives_changes_of_its_series() {
    let mut world = world();
    let series = world.organizer("kim").invites("berlin").to("Stand-up").at(hours(1), hours(2));
    let series = series.daily().times(3).send(morning()).unwrap();
    let tuesday = "2026-03-03".parse().unwrap();
    world.cancel_occurrence(series, tuesday, seconds(10)).unwrap();
    world.rename(series, "Planning", seconds(20)).unwrap();
    let expected = [
        ["Planning", "Busy", "false"],
        ["Canceled: Stand-up", "Free", "true"],
        ["Planning", "Busy", "false"],
    ];
    assert_eq!(week(&mut world, 30), expected);
    let refused = [
        world.cancel_occurrence(series, tuesday, seconds(31)),
        world.rename_occurrence(series, tuesday, "Again", seconds(31)),
        world.reschedule_occurrence(series, tuesday, hours(30), hours(31), seconds(31)),
        world.answer_occurrence("berlin", series, tuesday, Answer::Accept, seconds(31)),
    ];
    for refused in refused {
        assert_eq!(refused.unwrap_err().to_string(), "meeting 1 was called off: send another one");
    }
    assert_eq!(week(&mut world, 40), expected);
}

#[test]
fn a_cancelled_meeting_is_not_brought_back() {
    let mut world = world();
    let review = world.organizer("kim").invites("berlin").to("Review").at(hours(1), hours(2));
    let review = review.send(morning()).unwrap();
    world.cancel(review, seconds(10)).unwrap();
    let refused = [
        world.cancel(review, seconds(11)),
        world.rename(review, "Again", seconds(11)),
        world.reschedule(review, hours(3), hours(4), seconds(11)),
        world.answer("berlin", review, Answer::Accept, seconds(11)),
    ];
    for refused in refused {
        assert!(matches!(refused, Err(SimError::CalledOff(1))), "{refused:?}");
    }
    assert_eq!(week(&mut world, 20), [["Canceled: Review", "Free", "true"]]);
}

#[test]
fn only_a_room_that_holds_a_meeting_declines_it() {
    let mut world = world();
    world
        .add_room(Room::new("kassel").in_zone(Zone::utc()).processing(CalendarProcessing::preserving()))
        .unwrap();
    let review = world.organizer("kim").invites("berlin").to("Review").at(hours(1), hours(2));
    let review = review.send(morning()).unwrap();
    for answer in [Answer::Accept, Answer::Tentative, Answer::Decline] {
        let refused = world.answer("kassel", review, answer, seconds(10));
        assert!(matches!(refused, Err(SimError::NotInCalendar { .. })), "{answer:?} {refused:?}");
    }
    world.answer("berlin", review, Answer::Decline, seconds(10)).unwrap();
    assert!(world.answer("berlin", review, Answer::Decline, seconds(11)).is_err());
    world.answer("berlin", review, Answer::Accept, seconds(12)).unwrap();
    assert_eq!(week(&mut world, 20).len(), 1);
}

#[test]
fn pitfall_36_the_prefix_is_in_the_servers_language() {
    let mut world = world();
    world.set_cancelled_prefix("Abgesagt:");
    let review = world.organizer("kim").invites("berlin").to("Review").at(hours(1), hours(2));
    let review = review.send(morning()).unwrap();
    world.cancel(review, seconds(10)).unwrap();
    assert_eq!(week(&mut world, 20), [["Abgesagt: Review", "Free", "true"]]);
}
