//! Everything that was found wrong with a document, and where.

use super::error::Mistake;
use std::collections::BTreeSet;
use toml::{Spanned, de::DeTable};

/// A value that was typed, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Given<T> {
    pub(super) value: T,
    /// Bytes from the start of the document.
    pub(super) at: usize,
}

impl Given<String> {
    /// The same, borrowed.
    pub(super) fn as_str(&self) -> Given<&str> {
        Given { value: &self.value, at: self.at }
    }
}

/// Everything that was found wrong with a document, and where, in bytes from its start.
#[derive(Debug, Default)]
pub(super) struct Notes {
    syntax: Vec<(usize, String)>,
    mistakes: Vec<(usize, String)>,
    /// Every key that was asked for, with the title of its section.
    pub(super) asked: BTreeSet<(String, &'static str)>,
}

impl Notes {
    /// Reads the document as far as its syntax lets it be read.
    pub(super) fn parse(text: &str) -> (Spanned<DeTable<'_>>, Self) {
        let (document, errors) = DeTable::parse_recoverable(text);
        let syntax = errors.iter().map(|error| syntax(error, text)).collect();
        (document, Self { syntax, ..Self::default() })
    }

    /// Something is wrong at a place.
    pub(super) fn mistake(&mut self, at: usize, sentence: impl Into<String>) {
        self.mistakes.push((at, sentence.into()));
    }

    /// Something that should be there is not. It may only be unreadable, so this waits until the syntax is right.
    pub(super) fn absent(&mut self, at: usize, sentence: impl Into<String>) {
        if self.syntax.is_empty() {
            self.mistake(at, sentence);
        }
    }

    /// All mistakes, in order of place. A line whose syntax is wrong has no other mistakes.
    pub(super) fn into_mistakes(self, file: &str, text: &str) -> Vec<Mistake> {
        let placed = |(at, sentence): (usize, String)| {
            let (line, column) = line_and_column(text, at);
            Mistake { file: file.to_owned(), line, column, sentence }
        };
        let mut all: Vec<Mistake> = self.syntax.into_iter().map(placed).collect();
        let broken: BTreeSet<usize> = all.iter().map(|mistake| mistake.line).collect();
        all.extend(self.mistakes.into_iter().map(placed).filter(|mistake| !broken.contains(&mistake.line)));
        all.sort_by_key(|mistake| (mistake.line, mistake.column));
        all
    }
}

/// Where the document is no TOML, what is wrong with it, and the text it is wrong with.
fn syntax(error: &toml::de::Error, text: &str) -> (usize, String) {
    let span = error.span().unwrap_or(0..0);
    let found = text.get(span.clone()).filter(|found| !found.is_empty() && !found.contains('\n'));
    let found = found.map_or_else(String::new, |found| format!(": `{found}`"));
    (span.start, format!("{}{found}", error.message()))
}

/// The line and the column, in characters, of a byte; both from 1.
pub(super) fn line_and_column(text: &str, at: usize) -> (usize, usize) {
    let before = text.get(..at).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().map_or(0, |last| last.chars().count()) + 1;
    (line, column)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters() {
        let text = "a = 1\nname = \"Zürich\"  x\n";
        let table = [(0, (1, 1)), (6, (2, 1)), (text.find('x').unwrap(), (2, 18)), (text.len(), (3, 1))];
        for (at, expected) in table {
            assert_eq!(line_and_column(text, at), expected, "byte {at}");
        }
    }
}
