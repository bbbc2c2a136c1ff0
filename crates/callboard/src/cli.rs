//! The command line: what can be asked, and how its help reads.

mod asked;

#[cfg(feature = "demo")]
pub use asked::Demo;
pub use asked::{
    Backup, Check, Clock, ConfigFile, Daemon, Diff, Discover, Explain, Migrate, Reload, Replay, Restore,
    ResyncRoom, Shadow, Status,
};

use clap::{Parser, Subcommand};
use std::process::ExitCode;
use tracing_subscriber::EnvFilter;

/// The command line.
#[derive(Debug, Clone, PartialEq, Eq, Parser)]
#[command(
    name = "callboard",
    version,
    long_version = long_version(),
    about = "Keeps every room's phone and display showing what its Exchange calendar says",
    long_about = "callboard watches the calendars of TelePresence rooms in Exchange, decides which meetings a room \
                  shows, keeps them in a mirror of its own, and tells every phone and display of a room when \
                  something changes.\n\n\
                  It reads calendars and never writes to them.",
    after_long_help = AFTER_HELP,
    max_term_width = 100
)]
pub struct Cli {
    /// What to log, as `info` or `warn,subscriber=debug`
    ///
    /// Directives are a level, or a module and a level, separated by commas. Logs go to standard error.
    /// What is not told is `info,refinery_core=warn,rumqttc=off`, and `error` for the demo.
    #[arg(long, global = true, value_name = "FILTER", env = "CALLBOARD_LOG", value_parser = log_filter)]
    pub log: Option<String>,
    /// What is asked.
    #[command(subcommand)]
    pub command: Command,
}

impl Cli {
    /// What to log, where nothing is told too: a demo's picture is not to be written across, and the MQTT library logs what brokers
    /// send as errors, in the brokers' words.
    pub fn log(&self) -> &str {
        self.log.as_deref().unwrap_or(match &self.command {
            #[cfg(feature = "demo")]
            Command::Demo(_) => "error",
            _ => "info,refinery_core=warn,rumqttc=off",
        })
    }
}

impl Command {
    /// Whether the answer is one JSON object, or lines of them.
    pub(crate) fn is_answered_in_json(&self) -> bool {
        match self {
            #[cfg(feature = "demo")]
            Self::Demo(asked) => asked.json,
            Self::Reload(asked) => asked.json,
            Self::ResyncRoom(asked) => asked.json,
            Self::Diff(asked) => asked.json,
            Self::Migrate(asked) => asked.json,
            Self::Explain(asked) => asked.json,
            Self::Check(asked) => asked.json,
            Self::Clock(asked) => asked.json,
            Self::Status(asked) => asked.json,
            Self::Shadow(asked) => asked.json,
            Self::Rooms(Rooms::Discover(asked)) => asked.json,
            Self::Daemon(_) | Self::Backup(_) | Self::Restore(_) | Self::Replay(_) | Self::HashPassword => {
                false
            }
        }
    }
}

/// A filter that can be read; it is kept as it was typed.
fn log_filter(text: &str) -> Result<String, &'static str> {
    match EnvFilter::try_new(text) {
        Ok(_) => Ok(text.to_owned()),
        Err(_) => Err("expected a level or `module=level`, or several separated by commas"),
    }
}

/// What can be asked.
#[derive(Debug, Clone, PartialEq, Eq, Subcommand)]
pub enum Command {
    /// Show callboard at work, with a stand-in Exchange and stand-in phones
    ///
    /// Starts everything in one process on the loopback interface, books meetings as people do, and shows them arrive
    /// on the phones. Needs no configuration, no Exchange and no network, and leaves nothing behind.
    ///
    /// Ends well when it is interrupted, or when every room was read and every change of the time of `--for` arrived on
    /// its room's phone, be it none.
    #[cfg(feature = "demo")]
    Demo(Demo),
    /// Watch the rooms, tell their devices and serve the feed, until stopped
    ///
    /// Stops at SIGTERM or SIGINT, after what it has begun. Tells systemd when it is ready.
    ///
    /// Reads its configuration again at SIGHUP, as `reload` asks it to.
    Daemon(Daemon),
    /// Have the running daemon read its configuration again
    ///
    /// Servers, rooms and devices are added, changed and removed while it runs; passwords are read anew. Tells what has
    /// changed. A configuration with mistakes changes nothing: every mistake is told. A device that is taken off first
    /// gets an empty screen. In rooms for which somebody else accepts, tells how many meetings disappear or appear; with
    /// `--dry-run` before it is done.
    Reload(Reload),
    /// Read rooms whole, and apply what differs
    ///
    /// Asks the running daemon, or does it alone where none runs. Every difference is shown with the rule that
    /// decided it.
    ResyncRoom(ResyncRoom),
    /// Compare what is mirrored with what Exchange itself makes of the calendars
    ///
    /// Asks the running daemon, or does it alone where none runs. Tells what is missing, what Exchange knows nothing of,
    /// and what differs in time, subject or response. Changes nothing; ends with 1 where anything differs.
    Diff(Diff),
    /// Read rooms from another server from now on, once both show the same
    ///
    /// Reads each room from both servers, over whichever protocols, tells what matches and what does not, and only then
    /// switches it: its displays keep what they show. Where the old server does not answer any more, what was mirrored of it
    /// stands in. Asks the running daemon, or does it alone where none runs. Ends with 1 where a room is not switched, or would
    /// not be.
    Migrate(Migrate),
    /// Tell why a room shows what it shows
    ///
    /// For everything in a room's calendar, and what vanished from it: shown or hidden, by which rule, where its title and
    /// its join address come from, when it was last seen, which devices have it and since when, and what to do. Asks the
    /// running daemon, or the mirror alone where none runs; Exchange is not asked.
    Explain(Explain),
    /// Check the configuration, and that its servers and rooms can be reached
    ///
    /// Tells every mistake at once, with its line and column, then signs in to every server and looks into every room: by
    /// which right its calendar can be read, whether there can be subscriptions, and how Exchange treats its meetings. Where
    /// the mirror was made with another way of accepting, tells how many meetings disappear or appear.
    /// Changes nothing; a subscription that is taken is given back. Devices are not asked: `callboard status` says how they
    /// answer the daemon.
    Check(Check),
    /// Show how right the clocks are: this machine's, the NTP servers', Exchange's
    ///
    /// Asks the running daemon, or the servers themselves where none runs, which takes some seconds and changes nothing. Ends
    /// with 1 where one is wrong by half a minute or more.
    Clock(Clock),
    /// Show how the daemon, its servers, rooms and devices are
    ///
    /// Every time is told in UTC. Where the configuration has got mistakes since the daemon was started, its state is shown all
    /// the same.
    Status(Status),
    /// Show what devices would have got of a daemon that tells them nothing
    ///
    /// For each device of a `daemon --shadow`: what it would show now, and when it would have been told what since the start, to
    /// be held against what it shows by whoever tells it now.
    Shadow(Shadow),
    /// Copy the mirror into a new file
    ///
    /// A daemon may run meanwhile. The copy is of one moment, is checked, and holds all that the mirror holds, so that only its
    /// owner may read it.
    Backup(Backup),
    /// Put a backup in the place of the mirror
    ///
    /// No daemon may run. The backup is checked first. What it shows is not taken for the present: the daemon reads each room
    /// whole before it tells its devices of it.
    Restore(Restore),
    /// Have the engine do again what a flight record tells
    ///
    /// Prints what the engine of this version does about everything that happened, and marks what it did otherwise then: `+` what
    /// it does now, `-` what it did. Ends with 1 where anything differs. Asks nobody and changes nothing.
    Replay(Replay),
    /// Make what `[admin] password_hash` holds of a password
    ///
    /// Reads the password from standard input, without its line end, and prints its Argon2id hash.
    HashPassword,
    /// Find the rooms that Exchange knows
    #[command(subcommand)]
    Rooms(Rooms),
}

/// What `rooms` is told to do.
#[derive(Debug, Clone, PartialEq, Eq, Subcommand)]
pub enum Rooms {
    /// Print what would have to be typed for the rooms of every room list
    ///
    /// Asks each server's directory for its room lists and their rooms. Of the configuration nothing but `[exchange.NAME]` must be
    /// there. The time zone of each room is left to whoever
    /// pastes the blocks into the configuration: no directory knows it.
    Discover(Discover),
}

/// How a command ended, for whoever called it (the numbers from 64 on are those of `sysexits.h`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// All is done.
    Done = 0,
    /// Something failed, and was said.
    Failed = 1,
    /// The command line is wrong, or names a room that is not known.
    Usage = 2,
    /// The mirror, or a backup, is damaged or not callboard's.
    Damaged = 65,
    /// The daemon cannot be reached.
    Unreachable = 69,
    /// The disk is full, or fails.
    Disk = 74,
    /// Another program holds the state folder or the mirror: the same command may succeed later.
    Busy = 75,
    /// This user may not read or write a file or folder.
    Forbidden = 77,
    /// The configuration has mistakes.
    Config = 78,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

const AFTER_HELP: &str = "\
Examples:
  callboard demo --for 30s
      See meetings travel from a stand-in Exchange to stand-in phones.
  callboard check --config callboard.toml
      Find every mistake before the daemon does.
  callboard resync-room boardroom-9 --dry-run
      See what differs between Exchange and what the room shows.
  callboard migrate --all --to hq --dry-run
      See whether every room would show the same when it is read from another server.
  callboard explain boardroom-9 --meeting budget
      See why a meeting is, or is not, on the room's phone.
  callboard status --json
      Ask the running daemon how it is, for a monitor.

Exit codes:
   0  all is done
   1  something failed, and was said
   2  the command line is wrong, or names a room that is not known
  65  the mirror, or a backup, is damaged or not callboard's
  69  the daemon cannot be reached
  74  the disk is full, or fails
  75  another program holds the state folder or the mirror: try again later
  77  this user may not read or write a file or folder
  78  the configuration has mistakes";

fn long_version() -> String {
    let demo = if cfg!(feature = "demo") { "with" } else { "without" };
    format!(
        "{}\nbuilt for {} {}, {demo} the demo\nlicence {}",
        env!("CARGO_PKG_VERSION"),
        std::env::consts::OS,
        std::env::consts::ARCH,
        env!("CARGO_PKG_LICENSE"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::{CommandFactory, error::ErrorKind};

    #[test]
    fn the_definitions_agree_with_each_other() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_resync_names_rooms_or_takes_all() {
        let table: [(&[&str], Result<usize, ErrorKind>); 4] = [
            (&["berlin", "oslo"], Ok(2)),
            (&["--all"], Ok(0)),
            (&[], Err(ErrorKind::MissingRequiredArgument)),
            (&["berlin", "--all"], Err(ErrorKind::ArgumentConflict)),
        ];
        for (args, expected) in table {
            let line = ["callboard", "resync-room"].iter().chain(args);
            let found = match Cli::try_parse_from(line).map(|cli| cli.command) {
                Ok(Command::ResyncRoom(resync)) => Ok(resync.rooms.len()),
                Ok(other) => panic!("another command: {other:?}"),
                Err(error) => Err(error.kind()),
            };
            assert_eq!(found, expected, "{args:?}");
        }
    }

    #[test]
    fn a_demo_logs_less_and_a_filter_is_checked() {
        let table: [(&[&str], Result<&str, ErrorKind>); 4] = [
            (&["status"], Ok("info,refinery_core=warn,rumqttc=off")),
            (&["status", "--log", "store=debug"], Ok("store=debug")),
            (&["--log", "info,store=loud", "status"], Err(ErrorKind::ValueValidation)),
            #[cfg(feature = "demo")]
            (&["demo"], Ok("error")),
            #[cfg(not(feature = "demo"))]
            (&["demo"], Err(ErrorKind::InvalidSubcommand)),
        ];
        for (args, expected) in table {
            let found = Cli::try_parse_from(["callboard"].iter().chain(args));
            let found = found.as_ref().map(Cli::log).map_err(clap::Error::kind);
            assert_eq!(found, expected, "{args:?}");
        }
    }

    #[test]
    fn the_help_documents_every_exit_code() {
        let sysexits =
            [Exit::Damaged, Exit::Unreachable, Exit::Disk, Exit::Busy, Exit::Forbidden, Exit::Config];
        for exit in [Exit::Done, Exit::Failed, Exit::Usage].into_iter().chain(sysexits) {
            let line = format!("\n{:>4}  ", exit as u8);
            assert!(AFTER_HELP.contains(&line), "exit code {} is not in the help", exit as u8);
        }
    }
}
