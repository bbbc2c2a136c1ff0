//! Recurrence patterns and their civil dates ([MS-OXWSCDATA] RecurrenceType, [MS-OXOCAL] 2.2.1.44).

use chrono::{Datelike as _, Days, Months, NaiveDate, Weekday};

/// Which days of the week a pattern may name ([MS-OXWSCDATA] DayOfWeekType).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DayKind {
    /// One day of the week.
    One(Weekday),
    /// Any day.
    Day,
    /// Monday to Friday.
    Weekday,
    /// Saturday or Sunday.
    WeekendDay,
}

impl DayKind {
    pub(crate) fn matches(self, date: NaiveDate) -> bool {
        let weekend = matches!(date.weekday(), Weekday::Sat | Weekday::Sun);
        match self {
            Self::One(day) => date.weekday() == day,
            Self::Day => true,
            Self::Weekday => !weekend,
            Self::WeekendDay => weekend,
        }
    }
}

/// Which of the month's matching days ([MS-OXWSCDATA] DayOfWeekIndexType).
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
pub enum DayIndex {
    /// The first.
    First,
    /// The second.
    Second,
    /// The third.
    Third,
    /// The fourth.
    Fourth,
    /// The last.
    Last,
}

/// When a series repeats.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pattern {
    /// Every `interval` days.
    Daily {
        /// 1 to 999.
        interval: u32,
    },
    /// Every `interval` weeks, on `days`.
    Weekly {
        /// 1 to 99.
        interval: u32,
        /// The days, in any order; none means the day of the start.
        days: Vec<Weekday>,
        /// With which day a week begins: it matters for intervals above one.
        first_day: Weekday,
    },
    /// Every `interval` months on a day of the month; a shorter month has it on its last day.
    AbsoluteMonthly {
        /// 1 to 99.
        interval: u32,
        /// 1 to 31.
        day: u32,
    },
    /// Every `interval` months, for instance on the last weekday.
    RelativeMonthly {
        /// 1 to 99.
        interval: u32,
        /// The kind of day.
        day: DayKind,
        /// Which of them.
        index: DayIndex,
    },
    /// Every year on one date; 29 February falls on the 28th in common years.
    AbsoluteYearly {
        /// 1 to 12.
        month: u32,
        /// 1 to 31.
        day: u32,
    },
    /// Every year, for instance on the first Monday of September.
    RelativeYearly {
        /// 1 to 12.
        month: u32,
        /// The kind of day.
        day: DayKind,
        /// Which of them.
        index: DayIndex,
    },
}

/// How long a series goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Range {
    /// For ever.
    NoEnd,
    /// Up to this civil date, included.
    Until(NaiveDate),
    /// That many instances, deleted and moved ones counted.
    Count(u32),
}

/// A pattern with its range: which civil dates a series falls on, in its own zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recurrence {
    /// When it repeats.
    pub pattern: Pattern,
    /// The civil date of the range's start.
    pub start: NaiveDate,
    /// How long it goes on.
    pub range: Range,
}

impl Recurrence {
    /// The civil dates in order, without end for [`Range::NoEnd`] (until the calendar itself ends).
    pub fn dates(&self) -> impl Iterator<Item = NaiveDate> + use<'_> {
        self.dates_from(self.start)
    }

    /// Those from a date on, at once however long the series has lasted by then.
    pub fn dates_from(&self, from: NaiveDate) -> impl Iterator<Item = NaiveDate> + use<'_> {
        let first = self.period_of(from.max(self.start));
        let left = match self.range {
            Range::Count(count) => (count as usize).saturating_sub(self.before(first)),
            Range::NoEnd | Range::Until(_) => usize::MAX,
        };
        (first..)
            .map_while(|period| self.period(period))
            .flatten()
            .filter(|date| *date >= self.start)
            .take_while(|date| !matches!(self.range, Range::Until(end) if *date > end))
            .take(left)
            .skip_while(move |date| *date < from)
    }

    /// The date of a number counted from nought, deleted ones included, at once however large it is.
    pub fn nth(&self, number: usize) -> Option<NaiveDate> {
        let counted = number.checked_add(self.missed())?;
        let per_period = self.period(0)?.len().max(1);
        let period = self.period(u32::try_from(counted / per_period).ok()?)?;
        let date = period.get(counted % per_period).copied()?;
        match self.range {
            Range::NoEnd => Some(date),
            Range::Until(end) => (date <= end).then_some(date),
            Range::Count(count) => (number < count as usize).then_some(date),
        }
    }

    /// Whether a civil date is one of them.
    pub fn falls_on(&self, date: NaiveDate) -> bool {
        self.dates_from(date).next() == Some(date)
    }

    /// How many dates of the first repetition come before the range's start. Every repetition has as many dates.
    fn missed(&self) -> usize {
        let first = self.period(0).unwrap_or_default();
        first.into_iter().filter(|date| *date < self.start).count()
    }

    /// How many dates there are before a repetition.
    fn before(&self, period: u32) -> usize {
        let per_period = self.period(0).map_or(0, |dates| dates.len());
        (per_period * period as usize).saturating_sub(self.missed())
    }

    /// The repetition in which a date lies that is not before the range's start, or the one before it.
    fn period_of(&self, date: NaiveDate) -> u32 {
        let since = |unit: i64, interval: u32| u32::try_from(unit / i64::from(interval.max(1))).unwrap_or(0);
        let months = i64::from(date.year() - self.start.year()) * 12 + i64::from(date.month0())
            - i64::from(self.start.month0());
        match &self.pattern {
            Pattern::Daily { interval } => since((date - self.start).num_days(), *interval),
            Pattern::Weekly { interval, first_day, .. } => {
                let back = self.start.weekday().days_since(*first_day);
                since(((date - self.start).num_days() + i64::from(back)) / 7, *interval)
            }
            Pattern::AbsoluteMonthly { interval, .. } | Pattern::RelativeMonthly { interval, .. } => {
                since(months, *interval)
            }
            Pattern::AbsoluteYearly { .. } | Pattern::RelativeYearly { .. } => {
                since(i64::from(date.year() - self.start.year()), 1)
            }
        }
    }

    /// The dates of one repetition, or nothing past the end of the calendar.
    fn period(&self, index: u32) -> Option<Vec<NaiveDate>> {
        match &self.pattern {
            Pattern::Daily { interval } => {
                let days = u64::from(index) * u64::from(*interval.max(&1));
                Some(vec![self.start.checked_add_days(Days::new(days))?])
            }
            Pattern::Weekly { interval, days, first_day } => {
                let back = self.start.weekday().days_since(*first_day);
                let weeks = u64::from(index) * u64::from(*interval.max(&1));
                let week = self.start.checked_sub_days(Days::new(back.into()))?;
                week.checked_add_days(Days::new(weeks * 7)).map(|week| self.days_of_week(week, days))
            }
            Pattern::AbsoluteMonthly { interval, day } => {
                let month = self.month(index.checked_mul(*interval.max(&1))?)?;
                Some(vec![clipped(month, *day)?])
            }
            Pattern::RelativeMonthly { interval, day, index: which } => {
                let month = self.month(index.checked_mul(*interval.max(&1))?)?;
                Some(nth(month, *day, *which).into_iter().collect())
            }
            Pattern::AbsoluteYearly { month, day } => {
                let month = self.year(index)?.with_month(*month)?;
                Some(vec![clipped(month, *day)?])
            }
            Pattern::RelativeYearly { month, day, index: which } => {
                let month = self.year(index)?.with_month(*month)?;
                Some(nth(month, *day, *which).into_iter().collect())
            }
        }
    }

    fn days_of_week(&self, week: NaiveDate, days: &[Weekday]) -> Vec<NaiveDate> {
        let own = [self.start.weekday()];
        let days = if days.is_empty() { own.as_slice() } else { days };
        week.iter_days().take(7).filter(|date| days.contains(&date.weekday())).collect()
    }

    fn month(&self, months: u32) -> Option<NaiveDate> {
        self.start.with_day(1)?.checked_add_months(Months::new(months))
    }

    fn year(&self, years: u32) -> Option<NaiveDate> {
        self.start.with_day(1)?.with_month(1)?.checked_add_months(Months::new(years.checked_mul(12)?))
    }
}

fn days_of_month(first: NaiveDate) -> impl Iterator<Item = NaiveDate> {
    first.iter_days().take_while(move |date| date.month() == first.month())
}

/// The day, or the month's last where the month is shorter (RULES of DayOfMonth in [MS-OXWSCDATA]).
fn clipped(first: NaiveDate, day: u32) -> Option<NaiveDate> {
    first.with_day(day).or_else(|| days_of_month(first).last())
}

fn nth(first: NaiveDate, day: DayKind, index: DayIndex) -> Option<NaiveDate> {
    let mut matching = days_of_month(first).filter(|date| day.matches(*date));
    match index {
        DayIndex::First => matching.next(),
        DayIndex::Second => matching.nth(1),
        DayIndex::Third => matching.nth(2),
        DayIndex::Fourth => matching.nth(3),
        DayIndex::Last => matching.last(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dates(pattern: Pattern, start: &str, take: usize) -> Vec<String> {
        let recurrence = Recurrence { pattern, start: start.parse().unwrap(), range: Range::NoEnd };
        recurrence.dates().take(take).map(|date| date.to_string()).collect()
    }

    #[test]
    fn patterns_fall_on_their_dates() {
        let fortnight =
            Pattern::Weekly { interval: 2, days: vec![Weekday::Tue, Weekday::Sun], first_day: Weekday::Mon };
        let weekday = |index| Pattern::RelativeMonthly { interval: 1, day: DayKind::Weekday, index };
        let table = [
            (Pattern::Daily { interval: 3 }, "2026-02-27", ["2026-02-27", "2026-03-02", "2026-03-05"]),
            (fortnight, "2026-03-03", ["2026-03-03", "2026-03-08", "2026-03-17"]),
            (
                Pattern::AbsoluteMonthly { interval: 1, day: 31 },
                "2026-01-31",
                ["2026-01-31", "2026-02-28", "2026-03-31"],
            ),
            (weekday(DayIndex::Last), "2026-01-01", ["2026-01-30", "2026-02-27", "2026-03-31"]),
            (weekday(DayIndex::First), "2026-02-05", ["2026-03-02", "2026-04-01", "2026-05-01"]),
            (
                Pattern::AbsoluteYearly { month: 2, day: 29 },
                "2027-01-01",
                ["2027-02-28", "2028-02-29", "2029-02-28"],
            ),
            (
                Pattern::RelativeYearly { month: 9, day: DayKind::One(Weekday::Mon), index: DayIndex::First },
                "2026-01-01",
                ["2026-09-07", "2027-09-06", "2028-09-04"],
            ),
        ];
        for (pattern, start, expected) in table {
            assert_eq!(dates(pattern.clone(), start, 3), expected, "{pattern:?}");
        }
    }

    #[test]
    fn the_first_day_of_the_week_matters_for_intervals() {
        let weekly =
            |first_day| Pattern::Weekly { interval: 2, days: vec![Weekday::Tue, Weekday::Sun], first_day };
        assert_eq!(
            dates(weekly(Weekday::Mon), "1997-08-05", 4),
            ["1997-08-05", "1997-08-10", "1997-08-19", "1997-08-24"]
        );
        assert_eq!(
            dates(weekly(Weekday::Sun), "1997-08-05", 4),
            ["1997-08-05", "1997-08-17", "1997-08-19", "1997-08-31"]
        );
    }

    #[test]
    fn dates_are_found_by_number_and_from_any_day_on() {
        let weekly = |interval, days: &[Weekday], first_day| Pattern::Weekly {
            interval,
            days: days.to_vec(),
            first_day,
        };
        let patterns = [
            Pattern::Daily { interval: 3 },
            weekly(1, &[], Weekday::Mon),
            weekly(2, &[Weekday::Sun, Weekday::Tue, Weekday::Tue, Weekday::Sat], Weekday::Wed),
            Pattern::AbsoluteMonthly { interval: 5, day: 31 },
            Pattern::AbsoluteMonthly { interval: 1, day: 1 },
            Pattern::RelativeMonthly { interval: 2, day: DayKind::WeekendDay, index: DayIndex::First },
            Pattern::AbsoluteYearly { month: 2, day: 29 },
            Pattern::RelativeYearly { month: 9, day: DayKind::One(Weekday::Mon), index: DayIndex::Last },
        ];
        let start = NaiveDate::from_ymd_opt(2026, 3, 19).unwrap();
        let until = NaiveDate::from_ymd_opt(2029, 1, 31).unwrap();
        for range in [Range::NoEnd, Range::Count(7), Range::Until(until)] {
            for pattern in &patterns {
                let series = Recurrence { pattern: pattern.clone(), start, range };
                let all: Vec<NaiveDate> = series.dates().take(40).collect();
                let periods = (0..400).filter_map(|period| series.period(period)).flatten();
                let within = |date: &NaiveDate| !matches!(range, Range::Until(end) if *date > end);
                let most = if let Range::Count(count) = range { count as usize } else { 40 };
                let counted: Vec<NaiveDate> =
                    periods.filter(|date| *date >= start && within(date)).take(most).collect();
                assert_eq!(all, counted, "{series:?}");
                for number in 0..40 {
                    assert_eq!(series.nth(number), all.get(number).copied(), "{number} of {series:?}");
                }
                for from in start.iter_days().step_by(17).take(60) {
                    let first = all.iter().find(|date| **date >= from).copied();
                    let beyond = first.is_none() && all.len() == 40;
                    assert!(beyond || series.dates_from(from).next() == first, "{from} of {series:?}");
                }
            }
        }
        let daily = Recurrence { pattern: patterns[0].clone(), start, range: Range::NoEnd };
        assert_eq!(daily.nth(usize::MAX), None, "the calendar itself ends");
        assert_eq!(daily.nth(30_000_000), start.checked_add_days(Days::new(90_000_000)));
    }

    #[test]
    fn ranges_end_where_they_say() {
        let start = NaiveDate::from_ymd_opt(2026, 3, 1).unwrap();
        let count =
            |range| Recurrence { pattern: Pattern::Daily { interval: 1 }, start, range }.dates().count();
        assert_eq!(count(Range::Count(10)), 10);
        assert_eq!(count(Range::Until(NaiveDate::from_ymd_opt(2026, 3, 4).unwrap())), 4);
    }
}
