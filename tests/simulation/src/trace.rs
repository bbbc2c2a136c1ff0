//! What happened, line by line.

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};
use std::fmt::Write;

/// What happened, line by line: the same for the same seed and script.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Trace(String);

impl Trace {
    /// Adds a line.
    pub(crate) fn note(&mut self, at: DateTime<Utc>, text: std::fmt::Arguments<'_>) {
        let time = at.format("%d %H:%M:%S%.3f");
        // a string takes all that is written to it
        let _ = writeln!(self.0, "{time} {text}");
    }

    /// All of it.
    pub fn text(&self) -> &str {
        &self.0
    }

    /// How many lines hold this.
    pub fn count(&self, text: &str) -> usize {
        self.0.lines().filter(|line| line.contains(text)).count()
    }
}

/// Eight hex digits that stand for these bytes.
pub(crate) fn mark(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes)).chars().take(8).collect()
}
