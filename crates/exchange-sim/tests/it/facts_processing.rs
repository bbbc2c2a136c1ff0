//! The settings of a room's attendant, each by what it does to the calendar (Set-CalendarProcessing).

use exchange_sim::{Answer, AutomateProcessing, BookingPolicy, CalendarProcessing, Room};

use crate::client::{BERLIN, hours, morning, seconds, text, texts, world};
use crate::facts_rooms::{ACCEPTED, NOTHING, UNDECIDED, WAITING, review, says, state, with};
use crate::valid::{item, items};

#[test]
fn fact_5_1_automate_processing_says_who_decides() {
    let table: [(AutomateProcessing, &[&str]); 3] = [
        (AutomateProcessing::AutoAccept, &ACCEPTED),
        (AutomateProcessing::AutoUpdate, &UNDECIDED),
        (AutomateProcessing::None, &NOTHING),
    ];
    for (mode, expected) in table {
        let mut world = with(CalendarProcessing::preserving().deciding(mode));
        review(&mut world, 1, 2);
        assert_eq!(says(state(&mut world)), expected, "{mode:?}");
    }
}

#[test]
fn fact_5_1_defaults_are_those_of_a_new_room() {
    let defaults = CalendarProcessing::default();
    assert_eq!(defaults.automate_processing, AutomateProcessing::AutoAccept);
    let on = [
        defaults.add_organizer_to_subject,
        defaults.delete_subject,
        defaults.delete_comments,
        defaults.remove_private_property,
        defaults.tentative_pending_approval,
        defaults.add_new_requests_tentatively,
        defaults.all_book_in_policy,
        defaults.enforce_scheduling_horizon,
        defaults.remove_old_meeting_messages,
    ];
    assert_eq!(on, [true; 9]);
    let off = [
        defaults.all_request_in_policy,
        defaults.all_request_out_of_policy,
        defaults.process_external_meeting_messages,
        defaults.allow_conflicts,
        defaults.remove_canceled_meetings,
        defaults.enable_auto_release,
    ];
    assert_eq!(off, [false; 6]);
    assert_eq!((defaults.booking_window_in_days, defaults.maximum_duration_in_minutes), (Some(180), 1440));
    assert_eq!((defaults.conflict_percentage_allowed, defaults.maximum_conflict_instances), (0, 0));
}

#[test]
fn fact_5_1_policies_say_who_books_and_who_asks() {
    let closed = CalendarProcessing { all_book_in_policy: false, ..CalendarProcessing::preserving() };
    let asking = CalendarProcessing { all_request_in_policy: true, ..closed };
    let listed = || vec!["kim@people.example".to_owned()];
    let nobody = BookingPolicy::default;
    let books = BookingPolicy { book_in_policy: listed(), ..nobody() };
    let asks = BookingPolicy { request_in_policy: listed(), ..nobody() };
    let beyond = BookingPolicy { request_out_of_policy: vec!["kim".to_owned()], ..nobody() };
    let short = CalendarProcessing { maximum_duration_in_minutes: 30, ..CalendarProcessing::preserving() };
    let begging = CalendarProcessing { all_request_out_of_policy: true, ..short };
    let table: [(CalendarProcessing, BookingPolicy, &[&str]); 8] = [
        (closed, nobody(), &NOTHING),
        (asking, nobody(), &WAITING),
        (closed, books.clone(), &ACCEPTED),
        (closed, asks, &WAITING),
        (short, nobody(), &NOTHING),
        (short, books, &NOTHING),
        (short, beyond, &WAITING),
        (begging, nobody(), &WAITING),
    ];
    for (processing, policy, expected) in table {
        let mut world = with(processing);
        world.set_policy("berlin", policy.clone()).unwrap();
        review(&mut world, 1, 2);
        assert_eq!(says(state(&mut world)), expected, "{policy:?}");
    }
}

#[test]
fn fact_5_1_pending_requests_may_show_as_free() {
    let asking =
        CalendarProcessing { all_book_in_policy: false, all_request_in_policy: true, ..Default::default() };
    for (tentative, shown) in [(true, "Tentative"), (false, "Free")] {
        let mut world = with(CalendarProcessing { tentative_pending_approval: tentative, ..asking });
        review(&mut world, 1, 2);
        assert_eq!(says(state(&mut world)), ["Tentative", shown, "3"]);
    }
}

#[test]
fn fact_5_1_new_requests_need_not_be_filed() {
    let unfiled =
        CalendarProcessing { add_new_requests_tentatively: false, ..CalendarProcessing::preserving() };
    let mut world = with(unfiled.deciding(AutomateProcessing::AutoUpdate));
    review(&mut world, 1, 2);
    assert_eq!(says(state(&mut world)), NOTHING);
    let mut world = with(unfiled);
    review(&mut world, 1, 2);
    assert_eq!(items(&mut world, seconds(1), BERLIN).len(), 0, "nothing before the decision");
    assert_eq!(says(state(&mut world)), ACCEPTED);
}

#[test]
fn fact_5_1_external_requests_are_not_processed() {
    for (processed, expected) in [(false, 0), (true, 1)] {
        let processing = CalendarProcessing::preserving();
        let mut world =
            with(CalendarProcessing { process_external_meeting_messages: processed, ..processing });
        let visit = world.organizer("pat@partner.example").invites("berlin").at(hours(1), hours(2));
        visit.send(morning()).unwrap();
        assert_eq!(items(&mut world, seconds(9), BERLIN).len(), expected);
    }
}

#[test]
fn fact_5_1_booking_windows_and_durations_are_limits() {
    let days = |days: i64| 24 * days;
    let limited = CalendarProcessing { booking_window_in_days: Some(10), ..CalendarProcessing::default() };
    let table = [
        ((1, 25), true),
        ((1, 26), false),
        ((days(9), days(9) + 1), true),
        ((days(11), days(11) + 1), false),
    ];
    for ((from, until), taken) in table {
        let mut world = with(limited);
        review(&mut world, from, until);
        assert_eq!(state(&mut world).is_some(), taken, "{from} to {until}");
    }
}

#[test]
fn fact_5_1_a_horizon_declines_or_truncates_a_series() {
    let limited = CalendarProcessing { booking_window_in_days: Some(10), ..CalendarProcessing::preserving() };
    for (enforced, taken) in [(true, 0), (false, 1)] {
        let mut world = with(CalendarProcessing { enforce_scheduling_horizon: enforced, ..limited });
        let series = world.organizer("kim").invites("berlin").at(hours(1), hours(2));
        series.daily().send(morning()).unwrap();
        let all = items(&mut world, seconds(9), BERLIN);
        assert_eq!(all.len(), taken);
        if let [series] = all.as_slice() {
            assert_eq!(text(series, "t:EndDate"), "2026-03-12+00:00");
        }
    }
}

#[test]
fn fact_5_1_conflicts_decline_a_single_and_may_trim_a_series() {
    let table = [((0, 0), None), ((100, 1), None), ((10, 9), None), ((50, 2), Some(2)), ((100, 99), Some(2))];
    for ((percentage, instances), declined) in table {
        let mut world = with(CalendarProcessing {
            conflict_percentage_allowed: percentage,
            maximum_conflict_instances: instances,
            ..CalendarProcessing::preserving()
        });
        for days in [1, 3] {
            let (start, end) = (hours(24 * days + 1), hours(24 * days + 2));
            world.book("berlin", "Cleaning", start, end, morning()).unwrap();
        }
        let series = world.organizer("kim").invites("berlin").to("Stand-up").at(hours(1), hours(2));
        series.daily().times(5).send(morning()).unwrap();
        let masters = items(&mut world, seconds(9), BERLIN);
        let master = masters.iter().find(|item| item.contains("RecurringMaster"));
        let deleted = master.map(|master| texts(&text(master, "t:DeletedOccurrences"), "t:Start"));
        assert_eq!(deleted.as_ref().map(Vec::len), declined, "{percentage} % and {instances}");
        if let Some(deleted) = deleted {
            assert_eq!(deleted, ["2026-03-03T09:00:00Z", "2026-03-05T09:00:00Z"]);
        }
        let clash = world.organizer("lee").invites("berlin").to("Clash").at(hours(25), hours(26));
        clash.send(seconds(20)).unwrap();
        let all = items(&mut world, seconds(60), BERLIN);
        assert!(all.iter().all(|item| !item.contains("Clash")), "a single is never trimmed");
    }
}

#[test]
fn fact_5_1_cancelled_meetings_stay_unless_the_cloud_removes_them() {
    for (removes, left) in [(false, 1), (true, 0)] {
        let mut world = with(CalendarProcessing {
            remove_canceled_meetings: removes,
            ..CalendarProcessing::preserving()
        });
        let meeting = review(&mut world, 1, 2);
        world.advance(seconds(9));
        world.cancel(meeting, seconds(10)).unwrap();
        assert_eq!(items(&mut world, seconds(11), BERLIN).len(), left);
    }
}

#[test]
fn fact_5_1_removing_old_messages_changes_no_calendar() {
    let calendars = [true, false].map(|removes| {
        let mut world = with(CalendarProcessing {
            remove_old_meeting_messages: removes,
            ..CalendarProcessing::default()
        });
        let meeting = review(&mut world, 1, 2);
        world.rename(meeting, "Other", seconds(10)).unwrap();
        item(&mut world, seconds(20), BERLIN)
    });
    assert_eq!(calendars[0], calendars[1]);
}

#[test]
fn fact_5_1_1_subjects_are_rewritten_only_where_the_attendant_decides() {
    let rewriting = CalendarProcessing::default().deciding(AutomateProcessing::AutoUpdate);
    let mut world = with(rewriting);
    let secret = world.organizer("kim").invites("berlin").to("Review").private().saying("body");
    let secret = secret.at(hours(1), hours(2)).send(morning()).unwrap();
    world.answer("berlin", secret, Answer::Accept, seconds(10)).unwrap();
    let copy = item(&mut world, seconds(11), BERLIN);
    assert_eq!([text(&copy, "t:Subject"), text(&copy, "t:Sensitivity")], ["Review", "Private"]);
    assert!(copy.contains(">body<"));
}

#[test]
fn fact_5_1_attachments_and_bodies_are_removed_each_by_a_setting() {
    for (comments, attachments) in [(true, true), (true, false), (false, true), (false, false)] {
        let processing = CalendarProcessing::preserving();
        let mut world = with(CalendarProcessing {
            delete_comments: comments,
            delete_attachments: attachments,
            ..processing
        });
        let review = world.organizer("kim").invites("berlin").saying("terms").attaching();
        review.at(hours(1), hours(2)).send(morning()).unwrap();
        let filed = item(&mut world, seconds(1), BERLIN);
        assert_eq!((filed.contains(">terms<"), text(&filed, "t:HasAttachments").as_str()), (true, "true"));
        let kept = item(&mut world, seconds(9), BERLIN);
        assert_eq!(kept.contains(">terms<"), !comments);
        assert_eq!(text(&kept, "t:HasAttachments"), (!attachments).to_string());
    }
}

#[test]
fn fact_5_1_a_room_may_hold_to_its_capacity() {
    let table = [(false, 2, true), (true, 2, false), (true, 3, true)];
    for (enforced, seats, taken) in table {
        let processing =
            CalendarProcessing { enforce_capacity: enforced, ..CalendarProcessing::preserving() };
        let mut world = world();
        world.add_room(Room::new("cell").seating(seats).processing(processing)).unwrap();
        let three = world.organizer("kim").invites("cell").with("lee").with("pat").at(hours(1), hours(2));
        three.send(morning()).unwrap();
        let left = items(&mut world, seconds(9), "cell@rooms.example").len();
        assert_eq!(left == 1, taken, "{enforced} {seats}");
    }
}
