//! Spans of time in JSON: whole milliseconds, in fields whose names end with `_ms`.

use chrono::Duration;
use serde::{Deserialize as _, Deserializer, Serializer};

/// The longest span that is read: a thousand years. Added to any instant of our time it gives another.
const LONGEST: i64 = 1000 * 365 * 24 * 3_600_000;

pub(crate) fn serialize<S: Serializer>(span: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_i64(span.num_milliseconds())
}

pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    let count = i64::deserialize(deserializer)?;
    if !(-LONGEST..=LONGEST).contains(&count) {
        return Err(serde::de::Error::custom("expected a span of at most a thousand years"));
    }
    Ok(Duration::milliseconds(count))
}
