//! `xs:dateTime` and `xs:date`, as servers write them.

use chrono::{DateTime, NaiveDate, NaiveDateTime, SecondsFormat, Utc};

/// An instant: with `Z` or an offset, and any number of digits behind the second. Without either it is read as UTC, which
/// is what we ask for ([MS-OXWSCDATA] TimeZoneContext).
pub(super) fn instant(text: &str) -> Option<DateTime<Utc>> {
    let text = text.trim();
    match DateTime::parse_from_rfc3339(text) {
        Ok(instant) => Some(instant.to_utc()),
        Err(_) => Some(NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f").ok()?.and_utc()),
    }
}

/// A civil date as it is written: an offset or a time behind it says nothing about the day that is meant.
pub(super) fn date(text: &str) -> Option<NaiveDate> {
    text.trim().get(..10)?.parse().ok()
}

/// An instant for a request.
pub(super) fn format(instant: DateTime<Utc>) -> String {
    instant.to_rfc3339_opts(SecondsFormat::Secs, true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_come_with_z_or_an_offset_and_any_fraction() {
        for (text, expected) in [
            ("2026-03-02T09:00:00Z", Some("2026-03-02T09:00:00Z")),
            ("2026-03-02T10:00:00+01:00", Some("2026-03-02T09:00:00Z")),
            (" 2026-03-01T23:30:00-09:30\n", Some("2026-03-02T09:00:00Z")),
            ("2026-03-02T09:00:00.123Z", Some("2026-03-02T09:00:00Z")),
            ("2026-03-02T09:00:00.1234567Z", Some("2026-03-02T09:00:00Z")),
            ("2026-03-02T09:00:00.123456789Z", Some("2026-03-02T09:00:00Z")),
            ("2026-03-02T09:00:00", Some("2026-03-02T09:00:00Z")),
            ("2026-03-02T09:00", None),
            ("2026-02-30T09:00:00Z", None),
            ("", None),
        ] {
            assert_eq!(instant(text).map(format).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn dates_are_taken_as_written() {
        for (text, expected) in [
            ("2014-03-08-08:00", Some("2014-03-08")),
            ("2014-03-08Z", Some("2014-03-08")),
            ("2026-10-06T00:00:00.000000Z", Some("2026-10-06")),
            ("2026-13-01", None),
            ("2026-1-1", None),
            ("dix mars dür", None),
        ] {
            assert_eq!(date(text).map(|date| date.to_string()).as_deref(), expected, "{text}");
        }
    }
}
