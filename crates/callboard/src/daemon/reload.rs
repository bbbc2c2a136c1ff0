//! The configuration is read again while the daemon runs.
//!
//! One after the other: a file with mistakes, a password that cannot be read or a mirror that cannot be written changes
//! nothing. What can fail is done first; then the loop takes the new parts and tells the engine in one step.

mod asking;
mod difference;

use super::{
    forget::{self, Keeps},
    perform::{self, Performer, ShownRoom},
    timekeeper::Timekeeping,
};
use crate::{
    config::{Config, ConfigError, RoomConfig, SecretError},
    planning::{self, Planning},
    site::{self, Devices},
    switching,
};
use asking::Asked;
pub use asking::Reloads;
use chrono::{DateTime, Utc};
use control::{Reloaded, Switched, Warning};
use feed::{Feed, FeedRooms};
use meeting_model::{
    clock::Clock,
    id::{DeviceId, RoomId, ServerId},
};
use phone_push::{DeviceTarget, PhonePush};
use secrecy::SecretString;
use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
    sync::Arc,
};
use store::{RoomState, WriterHandle};
use subscriber::Subscriber;
use sync_engine::Event;
use tokio::sync::{mpsc, oneshot, watch};

/// Every password there is, by the name of whom it is for.
type Passwords = BTreeMap<String, SecretString>;

/// Reads the configuration again, when it is asked to.
pub(super) struct Reloader {
    /// What is in force.
    config: Config,
    /// Its devices.
    targets: BTreeMap<DeviceId, DeviceTarget>,
    /// Its passwords.
    passwords: Passwords,
    /// The devices that are no longer configured, with their addresses.
    leaving: BTreeMap<DeviceId, (String, DeviceTarget)>,
    /// What all devices have in common.
    devices: Devices,
    push_secret: [u8; 32],
    planning: watch::Sender<Arc<Planning>>,
    writer: WriterHandle,
    clock: Arc<dyn Clock>,
    feed: Feed,
    rooms: watch::Sender<BTreeSet<RoomId>>,
    present: watch::Sender<Arc<Config>>,
    keeps: watch::Sender<Keeps>,
    timekeeping: watch::Sender<Timekeeping>,
    tell_change: mpsc::UnboundedSender<Change>,
}

/// A change, for the loop.
pub(super) struct Change {
    /// What the engine is to be told.
    pub(super) event: Event,
    /// What actions are performed with from now on.
    pub(super) equipment: Equipment,
    /// What is known to deserve an administrator's attention.
    pub(super) warnings: Vec<Warning>,
    /// Told when the engine knows: the devices that are still to be emptied.
    pub(super) done: oneshot::Sender<BTreeSet<DeviceId>>,
}

/// What actions are performed with, as far as the configuration decides it.
pub(super) struct Equipment {
    subscriber: Subscriber,
    phones: Arc<PhonePush>,
    leaving: Arc<PhonePush>,
    planning: Arc<Planning>,
    shown: Arc<BTreeMap<RoomId, ShownRoom>>,
    room_of: Arc<BTreeMap<DeviceId, RoomId>>,
}

impl Equipment {
    /// What is under way goes on with what it began with.
    pub(super) fn put_into(self, performer: &mut Performer) {
        let Self { subscriber, phones, leaving, planning, shown, room_of } = self;
        subscriber.tell_dates(&performer.hears);
        performer.subscriber = subscriber;
        if performer.shadows.is_none() {
            performer.callbacks.replace(&phones);
        }
        performer.phones = phones;
        performer.leaving = leaving;
        performer.planning = planning;
        performer.shown = shown;
        performer.room_of = room_of;
    }
}

/// What is made of a configuration before anything is changed.
struct Parts {
    subscriber: Subscriber,
    targets: BTreeMap<DeviceId, DeviceTarget>,
    passwords: Passwords,
    phones: PhonePush,
    rooms: FeedRooms,
}

impl Reloader {
    /// For a daemon that runs with this configuration.
    pub(super) fn new(
        config: Config,
        targets: BTreeMap<DeviceId, DeviceTarget>,
        push_secret: [u8; 32],
        performer: &Performer,
        feed: Feed,
        tell_change: mpsc::UnboundedSender<Change>,
    ) -> Self {
        Self {
            rooms: watch::Sender::new(site::rooms(&config)),
            present: watch::Sender::new(Arc::new(config.clone())),
            keeps: watch::Sender::new(forget::keeps(&config)),
            timekeeping: watch::Sender::new(Timekeeping::of(&config)),
            planning: watch::Sender::new(Arc::clone(&performer.planning)),
            writer: performer.writer.clone(),
            clock: Arc::clone(&performer.clock),
            leaving: BTreeMap::new(),
            devices: performer.devices.clone(),
            // whatever cannot be read now could be when the daemon began, just before
            passwords: secrets(&config).filter_map(|(about, read)| Some((about, read.ok()?))).collect(),
            config,
            targets,
            push_secret,
            feed,
            tell_change,
        }
    }

    /// The rooms there are, told anew when they change.
    pub(super) fn rooms(&self) -> watch::Receiver<BTreeSet<RoomId>> {
        self.rooms.subscribe()
    }

    /// What planning needs, told anew when it changes.
    pub(super) fn planning(&self) -> watch::Receiver<Arc<Planning>> {
        self.planning.subscribe()
    }

    /// Whom to ask for the time, told anew when that changes.
    pub(super) fn timekeeping(&self) -> watch::Receiver<Timekeeping> {
        self.timekeeping.subscribe()
    }

    /// The configuration that is in force, told anew when it changes.
    pub(super) fn present(&self) -> watch::Receiver<Arc<Config>> {
        self.present.subscribe()
    }

    /// How long what is kept, told anew when that changes.
    pub(super) fn keeps(&self) -> watch::Receiver<Keeps> {
        self.keeps.subscribe()
    }

    /// Serves whoever asks, until nobody can any more.
    pub(super) async fn run(mut self, mut asked: mpsc::UnboundedReceiver<Asked>) {
        while let Some(asked) = asked.recv().await {
            let (dry_run, answer) = match asked {
                Asked::Reread { dry_run, answer } => (dry_run, answer),
                Asked::Move(rooms, answer) => {
                    // whoever asked may have gone
                    let _ = answer.send(self.read_elsewhere(&rooms).await);
                    continue;
                }
            };
            let result = self.reload(dry_run).await;
            match &result {
                Ok(_) if dry_run => {}
                Ok(reloaded) => {
                    tracing::info!(
                        rooms = self.config.rooms.len(),
                        anything = reloaded.is_anything(),
                        "the configuration was read again"
                    );
                    for warning in &reloaded.warnings {
                        tracing::warn!(%warning, "the configuration deserves attention");
                    }
                }
                Err(mistakes) => {
                    for mistake in mistakes {
                        tracing::error!(mistake, "the configuration cannot be used and changes nothing");
                    }
                }
            }
            // whoever asked may have gone
            let _ = answer.send(result);
        }
    }

    async fn reload(&mut self, dry_run: bool) -> Result<Reloaded, Vec<String>> {
        let Some(file) = self.config.file.clone() else {
            return Err(vec!["this daemon was started without a configuration file".to_owned()]);
        };
        let (mut config, parts, later) = self.read(file).await?;
        config.follow(|room| self.config.rooms.iter().find(|held| held.id == *room).map(RoomConfig::source));
        let sentence = |error: store::Error| vec![error.to_string()];
        let switches = self.switches(&config).await.map_err(sentence)?;
        let told = difference::between(&self.config, &config);
        let passwords = difference::others(&self.passwords, &parts.passwords);
        let told = Reloaded { applied: !dry_run, switches, passwords, ..told };
        let taken = if dry_run { None } else { Some(self.take(&config).await.map_err(sentence)?) };
        config.warnings.extend(later);
        let warnings = site::warnings(&config, &self.planning.borrow().zones, self.clock.now().wall);
        if let Some(taken) = taken {
            told.switches.iter().for_each(switching::log);
            self.change(config, parts, &taken, warnings.clone()).await?;
        }
        Ok(Reloaded { warnings, ..told })
    }

    /// What disappears or appears in rooms for which somebody else accepts (rule A5).
    async fn switches(&self, config: &Config) -> Result<Vec<Switched>, store::Error> {
        let planning = Arc::clone(&self.planning.borrow());
        let mut switches = Vec::new();
        for room in &config.rooms {
            let before = planning.settings.get(&room.id);
            if before.is_some_and(|before| !switching::is_same(before, &room.settings)) {
                let known = self.writer.known(room.id.clone(), BTreeSet::new()).await?;
                let (site, now) = (planning.site(), self.clock.now());
                switches.extend(switching::switched(&room.id, &known, &room.settings, site, now));
            }
        }
        Ok(switches)
    }

    /// Has rooms read elsewhere, and all else as it is.
    async fn read_elsewhere(&mut self, rooms: &BTreeMap<RoomId, ServerId>) -> Result<(), Vec<String>> {
        let mut config = self.config.clone();
        for room in &mut config.rooms {
            if let Some(to) = rooms.get(&room.id) {
                tracing::info!(room = %room.id, from = %room.server, %to, "the room is to be read elsewhere");
                room.migrate(to);
            }
        }
        let (now, devices, read) = (self.clock.now().wall, self.devices.clone(), config.clone());
        let parts = tokio::task::spawn_blocking(move || Parts::of(&read, &devices, now)).await;
        let parts = parts.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()))?;
        let warnings = site::warnings(&config, &self.planning.borrow().zones, now);
        let taken = self.take(&config).await.map_err(|error| vec![error.to_string()])?;
        self.change(config, parts, &taken, warnings).await
    }

    /// Reads the file and everything that it names. What cannot change now stays as it is, and is told.
    async fn read(&self, file: PathBuf) -> Result<(Config, Parts, Vec<Warning>), Vec<String>> {
        let (zones, present) = (self.planning.borrow().zones.clone(), self.config.clone());
        let (now, devices) = (self.clock.now().wall, self.devices.clone());
        let read = tokio::task::spawn_blocking(move || {
            let mut config = Config::load(&file, &zones).map_err(mistakes)?;
            let later = difference::stay(&mut config, &present);
            let parts = Parts::of(&config, &devices, now)?;
            Ok((config, parts, later))
        });
        read.await.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()))
    }

    /// Takes the rooms that are new, and gives the others their devices and calendars: how all of these stand then.
    async fn take(&self, config: &Config) -> Result<Vec<RoomState>, store::Error> {
        let present: BTreeMap<_, _> =
            site::claims(&self.config).into_iter().map(|claim| (claim.room.clone(), claim)).collect();
        let (held, new): (Vec<_>, Vec<_>) =
            site::claims(config).into_iter().partition(|claim| present.contains_key(&claim.room));
        let others = held.into_iter().filter(|claim| present.get(&claim.room) != Some(claim));
        let (taken, equipped) = (self.writer.take(new), self.writer.equip(others.collect()));
        Ok([taken.await?, equipped.await?].concat())
    }

    async fn change(
        &mut self,
        config: Config,
        parts: Parts,
        taken: &[RoomState],
        warnings: Vec<Warning>,
    ) -> Result<(), Vec<String>> {
        let Parts { subscriber, targets, passwords, phones, rooms } = parts;
        let leaving = self.let_go(&config, &targets)?;
        let planning = Arc::new(self.planning.borrow().changed(&config, taken));
        let event = Event::Reconfigured {
            site: site::engine(&config, self.push_secret),
            moved: difference::moved(&self.config, &config),
            rooms: planning::starts(&site::plans(&config), taken),
        };
        let equipment = Equipment {
            subscriber,
            phones: Arc::new(phones),
            leaving: Arc::new(leaving),
            planning: Arc::clone(&planning),
            shown: Arc::new(perform::shown(&config)),
            room_of: Arc::new(site::room_of(&config)),
        };
        let (done, known) = oneshot::channel();
        // where the loop has ended, the daemon is about to
        let _ = self.tell_change.send(Change { event, equipment, warnings, done });
        let still = known.await.unwrap_or_default();
        self.leaving.retain(|device, _| still.contains(device));
        self.feed.replace(rooms);
        let all = site::rooms(&config);
        self.rooms.send_replace(all.clone());
        self.present.send_replace(Arc::new(config.clone()));
        self.keeps.send_replace(forget::keeps(&config));
        self.timekeeping.send_replace(Timekeeping::of(&config));
        self.planning.send_replace(planning);
        (self.config, self.targets, self.passwords) = (config, targets, passwords);
        match self.writer.forget_others(all).await {
            Ok(gone) => {
                for room in gone {
                    tracing::info!(%room, "forgot a room that was taken off");
                }
            }
            Err(error) => tracing::warn!(%error, "rooms that were taken off are forgotten at the next start"),
        }
        Ok(())
    }

    /// How the devices that are no longer configured are told. Whoever is at the address of one now has the newest password
    /// for it.
    fn let_go(
        &mut self,
        config: &Config,
        targets: &BTreeMap<DeviceId, DeviceTarget>,
    ) -> Result<PhonePush, Vec<String>> {
        let devices = self.config.rooms.iter().flat_map(|room| &room.devices);
        for device in devices.filter(|device| !targets.contains_key(&device.id)) {
            if let Some(target) = self.targets.get(&device.id) {
                self.leaving.insert(device.id.clone(), (device.address.clone(), target.clone()));
            }
        }
        let present = config.rooms.iter().flat_map(|room| &room.devices);
        let at: BTreeMap<&str, &DeviceId> =
            present.map(|device| (device.address.as_str(), &device.id)).collect();
        for (address, target) in self.leaving.values_mut() {
            if let Some(successor) = at.get(address.as_str()).and_then(|device| targets.get(*device)) {
                target.clone_from(successor);
            }
        }
        let leaving = self.leaving.iter().map(|(device, (_, target))| (device.clone(), target.clone()));
        site::phones(&leaving.collect(), &self.devices).map_err(|error| vec![format!("{error:#}")])
    }
}

impl Parts {
    fn of(config: &Config, devices: &Devices, now: DateTime<Utc>) -> Result<Self, Vec<String>> {
        let (mut passwords, mut unreadable) = (Passwords::new(), Vec::new());
        for (about, read) in secrets(config) {
            match read {
                Ok(password) => drop(passwords.insert(about, password)),
                Err(error) => unreadable.push(format!("`{about}`: {:#}", anyhow::Error::new(error))),
            }
        }
        if !unreadable.is_empty() {
            return Err(unreadable);
        }
        let sentence = |error: anyhow::Error| vec![format!("{error:#}")];
        let targets = site::targets(config).map_err(sentence)?;
        Ok(Self {
            subscriber: site::subscriber(config, now).map_err(sentence)?,
            phones: site::phones(&targets, devices).map_err(sentence)?,
            rooms: FeedRooms::new(site::feed(config).map_err(sentence)?)
                .map_err(|error| sentence(error.into()))?,
            targets,
            passwords,
        })
    }
}

/// Reads every password, with whom it is for.
fn secrets(config: &Config) -> impl Iterator<Item = (String, Result<SecretString, SecretError>)> {
    config.secrets().map(|(about, secret)| (about.to_owned(), secret.read()))
}

fn mistakes(error: ConfigError) -> Vec<String> {
    match error {
        ConfigError::Mistakes(mistakes) => mistakes.iter().map(ToString::to_string).collect(),
        unreadable => vec![format!("{:#}", anyhow::Error::new(unreadable))],
    }
}
