//! The commands: what each does, and how it ends.

pub mod backup;
pub mod check;
pub mod clock;
mod complaint;
pub mod daemon;
#[cfg(feature = "demo")]
pub mod demo;
pub mod diff;
pub mod explain;
pub mod hash_password;
pub mod migrate;
pub mod reload;
pub mod replay;
pub mod resync_room;
pub mod rooms;
pub mod shadow;
pub mod status;

use crate::{
    cli::{Cli, Command, Exit, Rooms},
    config::Config,
    render::Page,
    state_dir::Held,
};
use meeting_model::{
    id::RoomId,
    zone::{RoomZone, ZoneDatabase},
};
use std::{
    collections::BTreeMap,
    io::{self, ErrorKind, Write},
    path::Path,
};

/// Where a command writes.
pub struct Terminal<'a> {
    /// What was asked for.
    pub out: &'a mut (dyn Write + Send),
    /// What went wrong, and progress.
    pub err: &'a mut (dyn Write + Send),
    /// Whether `out` is a terminal that understands colours.
    pub colour: bool,
    /// Whether what is asked for is answered in JSON; set by the command.
    pub json: bool,
}

impl std::fmt::Debug for Terminal<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Terminal").field("colour", &self.colour).finish_non_exhaustive()
    }
}

impl Terminal<'_> {
    /// A page of what was asked for.
    fn page<'a>(&'a mut self, zones: &'a BTreeMap<RoomId, RoomZone>) -> Page<'a> {
        Page { out: self.out, colour: self.colour, zones }
    }

    /// Says what went wrong, with all that lies beneath.
    fn complain(&mut self, error: &anyhow::Error) -> Exit {
        // where even that cannot be said, the exit code says it
        let _ = self.refuse(&format!("{error:#}"));
        exit_of(error)
    }
}

/// How a command ends that went wrong like this.
fn exit_of(error: &anyhow::Error) -> Exit {
    use store::Error as Mirror;
    if error.downcast_ref().is_some_and(subscriber::Error::is_configuration) {
        return Exit::Config;
    }
    if error.is::<Held>() {
        return Exit::Busy;
    }
    match error.downcast_ref() {
        Some(
            Mirror::Damaged { .. }
            | Mirror::NotOurs { .. }
            | Mirror::Backup { .. }
            | Mirror::NewerSchema { .. },
        ) => Exit::Damaged,
        Some(Mirror::Full { .. } | Mirror::Disk { .. }) => Exit::Disk,
        Some(Mirror::Busy { .. }) => Exit::Busy,
        Some(Mirror::NoAccess { .. }) => Exit::Forbidden,
        Some(_) => Exit::Failed,
        None => error.chain().find_map(|cause| cause.downcast_ref()).map_or(Exit::Failed, exit_of_system),
    }
}

fn exit_of_system(error: &io::Error) -> Exit {
    match error.kind() {
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => Exit::Forbidden,
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Exit::Disk,
        _ => Exit::Failed,
    }
}

/// Does what the command line asks.
pub fn run(cli: &Cli, terminal: &mut Terminal<'_>) -> Exit {
    terminal.json = cli.command.is_answered_in_json();
    let done = match &cli.command {
        #[cfg(feature = "demo")]
        Command::Demo(asked) => demo::run(asked, terminal),
        Command::Daemon(asked) => with_config(&asked.file.config, terminal, |config, zones, terminal| {
            daemon::run(asked, config, zones, terminal)
        }),
        Command::ResyncRoom(asked) => with_config(&asked.file.config, terminal, |config, zones, terminal| {
            resync_room::run(asked, config, zones, terminal)
        }),
        Command::Diff(asked) => with_config(&asked.file.config, terminal, |config, zones, terminal| {
            diff::run(asked, config, zones, terminal)
        }),
        Command::Migrate(asked) => with_config(&asked.file.config, terminal, |config, zones, terminal| {
            migrate::run(asked, config, zones, terminal)
        }),
        Command::Explain(asked) => with_config(&asked.file.config, terminal, |config, zones, terminal| {
            explain::run(asked, config, zones, terminal)
        }),
        Command::Check(asked) => with_config(&asked.file.config, terminal, |config, zones, terminal| {
            check::run(asked, config, &zones, terminal)
        }),
        Command::Reload(asked) => with_config(&asked.file.config, terminal, |config, _, terminal| {
            reload::run(asked, config, terminal)
        }),
        Command::Clock(asked) => with_config(&asked.file.config, terminal, |config, _, terminal| {
            clock::run(asked, config, terminal)
        }),
        Command::Status(asked) => status::run(asked, terminal),
        Command::Shadow(asked) => with_config(&asked.file.config, terminal, |config, _, terminal| {
            shadow::run(asked, config, terminal)
        }),
        Command::Backup(asked) => with_config(&asked.config.config, terminal, |config, _, terminal| {
            backup::back_up(asked, config, terminal)
        }),
        Command::Restore(asked) => with_config(&asked.config.config, terminal, |config, _, terminal| {
            backup::restore(asked, config, terminal)
        }),
        Command::Replay(asked) => replay::run(asked, terminal),
        Command::HashPassword => hash_password::run(&mut io::stdin().lock(), terminal),
        Command::Rooms(Rooms::Discover(asked)) => rooms::discover(asked, terminal),
    };
    done.unwrap_or_else(|error| match error.downcast_ref::<io::Error>() {
        // whoever read our output has gone: `callboard status | head`
        Some(gone) if gone.kind() == ErrorKind::BrokenPipe => Exit::Done,
        _ => terminal.complain(&error),
    })
}

/// Reads the configuration and goes on with it, or tells every mistake in it.
fn with_config(
    path: &Path,
    terminal: &mut Terminal<'_>,
    go_on: impl FnOnce(&Config, ZoneDatabase, &mut Terminal<'_>) -> anyhow::Result<Exit>,
) -> anyhow::Result<Exit> {
    let zones = ZoneDatabase::system();
    match Config::load(path, &zones) {
        Ok(config) => go_on(&config, zones, terminal),
        Err(mistakes) => Ok(terminal.mistaken(&mistakes)?),
    }
}

/// The zones that times are told in.
fn zones_of(config: &Config) -> BTreeMap<RoomId, RoomZone> {
    config.rooms.iter().map(|room| (room.id.clone(), room.settings.zone.clone())).collect()
}

/// A runtime for commands that wait for the network.
pub(crate) fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_multi_thread().enable_all().build()?)
}
