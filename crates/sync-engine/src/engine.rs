//! The engine: every event goes in here, every action comes out.

mod conversations;
mod deliveries;
mod farewell;
mod locations;
mod proving;
mod pushes;
mod reconfigure;
mod resume;
mod streams;

use crate::{
    account::{Account, Credential},
    action::{Action, Apply, CallId, ConnectionId, Ticket, Wish},
    agenda::Agenda,
    back_off::Dice,
    device::{Device, Leaving},
    event::{Applied, ApplyError, DeviceStart, Event, RoomStart},
    room::{Need, Room},
    server::Server,
    settings::{AccountId, DeviceSettings, Site},
    stream::{Stream, StreamId},
};
use chrono::{DateTime, Utc};
use meeting_model::{
    clock::Now,
    id::{DeviceId, RoomId, ServerId},
};
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    time::Duration,
};

/// When the engine wants to be asked again though nothing happens: at whichever comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Wake {
    /// In monotonic time.
    pub mono: Option<Duration>,
    /// In corrected wall-clock time: ask anew after a step of the clock.
    pub wall: Option<DateTime<Utc>>,
}

/// Who has an appointment.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
enum Target {
    Server(ServerId),
    Room(RoomId),
    Device(DeviceId),
    Leaving(DeviceId),
    Stream(StreamId),
}

/// A request that Exchange has not answered yet.
#[derive(Debug, Serialize, Deserialize)]
struct Call {
    server: ServerId,
    /// What it was signed in with.
    credential: Credential,
    /// Whom the answer is for; absent where nobody wants to know.
    heard_by: Option<RoomId>,
}

/// All the machines of a site.
///
/// Written down it is all that it knows, but for what the site says of its rooms: whoever reads it back gives it that by
/// [`Engine::resume`].
#[derive(Debug, Serialize, Deserialize)]
pub struct Engine {
    accounts: BTreeMap<AccountId, Account>,
    servers: BTreeMap<ServerId, Server>,
    rooms: BTreeMap<RoomId, Room>,
    streams: Vec<Stream>,
    connections: BTreeMap<ConnectionId, StreamId>,
    pushes: BTreeMap<String, RoomId>,
    devices: BTreeMap<DeviceId, Device>,
    devices_of: BTreeMap<RoomId, Vec<DeviceId>>,
    leaving: BTreeMap<DeviceId, Leaving>,
    /// The addresses of the devices that are leaving, with the device that waits for that.
    emptying: BTreeMap<String, Option<DeviceId>>,
    calls: BTreeMap<CallId, Call>,
    applying: BTreeMap<RoomId, Apply>,
    /// The calendars that were not read since the mirror was restored, each with the room that shows it.
    restored: BTreeSet<(RoomId, RoomId)>,
    next_call: u64,
    next_connection: u64,
    farewells: BTreeMap<ServerId, VecDeque<farewell::Farewell>>,
    by_mono: Agenda<Duration, Target>,
    by_wall: Agenda<DateTime<Utc>, Target>,
    dice: Dice,
    /// When monotonic time was zero, by the wall clock as it was last looked at.
    began: Option<DateTime<Utc>>,
    stopping: bool,
}

impl Engine {
    /// The machines of a site, at rest. All randomness (which only shortens waits) comes from the seed.
    ///
    /// A room whose server the site does not have is left out.
    pub fn new(site: Site, seed: u64) -> Self {
        let servers: BTreeMap<_, _> =
            site.servers.into_iter().map(|(id, settings)| (id, Server::new(settings))).collect();
        let mut devices = BTreeMap::new();
        let mut devices_of: BTreeMap<RoomId, Vec<DeviceId>> = BTreeMap::new();
        let mut rooms = BTreeMap::new();
        for (id, plan) in site.rooms {
            let Some(server) = servers.get(&plan.server) else { continue };
            for device in &plan.devices {
                let DeviceSettings { id: device, address } = device.clone();
                devices.insert(device.clone(), Device::new(device.clone(), id.clone(), address));
                devices_of.entry(id.clone()).or_default().push(device);
            }
            rooms.insert(id.clone(), Room::new(id, plan, &server.settings));
        }
        let accounts =
            servers.values().map(|server| (server.settings.account.clone(), Account::default())).collect();
        Self {
            accounts,
            servers,
            rooms,
            streams: Vec::new(),
            connections: BTreeMap::new(),
            pushes: BTreeMap::new(),
            devices,
            devices_of,
            leaving: BTreeMap::new(),
            emptying: BTreeMap::new(),
            calls: BTreeMap::new(),
            applying: BTreeMap::new(),
            restored: BTreeSet::new(),
            next_call: 0,
            next_connection: 0,
            farewells: BTreeMap::new(),
            by_mono: Agenda::default(),
            by_wall: Agenda::default(),
            dice: Dice::new(seed),
            began: None,
            stopping: false,
        }
    }

    /// As [`Engine::new`], but it does only what operators wish, and what follows from that: it subscribes to nothing, reads
    /// nothing by itself and delivers nothing.
    pub fn passive(site: Site, seed: u64) -> Self {
        let mut engine = Self::new(site, seed);
        for room in engine.rooms.values_mut() {
            room.be_passive();
        }
        engine.devices.clear();
        engine.devices_of.clear();
        engine
    }

    /// Takes what happened, and says what to do.
    pub fn on(&mut self, event: Event, now: Now) -> Vec<Action> {
        let mut out = Vec::new();
        self.mind_the_clock(now);
        match event {
            Event::Started { rooms, devices } => self.start(rooms, devices, now, &mut out),
            Event::Wake => {}
            Event::Exchange { call, result } => self.exchanged(call, result, now, &mut out),
            Event::Stream { connection, heard } => self.stream_heard(connection, heard, now, &mut out),
            Event::Pushed { push, token, body } => self.pushed(push, &token, &body, now, &mut out),
            Event::Noticed(notice) => self.noticed(&notice, now, &mut out),
            Event::Applied { room, result } => self.applied(&room, result, now, &mut out),
            Event::Delivered { device, result } => self.delivered(&device, result, now, &mut out),
            Event::Fetched { device, page } => self.fetched(&device, page, now, &mut out),
            Event::Forgot { device } => self.forgot(&device, now, &mut out),
            Event::Emptied { device, result } => self.emptied(&device, result, now, &mut out),
            Event::Reconfigured { site, moved, rooms } => {
                self.reconfigure(site, &moved, rooms, now, &mut out);
            }
            Event::Wished { room, ticket, wish } => self.wished(&room, ticket, wish, now, &mut out),
            Event::Stop => self.stop(&mut out),
        }
        self.wake_due(now, &mut out);
        self.let_talk(now, &mut out);
        out
    }

    /// When it wants to be asked again though nothing happens.
    pub fn next_wake(&self) -> Wake {
        if self.stopping {
            return Wake::default();
        }
        Wake { mono: self.by_mono.next(), wall: self.by_wall.next() }
    }

    /// The servers, by name.
    pub fn servers(&self) -> impl Iterator<Item = (&ServerId, &Server)> {
        self.servers.iter()
    }

    /// The rooms, by id.
    pub fn rooms(&self) -> impl Iterator<Item = (&RoomId, &Room)> {
        self.rooms.iter()
    }

    /// The devices, by id.
    pub fn devices(&self) -> impl Iterator<Item = (&DeviceId, &Device)> {
        self.devices.iter()
    }

    /// What is wrong with a room, and what to do: its own trouble, or its server's.
    pub fn trouble_of(&self, room: &Room) -> Option<String> {
        let server = self.servers.get(&room.plan.server);
        let account = self.account_of(&room.plan.server).and_then(Account::trouble);
        let trouble = room.trouble().or_else(|| server.and_then(Server::trouble)).or(account);
        trouble.map(|sentence| room.says(sentence))
    }

    /// When a room in trouble is tried again, in monotonic time.
    pub fn retry_at(&self, room: &Room) -> Option<Duration> {
        let server = self.servers.get(&room.plan.server);
        let account = self.account_of(&room.plan.server).and_then(Account::closed_until);
        room.blocked_until().max(server.and_then(Server::closed_until)).max(account)
    }

    /// Whether any room still looks for subjects in its mailbox (rule S4), or is read again because it differed (rule T1), on a
    /// server that can be asked now: who has rooms read without a daemon waits for it.
    pub fn is_learning(&self, now: Now) -> bool {
        let closed = |room: &Room| self.retry_at(room).is_some_and(|until| until > now.mono);
        self.rooms.values().any(|room| room.is_learning(now.mono) && !closed(room))
    }

    fn account_of(&self, server: &ServerId) -> Option<&Account> {
        self.accounts.get(&self.servers.get(server)?.settings.account)
    }

    fn account_mut(&mut self, server: &ServerId) -> Option<&mut Account> {
        self.accounts.get_mut(&self.servers.get(server)?.settings.account)
    }

    fn start(&mut self, rooms: Vec<RoomStart>, devices: Vec<DeviceStart>, now: Now, out: &mut Vec<Action>) {
        for start in devices {
            if let Some(device) = self.devices.get_mut(&start.device) {
                device.restore(start);
            }
        }
        for start in rooms {
            let id = start.room.clone();
            let ever_read = start.as_of.is_some();
            if let Some(room) = self.rooms.get_mut(&id)
                && let Some(server) = self.servers.get(&room.plan.server)
            {
                if start.restored {
                    self.restored.insert((room.shown_by().clone(), id.clone()));
                }
                room.start(start, &server.settings, now, &mut self.dice);
            }
            if ever_read {
                self.tell_devices(&id, now);
            }
            self.settle_room(&id, now, out);
        }
    }

    /// Finds out what a room needs, and when it will need something next.
    fn settle_room(&mut self, id: &RoomId, now: Now, out: &mut Vec<Action>) {
        let Some(room) = self.rooms.get_mut(id) else { return };
        match room.need(now) {
            Some(Need::Replan) => {
                let apply = room.replan(now);
                self.apply(apply, out);
            }
            Some(need) => {
                let urgency = room.urgency(need, now.mono);
                room.queue_up();
                if let Some(server) = self.servers.get_mut(&room.plan.server) {
                    server.enqueue(id, urgency);
                }
            }
            None => {}
        }
        if let Some(room) = self.rooms.get(id) {
            self.by_mono.set(&Target::Room(id.clone()), room.next_mono(now));
            self.by_wall.set(&Target::Room(id.clone()), room.next_wall());
        }
    }

    fn apply(&mut self, apply: Apply, out: &mut Vec<Action>) {
        self.applying.insert(apply.room.clone(), apply.clone());
        out.push(Action::Apply(apply));
    }

    /// Wakes everybody whose time has come.
    fn wake_due(&mut self, now: Now, out: &mut Vec<Action>) {
        while let Some(target) = self.by_mono.pop_due(now.mono).or_else(|| self.by_wall.pop_due(now.wall)) {
            match target {
                Target::Room(id) => self.settle_room(&id, now, out),
                Target::Device(id) => self.look_at_device(&id, now, out),
                Target::Leaving(id) => self.look_at_leaving(&id, now, out),
                Target::Stream(id) => self.wake_stream(id, now, out),
                // its closed time is over: the rooms that wait for it talk below
                Target::Server(_) => {}
            }
        }
    }

    fn applied(&mut self, id: &RoomId, result: Result<Applied, ApplyError>, now: Now, out: &mut Vec<Action>) {
        let (Some(apply), Some(room)) = (self.applying.remove(id), self.rooms.get_mut(id)) else { return };
        match result {
            Ok(applied) => {
                let kept_quiet = room.keeps_quiet();
                room.applied(&apply, &applied, now);
                // a calendar that is empty is news to whoever knew nothing of it
                let first_read = kept_quiet && !room.keeps_quiet();
                if first_read {
                    self.restored.remove(&(room.shown_by().clone(), id.clone()));
                }
                for other in &applied.replan {
                    if let Some(room) = self.rooms.get_mut(other) {
                        room.wish_replan();
                    }
                    self.settle_room(other, now, out);
                }
                for (other, rev) in &applied.masked {
                    if let Some(room) = self.rooms.get_mut(other) {
                        room.was_masked(*rev);
                    }
                    self.tell_devices(other, now);
                }
                if !apply.dry_run {
                    self.planned_with(id, &applied, now, out);
                }
                if (applied.display_changed || first_read) && !apply.dry_run {
                    self.tell_devices(id, now);
                }
            }
            Err(ApplyError::Fenced) => room.give_up(
                "another callboard has taken it over; stop one of the two that share this state directory"
                    .to_owned(),
            ),
            Err(ApplyError::Storage(sentence)) => {
                room.not_applied(sentence, now.mono, &mut self.dice);
            }
        }
        self.settle_room(id, now, out);
    }

    /// A room was planned with what was read of one of its calendars: its first learns of that.
    fn planned_with(&mut self, id: &RoomId, applied: &Applied, now: Now, out: &mut Vec<Action>) {
        let Some(first) = self.rooms.get(id).filter(|room| !room.is_first()) else { return };
        let first = first.shown_by().clone();
        if let Some(room) = self.rooms.get_mut(&first) {
            room.planned_by_another(applied);
        }
        self.settle_room(&first, now, out);
    }

    /// The devices of whatever room shows this calendar should show what it has come to; but not before all of the room's
    /// calendars were read that were restored: what is known of them may be older than what the devices show.
    pub(super) fn tell_devices(&mut self, id: &RoomId, now: Now) {
        let shown_by = self.rooms.get(id).map(|room| room.shown_by().clone());
        let room = shown_by.and_then(|id| self.rooms.get(&id));
        let Some((id, rev)) = room.map(|room| (room.id.clone(), room.rev())) else { return };
        let mut restored = self.restored.range((id.clone(), RoomId::new(""))..);
        if restored.next().is_none_or(|(room, _)| *room != id) {
            self.want(&id, rev, now);
        }
    }

    fn wished(&mut self, id: &RoomId, ticket: Ticket, wish: Wish, now: Now, out: &mut Vec<Action>) {
        let Some(room) = self.rooms.get_mut(id) else {
            let sentence = format!("room `{id}` is not one that this daemon looks after");
            return out.push(Action::Refuse { ticket, room: id.clone(), sentence });
        };
        let Some(server) = self.servers.get_mut(&room.plan.server) else { return };
        if let Some(account) = self.accounts.get_mut(&server.settings.account) {
            if wish == Wish::Compare && account.is_closed(now.mono) {
                let sentence = room.says(&left_alone(account, room.shown_by(), now));
                return out.push(Action::Refuse { ticket, room: id.clone(), sentence });
            }
            account.try_again();
        }
        server.try_again();
        let closed = server.is_closed(now.mono);
        let given_up = room.trouble().filter(|_| room.is_given_up());
        if let Some(trouble) = given_up.or_else(|| server.trouble().filter(|_| closed)) {
            let sentence = room.says(trouble);
            return out.push(Action::Refuse { ticket, room: id.clone(), sentence });
        }
        if let Some(before) = room.wish(ticket, wish) {
            let sentence = format!("room `{id}`: another operator has asked for it meanwhile");
            out.push(Action::Refuse { ticket: before, room: id.clone(), sentence });
        }
        self.settle_room(id, now, out);
    }
}

/// Why nobody signs in with an account to compare a room: a look is not worth an attempt that counts towards a lock-out.
fn left_alone(account: &Account, room: &RoomId, now: Now) -> String {
    let trouble = account.trouble().unwrap_or("the account was refused");
    let wait = account.closed_until().map_or(Duration::ZERO, |until| until.saturating_sub(now.mono));
    let at = (now.wall + wait).format("%H:%M:%S UTC");
    format!("{trouble}; not asked: it is tried again at {at}, `callboard resync-room {room}` asks at once")
}
