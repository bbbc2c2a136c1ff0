//! A recurrence as Exchange says it: a pattern and a range.
//!
//! Sources: [MS-OXWSCDATA] 2.2.4 RecurrencePatternTypes and RecurrenceRangeTypes. What they mean as RFC 5545 rules
//! is in [`crate::series`].

use chrono::{Days, NaiveDate, Weekday};
use serde::{Deserialize, Serialize};

/// What repeats, and from when until when. All dates are civil dates of the series' own zone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recurrence {
    /// The days it falls on.
    pub pattern: Pattern,
    /// Its first day.
    pub start_date: NaiveDate,
    /// Its last.
    pub end: RangeEnd,
}

impl Recurrence {
    /// A date that no occurrence lies after. Absent where the series does not end, or beyond all calendars.
    pub fn last_possible(&self) -> Option<NaiveDate> {
        let count = match self.end {
            RangeEnd::Never => return None,
            RangeEnd::On(last) => return Some(last),
            RangeEnd::After(count) => u64::from(count),
        };
        let days = |interval: u32, days| {
            self.start_date.checked_add_days(Days::new(count * u64::from(interval.max(1)) * days))
        };
        match &self.pattern {
            Pattern::Daily { interval } => days(*interval, 1),
            Pattern::Weekly { interval, .. } => days(*interval, 7),
            Pattern::AbsoluteMonthly { interval, .. } | Pattern::RelativeMonthly { interval, .. } => {
                days(*interval, 31)
            }
            Pattern::AbsoluteYearly { .. } | Pattern::RelativeYearly { .. } => days(1, 366),
            Pattern::Regenerating => Some(self.start_date),
        }
    }
}

/// Where a series ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum RangeEnd {
    /// Never.
    Never,
    /// With the last occurrence on or before this civil date.
    On(NaiveDate),
    /// After this many occurrences, those that were moved or deleted counted too.
    After(u32),
}

/// The days a series falls on. Intervals are at least 1.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Pattern {
    /// Every `interval` days.
    Daily {
        /// In days.
        interval: u32,
    },
    /// On these days of every `interval`th week.
    Weekly {
        /// In weeks.
        interval: u32,
        /// At least one.
        days: Vec<Weekday>,
        /// The day a week starts with; it matters when `interval` is above 1.
        first_day_of_week: Weekday,
    },
    /// On one day of the month, or the month's last where it is shorter (rule T3).
    AbsoluteMonthly {
        /// In months.
        interval: u32,
        /// 1 to 31.
        day_of_month: u32,
    },
    /// On the first to fourth, or the last, of a kind of day.
    RelativeMonthly {
        /// In months.
        interval: u32,
        /// Which kind of day.
        day: DayKind,
        /// Which of them.
        index: DayIndex,
    },
    /// On one date of the year, or the month's last day where the month is shorter.
    AbsoluteYearly {
        /// 1 to 12.
        month: u32,
        /// 1 to 31.
        day_of_month: u32,
    },
    /// On the first to fourth, or the last, of a kind of day in one month of the year.
    RelativeYearly {
        /// 1 to 12.
        month: u32,
        /// Which kind of day.
        day: DayKind,
        /// Which of them.
        index: DayIndex,
    },
    /// Repeats only when it was done: a task's pattern, which a calendar cannot show beyond its first occurrence.
    Regenerating,
}

/// `DaysOfWeek` of a relative pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum DayKind {
    /// One day of the week.
    On(Weekday),
    /// Any day.
    Day,
    /// Monday to Friday.
    Weekday,
    /// Saturday and Sunday.
    WeekendDay,
}

/// `DayOfWeekIndex`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum DayIndex {
    /// First.
    First,
    /// Second.
    Second,
    /// Third.
    Third,
    /// Fourth.
    Fourth,
    /// Last.
    Last,
}
