//! `callboard demo`: the real daemon, in front of a stand-in Exchange and behind stand-in phones.
//!
//! The rooms are in cities where it is morning: their day lies ahead of whoever watches.

mod cast;
mod follow;
mod others;
mod picture;
mod show;
mod stripped;

use crate::{
    cli::{Demo, Exit},
    command::Terminal,
    config::Config,
    daemon::Daemon,
    system_clock::SystemClock,
};
use anyhow::Context;
use cast::Cast;
use follow::{Follower, Summary};
use meeting_model::{
    clock::{Clock, Window},
    zone::ZoneDatabase,
};
use show::Show;
use std::{path::Path, time::Duration};
use store::BlockingDisplayReader;
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
    time::Instant,
};

/// How often the subscriptions are asked: once a second, so that something is seen to happen.
pub(crate) const PULL_INTERVAL: Duration = Duration::from_secs(1);

/// How long before the end nobody changes anything any more: the attendant's decision, a pull interval, and a second.
const LAST_CHANGES: Duration = Duration::from_secs(4);

/// For so long something is seen to happen, however long it took until the rooms were read.
const LEAST: Duration = Duration::from_secs(2);

/// How much longer what has not arrived at the end is waited for, on a machine that does many other things.
const PATIENCE: Duration = Duration::from_secs(30);

/// How many ports are tried after the one that is wanted.
const PORTS: u16 = 20;

/// Plays the demo until its time is over, or until it is interrupted. Either way nothing is left behind.
///
/// # Errors
/// Where something cannot be started, or the terminal not be written to.
pub fn run(asked: &Demo, terminal: &mut Terminal<'_>) -> anyhow::Result<Exit> {
    let runtime = super::runtime()?;
    let interrupted = runtime.block_on(async { interruption() })?;
    let folder =
        tempfile::Builder::new().prefix("callboard-demo-").tempdir().context("no temporary folder")?;
    let played = runtime.block_on(play(asked, folder.path(), interrupted, terminal));
    // before the folder goes, for tasks of a demo that failed still write there
    drop(runtime);
    played
}

/// Comes with Ctrl-C, with SIGTERM, and with SIGHUP: the terminal's window is closed.
fn interruption() -> anyhow::Result<impl Future<Output = ()>> {
    let listen = |kind| signal(kind).context("signals cannot be listened for");
    let mut interrupt = listen(SignalKind::interrupt())?;
    let mut terminate = listen(SignalKind::terminate())?;
    let mut hangup = listen(SignalKind::hangup())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
            _ = hangup.recv() => {}
        }
    })
}

async fn play(
    asked: &Demo,
    folder: &Path,
    interruption: impl Future<Output = ()>,
    terminal: &mut Terminal<'_>,
) -> anyhow::Result<Exit> {
    let began = Instant::now();
    let clock = SystemClock::start();
    let zones = ZoneDatabase::system();
    let listener = listen(asked.port).await?;
    let feed = format!("http://{}", listener.local_addr()?);
    let cast = Cast::assemble(asked, &zones, clock).await?;
    let text = cast.configuration(folder, &feed)?;
    let config = Config::parse(&text, "demo", folder, &zones)?;
    let daemon = Daemon::start_on(listener, &config, zones).await?;
    cast.others.begin(&feed);
    let mut show = Show::new(asked.json, &feed, &cast, terminal);
    show.opening()?;

    let mut follower = Follower::default();
    let ends = asked.duration.map(|duration| began + duration);
    let interrupted = tokio::select! {
        followed = follow(&daemon, &cast, &mut follower, &mut show, ends) => {
            followed?;
            false
        }
        () = interruption => true,
    };
    if !interrupted {
        cast.settle().await;
    }
    let summary = Summary { interrupted, ..summary(&follower, &cast, &config, clock)? };
    let told = show.curtain(&summary, &follower);
    daemon.stop().await?;
    cast.leave().await;
    // the terminal may be what has gone
    if !interrupted {
        told?;
    }
    Ok(if summary.is_good() { Exit::Done } else { Exit::Failed })
}

/// Shows the changes from when the rooms are read on, until the time is over or the last change has arrived.
async fn follow(
    daemon: &Daemon,
    cast: &Cast,
    follower: &mut Follower,
    show: &mut Show<'_, '_>,
    ends: Option<Instant>,
) -> anyhow::Result<()> {
    let is_over = |at: Option<Instant>| at.is_some_and(|at| Instant::now() >= at);
    let latest = ends.map(|ends| ends + PATIENCE);
    wait_until_ready(daemon, latest).await;
    follower.skip_what_was_there(cast);
    let least = Instant::now() + LEAST;
    let last_call = ends.map(|ends| ends.checked_sub(LAST_CHANGES).map_or(least, |call| call.max(least)));
    let mut resting = false;
    loop {
        if is_over(latest) || (resting && cast.is_quiet() && follower.is_done()) {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
        show.follow(&follower.look(cast), follower)?;
        if !resting && is_over(last_call) {
            cast.rest();
            resting = true;
        }
    }
}

/// The wanted port, or the next free one.
async fn listen(wanted: u16) -> anyhow::Result<TcpListener> {
    let mut last = None;
    for port in wanted..=wanted.saturating_add(if wanted == 0 { 0 } else { PORTS }) {
        match TcpListener::bind(("127.0.0.1", port)).await {
            Ok(listener) => return Ok(listener),
            Err(error) => last = Some(error),
        }
    }
    Err(anyhow::Error::from(last.unwrap_or_else(|| std::io::ErrorKind::AddrInUse.into())))
        .with_context(|| format!("no free port from {wanted} on; choose another with `--port`"))
}

async fn wait_until_ready(daemon: &Daemon, ends: Option<Instant>) {
    let mut health = daemon.health();
    let ready = health.wait_for(control::Health::is_ready);
    // where the time is over, or the daemon has ended, there is nothing to wait for
    let _ = match ends {
        Some(ends) => tokio::time::timeout_at(ends, ready).await.is_ok(),
        None => ready.await.is_ok(),
    };
}

fn summary(follower: &Follower, cast: &Cast, config: &Config, clock: SystemClock) -> anyhow::Result<Summary> {
    let reader = BlockingDisplayReader::open(&config.state_dir.join("callboard.sqlite"))?;
    let now = clock.now().wall;
    let (mut meetings, mut unread) = (0, 0);
    for room in &config.rooms {
        let window = Window { start: now - room.settings.back, end: now + room.settings.ahead };
        let (meta, shown) = reader.meetings(&room.id, window)?;
        meetings += shown.len();
        unread += usize::from(meta.as_of.is_none());
    }
    Ok(Summary {
        rooms: config.rooms.len(),
        meetings,
        changes: follower.changes(),
        missing: follower.missing().count(),
        unread,
        interrupted: false,
        pushes: cast.pushes(),
        differing: cast.differing(),
        p50_ms: follower.percentile(50),
        p99_ms: follower.percentile(99),
    })
}
