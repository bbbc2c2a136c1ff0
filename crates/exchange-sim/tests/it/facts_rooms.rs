//! The facts of room mailboxes: what the attendant does with requests, and what the room's copy then says.

use chrono::NaiveDate;
use exchange_sim::{
    AutomateProcessing, CalendarProcessing, FreeBusy, MeetingHandle, Pattern, Sensitivity, What, World,
};

use crate::client::{BERLIN, find, hours, ids, morning, seconds, subscribe, text, texts, world};
use crate::valid::{Site, ask, item, items};

fn day(day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 3, day).unwrap()
}

pub(crate) fn with(processing: CalendarProcessing) -> Site {
    let mut world = world();
    world.set_processing("berlin", processing).unwrap();
    world
}

pub(crate) fn review(world: &mut World, from: i64, until: i64) -> MeetingHandle {
    let review = world.organizer("kim").invites("berlin").to("Review").at(hours(from), hours(until));
    review.send(morning()).unwrap()
}

/// Response, free/busy and state of the room's only copy; nothing when there is none.
pub(crate) fn state(world: &mut Site) -> Option<[String; 3]> {
    let mut all = items(world, seconds(60), BERLIN);
    assert!(all.len() < 2);
    let copy = all.pop()?;
    Some(["t:MyResponseType", "t:LegacyFreeBusyStatus", "t:AppointmentState"].map(|name| text(&copy, name)))
}

pub(crate) fn says(state: Option<[String; 3]>) -> Vec<String> {
    state.map(|state| state.to_vec()).unwrap_or_default()
}

pub(crate) const ACCEPTED: [&str; 3] = ["Accept", "Busy", "3"];
pub(crate) const WAITING: [&str; 3] = ["Tentative", "Tentative", "3"];
pub(crate) const UNDECIDED: [&str; 3] = ["NoResponseReceived", "Tentative", "3"];
pub(crate) const NOTHING: [&str; 0] = [];

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
fn fact_4_2_and_5_4_states_look_as_the_table_says() {
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

#[test]
fn fact_5_7_modes_tell_updates_otherwise_and_an_inbox_tells_none() {
    for (mode, told) in [(AutomateProcessing::AutoAccept, 2), (AutomateProcessing::AutoUpdate, 1)] {
        let mut world = with(CalendarProcessing::preserving().deciding(mode));
        let meeting = review(&mut world, 1, 2);
        world.advance(seconds(9));
        let inbox = subscribe(BERLIN, 30).replace("Id=\"calendar\"", "Id=\"inbox\"");
        let subscribed = [subscribe(BERLIN, 30), inbox].map(|body| ask(&mut world, seconds(10), &body));
        world.rename(meeting, "Other", seconds(11)).unwrap();
        let [calendar, inbox] = subscribed.map(|reply| {
            let (id, watermark) = (text(&reply, "m:SubscriptionId"), text(&reply, "m:Watermark"));
            ask(&mut world, seconds(20), &crate::client::get_events(&id, &watermark))
        });
        assert_eq!(ids(&calendar, "t:ItemId").len(), told, "{mode:?}: the update, and the answer to it");
        assert!(inbox.contains("<t:StatusEvent>") && !inbox.contains("<t:ModifiedEvent>"), "{inbox}");
    }
}
