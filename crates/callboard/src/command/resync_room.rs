//! `callboard resync-room`: a complete read, the difference shown and applied.
//!
//! While a daemon runs on the state directory, it is asked: nobody writes behind its back. Without one the command takes
//! the lock and does the work itself.

use crate::{
    cli::{Exit, ResyncRoom},
    command::{Terminal, complaint::Complaint, zones_of},
    config::Config,
    control_client,
    offline_resync::OfflineResync,
    render,
    state_dir::StateDir,
};
use control::{Message, Request, Resynced, RoomReport};
use indicatif::{ProgressBar, ProgressStyle};
use meeting_model::{
    id::RoomId,
    zone::{RoomZone, ZoneDatabase},
};
use serde::Serialize;
use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    time::Duration,
};
use sync_engine::Wish;

/// What came of all rooms, as JSON.
#[derive(Debug, Serialize)]
struct Reports<'a> {
    rooms: &'a [RoomReport],
    /// Why the daemon did nothing.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    errors: &'a [Complaint],
}

/// Reads the rooms that were asked for.
///
/// # Errors
/// Where the mirror or the socket cannot be used, or the difference not be written. A room that cannot be read is no error:
/// it is told, and the exit code says so.
pub fn run(
    asked: &ResyncRoom,
    config: &Config,
    zones: ZoneDatabase,
    terminal: &mut Terminal<'_>,
) -> anyhow::Result<Exit> {
    let rooms = match chosen(&asked.rooms, asked.all, config, terminal)? {
        Ok(rooms) => rooms,
        Err(exit) => return Ok(exit),
    };
    let wish = if asked.dry_run { Wish::DryRun } else { Wish::Resync };
    wish_for(config, zones, rooms, wish, terminal)
}

/// Has the daemon do something to these rooms, or does it alone where none runs, and tells what came of it.
///
/// # Errors
/// Where the mirror or the socket cannot be used, or it cannot be told.
pub(super) fn wish_for(
    config: &Config,
    zones: ZoneDatabase,
    rooms: Vec<String>,
    wish: Wish,
    terminal: &mut Terminal<'_>,
) -> anyhow::Result<Exit> {
    let room_zones = zones_of(config);
    let state = StateDir::new(&config.state_dir);
    state.create()?;
    let (reports, complaints) = (Vec::new(), Vec::new());
    let mut told =
        Told { bar: bar(rooms.len()), failed: 0, terminal, zones: &room_zones, reports, complaints };
    if let Some(lock) = state.try_lock()? {
        let mut offline = OfflineResync::begin(config.clone(), zones, &state, lock)?;
        let rooms: Vec<RoomId> = rooms.into_iter().map(RoomId::new).collect();
        offline.run(&rooms, wish, |report| told.room(report))?;
        offline.end()?;
    } else {
        let timeouts = config.servers.values().map(|server| server.request_timeout);
        ask_daemon(&state, rooms, wish, timeouts.max().unwrap_or_default(), &mut told)?;
    }
    told.bar.finish_and_clear();
    if told.terminal.json {
        let reports = Reports { rooms: &told.reports, errors: &told.complaints };
        writeln!(told.terminal.out, "{}", serde_json::to_string(&reports)?)?;
    }
    Ok(if told.failed == 0 { Exit::Done } else { Exit::Failed })
}

/// The rooms that were asked for, all of them where all were, or what is told where one is not known.
pub(super) fn chosen(
    rooms: &[String],
    all: bool,
    config: &Config,
    terminal: &mut Terminal<'_>,
) -> anyhow::Result<Result<Vec<String>, Exit>> {
    let known: Vec<&str> = config.rooms.iter().map(|room| room.id.as_str()).collect();
    let unknown: Vec<&String> = rooms.iter().filter(|room| !known.contains(&room.as_str())).collect();
    if !unknown.is_empty() {
        return Ok(Err(tell_unknown(&unknown, &known, terminal)?));
    }
    Ok(Ok(if all { known.iter().map(ToString::to_string).collect() } else { each_once(rooms) }))
}

/// What was asked for, in that order, and nothing twice.
fn each_once(rooms: &[String]) -> Vec<String> {
    let mut seen = BTreeSet::new();
    rooms.iter().filter(|room| seen.insert(*room)).cloned().collect()
}

fn ask_daemon(
    state: &StateDir,
    rooms: Vec<String>,
    wish: Wish,
    longest: Duration,
    told: &mut Told<'_, '_>,
) -> anyhow::Result<()> {
    let request = match wish {
        Wish::Resync => Request::Resync { rooms, dry_run: false },
        Wish::DryRun => Request::Resync { rooms, dry_run: true },
        Wish::Compare => Request::Diff { rooms },
    };
    let mut result = Ok(());
    control_client::attend(&state.control_socket(), &request, |message| match message {
        None => result = told.waits(longest),
        Some(Message::Room(report)) if result.is_ok() => result = told.room(&report),
        Some(Message::Refused { sentence, unknown_rooms }) => {
            told.failed += 1;
            let rooms = unknown_rooms.join("`, `");
            result = told.complain(&if unknown_rooms.is_empty() {
                sentence
            } else {
                format!("{sentence}: `{rooms}`; restart the daemon after a change of its configuration")
            });
        }
        _ => {}
    })
    .map_err(|error| {
        anyhow::anyhow!(
            "state directory `{}` is in use, but no daemon answers at its control socket ({error}); \
             if a resync without daemon is running there, try again when it is done",
            state.path().display()
        )
    })?;
    Ok(result?)
}

/// What has been told so far.
struct Told<'a, 'b> {
    bar: ProgressBar,
    failed: usize,
    terminal: &'a mut Terminal<'b>,
    zones: &'a BTreeMap<RoomId, RoomZone>,
    /// Kept where they are told together, as JSON.
    reports: Vec<RoomReport>,
    complaints: Vec<Complaint>,
}

impl Told<'_, '_> {
    fn room(&mut self, report: &RoomReport) -> io::Result<()> {
        let failed = match &report.result {
            Err(_) => true,
            // a mirror that differs from the server is what a monitor asks after
            Ok(resynced) => !resynced.applied && differs(resynced),
        };
        self.failed += usize::from(failed);
        let Self { bar, terminal, zones, reports, .. } = self;
        bar.inc(1);
        if terminal.json {
            reports.push(report.clone());
            return Ok(());
        }
        bar.suspend(|| render::diff(&mut terminal.page(zones), report))
    }

    /// Says why nothing comes: a server that has just gone is not known to be down before its time is over.
    fn waits(&mut self, longest: Duration) -> io::Result<()> {
        let Self { bar, terminal, .. } = self;
        let longest = humantime_serde::re::humantime::format_duration(longest);
        bar.suspend(|| {
            writeln!(
                terminal.err,
                "callboard: no answer yet; a server that has gone silent is waited for as long as its `request_timeout` says, {longest}"
            )
        })
    }

    fn complain(&mut self, sentence: &str) -> io::Result<()> {
        let Self { bar, terminal, complaints, .. } = self;
        complaints.push(Complaint::new(sentence));
        bar.suspend(|| writeln!(terminal.err, "callboard: {sentence}"))
    }
}

fn differs(resynced: &Resynced) -> bool {
    match &resynced.comparison {
        Some(Ok(compared)) => !compared.differences.is_empty(),
        Some(Err(_)) => true,
        None => false,
    }
}

/// A progress bar, which hides itself where standard error is no terminal.
pub(super) fn bar(rooms: usize) -> ProgressBar {
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len} rooms, {elapsed} gone, {eta} to go");
    let bar = ProgressBar::new(rooms as u64);
    match style {
        Ok(style) if rooms > 1 => bar.with_style(style),
        _ => ProgressBar::hidden(),
    }
}

fn tell_unknown(unknown: &[&String], known: &[&str], terminal: &mut Terminal<'_>) -> anyhow::Result<Exit> {
    let zones = BTreeMap::new();
    let mut complaints = Vec::new();
    for room in unknown {
        let mut told = Vec::new();
        render::unknown_room(
            &mut render::Page { out: &mut told, colour: false, zones: &zones },
            room,
            known,
        )?;
        let sentence = String::from_utf8_lossy(&told);
        write!(terminal.err, "callboard: {sentence}")?;
        complaints.push(Complaint::new(sentence.trim_end().replace('\n', "; ")));
    }
    terminal.in_place_of_an_answer(&complaints)?;
    Ok(Exit::Usage)
}
