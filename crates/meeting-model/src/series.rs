//! Rule T1: the occurrences of a series in a window, from its pattern, its exceptions and its deletions.
//!
//! Dates first, instants last: the pattern is expanded on civil dates of the series' own zone, exceptions and deletions
//! are matched by those dates, and only what remains is put onto the clock of that zone.

mod civil;
mod pattern;

use crate::{
    clock::Window,
    item::{CalendarItem, Exception, Series},
    recurrence::Pattern,
    zone::days_on,
};
use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};
pub(crate) use civil::{ItemZone, Zones};
use std::collections::{BTreeMap, BTreeSet};

/// No occurrence lasts longer, as far as the search for those that began before the window goes.
const LONGEST_DAYS: i64 = 366;

/// One occurrence of a series.
pub(crate) struct Instance<'a> {
    /// The civil date the pattern gave it, in the series' zone.
    pub(crate) date: NaiveDate,
    /// When the pattern would have started it.
    pub(crate) original_start: DateTime<Utc>,
    /// When it starts.
    pub(crate) start: DateTime<Utc>,
    /// When it ends.
    pub(crate) end: DateTime<Utc>,
    /// What makes it differ from its series.
    pub(crate) exception: Option<&'a Exception>,
}

impl<'a> Instance<'a> {
    fn changed(date: NaiveDate, exception: &'a Exception) -> Self {
        Self {
            date,
            original_start: exception.original_start,
            start: exception.start,
            end: exception.end.max(exception.start),
            exception: Some(exception),
        }
    }
}

/// The occurrences that overlap the window: those of the pattern, then its exceptions, then what the server says
/// otherwise, each in order of their dates.
pub(crate) fn expand<'a>(
    master: &CalendarItem,
    series: &'a Series,
    zone: &ItemZone,
    window: Window,
) -> Vec<Instance<'a>> {
    let course = Course::of(master, series, zone);
    let deleted: BTreeSet<NaiveDate> = series.deleted.iter().map(|start| course.date_of(*start)).collect();
    let exceptions: BTreeMap<NaiveDate, &Exception> = series
        .exceptions
        .iter()
        .map(|exception| (course.date_of(exception.original_start), exception))
        .collect();

    let overrides: BTreeMap<NaiveDate, Option<Window>> =
        series.overrides.iter().map(|one| (one.date, one.span)).collect();

    let regular = course
        .dates(series, window)
        .into_iter()
        .filter(|date| !deleted.contains(date) && !exceptions.contains_key(date))
        .filter(|date| !overrides.contains_key(date))
        .map(|date| course.regular(date));
    let changed = exceptions
        .iter()
        .filter(|(date, _)| !overrides.contains_key(date))
        .map(|(date, exception)| Instance::changed(*date, exception));
    let overridden = overrides.iter().filter_map(|(date, span)| {
        let Window { start, end } = (*span)?;
        let exception = exceptions.get(date);
        let ours =
            exception.map_or_else(|| course.regular(*date), |exception| Instance::changed(*date, exception));
        Some(Instance { start, end: end.max(start), ..ours })
    });
    let all = regular.chain(changed).chain(overridden);
    all.filter(|instance| window.overlaps(instance.start, instance.end)).collect()
}

/// The civil date that an occurrence's original start stands for (rule I1).
pub(crate) fn date_of(
    master: &CalendarItem,
    series: &Series,
    zone: &ItemZone,
    original_start: DateTime<Utc>,
) -> NaiveDate {
    Course::of(master, series, zone).date_of(original_start)
}

/// The civil dates that the exceptions of a series replace: their slots (rule I1).
pub(crate) fn exception_dates<'a>(
    master: &CalendarItem,
    series: &'a Series,
    zone: &ItemZone,
) -> Vec<(NaiveDate, &'a Exception)> {
    let course = Course::of(master, series, zone);
    series.exceptions.iter().map(|exception| (course.date_of(exception.original_start), exception)).collect()
}

/// How a series runs on the walls of its zone.
struct Course<'a> {
    zone: &'a ItemZone,
    all_day: bool,
    /// The pattern's date of the first occurrence.
    date: NaiveDate,
    /// What the walls say when that one starts: where the zone is not known, perhaps a day beside `date`.
    wall: NaiveDateTime,
    /// How long each lasts on the walls.
    length: TimeDelta,
}

impl<'a> Course<'a> {
    fn of(master: &CalendarItem, series: &Series, zone: &'a ItemZone) -> Self {
        let (start, end) = (zone.local(master.start), zone.local(master.end));
        let timed = |date| Self {
            zone,
            all_day: false,
            date,
            wall: start,
            length: (end - start).max(TimeDelta::zero()),
        };
        if master.all_day {
            let (first, last) = zone.all_day(master.start, master.end);
            let wall = if zone.is_known() { first.and_time(NaiveTime::MIN) } else { start };
            return Self { all_day: true, wall, length: last - first + TimeDelta::days(1), ..timed(first) };
        }
        if zone.is_known() {
            return timed(start.date());
        }
        // In the room's zone, which stands in, the first occurrence may fall a day beside the pattern's.
        let first = pattern::first(&series.recurrence);
        let beside = first.is_some_and(|first| (first - start.date()).num_days().abs() == 1);
        timed(first.filter(|_| beside).unwrap_or(start.date()))
    }

    /// The pattern's date of an occurrence, by its original start: for exceptions and deletions alike.
    fn date_of(&self, original_start: DateTime<Utc>) -> NaiveDate {
        if self.all_day {
            return self.zone.all_day_date(original_start);
        }
        let local = self.zone.local(original_start);
        if self.zone.is_known() {
            return local.date();
        }
        // Another zone's summer time shifts starts against the walls that stand in: the nearest start is meant.
        let to_date = self.date.and_time(NaiveTime::MIN) - self.wall + TimeDelta::hours(12);
        local.checked_add_signed(to_date).unwrap_or(local).date()
    }

    fn dates(&self, series: &Series, window: Window) -> Vec<NaiveDate> {
        if series.recurrence.pattern == Pattern::Regenerating {
            return vec![self.date];
        }
        let before = self.length.num_days().min(LONGEST_DAYS) + 2;
        let from = days_on(self.zone.local(window.start).date(), -before);
        let to = days_on(self.zone.local(window.end).date(), 2);
        pattern::dates(&series.recurrence, from, to)
    }

    fn regular(&self, date: NaiveDate) -> Instance<'static> {
        let wall = self.wall.checked_add_signed(date - self.date).unwrap_or(self.wall);
        let start = self.zone.instant(wall);
        let end = if self.all_day || self.zone.local(start) == wall {
            self.zone.instant(wall.checked_add_signed(self.length).unwrap_or(wall))
        } else {
            // The clocks skip its start: it keeps its length; a whole day ends with the day.
            start.checked_add_signed(self.length).unwrap_or(start)
        };
        Instance { date, original_start: start, start, end, exception: None }
    }
}

#[cfg(test)]
mod tests;
