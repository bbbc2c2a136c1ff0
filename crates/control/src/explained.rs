//! Why a room shows what it shows.

use crate::warning::Warning;
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

/// What an operator wants explained.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// Of which room.
    pub room: String,
    /// At which moment, of the last seven days; absent: now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<DateTime<Utc>>,
    /// Of the meetings whose title holds this, in any case; absent: of all of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub meeting: Option<String>,
    /// What the rules hide, too. Whoever can ask may read the mirror.
    #[serde(default)]
    pub reveal: bool,
}

/// Everything in a room's calendar that somebody could ask about, and what vanished from it, in order of start.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Explained {
    /// Which room.
    pub room: String,
    /// The moment that is told of.
    pub at: DateTime<Utc>,
    /// The revision of that moment.
    pub rev: i64,
    /// As of when the mirror is true; absent of the past, and before the first read.
    pub as_of: Option<DateTime<Utc>>,
    /// Whether it, or one of its mailboxes, was never read, so that nobody knows what is in its calendar; never of the past.
    #[serde(default)]
    pub unread: bool,
    /// What is wrong with it now, as `status` tells it; empty of the past, and where no daemon runs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub troubles: Vec<Trouble>,
    /// What an administrator should know of the room now; empty of the past.
    pub warnings: Vec<Warning>,
    /// What this answer does not tell, and why.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// The meetings.
    pub meetings: Vec<ExplainedMeeting>,
}

/// What is wrong with a room, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trouble {
    /// Both.
    pub sentence: String,
    /// When it is tried again.
    pub retry_at: Option<DateTime<Utc>>,
}

/// What became of one meeting, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExplainedMeeting {
    /// Its name in URLs and feeds.
    pub key: String,
    /// When it starts.
    pub start: DateTime<Utc>,
    /// When it ends.
    pub end: DateTime<Utc>,
    /// Its first and last civil date, both included, where it stands for whole days; not kept of what is gone.
    #[serde(default)]
    pub all_day: Option<(NaiveDate, NaiveDate)>,
    /// What displays call it, or would; absent once names are forgotten.
    pub title: Option<String>,
    /// Whether displays hide what it is called: of such a meeting the title is a mask, unless it was revealed.
    #[serde(default)]
    pub concealed: bool,
    /// What became of it: `shown`, `hidden`, `gone`.
    pub fate: String,
    /// The rule that decided, as `A6`; absent where nothing was decided.
    pub rule: Option<String>,
    /// That rule's sentence.
    pub why: String,
    /// When that was decided, where it is remembered.
    pub decided: Option<DateTime<Utc>>,
    /// Where the title comes from; absent of what is gone, and of what has changed since.
    pub subject: Option<String>,
    /// The rule that found its join address, and where: `teams`, `body`.
    pub join: Option<(String, String)>,
    /// Whether the room's zone stands in for one that is not known.
    pub zone_stands_in: bool,
    /// When its item was last written in Exchange.
    pub written: Option<DateTime<Utc>>,
    /// When it was last seen in the room's calendar.
    pub seen: Option<DateTime<Utc>>,
    /// When it was seen to be gone from there.
    pub gone: Option<DateTime<Utc>>,
    /// The devices that should have it.
    pub devices: Vec<OnDevice>,
    /// What to do about it.
    pub remedy: Option<String>,
    /// The mailbox that it was read in, where the room has several; absent of what is gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mailbox: Option<String>,
}

/// Whether a device has what displays show of a meeting.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OnDevice {
    /// Which.
    pub device: String,
    /// Whether it has it.
    pub has_it: bool,
    /// Since when, where that is remembered.
    pub since: Option<DateTime<Utc>>,
    /// What is wrong with a device that does not have it, and what to do; of now alone.
    #[serde(default)]
    pub trouble: Option<String>,
}
