//! Why: one line for everything in a room's calendar, and for what vanished from it.
//!
//! An explanation says no more than a display may: what the rules hide stays hidden, unless whoever may read the mirror itself
//! wants it revealed.

pub use crate::planner::explain;
use crate::{
    decision::{Decision, ServerGeneration, Verdict},
    display::PublicKey,
    id::{CalendarNumber, RoomId},
    identity::MeetingKey,
    join::{JoinRule, Place},
};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use std::fmt;

/// How it is to be explained.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asked {
    /// The server that remedies are written for; absent where nobody knows which it is.
    pub server: Option<ServerGeneration>,
    /// Whether what the rules hide is told, as far as it was kept: of what vanished it was not. Only whoever may read the
    /// mirror itself may ask for that.
    pub reveal: bool,
}

/// What became of one occurrence, and why.
#[derive(Clone, PartialEq, Eq)]
pub struct Explanation {
    /// Its name in the mirror.
    pub meeting: MeetingKey,
    /// Its name in URLs and feeds.
    pub key: PublicKey,
    /// When it starts.
    pub start: DateTime<Utc>,
    /// When it ends.
    pub end: DateTime<Utc>,
    /// Its first and last civil date, both included, where it stands for whole days (rule T4). Absent of what vanished.
    pub all_day: Option<(NaiveDate, NaiveDate)>,
    /// What displays call it, or would: masked where it is private. Absent once names are forgotten (rule P7).
    pub title: Option<String>,
    /// Whether displays hide what it is called (rules P1 and P4).
    pub concealed: bool,
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
    /// Which of the room's calendars it comes from. Absent of what vanished.
    pub calendar: Option<CalendarNumber>,
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
    /// What becomes of what was decided so.
    pub fn of(decision: Decision) -> Self {
        match decision.verdict {
            Verdict::Shown => Self::Shown,
            Verdict::ShownTentative => Self::Tentative,
            Verdict::Hidden(_) => Self::Hidden,
        }
    }

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
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SubjectSource {
    /// The room's own copy.
    Written,
    /// An earlier version of the room's own copy (rule S3).
    Earlier,
    /// The copy of another room (rule S4).
    OtherRoom(RoomId),
    /// The meeting request in the mailbox of this or another room (rule S4).
    Request(RoomId),
    /// The series it belongs to.
    Series,
    /// It was never seen.
    Placeholder,
    /// The rules hide it (rules P1 and P4).
    Hidden,
}

impl SubjectSource {
    /// What it is called, as `other-room`.
    pub fn id(&self) -> &'static str {
        match self {
            Self::Written => "written",
            Self::Earlier => "earlier",
            Self::OtherRoom(_) => "other-room",
            Self::Request(_) => "request",
            Self::Series => "series",
            Self::Placeholder => "placeholder",
            Self::Hidden => "hidden",
        }
    }

    /// In a few words.
    pub fn words(&self) -> String {
        match self {
            Self::Written => "subject as written".to_owned(),
            Self::Earlier => "subject as this room's copy had it before".to_owned(),
            Self::OtherRoom(room) => format!("subject from the copy in room `{room}`"),
            Self::Request(room) => {
                format!("subject from the meeting request in the mailbox of room `{room}`")
            }
            Self::Series => "subject of the series".to_owned(),
            Self::Placeholder => "subject never seen".to_owned(),
            Self::Hidden => "subject hidden".to_owned(),
        }
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
