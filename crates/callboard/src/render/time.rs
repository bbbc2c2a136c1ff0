//! Instants and spans as people say them.

use chrono::{DateTime, Days, NaiveDateTime, NaiveTime, TimeDelta, Utc};
use meeting_model::zone::RoomZone;

/// `09:00–10:00 Tue 24 Nov`; over more than one day, both dates.
pub(super) fn span(start: DateTime<Utc>, end: DateTime<Utc>, zone: Option<&RoomZone>) -> String {
    let (start, end) = (wall(start, zone), wall(end, zone));
    let date = start.format("%a %-d %b");
    let from = start.format("%H:%M");
    if start.date() == end.date() {
        return format!("{from}–{} {date}", end.format("%H:%M"));
    }
    // The midnight that ends a day belongs to it.
    if end.time() == NaiveTime::MIN && start.date().checked_add_days(Days::new(1)) == Some(end.date()) {
        return format!("{from}–24:00 {date}");
    }
    format!("{from} {date} – {}", end.format("%H:%M %a %-d %b"))
}

/// `09:14:03`, and `UTC` behind it where the zone is not known.
pub(super) fn clock(instant: DateTime<Utc>, zone: Option<&RoomZone>) -> String {
    let utc = if zone.is_some() { "" } else { " UTC" };
    format!("{}{utc}", wall(instant, zone).format("%H:%M:%S"))
}

/// `2026-11-24 09:14`, and `UTC` behind it where the zone is not known.
pub(super) fn moment(instant: DateTime<Utc>, zone: Option<&RoomZone>) -> String {
    let utc = if zone.is_some() { "" } else { " UTC" };
    format!("{}{utc}", wall(instant, zone).format("%Y-%m-%d %H:%M"))
}

/// `12s`, `5m`, `3h 12m`, `2d 4h`.
pub(crate) fn age(span: TimeDelta) -> String {
    let seconds = span.num_seconds().max(0);
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86400);
    match seconds {
        0..60 => format!("{seconds}s"),
        60..3600 => format!("{minutes}m"),
        3600..86400 => format!("{hours}h {}m", minutes % 60),
        _ => format!("{days}d {}h", hours % 24),
    }
}

fn wall(instant: DateTime<Utc>, zone: Option<&RoomZone>) -> NaiveDateTime {
    zone.map_or_else(|| instant.naive_utc(), |zone| zone.local(instant))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_names_each_date_once() {
        let table = [
            ("2026-11-24T09:00:00Z", "2026-11-24T10:00:00Z", "09:00–10:00 Tue 24 Nov"),
            ("2026-11-24T00:00:00Z", "2026-11-25T00:00:00Z", "00:00–24:00 Tue 24 Nov"),
            ("2026-11-24T22:00:00Z", "2026-11-25T01:00:00Z", "22:00 Tue 24 Nov – 01:00 Wed 25 Nov"),
            ("2026-11-24T09:00:00Z", "2026-11-26T00:00:00Z", "09:00 Tue 24 Nov – 00:00 Thu 26 Nov"),
        ];
        for (start, end, expected) in table {
            assert_eq!(span(start.parse().unwrap(), end.parse().unwrap(), None), expected);
        }
    }

    #[test]
    fn an_age_has_at_most_two_units() {
        let table = [(-5, "0s"), (59, "59s"), (60, "1m"), (11_520, "3h 12m"), (187_200, "2d 4h")];
        for (seconds, expected) in table {
            assert_eq!(age(TimeDelta::seconds(seconds)), expected);
        }
    }
}
