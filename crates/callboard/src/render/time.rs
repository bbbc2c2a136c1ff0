//! Instants and spans as people say them.

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};
use meeting_model::zone::RoomZone;

/// `09:00–10:00 Tue 24 Nov`; over more than one day, both dates.
pub(super) fn span(start: DateTime<Utc>, end: DateTime<Utc>, zone: Option<&RoomZone>) -> String {
    span_from(start, end, zone, None)
}

/// The same with the year where it is not that of this moment.
pub(super) fn span_at(
    start: DateTime<Utc>,
    end: DateTime<Utc>,
    zone: Option<&RoomZone>,
    now: DateTime<Utc>,
) -> String {
    span_from(start, end, zone, Some(wall(now, zone).year()))
}

/// `all day Tue 24 Nov`; over more than one day, both dates; with the year where it is not that of this moment.
pub(super) fn days(
    (first, last): (NaiveDate, NaiveDate),
    zone: Option<&RoomZone>,
    now: DateTime<Utc>,
) -> String {
    let year = Some(wall(now, zone).year());
    let first_said = date(first, year);
    if first == last {
        return format!("all day {first_said}");
    }
    format!("all day {first_said} – {}", date(last, year))
}

fn date(day: NaiveDate, year: Option<i32>) -> String {
    let is_other = year.is_some_and(|year| year != day.year());
    day.format(if is_other { "%a %-d %b %Y" } else { "%a %-d %b" }).to_string()
}

fn span_from(start: DateTime<Utc>, end: DateTime<Utc>, zone: Option<&RoomZone>, year: Option<i32>) -> String {
    let (start, end) = (wall(start, zone), wall(end, zone));
    let on = date(start.date(), year);
    let from = start.format("%H:%M");
    if start.date() == end.date() {
        return format!("{from}–{} {on}", end.format("%H:%M"));
    }
    // The midnight that ends a day belongs to it.
    if end.time() == NaiveTime::MIN && start.date().checked_add_days(Days::new(1)) == Some(end.date()) {
        return format!("{from}–24:00 {on}");
    }
    format!("{from} {on} – {} {}", end.format("%H:%M"), date(end.date(), year))
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
    fn whole_days_are_dates_and_another_year_is_named() {
        let [now, start, end] = ["2026-11-24T09:00:00Z", "2027-01-04T09:00:00Z", "2027-01-04T10:00:00Z"]
            .map(|at| at.parse().unwrap());
        assert_eq!(span_at(start, end, None, now), "09:00–10:00 Mon 4 Jan 2027");
        assert_eq!(span_at(start, end, None, start), "09:00–10:00 Mon 4 Jan");
        let of = |first: &str, last: &str| days((first.parse().unwrap(), last.parse().unwrap()), None, now);
        assert_eq!(of("2026-11-22", "2026-11-22"), "all day Sun 22 Nov");
        assert_eq!(of("2026-12-31", "2027-01-01"), "all day Thu 31 Dec – Fri 1 Jan 2027");
    }

    #[test]
    fn an_age_has_at_most_two_units() {
        let table = [(-5, "0s"), (59, "59s"), (60, "1m"), (11_520, "3h 12m"), (187_200, "2d 4h")];
        for (seconds, expected) in table {
            assert_eq!(age(TimeDelta::seconds(seconds)), expected);
        }
    }
}
