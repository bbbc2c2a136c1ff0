//! A simulation under way: what the daemon does for real is done here in order of simulated time.

mod explained;
mod mishap;
mod performing;
mod recording;
mod truth;
mod witness;

pub use mishap::{Mishap, When};
pub use witness::Violation;
pub(crate) use witness::{SECRET, Witness};

use crate::{
    Counts,
    exchange::Connections,
    lateness::Lateness,
    phone::Phone,
    site::{self, Site},
    trace::Trace,
};
use callboard::{
    cmdlets::Accounts,
    planning::{self, Calendars, Planning},
    room_signs::RoomSigns,
};
use chrono::{DateTime, TimeDelta, Utc};
use exchange_sim::{Injection, Rights, World};
use meeting_model::{
    availability::Spell,
    clock::{Now, Window},
    compare::DifferenceKind,
    display::Displayed,
    id::{DeviceId, Revision, RoomId},
    known::Known,
    observed::Source,
    settings::Acceptance,
};
use mishap::Mishaps;
use recording::Recording;
use std::collections::{BTreeMap, BTreeSet};
use std::{cell::RefCell, rc::Rc, sync::Arc, time::Duration};
use store::Store;
use sync_engine::{DeviceStart, Engine, Event, RoomPlan, Ticket, Webdav, Wish};

/// How long a request takes to the server, and an answer back.
pub(crate) const WAY: TimeDelta = TimeDelta::milliseconds(7);

/// The farthest that a device is told of.
const DEVICE_HORIZON: TimeDelta = TimeDelta::hours(72);

/// What the store says that a room shows, and at which revision.
#[derive(Debug)]
struct Rows {
    rev: Revision,
    meetings: Vec<Displayed>,
    spells: Vec<Spell>,
}

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
    begins: DateTime<Utc>,
    /// By how much the corrected clock is wrong.
    clock_error: TimeDelta,
    pub(crate) site: sync_engine::Site,
    engine: Engine,
    recording: Option<Recording>,
    starts: u64,
    pub(crate) store: Store,
    pub(crate) planning: Planning,
    phones: BTreeMap<DeviceId, Phone>,
    to_come: BTreeMap<(DateTime<Utc>, u64), Event>,
    posted: u64,
    pub(crate) connections: Connections,
    mishaps: Mishaps,
    /// What comes late, where anything does.
    pub(crate) lateness: Option<Lateness>,
    /// What was read of rooms since the last commit that concerned them.
    rows: RefCell<BTreeMap<RoomId, Rc<Rows>>>,
    known: RefCell<BTreeMap<RoomId, Arc<Known>>>,
    /// Who sees to it that nothing is shown that is not so, where somebody does.
    pub(crate) witness: Option<Box<Witness>>,
    pub(crate) counts: Counts,
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
        let Site { seed, begins, world, zones, engine: site, record } = site;
        let mut store = Store::open_in_memory().expect("memory can be had");
        let secret = store.site_secret([7; 32]).expect("an empty store takes a secret");
        let devices = site.rooms.values().flat_map(|plan| &plan.devices);
        let phones = devices.map(|device| (device.id.clone(), Phone::default()));
        let mut run = Self {
            world,
            trace: Trace::default(),
            now: begins,
            begins,
            clock_error: TimeDelta::zero(),
            phones: phones.collect(),
            planning: Planning {
                secret,
                zones,
                settings: site.rooms.iter().map(|(id, plan)| (id.clone(), plan.settings.clone())).collect(),
                sources: site.rooms.iter().map(|(id, plan)| (id.clone(), source(plan))).collect(),
                epochs: BTreeMap::new(),
                calendars: Calendars::default(),
                accounts: Accounts::default(),
            },
            engine: Engine::new(site.clone(), seed),
            recording: record.map(Recording::of),
            starts: seed,
            site: site.clone(),
            store,
            to_come: BTreeMap::new(),
            posted: 0,
            connections: Connections::default(),
            mishaps: Mishaps::default(),
            lateness: None,
            rows: RefCell::default(),
            known: RefCell::default(),
            witness: None,
            counts: Counts::default(),
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
        self.witness.iter_mut().for_each(|witness| witness.starts_again(self.clock_error));
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

    /// Whether a room was ever read.
    pub(crate) fn was_read(&self, id: &RoomId) -> bool {
        self.engine.rooms().any(|(room, state)| room == id && state.as_of().is_some())
    }

    /// The program is started again, with another mode of acceptance in a room.
    pub(crate) fn accept_by(&mut self, id: &RoomId, acceptance: Acceptance) {
        if let Some(settings) = self.planning.settings.get_mut(id) {
            settings.acceptance = acceptance;
        }
        if let Some(room) = self.site.rooms.get_mut(id) {
            room.settings.acceptance = acceptance;
        }
        self.restart();
    }

    fn start_engine(&mut self) {
        if let Some(recording) = &mut self.recording {
            recording.begin(&self.site, self.starts, &self.planning.zones);
        }
        self.read_anew();
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
                    device: device.device.clone(),
                    acknowledged: device.acknowledged.unwrap_or_default(),
                    digest: device.certain_digest().map(str::to_owned),
                    attempts: device.attempts,
                })
                .collect(),
        };
        self.hear(started);
    }

    /// Whatever was read of the store may be no more.
    pub(crate) fn read_anew(&mut self) {
        self.rows.get_mut().clear();
        self.known.get_mut().clear();
        self.witness.iter_mut().for_each(|witness| witness.look_anew());
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
        if let Some(phone) = self.phone_of(room) {
            phone.off = !on;
        }
    }

    /// Starts a room's phone anew: it shows nothing, and tells us so.
    pub fn reboot_phone(&mut self, room: &str) {
        if let Some(phone) = self.phone_of(room) {
            phone.reboot();
            self.hear(Event::Forgot { device: DeviceId::new(format!("{room}/phone")) });
        }
    }

    pub(crate) fn phone_of(&mut self, room: &str) -> Option<&mut Phone> {
        self.phones.get_mut(&DeviceId::new(format!("{room}/phone")))
    }

    /// Lets time pass.
    pub fn pass(&mut self, span: Duration) {
        self.pass_until(self.now + span);
    }

    /// Lets time pass until then.
    pub(crate) fn pass_until(&mut self, end: DateTime<Utc>) {
        while let Some(at) = self.next().filter(|at| *at <= end) {
            self.step(at);
        }
        // whoever was dead for a while may have come back later
        self.now = self.now.max(end);
        self.world.advance(self.now);
        self.look_at_the_world();
    }

    /// Lets two minutes pass: every interval of the engine's that matters to a display is shorter.
    pub fn until_quiet(&mut self) {
        self.pass(Duration::from_mins(2));
    }

    fn mono(&self) -> Duration {
        (self.now - self.begins).to_std().unwrap_or_default()
    }

    /// The corrected clock, which may be wrong.
    fn wall(&self) -> DateTime<Utc> {
        self.now + self.clock_error
    }

    fn clock(&self) -> Now {
        Now { wall: self.wall(), mono: self.mono() }
    }

    fn next(&self) -> Option<DateTime<Utc>> {
        let wake = self.engine.next_wake();
        let mono = wake.mono.map(|mono| self.begins + mono);
        let wall = wake.wall.map(|wall| wall - self.clock_error);
        let event = self.to_come.first_key_value().map(|((at, _), _)| *at);
        let next = [mono, wall, event, self.world.next_wake()].into_iter().flatten().min();
        next.map(|at| at.max(self.now))
    }

    fn step(&mut self, at: DateTime<Utc>) {
        self.now = at;
        self.world.advance(at);
        self.look_at_the_world();
        self.listen();
        while let Some(entry) = self.to_come.first_entry().filter(|entry| entry.key().0 <= at) {
            let event = entry.remove();
            self.hear(event);
        }
        self.hear(Event::Wake);
    }

    pub(crate) fn hear(&mut self, event: Event) {
        self.witness.iter_mut().for_each(|witness| witness.hears(&event, self.now));
        let now = self.clock();
        let told = self.recording.is_some().then(|| event.clone());
        let actions = self.engine.on(event, now);
        if let (Some(recording), Some(told)) = (&mut self.recording, told) {
            recording.heard(told, now, &actions);
        }
        for action in actions {
            self.perform(action);
            if self.mishaps.is_dead() {
                return self.rise();
            }
        }
        self.look_around();
    }

    pub(crate) fn post(&mut self, after: TimeDelta, event: Event) {
        self.to_come.insert((self.now + after, self.posted), event);
        self.posted += 1;
    }

    /// What a room's mirror shows of the whole window, in order.
    pub fn shown(&self, room: &str) -> Vec<Line> {
        let rows = self.rows(&RoomId::new(room));
        let mut shown: Vec<_> = rows.meetings.iter().map(line).collect();
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
            .map(|phone| phone.shows.iter().map(line).collect())
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

/// What a display shows of a meeting.
fn line(meeting: &Displayed) -> Line {
    (meeting.start, meeting.end, meeting.title().to_owned())
}

/// Where a room is read.
fn source(plan: &RoomPlan) -> Source {
    Source { server: plan.server.clone(), migrated_from: None }
}
