//! What is remembered of an occurrence that vanished, so that it can be explained.

use crate::{decision::Decision, identity::MeetingKey, item::Response};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use std::fmt;

/// How long a tombstone stays.
pub const STAYS: TimeDelta = TimeDelta::days(30);

/// An occurrence that was in the calendar and is no more. Its `Debug` names no meeting: it may end in a log.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tombstone {
    /// What it was called.
    pub key: MeetingKey,
    /// When it was to start.
    pub start: DateTime<Utc>,
    /// When it was to end.
    pub end: DateTime<Utc>,
    /// What had been decided of it.
    pub decision: Decision,
    /// What the room had answered.
    pub response: Response,
    /// When it was seen to be gone.
    pub gone_at: DateTime<Utc>,
    /// What displays called it, or would have: never what the rules hide. Absent once names are forgotten (rule P7).
    pub title: Option<String>,
}

impl Tombstone {
    /// Why it went, as far as can be told: one sentence.
    pub fn sentence(&self) -> &'static str {
        match self.response {
            Response::Decline => "the room declined it",
            Response::Organizer => "somebody took it out of the room's calendar",
            Response::Accept => {
                "it was accepted, and then cancelled, moved or taken out of the room's calendar"
            }
            Response::Tentative | Response::NoResponseReceived | Response::Unknown => {
                "declined by the room, probably: it was never accepted"
            }
        }
    }
}

impl fmt::Debug for Tombstone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tombstone")
            .field("start", &self.start)
            .field("end", &self.end)
            .field("decision", &self.decision)
            .field("gone_at", &self.gone_at)
            .finish_non_exhaustive()
    }
}
