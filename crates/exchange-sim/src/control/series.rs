//! How often a meeting takes place, as commands say it.

use chrono::{Datelike as _, NaiveDate, Weekday};
use serde::Deserialize;
use serde_json::Value;

use super::Refusal;
use crate::{DayIndex, DayKind, Pattern, Range};

/// In what a pattern counts.
#[derive(Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Unit {
    #[default]
    Day,
    Week,
    Month,
    Year,
}

/// A pattern; what is left out follows from the date of the start.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Series {
    every: Unit,
    interval: Option<u32>,
    /// Of the week: `Monday`, `Tuesday`, …
    days: Option<Vec<Weekday>>,
    first_day: Option<Weekday>,
    /// Of the month.
    day: Option<u32>,
    month: Option<u32>,
    /// `First` to `Fourth`, or `Last`, of those `on`.
    which: Option<DayIndex>,
    /// `Monday`, …, or `Day`, `Weekday`, `WeekendDay`.
    on: Option<String>,
}

/// The pattern of `repeats`: an object, or `daily`, `weekly`, `monthly`, `yearly`.
pub(super) fn pattern(repeats: &Value, first: NaiveDate) -> Result<Pattern, Refusal> {
    let every = match repeats.as_str() {
        None => return Series::deserialize(repeats)?.pattern(first),
        Some("daily") => Unit::Day,
        Some("weekly") => Unit::Week,
        Some("monthly") => Unit::Month,
        Some("yearly") => Unit::Year,
        Some(_) => {
            return refuse("repeats", "`daily`, `weekly`, `monthly`, `yearly` or an object with `every`");
        }
    };
    Series { every, ..Series::default() }.pattern(first)
}

/// How long a series goes on, by `times` and `until`.
pub(super) fn range(
    times: Option<u32>,
    until: Option<NaiveDate>,
    first: NaiveDate,
) -> Result<Range, Refusal> {
    match (times, until) {
        (None, None) => Ok(Range::NoEnd),
        (Some(times @ 1..=999), None) => Ok(Range::Count(times)),
        (Some(_), None) => refuse("times", "1 to 999"),
        (None, Some(last)) if last >= first => Ok(Range::Until(last)),
        (None, Some(_)) => refuse("until", "the date of the start or a later one"),
        (Some(_), Some(_)) => refuse("until", "either it or `times`"),
    }
}

fn refuse<T>(place: &'static str, expected: &'static str) -> Result<T, Refusal> {
    Err(Refusal::Value { place, expected })
}

impl Series {
    fn pattern(self, first: NaiveDate) -> Result<Pattern, Refusal> {
        self.fits()?;
        let interval = self.interval.unwrap_or(1);
        let (day, month) = (self.day.unwrap_or(first.day()), self.month.unwrap_or(first.month()));
        let kind = self.on.as_deref().map(kind_of_day).transpose()?.zip(self.which);
        Ok(match (self.every, kind) {
            (Unit::Day, _) => Pattern::Daily { interval },
            (Unit::Week, _) => {
                let first_day = self.first_day.unwrap_or(Weekday::Mon);
                Pattern::Weekly { interval, days: self.days.unwrap_or_default(), first_day }
            }
            (Unit::Month, None) => Pattern::AbsoluteMonthly { interval, day },
            (Unit::Month, Some((day, index))) => Pattern::RelativeMonthly { interval, day, index },
            (Unit::Year, None) => Pattern::AbsoluteYearly { month, day },
            (Unit::Year, Some((day, index))) => Pattern::RelativeYearly { month, day, index },
        })
    }

    /// Whether everything is said that such a pattern has, within the bounds of [MS-OXWSCDATA], and nothing else.
    fn fits(&self) -> Result<(), Refusal> {
        let most = match self.every {
            Unit::Day => 999,
            Unit::Week | Unit::Month => 99,
            Unit::Year => 1,
        };
        let weekly = self.every == Unit::Week;
        let by_month = matches!(self.every, Unit::Month | Unit::Year);
        let table = [
            (
                self.interval.is_none_or(|interval| (1..=most).contains(&interval)),
                "interval",
                bounds(self.every),
            ),
            (weekly || self.days.is_none(), "days", "it for `every` `week` only"),
            (self.days.as_ref().is_none_or(|days| !days.is_empty()), "days", "at least one day of the week"),
            (weekly || self.first_day.is_none(), "first_day", "it for `every` `week` only"),
            (by_month || self.day.is_none(), "day", "it for `every` `month` or `year` only"),
            (self.day.is_none_or(|day| (1..=31).contains(&day)), "day", "1 to 31"),
            (self.every == Unit::Year || self.month.is_none(), "month", "it for `every` `year` only"),
            (self.month.is_none_or(|month| (1..=12).contains(&month)), "month", "1 to 12"),
            (by_month || self.on.is_none(), "on", "it for `every` `month` or `year` only"),
            (self.on.is_some() == self.which.is_some(), "which", "it together with `on`"),
            (self.on.is_none() || self.day.is_none(), "day", "either it or `which` and `on`"),
        ];
        let wrong = table.into_iter().find(|(fits, ..)| !fits);
        wrong.map_or(Ok(()), |(_, place, expected)| refuse(place, expected))
    }
}

fn bounds(unit: Unit) -> &'static str {
    match unit {
        Unit::Day => "1 to 999 days",
        Unit::Week => "1 to 99 weeks",
        Unit::Month => "1 to 99 months",
        Unit::Year => "1: Exchange has no other for years",
    }
}

fn kind_of_day(name: &str) -> Result<DayKind, Refusal> {
    match name {
        "Day" => Ok(DayKind::Day),
        "Weekday" => Ok(DayKind::Weekday),
        "WeekendDay" => Ok(DayKind::WeekendDay),
        day => day.parse().map(DayKind::One).or_else(|_unknown| {
            refuse("on", "a day of the week such as `Monday`, or `Day`, `Weekday`, `WeekendDay`")
        }),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn first() -> NaiveDate {
        "2027-03-01".parse().unwrap()
    }

    #[test]
    fn every_pattern_can_be_said() {
        let days = vec![Weekday::Tue, Weekday::Sun];
        let (last, day) = (DayIndex::Last, DayKind::Weekday);
        let monday = DayKind::One(Weekday::Mon);
        let table = [
            (json!("daily"), Pattern::Daily { interval: 1 }),
            (json!({ "every": "day", "interval": 3 }), Pattern::Daily { interval: 3 }),
            (
                json!({ "every": "week", "interval": 2, "days": ["Tuesday", "Sunday"], "first_day": "Sunday" }),
                Pattern::Weekly { interval: 2, days, first_day: Weekday::Sun },
            ),
            (json!("monthly"), Pattern::AbsoluteMonthly { interval: 1, day: 1 }),
            (json!({ "every": "month", "day": 31 }), Pattern::AbsoluteMonthly { interval: 1, day: 31 }),
            (
                json!({ "every": "month", "interval": 2, "which": "Last", "on": "Weekday" }),
                Pattern::RelativeMonthly { interval: 2, day, index: last },
            ),
            (
                json!({ "every": "year", "month": 2, "day": 29 }),
                Pattern::AbsoluteYearly { month: 2, day: 29 },
            ),
            (
                json!({ "every": "year", "month": 9, "which": "First", "on": "Monday" }),
                Pattern::RelativeYearly { month: 9, day: monday, index: DayIndex::First },
            ),
        ];
        for (repeats, expected) in table {
            assert_eq!(pattern(&repeats, first()).unwrap(), expected, "{repeats}");
        }
    }

    #[test]
    fn what_no_pattern_has_is_refused_by_name() {
        let table = [
            (json!("hourly"), "repeats"),
            (json!({ "every": "day", "interval": 0 }), "interval"),
            (json!({ "every": "year", "interval": 2 }), "interval"),
            (json!({ "every": "day", "days": ["Monday"] }), "days"),
            (json!({ "every": "week", "days": [] }), "days"),
            (json!({ "every": "week", "day": 3 }), "day"),
            (json!({ "every": "month", "day": 32 }), "day"),
            (json!({ "every": "month", "month": 3 }), "month"),
            (json!({ "every": "month", "on": "Monday" }), "which"),
            (json!({ "every": "month", "which": "First", "on": "Payday" }), "on"),
            (json!({ "every": "month", "which": "First", "on": "Monday", "day": 1 }), "day"),
        ];
        for (repeats, named) in table {
            let refused = pattern(&repeats, first()).unwrap_err();
            assert!(
                matches!(refused, Refusal::Value { place, .. } if place == named),
                "{repeats}: {refused}"
            );
        }
        for (times, until) in [(Some(0), None), (None, Some("2027-02-28")), (Some(1), Some("2027-03-02"))] {
            let until = until.map(|until| until.parse().unwrap());
            assert!(range(times, until, first()).is_err(), "{times:?} {until:?}");
        }
    }
}
