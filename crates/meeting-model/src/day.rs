//! Rule T7: what one local day lists.
use crate::{clock::Window, display::Displayed, zone::RoomZone};
use chrono::{DateTime, NaiveDate, Utc};

/// One civil day in a room's zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LocalDay {
    /// Its date.
    pub date: NaiveDate,
    /// From its midnight to the next: 23, 24 or 25 hours.
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
    unimplemented!("{zone:?} {instant}")
}
/// of_day
pub fn of_day<'a>(meetings: &'a [Displayed], day: &LocalDay) -> Vec<&'a Displayed> {
    meetings.iter().filter(|m| day.window.overlaps(m.start, m.end)).collect()
}
/// phase
pub fn phase(meeting: &Displayed, now: DateTime<Utc>) -> Phase {
    if meeting.end <= now { Phase::Past } else if meeting.start <= now { Phase::Running } else { Phase::Coming }
}
