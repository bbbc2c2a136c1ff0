//! A record, line by line.

use super::site::RecordedSite;
use chrono::{DateTime, Utc};
use meeting_model::clock::Now;
use serde::{Deserialize, Serialize};
use std::time::Duration;
use sync_engine::Event;

/// What all of this looks like. A record of another form is not understood.
pub(super) const FORMAT: u32 = 1;

/// What stands before the name of a body that another line holds.
pub(super) const REFERENCE: u8 = b'@';

/// One line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Line {
    /// The first line.
    Begun(Begun),
    /// A body that later lines name.
    Body { name: String, text: String },
    /// Something happened.
    Heard(Box<Heard>),
    /// The last line, where the record ends before the program.
    Ended { why: String },
}

/// What the engine began with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Begun {
    pub(super) format: u32,
    /// The program's version.
    pub(super) version: String,
    pub(super) seed: u64,
    pub(super) site: RecordedSite,
}

/// Something happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Heard {
    pub(super) wall: DateTime<Utc>,
    pub(super) mono: Duration,
    pub(super) event: Event,
    /// The site from now on, where the event tells of one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) site: Option<RecordedSite>,
    /// What the engine did.
    pub(super) did: Vec<String>,
}

impl Heard {
    pub(super) fn now(&self) -> Now {
        Now { wall: self.wall, mono: self.mono }
    }
}
