//! Writes a record while the engine goes on.

use super::{
    masking::Masking,
    site::RecordedSite,
    told,
    written::{Begun, FORMAT, Heard, Line, REFERENCE},
};
use anyhow::Context;
use meeting_model::clock::Now;
use sha2::{Digest, Sha256};
use std::{
    collections::BTreeSet,
    fs::{self, File, OpenOptions},
    io::{self, ErrorKind, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    sync::mpsc::{self, Receiver, SyncSender, TrySendError},
    thread,
};
use sync_engine::{Action, Event, Reply, Site, StreamHeard};

/// How many events may wait to be written.
const WAITING: usize = 1024;

/// From this length on a body gets a line of its own, which others name.
const SHARED: usize = 200;

/// Writes a record, on a thread of its own: the engine never waits for a disk.
#[derive(Debug)]
pub(crate) struct Recorder(Option<SyncSender<Entry>>);

/// Something that happened.
#[derive(Debug)]
struct Entry {
    event: Event,
    now: Now,
    did: Vec<String>,
}

impl Recorder {
    /// Begins a record of at most so many bytes; the one that was there is kept beside it, until the next.
    ///
    /// # Errors
    /// Where it cannot be written, or the system has no thread or no randomness to give.
    pub(crate) fn begin(path: &Path, most: u64, site: &Site, seed: u64) -> anyhow::Result<Self> {
        let unwritten = || format!("flight record `{}`: it cannot be written", path.display());
        let mut key = [0; 32];
        getrandom::fill(&mut key).context("the system has no randomness to give")?;
        set_aside(path).with_context(unwritten)?;
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
        let masking = Masking::new(key);
        let recorded = RecordedSite::of(site, &|text| masking.stand_in(text));
        let version = env!("CARGO_PKG_VERSION").to_owned();
        let begun = Line::Begun(Begun { format: FORMAT, version, seed, site: recorded });
        let bodies = BTreeSet::new();
        let mut writing = Writing { file: file.with_context(unwritten)?, left: most, masking, bodies };
        writing.line(&begun).with_context(unwritten)?;
        let (entries, waiting) = mpsc::sync_channel(WAITING);
        thread::Builder::new()
            .name("flight-recorder".to_owned())
            .spawn(move || writing.run(&waiting))
            .context("the system refuses a thread for the flight recorder")?;
        Ok(Self(Some(entries)))
    }

    /// Records that something has happened, and what the engine did.
    pub(crate) fn heard(&mut self, event: Event, now: Now, actions: &[Action]) {
        let Some(entries) = &self.0 else { return };
        match entries.try_send(Entry { event, now, did: told::actions(actions) }) {
            Ok(()) => return,
            Err(TrySendError::Full(_)) => {
                tracing::warn!("the flight record ends: the disk did not keep up with what happened");
            }
            // it has said why
            Err(TrySendError::Disconnected(_)) => {}
        }
        self.0 = None;
    }
}

/// The record before this one.
fn aside(path: &Path) -> PathBuf {
    path.with_extension("before.jsonl")
}

fn set_aside(path: &Path) -> io::Result<()> {
    match fs::rename(path, aside(path)) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// A record being written.
struct Writing {
    file: File,
    /// How many bytes it may still become longer.
    left: u64,
    masking: Masking,
    /// The bodies that are written, by their names.
    bodies: BTreeSet<String>,
}

impl Writing {
    fn run(mut self, waiting: &Receiver<Entry>) {
        while let Ok(entry) = waiting.recv() {
            match self.entry(entry) {
                Ok(()) => {}
                Err(error) if error.kind() == ErrorKind::FileTooLarge => {
                    tracing::warn!("the flight record is full and ends; the next start begins another");
                    // it is longer by this one line
                    self.left = u64::MAX;
                    let _ = self.line(&Line::Ended { why: "it is full".to_owned() });
                    return;
                }
                Err(error) => {
                    tracing::warn!(%error, "the flight record cannot be written and ends");
                    return;
                }
            }
        }
    }

    fn entry(&mut self, entry: Entry) -> io::Result<()> {
        let Entry { event, now, did } = entry;
        let site = match &event {
            Event::Reconfigured { site, .. } => {
                Some(RecordedSite::of(site, &|text| self.masking.stand_in(text)))
            }
            _ => None,
        };
        let mut event = self.masking.event(event);
        if let Some(body) = body_of(&mut event).filter(|body| body.len() >= SHARED) {
            let name: String = hex::encode(Sha256::digest(&*body)).chars().take(16).collect();
            let text = std::mem::replace(body, [&[REFERENCE], name.as_bytes()].concat());
            if self.bodies.insert(name.clone()) {
                self.line(&Line::Body { name, text: String::from_utf8_lossy(&text).into_owned() })?;
            }
        }
        self.line(&Line::Heard(Box::new(Heard { wall: now.wall, mono: now.mono, event, site, did })))
    }

    fn line(&mut self, line: &Line) -> io::Result<()> {
        let mut text = serde_json::to_vec(line)?;
        text.push(b'\n');
        self.left = u64::try_from(text.len())
            .ok()
            .and_then(|length| self.left.checked_sub(length))
            .ok_or(ErrorKind::FileTooLarge)?;
        self.file.write_all(&text)
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
