//! `xs:dateTime` and `xs:date`, as servers write them.

use chrono::{DateTime, Days, NaiveDate, NaiveDateTime, SecondsFormat, Utc};

/// An instant: with `Z` or an offset, and any number of digits behind the second. Without either it is read as UTC, which
/// is what we ask for ([MS-OXWSCDATA] TimeZoneContext).
///
/// `24:00:00` is the first instant of the next day (XML Schema 1.1 part 2 §3.3.7).
pub(super) fn instant(text: &str) -> Option<DateTime<Utc>> {
    let text = text.trim();
    if text.contains("T24:00:00") {
        return instant(&text.replace("T24:00:00", "T00:00:00"))?.checked_add_days(Days::new(1));
    }
    match DateTime::parse_from_rfc3339(text) {
        Ok(instant) => Some(instant.to_utc()),
        Err(_) => Some(NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f").ok()?.and_utc()),
    }
}

/// A civil date as it is written: an offset or a time behind it says nothing about the day that is meant.
pub(super) fn date(text: &str) -> Option<NaiveDate> {
    text.trim().get(..10)?.parse().ok()
}

/// An `xs:duration` of days and less, in seconds: `PT5H`, `-P0DT5H30M0.0S`. Fractions are cut off.
pub(super) fn duration(text: &str) -> Option<i32> {
    let text = text.trim();
    let (sign, rest) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
    let mut rest = rest.strip_prefix('P')?;
    let (mut seconds, mut is_time) = (0_i32, false);
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix('T') {
            (rest, is_time) = (after, true);
        }
        let (number, after) = rest.split_at_checked(rest.find(|c: char| c.is_ascii_alphabetic())?)?;
        let unit = match (after.chars().next()?, is_time) {
            ('D', false) => 86_400,
            ('H', true) => 3600,
            ('M', true) => 60,
            ('S', true) => 1,
            _ => return None,
        };
        let whole: i32 = number.split('.').next()?.parse().ok().filter(|number| *number >= 0)?;
        seconds = seconds.checked_add(whole.checked_mul(unit)?)?;
        rest = after.get(1..)?;
    }
    Some(sign * seconds)
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
    fn instants_lie_at_the_edges_of_calendars() {
        for (text, expected) in [
            ("0001-01-01T00:00:00", Some("0001-01-01T00:00:00Z")),
            ("1601-01-01T00:00:00Z", Some("1601-01-01T00:00:00Z")),
            ("4500-08-31T23:59:00Z", Some("4500-08-31T23:59:00Z")),
            ("9999-12-31T23:59:59.9999999Z", Some("9999-12-31T23:59:59Z")),
            ("9999-12-31T23:59:59-14:00", Some("+10000-01-01T13:59:59Z")),
            ("2026-12-31T24:00:00Z", Some("2027-01-01T00:00:00Z")),
            ("2026-12-31T24:00:00+01:00", Some("2026-12-31T23:00:00Z")),
            ("2026-12-31T24:00:01Z", None),
            ("2026-12-31T25:00:00Z", None),
            ("2016-12-31T23:59:60Z", Some("2016-12-31T23:59:60Z")),
            ("99999-01-01T00:00:00Z", None),
            ("-0001-01-01T00:00:00Z", None),
        ] {
            assert_eq!(instant(text).map(format).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn durations_are_days_and_less() {
        for (text, expected) in [
            ("PT5H", Some(18_000)),
            ("-PT5H30M", Some(-19_800)),
            ("P0DT0H0M0.0S", Some(0)),
            ("-P1DT60M1.9S", Some(-90_001)),
            ("PT300M", Some(18_000)),
            ("P", Some(0)),
            ("P1Y", None),
            ("P1M", None),
            ("PT1", None),
            ("PT-1H", None),
            ("PT99999999999H", None),
            ("PT999999999H", None),
            ("5H", None),
            ("PTéH", None),
            ("", None),
        ] {
            assert_eq!(duration(text), expected, "{text}");
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
