//! The site that is simulated.

use crate::{
    run::Run,
    scenario::{DOMAINS, NUMBERS},
};
use chrono::{DateTime, Utc};
use exchange_sim::{Account, CalendarProcessing, Rights, Room, WebdavManners, WebdavSignIn, World};
use exchange_wire::{
    autodiscover::Policy,
    ews::{Dialect, Version},
    webdav::Session,
};
use meeting_model::{
    id::{DeviceId, RoomId, ServerId},
    join::NumberPattern,
    settings::RoomSettings,
    zone::{RoomZone, ZoneDatabase},
};
use std::{
    path::{Path, PathBuf},
    time::Duration,
};
use sync_engine::{AccountId, DeviceSettings, Notifications, PushSettings, RoomPlan, ServerSettings, Webdav};

/// When every simulation begins: a Monday morning.
pub const START: &str = "2026-03-02T07:00:00Z";

/// The account the engine signs in with.
pub(crate) const ACCOUNT: (&str, &str) = ("svc-callboard", "secret");

/// A site to be simulated.
#[derive(Debug)]
pub struct Site {
    pub(crate) seed: u64,
    pub(crate) begins: DateTime<Utc>,
    pub(crate) world: World,
    pub(crate) zones: ZoneDatabase,
    pub(crate) engine: sync_engine::Site,
    /// Where what the engine is told is recorded, and in how many bytes at most.
    pub(crate) record: Option<(PathBuf, u64)>,
}

impl Site {
    /// A site without rooms. The seed decides all that is left to chance.
    pub fn new(seed: u64) -> Self {
        Self::beginning(seed, start())
    }

    /// The same, beginning at an instant.
    pub fn beginning(seed: u64, begins: DateTime<Utc>) -> Self {
        let mut world = World::new(seed, begins);
        world.add_account(Account::new(ACCOUNT.0, ACCOUNT.1).with_rights(Rights::Reviewer));
        let mut site = sync_engine::Site::default();
        site.servers.insert(
            server(),
            ServerSettings {
                dialect: Dialect::default(),
                webdav: None,
                autodiscover: None,
                account: AccountId::new(ACCOUNT.0),
                notifications: None,
                push: Some(PushSettings {
                    url: "http://callboard.example.com/ews-push".into(),
                    secret: [9; 32],
                }),
                pull_interval: Duration::from_secs(15),
                renew_every: Duration::from_mins(20),
                reconcile_every: Duration::from_hours(1),
                max_concurrent: Some(4),
            },
        );
        Self { seed, begins, world, zones: ZoneDatabase::bundled(), engine: site, record: None }
    }

    /// Adds rooms with attendants that keep subjects, each with one phone.
    #[must_use]
    pub fn rooms(mut self, aliases: &[&str]) -> Self {
        for alias in aliases {
            add_room(&mut self.world, alias);
        }
        self.expecting(aliases)
    }

    /// Adds rooms that Exchange does not have yet, each with one phone.
    #[must_use]
    pub fn expecting(mut self, aliases: &[&str]) -> Self {
        for alias in aliases {
            let mailbox = format!("{alias}@rooms.example");
            let zone = RoomZone::named(&self.zones, "Europe/Berlin").expect("a zone of the database");
            let settings = RoomSettings::usual(zone, mailbox.as_str());
            let id = DeviceId::new(format!("{alias}/phone"));
            let devices = vec![DeviceSettings { id, address: format!("{alias}.phones.example") }];
            let plan = RoomPlan { part_of: None, server: server(), mailbox, settings, devices };
            self.engine.rooms.insert(RoomId::new(*alias), plan);
        }
        self
    }

    /// Adds a room that treats requests in its own way, with walls in this zone (an IANA name) and one phone.
    #[must_use]
    pub fn room(mut self, alias: &str, processing: CalendarProcessing, zone: &str) -> Self {
        self.world.add_room(Room::new(alias).processing(processing)).expect("rooms have different names");
        let mut site = self.expecting(&[alias]);
        let zone = RoomZone::named(&site.zones, zone).expect("a zone of the database");
        if let Some(room) = site.engine.rooms.get_mut(&RoomId::new(alias)) {
            room.settings.zone = zone;
        }
        site
    }

    /// Asks subscriptions that have to be asked, renews them, and compares with what the server itself makes of a calendar, so
    /// often.
    #[must_use]
    pub fn every(
        mut self,
        pull_interval: Duration,
        renew_every: Duration,
        reconcile_every: Duration,
    ) -> Self {
        for server in self.engine.servers.values_mut() {
            server.pull_interval = pull_interval;
            server.renew_every = renew_every;
            server.reconcile_every = reconcile_every;
        }
        self
    }

    /// Lets the rooms hear of changes in this way.
    #[must_use]
    pub fn told_by(mut self, notifications: Notifications) -> Self {
        for server in self.engine.servers.values_mut() {
            server.notifications = Some(notifications);
        }
        self
    }

    /// Speaks WebDAV to a server that behaves so, for accounts that sign in by its form or by HTTP's means.
    #[must_use]
    pub fn over_webdav(mut self, manners: WebdavManners) -> Self {
        let session = match manners.sign_in {
            WebdavSignIn::Http => Session::Http,
            WebdavSignIn::Forms => Session::Form,
        };
        for server in self.engine.servers.values_mut() {
            server.webdav = Some(Webdav { directory: "/exchange/".to_owned(), session });
            server.renew_every = Duration::from_mins(40);
            server.push = None;
        }
        self.world.set_webdav(Some(manners));
        self
    }

    /// Is sent word by UDP, and asks for itself only every five minutes.
    #[must_use]
    pub fn told_by_word(mut self) -> Self {
        for server in self.engine.servers.values_mut() {
            server.push =
                Some(PushSettings { url: "httpu://callboard.example.com:34777".into(), secret: [9; 32] });
            server.pull_interval = Duration::from_mins(5);
        }
        self
    }

    /// Leaves the address of the server to Autodiscover, which may lead to these domains.
    #[must_use]
    pub fn discovered(mut self, domains: &[&str]) -> Self {
        // it answers over TLS
        self.world.set_certificate([7; 32]);
        let domains: Vec<String> = domains.iter().map(|domain| (*domain).to_owned()).collect();
        for server in self.engine.servers.values_mut() {
            server.autodiscover = Some(Policy { domains: domains.clone() });
        }
        self
    }

    /// Looks for lost subjects in every room's mailbox, with these rights on it.
    #[must_use]
    pub fn recovering_from_inbox(mut self, rights: Rights) -> Self {
        for (id, room) in &mut self.engine.rooms {
            room.settings.subjects.recover_from_inbox = true;
            self.world.grant(ACCOUNT.0, id.as_str(), rights).expect("both are there");
        }
        self
    }

    /// Speaks EWS by this schema.
    pub(crate) fn speaking(mut self, version: Version) -> Self {
        for server in self.engine.servers.values_mut() {
            server.dialect.version = version;
        }
        self
    }

    /// Takes the site's own addresses and numbers for ways to join a meeting.
    pub(crate) fn dialling(mut self) -> Self {
        let (label, prefix, digits) = NUMBERS;
        let (label, prefix) = (Some(label.to_owned()), prefix.to_owned());
        let pattern = NumberPattern { label, prefix, digits: digits..=digits };
        for room in self.engine.rooms.values_mut() {
            room.settings.join.domains = DOMAINS.map(str::to_owned).to_vec();
            room.settings.join.numbers = vec![pattern.clone()];
        }
        self
    }

    /// Records what the engine is told, in at most so many bytes.
    #[must_use]
    pub fn recorded(self, path: &Path, most: u64) -> Self {
        Self { record: Some((path.to_owned(), most)), ..self }
    }

    /// The world as it is before the engine starts.
    pub fn world(&mut self) -> &mut World {
        &mut self.world
    }

    /// Starts the engine.
    pub fn begin(self) -> Run {
        Run::begin(self)
    }
}

/// Makes a room in Exchange, with an attendant that keeps subjects.
pub fn add_room(world: &mut World, alias: &str) {
    let room = Room::new(alias).processing(CalendarProcessing::preserving());
    world.add_room(room).expect("rooms have different names");
}

pub(crate) fn server() -> ServerId {
    ServerId::new("hq")
}

pub(crate) fn start() -> DateTime<Utc> {
    START.parse().expect("a valid instant")
}
