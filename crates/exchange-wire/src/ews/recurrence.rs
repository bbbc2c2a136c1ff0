//! RecurrenceType ([MS-OXWSCDATA] 2.2.4 RecurrencePatternTypes and RecurrenceRangeTypes).

use super::date_time;
use crate::xml::Element;
use chrono::{Datelike, NaiveDate, Weekday};
use meeting_model::recurrence::{DayIndex, DayKind, Pattern, RangeEnd, Recurrence};

/// From this year on an end means none (a convention of MAPI).
const NEVER: i32 = 4500;

/// Reads a `Recurrence`; `None` when it says something that cannot be understood.
pub(super) fn parse(recurrence: &Element) -> Option<Recurrence> {
    let (start_date, end) = recurrence.children.iter().find_map(range)?;
    let pattern = recurrence.children.iter().find_map(pattern)?;
    Some(Recurrence { pattern, start_date, end })
}

fn range(element: &Element) -> Option<(NaiveDate, RangeEnd)> {
    let end = match element.name.as_str() {
        "NoEndRecurrence" => RangeEnd::Never,
        "EndDateRecurrence" => match date_time::date(element.value("EndDate")?)? {
            date if date.year() >= NEVER => RangeEnd::Never,
            date => RangeEnd::On(date),
        },
        "NumberedRecurrence" => RangeEnd::After(at_least_one(element, "NumberOfOccurrences")?),
        _ => return None,
    };
    Some((date_time::date(element.value("StartDate")?)?, end))
}

fn pattern(element: &Element) -> Option<Pattern> {
    Some(match element.name.as_str() {
        "DailyRecurrence" => Pattern::Daily { interval: interval(element)? },
        "WeeklyRecurrence" => Pattern::Weekly {
            interval: interval(element)?,
            days: days(element)?,
            first_day_of_week: element.value("FirstDayOfWeek").and_then(weekday).unwrap_or(Weekday::Sun),
        },
        "AbsoluteMonthlyRecurrence" => {
            Pattern::AbsoluteMonthly { interval: interval(element)?, day_of_month: day_of_month(element)? }
        }
        "RelativeMonthlyRecurrence" => Pattern::RelativeMonthly {
            interval: interval(element)?,
            day: day_kind(element)?,
            index: index(element)?,
        },
        "AbsoluteYearlyRecurrence" => {
            Pattern::AbsoluteYearly { month: month(element)?, day_of_month: day_of_month(element)? }
        }
        "RelativeYearlyRecurrence" => Pattern::RelativeYearly {
            month: month(element)?,
            day: day_kind(element)?,
            index: index(element)?,
        },
        "DailyRegeneration" | "WeeklyRegeneration" | "MonthlyRegeneration" | "YearlyRegeneration" => {
            Pattern::Regenerating
        }
        _ => return None,
    })
}

/// `Interval`: every one where it is left out, and at most 999, as the schema says of days.
fn interval(element: &Element) -> Option<u32> {
    match element.value("Interval") {
        None => Some(1),
        Some(_) => at_least_one(element, "Interval").filter(|&interval| interval <= 999),
    }
}

fn at_least_one(element: &Element, name: &str) -> Option<u32> {
    element.value(name)?.parse().ok().filter(|&number| number >= 1)
}

fn day_of_month(element: &Element) -> Option<u32> {
    at_least_one(element, "DayOfMonth").filter(|&day| day <= 31)
}

/// The days of `DaysOfWeek`, its group words spelled out, Monday first.
fn days(element: &Element) -> Option<Vec<Weekday>> {
    let mut days = Vec::new();
    for word in element.value("DaysOfWeek")?.split_whitespace() {
        match word {
            "Day" => days.extend(WEEK),
            "Weekday" => days.extend(WEEK.into_iter().filter(|&day| !is_weekend(day))),
            "WeekendDay" => days.extend(WEEK.into_iter().filter(|&day| is_weekend(day))),
            word => days.push(weekday(word)?),
        }
    }
    days.sort_unstable_by_key(Weekday::num_days_from_monday);
    days.dedup();
    Some(days).filter(|days| !days.is_empty())
}

/// `DaysOfWeek` of a relative pattern: one word, or the days that the word would stand for.
pub(super) fn day_kind(element: &Element) -> Option<DayKind> {
    let days = days(element)?;
    match days.as_slice() {
        [day] => Some(DayKind::On(*day)),
        [Weekday::Sat, Weekday::Sun] => Some(DayKind::WeekendDay),
        [Weekday::Mon, .., Weekday::Fri] if days.len() == 5 => Some(DayKind::Weekday),
        _ if days.len() == WEEK.len() => Some(DayKind::Day),
        _ => None,
    }
}

pub(super) fn index(element: &Element) -> Option<DayIndex> {
    Some(match element.value("DayOfWeekIndex")? {
        "First" => DayIndex::First,
        "Second" => DayIndex::Second,
        "Third" => DayIndex::Third,
        "Fourth" => DayIndex::Fourth,
        "Last" => DayIndex::Last,
        _ => return None,
    })
}

pub(super) fn month(element: &Element) -> Option<u32> {
    let name: chrono::Month = element.value("Month")?.parse().ok()?;
    Some(name.number_from_month())
}

const WEEK: [Weekday; 7] =
    [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri, Weekday::Sat, Weekday::Sun];

fn is_weekend(day: Weekday) -> bool {
    matches!(day, Weekday::Sat | Weekday::Sun)
}

pub(super) fn weekday(name: &str) -> Option<Weekday> {
    name.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xml;

    const ENDLESS: &str = "<NoEndRecurrence><StartDate>2026-03-02</StartDate></NoEndRecurrence>";

    fn read(inside: &str) -> Option<Recurrence> {
        parse(&xml::parse(format!("<Recurrence>{inside}</Recurrence>").as_bytes()).unwrap())
    }

    fn read_pattern(inside: &str) -> Option<Pattern> {
        Some(read(&format!("{inside}{ENDLESS}"))?.pattern)
    }

    #[test]
    fn every_pattern() {
        let first = DayIndex::First;
        for (inside, expected) in [
            ("<DailyRecurrence><Interval>3</Interval></DailyRecurrence>", Pattern::Daily { interval: 3 }),
            (
                "<WeeklyRecurrence><Interval>2</Interval><DaysOfWeek>Weekday Sunday Monday</DaysOfWeek><FirstDayOfWeek>Monday</FirstDayOfWeek></WeeklyRecurrence>",
                Pattern::Weekly {
                    interval: 2,
                    days: vec![
                        Weekday::Mon,
                        Weekday::Tue,
                        Weekday::Wed,
                        Weekday::Thu,
                        Weekday::Fri,
                        Weekday::Sun,
                    ],
                    first_day_of_week: Weekday::Mon,
                },
            ),
            (
                "<WeeklyRecurrence><DaysOfWeek>Friday</DaysOfWeek></WeeklyRecurrence>",
                Pattern::Weekly { interval: 1, days: vec![Weekday::Fri], first_day_of_week: Weekday::Sun },
            ),
            (
                "<AbsoluteMonthlyRecurrence><Interval>24</Interval><DayOfMonth>31</DayOfMonth></AbsoluteMonthlyRecurrence>",
                Pattern::AbsoluteMonthly { interval: 24, day_of_month: 31 },
            ),
            (
                "<RelativeMonthlyRecurrence><Interval>1</Interval><DaysOfWeek>Weekday</DaysOfWeek><DayOfWeekIndex>Last</DayOfWeekIndex></RelativeMonthlyRecurrence>",
                Pattern::RelativeMonthly { interval: 1, day: DayKind::Weekday, index: DayIndex::Last },
            ),
            (
                "<AbsoluteYearlyRecurrence><DayOfMonth>29</DayOfMonth><Month>February</Month></AbsoluteYearlyRecurrence>",
                Pattern::AbsoluteYearly { month: 2, day_of_month: 29 },
            ),
            (
                "<RelativeYearlyRecurrence><DaysOfWeek>Saturday Sunday</DaysOfWeek><DayOfWeekIndex>First</DayOfWeekIndex><Month>March</Month></RelativeYearlyRecurrence>",
                Pattern::RelativeYearly { month: 3, day: DayKind::WeekendDay, index: first },
            ),
            ("<WeeklyRegeneration><Interval>1</Interval></WeeklyRegeneration>", Pattern::Regenerating),
        ] {
            assert_eq!(read_pattern(inside), Some(expected), "{inside}");
        }
    }

    #[test]
    fn every_range() {
        let day = |day| NaiveDate::from_ymd_opt(2026, 3, day).unwrap();
        for (range, expected) in [
            ("<NoEndRecurrence><StartDate>2026-03-02+01:00</StartDate></NoEndRecurrence>", RangeEnd::Never),
            (
                "<EndDateRecurrence><StartDate>2026-03-02T00:00:00.000000Z</StartDate><EndDate>2026-03-30Z</EndDate></EndDateRecurrence>",
                RangeEnd::On(day(30)),
            ),
            (
                "<EndDateRecurrence><StartDate>2026-03-02</StartDate><EndDate>4500-08-31</EndDate></EndDateRecurrence>",
                RangeEnd::Never,
            ),
            (
                "<NumberedRecurrence><StartDate>2026-03-02</StartDate><NumberOfOccurrences>10</NumberOfOccurrences></NumberedRecurrence>",
                RangeEnd::After(10),
            ),
        ] {
            let recurrence = read(&format!("{range}<DailyRecurrence/>")).unwrap();
            assert_eq!((recurrence.start_date, recurrence.end), (day(2), expected), "{range}");
        }
    }

    #[test]
    fn what_cannot_be_understood_is_none() {
        for inside in [
            "<LunarRecurrence/>",
            "<DailyRecurrence><Interval>0</Interval></DailyRecurrence>",
            "<DailyRecurrence><Interval>1000</Interval></DailyRecurrence>",
            "<WeeklyRecurrence><DaysOfWeek>Someday</DaysOfWeek></WeeklyRecurrence>",
            "<WeeklyRecurrence><Interval>1</Interval></WeeklyRecurrence>",
            "<AbsoluteMonthlyRecurrence><DayOfMonth>32</DayOfMonth></AbsoluteMonthlyRecurrence>",
            "<RelativeMonthlyRecurrence><DaysOfWeek>Monday Friday</DaysOfWeek><DayOfWeekIndex>First</DayOfWeekIndex></RelativeMonthlyRecurrence>",
            "<AbsoluteYearlyRecurrence><DayOfMonth>1</DayOfMonth><Month>Smarch</Month></AbsoluteYearlyRecurrence>",
        ] {
            assert_eq!(read_pattern(inside), None, "{inside}");
        }
        assert_eq!(read("<DailyRecurrence/>"), None);
    }
}
