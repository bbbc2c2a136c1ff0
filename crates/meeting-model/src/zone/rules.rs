//! Zone rules that an item brings along: what the clocks of its own zone do (rule T2).
//!
//! Three dialects say them, and all become one list of changes:
//!
//! | dialect | what it says | what it becomes |
//! |---|---|---|
//! | EWS 2010 and later: `TimeZoneDefinition` ([MS-OXWSGTZ] 2.2.4.10; Periods, TransitionsGroups, Transitions) | groups of yearly changes, each holding from a date on | an [`Era`] for each transition to a group, through [`ZoneRules::of_eras`] |
//! | EWS 2007: `MeetingTimeZone` ([MS-OXWSMTGS] 2.2.4.36; BaseOffset, Standard, Daylight) | one pair of yearly changes, or of single dates | two [`Change`]s, through [`ZoneRules::new`] |
//! | iCalendar: `VTIMEZONE` (RFC 5545 §3.6.5; also WebDAV's `urn:schemas:calendar:timezone`) | observances, each from its DTSTART until its UNTIL | a [`Change`] for each observance and each RDATE |
//!
//! Offsets are seconds east of UTC throughout: `Bias`, `BaseOffset` and `Offset` have the opposite sign on the wire.

mod course;

use crate::recurrence::DayIndex;
use chrono::{NaiveDate, NaiveDateTime, TimeDelta, Weekday};
use serde::{Deserialize, Serialize};

/// No zone has changed its clocks so often; what a server says beyond is not looked at.
const MOST_CHANGES: usize = 1000;
/// No offset is further from UTC, in seconds.
const FURTHEST: i32 = 24 * 3600;

/// The rules of one zone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ZoneRules {
    /// Seconds east of UTC before the first change.
    initial: i32,
    changes: Vec<Change>,
}

/// The clocks are set to another offset, once or every year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// Seconds east of UTC from then on.
    pub offset: i32,
    /// On which day.
    pub day: ChangeDay,
    /// When on that day, in seconds from its midnight, by the clocks that are about to be changed: EWS `TimeOffset` and
    /// `Time`, the time of DTSTART. 86,400 is the end of the day.
    pub seconds: i32,
    /// The first wall time at which it may happen; absent: it always did.
    pub from: Option<NaiveDateTime>,
    /// The last wall time at which it may happen; absent: it always will. UNTIL of a VTIMEZONE is in UTC and has to be
    /// put onto the wall by TZOFFSETFROM.
    pub until: Option<NaiveDateTime>,
}

/// The day on which clocks are changed. Months are 1 to 12; a day that does not exist changes nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ChangeDay {
    /// The nth, or the last, of a weekday in a month: `RecurringDayTransition`, `RelativeYearlyRecurrence`,
    /// `BYMONTH;BYDAY=-1SU`.
    Weekday {
        /// Which month.
        month: u32,
        /// Which weekday.
        weekday: Weekday,
        /// Which of them.
        index: DayIndex,
    },
    /// The first of a weekday on or after a day of the month: `BYMONTHDAY=8,9,10,11,12,13,14;BYDAY=SU`.
    OnOrAfter {
        /// Which month.
        month: u32,
        /// The earliest day of the month.
        day: u32,
        /// Which weekday.
        weekday: Weekday,
    },
    /// One date of every year: `RecurringDateTransition`.
    Date {
        /// Which month.
        month: u32,
        /// Which day of it.
        day: u32,
    },
    /// One date of one year: `AbsoluteDateTransition`, `AbsoluteDate`, RDATE.
    Once(NaiveDate),
}

/// Yearly changes that hold from a moment on: one transition to a group of a `TimeZoneDefinition`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Era {
    /// Since when by the walls (`AbsoluteDateTransition/DateTime`). Absent of the first.
    pub from: Option<NaiveDateTime>,
    /// Seconds east of UTC where no change of this era has happened: its standard period.
    pub offset: i32,
    /// What happens every year. None in a zone without summer time.
    pub changes: Vec<Change>,
}

impl ZoneRules {
    /// Rules by their changes, in any order; before the first of them `initial` holds, in seconds east of UTC.
    pub fn new(initial: i32, mut changes: Vec<Change>) -> Self {
        changes.truncate(MOST_CHANGES);
        for change in &mut changes {
            change.offset = sane(change.offset);
        }
        Self { initial: sane(initial), changes }
    }

    /// Rules by their eras. Where one begins, what it holds at that moment begins with it, as .NET has it
    /// (`TimeZoneInfo.AdjustmentRule`). Absent without any era.
    pub fn of_eras(mut eras: Vec<Era>) -> Option<Self> {
        eras.sort_by_key(|era| era.from);
        let ends: Vec<Option<NaiveDateTime>> =
            eras.iter().skip(1).map(|era| era.from).chain([None]).collect();
        let initial = eras.first()?.offset;
        let mut changes = Vec::new();
        for (era, end) in eras.into_iter().zip(ends) {
            let always = Self::new(era.offset, era.changes);
            if let Some(from) = era.from {
                changes.push(Change {
                    offset: always.offset_before(from),
                    day: ChangeDay::Once(from.date()),
                    seconds: i32::try_from(
                        (from - from.date().and_time(chrono::NaiveTime::MIN)).num_seconds(),
                    )
                    .unwrap_or(0),
                    from: None,
                    until: None,
                });
            }
            let last = end.and_then(|end| end.checked_sub_signed(TimeDelta::seconds(1)));
            changes.extend(always.changes.into_iter().map(|change| Change {
                from: change.from.max(era.from),
                until: [change.until, last].into_iter().flatten().min(),
                ..change
            }));
        }
        Some(Self::new(initial, changes))
    }
}

fn sane(offset: i32) -> i32 {
    offset.clamp(-FURTHEST, FURTHEST)
}

#[cfg(test)]
mod tests;
