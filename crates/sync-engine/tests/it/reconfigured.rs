//! What a change of the configuration leads to.

mod devices;

use crate::bench::{Bench, DAY, healthy, settings, site, taken};
use chrono::TimeDelta;
use exchange_wire::Operation;
use meeting_model::{
    id::{DeviceId, Revision, RoomId, ServerId},
    settings::Acceptance,
};
use std::{collections::BTreeSet, time::Duration};
use sync_engine::{
    Action, Applied, DeviceSettings, Event, NotEmptied, Notifications, Reply, Site, StreamHeard, Ticket, Wish,
};

const NOBODY: &[&str] = &[];

impl Bench {
    /// The configuration is this from now on.
    fn reconfigure(&mut self, site: Site, moved: &[&str]) {
        let moved = moved.iter().copied().map(ServerId::new).collect();
        self.on(Event::Reconfigured { site, moved, rooms: Vec::new() });
    }

    fn rooms(&self) -> Vec<String> {
        self.engine.rooms().map(|(id, _)| id.to_string()).collect()
    }

    fn devices(&self) -> Vec<String> {
        self.engine.devices().map(|(id, _)| id.to_string()).collect()
    }

    /// The devices that are to be emptied.
    fn emptied(&mut self) -> Vec<DeviceId> {
        let mut emptied = Vec::new();
        self.todo.retain(|action| match action {
            Action::Empty { device, .. } => {
                emptied.push(device.clone());
                false
            }
            _ => true,
        });
        emptied
    }

    /// The devices that are to be shown the present.
    fn delivered(&self) -> Vec<&str> {
        self.todo
            .iter()
            .filter_map(|action| match action {
                Action::Deliver(deliver) => Some(deliver.device.as_str()),
                _ => None,
            })
            .collect()
    }
}

fn room(n: usize) -> RoomId {
    RoomId::new(format!("room-{n}"))
}

fn phone(room: &str) -> DeviceId {
    DeviceId::new(format!("{room}/phone"))
}

fn not_emptied() -> NotEmptied {
    NotEmptied { wait: None, sentence: "phone `10.0.0.2`: cannot connect".into() }
}

/// Of what was asked, by room.
fn operations(asked: &[(RoomId, Operation, sync_engine::CallId)]) -> Vec<(&str, Operation)> {
    asked.iter().map(|(room, operation, _)| (room.as_str(), *operation)).collect()
}

#[test]
fn a_room_that_is_added_is_opened_subscribed_and_read_and_the_others_are_left_alone() {
    let mut bench = Bench::of(site(2));
    bench.serve();
    bench.reconfigure(site(3), NOBODY);
    for expected in [Operation::GetFolder, Operation::Subscribe, Operation::SyncFolderItems] {
        let asked = bench.asked();
        assert_eq!(operations(&asked), [("room-2", expected)]);
        bench.answer(asked[0].2, 200, &healthy(expected));
        bench.todo.retain(|action| !matches!(action, Action::Apply(apply) if apply.observed.is_none()));
    }
    bench.serve();
    assert_eq!(bench.devices(), ["room-0/phone", "room-1/phone", "room-2/phone"]);
    let (_, device) = bench.engine.devices().last().unwrap();
    assert_eq!(device.acknowledged(), Revision(1), "its phone was told");
}

#[test]
fn a_room_that_is_removed_gives_its_subscription_back_and_is_not_asked_about_any_more() {
    let mut bench = Bench::of(site(3));
    bench.serve();
    bench.reconfigure(site(2), NOBODY);
    assert_eq!(bench.rooms(), ["room-0", "room-1"]);
    let asked = bench.asked();
    assert_eq!(operations(&asked), [("room-2", Operation::Unsubscribe)]);
    bench.answer(asked[0].2, 500, "whatever is said to that");
    assert_eq!(bench.trouble("room-1"), None);
    for _ in 0..200 {
        bench.pass(Duration::from_secs(30));
        let asked = bench.asked();
        assert!(asked.iter().all(|(room, ..)| room.as_str() != "room-2"), "{asked:?}");
        for (_, operation, call) in asked {
            bench.answer(call, 200, &healthy(operation));
        }
        bench.serve_actions();
    }
}

#[test]
fn what_is_answered_to_a_room_that_is_gone_frees_its_turn_and_nothing_else() {
    let mut bench = Bench::of(site(12));
    bench.serve();
    let mut asked = Vec::new();
    for _ in 0..20 {
        bench.pass(Duration::from_secs(10));
        asked.extend(bench.asked());
    }
    assert!(asked.len() >= 4, "as many as may talk at once: {asked:?}");
    bench.reconfigure(site(1), NOBODY);
    bench.asked();
    bench.todo.clear();
    // the same rooms again: the old answers are none of theirs, and each of them gets its turn
    bench.reconfigure(site(12), NOBODY);
    for (_, operation, call) in asked {
        bench.answer(call, 200, &healthy(operation));
    }
    assert!(!bench.todo.iter().any(|action| matches!(action, Action::Apply(_))), "{:?}", bench.todo);
    bench.serve();
    bench.settle(Duration::from_mins(1));
    assert_eq!(bench.rooms().len(), 12);
    assert!(bench.engine.rooms().all(|(_, room)| room.as_of().is_some()));
}

#[test]
fn another_mailbox_is_read_whole_while_the_old_rows_are_still_shown() {
    let mut bench = Bench::of(site(2));
    bench.serve();
    let as_of = bench.engine.rooms().last().unwrap().1.as_of();
    let mut changed = site(2);
    changed.rooms.get_mut(&room(1)).unwrap().mailbox = "other@example.com".into();
    bench.reconfigure(changed, NOBODY);
    let now = bench.engine.rooms().last().unwrap().1;
    assert_eq!((now.as_of(), now.rev()), (as_of, Revision(1)));
    bench.serve_actions();
    let mut seen = BTreeSet::new();
    loop {
        let requests: Vec<_> = bench
            .todo
            .iter()
            .filter_map(|action| match action {
                Action::Exchange { call, request, .. } => {
                    Some((*call, request.operation, request.body.clone()))
                }
                _ => None,
            })
            .collect();
        bench.asked();
        if requests.is_empty() {
            break;
        }
        for (call, operation, body) in requests {
            if operation == Operation::SyncFolderItems {
                assert!(!body.contains("SyncState>c3RhdGU="), "the old mailbox's cursor: {body}");
            }
            assert!(operation == Operation::Unsubscribe || !body.contains("room-1@example.com"), "{body}");
            seen.insert(operation.name());
            bench.answer(call, 200, &healthy(operation));
        }
        bench.serve_actions();
    }
    assert!(seen.contains("Unsubscribe") && seen.contains("SyncFolderItems"), "{seen:?}");
}

#[test]
fn a_commit_under_way_for_the_old_mailbox_moves_no_cursor_of_the_new_one() {
    let mut bench = Bench::of(site(1));
    for operation in [Operation::GetFolder, Operation::Subscribe, Operation::SyncFolderItems] {
        let (_, _, call) = bench.asked().pop().unwrap();
        bench.answer(call, 200, &healthy(operation));
    }
    assert!(matches!(bench.todo.pop(), Some(Action::Apply(_))));
    let mut changed = site(1);
    changed.rooms.get_mut(&room(0)).unwrap().mailbox = "other@example.com".into();
    bench.reconfigure(changed, NOBODY);
    let asked = bench.asked();
    assert_eq!(operations(&asked), [("room-0", Operation::Unsubscribe)], "it waits for the commit");
    bench.answer(asked[0].2, 200, &healthy(Operation::Unsubscribe));
    let applied = Applied { rev: Revision(1), ..Applied::default() };
    bench.on(Event::Applied { room: room(0), result: Ok(applied) });
    let (_, room) = bench.engine.rooms().next().unwrap();
    assert_eq!((room.rev(), room.as_of()), (Revision(1), None), "nothing was read of the new one yet");
    bench.settle(Duration::from_secs(5));
    assert!(bench.engine.rooms().next().unwrap().1.as_of().is_some());
}

#[test]
fn other_settings_are_planned_with_at_once_and_nobody_is_asked() {
    let mut bench = Bench::of(site(2));
    bench.serve();
    let mut changed = site(2);
    changed.rooms.get_mut(&room(1)).unwrap().settings.acceptance = Acceptance::Proxy;
    bench.reconfigure(changed.clone(), NOBODY);
    assert_eq!(bench.asked(), []);
    let replanned: Vec<_> = bench
        .todo
        .iter()
        .filter_map(|action| match action {
            Action::Apply(apply) => Some((apply.room.as_str(), apply.observed.is_none())),
            _ => None,
        })
        .collect();
    assert_eq!(replanned, [("room-1", true)]);
    bench.serve();

    changed.rooms.get_mut(&room(1)).unwrap().settings.ahead = 90 * DAY;
    assert_ne!(changed.rooms[&room(1)].settings, settings());
    bench.reconfigure(changed, NOBODY);
    bench.serve_actions();
    assert_eq!(operations(&bench.asked()), [("room-1", Operation::SyncFolderItems)], "a longer window");
}

#[test]
fn an_account_that_was_refused_may_try_once_after_its_password_was_set_right() {
    let mut bench = Bench::of(site(1));
    for _ in 0..2 {
        let (_, _, call) = bench.asked().pop().unwrap();
        bench.answer(call, 401, "");
        bench.pass(Duration::from_secs(20));
    }
    assert_eq!(bench.asked(), []);
    assert!(bench.trouble("room-0").unwrap().contains("name and password"));
    bench.reconfigure(site(1), NOBODY);
    let asked = bench.asked();
    assert_eq!(operations(&asked), [("room-0", Operation::GetFolder)]);
    bench.answer(asked[0].2, 200, &healthy(Operation::GetFolder));
    bench.serve();
    assert_eq!(bench.trouble("room-0"), None);
}

#[test]
fn a_server_that_is_another_one_now_is_begun_with_afresh() {
    let mut bench = Bench::of(site(3));
    bench.serve();
    bench.pass(Duration::from_mins(30));
    let before = bench.asked();
    bench.reconfigure(site(3), &["hq"]);
    for (_, operation, call) in before {
        bench.answer(call, 200, &healthy(operation));
    }
    bench.serve_actions();
    let asked = bench.asked();
    // of the other server a room is read, as its password may be another
    assert_eq!(
        operations(&asked)[..2],
        [("room-0", Operation::SyncFolderItems), ("room-1", Operation::GetFolder)],
        "one, as nobody knows whether it answers"
    );
    assert!(!asked.iter().any(|(_, operation, _)| *operation == Operation::Unsubscribe), "{asked:?}");
    for (_, operation, call) in asked {
        bench.answer(call, 200, &healthy(operation));
    }
    bench.settle(Duration::from_secs(5));
    assert!((0..3).all(|n| bench.trouble(room(n).as_str()).is_none()));
}

#[test]
fn a_server_that_is_removed_takes_its_rooms_and_accounts_along() {
    let mut bench = Bench::of(site(3));
    bench.serve();
    let mut changed = site(3);
    changed.servers.remove(&ServerId::new("lab"));
    bench.reconfigure(changed, NOBODY);
    assert_eq!(bench.rooms(), ["room-1", "room-2"]);
    assert_eq!(bench.engine.servers().map(|(id, _)| id.as_str()).collect::<Vec<_>>(), ["hq"]);
    assert_eq!(bench.asked(), [], "there is nobody to give the subscription back to");
    assert_eq!(bench.emptied(), [phone("room-0")]);
}

#[test]
fn an_operator_who_waits_for_a_room_that_is_gone_is_told() {
    let mut bench = Bench::of(site(2));
    bench.serve();
    bench.on(Event::Wished { room: room(1), ticket: Ticket(7), wish: Wish::Resync });
    bench.reconfigure(site(1), NOBODY);
    let refused = bench.todo.iter().find_map(|action| match action {
        Action::Refuse { ticket, sentence, .. } => Some((*ticket, sentence.clone())),
        _ => None,
    });
    let (ticket, sentence) = refused.unwrap();
    assert_eq!(ticket, Ticket(7));
    assert!(sentence.contains("configuration has changed"), "{sentence}");
}

#[test]
fn a_stream_goes_on_without_the_room_that_left_and_ends_with_the_last() {
    let streaming = |rooms: usize| {
        let mut site = site(rooms);
        for server in site.servers.values_mut() {
            server.notifications = Some(Notifications::Streaming);
        }
        site
    };
    let mut bench = Bench::of(streaming(3));
    for _ in 0..15 {
        for (room, operation, call) in bench.asked() {
            let subscription = format!("<SubscriptionId>{room}<");
            bench.answer(call, 200, &healthy(operation).replace("<SubscriptionId>s<", &subscription));
        }
        bench.serve_actions();
        bench.pass(Duration::from_secs(1));
    }
    let open = |bench: &mut Bench| {
        let mut open = Vec::new();
        bench.todo.retain(|action| match action {
            Action::OpenStream { connection, server, .. } => {
                open.push((server.to_string(), *connection));
                false
            }
            _ => true,
        });
        open
    };
    let opened = open(&mut bench);
    let (_, hq) = opened.iter().rfind(|(server, _)| server == "hq").unwrap().clone();
    bench.on(Event::Stream { connection: hq, heard: StreamHeard::Opened });
    let closes = |bench: &Bench| {
        bench
            .todo
            .iter()
            .any(|action| matches!(action, Action::CloseStream { connection } if *connection == hq))
    };
    bench.todo.clear();
    bench.reconfigure(streaming(2), NOBODY);
    assert!(!closes(&bench), "room-1 is still heard of on it");
    assert!(operations(&bench.asked()).contains(&("room-2", Operation::Unsubscribe)));
    bench.reconfigure(streaming(1), NOBODY);
    assert!(closes(&bench));
    // what it still tells is heard by nobody
    let reply = Reply { status: 401, headers: Vec::new(), body: Vec::new() };
    bench.on(Event::Stream { connection: hq, heard: StreamHeard::Refused(reply) });
    assert_eq!(bench.trouble("room-0"), None);
    bench.todo.clear();
    bench.reconfigure(streaming(3), NOBODY);
    bench.settle(Duration::from_secs(15));
    assert!(open(&mut bench).iter().any(|(server, _)| server == "hq"), "a new one for those that came back");
}

#[test]
fn where_changes_are_heard_of_in_another_way_every_room_subscribes_anew() {
    let mut bench = Bench::of(site(3));
    bench.serve();
    let mut changed = site(3);
    changed.servers.get_mut(&ServerId::new("hq")).unwrap().notifications = Some(Notifications::Streaming);
    bench.reconfigure(changed, NOBODY);
    let mut asked = Vec::new();
    for _ in 0..4 {
        let round = bench.asked();
        for (room, operation, call) in round {
            asked.push((room.to_string(), operation));
            bench.answer(call, 200, &healthy(operation));
        }
        bench.serve_actions();
    }
    for room in ["room-1", "room-2"] {
        for operation in [Operation::Unsubscribe, Operation::Subscribe] {
            assert!(asked.contains(&(room.to_owned(), operation)), "{room}, {operation}: {asked:?}");
        }
        assert!(!asked.contains(&(room.to_owned(), Operation::GetFolder)), "the calendar is where it was");
    }
    assert!(!asked.iter().any(|(room, _)| room == "room-0"));
}
