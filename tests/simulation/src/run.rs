//! A simulation under way: what the daemon does for real is done here in order of simulated time.

mod explained;
mod truth;

use crate::{
    exchange::Connections,
    phone::Phone,
    site::{self, Site},
    trace::Trace,
};
use callboard::{
    planning::{self, Applying, Calendars, Done, Planning},
    room_signs::RoomSigns,
};
use chrono::{DateTime, TimeDelta, Utc};
use exchange_sim::{Injection, Rights, World};
use meeting_model::{
    availability::Spell,
    clock::{Now, Window},
    compare::DifferenceKind,
    display::Present,
    id::{DeviceId, RoomId},
    observed::Source,
};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use store::{Outcome, Settlement, Store};
use sync_engine::{
    Action, Applied, Apply, ApplyError, DeviceStart, Engine, Event, RoomPlan, Settle, Ticket, Webdav, Wish,
};

/// How long a request takes to the server, and an answer back.
pub(crate) const WAY: TimeDelta = TimeDelta::milliseconds(7);

/// The farthest that a device is told of.
const DEVICE_HORIZON: TimeDelta = TimeDelta::hours(72);

/// A meeting as a display shows it: start, end, title.
pub type Line = (DateTime<Utc>, DateTime<Utc>, String);

/// A simulation under way.
#[derive(Debug)]
pub struct Run {
    /// The stand-in world: change it, and let time pass.
    pub world: World,
    /// What has happened.
    pub trace: Trace,
    pub(crate) now: DateTime<Utc>,
    pub(crate) site: sync_engine::Site,
    engine: Engine,
    starts: u64,
    pub(crate) store: Store,
    pub(crate) planning: Planning,
    phones: BTreeMap<DeviceId, Phone>,
    to_come: BTreeMap<(DateTime<Utc>, u64), Event>,
    posted: u64,
    pub(crate) connections: Connections,
    /// The hosts at which the stand-in Exchange answers, where Autodiscover leads to it.
    pub answers_at: BTreeSet<String>,
    /// Hosts that lead whoever looks for Exchange elsewhere, and where to.
    pub leads_from: BTreeMap<String, String>,
    /// How often a comparison with the server's own expansion found each kind of difference.
    pub differences: BTreeMap<DifferenceKind, usize>,
    /// What each room's meetings show of how Exchange treats it.
    pub signs: BTreeMap<RoomId, RoomSigns>,
}

impl Run {
    pub(crate) fn begin(site: Site) -> Self {
        let Site { seed, world, zones, engine: site } = site;
        let mut store = Store::open_in_memory().expect("memory can be had");
        let secret = store.site_secret([7; 32]).expect("an empty store takes a secret");
        let devices = site.rooms.values().flat_map(|plan| &plan.devices);
        let phones = devices.map(|device| (device.id.clone(), Phone::default()));
        let mut run = Self {
            world,
            trace: Trace::default(),
            now: site::start(),
            phones: phones.collect(),
            planning: Planning {
                secret,
                zones,
                settings: site.rooms.iter().map(|(id, plan)| (id.clone(), plan.settings.clone())).collect(),
                sources: site.rooms.iter().map(|(id, plan)| (id.clone(), source(plan))).collect(),
                epochs: BTreeMap::new(),
                calendars: Calendars::default(),
            },
            engine: Engine::new(site.clone(), seed),
            starts: seed,
            site: site.clone(),
            store,
            to_come: BTreeMap::new(),
            posted: 0,
            connections: Connections::default(),
            leads_from: BTreeMap::new(),
            answers_at: BTreeSet::from(["autodiscover.rooms.example".to_owned()]),
            differences: BTreeMap::new(),
            signs: BTreeMap::new(),
        };
        run.start_engine();
        run
    }

    /// The program dies and is started again: what was under way and what was not committed is gone.
    pub fn restart(&mut self) {
        self.trace.note(self.now, format_args!("restart"));
        self.to_come.clear();
        self.break_connections();
        self.starts += 1;
        self.engine = Engine::new(self.site.clone(), self.starts);
        self.start_engine();
    }

    /// The account is given other rights on a room's mailbox.
    pub fn grant(&mut self, room: &str, rights: Rights) {
        self.world.grant(site::ACCOUNT.0, room, rights).expect("both are there");
    }

    /// How mailboxes are reached over WebDAV, where that is spoken.
    pub fn speaks_webdav(&self) -> Option<Webdav> {
        self.site.servers.values().next().and_then(|server| server.webdav.clone())
    }

    /// The program is started again with another protocol: WebDAV, or Exchange Web Services.
    pub fn speak(&mut self, webdav: Option<&Webdav>) {
        for server in self.site.servers.values_mut() {
            server.webdav = webdav.cloned();
        }
        self.restart();
    }

    fn start_engine(&mut self) {
        let plans = &self.site.rooms;
        let taken = self.store.take(&planning::claims(plans)).expect("rooms can be taken");
        self.planning.epochs = taken.iter().map(|room| (room.room.clone(), room.epoch)).collect();
        self.planning.calendars = Calendars::default().changed(plans, &taken);
        let devices = self.store.devices().expect("devices can be read");
        let started = Event::Started {
            rooms: planning::starts(plans, &taken),
            devices: devices
                .into_iter()
                .map(|device| DeviceStart {
                    device: device.device,
                    acknowledged: device.acknowledged.unwrap_or_default(),
                    digest: device.digest,
                    attempts: device.attempts,
                })
                .collect(),
        };
        self.hear(started);
    }

    /// The time.
    pub fn now(&self) -> DateTime<Utc> {
        self.now
    }

    /// Injects a fault into the stand-in Exchange.
    pub fn inject(&mut self, fault: Injection) {
        self.world.inject(fault).expect("the fault's room is there");
    }

    /// Switches a room's phone off or on.
    pub fn switch_phone(&mut self, room: &str, on: bool) {
        if let Some(phone) = self.phones.get_mut(&DeviceId::new(format!("{room}/phone"))) {
            phone.off = !on;
        }
    }

    /// Lets time pass.
    pub fn pass(&mut self, span: Duration) {
        let end = self.now + span;
        while let Some(at) = self.next().filter(|at| *at <= end) {
            self.step(at);
        }
        self.now = end;
        self.world.advance(end);
    }

    /// Lets two minutes pass: every interval of the engine's that matters to a display is shorter.
    pub fn until_quiet(&mut self) {
        self.pass(Duration::from_mins(2));
    }

    fn mono(&self) -> Duration {
        (self.now - site::start()).to_std().unwrap_or_default()
    }

    fn next(&self) -> Option<DateTime<Utc>> {
        let wake = self.engine.next_wake();
        let mono = wake.mono.map(|mono| site::start() + mono);
        let event = self.to_come.first_key_value().map(|((at, _), _)| *at);
        let next = [mono, wake.wall, event, self.world.next_wake()].into_iter().flatten().min();
        next.map(|at| at.max(self.now))
    }

    fn step(&mut self, at: DateTime<Utc>) {
        self.now = at;
        self.world.advance(at);
        self.listen();
        while let Some(entry) = self.to_come.first_entry().filter(|entry| entry.key().0 <= at) {
            let event = entry.remove();
            self.hear(event);
        }
        self.hear(Event::Wake);
    }

    pub(crate) fn hear(&mut self, event: Event) {
        let now = Now { wall: self.now, mono: self.mono() };
        for action in self.engine.on(event, now) {
            self.perform(action);
        }
    }

    pub(crate) fn post(&mut self, after: TimeDelta, event: Event) {
        self.to_come.insert((self.now + after, self.posted), event);
        self.posted += 1;
    }

    fn perform(&mut self, action: Action) {
        match action {
            Action::Exchange { call, at, room, request, .. } => {
                self.ask(call, at.as_deref(), &room, &request);
            }
            Action::Discover { call, room, ask, .. } => self.discover(call, &room, &ask),
            Action::OpenStream { connection, at, request, .. } => {
                self.open_stream(connection, at.as_deref(), &request);
            }
            Action::CloseStream { connection } => self.close_stream(connection),
            Action::AnswerPush { push, answer } => self.answer_push(push, answer),
            Action::Apply(apply) => {
                let result = self.apply(&apply);
                self.trace.note(self.now, format_args!("{} apply -> {result:?}", apply.room));
                self.post(TimeDelta::zero(), Event::Applied { room: apply.room, result });
            }
            Action::Deliver(deliver) => {
                let present = self.present(&deliver.room);
                let phone = self.phones.entry(deliver.device.clone()).or_default();
                let result = phone.take(&present, deliver.digest.as_deref());
                self.trace.note(self.now, format_args!("{} deliver -> {result:?}", deliver.device));
                self.post(WAY, Event::Delivered { device: deliver.device, result });
            }
            Action::Settle(settle) => self.settle(settle),
            Action::Empty { device, .. } => {
                let result = self.phones.entry(device.clone()).or_default().empty();
                self.trace.note(self.now, format_args!("{device} empty -> {result:?}"));
                self.post(WAY, Event::Emptied { device, result });
            }
            Action::Refuse { room, sentence, .. } => {
                self.trace.note(self.now, format_args!("{room} refused: {sentence}"));
            }
        }
    }

    fn apply(&mut self, apply: &Apply) -> Result<Applied, ApplyError> {
        let failed = |error: store::Error| planning::not_applied(&error);
        let now = Now { wall: self.now, mono: self.mono() };
        let mut applying = Applying::begin(&self.planning, apply).expect("the room is configured");
        while applying.goes_on() {
            let known = self.store.known(applying.room(), &applying.meetings()).map_err(failed)?;
            let committed = match applying.plan(known, now) {
                Some((epoch, commit)) => Some(self.store.commit(epoch, &commit).map_err(failed)?),
                None => None,
            };
            applying.committed(committed.as_ref());
        }
        let Done { applied, differences, signs, .. } = applying.end();
        self.signs.extend(signs);
        for (kind, count) in differences {
            self.trace.note(self.now, format_args!("{} differs: {count} {kind}", apply.room));
            *self.differences.entry(kind).or_default() += count;
        }
        Ok(applied)
    }

    fn present(&self, room: &RoomId) -> Present {
        let known = self.store.known(room, &BTreeSet::new()).expect("the room is in the store");
        let zone = self.planning.settings.get(room).expect("the room is configured").zone.clone();
        let today = meeting_model::day::local_day(&zone, self.now).window;
        let window = Window { start: today.start, end: self.now + DEVICE_HORIZON };
        let spells = known.occurrences.values().filter_map(Spell::of).collect();
        let shown = known.occurrences.into_values().filter_map(|occurrence| occurrence.displayed);
        let mut meetings: Vec<_> =
            shown.filter(|one| !one.tentative && window.overlaps(one.start, one.end)).collect();
        meetings.sort_by(|a, b| (a.start, &a.key).cmp(&(b.start, &b.key)));
        Present {
            room: room.clone(),
            room_name: room.to_string(),
            rev: known.rev,
            now: self.now,
            zone,
            meetings,
            spells,
            as_of: Some(self.now),
        }
    }

    fn settle(&mut self, settle: Settle) {
        let room = RoomId::new(settle.device.as_str().split('/').next().unwrap_or_default());
        let epoch = *self.planning.epochs.get(&room).expect("the room was taken");
        let outcome = match settle.digest {
            Some(digest) => Outcome::Acknowledged { digest },
            None => Outcome::Failed {
                attempts: settle.attempts,
                not_before: self.now + settle.retry_in.unwrap_or_default(),
                error: settle.error.unwrap_or_default(),
            },
        };
        let settlement = Settlement { device: settle.device, epoch, rev: settle.rev, outcome, now: self.now };
        self.store.settle(&settlement).expect("a delivery can be settled");
    }

    /// What a room's mirror shows of the whole window, in order.
    pub fn shown(&self, room: &str) -> Vec<Line> {
        let known = self.store.known(&RoomId::new(room), &BTreeSet::new()).expect("the room is in the store");
        let mut shown: Vec<_> = known
            .occurrences
            .into_values()
            .filter_map(|occurrence| occurrence.displayed)
            .map(|meeting| (meeting.start, meeting.end, meeting.title().to_owned()))
            .collect();
        shown.sort();
        shown
    }

    /// What everything in a room's mirror is called.
    pub fn keys(&self, room: &str) -> Vec<String> {
        let known = self.store.known(&RoomId::new(room), &BTreeSet::new()).expect("the room is in the store");
        known.occurrences.into_keys().map(|key| key.to_string()).collect()
    }

    /// Compares every room with the server's own expansion, changing nothing: `differences` counts anew.
    pub fn compare_all(&mut self) {
        self.differences.clear();
        let rooms: Vec<RoomId> = self.planning.settings.keys().cloned().collect();
        for (room, number) in rooms.into_iter().zip(0..) {
            self.hear(Event::Wished { room, ticket: Ticket(number), wish: Wish::Compare });
        }
        self.pass(Duration::from_mins(1));
    }

    /// Has an operator resync a room.
    pub fn resync(&mut self, room: &str) {
        self.hear(Event::Wished { room: RoomId::new(room), ticket: Ticket(0), wish: Wish::Resync });
    }

    /// What a room's phone shows.
    pub fn phone(&self, room: &str) -> Vec<Line> {
        self.phones
            .get(&DeviceId::new(format!("{room}/phone")))
            .map(|phone| phone.shows.clone())
            .unwrap_or_default()
    }

    /// How often a room's phone was sent something.
    pub fn pushes(&self, room: &str) -> usize {
        self.phones.get(&DeviceId::new(format!("{room}/phone"))).map_or(0, |phone| phone.pushes)
    }

    /// What is wrong with a room, as the engine tells it.
    pub fn trouble(&self, room: &str) -> Option<String> {
        let (_, room) = self.engine.rooms().find(|(id, _)| id.as_str() == room)?;
        self.engine.trouble_of(room)
    }

    /// The part of the truth that a phone is told of.
    pub fn near(&self, lines: Vec<Line>) -> Vec<Line> {
        let zone = &self.planning.settings.values().next().expect("there is a room").zone;
        let today = meeting_model::day::local_day(zone, self.now).window;
        let window = Window { start: today.start, end: self.now + DEVICE_HORIZON };
        lines.into_iter().filter(|(start, end, _)| window.overlaps(*start, *end)).collect()
    }
}

/// Where a room is read.
fn source(plan: &RoomPlan) -> Source {
    Source { server: plan.server.clone(), migrated_from: None }
}
