//! From when to when.

use chrono::{DateTime, NaiveDate, Utc};
use meeting_model::{clock::Window, day, zone::RoomZone};
use url::form_urlencoded;

/// `?from=&to=`: each an instant (RFC 3339) or a date in the room's zone, which stands for its midnight. `from` is
/// included, `to` is not: `from=2026-11-21&to=2026-11-22` is one day. A token may stand beside them.
#[derive(Debug, Default)]
pub(crate) struct SpanQuery {
    from: Option<String>,
    to: Option<String>,
}

impl SpanQuery {
    /// Reads a query.
    ///
    /// # Errors
    ///
    /// A sentence that names a parameter that there is not, or that is given twice.
    pub(crate) fn parse(query: &str) -> Result<Self, String> {
        let mut span = Self::default();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            let parameter = match &*name {
                "from" => &mut span.from,
                "to" => &mut span.to,
                "token" => continue,
                _ => return Err(format!("expected `from` and `to`, found `{name}`")),
            };
            if parameter.replace(value.into_owned()).is_some() {
                return Err(format!("expected one `{name}`, found several"));
            }
        }
        Ok(span)
    }
}

/// The window that is asked for, as far as anything is stored of it. Without `from` it begins with today; without `to`
/// it ends with the day that it begins in.
///
/// # Errors
///
/// A sentence that says what was wrong.
pub(crate) fn window(
    query: &SpanQuery,
    zone: &RoomZone,
    now: DateTime<Utc>,
    stored: Window,
) -> Result<Window, String> {
    let from = query.from.as_deref().map(|text| instant("from", text, zone)).transpose()?;
    let to = query.to.as_deref().map(|text| instant("to", text, zone)).transpose()?;
    let start = from.unwrap_or_else(|| day::local_day(zone, now).window.start);
    let end = to.unwrap_or_else(|| day::local_day(zone, start).window.end);
    if start >= end {
        return Err(format!("expected `from` before `to`, found {} and {}", rfc3339(start), rfc3339(end)));
    }
    let window = Window { start: start.max(stored.start), end: end.min(stored.end) };
    if window.start >= window.end {
        return Err(format!(
            "expected a time between {} and {}, which is what is stored, found {} to {}",
            rfc3339(stored.start),
            rfc3339(stored.end),
            rfc3339(start),
            rfc3339(end),
        ));
    }
    Ok(window)
}

fn instant(name: &str, text: &str, zone: &RoomZone) -> Result<DateTime<Utc>, String> {
    if let Ok(date) = text.parse::<NaiveDate>() {
        return Ok(zone.midnight(date));
    }
    // In a query a plus sign is a space unless it is escaped, which nobody remembers.
    match DateTime::parse_from_rfc3339(&text.replace(' ', "+")) {
        Ok(instant) => Ok(instant.to_utc()),
        Err(_) => Err(format!(
            "`{name}`: expected a date like `2026-11-21` or a time like `2026-11-21T09:00:00Z`, found `{text}`"
        )),
    }
}

fn rfc3339(instant: DateTime<Utc>) -> String {
    instant.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use meeting_model::zone::ZoneDatabase;

    fn ask(from: Option<&str>, to: Option<&str>) -> Result<String, String> {
        let zone = RoomZone::named(&ZoneDatabase::bundled(), "Europe/Berlin").unwrap();
        let now: DateTime<Utc> = "2026-11-21T08:00:00Z".parse().unwrap();
        let stored =
            Window { start: now - chrono::TimeDelta::days(7), end: now + chrono::TimeDelta::days(60) };
        let query = SpanQuery { from: from.map(str::to_owned), to: to.map(str::to_owned) };
        window(&query, &zone, now, stored).map(|w| format!("{}/{}", rfc3339(w.start), rfc3339(w.end)))
    }

    #[test]
    fn a_span_is_of_dates_or_of_instants() {
        for (from, to, span) in [
            (None, None, "2026-11-20T23:00:00Z/2026-11-21T23:00:00Z"),
            (Some("2026-11-23"), None, "2026-11-22T23:00:00Z/2026-11-23T23:00:00Z"),
            (Some("2026-11-21"), Some("2026-11-28"), "2026-11-20T23:00:00Z/2026-11-27T23:00:00Z"),
            (None, Some("2026-11-21T12:00:00Z"), "2026-11-20T23:00:00Z/2026-11-21T12:00:00Z"),
            (Some("2026-11-21T12:00:00+02:00"), None, "2026-11-21T10:00:00Z/2026-11-21T23:00:00Z"),
            (Some("2026-11-21T12:00:00 02:00"), None, "2026-11-21T10:00:00Z/2026-11-21T23:00:00Z"),
            (Some("2020-01-01"), Some("2030-01-01"), "2026-11-14T08:00:00Z/2027-01-20T08:00:00Z"),
        ] {
            assert_eq!(ask(from, to).as_deref(), Ok(span), "{from:?} {to:?}");
        }
    }

    #[test]
    fn mistakes_are_named() {
        let sentences = [
            (Some("tomorrow"), None),
            (None, Some("2026-02-30")),
            (Some("2026-11-22"), Some("2026-11-21")),
            (Some("2026-11-22"), Some("2026-11-22")),
            (None, Some("2026-11-20")),
            (Some("2030-01-01"), None),
        ]
        .map(|(from, to)| ask(from, to).unwrap_err());
        insta::assert_snapshot!(sentences.join("\n"), @"
        `from`: expected a date like `2026-11-21` or a time like `2026-11-21T09:00:00Z`, found `tomorrow`
        `to`: expected a date like `2026-11-21` or a time like `2026-11-21T09:00:00Z`, found `2026-02-30`
        expected `from` before `to`, found 2026-11-21T23:00:00Z and 2026-11-20T23:00:00Z
        expected `from` before `to`, found 2026-11-21T23:00:00Z and 2026-11-21T23:00:00Z
        expected `from` before `to`, found 2026-11-20T23:00:00Z and 2026-11-19T23:00:00Z
        expected a time between 2026-11-14T08:00:00Z and 2027-01-20T08:00:00Z, which is what is stored, found 2029-12-31T23:00:00Z to 2030-01-01T23:00:00Z
        ");
    }

    proptest::proptest! {
        #[test]
        fn nothing_that_is_asked_for_panics(from in "[0-9]{4,6}-[01][0-9]-[0-3][0-9](T.*)?|[+-].*", to in ".*") {
            let _ = ask(Some(&from), None);
            let _ = ask(Some(&from), Some(&to));
        }
    }
}
