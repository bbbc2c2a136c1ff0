//! The daemon: one loop that feeds the engine with events and performs its actions.

mod control_socket;
mod engine_loop;
mod explain;
mod forget;
mod health;
mod migrate;
mod mirror;
mod operating;
mod perform;
mod pushes;
mod reload;
mod shadow;
mod signs;
mod streams;
mod tickets;
mod timekeeper;

use crate::{
    config::{Config, FlightConfig},
    corrected_clock::CorrectedClock,
    flight::Recorder,
    planning::Planning,
    site,
    state_dir::{Lock, StateDir},
};
use anyhow::Context;
use control::{ClockReport, Health};
use engine_loop::Loop;
use explain::Explainer;
use feed::{Feed, Fetched};
use meeting_model::{
    clock::{Clock, Now},
    id::DeviceId,
    zone::ZoneDatabase,
};
use mirror::Mirror;
use operating::Reach;
pub(crate) use perform::DEVICE_HORIZON;
use perform::Performer;
use phone_push::{Callbacks, DeviceTarget};
use pushes::Pushes;
use reload::Reloader;
pub use reload::Reloads;
use shadow::Shadows;
use signs::Signs;
use std::{collections::BTreeMap, net::SocketAddr, sync::Arc};
use store::{DialReader, DisplayReader, Writer, WriterHandle};
use streams::Streams;
use subscriber::{
    dated::Hears,
    notify,
    push::{Limits, Listener},
};
use sync_engine::{Action, Engine, Event, Page};
use tickets::Tickets;
use timekeeper::Timekeeper;
use tokio::{
    net::TcpListener,
    sync::{mpsc, oneshot, watch},
    task::JoinHandle,
};

/// A running daemon. Dropping it leaves its tasks running: [`Daemon::stop`] it.
#[derive(Debug)]
pub struct Daemon {
    feed: SocketAddr,
    health: watch::Receiver<Health>,
    stop: oneshot::Sender<()>,
    engine: JoinHandle<()>,
    serving: JoinHandle<()>,
    telling: JoinHandle<()>,
    control: JoinHandle<()>,
    forgetting: JoinHandle<()>,
    timekeeping: JoinHandle<()>,
    reloads: Reloads,
    reloading: JoinHandle<()>,
    listening: Vec<JoinHandle<()>>,
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
        let mirror = Mirror::open(config.clone(), zones)?;
        let listener = TcpListener::bind(config.feed.listen).await.with_context(|| {
            format!(
                "feed: `listen` address {} cannot be listened on; is another program using it?",
                config.feed.listen
            )
        })?;
        Self::watch(listener, mirror).await
    }

    /// As [`Daemon::start`], with a listener for the feed that is already bound.
    ///
    /// # Errors
    /// As [`Daemon::start`].
    pub async fn start_on(
        listener: TcpListener,
        config: &Config,
        zones: ZoneDatabase,
    ) -> anyhow::Result<Self> {
        Self::watch(listener, Mirror::open(config.clone(), zones)?).await
    }

    async fn watch(listener: TcpListener, mirror: Mirror) -> anyhow::Result<Self> {
        let (config, feed) = (&mirror.config.clone(), listener.local_addr()?);
        let state = StateDir::new(&config.state_dir);
        let clock = CorrectedClock::start();
        let (timekeeper, hears) = Timekeeper::begin(config, clock.clone()).await;
        let (clocks, now) = (timekeeper.report(), clock.now());
        let warnings = site::warnings(config, &mirror.planning.zones, now.wall);
        let (events, heard) = mpsc::unbounded_channel();
        let Begun { engine, recorder, first, push_secret } = engine(config, &mirror, now)?;
        let (targets, writer) = (site::targets(config)?, mirror.writer.handle());
        let rows = (writer.clone(), mirror.readers);
        let performer = performer(config, &targets, mirror.planning, (clock.clone(), hears), rows, events)?;
        let listening = listen_for_servers(config, &performer).await?;
        let (tell_health, health) =
            watch::channel(health::of(&engine, &performer.planning.accounts, now.wall, &warnings, now));
        let (displays, callbacks) = (performer.reader.clone(), performer.callbacks.clone());
        let served = Feed::new(site::feed(config)?, displays, Arc::new(clock.clone()), health.clone())?;
        let ((reloads, asked), (tell_change, changes)) = (Reloads::new(), mpsc::unbounded_channel());
        let reloader =
            Reloader::new(config.clone(), targets, push_secret, &performer, served.clone(), tell_change);
        let reach = reach(&performer, &reloader, reloads.clone(), health.clone(), clocks.clone());
        let served = served.operated_by(Arc::new(reach.clone())).heard_by(fetches(&performer));
        let telling = tokio::spawn(served.clone().tell(writer.changes()));

        let control = control_socket::bind(&state)?;
        let (stop, stopped) = oneshot::channel();
        let (end_feed, feed_ends) = oneshot::channel::<()>();
        let forgetting = forget::by_and_by(writer, clock.clone(), clocks.clone(), reloader.keeps());
        let timekeeping = timekeeper.run(reloader.timekeeping(), performer.events.clone());
        let running = Loop {
            engine,
            recorder,
            performer,
            clock,
            clocks,
            heard,
            changes,
            tell_health,
            started: now.wall,
            warnings,
            changed: None,
        };
        tracing::info!(rooms = config.rooms.len(), %feed, "callboard has started");
        Ok(Self {
            feed,
            health,
            stop,
            engine: tokio::spawn(running.run(first, stopped, end_feed)),
            serving: tokio::spawn(serve_feed(listener, served, callbacks, feed_ends)),
            telling,
            control: tokio::spawn(control_socket::serve(control, reach)),
            forgetting: tokio::spawn(forgetting),
            timekeeping: tokio::spawn(timekeeping),
            reloads,
            reloading: tokio::spawn(reloader.run(asked)),
            listening,
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

    /// Whom to ask for the configuration to be read again.
    pub fn reloads(&self) -> Reloads {
        self.reloads.clone()
    }

    /// Gives subscriptions back, ends every task and closes the mirror.
    ///
    /// # Errors
    /// Where the mirror cannot be closed; nothing that was committed is lost by it.
    pub async fn stop(self) -> anyhow::Result<()> {
        self.control.abort();
        self.forgetting.abort();
        self.telling.abort();
        self.timekeeping.abort();
        self.reloading.abort();
        let _ = self.stop.send(());
        let _ = self.engine.await;
        for listening in self.listening {
            listening.abort();
        }
        let _ = self.serving.await;
        let writer = self.writer;
        tokio::task::spawn_blocking(move || writer.close()).await??;
        self.state.remove_stale_socket();
        drop(self.lock);
        tracing::info!("callboard has stopped");
        Ok(())
    }
}

/// The engine, and what it begins with.
struct Begun {
    engine: Engine,
    /// Who records what it is told, where that is wished.
    recorder: Option<Recorder>,
    first: Vec<Action>,
    /// Makes the addresses unguessable that servers push to.
    push_secret: [u8; 32],
}

fn engine(config: &Config, mirror: &Mirror, now: Now) -> anyhow::Result<Begun> {
    let (push_secret, seed) = (random()?, u64::from_le_bytes(random()?));
    let site = site::engine(config, push_secret);
    let record = StateDir::new(&config.state_dir).flight();
    let begin = |flight: &FlightConfig| {
        Recorder::begin(&record, flight.max_size, &site, seed, &mirror.planning.zones)
    };
    let mut recorder = config.flight.as_ref().map(begin).transpose()?;
    let (mut engine, started) = (Engine::new(site, seed), mirror.started());
    let told = recorder.is_some().then(|| started.clone());
    let first = engine.on(started, now);
    if let (Some(recorder), Some(started)) = (&mut recorder, told) {
        recorder.heard(started, now, &first);
    }
    Ok(Begun { engine, recorder, first, push_secret })
}

/// What the engine's actions are performed with.
fn performer(
    config: &Config,
    targets: &BTreeMap<DeviceId, DeviceTarget>,
    planning: Planning,
    (clock, hears): (CorrectedClock, Arc<Hears>),
    (writer, (reader, dials)): (WriterHandle, (DisplayReader, DialReader)),
    events: mpsc::UnboundedSender<Event>,
) -> anyhow::Result<Performer> {
    let subscriber = site::subscriber(config, clock.now().wall)?;
    subscriber.tell_dates(&hears);
    let (public_url, secret) = (config.feed.public_url.clone(), planning.secret.clone());
    let devices = site::Devices { public_url, secret, events: events.clone() };
    let (phones, callbacks) = (site::phones(targets, &devices)?, Callbacks::new(events.clone()));
    if !config.shadow {
        callbacks.replace(&phones);
    }
    Ok(Performer {
        clock: Arc::new(clock),
        hears,
        subscriber,
        writer,
        reader,
        dials,
        phones: Arc::new(phones),
        leaving: Arc::new(site::phones(&BTreeMap::new(), &devices)?),
        devices,
        callbacks,
        planning: Arc::new(planning),
        shown: Arc::new(perform::shown(config)),
        room_of: Arc::new(site::room_of(config)),
        tickets: Tickets::default(),
        signs: Signs::default(),
        shadows: config.shadow.then(Shadows::default),
        streams: Streams::default(),
        pushes: Pushes::default(),
        events,
    })
}

/// Tells the engine which pages devices have fetched.
fn fetches(performer: &Performer) -> impl Fn(&Fetched) + Send + Sync + 'static {
    let (callbacks, events) = (performer.callbacks.clone(), performer.events.clone());
    move |fetched| {
        let Some(device) = callbacks.device(&fetched.device) else { return };
        // where the loop has ended, nobody needs to know any more
        let _ = events.send(Event::Fetched { device, page: Page { rev: fetched.rev, at: fetched.at } });
    }
}

/// What operators can reach.
fn reach(
    performer: &Performer,
    reloader: &Reloader,
    reloads: Reloads,
    health: watch::Receiver<Health>,
    clocks: watch::Receiver<ClockReport>,
) -> Reach {
    Reach {
        rooms: reloader.rooms(),
        health,
        tickets: performer.tickets.clone(),
        events: performer.events.clone(),
        reloads,
        explainer: Explainer {
            planning: reloader.planning(),
            writer: performer.writer.clone(),
            reader: performer.reader.clone(),
            clock: Arc::clone(&performer.clock),
        },
        clocks,
        shadows: performer.shadows.clone(),
        present: reloader.present(),
        zones: performer.planning.zones.clone(),
    }
}

/// Serves displays, and the devices that call back.
async fn serve_feed(listener: TcpListener, feed: Feed, callbacks: Callbacks, ends: oneshot::Receiver<()>) {
    let ended = async {
        let _ = ends.await;
    };
    feed::serve(listener, feed.router().merge(callbacks.router()), feed::Limits::default(), ended).await;
}

fn random<const N: usize>() -> anyhow::Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).context("the system has no randomness to give")?;
    Ok(bytes)
}

/// Listens for what servers send by themselves, where there are addresses for it.
async fn listen_for_servers(config: &Config, performer: &Performer) -> anyhow::Result<Vec<JoinHandle<()>>> {
    let pushing = listen_for_pushes(config, performer).await?;
    let noticing = listen_for_word(config, performer).await?;
    Ok(pushing.into_iter().chain(noticing).collect())
}

/// Listens for word of WebDAV subscriptions, where there is an address for it.
async fn listen_for_word(config: &Config, performer: &Performer) -> anyhow::Result<Option<JoinHandle<()>>> {
    let Some(notify) = &config.notify else { return Ok(None) };
    let listener = notify::Listener::bind(notify.listen).await.with_context(|| {
        format!(
            "notify: `listen` address {} cannot be listened on by UDP; is another program using it?",
            notify.listen
        )
    })?;
    Ok(Some(tokio::spawn(pushes::hear_word(listener, performer.events.clone()))))
}

/// Listens for what servers push, where there is an address for it.
async fn listen_for_pushes(config: &Config, performer: &Performer) -> anyhow::Result<Option<JoinHandle<()>>> {
    let Some(push) = &config.push else { return Ok(None) };
    let listener = Listener::bind(push.listen, Limits::default()).await.with_context(|| {
        format!("push: `listen` address {} cannot be listened on; is another program using it?", push.listen)
    })?;
    let pushes = performer.pushes.clone();
    Ok(Some(tokio::spawn(pushes.serve(listener, performer.events.clone()))))
}
