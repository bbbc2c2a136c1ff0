//! `callboard migrate`: rooms are read from another server from now on.
//!
//! While a daemon runs on the state directory, it is asked. Without one the command takes the lock and does the work itself.

use super::resync_room::{bar, chosen};
use crate::{
    cli::{self, Exit},
    closest::did_you_mean,
    command::{Terminal, complaint::Complaint, runtime, zones_of},
    config::Config,
    control_client,
    migrating::{Migrating, Stored},
    offline_resync::OfflineResync,
    render,
    state_dir::{Lock, StateDir},
    system_clock::SystemClock,
};
use control::{Message, Migrate, MigrationReport, Request};
use indicatif::ProgressBar;
use meeting_model::{
    id::{RoomId, ServerId},
    zone::{RoomZone, ZoneDatabase},
};
use serde::Serialize;
use std::{collections::BTreeMap, io, sync::Arc};
use sync_engine::Wish;

/// What came of all rooms, as JSON.
#[derive(Debug, Serialize)]
struct Reports<'a> {
    to: &'a str,
    dry_run: bool,
    rooms: &'a [MigrationReport],
    /// Why the daemon did nothing.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    errors: &'a [Complaint],
}

/// Migrates the rooms that were asked for.
///
/// # Errors
/// Where the mirror, a password or the socket cannot be used, or it cannot be told. A room that cannot be switched is no error:
/// it is told, and the exit code says so.
pub fn run(
    asked: &cli::Migrate,
    config: &Config,
    zones: ZoneDatabase,
    terminal: &mut Terminal<'_>,
) -> anyhow::Result<Exit> {
    let servers = || config.servers.keys().map(ServerId::as_str);
    if !servers().any(|server| server == asked.to) {
        let hint = did_you_mean(&asked.to, servers());
        terminal.refuse(&format!("no server `{}`{hint}", asked.to))?;
        return Ok(Exit::Usage);
    }
    let rooms = match chosen(&asked.rooms, asked.all, config, terminal)? {
        Ok(rooms) => rooms,
        Err(exit) => return Ok(exit),
    };
    let migrate = Migrate {
        rooms,
        to: asked.to.clone(),
        dry_run: asked.dry_run,
        from_mirror: asked.from_mirror,
        tolerate: asked.tolerate,
    };
    let room_zones = zones_of(config);
    let state = StateDir::new(&config.state_dir);
    state.create()?;
    let bar = bar(migrate.rooms.len());
    let (reports, complaints) = (Vec::new(), Vec::new());
    let mut told = Told { bar, reports, complaints, to: &migrate.to, terminal, zones: &room_zones };
    match state.try_lock()? {
        Some(lock) => {
            alone(config, zones, &state, lock, &migrate, &mut told)?;
        }
        None => ask_daemon(&state, &migrate, &mut told)?,
    }
    told.bar.finish_and_clear();
    if told.terminal.json {
        let (rooms, errors) = (told.reports.as_slice(), told.complaints.as_slice());
        let reports = Reports { to: &migrate.to, dry_run: migrate.dry_run, rooms, errors };
        writeln!(told.terminal.out, "{}", serde_json::to_string(&reports)?)?;
    } else if !migrate.dry_run {
        render::lines_to_change(&mut told.terminal.page(&room_zones), config, &migrate.to, &told.reports)?;
    }
    let is_well = told.complaints.is_empty() && told.reports.iter().all(MigrationReport::is_well);
    Ok(if is_well { Exit::Done } else { Exit::Failed })
}

/// Does it without a daemon.
fn alone(
    config: &Config,
    zones: ZoneDatabase,
    state: &StateDir,
    lock: Lock,
    migrate: &Migrate,
    told: &mut Told<'_, '_>,
) -> anyhow::Result<()> {
    let mut offline = OfflineResync::begin(config.clone(), zones, state, lock)?;
    let mut last_read = offline.config().clone();
    for room in &mut last_read.rooms {
        // whoever changed the line before asking wants the same
        if let Some(source) = offline.state(&room.id).and_then(|state| state.source.clone()) {
            room.server = source.server;
        }
    }
    let migrating = Migrating::begin(last_read, migrate.clone(), Arc::new(SystemClock::start()))?;
    let mut reading = migrating.reading(migrate.rooms.iter().map(RoomId::new).collect());
    let mut ready = BTreeMap::new();
    let runtime = runtime()?;
    while let Some(read) = runtime.block_on(reading.next()) {
        let known = offline.store().known(&read.room, &read.meetings())?;
        let as_of = offline.state(&read.room).and_then(|state| state.as_of);
        let judged = migrating.judge(&read, offline.planning(), Stored { known, as_of });
        if migrating.is_ready(&judged) {
            ready.insert(read.room, judged);
        } else {
            told.room(judged)?;
        }
    }
    let rooms: Vec<RoomId> = ready.keys().cloned().collect();
    offline.read_elsewhere(&rooms, &ServerId::new(&migrate.to))?;
    offline.run(&rooms, Wish::Resync, |resynced| {
        let Some(judged) = ready.remove(&RoomId::new(&resynced.room)) else { return Ok(()) };
        let failed = resynced.result.as_ref().err().map(String::as_str);
        told.room(Migrating::switched(judged, failed))
    })?;
    Ok(offline.end()?)
}

/// Has the daemon do it.
fn ask_daemon(state: &StateDir, migrate: &Migrate, told: &mut Told<'_, '_>) -> anyhow::Result<()> {
    let mut result = Ok(());
    let request = Request::Migrate(migrate.clone());
    control_client::ask(&state.control_socket(), &request, |message| match message {
        Message::Migration(report) if result.is_ok() => result = told.room(report),
        Message::Refused { sentence, .. } => result = told.complain(&sentence),
        _ => {}
    })
    .map_err(|error| {
        anyhow::anyhow!(
            "state directory `{}` is in use, but no daemon answers at its control socket ({error}); \
             if another command works there without daemon, try again when it is done",
            state.path().display()
        )
    })?;
    Ok(result?)
}

/// What has been told so far.
struct Told<'a, 'b> {
    bar: ProgressBar,
    reports: Vec<MigrationReport>,
    /// Why the daemon did nothing.
    complaints: Vec<Complaint>,
    to: &'a str,
    terminal: &'a mut Terminal<'b>,
    zones: &'a BTreeMap<RoomId, RoomZone>,
}

impl Told<'_, '_> {
    fn room(&mut self, report: MigrationReport) -> io::Result<()> {
        let Self { bar, reports, to, terminal, zones, .. } = self;
        if !terminal.json {
            bar.suspend(|| render::migration(&mut terminal.page(zones), &report, to))?;
        }
        bar.inc(1);
        reports.push(report);
        Ok(())
    }

    fn complain(&mut self, sentence: &str) -> io::Result<()> {
        let Self { bar, terminal, complaints, .. } = self;
        complaints.push(Complaint::new(sentence));
        bar.suspend(|| writeln!(terminal.err, "callboard: {sentence}"))
    }
}
