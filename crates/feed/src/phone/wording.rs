//! How times are said on a phone, in the room's zone and language.

use crate::language::{Language, filled};
use chrono::{DateTime, NaiveTime, Utc};
use meeting_model::{
    availability::{believed, is_stale},
    day::{LocalDay, local_day},
    display::Displayed,
    zone::RoomZone,
};

/// When a meeting is, seen from within a day: `09:00-10:00`, `until 10:00`, `from 22:00`, `All day`.
pub(crate) fn hours(meeting: &Displayed, day: &LocalDay, zone: &RoomZone, language: &Language) -> String {
    let words = &language.phone;
    let before = meeting.start < day.window.start;
    let after = meeting.end > day.window.end;
    let whole = meeting.start <= day.window.start && meeting.end >= day.window.end;
    if meeting.all_day.is_some() || whole {
        words.all_day.clone()
    } else if before {
        filled(&words.until, "time", &end_time(meeting.end, zone, language)).into_owned()
    } else if after {
        filled(&words.since, "time", &time(meeting.start, zone, language)).into_owned()
    } else {
        from_to(meeting, zone, language)
    }
}

/// When a meeting is, in full: `Sat 21 Nov 2026, 09:00-10:00`.
pub(crate) fn when(meeting: &Displayed, zone: &RoomZone, language: &Language) -> String {
    let date = |date| language.date(date);
    if let Some((first, last)) = meeting.all_day {
        let days = if first == last { date(first) } else { format!("{} - {}", date(first), date(last)) };
        return filled(&language.phone.on_days, "days", &days).into_owned();
    }
    let day = local_day(zone, meeting.start);
    if meeting.end <= day.window.end {
        return format!("{}, {}", date(day.date), from_to(meeting, zone, language));
    }
    let last = zone.local(meeting.end).date();
    let (start, end) = (time(meeting.start, zone, language), time(meeting.end, zone, language));
    format!("{}, {start} - {}, {end}", date(day.date), date(last))
}

/// As of when a page is true, where that is worth saying: it is older than a quarter of an hour.
pub(crate) fn staleness(
    as_of: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
    zone: &RoomZone,
    language: &Language,
) -> Option<String> {
    stale(as_of, now, zone, language, (&language.phone.as_of, &language.phone.unread))
}

/// That nobody knows whether the room is free (section E of the rules), and since when, where that is so.
pub(crate) fn unknown(
    as_of: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
    zone: &RoomZone,
    language: &Language,
) -> Option<String> {
    stale(as_of, now, zone, language, (&language.phone.unknown, &language.phone.never_read))
}

/// Minutes are rounded down, so that a page never looks younger than it is.
fn stale(
    as_of: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
    zone: &RoomZone,
    language: &Language,
    (since, never): (&str, &str),
) -> Option<String> {
    let Some(as_of) = believed(as_of, now) else { return Some(never.to_owned()) };
    if !is_stale(Some(as_of), now) {
        return None;
    }
    let local = zone.local(as_of);
    let same_day = local.date() == zone.local(now).date();
    let time = language.time(local);
    let when = if same_day { time } else { format!("{} {time}", language.day(local.date())) };
    Some(filled(since, "when", &when).into_owned())
}

fn from_to(meeting: &Displayed, zone: &RoomZone, language: &Language) -> String {
    let start = time(meeting.start, zone, language);
    if meeting.start == meeting.end {
        start
    } else {
        format!("{start}-{}", end_time(meeting.end, zone, language))
    }
}

fn time(instant: DateTime<Utc>, zone: &RoomZone, language: &Language) -> String {
    language.time(zone.local(instant))
}

/// The end of a day is the end of that day, not the beginning of the next.
fn end_time(instant: DateTime<Utc>, zone: &RoomZone, language: &Language) -> String {
    if zone.local(instant).time() == NaiveTime::MIN {
        language.midnight.clone()
    } else {
        time(instant, zone, language)
    }
}

#[cfg(test)]
mod tests;
