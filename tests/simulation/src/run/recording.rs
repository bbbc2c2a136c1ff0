//! A flight record of what the engine is told.

use callboard::flight::Record;
use meeting_model::{clock::Now, zone::ZoneDatabase};
use std::path::PathBuf;
use sync_engine::{Action, Event, Site};

/// A flight record, begun anew with every start.
#[derive(Debug)]
pub(super) struct Recording {
    path: PathBuf,
    most: u64,
    record: Option<Record>,
}

impl Recording {
    pub(super) fn of((path, most): (PathBuf, u64)) -> Self {
        Self { path, most, record: None }
    }

    pub(super) fn begin(&mut self, site: &Site, seed: u64, zones: &ZoneDatabase) {
        let record = Record::begin(&self.path, self.most, site, seed, zones);
        self.record = Some(record.expect("the site fits into its record"));
    }

    pub(super) fn heard(&mut self, event: Event, now: Now, actions: &[Action]) {
        if let Some(record) = &mut self.record {
            record.heard(event, now, actions).expect("the disk takes what the record is allowed");
        }
    }
}
