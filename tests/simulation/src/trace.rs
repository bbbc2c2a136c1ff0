//! What happened, line by line.

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};
use std::fmt::{self, Write};

/// What happened, line by line: the same for the same seed and script.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Trace {
    text: String,
    silent: bool,
}

impl Trace {
    /// Writes nothing down from now on: long runs need none.
    pub(crate) fn silence(&mut self) {
        self.silent = true;
    }

    /// Adds a line.
    pub(crate) fn note(&mut self, at: DateTime<Utc>, text: fmt::Arguments<'_>) {
        if self.silent {
            return;
        }
        let time = at.format("%d %H:%M:%S%.3f");
        // a string takes all that is written to it
        let _ = writeln!(self.text, "{time} {text}");
    }

    /// All of it.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// How many lines hold this.
    pub fn count(&self, text: &str) -> usize {
        self.text.lines().filter(|line| line.contains(text)).count()
    }
}

/// Eight hex digits that stand for these bytes; they are found out only where they are written.
pub(crate) struct Mark<'a>(pub(crate) &'a [u8]);

impl fmt::Display for Mark<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(Sha256::digest(self.0).iter().take(4).copied().collect::<Vec<u8>>()))
    }
}
