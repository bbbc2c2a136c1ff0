//! Rooms of several calendars: divisible ones, and those that are being migrated.

use crate::at;
use chrono::TimeDelta;
use exchange_sim::{Fault, Injection, Invitation, Strikes, script::Pace};
use simulation::{Line, Run, Site, add_room};
use std::time::Duration;
use sync_engine::Notifications;

const FORUM: &str = "forum";

/// A hall in two parts, each with a meeting, and one in both.
fn forum() -> Run {
    let mut site = Site::new(11).of_calendars(FORUM, &["west", "east"]);
    let world = site.world();
    let daily = |invitation: Invitation<'_>, hour| {
        invitation.at(at(hour), at(hour + 1)).daily().times(20).send(at(0)).unwrap();
    };
    daily(world.organizer("kim").invites("west").to("Choir"), 1);
    daily(world.organizer("lee").invites("east").to("Chess"), 2);
    daily(world.organizer("sam").invites("west").and("east").to("Town hall"), 3);
    let mut run = site.begin();
    run.until_quiet();
    run
}

/// What a room of these mailboxes should show: what is booked in several of them once.
fn truth(run: &mut Run, aliases: &[&str]) -> Vec<Line> {
    lines(aliases.iter().flat_map(|alias| run.truth(alias)).collect())
}

/// Two meetings that are called alike and start together are one line here.
fn in_step(run: &mut Run, aliases: &[&str]) {
    let truth = truth(run, aliases);
    assert!(!truth.is_empty(), "there are meetings");
    assert_eq!(lines(run.shown(FORUM)), truth, "{:?}", run.trouble(FORUM));
    assert_eq!(lines(run.phone(FORUM)), run.near(truth));
}

fn lines(mut lines: Vec<Line>) -> Vec<Line> {
    lines.sort();
    lines.dedup();
    lines
}

fn subjects(run: &Run) -> Vec<String> {
    let mut all: Vec<String> = run.shown(FORUM).into_iter().map(|(_, _, subject)| subject).collect();
    all.sort();
    all.dedup();
    all
}

#[test]
fn the_meetings_of_all_mailboxes_are_shown_and_what_is_booked_in_both_once() {
    let mut run = forum();
    in_step(&mut run, &["west", "east"]);
    assert_eq!(subjects(&run), ["Chess", "Choir", "Town hall"]);
    assert_eq!(run.shown(FORUM).len(), 60);
    run.compare_all();
    assert_eq!(run.differences.len(), 0, "{:?}", run.differences);
}

#[test]
fn a_change_in_any_mailbox_is_seen_at_once() {
    for notifications in [Notifications::Streaming, Notifications::Pull, Notifications::Push] {
        let mut site = Site::new(3).of_calendars(FORUM, &["west", "east"]).told_by(notifications);
        site.world().organizer("kim").invites("west").to("Choir").at(at(1), at(2)).send(at(0)).unwrap();
        let mut run = site.begin();
        run.until_quiet();
        for (alias, subject) in [("west", "Dance"), ("east", "Chess")] {
            let now = run.now();
            run.world.organizer("lee").invites(alias).to(subject).at(at(4), at(5)).send(now).unwrap();
            run.pass(Duration::from_secs(20));
            assert!(subjects(&run).contains(&subject.to_owned()), "{notifications:?} {subject}");
        }
        in_step(&mut run, &["west", "east"]);
    }
}

#[test]
fn a_mailbox_that_fails_takes_nothing_along_and_lets_its_room_grow_old() {
    let mut run = forum();
    let east = "forum/hq/east@rooms.example";
    let failing_since = run.now();
    run.inject(Injection::of(Fault::AccessDenied).in_room("east").striking(Strikes::Always));
    run.world.organizer("lee").invites("west").to("Dance").at(at(5), at(6)).send(failing_since).unwrap();
    run.world.organizer("lee").invites("east").to("Cards").at(at(6), at(7)).send(failing_since).unwrap();
    run.pass(Duration::from_mins(50));
    assert_eq!(subjects(&run), ["Chess", "Choir", "Dance", "Town hall"], "what was known of it stays");
    let sentence = run.trouble(east).unwrap();
    assert!(sentence.starts_with("room `forum`, mailbox `east@rooms.example`: "), "{sentence}");
    assert_eq!(run.trouble(FORUM), None, "the other one is well");
    assert!(run.as_of(FORUM).unwrap() <= failing_since, "the room is as old as what it shows of that one");

    run.restart();
    run.pass(Duration::from_mins(2));
    assert_eq!(subjects(&run), ["Chess", "Choir", "Dance", "Town hall"]);
    assert!(run.as_of(FORUM).unwrap() <= failing_since);

    run.world.heal();
    run.pass(Duration::from_mins(6));
    in_step(&mut run, &["west", "east"]);
    assert!(run.as_of(FORUM).unwrap() > failing_since + TimeDelta::minutes(50));
}

/// A hall in two parts, whose calendars are changed all the time.
fn busy() -> Run {
    let mut run = Site::new(5).of_calendars(FORUM, &["west", "east"]).begin();
    run.until_quiet();
    let now = run.now();
    exchange_sim::script::demo_week(&mut run.world, now, &["west", "east"]).unwrap();
    exchange_sim::script::set_pace(&mut run.world, Pace::Brisk);
    run
}

#[test]
fn a_program_that_dies_again_and_again_loses_nothing_of_either() {
    let mut run = busy();
    for millis in (0..20).map(|n| 3 + n * 277 % 20_011) {
        run.pass(Duration::from_millis(millis));
        run.restart();
    }
    exchange_sim::script::end(&mut run.world);
    run.until_quiet();
    in_step(&mut run, &["west", "east"]);
    let pushes = run.pushes(FORUM);
    run.restart();
    run.until_quiet();
    assert_eq!(run.pushes(FORUM), pushes, "nothing is pushed twice without need");
}

#[test]
fn a_mailbox_that_is_taken_off_takes_its_meetings_alone_and_at_once() {
    for kept in ["west", "east"] {
        let mut run = forum();
        run.cut_off(true);
        run.give_calendars(FORUM, &[kept]);
        run.pass(Duration::from_secs(1));
        in_step(&mut run, &[kept]);
        run.cut_off(false);
        run.pass(Duration::from_mins(5));
        in_step(&mut run, &[kept]);
    }
}

#[test]
fn a_mailbox_that_is_added_is_read_while_the_others_stay_as_they_are() {
    let mut run = forum();
    run.give_calendars(FORUM, &["west"]);
    run.until_quiet();
    let before = run.as_of(FORUM);
    run.cut_off(true);
    run.give_calendars(FORUM, &["west", "east"]);
    run.pass(Duration::from_mins(1));
    in_step(&mut run, &["west"]);
    assert_eq!(run.as_of(FORUM), before, "it is as old as what it shows");
    let pushes = run.pushes(FORUM);
    run.cut_off(false);
    run.pass(Duration::from_mins(5));
    in_step(&mut run, &["west", "east"]);
    assert_eq!(run.pushes(FORUM), pushes + 1, "nothing flickers");
}

#[test]
fn a_mailbox_in_the_place_of_another_is_shown_once_it_was_read() {
    let mut site = Site::new(5).of_calendars(FORUM, &["old"]);
    add_room(site.world(), "new");
    for alias in ["old", "new"] {
        site.world().organizer("kim").invites(alias).to(alias).at(at(2), at(3)).send(at(0)).unwrap();
    }
    let mut run = site.begin();
    run.until_quiet();
    run.cut_off(true);
    run.give_calendars(FORUM, &["new"]);
    run.pass(Duration::from_mins(1));
    in_step(&mut run, &["old"]);
    run.restart();
    run.cut_off(true);
    run.pass(Duration::from_mins(1));
    in_step(&mut run, &["old"]);
    run.cut_off(false);
    run.pass(Duration::from_mins(5));
    in_step(&mut run, &["new"]);
}

#[test]
fn faults_of_every_kind_leave_both_as_they_are_on_the_server() {
    let mut run = busy();
    for fault in [
        Fault::EmptyCalendar,
        Fault::InvalidSyncState,
        Fault::SubscriptionLost,
        Fault::ServerBusy,
        Fault::TruncatedBody,
        Fault::ShortPage,
        Fault::BatchFailed,
    ] {
        run.inject(Injection::of(fault).next(3).in_room("east"));
        run.pass(Duration::from_secs(50));
    }
    exchange_sim::script::end(&mut run.world);
    run.world.heal();
    run.pass(Duration::from_mins(25));
    in_step(&mut run, &["west", "east"]);
    run.compare_all();
    assert_eq!(run.differences.len(), 0, "{:?}", run.differences);
}
