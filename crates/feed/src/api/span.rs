//! From when to when.

use chrono::{DateTime, NaiveDate, Utc};
use meeting_model::{clock::Window, day, zone::RoomZone};
use serde::Deserialize;

/// `?from=&to=`: each an instant (RFC 3339) or a date in the room's zone, which stands for its midnight. `from` is
/// included, `to` is not: `from=2026-11-21&to=2026-11-22` is one day.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SpanQuery {
    from: Option<String>,
    to: Option<String>,
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
    DateTime::parse_from_rfc3339(&text.replace(' ', "+"))
        .map(|instant| instant.to_utc())
        .map_err(|_| {
            format!("`{name}`: expected a date like `2026-11-21` or a time like `2026-11-21T09:00:00Z`, found `{text}`")
        })
}

fn rfc3339(instant: DateTime<Utc>) -> String {
    instant.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}
