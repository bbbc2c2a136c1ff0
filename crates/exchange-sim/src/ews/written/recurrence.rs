//! Reading a recurrence ([MS-OXWSCDATA] RecurrenceType).

use chrono::{Datelike as _, NaiveDate, Weekday};

use crate::ews::soap::EwsError;
use crate::recurrence::{DayIndex, DayKind, Pattern, Range, Recurrence};
use crate::xml::Element;

pub(super) fn read(recurrence: &Element) -> Result<Recurrence, EwsError> {
    let [pattern, range] = recurrence.children.as_slice() else {
        return Err(EwsError::of("ErrorSchemaValidation"));
    };
    let start = date(range, "StartDate")?;
    Ok(Recurrence { pattern: self::pattern(pattern, start)?, start, range: self::range(range)? })
}

fn invalid() -> EwsError {
    EwsError::of("ErrorCalendarInvalidRecurrence")
}

fn pattern(pattern: &Element, start: NaiveDate) -> Result<Pattern, EwsError> {
    let interval = |most: u32| number(pattern, "Interval", most);
    let month = || month(pattern.text_of("Month").unwrap_or_default());
    Ok(match pattern.name.as_str() {
        "DailyRecurrence" => Pattern::Daily { interval: interval(999)? },
        "WeeklyRecurrence" => {
            let first_day = pattern.text_of("FirstDayOfWeek").map_or(Ok(Weekday::Sun), weekday)?;
            Pattern::Weekly { interval: interval(99)?, days: days(pattern, start)?, first_day }
        }
        "AbsoluteMonthlyRecurrence" => {
            Pattern::AbsoluteMonthly { interval: interval(99)?, day: number(pattern, "DayOfMonth", 31)? }
        }
        "RelativeMonthlyRecurrence" => {
            let (day, index) = relative(pattern)?;
            Pattern::RelativeMonthly { interval: interval(99)?, day, index }
        }
        "AbsoluteYearlyRecurrence" => {
            Pattern::AbsoluteYearly { month: month()?, day: number(pattern, "DayOfMonth", 31)? }
        }
        "RelativeYearlyRecurrence" => {
            let (day, index) = relative(pattern)?;
            Pattern::RelativeYearly { month: month()?, day, index }
        }
        _ => return Err(invalid()),
    })
}

fn range(range: &Element) -> Result<Range, EwsError> {
    match range.name.as_str() {
        "NoEndRecurrence" => Ok(Range::NoEnd),
        "EndDateRecurrence" => date(range, "EndDate").map(Range::Until),
        "NumberedRecurrence" => number(range, "NumberOfOccurrences", 999).map(Range::Count),
        _ => Err(invalid()),
    }
}

/// A civil date as written; an offset or a time behind it does not matter.
fn date(range: &Element, name: &str) -> Result<NaiveDate, EwsError> {
    let text = range.text_of(name).and_then(|text| text.get(..10));
    text.and_then(|text| text.parse().ok()).ok_or_else(invalid)
}

fn number(element: &Element, name: &str, most: u32) -> Result<u32, EwsError> {
    let number = element.text_of(name).and_then(|text| text.parse().ok());
    number.filter(|number| (1..=most).contains(number)).ok_or_else(invalid)
}

fn days(pattern: &Element, start: NaiveDate) -> Result<Vec<Weekday>, EwsError> {
    let week = || start.week(Weekday::Mon).first_day().iter_days().take(7);
    let mut days = Vec::new();
    for word in pattern.text_of("DaysOfWeek").unwrap_or_default().split_whitespace() {
        let kind = day_kind(word)?;
        days.extend(week().filter(|date| kind.matches(*date)).map(|date| date.weekday()));
    }
    if days.is_empty() { Err(invalid()) } else { Ok(days) }
}

fn relative(pattern: &Element) -> Result<(DayKind, DayIndex), EwsError> {
    let index = match pattern.text_of("DayOfWeekIndex").unwrap_or_default() {
        "First" => DayIndex::First,
        "Second" => DayIndex::Second,
        "Third" => DayIndex::Third,
        "Fourth" => DayIndex::Fourth,
        "Last" => DayIndex::Last,
        _ => return Err(invalid()),
    };
    Ok((day_kind(pattern.text_of("DaysOfWeek").unwrap_or_default())?, index))
}

fn day_kind(word: &str) -> Result<DayKind, EwsError> {
    match word {
        "Day" => Ok(DayKind::Day),
        "Weekday" => Ok(DayKind::Weekday),
        "WeekendDay" => Ok(DayKind::WeekendDay),
        day => weekday(day).map(DayKind::One),
    }
}

/// The schema's words are the English names in full.
fn weekday(word: &str) -> Result<Weekday, EwsError> {
    let full = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
    word.parse().ok().filter(|_| full.contains(&word)).ok_or_else(invalid)
}

fn month(word: &str) -> Result<u32, EwsError> {
    let month: chrono::Month = word.parse().map_err(|_unknown| invalid())?;
    Ok(month.number_from_month())
}
