//! Why: one line for everything in a room's calendar, and for what vanished from it.
//!
//! An explanation says no more than a display may: what the rules hide stays hidden.

pub use crate::planner::explain;
use crate::{
    decision::Decision,
    display::PublicKey,
    join::{JoinRule, Place},
    zone::RoomZone,
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::fmt;

/// What became of one occurrence, and why.
#[derive(Clone, PartialEq, Eq)]
pub struct Explanation {
    /// Its name in URLs and feeds.
    pub key: PublicKey,
    /// When it starts.
    pub start: DateTime<Utc>,
    /// When it ends.
    pub end: DateTime<Utc>,
    /// What displays call it, or would: masked where it is private. Absent once names are forgotten (rule P7).
    pub title: Option<String>,
    /// Where that title comes from (rule S4). Absent of what vanished.
    pub subject: Option<SubjectSource>,
    /// What became of it.
    pub fate: Fate,
    /// What was decided, and by which rule. Absent where nothing was decided: of what lies outside the window, and
    /// of copies that do not count.
    pub decision: Option<Decision>,
    /// Why, in one sentence.
    pub sentence: &'static str,
    /// How its join address was found, and where.
    pub join: Option<(JoinRule, Place)>,
    /// Whether the room's zone stands in for one that is not known: its times may be off (rule T2).
    pub zone_stands_in: bool,
    /// When its item was last written; of what vanished: when it was seen to be gone.
    pub seen: Option<DateTime<Utc>>,
    /// What an administrator can do about it.
    pub remedy: Option<&'static str>,
}

/// What became of an occurrence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fate {
    /// On every display.
    Shown,
    /// On feeds and panels, marked.
    Tentative,
    /// Nowhere.
    Hidden,
    /// In the calendar, but not in the window that displays show.
    Outside,
    /// In the calendar more than once: another copy of it counts (rule I2).
    Double,
    /// Not in the calendar any more.
    Gone,
}

impl Fate {
    /// In a word or two.
    pub fn words(self) -> &'static str {
        match self {
            Self::Shown => "shown",
            Self::Tentative => "shown as tentative",
            Self::Hidden => "hidden",
            Self::Outside => "outside the window",
            Self::Double => "double",
            Self::Gone => "gone",
        }
    }
}

/// Where a title comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SubjectSource {
    /// The room's own copy.
    Written,
    /// An earlier version of it, or the copy of another room (rules S3 and S4).
    Remembered,
    /// The series it belongs to.
    Series,
    /// It was never seen.
    Placeholder,
    /// The rules hide it (rules P1 and P4).
    Hidden,
}

impl SubjectSource {
    /// In a few words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Written => "subject as written",
            Self::Remembered => "subject as read before Exchange took it away, or from another room",
            Self::Series => "subject of the series",
            Self::Placeholder => "subject never seen",
            Self::Hidden => "subject hidden",
        }
    }
}

impl Explanation {
    /// All of it in one line, on the walls of the room.
    pub fn line(&self, zone: &RoomZone) -> String {
        let on_walls = |instant, format: &str| zone.local(instant).format(format).to_string();
        let mut parts = vec![self.sentence.to_owned()];
        parts.extend(self.subject.map(|source| source.words().to_owned()));
        parts.extend(self.join.map(|(rule, _)| format!("join address by `{}`", rule.id())));
        parts.extend(self.zone_stands_in.then(|| "its zone is not known, the room's stands in".to_owned()));
        let seen = if self.fate == Fate::Gone { "gone since" } else { "written" };
        parts.extend(self.seen.map(|at| format!("{seen} {}", on_walls(at, "%Y-%m-%d %H:%M"))));
        parts.extend(self.remedy.map(|remedy| format!("to do: {remedy}")));
        format!(
            "{}-{} {}: {}{}: {}",
            on_walls(self.start, "%Y-%m-%d %H:%M"),
            on_walls(self.end, "%H:%M"),
            self.title.as_deref().unwrap_or("(forgotten)"),
            self.fate.words(),
            self.decision.map(|decision| format!(" ({})", decision.rule)).unwrap_or_default(),
            parts.join("; "),
        )
    }
}

impl fmt::Debug for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Explanation")
            .field("key", &self.key)
            .field("start", &self.start)
            .field("fate", &self.fate)
            .field("decision", &self.decision)
            .finish_non_exhaustive()
    }
}
