//! The rules of a zone in one year, read off the IANA zone that its Windows id stands for, so that they agree with the
//! instants of items.

use std::cell::RefCell;
use std::collections::HashMap;

use chrono::{DateTime, Datelike as _, Duration, NaiveDate, NaiveDateTime, NaiveTime, Utc};

use crate::Zone;

/// A change of the clocks that falls on the month's last such day for so many years always does.
const YEARS: i32 = 6;

/// Years of which the changes are remembered: more than a simulated site sees.
const REMEMBERED: usize = 1_000;

thread_local! {
    /// What was found of zones' years: every row of a search tells of a zone, over WebDAV.
    static FOUND: RefCell<HashMap<(&'static str, i32), Vec<Change>>> = RefCell::default();
}

/// What a zone's clocks do in a year.
pub(crate) struct ZoneRules {
    /// The seconds by which standard time is ahead of UTC.
    pub(crate) standard: i32,
    /// The same of daylight saving time, where there is some.
    pub(crate) daylight: Option<i32>,
    /// In order; none where the clocks never change.
    pub(crate) changes: Vec<Change>,
}

/// The instant from which another offset holds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Change {
    /// What the clocks showed until then.
    pub(crate) wall: NaiveDateTime,
    pub(crate) to_daylight: bool,
}

impl ZoneRules {
    pub(crate) fn of(zone: &Zone, year: i32) -> Self {
        let changes = changes(zone, year);
        let offsets =
            changes.iter().map(|change| zone.offset(zone.instant(change.wall) + Duration::hours(3)));
        let mut offsets: Vec<i32> = offsets.collect();
        offsets.sort_unstable();
        if let [standard, .., daylight] = offsets.as_slice() {
            return Self { standard: *standard, daylight: Some(*daylight), changes };
        }
        let standard = new_year(year).map_or(0, |instant| zone.offset(instant));
        Self { standard, daylight: None, changes: Vec::new() }
    }
}

impl Change {
    /// Which of the month's days of the week it is: 1 to 4, or -1 for the last.
    pub(crate) fn occurrence(&self, zone: &Zone) -> i32 {
        let is_last = |wall: &NaiveDateTime| (wall.date() + Duration::days(7)).month() != wall.month();
        let alike = (self.wall.year()..self.wall.year() + YEARS)
            .flat_map(|year| changes(zone, year))
            .filter(|other| other.to_daylight == self.to_daylight);
        if alike.into_iter().all(|other| is_last(&other.wall)) {
            return -1;
        }
        i32::try_from(self.wall.day().div_ceil(7)).unwrap_or(-1).min(4)
    }
}

/// Seconds as an XML Schema duration of hours and minutes (Part 2 §3.2.6).
pub(crate) fn duration(seconds: i32) -> String {
    let sign = if seconds < 0 { "-" } else { "" };
    let minutes = seconds.abs() / 60;
    match (minutes / 60, minutes % 60) {
        (hours, 0) => format!("{sign}PT{hours}H"),
        (hours, minutes) => format!("{sign}PT{hours}H{minutes}M"),
    }
}

/// The changes of the clocks in a year.
fn changes(zone: &Zone, year: i32) -> Vec<Change> {
    FOUND.with_borrow_mut(|found| {
        if found.len() >= REMEMBERED {
            found.clear();
        }
        found.entry((zone.iana(), year)).or_insert_with(|| found_by_the_hour(zone, year)).clone()
    })
}

/// The changes of the clocks in a year, found by the hour: none has two within a week.
fn found_by_the_hour(zone: &Zone, year: i32) -> Vec<Change> {
    let (Some(from), Some(until)) = (new_year(year), new_year(year + 1)) else { return Vec::new() };
    let mut found = Vec::new();
    let mut week = from;
    while week < until {
        let next = until.min(week + Duration::weeks(1));
        let before = zone.offset(week);
        if before != zone.offset(next) {
            let mut hours = (1..=7 * 24).map(|hour| week + Duration::hours(hour));
            found.extend(hours.find(|at| zone.offset(*at) != before).map(|at| change(zone, at)));
        }
        week = next;
    }
    found
}

fn change(zone: &Zone, at: DateTime<Utc>) -> Change {
    let before = zone.offset(at - Duration::hours(1));
    let wall = at.naive_utc() + Duration::seconds(before.into());
    Change { wall, to_daylight: zone.offset(at) > before }
}

fn new_year(year: i32) -> Option<DateTime<Utc>> {
    let date = NaiveDate::from_ymd_opt(year, 1, 1)?;
    Some(date.and_time(NaiveTime::MIN).and_utc())
}
