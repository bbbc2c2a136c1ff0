//! Many rooms on streams, several where it may take long, while everything that ends a subscription happens to them.

use chrono::{DateTime, TimeDelta, Utc};
use exchange_sim::{Fault, Injection, Strikes};
use simulation::{Run, START, Site};
use std::time::Duration;

fn room(number: usize) -> String {
    format!("room-{number:04}")
}

fn at(hours: i64) -> DateTime<Utc> {
    START.parse::<DateTime<Utc>>().unwrap() + TimeDelta::hours(hours)
}

/// So many rooms, each with a weekly series, half of them with a second meeting in two rooms at once.
fn building(rooms: usize) -> Run {
    let names: Vec<String> = (0..rooms).map(room).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut site = Site::new(17).rooms(&names);
    for (number, name) in names.iter().enumerate() {
        let subject = format!("Weekly {number}");
        let world = site.world();
        world.organizer("kim").invites(name).to(&subject).at(at(3), at(4)).weekly().send(at(0)).unwrap();
    }
    for four in names.chunks_exact(4) {
        let [one, other, ..] = four else { continue };
        let organizer = site.world().organizer("lee");
        organizer.invites(one).and(other).to("Joint").at(at(6), at(7)).send(at(0)).unwrap();
    }
    let mut run = site.begin();
    run.pass(Duration::from_mins(2));
    run
}

/// Books something in every seventh room, moves and cancels what is there in others.
fn stir(run: &mut Run, rooms: usize, round: u8) {
    for number in (usize::from(round % 7)..rooms).step_by(7) {
        let now = run.now();
        let (start, end) = (at(8 + i64::from(round)), at(9 + i64::from(round)));
        let meeting = run.world.book(&room(number), &format!("Round {round}"), start, end, now).unwrap();
        match number % 3 {
            0 => run.world.rename(meeting, &format!("Round {round}, renamed"), now).unwrap(),
            1 if number % 2 == 0 => run.world.cancel(meeting, now).unwrap(),
            _ => {}
        }
    }
}

fn in_step(run: &mut Run, after: &str) {
    let truths = run.truths();
    let behind: Vec<_> = truths.iter().filter(|(room, truth)| run.shown(room) != **truth).collect();
    assert!(behind.is_empty(), "after {after}: {} rooms are behind, as {:?}", behind.len(), behind.first());
    run.compare_all();
    assert_eq!(run.differences, std::collections::BTreeMap::new(), "diff --all after {after}");
}

#[test]
fn nothing_is_lost_whatever_ends_the_subscriptions_of_forty_rooms() {
    nothing_is_lost(40);
}

#[test]
#[ignore = "takes two minutes: `./test --full` runs it"]
fn nothing_is_lost_whatever_ends_the_subscriptions_of_a_thousand_rooms() {
    nothing_is_lost(1_000);
}

/// Every way in which a subscription or a stream ends, while calendars change; a catch-up later nothing is missing.
fn nothing_is_lost(rooms: usize) {
    let mut run = building(rooms);
    assert_eq!(run.trace.count(" Subscribe "), rooms, "one subscription a room");
    assert!(run.truths().len() == rooms && run.truths().values().all(|truth| !truth.is_empty()));
    in_step(&mut run, "the start");
    let catch_up = Duration::from_mins(21);

    // the server closes each stream after thirty minutes, and ours are renewed after twenty: an hour has both
    for round in 0..4 {
        stir(&mut run, rooms, round);
        run.pass(Duration::from_mins(15));
    }
    in_step(&mut run, "an hour of renewals");
    assert_eq!(run.trace.count(" Subscribe "), rooms, "streams are renewed with the same subscriptions");
    assert!(run.trace.count("closed by us") >= 3 * rooms.div_ceil(200), "each stream was renewed");

    // notifications that never come, and streams that say nothing any more
    for fault in [Fault::EventsLost, Fault::StreamSilent, Fault::MissedEvents, Fault::SubscriptionFaulted] {
        run.inject(Injection::of(fault).striking(Strikes::PerMille(300)));
        stir(&mut run, rooms, 4);
        run.pass(Duration::from_mins(2));
        run.world.heal();
        run.pass(catch_up);
        in_step(&mut run, &format!("{fault:?}"));
    }

    // a connection that is dropped in the middle of an event, and a server that is away for a while
    stir(&mut run, rooms, 5);
    run.pass(Duration::from_millis(3));
    run.cut_off(true);
    stir(&mut run, rooms, 6);
    run.pass(Duration::from_mins(3));
    run.cut_off(false);
    run.pass(Duration::from_mins(5));
    in_step(&mut run, "a cut connection");

    // a server that forgets every subscription, as one does that is restarted; one that expires them
    for fault in [Fault::SubscriptionLost, Fault::SubscriptionExpired, Fault::ServerBusy] {
        run.inject(Injection::of(fault).striking(Strikes::Always));
        stir(&mut run, rooms, 7);
        run.pass(catch_up);
        run.world.heal();
        run.pass(catch_up);
        in_step(&mut run, &format!("{fault:?}"));
    }
    assert!(run.trace.count(" Subscribe ") > rooms + rooms / 4, "subscriptions were lost");

    // mailboxes that move to another database: subscriptions, watermarks and sync states are worth nothing there
    for number in (0..rooms).step_by(10) {
        run.world.move_mailbox(&room(number)).unwrap();
    }
    stir(&mut run, rooms, 8);
    run.pass(catch_up);
    in_step(&mut run, "mailbox moves");
}
