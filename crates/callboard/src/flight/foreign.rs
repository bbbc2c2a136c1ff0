//! What a record must not do to whoever replays it: it may be somebody else's, and spoilt or worse.

use chrono::{DateTime, Datelike, Utc};
use serde_json::Value;
use std::{
    io::{self, Write},
    ops::RangeInclusive,
};

/// The longest span, and with that the latest moment of monotonic time, in seconds: a century.
const LONGEST: u64 = 100 * 366 * 24 * 60 * 60;

/// The years that Exchange writes; sums with spans stay far within what can be told.
const YEARS: RangeInclusive<i32> = 1..=9999;

/// The most characters of a sentence about what a record says.
const LONGEST_SENTENCE: usize = 200;

/// Whether the engine can reckon with every time in a line. A line that is no JSON has none.
pub(super) fn is_within_reason(line: &[u8]) -> bool {
    serde_json::from_slice(line).map_or(true, |value| are_times_within_reason(&value))
}

fn are_times_within_reason(value: &Value) -> bool {
    match value {
        Value::Object(fields) => fields.iter().all(|(name, value)| match value.as_u64() {
            Some(seconds) => name != "secs" || seconds <= LONGEST,
            None => are_times_within_reason(value),
        }),
        Value::Array(values) => values.iter().all(are_times_within_reason),
        Value::String(text) => text.parse::<DateTime<Utc>>().map_or(true, |at| YEARS.contains(&at.year())),
        Value::Null | Value::Bool(_) | Value::Number(_) => true,
    }
}

/// Writes a line. A terminal obeys control characters.
pub(super) fn say(out: &mut (dyn Write + Send), line: &str) -> io::Result<()> {
    writeln!(out, "{}", plain(line).collect::<String>())
}

/// The beginning of a text, as it can stand in a sentence.
pub(super) fn printable(text: &str) -> String {
    plain(text).take(LONGEST_SENTENCE).collect()
}

fn plain(text: &str) -> impl Iterator<Item = char> + '_ {
    text.chars().map(|c| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_that_nobody_has_seen_are_told_wherever_they_stand() {
        for (line, is) in [
            (r#"{"mono":{"secs":3600,"nanos":1},"wall":"2026-11-22T10:00:00Z","attempts":4294967295}"#, true),
            (r#"{"end":"4501-01-01T00:00:00Z","uid":"99999-01-01"}"#, true),
            (r#"{"a":[{"mono":{"secs":18446744073709551615,"nanos":0}}]}"#, false),
            (r#"{"a":{"b":["+262142-01-01T00:00:00Z"]}}"#, false),
            (r#"{"wall":"-0001-01-01T00:00:00Z"}"#, false),
            ("no line of a record", true),
        ] {
            assert_eq!(is_within_reason(line.as_bytes()), is, "{line}");
        }
    }

    #[test]
    fn a_terminal_is_told_lines_alone() {
        let mut told = Vec::new();
        say(&mut told, "room `\u{1b}[2Jberlin\r\n\u{9b}`").unwrap();
        let said = String::from_utf8(told).unwrap();
        assert_eq!(said, "room `\u{fffd}[2Jberlin\u{fffd}\u{fffd}\u{fffd}`\n");
        assert_eq!(printable(&"x\n".repeat(1_000)).chars().count(), LONGEST_SENTENCE);
    }
}
