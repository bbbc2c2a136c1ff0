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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::phone::tests::{berlin, meeting, utc};

    /// Seen on 21 November 2026 in Berlin, which is an hour ahead.
    #[test]
    fn times_are_said_as_people_of_the_room_say_them() {
        let zone = berlin();
        let today = local_day(&zone, utc("2026-11-21T08:00:00Z"));
        for (start, end, hours_said, when_said) in [
            ("21T08:00", "21T09:00", "09:00-10:00", "Sat 21 Nov 2026, 09:00-10:00"),
            ("21T08:00", "21T08:00", "09:00", "Sat 21 Nov 2026, 09:00"),
            ("21T21:00", "21T23:00", "22:00-24:00", "Sat 21 Nov 2026, 22:00-24:00"),
            ("20T23:00", "20T23:30", "00:00-00:30", "Sat 21 Nov 2026, 00:00-00:30"),
            ("20T21:00", "21T09:00", "until 10:00", "Fri 20 Nov 2026, 22:00 - Sat 21 Nov 2026, 10:00"),
            ("21T21:00", "22T09:00", "from 22:00", "Sat 21 Nov 2026, 22:00 - Sun 22 Nov 2026, 10:00"),
            ("20T08:00", "22T09:00", "All day", "Fri 20 Nov 2026, 09:00 - Sun 22 Nov 2026, 10:00"),
            ("20T23:00", "21T23:00", "All day", "Sat 21 Nov 2026, 00:00-24:00"),
        ] {
            let utc = |text: &str| utc(&format!("2026-11-{text}:00Z"));
            let meeting = meeting("1", utc(start), utc(end));
            assert_eq!(hours(&meeting, &today, &zone), hours_said, "{start} {end}");
            assert_eq!(when(&meeting, &zone), when_said, "{start} {end}");
        }
    }

    #[test]
    fn whole_days_are_said_by_date() {
        let zone = berlin();
        // Made in Tokyo: the dates are what counts.
        let (start, end) = (utc("2026-11-20T15:00:00Z"), utc("2026-11-22T15:00:00Z"));
        let dated = |first: &str, last: &str| Displayed {
            all_day: Some((first.parse().unwrap(), last.parse().unwrap())),
            ..meeting("1", start, end)
        };
        let one = dated("2026-11-21", "2026-11-21");
        assert_eq!(when(&one, &zone), "Sat 21 Nov 2026, all day");
        assert_eq!(hours(&one, &local_day(&zone, start), &zone), "All day");
        let two = dated("2026-11-21", "2026-11-22");
        assert_eq!(when(&two, &zone), "Sat 21 Nov 2026 - Sun 22 Nov 2026, all day");
    }

    #[test]
    fn a_page_never_looks_younger_than_it_is() {
        let now = utc("2026-11-21T08:30:00Z");
        for (as_of, said) in [
            (Some("2026-11-21T08:29:59Z"), None),
            (Some("2026-11-21T08:15:01Z"), None),
            (Some("2026-11-21T08:15:00Z"), Some("as of 09:15")),
            (Some("2026-11-21T08:12:59Z"), Some("as of 09:12")),
            (Some("2026-11-20T23:00:00Z"), Some("as of 00:00")),
            (Some("2026-11-20T22:59:59Z"), Some("as of 20 Nov 23:59")),
            (Some("2026-11-21T08:31:00Z"), None),
            (None, Some("not read yet")),
        ] {
            assert_eq!(staleness(as_of.map(utc), now, &berlin()).as_deref(), said, "{as_of:?}");
        }
    }
}
