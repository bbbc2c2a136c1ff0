//! One table of the document, being read.
//!
//! A [`Section`] is asked for the keys it may hold. What was not asked for is a mistake when the section is left: the
//! reading code is the list of known keys.

use super::{
    notes::{Given, Notes},
    value::instant,
};
use crate::closest::closest;
use chrono::{DateTime, Utc};
use std::ops::RangeInclusive;
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

/// One table of the document, being read.
pub(super) struct Section<'a> {
    pub(super) notes: &'a mut Notes,
    /// As people write it: `[feed]`, `[[room]]`; nothing at the top.
    title: String,
    table: &'a DeTable<'a>,
    /// Where the table begins.
    at: usize,
    asked: Vec<&'static str>,
    /// Keys that must be there, and what to call them where they are not.
    required: Vec<(&'static str, String)>,
}

impl<'a> Section<'a> {
    /// Reads a whole document.
    pub(super) fn document<T>(
        document: &'a Spanned<DeTable<'a>>,
        notes: &'a mut Notes,
        read: impl FnOnce(&mut Section<'_>) -> T,
    ) -> T {
        Section {
            notes,
            title: String::new(),
            table: document.get_ref(),
            at: 0,
            asked: Vec::new(),
            required: Vec::new(),
        }
        .read(read)
    }

    fn read<T>(mut self, read: impl FnOnce(&mut Section<'_>) -> T) -> T {
        let result = read(&mut self);
        self.leave();
        result
    }

    /// Notes the keys that nobody asked for, and the required keys that are not there: of a key that was mistyped only
    /// the former.
    fn leave(mut self) {
        let place = self.place();
        for key in self.table.keys() {
            let name: &str = key.get_ref();
            if self.asked.contains(&name) {
                continue;
            }
            let meant = closest(name, self.asked.iter().copied());
            self.required.retain(|(required, _)| meant != Some(*required));
            let hint = meant.map_or_else(String::new, |meant| format!(": did you mean `{meant}`?"));
            self.notes.mistake(key.span().start, format!("unknown key `{name}`{place}{hint}"));
        }
        for (key, what) in &self.required {
            if !self.table.contains_key(*key) {
                self.notes.absent(self.at, format!("missing {what}"));
            }
        }
        self.notes.asked.extend(self.asked.into_iter().map(|key| (self.title.clone(), key)));
    }

    /// ` in [[room]]`.
    fn place(&self) -> String {
        if self.title.is_empty() { String::new() } else { format!(" in {}", self.title) }
    }

    fn find(&mut self, key: &'static str) -> Option<&'a Spanned<DeValue<'a>>> {
        self.asked.push(key);
        self.table.get(key)
    }

    /// These keys must be there.
    pub(super) fn require(&mut self, keys: &[&'static str]) {
        let place = self.place();
        self.required.extend(keys.iter().map(|key| (*key, format!("key `{key}`{place}"))));
    }

    /// A table must be there, which people write as `title`.
    pub(super) fn require_table(&mut self, key: &'static str, title: &str) {
        self.required.push((key, title.to_owned()));
    }

    /// One of two keys must be there.
    pub(super) fn require_one_of(&mut self, one: &str, other: &str) {
        if !self.table.contains_key(one) && !self.table.contains_key(other) {
            let sentence = format!("missing key `{one}` or `{other}`{}", self.place());
            self.notes.absent(self.at, sentence);
        }
    }

    /// Whether a key is there, whatever it means.
    pub(super) fn holds(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    /// This key is known, and not looked at.
    pub(super) fn pass_over(&mut self, key: &'static str) {
        self.asked.push(key);
    }

    /// This key is known, and should not be there.
    pub(super) fn misplaced(&mut self, key: &'static str, sentence: &str) {
        if let Some(value) = self.find(key) {
            self.notes.mistake(value.span().start, sentence);
        }
    }

    /// This key must be there after all that was read.
    pub(super) fn missing(&mut self, key: &str, why: &str) {
        let sentence = format!("missing key `{key}`{}: {why}", self.place());
        self.notes.absent(self.at, sentence);
    }

    /// A text that means something.
    pub(super) fn text<T>(
        &mut self,
        key: &'static str,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Option<Given<T>> {
        let value = self.find(key)?;
        let at = value.span().start;
        let parsed = match value.get_ref() {
            DeValue::String(text) => parse(text),
            other => Err(format!("expected a text, found {}", kind(other))),
        };
        self.take(key, at, parsed)
    }

    /// An instant, as a text or as TOML's own.
    pub(super) fn instant(&mut self, key: &'static str) -> Option<Given<DateTime<Utc>>> {
        let value = self.find(key)?;
        let read = match value.get_ref() {
            DeValue::String(text) => instant(text),
            DeValue::Datetime(time) => instant(&time.to_string()),
            other => Err(format!("expected an instant, found {}", kind(other))),
        };
        self.take(key, value.span().start, read)
    }

    /// A list of texts, each of which means something.
    pub(super) fn texts<T>(
        &mut self,
        key: &'static str,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Option<Given<Vec<Given<T>>>> {
        self.list(key, |section, item| {
            let parsed = match item.get_ref() {
                DeValue::String(text) => parse(text),
                other => Err(format!("expected a text, found {}", kind(other))),
            };
            section.take(key, item.span().start, parsed)
        })
    }

    /// A list of texts, each of which means something, or of tables that say the same at greater length.
    pub(super) fn texts_or_tables<T>(
        &mut self,
        key: &'static str,
        parse: impl Fn(&str) -> Result<T, String>,
        read: impl Fn(&mut Section<'_>) -> Option<T>,
    ) -> Option<Given<Vec<Given<T>>>> {
        let title = self.path(key, "[[", "]]");
        self.list(key, |section, item| {
            let at = item.span().start;
            let parsed = match item.get_ref() {
                DeValue::String(text) => parse(text),
                DeValue::Table(_) => {
                    let value = section.enter(item, title.clone(), &read).flatten()?;
                    return Some(Given { value, at });
                }
                other => Err(format!("expected a text or a table, found {}", kind(other))),
            };
            section.take(key, at, parsed)
        })
    }

    fn list<T>(
        &mut self,
        key: &'static str,
        read: impl Fn(&mut Self, &Spanned<DeValue<'_>>) -> Option<Given<T>>,
    ) -> Option<Given<Vec<Given<T>>>> {
        let value = self.find(key)?;
        let at = value.span().start;
        let DeValue::Array(items) = value.get_ref() else {
            return self.take(key, at, Err(format!("expected a list, found {}", kind(value.get_ref()))));
        };
        // All of them, so that every item is looked at.
        let all: Vec<_> = items.iter().map(|item| read(self, item)).collect();
        let all: Option<Vec<_>> = all.into_iter().collect();
        all.map(|value| Given { value, at })
    }

    /// True or false.
    pub(super) fn switch(&mut self, key: &'static str) -> Option<Given<bool>> {
        let value = self.find(key)?;
        let read = match value.get_ref() {
            DeValue::Boolean(on) => Ok(*on),
            other => Err(format!("expected `true` or `false`, found {}", kind(other))),
        };
        self.take(key, value.span().start, read)
    }

    /// A whole number of a range.
    pub(super) fn number(&mut self, key: &'static str, range: RangeInclusive<u32>) -> Option<Given<u32>> {
        let value = self.find(key)?;
        let expected = format!("expected a number from {} to {}", range.start(), range.end());
        let read = match value.get_ref() {
            DeValue::Integer(number) => u32::from_str_radix(number.as_str(), number.radix())
                .ok()
                .filter(|number| range.contains(number))
                .ok_or_else(|| format!("{expected}, found `{}`", number.as_str())),
            other => Err(format!("{expected}, found {}", kind(other))),
        };
        self.take(key, value.span().start, read)
    }

    fn take<T>(&mut self, key: &str, at: usize, read: Result<T, String>) -> Option<Given<T>> {
        match read {
            Ok(value) => Some(Given { value, at }),
            Err(sentence) => {
                self.notes.mistake(at, format!("`{key}`: {sentence}"));
                None
            }
        }
    }

    /// A table, as `[feed]`.
    pub(super) fn table<T>(
        &mut self,
        key: &'static str,
        read: impl FnOnce(&mut Section<'_>) -> T,
    ) -> Option<T> {
        let value = self.find(key)?;
        self.enter(value, self.path(key, "[", "]"), read)
    }

    /// Tables by a name that the reader chooses, as `[exchange.hq]`.
    pub(super) fn named_tables<T>(
        &mut self,
        key: &'static str,
        read: impl Fn(&mut Section<'_>, Given<&str>) -> T,
    ) -> Vec<T> {
        let Some(value) = self.find(key) else { return Vec::new() };
        let DeValue::Table(tables) = value.get_ref() else {
            let found = kind(value.get_ref());
            self.notes.mistake(value.span().start, format!("`{key}`: expected [{key}.NAME], found {found}"));
            return Vec::new();
        };
        let mut all = Vec::new();
        for (name, value) in tables {
            let given = Given { value: &**name.get_ref(), at: name.span().start };
            let title = format!("[{key}.{}]", given.value);
            all.extend(self.enter(value, title, |section| read(section, given)));
        }
        all
    }

    /// A list of tables, as `[[room]]`.
    pub(super) fn tables<T>(&mut self, key: &'static str, read: impl Fn(&mut Section<'_>) -> T) -> Vec<T> {
        let Some(value) = self.find(key) else { return Vec::new() };
        let title = self.path(key, "[[", "]]");
        let DeValue::Array(tables) = value.get_ref() else {
            let found = kind(value.get_ref());
            self.notes.mistake(value.span().start, format!("`{key}`: expected {title}, found {found}"));
            return Vec::new();
        };
        let mut all = Vec::new();
        for value in tables {
            all.extend(self.enter(value, title.clone(), &read));
        }
        all
    }

    fn enter<T>(
        &mut self,
        value: &Spanned<DeValue<'_>>,
        title: String,
        read: impl FnOnce(&mut Section<'_>) -> T,
    ) -> Option<T> {
        let at = value.span().start;
        let DeValue::Table(table) = value.get_ref() else {
            self.notes.mistake(at, format!("expected {title}, found {}", kind(value.get_ref())));
            return None;
        };
        Some(
            Section { notes: &mut *self.notes, title, table, at, asked: Vec::new(), required: Vec::new() }
                .read(read),
        )
    }

    /// `[[room.device]]`, of a section called `[[room]]`.
    fn path(&self, key: &str, open: &str, close: &str) -> String {
        match self.title.trim_matches(['[', ']']) {
            "" => format!("{open}{key}{close}"),
            parent => format!("{open}{parent}.{key}{close}"),
        }
    }
}

fn kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}
