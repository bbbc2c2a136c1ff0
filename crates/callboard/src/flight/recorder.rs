//! Writes a record while the engine goes on.

use super::{
    record::{Ended, Record},
    told,
    written::body_of,
};
use anyhow::Context;
use meeting_model::{clock::Now, zone::ZoneDatabase};
use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
        mpsc::{self, Receiver, Sender},
    },
    thread::{self, JoinHandle},
};
use sync_engine::{Action, Event, Site};

/// How many bytes may wait to be written.
const WAITING: usize = 64 << 20;

/// What an event weighs of which there is little to say.
const ENTRY: usize = 500;

/// Writes a record, on a thread of its own: the engine never waits for a disk. Only the program's end does.
#[derive(Debug)]
pub(crate) struct Recorder {
    entries: Option<Sender<Entry>>,
    /// How many bytes wait, more or less.
    waiting: Arc<AtomicUsize>,
    thread: Option<JoinHandle<()>>,
}

/// Something that happened.
#[derive(Debug)]
struct Entry {
    event: Event,
    now: Now,
    did: Vec<String>,
    weight: usize,
}

impl Recorder {
    /// Begins a record of at most so many bytes: see [`Record::begin`]. Where that is too little for the site, a warning says so.
    ///
    /// # Errors
    /// Where it cannot be written, or the system has no thread or no randomness to give.
    pub(crate) fn begin(
        path: &Path,
        most: u64,
        site: &Site,
        seed: u64,
        zones: &ZoneDatabase,
    ) -> anyhow::Result<Self> {
        let waiting = Arc::<AtomicUsize>::default();
        let record = match Record::begin(path, most, site, seed, zones) {
            Ok(record) => record,
            Err(error @ Ended::TooSmall { .. }) => {
                tracing::warn!(%error, "there is no flight record");
                return Ok(Self { entries: None, waiting, thread: None });
            }
            Err(error) => return Err(error).with_context(|| format!("flight record `{}`", path.display())),
        };
        let (entries, to_write) = mpsc::channel();
        let weight = waiting.clone();
        let thread = thread::Builder::new()
            .name("flight-recorder".to_owned())
            .spawn(move || write(record, &to_write, &weight))
            .context("the system refuses a thread for the flight recorder")?;
        Ok(Self { entries: Some(entries), waiting, thread: Some(thread) })
    }

    /// Records that something has happened, and what the engine did.
    pub(crate) fn heard(&mut self, mut event: Event, now: Now, actions: &[Action]) {
        let Some(entries) = &self.entries else { return };
        let did = told::actions(actions);
        let body = body_of(&mut event).map_or(0, |body| body.len());
        let weight = ENTRY + body + did.iter().map(String::len).sum::<usize>();
        if self.waiting.fetch_add(weight, Ordering::Relaxed) > WAITING {
            tracing::warn!("the flight record ends: the disk did not keep up with what happened");
            self.entries = None;
        } else if entries.send(Entry { event, now, did, weight }).is_err() {
            // it has said why
            self.entries = None;
        }
    }
}

impl Drop for Recorder {
    /// The last that happened is recorded too.
    fn drop(&mut self) {
        self.entries = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn write(mut record: Record, entries: &Receiver<Entry>, waiting: &AtomicUsize) {
    while let Ok(Entry { event, now, did, weight }) = entries.recv() {
        if let Err(error) = record.entry(event, now, did) {
            tracing::warn!(%error, "the flight record ends; the next start begins another");
            let _ = record.end(&error);
            return;
        }
        waiting.fetch_sub(weight, Ordering::Relaxed);
    }
}
