//! What each command is told.

use chrono::NaiveDate;
use clap::Args;
#[cfg(feature = "demo")]
use humantime_serde::re::humantime::parse_duration;
use std::path::PathBuf;
#[cfg(feature = "demo")]
use std::time::Duration;

/// What `rooms discover` is told.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct Discover {
    /// Ask this server alone, by its name in the configuration
    #[arg(long, value_name = "NAME")]
    pub server: Option<String>,
    /// Also find mailboxes whose name or address begins with these words
    #[arg(long, value_name = "WORDS")]
    pub matching: Option<String>,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
    /// Where the configuration is.
    #[command(flatten)]
    pub file: ConfigFile,
}

/// Where the configuration is.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct ConfigFile {
    /// The configuration
    #[arg(
        long,
        value_name = "FILE",
        env = "CALLBOARD_CONFIG",
        default_value = "/etc/callboard/callboard.toml"
    )]
    pub config: PathBuf,
}

/// What `demo` is told.
#[cfg(feature = "demo")]
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct Demo {
    /// Run for at most this long, as `30s` [default: until stopped]
    ///
    /// The last seconds are for changes on their way; where it is too short for any, none is followed.
    #[arg(long = "for", value_name = "DURATION", value_parser = parse_duration)]
    pub duration: Option<Duration>,
    /// Tell what happens as lines of JSON
    #[arg(long)]
    pub json: bool,
    /// How many rooms there are
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u16).range(1..=500))]
    pub rooms: u16,
    /// What chance begins with: the same seed books the same meetings
    #[arg(long, value_name = "S", default_value_t = 1)]
    pub seed: u64,
    /// Serve the feed on this port; 0 takes a free one
    #[arg(long, value_name = "P", default_value_t = 8480)]
    pub port: u16,
}

/// What `resync-room` is told.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct ResyncRoom {
    /// The rooms, by their ids
    #[arg(value_name = "ROOM", required_unless_present = "all")]
    pub rooms: Vec<String>,
    /// Every room
    #[arg(long, conflicts_with = "rooms")]
    pub all: bool,
    /// Show what differs and apply nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
    /// Where the configuration is.
    #[command(flatten)]
    pub file: ConfigFile,
}

/// What `diff` is told.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct Diff {
    /// The rooms, by their ids
    #[arg(value_name = "ROOM", required_unless_present = "all")]
    pub rooms: Vec<String>,
    /// Every room
    #[arg(long, conflicts_with = "rooms")]
    pub all: bool,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
    /// Where the configuration is.
    #[command(flatten)]
    pub file: ConfigFile,
}

/// What `migrate` is told.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct Migrate {
    /// The rooms, by their ids
    #[arg(value_name = "ROOM", required_unless_present = "all")]
    pub rooms: Vec<String>,
    /// Every room
    #[arg(long, conflicts_with = "rooms")]
    pub all: bool,
    /// The server to read them from, by its name in the configuration
    #[arg(long, value_name = "SERVER")]
    pub to: String,
    /// Tell what matches, and switch nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Compare with what is mirrored, however old that is, and do not ask the old server
    #[arg(long)]
    pub from_mirror: bool,
    /// The share of a room's meetings that need not match for it to be switched
    #[arg(long, value_name = "PERCENT", default_value = "0", value_parser = hundredths)]
    pub tolerate: u32,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
    /// Where the configuration is.
    #[command(flatten)]
    pub file: ConfigFile,
}

/// A share, in hundredths of a percent: `5`, `2.5` or `2.5%`.
fn hundredths(text: &str) -> Result<u32, String> {
    let share = || {
        let number = text.strip_suffix('%').unwrap_or(text);
        let (whole, part) = number.split_once('.').unwrap_or((number, "0"));
        let part: u32 = match part.len() {
            1 => part.parse::<u32>().ok()? * 10,
            2 => part.parse().ok()?,
            _ => return None,
        };
        whole.parse::<u32>().ok()?.checked_mul(100)?.checked_add(part)
    };
    let sentence = || format!("expected a percentage from 0 to 100 such as `2.5`, found `{text}`");
    share().filter(|share| *share <= 10_000).ok_or_else(sentence)
}

/// What `daemon` is told.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct Daemon {
    /// Do all but tell the devices, and remember what each would have got
    ///
    /// For a trial beside the manager that tells them now: `callboard shadow` shows what each would have got. Without it, every
    /// device gets the present at the next start.
    #[arg(long)]
    pub shadow: bool,
    /// Where the configuration is.
    #[command(flatten)]
    pub file: ConfigFile,
}

/// What `shadow` is told.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct Shadow {
    /// The rooms, by their ids [default: every room]
    #[arg(value_name = "ROOM")]
    pub rooms: Vec<String>,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
    /// Where the configuration is.
    #[command(flatten)]
    pub file: ConfigFile,
}

/// What `explain` is told.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct Explain {
    /// The room, by its id
    #[arg(value_name = "ROOM")]
    pub room: String,
    /// What it showed at that moment, of the last seven days: `2026-11-24 09:00`, `09:00:30`, `2026-11-24` or an RFC 3339 instant
    ///
    /// Times without a zone are the room's own; a date alone is its first moment.
    #[arg(long, value_name = "TIME")]
    pub at: Option<String>,
    /// Only meetings whose title holds this text, in any case
    #[arg(long, value_name = "TEXT")]
    pub meeting: Option<String>,
    /// List the meetings that are over, too; JSON has them all
    #[arg(long)]
    pub past: bool,
    /// Only meetings of this date on the room's walls, over or not
    #[arg(long, value_name = "DATE")]
    pub day: Option<NaiveDate>,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
    /// Tell what the rules hide, too
    #[arg(long)]
    pub reveal: bool,
    /// Where the configuration is.
    #[command(flatten)]
    pub file: ConfigFile,
}

/// What `check` is told.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct Check {
    /// Check the file and what is on this machine, and ask nobody
    #[arg(long)]
    pub offline: bool,
    /// Sign in even with an account that was refused and that the daemon leaves alone: it may be locked out by that
    #[arg(long, conflicts_with = "offline")]
    pub now: bool,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
    /// Where the configuration is.
    #[command(flatten)]
    pub file: ConfigFile,
}

/// What `reload` is told.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct Reload {
    /// Tell what would change and change nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
    /// Where the configuration is.
    #[command(flatten)]
    pub file: ConfigFile,
}

/// What `clock` is told.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct Clock {
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
    /// Where the configuration is.
    #[command(flatten)]
    pub file: ConfigFile,
}

/// What `status` is told.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct Status {
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
    /// Where the configuration is.
    #[command(flatten)]
    pub file: ConfigFile,
}

/// What `backup` is told.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct Backup {
    /// The file to write; it must not be there yet
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Where the configuration is.
    #[command(flatten)]
    pub config: ConfigFile,
}

/// What `restore` is told.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct Restore {
    /// The backup, or another mirror
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Replace the mirror that is there
    #[arg(long)]
    pub replace: bool,
    /// Where the configuration is.
    #[command(flatten)]
    pub config: ConfigFile,
}

/// What `replay` is told.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct Replay {
    /// The record: `flight.jsonl` in the state directory
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Print only where it differs
    #[arg(long)]
    pub differences: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_typed_as_people_write_it() {
        for (text, expected) in [
            ("0", Some(0)),
            ("5", Some(500)),
            ("2.5%", Some(250)),
            ("2.05", Some(205)),
            ("100%", Some(10_000)),
            ("100.01", None),
            ("-1", None),
            ("1.234", None),
            ("%", None),
            ("all", None),
        ] {
            assert_eq!(hundredths(text).ok(), expected, "{text}");
        }
    }
}
