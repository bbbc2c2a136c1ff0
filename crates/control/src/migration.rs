//! A room that is to be read elsewhere from now on.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// What is to be migrated where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Migrate {
    /// The rooms, by id. All of them where empty.
    pub rooms: Vec<String>,
    /// The server to read them from, by its name in the configuration.
    pub to: String,
    /// Tell what would match, and switch nothing.
    pub dry_run: bool,
    /// Hold the new server against what is mirrored, however old, and do not ask the one that is left.
    pub from_mirror: bool,
    /// The share of a room's meetings that need not match, in hundredths of a percent.
    pub tolerate: u32,
}

/// What became of one room that was to be migrated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MigrationReport {
    /// Which.
    pub room: String,
    /// The server that it was read from.
    pub from: String,
    /// What was found; as JSON `{"trouble": …}` where it could not be compared, with why and what to do.
    #[serde(with = "crate::outcome")]
    pub result: Result<Migration, String>,
}

impl MigrationReport {
    /// Whether the room is where it was to be, or would be but for a dry run.
    pub fn is_well(&self) -> bool {
        self.result.as_ref().is_ok_and(|migration| migration.outcome.is_well())
    }
}

/// A room, held against itself on another server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Migration {
    /// How many meetings are the same on both.
    pub matched: usize,
    /// How many of those have no name in common, and were joined by what they say.
    pub soft: usize,
    /// Those that are not the same, in order of start.
    pub mismatches: Vec<Mismatch>,
    /// What stood in for the old server; absent where that was read.
    pub mirror: Option<StoodIn>,
    /// What was done about it.
    pub outcome: MigrationOutcome,
}

/// The mirror stood in for a server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoodIn {
    /// As of when it is true.
    pub as_of: DateTime<Utc>,
    /// How old that was when it was compared with, in seconds.
    pub age_seconds: i64,
    /// Why the server was not read; absent where it was not to be asked.
    pub because: Option<String>,
}

/// What was done about a room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MigrationOutcome {
    /// It is read there already.
    Already,
    /// It would be switched, but this was a dry run.
    WouldSwitch,
    /// It is read there from now on.
    Switched,
    /// Too much does not match: it stays where it is.
    Refused,
}

impl MigrationOutcome {
    /// Whether nothing stands against the migration.
    pub fn is_well(self) -> bool {
        self != Self::Refused
    }
}

/// A meeting that is not the same on both servers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mismatch {
    /// `missing` on the new server, `extra` there, or it `differs`.
    pub kind: MismatchKind,
    /// Start and end as they are; absent where it is extra.
    pub before: Option<(DateTime<Utc>, DateTime<Utc>)>,
    /// Start and end as they would be; absent where it is missing.
    pub after: Option<(DateTime<Utc>, DateTime<Utc>)>,
    /// What a display calls it; absent where it is on none.
    pub title: Option<String>,
    /// What a display would call it; absent where it would be on none.
    pub title_after: Option<String>,
}

/// In which way a meeting is not the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MismatchKind {
    /// The new server does not have it.
    Missing,
    /// Only the new server has it.
    Extra,
    /// It is at another time, or shown otherwise.
    Differs,
}
