//! The daemon: one loop that feeds the engine with events and performs its actions.

mod control_socket;
mod forget;
mod health;
mod perform;
mod tickets;

use crate::{
    config::Config,
    planning::Planning,
    site,
    state_dir::{Lock, StateDir},
    system_clock::SystemClock,
};
use anyhow::Context;
use chrono::{DateTime, Utc};
use control::{Health, Warning};
use feed::{Feed, FeedRoom, FeedSettings};
use meeting_model::{clock::Clock, privacy::SiteSecret, zone::ZoneDatabase};
use perform::{Performer, ShownRoom};
use std::{net::SocketAddr, sync::Arc, time::Duration};
use store::{DeviceState, DisplayReader, RoomState, Store, Writer};
use sync_engine::{Action, Engine, Event, RoomStart};
use tickets::Tickets;
use tokio::{
    net::TcpListener,
    sync::{mpsc, oneshot, watch},
    task::JoinHandle,
    time::Instant,
};

/// The longest sleep towards a wall-clock time: a step of the clock is noticed within it (rule C6).
const CLOCK_CHECK: Duration = Duration::from_secs(4);

/// How long after a change health is told anew.
const HEALTH_EVERY: Duration = Duration::from_millis(200);

/// How long subscriptions may take to be given back at the end.
const FAREWELL: Duration = Duration::from_secs(3);

/// A running daemon. Dropping it leaves its tasks running: [`Daemon::stop`] it.
#[derive(Debug)]
pub struct Daemon {
    feed: SocketAddr,
    health: watch::Receiver<Health>,
    stop: oneshot::Sender<()>,
    engine: JoinHandle<()>,
    serving: JoinHandle<()>,
    control: JoinHandle<()>,
    forgetting: JoinHandle<()>,
    writer: Writer,
    state: StateDir,
    lock: Lock,
}

impl Daemon {
    /// Opens the mirror, listens, and starts watching the rooms. Returns once the feed answers; rooms are read from then on.
    ///
    /// # Errors
    /// Where the state directory, the mirror, a password, a certificate or the feed's address cannot be used;
    /// [`Held`](crate::state_dir::Held) where another callboard runs on the same state directory.
    pub async fn start(config: &Config, zones: ZoneDatabase) -> anyhow::Result<Self> {
        let mirror = Mirror::open(config)?;
        let listener = TcpListener::bind(config.feed.listen).await.with_context(|| {
            format!(
                "feed: `listen` address {} cannot be listened on; is another program using it?",
                config.feed.listen
            )
        })?;
        Self::watch(listener, mirror, config, zones)
    }

    /// As [`Daemon::start`], with a listener for the feed that is already bound.
    ///
    /// # Errors
    /// As [`Daemon::start`].
    pub fn start_on(listener: TcpListener, config: &Config, zones: ZoneDatabase) -> anyhow::Result<Self> {
        Self::watch(listener, Mirror::open(config)?, config, zones)
    }

    fn watch(
        listener: TcpListener,
        mirror: Mirror,
        config: &Config,
        zones: ZoneDatabase,
    ) -> anyhow::Result<Self> {
        let feed = listener.local_addr()?;
        let state = StateDir::new(&config.state_dir);
        let clock = SystemClock::start();
        let now = clock.now();
        let warnings = site::warnings(config, &zones, now.wall);
        let (events, heard) = mpsc::unbounded_channel();
        let performer = Performer {
            clock: Arc::new(clock),
            subscriber: site::subscriber(config)?,
            writer: mirror.writer.handle(),
            reader: mirror.reader.clone(),
            phones: Arc::new(site::phones(config, &config.feed.public_url)?),
            planning: Arc::new(mirror.planning(config, zones)),
            shown: Arc::new(config.rooms.iter().map(|room| (room.id.clone(), shown(room))).collect()),
            room_of: Arc::new(site::room_of(config)),
            tickets: Tickets::default(),
            events: events.clone(),
        };
        let mut engine = Engine::new(site::engine(config), seed()?);
        let first = engine.on(mirror.started(), now);
        let (tell_health, health) = watch::channel(health::of(&engine, now.wall, &warnings, now));
        let reach = control_socket::Reach {
            rooms: Arc::new(site::rooms(config)),
            health: health.clone(),
            tickets: performer.tickets.clone(),
            events,
        };

        state.remove_stale_socket();
        let control = control_socket::bind(&state.control_socket())?;
        let (stop, stopped) = oneshot::channel();
        let (end_feed, feed_ends) = oneshot::channel::<()>();
        let serving = serve_feed(listener, config, mirror.reader, clock, health.clone(), feed_ends)?;
        let forgetting = forget::by_and_by(mirror.writer.handle(), Arc::new(clock), forget::back(config));
        let running = Loop { engine, performer, clock, heard, tell_health, started: now.wall, warnings };
        let engine = tokio::spawn(async move {
            running.run(first, stopped).await;
            // displays are served until the last commit
            drop(end_feed);
        });
        tracing::info!(rooms = config.rooms.len(), %feed, "callboard has started");
        Ok(Self {
            feed,
            health,
            stop,
            engine,
            serving,
            control: tokio::spawn(control_socket::serve(control, reach)),
            forgetting: tokio::spawn(forgetting),
            writer: mirror.writer,
            state,
            lock: mirror.lock,
        })
    }

    /// Where the feed listens.
    pub fn feed(&self) -> SocketAddr {
        self.feed
    }

    /// How everything is, told anew when it changes.
    pub fn health(&self) -> watch::Receiver<Health> {
        self.health.clone()
    }

    /// Gives subscriptions back, ends every task and closes the mirror.
    ///
    /// # Errors
    /// Where the mirror cannot be closed; nothing that was committed is lost by it.
    pub async fn stop(self) -> anyhow::Result<()> {
        self.control.abort();
        self.forgetting.abort();
        let _ = self.stop.send(());
        let _ = self.engine.await;
        let _ = self.serving.await;
        let writer = self.writer;
        tokio::task::spawn_blocking(move || writer.close()).await??;
        self.state.remove_stale_socket();
        drop(self.lock);
        tracing::info!("callboard has stopped");
        Ok(())
    }
}

/// The mirror, opened, with everything it held when it was.
struct Mirror {
    lock: Lock,
    secret: SiteSecret,
    rooms: Vec<RoomState>,
    devices: Vec<DeviceState>,
    reader: DisplayReader,
    writer: Writer,
}

impl Mirror {
    /// Locks the state directory, opens the mirror and takes the configured rooms.
    fn open(config: &Config) -> anyhow::Result<Self> {
        let state = StateDir::new(&config.state_dir);
        state.create()?;
        let lock = state.lock()?;
        let mut store = Store::open(&state.database())?;
        let mut fresh = [0; 32];
        getrandom::fill(&mut fresh).context("the system has no randomness to give")?;
        let secret = store.site_secret(fresh)?;
        let rooms = store.take(&site::claims(config))?;
        for room in store.forget_others(&site::rooms(config))? {
            tracing::info!(%room, "forgot a room that is no longer configured");
        }
        let devices = store.devices()?;
        let reader = DisplayReader::open(&state.database())?;
        Ok(Self { lock, secret, rooms, devices, reader, writer: Writer::start(store)? })
    }

    fn planning(&self, config: &Config, zones: ZoneDatabase) -> Planning {
        Planning {
            secret: self.secret.clone(),
            zones,
            settings: config.rooms.iter().map(|room| (room.id.clone(), room.settings.clone())).collect(),
            epochs: self.rooms.iter().map(|room| (room.room.clone(), room.epoch)).collect(),
        }
    }

    /// What the engine begins with.
    fn started(&self) -> Event {
        let room = |room: &RoomState| RoomStart {
            room: room.room.clone(),
            rev: room.rev,
            cursor: room.cursor.clone(),
            as_of: room.as_of,
        };
        let device = |device: &DeviceState| {
            (device.device.clone(), device.acknowledged.unwrap_or_default(), device.digest.clone())
        };
        Event::Started {
            rooms: self.rooms.iter().map(room).collect(),
            devices: self.devices.iter().map(device).collect(),
        }
    }
}

fn serve_feed(
    listener: TcpListener,
    config: &Config,
    reader: DisplayReader,
    clock: SystemClock,
    health: watch::Receiver<Health>,
    ends: oneshot::Receiver<()>,
) -> anyhow::Result<JoinHandle<()>> {
    let rooms = config.rooms.iter().map(|room| FeedRoom {
        id: room.id.clone(),
        name: room.name.clone(),
        zone: room.settings.zone.clone(),
    });
    let stored = config.rooms.iter().map(|room| &room.settings);
    let settings = FeedSettings {
        public_url: config.feed.public_url.clone(),
        back: stored.clone().map(|room| room.back).max().unwrap_or_default(),
        ahead: stored.map(|room| room.ahead).max().unwrap_or_default(),
        rooms: rooms.collect(),
    };
    let router = Feed::new(settings, reader, Arc::new(clock), health)?.router();
    Ok(tokio::spawn(async move {
        let ended = async {
            let _ = ends.await;
        };
        if let Err(error) = feed::serve(listener, router, ended).await {
            tracing::error!(%error, "the feed has ended");
        }
    }))
}

fn shown(room: &crate::config::RoomConfig) -> ShownRoom {
    ShownRoom { name: room.name.clone(), zone: room.settings.zone.clone() }
}

fn seed() -> anyhow::Result<u64> {
    getrandom::u64().context("the system has no randomness to give")
}

/// The engine's loop.
struct Loop {
    engine: Engine,
    performer: Performer,
    clock: SystemClock,
    heard: mpsc::UnboundedReceiver<Event>,
    tell_health: watch::Sender<Health>,
    started: DateTime<Utc>,
    warnings: Vec<Warning>,
}

impl Loop {
    async fn run(mut self, first: Vec<Action>, mut stopped: oneshot::Receiver<()>) {
        self.perform(first);
        let mut health_at: Option<Instant> = None;
        loop {
            let wake = self.next_wake();
            let event = tokio::select! {
                biased;
                _ = &mut stopped => break,
                () = sleep_until(health_at) => {
                    health_at = None;
                    self.publish_health();
                    continue;
                }
                Some(event) = self.heard.recv() => event,
                () = sleep_until(Some(wake)) => Event::Wake,
            };
            health_at = health_at.or_else(|| Some(Instant::now() + HEALTH_EVERY));
            let actions = self.engine.on(event, self.clock.now());
            self.perform(actions);
        }
        self.say_goodbye().await;
    }

    fn perform(&self, actions: Vec<Action>) {
        for action in actions {
            self.performer.perform(action);
        }
    }

    fn next_wake(&self) -> Instant {
        let wake = self.engine.next_wake();
        let now = self.clock.now();
        let mono = wake.mono.map(|mono| mono.saturating_sub(now.mono));
        let wall = wake.wall.map(|wall| (wall - now.wall).to_std().unwrap_or_default());
        let sleep = mono.into_iter().chain(wall).fold(CLOCK_CHECK, Duration::min);
        self.clock.instant(now.mono + sleep)
    }

    fn publish_health(&self) {
        let now = self.clock.now();
        let health = health::of(&self.engine, self.started, &self.warnings, now);
        self.tell_health.send_if_modified(|told| {
            let differs = *told != health;
            *told = health;
            differs
        });
    }

    /// Gives the subscriptions back, as far as servers answer in time.
    async fn say_goodbye(&mut self) {
        let farewells = self.engine.on(Event::Stop, self.clock.now());
        let exchanges = farewells.iter().filter(|action| matches!(action, Action::Exchange { .. })).count();
        self.perform(farewells);
        let answered = async {
            let mut answers = 0;
            while answers < exchanges {
                match self.heard.recv().await {
                    Some(Event::Exchange { .. }) => answers += 1,
                    Some(_) => {}
                    None => break,
                }
            }
        };
        if tokio::time::timeout(FAREWELL, answered).await.is_err() {
            tracing::debug!("not every subscription was given back in time");
        }
    }
}

async fn sleep_until(at: Option<Instant>) {
    match at {
        Some(at) => tokio::time::sleep_until(at).await,
        None => std::future::pending().await,
    }
}
