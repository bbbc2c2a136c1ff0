//! Rules A1 to A7, P1 and P5, as a room lives them.

use super::*;
use crate::{
    acceptance::SETTLING,
    decision::{Rule, Verdict},
    example::meeting,
    item::{Exception, Response, Sensitivity},
    privacy::MASK,
    settings::{Acceptance, OnSwitch, PrivatePolicy, TentativePolicy},
};

const NINE: &str = "2026-03-02T09:00:00Z";

fn room() -> Room {
    Room::at("2026-03-02T08:00:00Z")
}

#[test]
fn a1_a_cancelled_meeting_is_gone_at_once_though_it_was_the_last() {
    let mut room = room();
    room.delta(&[meeting("m", NINE)]);
    assert_eq!(room.shows(), ["02 09:00 Budget"]);
    let plan = room.delta(&[CalendarItem { is_cancelled: true, ..meeting("m", NINE) }]);
    assert_eq!(said(&plan.changes), ["Removed Budget"]);
    assert_eq!(plan.changes[0].decision.map(|decision| decision.rule), Some(Rule::A1));
    assert_eq!((room.shows().len(), room.rules().as_str()), (0, "A1"));
}

#[test]
fn a1_a_cancelled_series_takes_its_exceptions_with_it() {
    let mut room = room();
    let mut series = daily(meeting("m", NINE));
    series.series.as_mut().unwrap().recurrence.end = RangeEnd::After(3);
    series.series.as_mut().unwrap().exceptions = vec![Exception {
        original_start: utc("2026-03-03T09:00:00Z"),
        start: utc("2026-03-03T11:00:00Z"),
        end: utc("2026-03-03T12:00:00Z"),
        item: Some(Box::new(meeting("e", "2026-03-03T11:00:00Z"))),
    }];
    room.delta(std::slice::from_ref(&series));
    assert_eq!(room.shows(), ["02 09:00 Budget", "03 11:00 Budget", "04 09:00 Budget"]);
    series.is_cancelled = true;
    room.delta(&[series]);
    assert_eq!((room.shows().len(), room.rules().as_str()), (0, "A1 A1 A1"));
}

#[test]
fn a4_an_exception_answers_for_itself() {
    // (series, exception, what is shown)
    use Response::{Accept, Tentative, Unknown};
    for (whole, part, rules) in [
        (Tentative, Accept, "A4 A6"),
        (Accept, Tentative, "A6 A4"),
        (Accept, Unknown, "A6 A6"), // it says nothing of its own
    ] {
        let mut room = room();
        let mut series = CalendarItem { response: whole, ..daily(meeting("m", NINE)) };
        let own = CalendarItem { response: part, ..meeting("e", "2026-03-03T11:00:00Z") };
        series.series.as_mut().unwrap().recurrence.end = RangeEnd::After(2);
        series.series.as_mut().unwrap().exceptions = vec![Exception {
            original_start: utc("2026-03-03T09:00:00Z"),
            start: own.start,
            end: own.end,
            item: Some(Box::new(own)),
        }];
        room.delta(&[series]);
        assert_eq!(room.rules(), rules, "{whole:?} {part:?}");
    }
}

#[test]
fn f_an_occurrence_that_says_no_address_is_not_joined_by_that_of_its_series() {
    use crate::join::{Found, Join, JoinRule, Place};
    let join = |address: Option<&str>| {
        let found =
            |address: &str| Found { address: address.to_owned(), rule: JoinRule::Webex, place: Place::Body };
        Join { video: address.map(found), ..Join::default() }
    };
    for own in [None, Some("kim@other.webex.com")] {
        let mut room = room();
        let mut series = CalendarItem { join: join(Some("kim@acme.webex.com")), ..daily(meeting("m", NINE)) };
        let start = "2026-03-03T11:00:00Z";
        series.series.as_mut().unwrap().exceptions = vec![Exception {
            original_start: utc("2026-03-03T09:00:00Z"),
            start: utc(start),
            end: utc("2026-03-03T12:00:00Z"),
            item: Some(Box::new(CalendarItem { join: join(own), ..meeting("e", start) })),
        }];
        room.delta(&[series]);
        let moved = room.known.occurrences.values().find(|one| one.start == utc(start)).unwrap();
        assert_eq!(moved.join, join(own));
    }
}

#[test]
fn p1_the_address_to_dial_is_for_the_device_alone() {
    use crate::join::{Found, Join, JoinRule, Place};
    let video = Some(Found {
        address: "merger@vc.example.com".to_owned(),
        rule: JoinRule::BodyUri,
        place: Place::Body,
    });
    let join = Join { video, ..Join::default() };
    for (response, dialled) in [(Response::Accept, true), (Response::Tentative, false)] {
        let mut room = room();
        let sensitivity = Sensitivity::Private;
        room.delta(&[CalendarItem { response, sensitivity, join: join.clone(), ..meeting("m", NINE) }]);
        let one = room.known.occurrences.values().next().unwrap();
        assert_eq!(one.join == join, dialled, "{response:?}");
        let shown = serde_json::to_string(&one.displayed).unwrap();
        assert!(!shown.contains("merger") && !format!("{one:?}").contains("merger"), "{shown}");
    }
}

#[test]
fn p1_a_private_meeting_that_is_joined_otherwise_is_news_to_what_dials_alone() {
    use crate::join::{Found, Join, JoinRule, Place};
    let private = |address: &str| {
        let found = Found { address: address.to_owned(), rule: JoinRule::BodyUri, place: Place::Body };
        let join = Join { video: Some(found), ..Join::default() };
        CalendarItem { sensitivity: Sensitivity::Private, join, ..meeting("m", NINE) }
    };
    let mut room = room();
    assert!(
        !room.delta(&[private("1@vc.example.com")]).dials_otherwise,
        "displays change, and that is enough"
    );
    let plan = room.delta(&[private("2@vc.example.com")]);
    assert_eq!((plan.changes.len(), plan.dials_otherwise, plan.changes_display()), (0, true, true));
    let plan = room.delta(&[CalendarItem { sequence: Some(9), ..private("2@vc.example.com") }]);
    assert!(!plan.changes_display());
}

#[test]
fn a4_marked_meetings_are_tentative_on_displays() {
    let mut room = room();
    room.settings.tentative = TentativePolicy::Mark;
    let plan = room.delta(&[CalendarItem { response: Response::Tentative, ..meeting("m", NINE) }]);
    assert!(plan.changes[0].displayed.tentative);
    assert_eq!(plan.occurrences[0].decision.verdict, Verdict::ShownTentative);
    // What was only marked does not stay when it goes back to no answer: it is decided afresh.
    room.settings.tentative = TentativePolicy::Hide;
    assert_eq!(said(&room.replan().changes), ["Removed Budget"]);
}

#[test]
fn a5_a_switch_to_proxy_hides_until_accepted_again() {
    let mut room = room();
    let replied = |time: &str| CalendarItem { reply_time: Some(utc(time)), ..meeting("m", NINE) };
    room.delta(&[replied("2026-03-01T00:00:00Z"), meeting("n", NINE)]);
    assert_eq!(room.rules(), "A6 A6");

    room.wait(60).settings.acceptance = Acceptance::Proxy;
    let plan = room.replan();
    assert!(plan.settings_changed);
    assert_eq!((said(&plan.changes).len(), room.rules().as_str()), (2, "A5 A5"));
    assert_eq!(plan.acceptance.switched_to_proxy, Some(utc("2026-03-02T08:01:00Z")));

    // Accepted again, by its reply time; the other has none: it is seen to be reset, then accepted.
    room.wait(60).delta(&[replied("2026-03-02T08:01:30Z")]);
    assert_eq!(room.rules(), "A6 A5");
    room.delta(&[CalendarItem { response: Response::NoResponseReceived, ..meeting("n", NINE) }]);
    assert_eq!(room.rules(), "A6 A4");
    room.delta(&[meeting("n", NINE)]);
    assert_eq!(room.rules(), "A6 A6");
}

#[test]
fn a5_switching_back_or_keeping_shows_them_again() {
    let back: fn(&mut RoomSettings) = |settings| settings.acceptance = Acceptance::AutoAccept;
    let keep: fn(&mut RoomSettings) = |settings| settings.on_switch = OnSwitch::Keep;
    for change in [back, keep] {
        let mut room = room();
        room.delta(&[meeting("m", NINE)]);
        room.wait(60).settings.acceptance = Acceptance::Proxy;
        room.replan();
        assert_eq!(room.rules(), "A5");
        change(&mut room.wait(60).settings);
        assert_eq!(said(&room.replan().changes), ["Added Budget"]);
    }
}

#[test]
fn a5_a_series_stays_hidden_while_the_window_rolls() {
    let mut room = room();
    room.settings.ahead = std::time::Duration::from_hours(24);
    room.delta(&[daily(meeting("m", NINE))]);
    room.wait(60).settings.acceptance = Acceptance::Proxy;
    room.replan();
    room.wait(86_400).replan();
    assert_eq!(room.rules(), "A5 A5");
}

#[test]
fn a7_an_update_keeps_the_last_shown_version_for_a_minute() {
    let mut room = room();
    room.delta(&[meeting("m", NINE)]);
    let before = room.known.occurrences.clone();
    let update = CalendarItem {
        subject: Some("Budget 2".to_owned()),
        response: Response::NoResponseReceived,
        ..meeting("m", "2026-03-02T10:00:00Z")
    };
    let plan = room.wait(1).delta(std::slice::from_ref(&update));
    assert_eq!((plan.changes.len(), plan.replan_at), (0, Some(room.now + SETTLING)));
    assert_eq!((room.shows(), room.rules().as_str()), (vec!["02 09:00 Budget".to_owned()], "A7"));

    // A second update does not begin it anew.
    let plan = room.wait(59).delta(&[CalendarItem { sequence: Some(1), ..update.clone() }]);
    assert_eq!(plan.replan_at, Some(utc("2026-03-02T08:01:01Z")));

    let mut accepted = room.known.clone();
    room.wait(1).replan();
    assert_eq!((room.shows().len(), room.rules().as_str()), (0, "A4"));

    // Had the room answered in time, the new version would have followed the old one.
    std::mem::swap(&mut room.known, &mut accepted);
    let plan = room.delta(&[CalendarItem { response: Response::Accept, ..update }]);
    assert_eq!((said(&plan.changes), plan.replan_at), (vec!["Changed Budget 2".to_owned()], None));
    assert_eq!(room.shows(), ["02 10:00 Budget 2"]);
    assert_eq!(room.known.occurrences.keys().collect::<Vec<_>>(), before.keys().collect::<Vec<_>>());
}

#[test]
fn a7_does_not_keep_what_was_not_shown() {
    let mut room = room();
    let unanswered = CalendarItem { response: Response::NoResponseReceived, ..meeting("m", NINE) };
    assert_eq!(room.delta(&[unanswered]).replan_at, None);
    assert_eq!(room.rules(), "A4");
}

#[test]
fn a7_p1_what_becomes_private_is_masked_while_it_settles() {
    let mut room = room();
    room.delta(&[meeting("m", NINE)]);
    let plan = room.delta(&[CalendarItem {
        response: Response::NoResponseReceived,
        sensitivity: Sensitivity::Private,
        ..meeting("m", "2026-03-02T10:00:00Z")
    }]);
    assert_eq!(said(&plan.changes), [format!("Changed {MASK}")]);
    assert_eq!(room.shows(), [format!("02 09:00 {MASK}")]);
}

#[test]
fn p5_the_strictest_sensitivity_ever_seen_wins() {
    let mut room = room();
    let private = CalendarItem { sensitivity: Sensitivity::Private, ..meeting("m", NINE) };
    room.delta(&[CalendarItem { response: Response::NoResponseReceived, ..private }]);
    let plan = room.delta(&[meeting("m", NINE)]); // accepted, and its flag removed
    assert_eq!((room.shows(), plan.learned.len()), (vec![format!("02 09:00 {MASK}")], 0));

    // In another room, whose copy never had the flag, the fact arrives without a read.
    let mut other = Room::at("2026-03-02T08:00:00Z");
    other.delta(&[meeting("m", NINE)]);
    other.known.facts = room.known.facts.clone();
    assert_eq!(said(&other.replan().changes), [format!("Changed {MASK}")]);
    // The organizer's name returns only where the policy says so.
    other.settings.private = PrivatePolicy::Organizer;
    let plan = other.replan();
    assert_eq!(plan.changes[0].displayed.organizer(), Some("Kim Jones"));
}

#[test]
fn p5_a_private_exception_stays_the_only_one() {
    let mut room = room();
    let own = CalendarItem { sensitivity: Sensitivity::Private, ..meeting("e", "2026-03-03T09:00:00Z") };
    let mut series = daily(meeting("m", NINE));
    series.series.as_mut().unwrap().recurrence.end = RangeEnd::After(3);
    series.series.as_mut().unwrap().exceptions = vec![Exception {
        original_start: own.start,
        start: own.start,
        end: own.end,
        item: Some(Box::new(own)),
    }];
    room.delta(std::slice::from_ref(&series));
    let expected = ["02 09:00 Budget".to_owned(), format!("03 09:00 {MASK}"), "04 09:00 Budget".to_owned()];
    assert_eq!(room.shows(), expected);
    // The exception loses its flag, then becomes an ordinary occurrence again.
    series.series.as_mut().unwrap().exceptions[0].item.as_mut().unwrap().sensitivity = Sensitivity::Normal;
    room.delta(std::slice::from_ref(&series));
    assert_eq!(room.shows(), expected);
    series.series.as_mut().unwrap().exceptions.clear();
    room.delta(std::slice::from_ref(&series));
    assert_eq!(room.shows(), expected);
    // A private series hides all.
    series.sensitivity = Sensitivity::Confidential;
    room.delta(&[series]);
    assert!(room.shows().iter().all(|shown| shown.ends_with(MASK)));
}
