//! Rule T7: what one local day lists.

use crate::{
    clock::Window,
    display::Displayed,
    zone::{RoomZone, days_on},
};
use chrono::{DateTime, NaiveDate, Utc};

/// One civil day in a room's zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LocalDay {
    /// Its date.
    pub date: NaiveDate,
    /// From its midnight to the next: 23, 24 or 25 hours, as a rule.
    pub window: Window,
}

/// Where a meeting stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// It has ended.
    Past,
    /// It runs.
    Running,
    /// It has not begun.
    Coming,
}

/// The day of an instant.
pub fn local_day(zone: &RoomZone, instant: DateTime<Utc>) -> LocalDay {
    day_of(zone, zone.local(instant).date())
}

/// The day of a date. Its end is the instant to draw the next one.
pub fn day_of(zone: &RoomZone, date: NaiveDate) -> LocalDay {
    let window = Window { start: zone.midnight(date), end: zone.midnight(days_on(date, 1)) };
    LocalDay { date, window }
}

/// The meetings of a day, in the order given: every one that overlaps it, also if it began the day before. One of zero
/// length counts as a point; one that stands for whole days is listed on its own civil dates, wherever it was made.
pub fn of_day<'a>(meetings: &'a [Displayed], day: &LocalDay) -> Vec<&'a Displayed> {
    meetings
        .iter()
        .filter(|meeting| match meeting.all_day {
            Some((first, last)) => first <= day.date && day.date <= last,
            None => day.window.overlaps(meeting.start, meeting.gone_at()),
        })
        .collect()
}

/// Where a meeting stands at an instant. It has ended from its end on, or when it has lingered (rule C5).
pub fn phase(meeting: &Displayed, now: DateTime<Utc>) -> Phase {
    if meeting.gone_at() <= now {
        Phase::Past
    } else if meeting.start <= now {
        Phase::Running
    } else {
        Phase::Coming
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        display::{PublicKey, Words},
        join::Join,
        zone::ZoneDatabase,
    };

    fn utc(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn meeting(start: &str, end: &str, all_day: Option<(&str, &str)>) -> Displayed {
        Displayed {
            key: PublicKey::new(start),
            start: utc(start),
            end: utc(end),
            all_day: all_day.map(|(first, last)| (first.parse().unwrap(), last.parse().unwrap())),
            words: Words::Open {
                title: String::new(),
                organizer: None,
                location: None,
                join: Join::default(),
            },
            tentative: false,
            lingers: chrono::TimeDelta::zero(),
        }
    }

    #[test]
    fn t7_days_have_23_24_and_25_hours() {
        let cases = [
            ("Europe/Berlin", "2026-03-29", 23),
            ("Europe/Berlin", "2026-10-25", 25),
            ("Europe/Berlin", "2026-07-01", 24),
            ("America/Santiago", "2026-09-06", 23), // its midnight is skipped
            ("America/Havana", "2026-11-01", 25),   // its midnight comes twice
            ("Pacific/Apia", "2011-12-30", 0),      // the date line moved over it
        ];
        for (name, date, hours) in cases {
            let zone = RoomZone::named(&ZoneDatabase::bundled(), name).unwrap();
            let day = day_of(&zone, date.parse().unwrap());
            assert_eq!((day.window.end - day.window.start).num_hours(), hours, "{name} {date}");
        }
    }

    #[test]
    fn t7_every_instant_lies_in_its_own_day() {
        for name in
            ["Europe/Berlin", "America/Santiago", "America/Havana", "Asia/Kathmandu", "Africa/Casablanca"]
        {
            let zone = RoomZone::named(&ZoneDatabase::bundled(), name).unwrap();
            for half_hour in 0..48 * 366 {
                let instant = utc("2026-01-01T00:15:00Z") + chrono::TimeDelta::minutes(30 * half_hour);
                assert!(local_day(&zone, instant).window.contains(instant), "{name} {instant}");
            }
        }
    }

    #[test]
    fn t7_a_day_lists_what_overlaps_it() {
        let zone = RoomZone::named(&ZoneDatabase::bundled(), "Europe/Berlin").unwrap();
        let day = day_of(&zone, "2026-03-02".parse().unwrap()); // from 23:00Z on the 1st to 23:00Z on the 2nd
        let cases = [
            ("over midnight", meeting("2026-03-01T22:00:00Z", "2026-03-01T23:30:00Z", None), true),
            ("ends at midnight", meeting("2026-03-01T22:00:00Z", "2026-03-01T23:00:00Z", None), false),
            ("a point at midnight", meeting("2026-03-01T23:00:00Z", "2026-03-01T23:00:00Z", None), true),
            ("a point at the next", meeting("2026-03-02T23:00:00Z", "2026-03-02T23:00:00Z", None), false),
            ("several days", meeting("2026-02-20T09:00:00Z", "2026-03-09T09:00:00Z", None), true),
            (
                "all day in Tokyo, on its own date",
                meeting("2026-03-01T15:00:00Z", "2026-03-02T15:00:00Z", Some(("2026-03-02", "2026-03-02"))),
                true,
            ),
            (
                "all day in Tokyo the day after, though its instants overlap",
                meeting("2026-03-02T15:00:00Z", "2026-03-03T15:00:00Z", Some(("2026-03-03", "2026-03-03"))),
                false,
            ),
        ];
        for (name, meeting, listed) in cases {
            assert_eq!(of_day(std::slice::from_ref(&meeting), &day).len() == 1, listed, "{name}");
        }
    }

    #[test]
    fn a_meeting_ends_at_its_end() {
        let meeting = meeting("2026-03-02T09:00:00Z", "2026-03-02T10:00:00Z", None);
        for (now, expected) in [
            ("2026-03-02T08:59:59Z", Phase::Coming),
            ("2026-03-02T09:00:00Z", Phase::Running),
            ("2026-03-02T09:59:59Z", Phase::Running),
            ("2026-03-02T10:00:00Z", Phase::Past),
        ] {
            assert_eq!(phase(&meeting, utc(now)), expected, "{now}");
        }
    }
}
