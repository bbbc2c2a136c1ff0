//! What rooms ask for, and what operators are answered.

use crate::bench::{Bench, DAY, healthy, refused, site};
use chrono::{DateTime, TimeDelta, Utc};
use exchange_wire::Operation;
use meeting_model::{
    availability::AGELESS,
    id::{DeviceId, Revision, RoomId},
    observed::Coverage,
};
use std::time::Duration;
use sync_engine::{Action, Applied, ApplyError, Event, PartOf, Site, Ticket, Wish};

#[test]
fn a_room_is_opened_then_subscribed_then_read() {
    let mut bench = Bench::new(1);
    for expected in [Operation::GetFolder, Operation::Subscribe, Operation::SyncFolderItems] {
        let asked = bench.asked();
        assert_eq!(asked.iter().map(|(_, operation, _)| *operation).collect::<Vec<_>>(), [expected]);
        bench.answer(asked[0].2, 200, &healthy(expected));
    }
    assert!(matches!(bench.todo.as_slice(), [Action::Apply(apply)] if apply.persist));
}

#[test]
fn a_resync_is_a_complete_read_and_its_ticket_travels_with_it() {
    let mut bench = Bench::new(1);
    bench.serve();
    bench.on(Event::Wished { room: RoomId::new("room-0"), ticket: Ticket(3), wish: Wish::DryRun });
    let (_, operation, call) = bench.asked().pop().unwrap();
    assert_eq!(operation, Operation::SyncFolderItems);
    bench.answer(call, 200, &healthy(operation));
    let [Action::Apply(apply)] = bench.todo.as_slice() else { panic!("{:?}", bench.todo) };
    assert_eq!((apply.ticket, apply.dry_run), (Some(Ticket(3)), true));
}

#[test]
fn an_operator_who_asks_while_changes_are_read_gets_a_complete_read_all_the_same() {
    let mut bench = Bench::new(1);
    bench.serve();
    bench.pass(Duration::from_mins(30));
    let (_, operation, call) = bench.asked().pop().unwrap();
    assert_eq!(operation, Operation::GetEvents);
    bench.on(Event::Wished { room: RoomId::new("room-0"), ticket: Ticket(4), wish: Wish::Resync });
    let lost = healthy(operation).replace("Success", "Error").replace("NoError", "ErrorSubscriptionNotFound");
    bench.answer(call, 200, &lost);
    let (_, operation, call) = bench.asked().pop().unwrap();
    assert_eq!(operation, Operation::SyncFolderItems, "{:?}", bench.todo);
    bench.answer(call, 200, &healthy(operation));
    let (_, operation, call) = bench.asked().pop().unwrap();
    assert_eq!(operation, Operation::FindItem, "what the server makes of it is asked for afterwards");
    bench.answer(call, 200, &healthy(operation));
    let [Action::Apply(apply)] = bench.todo.as_slice() else { panic!("{:?}", bench.todo) };
    assert_eq!(apply.ticket, Some(Ticket(4)));
    assert!(apply.view.as_ref().unwrap().is_complete());
    assert!(matches!(apply.observed.as_ref().unwrap().coverage, Coverage::Complete { .. }));
}

/// What a pull subscription tells has left its queue, though nobody heard it: asked again, it tells of nothing.
#[test]
fn an_answer_of_events_that_breaks_off_makes_the_room_be_read() {
    let mut bench = Bench::new(1);
    bench.serve();
    let read = bench.as_of("room-0");
    bench.pass(Duration::from_mins(30));
    let (_, operation, call) = bench.asked().pop().unwrap();
    assert_eq!(operation, Operation::GetEvents);
    let told = healthy(operation);
    bench.answer(call, 200, told.split("<StatusEvent>").next().unwrap());
    bench.pass(Duration::from_mins(1));
    let (_, operation, call) = bench.asked().pop().unwrap();
    assert_eq!((operation, bench.as_of("room-0")), (Operation::SyncFolderItems, read), "{:?}", bench.todo);
    let asked = bench.wall();
    bench.answer(call, 200, &healthy(operation));
    bench.serve_actions();
    assert_eq!(bench.as_of("room-0"), Some(asked));
    assert_eq!(bench.asked().pop().map(|(_, operation, _)| operation), Some(Operation::GetEvents));
}

#[test]
fn a_room_that_was_taken_over_is_let_go() {
    let mut bench = Bench::new(1);
    for operation in [Operation::GetFolder, Operation::Subscribe, Operation::SyncFolderItems] {
        let (_, _, call) = bench.asked().pop().unwrap();
        bench.answer(call, 200, &healthy(operation));
    }
    bench.todo.clear();
    bench.on(Event::Applied { room: RoomId::new("room-0"), result: Err(ApplyError::Fenced) });
    bench.pass(DAY);
    assert_eq!(bench.asked(), vec![]);
    assert!(bench.trouble("room-0").unwrap().contains("another callboard"));
}

#[test]
fn a_commit_that_cannot_be_stored_is_read_again_from_the_old_cursor() {
    let mut bench = Bench::new(1);
    for operation in [Operation::GetFolder, Operation::Subscribe, Operation::SyncFolderItems] {
        let (_, _, call) = bench.asked().pop().unwrap();
        bench.answer(call, 200, &healthy(operation));
    }
    bench.todo.clear();
    let full = ApplyError::Storage("the disk is full".into());
    bench.on(Event::Applied { room: RoomId::new("room-0"), result: Err(full) });
    assert!(bench.trouble("room-0").unwrap().contains("the disk is full"));
    bench.pass(Duration::from_secs(10));
    let (_, operation, call) = bench.asked().pop().unwrap();
    assert_eq!(operation, Operation::SyncFolderItems);
    bench.answer(call, 200, &healthy(operation));
    let [Action::Apply(apply)] = bench.todo.as_slice() else { panic!("{:?}", bench.todo) };
    assert!(apply.observed.is_some());
}

#[test]
fn subscriptions_are_given_back_at_the_end() {
    let mut bench = Bench::new(5);
    bench.serve();
    bench.on(Event::Stop);
    let asked = bench.asked();
    assert_eq!(asked.len(), 5);
    assert!(asked.iter().all(|(_, operation, _)| *operation == Operation::Unsubscribe));
}

#[test]
fn a_subscription_that_is_refused_is_done_without() {
    let mut bench = Bench::new(1);
    let (_, _, call) = bench.asked().pop().unwrap();
    bench.answer(call, 200, &healthy(Operation::GetFolder));
    let (_, operation, call) = bench.asked().pop().unwrap();
    assert_eq!(operation, Operation::Subscribe);
    let refused = healthy(Operation::Subscribe)
        .replace("Success", "Error")
        .replace("NoError", "ErrorSubscriptionDelegateAccessNotSupported");
    bench.answer(call, 200, &refused);
    bench.serve();
    let folder = |deleted: u32| {
        healthy(Operation::GetFolder).replace(
            "</CalendarFolder>",
            &format!(
                "<ExtendedProperty><ExtendedFieldURI PropertyTag='0x670a'/><Value>2026-03-02T07:00:00Z</Value>\
                 </ExtendedProperty><ExtendedProperty><ExtendedFieldURI PropertyTag='0x670b'/>\
                 <Value>{deleted}</Value></ExtendedProperty></CalendarFolder>"
            ),
        )
    };
    let (mut looks, mut reads) = (0, 0);
    let start = bench.elapsed;
    while bench.elapsed < start + Duration::from_mins(10) {
        bench.pass(Duration::from_secs(5));
        for (_, operation, call) in bench.asked() {
            looks += u32::from(operation == Operation::GetFolder);
            reads += u32::from(operation == Operation::SyncFolderItems);
            let text = if operation == Operation::GetFolder { folder(looks / 5) } else { healthy(operation) };
            bench.answer(call, 200, &text);
        }
        bench.serve_actions();
    }
    assert!((10..=14).contains(&looks), "a look a minute: {looks}");
    let changes = looks / 5;
    assert!(
        (changes..=changes + 2).contains(&reads),
        "{reads} reads for {changes} changes seen in {looks} looks"
    );
}

#[test]
fn a_device_is_told_of_a_calendar_that_was_found_empty() {
    let mut bench = Bench::new(1);
    bench.serve();
    let (_, device) = bench.engine.devices().next().unwrap();
    assert_eq!(device.acknowledged(), Revision(1));
}

/// Whatever the clock said when a room was read, its mirror is as old as it is.
#[test]
fn a_mirror_keeps_its_age_when_the_clock_is_set() {
    let as_of =
        |bench: &Bench| -> Vec<_> { bench.engine.rooms().map(|(_, room)| room.as_of().unwrap()).collect() };
    for by in [TimeDelta::hours(-3), TimeDelta::hours(3)] {
        let mut bench = Bench::starting(2, -by);
        bench.serve();
        let read = as_of(&bench);
        bench.pass(Duration::from_mins(1));
        let asked = bench.wall() + by;
        bench.stepped += by;
        bench.on(Event::Wake);
        assert_eq!(as_of(&bench), read.iter().map(|at| *at + by).collect::<Vec<_>>());
        // What a clock that was ahead has stored would look too young after a restart: it is stored anew, of one room now and
        // of the other, which is being talked to, when that is over.
        let stored = bench.todo.iter().filter_map(|action| match action {
            Action::Apply(apply) => apply.as_of.filter(|_| apply.persist),
            _ => None,
        });
        let mended = if by < TimeDelta::zero() { vec![read[0] + by] } else { Vec::new() };
        assert_eq!(stored.collect::<Vec<_>>(), mended);
        bench.serve();
        assert!(
            as_of(&bench).contains(&asked),
            "what was asked before counts from then: {:?}",
            as_of(&bench)
        );
    }
}

/// What an earlier run has stored was noted by this clock or by a right one, nobody knows: while Exchange is away the mirror may
/// look older than it is, and never younger.
#[test]
fn a_mirror_of_an_earlier_run_looks_no_younger_when_the_clock_is_set() {
    let read: DateTime<Utc> = "2026-03-02T06:00:00Z".parse().unwrap();
    let (back, forward) = (TimeDelta::hours(-3), TimeDelta::hours(3));
    for (by, told, stored) in [(back, read + back, Some(read + back)), (forward, read, None)] {
        let mut bench = Bench::restored(site(1), read);
        bench.serve_actions();
        for (_, _, call) in bench.asked() {
            bench.on(Event::Exchange { call, result: Err(refused()) });
        }
        bench.stepped += by;
        bench.on(Event::Wake);
        assert_eq!(bench.as_of("room-0"), Some(told), "{by}");
        let applied = bench.todo.iter().find_map(|action| match action {
            Action::Apply(apply) => Some(apply.as_of.filter(|_| apply.persist)),
            _ => None,
        });
        assert_eq!(applied.flatten(), stored, "{by}");
    }
}

/// What was still to come as the program began was noted by a clock that was ahead, by nobody knows how much: it has no age, also
/// when that moment has come; unless it is this clock that was behind, and is put forward.
#[test]
fn a_mirror_that_was_noted_by_a_clock_ahead_has_no_age() {
    let [minute, hour] = [TimeDelta::minutes(1), TimeDelta::hours(1)];
    let read: DateTime<Utc> = "2026-03-02T08:00:00Z".parse().unwrap();
    for (steps, told) in [
        (vec![], AGELESS),
        (vec![hour - minute], AGELESS),
        (vec![hour], read),
        (vec![-hour, hour], AGELESS),
        (vec![-hour, hour, hour], read),
    ] {
        let mut bench = Bench::restored(site(1), read);
        let stored = bench.todo.iter().find_map(|action| match action {
            Action::Apply(apply) => apply.as_of.filter(|_| apply.persist),
            _ => None,
        });
        assert_eq!(stored, Some(AGELESS), "a restart must not believe it either");
        bench.serve_actions();
        for (_, _, call) in bench.asked() {
            bench.on(Event::Exchange { call, result: Err(refused()) });
        }
        for step in &steps {
            bench.stepped += *step;
            bench.on(Event::Wake);
        }
        assert_eq!(bench.as_of("room-0"), Some(told), "{steps:?}");
        bench.serve_actions();
        bench.elapsed += Duration::from_hours(2);
        assert_eq!(bench.as_of("room-0"), Some(told), "{steps:?}");
    }
}

/// A machine that starts three days ahead, before any NTP server was heard, is no night behind for it.
#[test]
fn a_clock_that_goes_back_makes_plans_and_midnights_anew() {
    let midnight = |day: &str| -> DateTime<Utc> { format!("2026-03-{day}T23:00:00Z").parse().unwrap() };
    let planned =
        |bench: &Bench| bench.todo.iter().filter(|action| matches!(action, Action::Apply(_))).count();
    let mut bench = Bench::starting(2, TimeDelta::days(3));
    bench.serve();
    assert_eq!(bench.engine.next_wake().wall, Some(midnight("05")));
    // What NTP corrects little by little is no reason to plan anything again.
    for (back, rooms) in [(TimeDelta::milliseconds(900), 0), (TimeDelta::days(3), 2)] {
        bench.stepped -= back;
        bench.on(Event::Wake);
        assert_eq!(planned(&bench), rooms, "{back}");
    }
    bench.serve();
    assert_eq!(bench.engine.next_wake().wall, Some(midnight("02")));
}

#[test]
fn devices_of_a_room_that_another_one_masked_are_told_at_once() {
    let mut bench = Bench::new(2);
    bench.serve();
    bench.on(Event::Wished { room: RoomId::new("room-0"), ticket: Ticket(3), wish: Wish::Resync });
    bench.serve_but(Operation::FindItem);
    let (_, operation, call) = bench.asked().pop().unwrap();
    bench.answer(call, 200, &healthy(operation));
    bench.todo.clear();
    let masked = vec![(RoomId::new("room-1"), Revision(7))];
    let applied = Applied { rev: Revision(1), masked, ..Applied::default() };
    bench.on(Event::Applied { room: RoomId::new("room-0"), result: Ok(applied) });
    let [Action::Deliver(deliver)] = bench.todo.as_slice() else { panic!("{:?}", bench.todo) };
    assert_eq!(deliver.room.as_str(), "room-1");
    let wanted: Vec<_> = bench.engine.devices().map(|(_, device)| device.wanted()).collect();
    assert_eq!(wanted, [Revision(1), Revision(7)]);
}

#[test]
fn a_restored_room_is_read_whole_before_its_devices_are_told_anything() {
    let mut bench = Bench::restored(site(1), "2026-03-01T07:00:00Z".parse().unwrap());
    assert!(matches!(bench.todo.as_slice(), [Action::Apply(_)]), "{:?}", bench.todo);
    bench.todo.clear();
    let replanned = Applied { rev: Revision(6), display_changed: true, ..Applied::default() };
    bench.on(Event::Applied { room: RoomId::new("room-0"), result: Ok(replanned) });
    bench.serve_but(Operation::SyncFolderItems);
    let wanted: Vec<_> = bench.engine.devices().map(|(_, device)| device.wanted()).collect();
    assert_eq!(wanted, [Revision(0)], "nobody is told of the past");
    let (_, operation, call) = bench.asked().pop().unwrap();
    assert_eq!(operation, Operation::SyncFolderItems);
    bench.answer(call, 200, &healthy(operation));
    let [Action::Apply(apply)] = bench.todo.as_slice() else { panic!("{:?}", bench.todo) };
    assert!(matches!(apply.observed.as_ref().unwrap().coverage, Coverage::Complete { .. }));
    let applied = Applied { rev: Revision(7), ..Applied::default() };
    bench.todo.clear();
    bench.on(Event::Applied { room: RoomId::new("room-0"), result: Ok(applied) });
    let delivers = bench.todo.iter().filter(|action| matches!(action, Action::Deliver(_)));
    assert_eq!(delivers.count(), 1, "though nothing differs: the device may show something newer");
}

/// A room of two mailboxes.
fn of_two_calendars() -> Site {
    let mut site = site(2);
    let mut further = site.rooms.remove(&RoomId::new("room-1")).unwrap();
    further.part_of = Some(PartOf { room: RoomId::new("room-0"), name: "b".to_owned() });
    further.devices.clear();
    site.rooms.insert(RoomId::new("room-0.b"), further);
    site
}

#[test]
fn a_device_is_told_the_age_of_the_older_of_two_calendars() {
    let mut bench = Bench::of(of_two_calendars());
    bench.serve();
    bench.pass(Duration::from_secs(20));
    bench.elapsed += Duration::from_secs(20);
    bench.on(Event::Wake);
    for (room, operation, call) in bench.asked() {
        if room.as_str() == "room-0" {
            bench.answer(call, 200, &healthy(operation));
        }
    }
    let (younger, older) = (bench.as_of("room-0"), bench.as_of("room-0.b"));
    assert!(older < younger, "{older:?} {younger:?}");
    bench.on(Event::Forgot { device: DeviceId::new("room-0/phone") });
    bench.pass(Duration::from_secs(5));
    let told = bench.todo.iter().find_map(|action| match action {
        Action::Deliver(deliver) => Some(deliver.as_of),
        _ => None,
    });
    assert_eq!(told, Some(older));
}

#[test]
fn a_restored_room_of_two_calendars_keeps_quiet_until_both_were_read() {
    let mut bench = Bench::restored(of_two_calendars(), "2026-03-01T07:00:00Z".parse().unwrap());
    let replanned = Applied { rev: Revision(6), display_changed: true, ..Applied::default() };
    bench.todo.retain(|action| !matches!(action, Action::Apply(_)));
    bench.on(Event::Applied { room: RoomId::new("room-0"), result: Ok(replanned) });
    bench.serve_but(Operation::SyncFolderItems);
    let mut reads = bench.asked();
    reads.sort();
    assert_eq!(reads.len(), 2, "{reads:?}");
    for (rev, (room, operation, call)) in (7..).zip(reads.into_iter().rev()) {
        let wanted: Vec<_> = bench.engine.devices().map(|(_, device)| device.wanted()).collect();
        assert_eq!(wanted, [Revision(0)], "nobody is told of the past");
        bench.answer(call, 200, &healthy(operation));
        bench.todo.retain(|action| !matches!(action, Action::Apply(_)));
        let applied = Applied { rev: Revision(rev), display_changed: true, ..Applied::default() };
        bench.on(Event::Applied { room, result: Ok(applied) });
    }
    let delivers = bench.todo.iter().filter(|action| matches!(action, Action::Deliver(_)));
    assert_eq!(delivers.count(), 1);
}
