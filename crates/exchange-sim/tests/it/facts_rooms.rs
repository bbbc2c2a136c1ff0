//! The facts of room mailboxes: what the attendant does with requests, and what the room's copy then says.

use chrono::NaiveDate;
use exchange_sim::{
    Answer, AutomateProcessing, BookingPolicy, CalendarProcessing, FreeBusy, MeetingHandle, Pattern,
    Sensitivity, What, World,
};

use crate::client::{BERLIN, find, hours, morning, seconds, subscribe, text, texts, world};
use crate::valid::{ask, item, items};

fn day(day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 3, day).unwrap()
}

fn with(processing: CalendarProcessing) -> World {
    let mut world = world();
    world.set_processing("berlin", processing).unwrap();
    world
}

fn review(world: &mut World, from: i64, until: i64) -> MeetingHandle {
    let review = world.organizer("kim").invites("berlin").to("Review").at(hours(from), hours(until));
    review.send(morning()).unwrap()
}

/// Response, free/busy and state of the room's only copy; nothing when there is none.
fn state(world: &mut World) -> Option<[String; 3]> {
    let mut all = items(world, seconds(60), BERLIN);
    assert!(all.len() < 2);
    let copy = all.pop()?;
    Some(["t:MyResponseType", "t:LegacyFreeBusyStatus", "t:AppointmentState"].map(|name| text(&copy, name)))
}

fn says(state: Option<[String; 3]>) -> Vec<String> {
    state.map(|state| state.to_vec()).unwrap_or_default()
}

const ACCEPTED: [&str; 3] = ["Accept", "Busy", "3"];
const WAITING: [&str; 3] = ["Tentative", "Tentative", "3"];
const UNDECIDED: [&str; 3] = ["NoResponseReceived", "Tentative", "3"];
const NOTHING: [&str; 0] = [];

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
fn fact_5_2_subjects_have_four_shapes() {
    let table = [
        (true, true, vec!["Kim "]),
        (true, false, vec!["Kim Review"]),
        (false, true, vec![]),
        (false, false, vec!["Review"]),
    ];
    for (add_organizer_to_subject, delete_subject, expected) in table {
        let mut world = with(CalendarProcessing {
            add_organizer_to_subject,
            delete_subject,
            ..CalendarProcessing::default()
        });
        review(&mut world, 1, 2);
        assert_eq!(texts(&item(&mut world, seconds(9), BERLIN), "t:Subject"), expected);
    }
}

#[test]
fn fact_5_2_1_the_original_is_written_first_and_both_writes_are_told() {
    let mut world = with(CalendarProcessing::default());
    let subscribed = ask(&mut world, morning(), &subscribe(BERLIN, 30));
    let secret = world.organizer("kim").invites("berlin").to("Merger").private().at(hours(1), hours(2));
    secret.send(morning()).unwrap();
    let first = item(&mut world, seconds(1), BERLIN);
    assert_eq!([text(&first, "t:Subject"), text(&first, "t:Sensitivity")], ["Merger", "Private"]);
    assert_eq!(text(&first, "t:MyResponseType"), "NoResponseReceived");
    let second = item(&mut world, seconds(9), BERLIN);
    assert_eq!([text(&second, "t:Subject"), text(&second, "t:Sensitivity")], ["Kim ", "Normal"]);
    let (id, watermark) = (text(&subscribed, "m:SubscriptionId"), text(&subscribed, "m:Watermark"));
    let events = ask(&mut world, seconds(9), &crate::client::get_events(&id, &watermark));
    let named = events.matches("<t:CreatedEvent>").count() + events.matches("<t:ModifiedEvent>").count();
    assert!(named >= 4, "created, modified, and the folder each time: {events}");
    assert!(events.contains("<t:CreatedEvent>"));
}

#[test]
fn fact_5_2_2_a_direct_booking_keeps_its_subject() {
    let mut world = with(CalendarProcessing::default());
    world.book("berlin", "Cleaning", hours(1), hours(2), morning()).unwrap();
    let copy = item(&mut world, seconds(60), BERLIN);
    assert_eq!([text(&copy, "t:Subject"), text(&copy, "t:MyResponseType")], ["Cleaning", "Organizer"]);
    assert!(text(&copy, "t:Organizer").contains(BERLIN));
}

#[test]
fn fact_5_2_3_subjects_carry_the_blanks_they_were_sent_with() {
    let mut world = world();
    let blank = world.organizer("kim").invites("berlin").to("  Review \n").at(hours(1), hours(2));
    blank.send(morning()).unwrap();
    assert_eq!(text(&item(&mut world, seconds(9), BERLIN), "t:Subject"), "  Review \n");
}

#[test]
fn fact_5_2_4_the_organizer_is_told_beside_the_subject() {
    let mut world = with(CalendarProcessing::default());
    review(&mut world, 1, 2);
    let organizer = text(&item(&mut world, seconds(9), BERLIN), "t:Organizer");
    assert!(organizer.contains("<t:Name>Kim</t:Name><t:EmailAddress>kim@people.example</t:EmailAddress>"));
}

#[test]
fn fact_5_3_room_devices_keep_what_was_written() {
    let mut world = with(CalendarProcessing::preserving());
    let secret = world.organizer("kim").invites("berlin").to("Review").private().saying("body");
    secret.at(hours(1), hours(2)).send(morning()).unwrap();
    let copy = item(&mut world, seconds(9), BERLIN);
    assert_eq!([text(&copy, "t:Subject"), text(&copy, "t:Sensitivity")], ["Review", "Private"]);
    assert!(copy.contains(">body<"));
}

#[test]
fn fact_5_4_states_look_as_the_table_says() {
    let mut world = with(CalendarProcessing::preserving());
    let wish = world.organizer("kim").invites("berlin").showing(FreeBusy::OutOfOffice).at(hours(1), hours(2));
    let wish = wish.send(morning()).unwrap();
    let arrived = item(&mut world, seconds(1), BERLIN);
    assert_eq!(
        [text(&arrived, "t:MyResponseType"), text(&arrived, "t:LegacyFreeBusyStatus")],
        UNDECIDED[..2]
    );
    assert!(!arrived.contains("t:AppointmentReplyTime"));
    let accepted = item(&mut world, seconds(9), BERLIN);
    assert_eq!(
        [text(&accepted, "t:MyResponseType"), text(&accepted, "t:LegacyFreeBusyStatus")],
        ["Accept", "OOF"]
    );
    assert_eq!(text(&accepted, "t:AppointmentReplyTime"), "2026-03-02T08:00:03Z");
    world.cancel(wish, seconds(10)).unwrap();
    let cancelled = item(&mut world, seconds(11), BERLIN);
    assert_eq!(
        [text(&cancelled, "t:MyResponseType"), text(&cancelled, "t:LegacyFreeBusyStatus")],
        ["Accept", "Free"]
    );
    assert_eq!([text(&cancelled, "t:AppointmentState"), text(&cancelled, "t:IsCancelled")], ["7", "true"]);
    assert_eq!(text(&cancelled, "t:Subject"), "Canceled: ");
}

#[test]
fn fact_5_4_a_decline_moves_the_item_to_deleted_items() {
    let mut world = world();
    world.book("berlin", "Cleaning", hours(1), hours(2), morning()).unwrap();
    let subscribed = ask(&mut world, morning(), &subscribe(BERLIN, 30));
    let clash = world.organizer("kim").invites("berlin").to("Clash").at(hours(1), hours(2));
    clash.send(morning()).unwrap();
    assert_eq!(items(&mut world, seconds(9), BERLIN).len(), 1);
    let (id, watermark) = (text(&subscribed, "m:SubscriptionId"), text(&subscribed, "m:Watermark"));
    let events = ask(&mut world, seconds(9), &crate::client::get_events(&id, &watermark));
    assert!(events.contains("<t:MovedEvent>"));
}

#[test]
fn fact_5_4_a_switch_of_mode_counts_from_then_on() {
    let mut world = with(CalendarProcessing::preserving());
    review(&mut world, 1, 2);
    let proxy = CalendarProcessing::preserving().deciding(AutomateProcessing::AutoUpdate);
    world.set_processing("berlin", proxy).unwrap();
    assert_eq!(says(state(&mut world)), UNDECIDED, "a decision that was still owed is not made");
    world.set_processing("berlin", CalendarProcessing::preserving()).unwrap();
    assert_eq!(says(state(&mut world)), UNDECIDED, "nor is it made up for");
}

#[test]
fn fact_5_5_a_room_gives_up_what_nobody_comes_to() {
    let releasing = CalendarProcessing { enable_auto_release: true, ..CalendarProcessing::preserving() };
    for (comes, left) in [(false, 0), (true, 1)] {
        let mut world = with(releasing);
        let meeting = review(&mut world, 1, 2);
        if comes {
            world.check_in("berlin", meeting, hours(1) + chrono::Duration::minutes(5)).unwrap();
        }
        let early = hours(1) + chrono::Duration::minutes(9);
        assert_eq!(items(&mut world, early, BERLIN).len(), 1);
        assert_eq!(items(&mut world, early + chrono::Duration::minutes(2), BERLIN).len(), left);
    }
}

#[test]
fn fact_5_5_a_series_is_given_up_day_by_day() {
    let mut world =
        with(CalendarProcessing { enable_auto_release: true, ..CalendarProcessing::preserving() });
    let series = world.organizer("kim").invites("berlin").to("Stand-up").at(hours(1), hours(2));
    let series = series.every(Pattern::Daily { interval: 1 }).times(3).send(morning()).unwrap();
    world.check_in("berlin", series, hours(25)).unwrap();
    let view = find(BERLIN, "2026-03-02T00:00:00Z", "2026-03-09T00:00:00Z", None);
    let left = ask(&mut world, hours(72), &view);
    assert_eq!(texts(&left, "t:Start"), ["2026-03-03T09:00:00Z"]);
    let what: Vec<What> = world.changes().iter().map(|change| change.what).collect();
    assert_eq!(what, [What::Created, What::Deleted, What::Deleted]);
}

#[test]
fn fact_5_6_private_items_are_told_in_full_to_who_may_read() {
    let mut world = world();
    for sensitivity in [Sensitivity::Private, Sensitivity::Confidential] {
        let secret =
            world.organizer("kim").invites("berlin").to("Merger").saying("terms").sensitivity(sensitivity);
        secret.at(hours(1), hours(2)).send(morning()).unwrap();
        let copy = item(&mut world, seconds(9), BERLIN);
        assert_eq!(
            [text(&copy, "t:Subject"), text(&copy, "t:Sensitivity")],
            ["Merger", &format!("{sensitivity:?}")]
        );
        assert!(copy.contains(">terms<"));
        world = self::world();
    }
}

#[test]
fn fact_5_6_an_occurrence_may_be_private_alone() {
    for (removes, expected) in [(false, "Private"), (true, "Normal")] {
        let processing =
            CalendarProcessing { remove_private_property: removes, ..CalendarProcessing::preserving() };
        let mut world = with(processing);
        let series = world.organizer("kim").invites("berlin").to("Stand-up").at(hours(1), hours(2));
        let series = series.daily().times(3).send(morning()).unwrap();
        world.set_occurrence_sensitivity(series, day(3), Sensitivity::Private, seconds(10)).unwrap();
        let view = find(BERLIN, "2026-03-02T00:00:00Z", "2026-03-09T00:00:00Z", None);
        let told = ask(&mut world, seconds(11), &view);
        assert_eq!(texts(&told, "t:Sensitivity"), ["Normal", "Private", "Normal"], "as it was sent");
        let told = ask(&mut world, seconds(20), &view);
        assert_eq!(texts(&told, "t:Sensitivity"), ["Normal", expected, "Normal"]);
    }
}
