//! `callboard clock`: how right the clocks are.

use crate::{
    cli::{Clock, Exit},
    clocks::{ASK_CLOCK, Clocks},
    command::Terminal,
    config::{Config, ServerConfig},
    control_client,
    corrected_clock::CorrectedClock,
    render, site,
    state_dir::StateDir,
};
use control::{ClockReport, ClockState, Message, Request};
use exchange_wire::ews::{Mailbox, get_folder};
use meeting_model::id::ServerId;
use std::{collections::BTreeMap, io, sync::Arc, time::Duration};
use tokio::sync::mpsc;

/// How often NTP servers are asked where no daemon runs.
const SAMPLES: usize = 4;

/// How often an Exchange server is asked then, and how long after another: over more than a second in all, so that the edge is
/// among them where its second changes.
const READINGS: usize = 8;
const READ_EVERY: Duration = Duration::from_millis(190);

/// Asks the daemon how right the clocks are, or finds it out where none runs, and shows it.
///
/// # Errors
/// Where it cannot be written, or the daemon is of another version.
pub fn run(asked: &Clock, config: &Config, terminal: &mut Terminal<'_>) -> anyhow::Result<Exit> {
    let socket = StateDir::new(&config.state_dir).control_socket();
    let mut told = None;
    let answer = control_client::ask(&socket, &Request::Clock, |message| told = Some(message));
    let mut report = match (answer, told) {
        (Ok(()), Some(Message::Clock(report))) => *report,
        (Ok(()), Some(Message::Refused { sentence, .. })) => anyhow::bail!("{sentence}"),
        (Err(error), _) if is_nobody(&error) => {
            writeln!(terminal.err, "callboard: no daemon runs; asking the servers, for some seconds")?;
            super::runtime()?.block_on(measure(config, terminal))?
        }
        (Err(error), _) => {
            let socket = socket.display();
            anyhow::bail!("control socket `{socket}`: {error}; run it as the user that runs the daemon")
        }
        (Ok(()), _) => {
            anyhow::bail!("control socket `{}`: the daemon is of another version", socket.display())
        }
    };
    point_here(&mut report);
    if asked.json {
        writeln!(terminal.out, "{}", serde_json::to_string(&report)?)?;
    } else {
        let zones = BTreeMap::new();
        render::clock(&mut terminal.page(&zones), &report)?;
    }
    Ok(if report.state == ClockState::Degraded { Exit::Failed } else { Exit::Done })
}

/// What elsewhere points to this command for is in its own answer.
fn point_here(report: &mut ClockReport) {
    for warning in report.warnings.iter_mut().filter(|warning| warning.remedy == ASK_CLOCK) {
        "mend what is said of each NTP server".clone_into(&mut warning.remedy);
    }
}

/// Whether nobody listens, or ever has.
fn is_nobody(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused)
}

/// Asks everybody for the time.
async fn measure(config: &Config, terminal: &mut Terminal<'_>) -> anyhow::Result<ClockReport> {
    let clock = CorrectedClock::start();
    let mut clocks = Clocks::new(config.clock.as_ref(), &clock);
    let (hear, mut dated) = mpsc::unbounded_channel();
    let hears: Arc<subscriber::dated::Hears> = Arc::new(move |dated| drop(hear.send(dated)));
    let exchange = async {
        let mut silent = Vec::new();
        for (id, server) in &config.servers {
            if let Err(error) = read_dates(id, server, config, &hears).await {
                silent.push(format!("{error:#}"));
            }
        }
        silent
    };
    let (silent, ()) = tokio::join!(exchange, clocks.measure(SAMPLES, &clock));
    while let Ok(dated) = dated.try_recv() {
        clocks.dated(&dated, &clock);
    }
    for sentence in silent {
        writeln!(terminal.err, "callboard: {sentence}")?;
    }
    let mut report = clocks.judge(&clock).report;
    report
        .warnings
        .splice(0..0, config.warnings.iter().filter(|warning| warning.id.starts_with("clock-")).cloned());
    Ok(report)
}

/// Has a server answer a few times, over one room's calendar. A sign-in that is refused is tried once.
async fn read_dates(
    id: &ServerId,
    server: &ServerConfig,
    config: &Config,
    hears: &Arc<subscriber::dated::Hears>,
) -> anyhow::Result<()> {
    let Some(room) = config.room_on(id) else { return Ok(()) };
    let subscriber = site::connection(id, server)?;
    subscriber.tell_dates(hears);
    let request = get_folder::request(server.dialect, &Mailbox::new(&room.mailbox));
    for _ in 0..READINGS {
        // whatever it answers is dated
        if subscriber.ask(id, &request).await?.status == 401 {
            return Ok(());
        }
        tokio::time::sleep(READ_EVERY).await;
    }
    Ok(())
}
