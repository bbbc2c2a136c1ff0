//! What keeps a command from its answer: in words, and where the answer was to be JSON as an object in its place.

use super::Terminal;
use crate::{cli::Exit, config::ConfigError};
use serde::Serialize;
use std::io;

/// `{"errors": [{"sentence": …}]}`: what went wrong, in the place of an answer or beside it.
#[derive(Debug, Serialize)]
pub(super) struct Complaints<'a> {
    errors: &'a [Complaint],
}

/// One thing that went wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Complaint {
    /// The file that has to be mended, where it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<String>,
    /// Where in it, counted from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    column: Option<usize>,
    /// What it is, and what to do about it.
    sentence: String,
}

impl Complaint {
    pub(super) fn new(sentence: impl Into<String>) -> Self {
        Self { file: None, line: None, column: None, sentence: sentence.into() }
    }

    fn of(mistaken: &ConfigError) -> Vec<Self> {
        let mistakes = match mistaken {
            ConfigError::Mistakes(mistakes) => mistakes,
            ConfigError::Missing { path } => {
                let file = Some(path.display().to_string());
                return vec![Self { file, ..Self::new(mistaken.to_string()) }];
            }
            ConfigError::Unreadable { path, source } => {
                let sentence = format!("{mistaken}: {source}");
                return vec![Self { file: Some(path.display().to_string()), ..Self::new(sentence) }];
            }
        };
        let placed = mistakes.iter().map(|mistake| Self {
            file: Some(mistake.file.clone()),
            line: Some(mistake.line),
            column: Some(mistake.column),
            sentence: mistake.sentence.clone(),
        });
        placed.collect()
    }
}

impl Terminal<'_> {
    /// Says why there is no answer.
    pub(super) fn refuse(&mut self, sentence: &str) -> io::Result<()> {
        writeln!(self.err, "callboard: {sentence}")?;
        self.in_place_of_an_answer(&[Complaint::new(sentence)])
    }

    /// Tells every mistake in a configuration that cannot be used.
    pub(super) fn mistaken(&mut self, mistakes: &ConfigError) -> io::Result<Exit> {
        match mistakes {
            ConfigError::Unreadable { source, .. } => writeln!(self.err, "{mistakes}: {source}")?,
            ConfigError::Missing { .. } | ConfigError::Mistakes(_) => writeln!(self.err, "{mistakes}")?,
        }
        self.in_place_of_an_answer(&Complaint::of(mistakes))?;
        Ok(Exit::Config)
    }

    /// Where whoever asked waits for JSON, it gets some.
    pub(super) fn in_place_of_an_answer(&mut self, complaints: &[Complaint]) -> io::Result<()> {
        if self.json {
            let errors = serde_json::to_string(&Complaints { errors: complaints })?;
            writeln!(self.out, "{errors}")?;
        }
        Ok(())
    }
}
