//! `callboard demo`: the real daemon, in front of a stand-in Exchange and behind stand-in phones.
//!
//! The rooms are in cities where it is morning: their day lies ahead of whoever watches.

mod cast;
mod follow;
mod show;

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
use tokio::{net::TcpListener, time::Instant};

/// How often the subscriptions are asked: once a second, so that something is seen to happen.
pub(crate) const PULL_INTERVAL: Duration = Duration::from_secs(1);

/// How long the last changes are given to arrive: the attendant's decision, a pull interval, and a second.
const LAST_CHANGES: Duration = Duration::from_secs(4);

/// How many ports are tried after the one that is wanted.
const PORTS: u16 = 20;

/// Plays the demo until its time is over, or until it is interrupted.
///
/// # Errors
/// Where something cannot be started, or the terminal not be written to.
pub fn run(asked: &Demo, terminal: &mut Terminal<'_>) -> anyhow::Result<Exit> {
    let folder =
        tempfile::Builder::new().prefix("callboard-demo-").tempdir().context("no temporary folder")?;
    super::runtime()?.block_on(play(asked, folder.path(), terminal))
}

async fn play(asked: &Demo, folder: &Path, terminal: &mut Terminal<'_>) -> anyhow::Result<Exit> {
    let began = Instant::now();
    let clock = SystemClock::start();
    let zones = ZoneDatabase::system();
    let listener = listen(asked.port).await?;
    let feed = format!("http://{}", listener.local_addr()?);
    let cast = Cast::assemble(asked, &zones, clock).await?;
    let text = cast.configuration(folder, &feed)?;
    let config = Config::parse(&text, "demo", folder, &zones)?;
    let daemon = Daemon::start_on(listener, &config, zones)?;
    let mut show = Show::new(asked.json, &feed, &cast, terminal);
    show.opening()?;

    let mut follower = Follower::default();
    wait_until_ready(&daemon).await;
    follower.skip_what_was_there(&cast);
    let ends = asked.duration.map(|duration| began + duration);
    let last_call = ends.map(|ends| ends.checked_sub(LAST_CHANGES).unwrap_or(began));
    let mut stop = std::pin::pin!(tokio::signal::ctrl_c());
    let mut resting = false;
    loop {
        tokio::select! {
            () = tokio::time::sleep(Duration::from_millis(50)) => {}
            _ = &mut stop => break,
        }
        show.follow(&follower.look(&cast), &follower)?;
        if !resting && last_call.is_some_and(|at| Instant::now() >= at) {
            cast.rest();
            resting = true;
        }
        if ends.is_some_and(|at| Instant::now() >= at) || (resting && cast.is_quiet() && follower.is_done()) {
            break;
        }
    }
    let summary = summary(&follower, &cast, &config, clock)?;
    show.curtain(&summary, &follower)?;
    daemon.stop().await?;
    cast.leave().await;
    Ok(if summary.missing == 0 { Exit::Done } else { Exit::Failed })
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

async fn wait_until_ready(daemon: &Daemon) {
    let mut health = daemon.health();
    // it ends only with the daemon, and then there is nothing to wait for
    let _ = health.wait_for(control::Health::is_ready).await;
}

fn summary(follower: &Follower, cast: &Cast, config: &Config, clock: SystemClock) -> anyhow::Result<Summary> {
    let reader = BlockingDisplayReader::open(&config.state_dir.join("callboard.sqlite"))?;
    let now = clock.now().wall;
    let mut meetings = 0;
    for room in &config.rooms {
        let window = Window { start: now - room.settings.back, end: now + room.settings.ahead };
        meetings += reader.meetings(&room.id, window)?.1.len();
    }
    Ok(follower.summary(config.rooms.len(), meetings, cast.pushes()))
}
