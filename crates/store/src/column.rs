//! Values as columns hold them: instants as microseconds, enums by their words.

use crate::error::Fault;
use chrono::{DateTime, Utc};
use serde::{Serialize, de::DeserializeOwned};

/// An instant as a column holds it: microseconds since 1970-01-01 UTC.
pub(crate) fn micros(instant: DateTime<Utc>) -> i64 {
    instant.timestamp_micros()
}

/// The instant of a column.
pub(crate) fn instant(micros: i64) -> rusqlite::Result<DateTime<Utc>> {
    DateTime::from_timestamp_micros(micros).ok_or(rusqlite::Error::IntegralValueOutOfRange(0, micros))
}

/// The instant of a column that may be empty.
pub(crate) fn instant_or_none(micros: Option<i64>) -> rusqlite::Result<Option<DateTime<Utc>>> {
    micros.map(instant).transpose()
}

/// The word of an enum's variant without fields, as serde spells it.
pub(crate) fn word(table: &'static str, value: &impl Serialize) -> Result<String, Fault> {
    Ok(body(table, value)?.trim_matches('"').to_owned())
}

/// The variant of a word.
pub(crate) fn from_word<T: DeserializeOwned>(table: &'static str, word: &str) -> Result<T, Fault> {
    from_body(table, &format!("\"{word}\""))
}

/// A whole value as text.
pub(crate) fn body(table: &'static str, value: &impl Serialize) -> Result<String, Fault> {
    serde_json::to_string(value).map_err(|error| Fault::row(table, error))
}

/// The value of such a text.
pub(crate) fn from_body<T: DeserializeOwned>(table: &'static str, text: &str) -> Result<T, Fault> {
    serde_json::from_str(text).map_err(|error| Fault::row(table, error))
}
