//! `callboard daemon`.

use crate::{
    cli::{self, Exit},
    command::Terminal,
    config::Config,
    daemon::Daemon,
    site,
    system_clock::SystemClock,
};
use anyhow::Context;
use meeting_model::{clock::Clock, zone::ZoneDatabase};
use sd_notify::NotifyState;
use tokio::signal::unix::{SignalKind, signal};

/// Watches the rooms until SIGTERM or SIGINT; reads the configuration again at SIGHUP.
///
/// # Errors
/// As [`Daemon::start`] and [`Daemon::stop`].
pub fn run(
    asked: &cli::Daemon,
    config: &Config,
    zones: ZoneDatabase,
    terminal: &mut Terminal<'_>,
) -> anyhow::Result<Exit> {
    let config = &Config { shadow: asked.shadow, ..config.clone() };
    for warning in &site::warnings(config, &zones, SystemClock::start().now().wall) {
        writeln!(terminal.err, "callboard: warning: {warning}")?;
    }
    super::runtime()?.block_on(async {
        let mut terminate = signal(SignalKind::terminate()).context("SIGTERM cannot be listened for")?;
        let mut interrupt = signal(SignalKind::interrupt()).context("SIGINT cannot be listened for")?;
        let mut hang_up = signal(SignalKind::hangup()).context("SIGHUP cannot be listened for")?;
        let daemon = Daemon::start(config, zones).await?;
        // under no service manager there is nobody to tell
        let _ = sd_notify::notify(&[NotifyState::Ready]);
        loop {
            tokio::select! {
                _ = terminate.recv() => break,
                _ = interrupt.recv() => break,
                Some(()) = hang_up.recv() => {
                    let reloads = daemon.reloads();
                    // what comes of it is in the log
                    tokio::spawn(async move { reloads.reload(false).await });
                }
            }
        }
        let _ = sd_notify::notify(&[NotifyState::Stopping]);
        daemon.stop().await?;
        Ok(Exit::Done)
    })
}
