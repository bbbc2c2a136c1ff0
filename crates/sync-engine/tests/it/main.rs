//! The engine, fed by hand: what it asks for, and what it makes of failures.

#![expect(clippy::unwrap_used, reason = "a test may stop")]

use chrono::{DateTime, TimeDelta, Utc};
use exchange_wire::{Operation, ews::Dialect};
use meeting_model::{
    clock::Now,
    id::{DeviceId, Revision, RoomId, ServerId},
    observed::Coverage,
    settings::{Acceptance, OnSwitch, PrivatePolicy, RoomSettings, TentativePolicy},
    zone::{RoomZone, ZoneDatabase},
};
use std::time::Duration;
use sync_engine::{
    Action, Applied, ApplyError, CallId, Delivered, DeviceSettings, Engine, Event, Reply, RoomPlan,
    RoomStart, ServerSettings, Site, Ticket, Unreachable,
};

const DAY: Duration = Duration::from_hours(24);

/// An engine, the time, and what is to be done.
struct Bench {
    engine: Engine,
    elapsed: Duration,
    todo: Vec<Action>,
}

fn site(rooms: usize) -> Site {
    let mut site = Site::default();
    for server in ["hq", "lab"] {
        let settings = ServerSettings {
            dialect: Dialect::default(),
            pull_interval: Duration::from_secs(15),
            catch_up_every: Duration::from_mins(20),
            reconcile_every: Duration::from_hours(6),
            max_concurrent: 4,
        };
        site.servers.insert(ServerId::new(server), settings);
    }
    for n in 0..rooms {
        let id = format!("room-{n}");
        let plan = RoomPlan {
            server: ServerId::new(if n == 0 { "lab" } else { "hq" }),
            mailbox: format!("{id}@example.com"),
            settings: settings(),
            devices: vec![DeviceSettings { id: DeviceId::new(format!("{id}/phone")) }],
        };
        site.rooms.insert(RoomId::new(id), plan);
    }
    site
}

fn settings() -> RoomSettings {
    RoomSettings {
        zone: RoomZone::named(&ZoneDatabase::bundled(), "Europe/Berlin").unwrap(),
        mailbox: "room@example.com".into(),
        acceptance: Acceptance::AutoAccept,
        acceptance_since: None,
        on_switch: OnSwitch::RequireReaccept,
        tentative: TentativePolicy::Hide,
        private: PrivatePolicy::Mask,
        organizer_prefix: false,
        back: 7 * DAY,
        ahead: 60 * DAY,
    }
}

impl Bench {
    /// An engine of that many rooms: the first on the server `lab`, the others on `hq`.
    fn new(rooms: usize) -> Self {
        let site = site(rooms);
        let starts = site.rooms.keys().map(|room| RoomStart {
            room: room.clone(),
            rev: Revision::default(),
            cursor: None,
            as_of: None,
        });
        let started = Event::Started { rooms: starts.collect(), devices: Vec::new() };
        let mut bench = Self { engine: Engine::new(site, 1), elapsed: Duration::ZERO, todo: Vec::new() };
        bench.on(started);
        bench
    }

    fn wall(&self) -> DateTime<Utc> {
        let morning: DateTime<Utc> = "2026-03-02T07:00:00Z".parse().unwrap();
        morning + self.elapsed
    }

    fn on(&mut self, event: Event) {
        let now = Now { wall: self.wall(), mono: self.elapsed };
        let actions = self.engine.on(event, now);
        self.todo.extend(actions);
    }

    /// Lets time pass, waking the engine whenever it asks for it.
    fn pass(&mut self, span: Duration) {
        let end = self.elapsed + span;
        loop {
            let wake = self.engine.next_wake();
            let wall = wake.wall.map(|wall| self.elapsed + (wall - self.wall()).to_std().unwrap_or_default());
            let Some(next) = wake.mono.into_iter().chain(wall).min().filter(|next| *next <= end) else {
                break;
            };
            assert!(next > self.elapsed || self.todo.is_empty(), "the engine wakes again and again");
            self.elapsed = next.max(self.elapsed);
            self.on(Event::Wake);
            if !self.todo.is_empty() {
                break;
            }
        }
        if self.todo.is_empty() {
            self.elapsed = end;
        }
    }

    /// What Exchange is asked: room, operation and how to answer.
    fn asked(&mut self) -> Vec<(RoomId, Operation, CallId)> {
        let mut asked = Vec::new();
        self.todo.retain(|action| match action {
            Action::Exchange { room, request, call, .. } => {
                asked.push((room.clone(), request.operation, *call));
                false
            }
            _ => true,
        });
        asked
    }

    fn answer(&mut self, call: CallId, status: u16, body: &str) {
        let reply = Reply { status, headers: Vec::new(), body: body.as_bytes().to_vec() };
        self.on(Event::Exchange { call, result: Ok(reply) });
    }

    /// Answers everything as a healthy Exchange with empty calendars, until nothing is asked any more.
    fn serve(&mut self) {
        loop {
            for (_, operation, call) in self.asked() {
                self.answer(call, 200, &healthy(operation));
            }
            let todo = std::mem::take(&mut self.todo);
            if todo.is_empty() {
                return;
            }
            for action in todo {
                match action {
                    Action::Apply(apply) => {
                        let applied = Applied { rev: Revision(1), ..Applied::default() };
                        self.on(Event::Applied { room: apply.room, result: Ok(applied) });
                    }
                    Action::Deliver(deliver) => {
                        let next_change = self.wall() + TimeDelta::days(9);
                        let result = Delivered::Acknowledged {
                            rev: Revision(1),
                            digest: "present".into(),
                            sent: true,
                            next_change,
                        };
                        self.on(Event::Delivered { device: deliver.device, result });
                    }
                    other => self.todo.push(other),
                }
            }
            self.todo.retain(|action| !matches!(action, Action::Settle(_)));
        }
    }

    fn trouble(&self, room: &str) -> Option<String> {
        let (_, room) = self.engine.rooms().find(|(id, _)| id.as_str() == room)?;
        self.engine.trouble_of(room)
    }
}

fn healthy(operation: Operation) -> String {
    let message = match operation {
        Operation::GetFolder => {
            r#"<Folders><CalendarFolder><FolderId Id="calendar"/></CalendarFolder></Folders>"#
        }
        Operation::Subscribe => "<SubscriptionId>s</SubscriptionId><Watermark>w</Watermark>",
        Operation::GetEvents => {
            "<Notification><SubscriptionId>s</SubscriptionId><MoreEvents>false</MoreEvents>\
             <StatusEvent><Watermark>w</Watermark></StatusEvent></Notification>"
        }
        Operation::SyncFolderItems => {
            "<SyncState>c3RhdGU=</SyncState><IncludesLastItemInRange>true</IncludesLastItemInRange><Changes/>"
        }
        _ => "",
    };
    format!(
        r#"<Envelope><Body><{operation}Response><ResponseMessages><{operation}ResponseMessage ResponseClass="Success">
        <ResponseCode>NoError</ResponseCode>{message}</{operation}ResponseMessage></ResponseMessages></{operation}Response></Body></Envelope>"#
    )
}

fn refused() -> Unreachable {
    Unreachable { whole_server: true, sentence: "server `hq`: no connection".into() }
}

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
fn a_wrong_password_is_tried_twice_by_all_rooms_together_and_then_left_alone() {
    let mut bench = Bench::new(200);
    let mut attempts = 0;
    while bench.elapsed < Duration::from_mins(14) {
        for (room, operation, call) in bench.asked() {
            if room.as_str() == "room-0" {
                bench.answer(call, 200, &healthy(operation));
            } else {
                attempts += 1;
                bench.answer(call, 401, "");
            }
        }
        bench.todo.retain(|action| matches!(action, Action::Exchange { .. }));
        bench.pass(Duration::from_secs(30));
    }
    assert_eq!(attempts, 2);
    assert!(bench.trouble("room-7").unwrap().contains("name and password"), "every room says what is wrong");
    assert_eq!(bench.trouble("room-0"), None, "the other server is another matter");
}

#[test]
fn one_room_in_trouble_does_not_keep_the_others_waiting() {
    let mut bench = Bench::new(6);
    bench.serve();
    let (start, mut others) = (bench.elapsed, Vec::new());
    while bench.elapsed < start + Duration::from_secs(16) {
        bench.pass(Duration::from_secs(16));
        for (room, operation, call) in bench.asked() {
            if room.as_str() == "room-3" {
                let sentence = "no answer in time".to_owned();
                let result = Err(Unreachable { whole_server: false, sentence });
                bench.on(Event::Exchange { call, result });
            } else {
                others.push(room);
                bench.answer(call, 200, &healthy(operation));
            }
        }
    }
    others.sort();
    others.dedup();
    assert_eq!(others.len(), 5, "all others were asked in the meantime");
    assert!(bench.trouble("room-3").unwrap().contains("no answer in time"));
    assert_eq!(bench.trouble("room-2"), None);
    while bench.elapsed < start + Duration::from_mins(1) {
        bench.serve();
        bench.pass(Duration::from_mins(1));
    }
    bench.serve();
    assert_eq!(bench.trouble("room-3"), None, "and it recovers");
}

#[test]
fn a_server_that_asks_for_a_pause_gets_it_from_every_room() {
    let mut bench = Bench::new(8);
    bench.serve();
    bench.pass(Duration::from_secs(16));
    let (_, _, call) = bench.asked().into_iter().find(|(room, ..)| room.as_str() != "room-0").unwrap();
    let headers = vec![("Retry-After".to_owned(), "120".to_owned())];
    let reply = Reply { status: 503, headers, body: b"<html>busy</html>".to_vec() };
    bench.on(Event::Exchange { call, result: Ok(reply) });
    let paused = bench.elapsed;
    while bench.elapsed < paused + Duration::from_secs(119) {
        for (room, operation, call) in bench.asked() {
            assert_eq!(
                room.as_str(),
                "room-0",
                "{:?} after the pause was asked for",
                bench.elapsed.saturating_sub(paused)
            );
            bench.answer(call, 200, &healthy(operation));
        }
        bench.todo.clear();
        bench.pass(Duration::from_secs(1));
    }
}

#[test]
fn an_operator_who_asks_for_a_room_of_a_dead_server_is_told_at_once() {
    let mut bench = Bench::new(2);
    for (_, operation, call) in bench.asked() {
        let result = match operation {
            Operation::GetFolder => Err(refused()),
            _ => continue,
        };
        bench.on(Event::Exchange { call, result });
    }
    bench.todo.clear();
    bench.on(Event::Resync { room: RoomId::new("room-1"), ticket: Ticket(9), dry_run: false });
    let told = bench.todo.iter().any(|action| {
        matches!(action, Action::Refuse { ticket: Ticket(9), sentence, .. } if sentence.contains("no connection"))
    });
    assert!(told, "{:?}", bench.todo);
}

#[test]
fn operators_who_wait_for_rooms_of_a_server_are_all_told_when_it_closes() {
    let mut bench = Bench::new(12);
    bench.serve();
    for n in 1..12 {
        bench.on(Event::Resync { room: RoomId::new(format!("room-{n}")), ticket: Ticket(n), dry_run: false });
    }
    let (_, _, call) = bench.asked().into_iter().find(|(room, ..)| room.as_str() != "room-0").unwrap();
    bench.answer(call, 401, "");
    let told: Vec<Ticket> = bench
        .todo
        .iter()
        .filter_map(|action| match action {
            Action::Refuse { ticket, .. } => Some(*ticket),
            _ => None,
        })
        .collect();
    let still_talking = 3;
    assert!(told.len() >= 11 - still_talking, "{told:?}");
}

#[test]
fn a_resync_is_a_complete_read_and_its_ticket_travels_with_it() {
    let mut bench = Bench::new(1);
    bench.serve();
    bench.on(Event::Resync { room: RoomId::new("room-0"), ticket: Ticket(3), dry_run: true });
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
    bench.on(Event::Resync { room: RoomId::new("room-0"), ticket: Ticket(4), dry_run: false });
    let lost = healthy(operation).replace("Success", "Error").replace("NoError", "ErrorSubscriptionNotFound");
    bench.answer(call, 200, &lost);
    let (_, operation, call) = bench.asked().pop().unwrap();
    assert_eq!(operation, Operation::SyncFolderItems, "{:?}", bench.todo);
    bench.answer(call, 200, &healthy(operation));
    let [Action::Apply(apply)] = bench.todo.as_slice() else { panic!("{:?}", bench.todo) };
    assert_eq!(apply.ticket, Some(Ticket(4)));
    assert!(matches!(apply.observed.as_ref().unwrap().coverage, Coverage::Complete { .. }));
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
fn a_server_that_refuses_the_schema_version_is_asked_in_an_older_one() {
    let mut bench = Bench::new(1);
    let body = |bench: &Bench| match bench.todo.as_slice() {
        [Action::Exchange { request, .. }] => request.body.clone(),
        other => panic!("{other:?}"),
    };
    assert!(body(&bench).contains("Exchange2010_SP1"));
    let (_, _, call) = bench.asked().pop().unwrap();
    let refused = "<Envelope><Body><Fault><faultcode>a:ErrorInvalidServerVersion</faultcode><faultstring/>\
        <detail><ResponseCode>ErrorInvalidServerVersion</ResponseCode></detail></Fault></Body></Envelope>";
    bench.answer(call, 500, refused);
    assert!(body(&bench).contains(r#"Version="Exchange2010""#), "at once");
    assert_eq!(bench.trouble("room-0"), None);
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
    let mut reads = 0;
    let start = bench.elapsed;
    while bench.elapsed < start + Duration::from_mins(10) {
        bench.pass(Duration::from_mins(10));
        for (_, operation, call) in bench.asked() {
            reads += usize::from(operation == Operation::SyncFolderItems);
            bench.answer(call, 200, &healthy(operation));
        }
        bench.serve();
    }
    assert!((10..=14).contains(&reads), "once a minute: {reads}");
}

#[test]
fn a_device_is_told_of_a_calendar_that_was_found_empty() {
    let mut bench = Bench::new(1);
    bench.serve();
    let (_, device) = bench.engine.devices().next().unwrap();
    assert_eq!(device.acknowledged(), Revision(1));
}
