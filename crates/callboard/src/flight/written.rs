//! A record, line by line.

use super::site::RecordedSite;
use chrono::{DateTime, Utc};
use meeting_model::{clock::Now, zone::ZoneDatabase};
use serde::{Deserialize, Serialize};
use std::time::Duration;
use sync_engine::{Engine, Event, Reply, StreamHeard};

/// What all of this looks like, the engine's state with it. A record of another form is not understood.
pub(super) const FORMAT: u32 = 2;

/// What stands before the name of a body that another line holds.
pub(super) const REFERENCE: u8 = b'@';

/// One line. Whoever writes one does not give away what it tells of.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Line<State = Engine, Happened = Box<Heard>> {
    /// The first line.
    Begun(Box<Begun<State>>),
    /// A body that later lines name.
    Body { name: String, text: String },
    /// Something happened.
    Heard(Happened),
    /// The last line, where the record ends before the program.
    Ended { why: String },
}

/// What the engine began with.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Begun<State> {
    pub(super) format: u32,
    /// The program's version.
    pub(super) version: String,
    pub(super) site: RecordedSite,
    pub(super) engine: Beginning<State>,
}

/// How far the engine had come.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Beginning<State> {
    /// It had just been made.
    Seed(u64),
    /// It was in the middle of its work.
    State(State),
}

/// Something happened.
#[derive(Debug, Serialize, Deserialize)]
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

    /// Gives the event the site that it tells of.
    ///
    /// # Errors
    /// Where a zone is not known here.
    pub(super) fn with_site(mut self, zones: &ZoneDatabase) -> Result<Self, meeting_model::error::Error> {
        if let (Event::Reconfigured { site, .. }, Some(recorded)) = (&mut self.event, self.site.take()) {
            *site = recorded.site(zones)?;
        }
        Ok(self)
    }
}

/// The body that came with an event.
pub(super) fn body_of(event: &mut Event) -> Option<&mut Vec<u8>> {
    match event {
        Event::Exchange { result: Ok(Reply { body, .. }), .. }
        | Event::Stream {
            heard: StreamHeard::Bytes(body) | StreamHeard::Refused(Reply { body, .. }), ..
        }
        | Event::Pushed { body, .. } => Some(body),
        _ => None,
    }
}
