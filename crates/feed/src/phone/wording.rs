//! How times are said on a phone, in the room's zone. Everything here is within ISO-8859-1.

use super::STALE_AFTER;
use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use meeting_model::{
    day::{LocalDay, local_day},
    display::Displayed,
    zone::RoomZone,
};

/// `Sat 21 Nov 2026`.
pub(crate) fn date(date: NaiveDate) -> String {
    date.format("%a %-d %b %Y").to_string()
}

/// When a meeting is, seen from within a day: `09:00-10:00`, `until 10:00`, `from 22:00`, `All day`.
pub(crate) fn hours(meeting: &Displayed, day: &LocalDay, zone: &RoomZone) -> String {
    let before = meeting.start < day.window.start;
    let after = meeting.end > day.window.end;
    let whole = meeting.start <= day.window.start && meeting.end >= day.window.end;
    if meeting.all_day.is_some() || whole {
        "All day".to_owned()
    } else if before {
        format!("until {}", end_time(meeting.end, zone))
    } else if after {
        format!("from {}", time(meeting.start, zone))
    } else {
        from_to(meeting, zone)
    }
}

/// When a meeting is, in full: `Sat 21 Nov 2026, 09:00-10:00`.
pub(crate) fn when(meeting: &Displayed, zone: &RoomZone) -> String {
    if let Some((first, last)) = meeting.all_day {
        return if first == last {
            format!("{}, all day", date(first))
        } else {
            format!("{} - {}, all day", date(first), date(last))
        };
    }
    let day = local_day(zone, meeting.start);
    if meeting.end <= day.window.end {
        return format!("{}, {}", date(day.date), from_to(meeting, zone));
    }
    let last = zone.local(meeting.end).date();
    format!("{}, {} - {}, {}", date(day.date), time(meeting.start, zone), date(last), time(meeting.end, zone))
}

/// As of when a page is true, where that is worth saying: it is older than a quarter of an hour. Minutes are rounded
/// down, so that a page never looks younger than it is.
pub(crate) fn staleness(as_of: Option<DateTime<Utc>>, now: DateTime<Utc>, zone: &RoomZone) -> Option<String> {
    let Some(as_of) = as_of else { return Some("not read yet".to_owned()) };
    if now - as_of < STALE_AFTER {
        return None;
    }
    let local = zone.local(as_of);
    let same_day = local.date() == zone.local(now).date();
    Some(local.format(if same_day { "as of %H:%M" } else { "as of %-d %b %H:%M" }).to_string())
}

fn from_to(meeting: &Displayed, zone: &RoomZone) -> String {
    let start = time(meeting.start, zone);
    if meeting.start == meeting.end { start } else { format!("{start}-{}", end_time(meeting.end, zone)) }
}

fn time(instant: DateTime<Utc>, zone: &RoomZone) -> String {
    zone.local(instant).format("%H:%M").to_string()
}

/// The end of a day is the end of that day, not the beginning of the next.
fn end_time(instant: DateTime<Utc>, zone: &RoomZone) -> String {
    if zone.local(instant).time() == NaiveTime::MIN { "24:00".to_owned() } else { time(instant, zone) }
}
