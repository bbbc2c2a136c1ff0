//! What rules mean: from walls to instants and back (rule T4).

use super::{Change, ChangeDay, ZoneRules};
use crate::{recurrence::DayIndex, zone::Fold};
use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};

/// The clocks are set.
#[derive(Debug, Clone, Copy)]
struct Transition {
    /// When, in UTC.
    at: NaiveDateTime,
    before: i32,
    after: i32,
}

impl ZoneRules {
    /// What the walls say at an instant.
    pub fn local(&self, instant: DateTime<Utc>) -> NaiveDateTime {
        let utc = instant.naive_utc();
        let (first, transitions) = self.around(utc);
        let offset = transitions.iter().rev().find(|one| one.at <= utc).map_or(first, |one| one.after);
        on(utc, offset)
    }

    /// The instant at which the walls say this: skipped times move forward by what is skipped.
    pub(crate) fn resolve(&self, local: NaiveDateTime, fold: Fold) -> DateTime<Utc> {
        let (first, transitions) = self.around(local);
        let mut offset = first;
        for Transition { at, before, after } in transitions {
            let (earlier, later) = (on(at, before.min(after)), on(at, before.max(after)));
            offset = if local < earlier {
                break;
            } else if local >= later {
                after
            } else if before < after || matches!(fold, Fold::First) {
                before
            } else {
                after
            };
        }
        on(local, -offset).and_utc()
    }

    /// What holds just before a wall time: what the latest change set.
    pub(super) fn offset_before(&self, wall: NaiveDateTime) -> i32 {
        let latest =
            self.changes.iter().filter_map(|change| Some((change.latest_before(wall)?, change.offset)));
        latest.max_by_key(|(when, _)| *when).map_or(self.initial, |(_, offset)| offset)
    }

    /// The changes of the year of a moment and of those beside it, and what holds before them.
    fn around(&self, moment: NaiveDateTime) -> (i32, Vec<Transition>) {
        let years = moment.year() - 1..=moment.year() + 1;
        let begin =
            NaiveDate::from_ymd_opt(*years.start(), 1, 1).unwrap_or(NaiveDate::MIN).and_time(NaiveTime::MIN);
        let happens =
            |change: &Change| years.clone().filter_map(|year| change.in_year(year)).collect::<Vec<_>>();
        let mut changes: Vec<(NaiveDateTime, i32)> = self
            .changes
            .iter()
            .flat_map(|change| happens(change).into_iter().map(|wall| (wall, change.offset)))
            .collect();
        changes.sort_by_key(|(wall, _)| *wall);
        let first = self.offset_before(begin);
        let mut before = first;
        let mut transitions = Vec::new();
        for (wall, after) in changes {
            if after != before {
                transitions.push(Transition { at: on(wall, -before), before, after });
                before = after;
            }
        }
        (first, transitions)
    }
}

impl Change {
    /// When it happens in a year, by the walls before it.
    fn in_year(&self, year: i32) -> Option<NaiveDateTime> {
        let date = match self.day {
            ChangeDay::Weekday { month, weekday, index } => {
                let nth = |nth| NaiveDate::from_weekday_of_month_opt(year, month, weekday, nth);
                match index {
                    DayIndex::First => nth(1),
                    DayIndex::Second => nth(2),
                    DayIndex::Third => nth(3),
                    DayIndex::Fourth => nth(4),
                    DayIndex::Last => nth(5).or_else(|| nth(4)),
                }
            }
            ChangeDay::OnOrAfter { month, day, weekday } => {
                let earliest = NaiveDate::from_ymd_opt(year, month, day)?;
                let days = weekday.days_since(earliest.weekday());
                earliest.checked_add_days(chrono::Days::new(days.into()))
            }
            ChangeDay::Date { month, day } => NaiveDate::from_ymd_opt(year, month, day),
            ChangeDay::Once(date) => Some(date).filter(|date| date.year() == year),
        }?;
        let wall = on(date.and_time(NaiveTime::MIN), self.seconds);
        let happens =
            self.from.is_none_or(|from| from <= wall) && self.until.is_none_or(|until| wall <= until);
        happens.then_some(wall)
    }

    fn latest_before(&self, wall: NaiveDateTime) -> Option<NaiveDateTime> {
        let last = match self.day {
            ChangeDay::Once(date) => date.year(),
            _ => self.until.map_or(wall.year(), |until| until.year().min(wall.year())),
        };
        [last, last - 1].into_iter().filter_map(|year| self.in_year(year)).find(|when| *when < wall)
    }
}

fn on(moment: NaiveDateTime, seconds: i32) -> NaiveDateTime {
    moment.checked_add_signed(TimeDelta::seconds(seconds.into())).unwrap_or(moment)
}
