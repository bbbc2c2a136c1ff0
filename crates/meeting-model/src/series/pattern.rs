//! A recurrence as an RFC 5545 rule, expanded on civil dates.
//!
//! `rrule` walks from DTSTART and cannot seek, so it starts with the period that the window begins in; how many
//! occurrences lie before it is known by arithmetic, because every period of a pattern holds as many. Rules run in UTC at
//! midnight, which stands for a civil date: no clock change can disturb them.

use crate::{
    recurrence::{DayIndex, DayKind, Pattern, RangeEnd, Recurrence},
    zone::days_on,
};
use chrono::{Datelike, Month, Months, NaiveDate, NaiveTime, TimeZone, Weekday};
use rrule::{Frequency, NWeekday, RRule, Tz, Unvalidated};

const WEEK: [Weekday; 7] =
    [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri, Weekday::Sat, Weekday::Sun];

/// The dates the recurrence falls on between two dates, both included.
pub(super) fn dates(recurrence: &Recurrence, from: NaiveDate, to: NaiveDate) -> Vec<NaiveDate> {
    let start = recurrence.start_date;
    let cycle = Cycle::of(&recurrence.pattern, start);
    let periods = cycle.period_of(from);
    let seek = if periods == 0 { start } else { cycle.period(periods) };
    let (last, left) = match recurrence.end {
        RangeEnd::Never => (to, usize::MAX),
        RangeEnd::On(end) => (to.min(end), usize::MAX),
        RangeEnd::After(count) => {
            let count = usize::try_from(count).unwrap_or(usize::MAX);
            (to, count.saturating_sub(cycle.count_before(start, periods)))
        }
    };
    cycle.between(seek, last).take(left).filter(|date| *date >= from).collect()
}

/// The first date the recurrence falls on.
pub(super) fn first(recurrence: &Recurrence) -> Option<NaiveDate> {
    let cycle = Cycle::of(&recurrence.pattern, recurrence.start_date);
    cycle.between(recurrence.start_date, cycle.period(2)).next()
}

/// A rule and its periods: spans of one length in days or in months, each with as many occurrences as the other, the
/// first perhaps cut by the start of the series.
struct Cycle {
    rule: RRule<Unvalidated>,
    /// First day of the period that the series starts in.
    origin: NaiveDate,
    step: Step,
    per_period: usize,
}

#[derive(Clone, Copy)]
enum Step {
    Days(u16),
    Months(u16),
}

impl Cycle {
    fn of(pattern: &Pattern, start: NaiveDate) -> Self {
        let month = start.with_day(1).unwrap_or(start);
        match pattern {
            Pattern::Daily { interval } => {
                let every = interval_of(*interval);
                let rule = RRule::new(Frequency::Daily).interval(every);
                Self { rule, origin: start, step: Step::Days(every), per_period: 1 }
            }
            Pattern::Weekly { interval, days, first_day_of_week } => {
                let every = interval_of(*interval).min(u16::MAX / 7);
                let days: Vec<Weekday> = WEEK.into_iter().filter(|day| days.contains(day)).collect();
                let days = if days.is_empty() { vec![start.weekday()] } else { days };
                let into_week = start.weekday().days_since(*first_day_of_week);
                Self {
                    per_period: days.len(),
                    rule: RRule::new(Frequency::Weekly)
                        .interval(every)
                        .week_start(*first_day_of_week)
                        .by_weekday(days.into_iter().map(NWeekday::Every).collect()),
                    origin: days_on(start, -i64::from(into_week)),
                    step: Step::Days(every * 7),
                }
            }
            Pattern::AbsoluteMonthly { interval, day_of_month } => {
                let every = interval_of(*interval);
                let rule = on_day(RRule::new(Frequency::Monthly).interval(every), *day_of_month);
                Self { rule, origin: month, step: Step::Months(every), per_period: 1 }
            }
            Pattern::RelativeMonthly { interval, day, index } => {
                let every = interval_of(*interval);
                let rule = on_kind(RRule::new(Frequency::Monthly).interval(every), *day, *index);
                Self { rule, origin: month, step: Step::Months(every), per_period: 1 }
            }
            Pattern::AbsoluteYearly { month, day_of_month } => {
                Self::yearly(start, on_day(in_month(*month), *day_of_month))
            }
            Pattern::RelativeYearly { month, day, index } => {
                Self::yearly(start, on_kind(in_month(*month), *day, *index))
            }
            Pattern::Regenerating => {
                Self { rule: RRule::new(Frequency::Daily), origin: start, step: Step::Days(1), per_period: 1 }
            }
        }
    }

    fn yearly(start: NaiveDate, rule: RRule<Unvalidated>) -> Self {
        let origin = start.with_ordinal(1).unwrap_or(start);
        Self { rule, origin, step: Step::Months(12), per_period: 1 }
    }

    /// Which period a date lies in. Before the first counts as the first.
    fn period_of(&self, date: NaiveDate) -> u32 {
        let (since, step) = match self.step {
            Step::Days(days) => ((date - self.origin).num_days(), days),
            Step::Months(months) => (month_number(date) - month_number(self.origin), months),
        };
        u32::try_from(since / i64::from(step)).unwrap_or(0)
    }

    /// The first day of a period.
    fn period(&self, number: u32) -> NaiveDate {
        match self.step {
            Step::Days(days) => days_on(self.origin, i64::from(number) * i64::from(days)),
            Step::Months(months) => {
                let months = number.checked_mul(u32::from(months)).map(Months::new);
                months.and_then(|months| self.origin.checked_add_months(months)).unwrap_or(NaiveDate::MAX)
            }
        }
    }

    /// How many occurrences lie before a period.
    fn count_before(&self, start: NaiveDate, period: u32) -> usize {
        let Some(whole) = period.checked_sub(1) else { return 0 };
        let cut = self.between(start, days_on(self.period(1), -1)).count();
        usize::try_from(whole).unwrap_or(usize::MAX).saturating_mul(self.per_period).saturating_add(cut)
    }

    /// The dates from one to another, both included. None where they lie outside the years that `rrule` takes.
    fn between(&self, first: NaiveDate, last: NaiveDate) -> impl Iterator<Item = NaiveDate> {
        let midnight = |date: NaiveDate| Tz::UTC.from_utc_datetime(&date.and_time(NaiveTime::MIN));
        let set = self.rule.clone().until(midnight(last)).build(midnight(first)).ok();
        let dates: Vec<NaiveDate> =
            set.iter().flatten().map(|date| date.date_naive()).take_while(|date| *date <= last).collect();
        dates.into_iter()
    }
}

/// Day of month, or the month's last day where it is shorter (rule T3; RFC 5545 §3.3.10 would skip the month).
fn on_day(rule: RRule<Unvalidated>, day: u32) -> RRule<Unvalidated> {
    match i8::try_from(day.clamp(1, 31)).unwrap_or(31) {
        31 => rule.by_month_day(vec![-1]),
        day @ 29..=30 => rule.by_month_day((28..=day).collect()).by_set_pos(vec![-1]),
        day => rule.by_month_day(vec![day]),
    }
}

/// The nth day of a kind in the month.
fn on_kind(rule: RRule<Unvalidated>, kind: DayKind, index: DayIndex) -> RRule<Unvalidated> {
    let nth: i8 = match index {
        DayIndex::First => 1,
        DayIndex::Second => 2,
        DayIndex::Third => 3,
        DayIndex::Fourth => 4,
        DayIndex::Last => -1,
    };
    let (weekdays, weekend) = WEEK.split_at(5);
    let any_of = |days: &[Weekday]| days.iter().copied().map(NWeekday::Every).collect();
    match kind {
        DayKind::On(day) => rule.by_weekday(vec![NWeekday::Nth(nth.into(), day)]),
        DayKind::Day => rule.by_month_day(vec![nth]),
        DayKind::Weekday => rule.by_weekday(any_of(weekdays)).by_set_pos(vec![nth.into()]),
        DayKind::WeekendDay => rule.by_weekday(any_of(weekend)).by_set_pos(vec![nth.into()]),
    }
}

fn in_month(month: u32) -> RRule<Unvalidated> {
    let month = u8::try_from(month.clamp(1, 12)).ok().and_then(|month| Month::try_from(month).ok());
    RRule::new(Frequency::Yearly).by_month(month.as_slice())
}

fn interval_of(interval: u32) -> u16 {
    u16::try_from(interval.max(1)).unwrap_or(u16::MAX)
}

fn month_number(date: NaiveDate) -> i64 {
    i64::from(date.year()) * 12 + i64::from(date.month0())
}

#[cfg(test)]
mod tests;
