//! The engine against the stand-in world, under simulated time.

#![expect(clippy::unwrap_used, reason = "a test may stop")]

mod calendars;
mod compared;
mod discovered;
mod many_rooms;
mod recorded;
mod seeds;
mod series;
mod subjects;
mod webdav;

use chrono::{DateTime, TimeDelta, Utc};
use exchange_sim::{Answer, Fault, Injection, Strikes, script::Pace};
use simulation::{Run, START, Site};
use std::time::Duration;
use sync_engine::Notifications;

fn at(hours: i64) -> DateTime<Utc> {
    START.parse::<DateTime<Utc>>().unwrap() + TimeDelta::hours(hours)
}

/// A morning with a single meeting, a weekly and a daily series, in two rooms.
fn morning(seed: u64) -> Run {
    morning_told_by(seed, None)
}

fn morning_told_by(seed: u64, notifications: Option<Notifications>) -> Run {
    let mut site = Site::new(seed).rooms(&["berlin", "oslo"]);
    if let Some(notifications) = notifications {
        site = site.told_by(notifications);
    }
    morning_of(site)
}

fn morning_of(mut site: Site) -> Run {
    let world = site.world();
    world.organizer("kim").invites("berlin").and("oslo").to("Review").at(at(2), at(3)).send(at(0)).unwrap();
    world
        .organizer("lee")
        .invites("berlin")
        .to("Stand-up")
        .at(at(1), at(2))
        .daily()
        .times(40)
        .send(at(0))
        .unwrap();
    world.organizer("sam").invites("oslo").to("Planning").at(at(4), at(5)).weekly().send(at(0)).unwrap();
    let mut run = site.begin();
    run.until_quiet();
    run
}

fn in_step(run: &mut Run) {
    for room in ["berlin", "oslo"] {
        let truth = run.truth(room);
        assert!(!truth.is_empty(), "{room} has meetings");
        assert_eq!(run.shown(room), truth, "the mirror of {room}");
        let near = run.near(truth);
        assert_eq!(run.phone(room), near, "the phone of {room}");
    }
}

#[test]
fn the_mirror_and_the_phones_are_in_step_with_the_calendars() {
    let mut run = morning(1);
    in_step(&mut run);
}

#[test]
fn the_same_seed_and_script_give_the_same_trace() {
    let traces = [3, 3, 4].map(|seed| {
        let mut run = morning(seed);
        let now = run.now();
        exchange_sim::script::demo_week(&mut run.world, now, &["berlin", "oslo"]).unwrap();
        exchange_sim::script::set_pace(&mut run.world, Pace::Brisk);
        run.inject(Injection::of(Fault::ServerBusy).next(2));
        run.inject(Injection::of(Fault::SubscriptionLost).next(1).in_room("oslo"));
        run.pass(Duration::from_mins(3));
        run.trace
    });
    assert!(traces[0].text().lines().count() > 200, "much has happened");
    assert_eq!(traces[0], traces[1]);
    assert_ne!(traces[0], traces[2]);
}

#[test]
fn a_believable_day_of_changes_arrives() {
    let mut run = morning(5);
    let now = run.now();
    exchange_sim::script::demo_week(&mut run.world, now, &["berlin", "oslo"]).unwrap();
    exchange_sim::script::set_pace(&mut run.world, Pace::Brisk);
    run.pass(Duration::from_mins(10));
    assert!(run.world.changes().len() > 150, "{} changes", run.world.changes().len());
    // let the script rest: from here on, only what is due happens
    exchange_sim::script::end(&mut run.world);
    run.until_quiet();
    in_step(&mut run);
}

#[test]
fn a_program_that_dies_again_and_again_loses_nothing() {
    let mut run = morning(8);
    let now = run.now();
    exchange_sim::script::demo_week(&mut run.world, now, &["berlin", "oslo"]).unwrap();
    exchange_sim::script::set_pace(&mut run.world, Pace::Brisk);
    for millis in (0..60).map(|n| 3 + n * 137 % 20_011) {
        run.pass(Duration::from_millis(millis));
        run.restart();
    }
    exchange_sim::script::end(&mut run.world);
    run.until_quiet();
    in_step(&mut run);
    let pushes = run.pushes("berlin");
    run.restart();
    run.until_quiet();
    assert_eq!(run.pushes("berlin"), pushes, "nothing is pushed twice without need");
}

#[test]
fn a_change_that_is_asked_for_is_on_the_phone_within_the_pull_interval_and_a_second() {
    a_change_is_on_the_phone_within(Duration::from_secs(16), Notifications::Pull);
}

#[test]
fn a_change_that_is_told_of_is_on_the_phone_within_a_second() {
    a_change_is_on_the_phone_within(Duration::from_secs(1), Notifications::Streaming);
    a_change_is_on_the_phone_within(Duration::from_secs(1), Notifications::Push);
}

fn a_change_is_on_the_phone_within(span: Duration, notifications: Notifications) {
    let mut run = morning_told_by(6, Some(notifications));
    run.pass(Duration::from_secs(3));
    let now = run.now();
    let meeting =
        run.world.organizer("kim").invites("berlin").to("Ad hoc").at(at(6), at(7)).send(now).unwrap();
    run.pass(Duration::from_secs(6));
    let accepted = run.now();
    assert!(run.truth("berlin").iter().any(|(_, _, title)| title == "Ad hoc"), "the attendant has accepted");
    run.pass(span);
    assert!(
        run.phone("berlin").iter().any(|(_, _, title)| title == "Ad hoc"),
        "{notifications:?} since {accepted}"
    );
    let now = run.now();
    run.world.cancel(meeting, now).unwrap();
    run.pass(span);
    assert!(!run.phone("berlin").iter().any(|(_, _, title)| title == "Ad hoc"));
}

/// How a room may be told of changes.
const WAYS: [Notifications; 3] = [Notifications::Streaming, Notifications::Pull, Notifications::Push];

#[test]
fn every_fault_passes_and_nothing_is_deleted_meanwhile() {
    for ((name, fault), notifications) in Fault::NAMES.into_iter().zip(WAYS.into_iter().cycle()) {
        fault_passes(name, fault, notifications);
    }
}

#[test]
#[ignore = "takes two minutes: `./test --full` runs it"]
fn every_fault_passes_however_changes_are_told() {
    for ((name, fault), notifications) in
        WAYS.into_iter().flat_map(|way| Fault::NAMES.into_iter().map(move |fault| (fault, way)))
    {
        fault_passes(name, fault, notifications);
    }
}

fn fault_passes(name: &str, fault: Fault, notifications: Notifications) {
    let mut run = morning_told_by(11, Some(notifications));
    let before = run.shown("berlin");
    assert!(before.len() > 10);
    run.inject(Injection::of(fault).next(6));
    run.pass(Duration::from_secs(40));
    assert_eq!(run.shown("berlin"), before, "{name} by {notifications:?}: while it lasts");
    run.world.heal();
    let now = run.now();
    run.world.organizer("kim").invites("berlin").to("After").at(at(8), at(9)).send(now).unwrap();
    run.pass(Duration::from_mins(40));
    in_step(&mut run);
    assert!(
        run.shown("berlin").iter().any(|(_, _, title)| title == "After"),
        "{name} by {notifications:?}: afterwards"
    );
    assert_eq!(run.trouble("berlin"), None, "{name} by {notifications:?}: forgotten");
}

#[test]
fn a_calendar_that_reads_empty_once_is_not_believed_and_empties_when_a_second_read_agrees() {
    let mut run = morning(12);
    let before = run.shown("berlin");
    run.inject(Injection::of(Fault::InvalidSyncState).next(1).in_room("berlin"));
    run.inject(Injection::of(Fault::EmptyCalendar).next(1).in_room("berlin").on("SyncFolderItems"));
    run.pass(Duration::from_mins(25));
    assert!(run.trace.count("suspicious: true") > 0, "the empty read was noticed");
    assert_eq!(run.shown("berlin"), before, "one empty read");

    run.inject(Injection::of(Fault::InvalidSyncState).next(1).in_room("berlin"));
    run.inject(Injection::of(Fault::EmptyCalendar).striking(Strikes::Always).in_room("berlin"));
    let empties = (0..25).any(|_| {
        run.pass(Duration::from_mins(1));
        run.shown("berlin").is_empty()
    });
    assert!(empties, "two reads by different operations agree");
    assert_eq!(run.phone("berlin"), vec![]);
}

#[test]
fn a_cut_connection_leaves_everything_and_the_day_still_turns() {
    let mut run = morning(13);
    run.cut_off(true);
    run.pass(Duration::from_hours(20));
    let truth = run.truth("berlin");
    assert_eq!(run.shown("berlin"), truth, "the window has moved with the day, without Exchange");
    assert_eq!(run.phone("berlin"), run.near(truth), "the phone shows the next day");
    assert!(run.trouble("berlin").unwrap().contains("no connection"));
    run.cut_off(false);
    run.until_quiet();
    in_step(&mut run);
    assert_eq!(run.trouble("berlin"), None);
}

#[test]
fn a_phone_that_was_off_gets_the_present_and_not_the_past() {
    let mut run = morning(14);
    let pushes = run.pushes("berlin");
    run.switch_phone("berlin", false);
    let now = run.now();
    for n in 0..5 {
        let start = at(6) + TimeDelta::minutes(10 * n);
        let organizer = run.world.organizer("kim");
        organizer.invites("berlin").to("Slot").at(start, start + TimeDelta::minutes(5)).send(now).unwrap();
        run.pass(Duration::from_mins(1));
    }
    assert_eq!(run.pushes("berlin"), pushes);
    run.switch_phone("berlin", true);
    run.pass(Duration::from_mins(3));
    assert_eq!(run.pushes("berlin"), pushes + 1);
    in_step(&mut run);
}

#[test]
fn an_update_that_resets_the_answer_flashes_nowhere_and_is_hidden_when_it_stays_unanswered() {
    let mut run = morning(16);
    let now = run.now();
    let meeting = run.world.organizer("kim").invites("oslo").to("Before").at(at(7), at(8)).send(now).unwrap();
    run.pass(Duration::from_secs(20));
    let titles = |run: &Run| -> Vec<String> {
        run.phone("oslo").into_iter().map(|(_, _, title)| title).filter(|title| title != "Review").collect()
    };
    assert!(titles(&run).contains(&"Before".to_owned()));

    let slow = run.world.processing("oslo").unwrap().after(TimeDelta::seconds(40));
    run.world.set_processing("oslo", slow).unwrap();
    let now = run.now();
    run.world.rename(meeting, "After", now).unwrap();
    for _ in 0..30 {
        run.pass(Duration::from_secs(1));
        assert!(titles(&run).contains(&"Before".to_owned()), "while the attendant takes its time");
    }
    run.pass(Duration::from_secs(30));
    assert!(titles(&run).contains(&"After".to_owned()));

    let never = slow.after(TimeDelta::hours(9));
    run.world.set_processing("oslo", never).unwrap();
    let now = run.now();
    run.world.rename(meeting, "Unanswered", now).unwrap();
    run.pass(Duration::from_secs(50));
    assert!(titles(&run).contains(&"After".to_owned()), "it settles for a minute");
    run.pass(Duration::from_secs(40));
    let titles = titles(&run);
    assert!(
        !titles.contains(&"After".to_owned()) && !titles.contains(&"Unanswered".to_owned()),
        "{titles:?}"
    );
}

#[test]
fn what_is_private_in_one_room_is_private_in_the_other_though_exchange_clears_the_flag() {
    let mut run = morning(17);
    let clearing = exchange_sim::CalendarProcessing { remove_private_property: true, ..keeping(&run) };
    run.world.set_processing("oslo", clearing).unwrap();
    let now = run.now();
    let organizer = run.world.organizer("kim").invites("berlin").and("oslo");
    organizer.to("Takeover").private().at(at(9), at(10)).send(now).unwrap();
    run.pass(Duration::from_mins(25));
    for room in ["berlin", "oslo"] {
        let shown = run.shown(room);
        assert!(
            shown.iter().any(|(start, _, title)| *start == at(9) && title == "Private meeting"),
            "{room}"
        );
        assert!(!shown.iter().any(|(_, _, title)| title == "Takeover"), "{room}");
    }
    assert!(!run.trace.text().contains("Takeover"), "not in the trace either");
}

fn keeping(run: &Run) -> exchange_sim::CalendarProcessing {
    run.world.processing("berlin").unwrap()
}

#[test]
fn what_a_proxy_has_not_accepted_is_on_no_phone() {
    let mut run = morning(15);
    let now = run.now();
    let meeting = run.world.organizer("kim").invites("oslo").to("Asked").at(at(7), at(8)).send(now).unwrap();
    run.pass(Duration::from_mins(1));
    let now = run.now();
    run.world.answer("oslo", meeting, Answer::Tentative, now).unwrap();
    run.pass(Duration::from_mins(3));
    assert!(!run.phone("oslo").iter().any(|(_, _, title)| title == "Asked"));
    let now = run.now();
    run.world.answer("oslo", meeting, Answer::Accept, now).unwrap();
    run.pass(Duration::from_secs(20));
    assert!(run.phone("oslo").iter().any(|(_, _, title)| title == "Asked"));
}

#[test]
fn a_room_that_is_known_before_it_exists_is_there_after_one_resync() {
    let mut run = Site::new(1).rooms(&["berlin"]).expecting(&["oslo"]).begin();
    run.until_quiet();
    assert!(run.trouble("oslo").unwrap().contains("there is no mailbox of this address"));
    assert_eq!(run.trouble("berlin"), None);
    simulation::add_room(&mut run.world, "oslo");
    let now = run.now();
    run.world.organizer("kim").invites("oslo").and("berlin").to("First").at(at(2), at(3)).send(now).unwrap();
    run.resync("oslo");
    run.pass(Duration::from_secs(20));
    assert_eq!(run.trouble("oslo"), None);
    in_step(&mut run);
}
