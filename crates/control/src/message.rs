//! What is said on the control socket.

use crate::{
    clock::ClockReport,
    explained::{Explained, Question},
    health::Health,
    migration::{Migrate, MigrationReport},
    shadow::Shadow,
    warning::Warning,
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// What an operator may ask.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "kebab-case")]
pub enum Request {
    /// How everything is.
    Status,
    /// Read rooms whole and apply the difference.
    Resync {
        /// Which. All of them where empty.
        rooms: Vec<String>,
        /// Tell the difference and apply nothing.
        dry_run: bool,
    },
    /// Compare what is mirrored with what the servers make of the calendars; change nothing.
    Diff {
        /// Which. All of them where empty.
        rooms: Vec<String>,
    },
    /// Hold rooms against themselves on another server, and read them from there.
    Migrate(Migrate),
    /// Why a room shows what it shows.
    Explain(Question),
    /// What devices would have got of a daemon that tells them nothing.
    Shadow {
        /// Of which rooms. All of them where empty.
        rooms: Vec<String>,
    },
    /// Try the connection to a server: sign in, and look at one room's calendar.
    Test {
        /// Which.
        server: String,
    },
    /// Read the configuration again, and change what it changes.
    Reload {
        /// Tell what it would change, and change nothing.
        #[serde(default)]
        dry_run: bool,
    },
    /// How right the clocks are.
    Clock,
}

/// What an operator is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "tell", rename_all = "kebab-case")]
pub enum Message {
    /// How far a request is.
    Progress {
        /// Rooms done.
        done: usize,
        /// Rooms asked for.
        total: usize,
    },
    /// One room is done.
    Room(RoomReport),
    /// One room was migrated, or not.
    Migration(MigrationReport),
    /// How everything is. The last line.
    Status(Health),
    /// Why a room shows what it shows. The last line.
    Explained(Box<Explained>),
    /// What devices would have got. The last line.
    Shadow(Shadow),
    /// What came of trying a connection, step by step. The last line.
    Tested(Tested),
    /// How right the clocks are. The last line.
    Clock(Box<ClockReport>),
    /// All is done. The last line.
    Done {
        /// Rooms that failed.
        failed: usize,
    },
    /// The configuration was read again: what it has changed, or would. The last line.
    Reloaded(Reloaded),
    /// The configuration cannot be used, and nothing was changed. The last line.
    Mistaken {
        /// Every mistake, with its place where it has one.
        mistakes: Vec<String>,
    },
    /// The request cannot be served. The last line.
    Refused {
        /// Why, and what to do.
        sentence: String,
        /// Rooms that are not known, where that is why.
        unknown_rooms: Vec<String>,
    },
}

/// What came of trying a connection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tested {
    /// The steps that were taken, in their order: the last one may have failed.
    pub steps: Vec<TestedStep>,
}

/// One step of trying a connection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TestedStep {
    /// Whether all was well.
    pub is_well: bool,
    /// What was found, and what to do.
    pub sentence: String,
}

/// What another configuration has changed, or would change.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Reloaded {
    /// Whether it was applied, or only looked at.
    pub applied: bool,
    /// The Exchange servers, by name.
    pub servers: Changed,
    /// The rooms, by id, apart from their devices.
    pub rooms: Changed,
    /// The devices, by id.
    pub devices: Changed,
    /// The sections whose change takes effect, as they stand in the configuration: `[admin]`, `[clock]`.
    #[serde(default)]
    pub sections: Vec<String>,
    /// Whose passwords and tokens are others than before, by the name of the server, room, device or section: each is read anew
    /// from where the configuration says.
    #[serde(default)]
    pub passwords: Vec<String>,
    /// The rooms in which meetings disappear or appear, because somebody else accepts for them (rule A5).
    #[serde(default)]
    pub switches: Vec<Switched>,
    /// What is allowed and unwise, and what takes effect at the next start only.
    pub warnings: Vec<Warning>,
}

impl Reloaded {
    /// Whether anything has changed.
    pub fn is_anything(&self) -> bool {
        let named = [&self.servers, &self.rooms, &self.devices].into_iter().any(Changed::is_anything);
        named || !self.sections.is_empty() || !self.passwords.is_empty()
    }
}

/// What becomes of a room's meetings when somebody else accepts for it (rule A5).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Switched {
    /// Which room.
    pub room: String,
    /// Who accepts from then on, as it stands in the configuration: `auto-accept` or `proxy`.
    pub acceptance: String,
    /// How many meetings to come disappear until somebody accepts them again.
    pub hides: usize,
    /// How many meetings to come waited for that, and appear.
    pub shows: usize,
}

impl Switched {
    /// A sentence of it, without the room: ``with `acceptance = "proxy"` 2 meetings disappear until accepted again``
    pub fn sentence(&self) -> String {
        let meetings = |number: usize, verb: &str, rest: &str| match number {
            1 => format!("1 meeting {verb}s{rest}"),
            _ => format!("{number} meetings {verb}{rest}"),
        };
        let hides = meetings(self.hides, "disappear", " until accepted again");
        let shows = meetings(self.shows, "appear", "");
        let told = match (self.hides, self.shows) {
            (0, 0) => "no meeting disappears or appears".to_owned(),
            (_, 0) => hides,
            (0, _) => shows,
            _ => format!("{hides}, and {shows}"),
        };
        format!("with `acceptance = \"{}\"` {told}", self.acceptance)
    }
}

/// What has changed among things of one kind.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Changed {
    /// Those that are new.
    pub added: Vec<String>,
    /// Those that are treated in another way.
    pub changed: Vec<String>,
    /// Those that are gone.
    pub removed: Vec<String>,
}

impl Changed {
    /// Whether there is anything.
    pub fn is_anything(&self) -> bool {
        !(self.added.is_empty() && self.changed.is_empty() && self.removed.is_empty())
    }
}

/// What became of one room.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoomReport {
    /// Which.
    pub room: String,
    /// Which of its mailboxes, where it has several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mailbox: Option<String>,
    /// The difference; as JSON `{"trouble": …}` where there is none, with what is wrong and what to do.
    #[serde(with = "crate::outcome")]
    pub result: Result<Resynced, String>,
}

/// The difference a complete read made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resynced {
    /// The revision after it.
    pub rev: i64,
    /// Whether it was applied, or only told.
    pub applied: bool,
    /// The occurrences the room shows now.
    pub shown: usize,
    /// What differs, in order of start.
    pub lines: Vec<DiffLine>,
    /// Where the mirror differs from what the server itself makes of the calendar, or why that could not be asked for;
    /// absent where it was not.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "crate::outcome::option")]
    pub comparison: Option<Result<Compared, String>>,
}

/// A comparison with what the server itself makes of a calendar (rule T1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Compared {
    /// How many meetings were compared.
    pub compared: usize,
    /// Where they differ.
    pub differences: Vec<Differing>,
}

/// A meeting that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Differing {
    /// `missing` here, a `ghost` of which the server knows nothing, `moved`, `renamed`, of another `response`, or `private` for
    /// the server alone.
    pub kind: String,
    /// Start and end as mirrored; absent where it is missing.
    pub mirrored: Option<(DateTime<Utc>, DateTime<Utc>)>,
    /// Start and end as the server has them; absent where it has none or did not say.
    pub served: Option<(DateTime<Utc>, DateTime<Utc>)>,
    /// What a display calls it; absent where it is on none.
    pub title: Option<String>,
}

/// One difference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DiffLine {
    /// Added, changed or removed.
    pub kind: DiffKind,
    /// When it starts.
    pub start: DateTime<Utc>,
    /// When it ends.
    pub end: DateTime<Utc>,
    /// What a display calls it.
    pub title: String,
    /// The rule that decided, as `A6`; absent where the item itself is gone.
    pub rule: Option<String>,
    /// That rule's sentence.
    pub why: String,
}

/// Added, changed or removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DiffKind {
    /// It was on no display.
    Added,
    /// A display shows something else of it.
    Changed,
    /// It is on no display any more.
    Removed,
}
