//! What can be wrong with a configuration.

use std::{fmt, path::PathBuf};

/// A configuration that cannot be used. The next step is always the same: mend it and start again (exit code 78).
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// There is no such file.
    #[error("{}: no such file: name another with --config", path.display())]
    Missing {
        /// The file.
        path: PathBuf,
    },
    /// The file cannot be read at all.
    #[error("{}: cannot be read as text: name another file with --config", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file was read, and these are all its mistakes, in order of place.
    #[error("{}", lines(.0))]
    Mistakes(Vec<Mistake>),
}

/// One mistake and its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// The file, as it was named.
    pub file: String,
    /// Counted from 1.
    pub line: usize,
    /// In characters, counted from 1.
    pub column: usize,
    /// What is wrong, and what to do.
    pub sentence: String,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}: {}", self.file, self.line, self.column, self.sentence)
    }
}

fn lines(mistakes: &[Mistake]) -> String {
    mistakes.iter().map(Mistake::to_string).collect::<Vec<_>>().join("\n")
}
