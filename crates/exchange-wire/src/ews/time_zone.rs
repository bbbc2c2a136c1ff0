//! The zone an item was made in: its name, and the rules that it brings along (rule T2).

use super::{date_time, recurrence};
use crate::xml::Element;
use chrono::{NaiveDateTime, NaiveTime, Timelike};
use meeting_model::{
    recurrence::{DayIndex, DayKind},
    zone::{
        ZoneRef,
        rules::{Change, ChangeDay, Era, ZoneRules},
    },
};

/// The zone of a CalendarItem: the first of the places where servers name it, and rules where it holds any.
pub(super) fn of_item(item: &Element) -> ZoneRef {
    let attribute =
        |name, attribute| item.children_named(name).find_map(move |zone| zone.attribute(attribute));
    let name = attribute("StartTimeZone", "Id")
        .or_else(|| item.value("StartTimeZoneId"))
        .or_else(|| attribute("MeetingTimeZone", "TimeZoneName"))
        .or_else(|| item.value("TimeZone"));
    let rules = item
        .children_named("StartTimeZone")
        .find_map(definition)
        .or_else(|| item.children_named("MeetingTimeZone").find_map(meeting_time_zone));
    match (name, rules) {
        (name, Some(rules)) => ZoneRef::Own { name: name.unwrap_or_default().to_owned(), rules },
        (Some(name), None) => ZoneRef::Named(name.to_owned()),
        (None, None) => ZoneRef::Unstated,
    }
}

/// TimeZoneDefinitionType ([MS-OXWSGTZ] 2.2.4.10); `None` where it holds no rules, or rules that cannot be understood.
fn definition(zone: &Element) -> Option<ZoneRules> {
    let periods = zone.child("Periods")?;
    let transitions = zone.child("Transitions")?;
    let eras = transitions.children.iter().map(|transition| {
        let from = match transition.name.as_str() {
            "AbsoluteDateTransition" => Some(wall(transition.value("DateTime")?)?),
            _ => None,
        };
        let target = transition.child("To")?;
        if target.attribute("Kind") == Some("Period") {
            let offset = east(period(periods, target.text().trim())?)?;
            return Some(Era { from, offset, changes: Vec::new() });
        }
        let groups = zone.child("TransitionsGroups")?;
        let group = groups.children.iter().find(|group| group.attribute("Id") == Some(target.text().trim()));
        era(from, group?, periods)
    });
    ZoneRules::of_eras(eras.collect::<Option<_>>()?)
}

/// What a TransitionsGroup says of every year: the clocks rest in its standard period.
fn era(from: Option<NaiveDateTime>, group: &Element, periods: &Element) -> Option<Era> {
    let targets = group.children.iter().map(|transition| period(periods, transition.value("To")?));
    let targets = targets.collect::<Option<Vec<_>>>()?;
    let standard = targets.iter().find(|period| period.attribute("Name") == Some("Standard"));
    let offset = east(standard.or_else(|| targets.last())?)?;
    let recurring =
        group.children.iter().zip(&targets).filter(|(transition, _)| transition.name != "Transition");
    let changes = recurring.map(|(transition, period)| change(transition, east(period)?));
    Some(Era { from, offset, changes: changes.collect::<Option<_>>()? })
}

fn change(transition: &Element, offset: i32) -> Option<Change> {
    let number = |name| transition.value(name)?.parse::<i32>().ok();
    let month = u32::try_from(number("Month")?).ok()?;
    let day = match transition.name.as_str() {
        "RecurringDateTransition" => ChangeDay::Date { month, day: u32::try_from(number("Day")?).ok()? },
        "RecurringDayTransition" => ChangeDay::Weekday {
            month,
            weekday: transition.value("DayOfWeek").and_then(recurrence::weekday)?,
            index: match number("Occurrence")? {
                1 => DayIndex::First,
                2 => DayIndex::Second,
                3 => DayIndex::Third,
                4 => DayIndex::Fourth,
                5 | -1 => DayIndex::Last,
                _ => return None,
            },
        },
        _ => return None,
    };
    let seconds = date_time::duration(transition.value("TimeOffset")?)?;
    Some(Change { offset, day, seconds, from: None, until: None })
}

fn period<'a>(periods: &'a Element, id: &str) -> Option<&'a Element> {
    periods.children.iter().find(|period| period.attribute("Id") == Some(id))
}

/// A period's offset: `Bias` is what is added to its clocks for UTC.
fn east(period: &Element) -> Option<i32> {
    Some(-date_time::duration(period.attribute("Bias")?)?)
}

/// TimeZoneType ([MS-OXWSMTGS] 2.2.4.36), of Exchange 2007; `None` where it only names a zone.
fn meeting_time_zone(zone: &Element) -> Option<ZoneRules> {
    let base = date_time::duration(zone.value("BaseOffset")?)?;
    let (Some(standard), Some(daylight)) = (zone.child("Standard"), zone.child("Daylight")) else {
        return Some(ZoneRules::new(-base, Vec::new()));
    };
    let offset = |change: &Element| Some(-(base + date_time::duration(change.value("Offset")?)?));
    let resting = offset(standard)?;
    let mut changes = Vec::new();
    for change in [standard, daylight] {
        // Without a day the clocks are never changed.
        let Some(day) = change_day(change) else { continue };
        let time: NaiveTime = change.value("Time")?.get(..8)?.parse().ok()?;
        let seconds = i32::try_from(time.num_seconds_from_midnight()).ok()?;
        changes.push(Change { offset: offset(change)?, day, seconds, from: None, until: None });
    }
    Some(ZoneRules::new(resting, changes))
}

fn change_day(change: &Element) -> Option<ChangeDay> {
    if let Some(date) = change.value("AbsoluteDate") {
        return Some(ChangeDay::Once(date_time::date(date)?));
    }
    let yearly = change.child("RelativeYearlyRecurrence")?;
    match recurrence::day_kind(yearly)? {
        DayKind::On(weekday) => Some(ChangeDay::Weekday {
            month: recurrence::month(yearly)?,
            weekday,
            index: recurrence::index(yearly)?,
        }),
        DayKind::Day | DayKind::Weekday | DayKind::WeekendDay => None,
    }
}

/// A wall time as it is written, whatever offset stands behind it.
fn wall(text: &str) -> Option<NaiveDateTime> {
    text.get(..19)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xml;
    use chrono::{DateTime, Utc};

    fn rules(inside: &str) -> Option<ZoneRules> {
        match of_item(&xml::parse(format!("<CalendarItem>{inside}</CalendarItem>").as_bytes()).unwrap()) {
            ZoneRef::Own { rules, .. } => Some(rules),
            ZoneRef::Named(_) | ZoneRef::Unstated => None,
        }
    }

    fn walls(rules: &ZoneRules, instant: &str) -> String {
        rules.local(instant.parse::<DateTime<Utc>>().unwrap()).format("%m-%d %H:%M").to_string()
    }

    /// Eastern Time: other dates before 2007 than since.
    const EASTERN: &str = r#"<StartTimeZone Id=""><Periods>
        <Period Bias="PT5H" Name="Standard" Id="6s"/><Period Bias="PT4H" Name="Daylight" Id="6d"/>
        <Period Bias="PT5H" Name="Standard" Id="7s"/><Period Bias="PT4H" Name="Daylight" Id="7d"/></Periods>
        <TransitionsGroups><TransitionsGroup Id="0">
        <RecurringDayTransition><To Kind="Period">6d</To><TimeOffset>PT2H</TimeOffset><Month>4</Month>
        <DayOfWeek>Sunday</DayOfWeek><Occurrence>1</Occurrence></RecurringDayTransition>
        <RecurringDayTransition><To Kind="Period">6s</To><TimeOffset>PT2H</TimeOffset><Month>10</Month>
        <DayOfWeek>Sunday</DayOfWeek><Occurrence>-1</Occurrence></RecurringDayTransition></TransitionsGroup>
        <TransitionsGroup Id="1">
        <RecurringDayTransition><To Kind="Period">7d</To><TimeOffset>PT2H</TimeOffset><Month>3</Month>
        <DayOfWeek>Sunday</DayOfWeek><Occurrence>2</Occurrence></RecurringDayTransition>
        <RecurringDayTransition><To Kind="Period">7s</To><TimeOffset>PT2H</TimeOffset><Month>11</Month>
        <DayOfWeek>Sunday</DayOfWeek><Occurrence>1</Occurrence></RecurringDayTransition></TransitionsGroup>
        </TransitionsGroups><Transitions><Transition><To Kind="Group">0</To></Transition>
        <AbsoluteDateTransition><To Kind="Group">1</To><DateTime>2007-01-01T00:00:00</DateTime></AbsoluteDateTransition>
        </Transitions></StartTimeZone>"#;

    #[test]
    fn definitions_hold_by_their_dates() {
        let eastern = rules(EASTERN).unwrap();
        for (instant, expected) in [
            ("2006-03-20T12:00:00Z", "03-20 07:00"),
            ("2006-04-02T06:59:00Z", "04-02 01:59"),
            ("2006-04-02T07:00:00Z", "04-02 03:00"),
            ("2026-03-20T12:00:00Z", "03-20 08:00"),
            ("2026-11-01T05:59:00Z", "11-01 01:59"),
            ("2026-11-01T06:00:00Z", "11-01 01:00"),
        ] {
            assert_eq!(walls(&eastern, instant), expected, "{instant}");
        }
    }

    #[test]
    fn definitions_without_summer_time_and_by_dates_of_the_year() {
        let still = r#"<StartTimeZone Id="x"><Periods><Period Bias="-PT5H30M" Name="Standard" Id="s"/></Periods>
            <TransitionsGroups><TransitionsGroup Id="0"><Transition><To Kind="Period">s</To></Transition></TransitionsGroup>
            </TransitionsGroups><Transitions><Transition><To Kind="Group">0</To></Transition></Transitions></StartTimeZone>"#;
        assert_eq!(walls(&rules(still).unwrap(), "2026-07-01T00:00:00Z"), "07-01 05:30");
        let direct = r#"<StartTimeZone><Periods><Period Bias="P0D" Id="s"/></Periods><Transitions><Transition>
            <To Kind="Period">s</To></Transition></Transitions></StartTimeZone>"#;
        assert_eq!(walls(&rules(direct).unwrap(), "2026-07-01T00:00:00Z"), "07-01 00:00");
        let dates = r#"<StartTimeZone><Periods><Period Bias="PT0S" Name="Standard" Id="s"/>
            <Period Bias="-PT60M" Name="Daylight" Id="d"/></Periods><TransitionsGroups><TransitionsGroup Id="0">
            <RecurringDateTransition><To Kind="Period">d</To><TimeOffset>PT0H</TimeOffset><Month>6</Month><Day>15</Day>
            </RecurringDateTransition><RecurringDateTransition><To Kind="Period">s</To><TimeOffset>PT1H</TimeOffset>
            <Month>9</Month><Day>15</Day></RecurringDateTransition></TransitionsGroup></TransitionsGroups>
            <Transitions><Transition><To Kind="Group">0</To></Transition></Transitions></StartTimeZone>"#;
        let dates = rules(dates).unwrap();
        assert_eq!(walls(&dates, "2026-06-14T23:59:00Z"), "06-14 23:59");
        assert_eq!(walls(&dates, "2026-06-15T00:00:00Z"), "06-15 01:00");
        assert_eq!(walls(&dates, "2026-09-15T00:00:00Z"), "09-15 00:00");
    }

    #[test]
    fn meeting_time_zones_are_rules_as_well() {
        let berlin = r#"<MeetingTimeZone TimeZoneName="Mitteleuropäische Zeit"><BaseOffset>-PT1H</BaseOffset>
            <Standard><Offset>PT0H</Offset><RelativeYearlyRecurrence><DaysOfWeek>Sunday</DaysOfWeek>
            <DayOfWeekIndex>Last</DayOfWeekIndex><Month>October</Month></RelativeYearlyRecurrence><Time>03:00:00</Time></Standard>
            <Daylight><Offset>-PT1H</Offset><RelativeYearlyRecurrence><DaysOfWeek>Sunday</DaysOfWeek>
            <DayOfWeekIndex>Last</DayOfWeekIndex><Month>March</Month></RelativeYearlyRecurrence><Time>02:00:00.0Z</Time></Daylight>
            </MeetingTimeZone>"#;
        let berlin = rules(berlin).unwrap();
        for (instant, expected) in [
            ("2026-03-29T00:59:00Z", "03-29 01:59"),
            ("2026-03-29T01:00:00Z", "03-29 03:00"),
            ("2026-10-25T00:59:00Z", "10-25 02:59"),
            ("2026-10-25T01:00:00Z", "10-25 02:00"),
        ] {
            assert_eq!(walls(&berlin, instant), expected, "{instant}");
        }
        let still = "<MeetingTimeZone><BaseOffset>PT3H30M</BaseOffset></MeetingTimeZone>";
        assert_eq!(walls(&rules(still).unwrap(), "2026-07-01T12:00:00Z"), "07-01 08:30");
    }

    #[test]
    fn what_cannot_be_understood_leaves_the_name() {
        for inside in [
            r#"<StartTimeZone Id="x"/>"#,
            r#"<StartTimeZone Id="x"><Periods/><Transitions/></StartTimeZone>"#,
            &EASTERN.replace("PT2H", "two").replace("Id=\"\"", "Id=\"x\""),
            &EASTERN.replace("<Occurrence>2", "<Occurrence>9").replace("Id=\"\"", "Id=\"x\""),
            &EASTERN.replace("Kind=\"Group\">1", "Kind=\"Group\">7").replace("Id=\"\"", "Id=\"x\""),
            r#"<MeetingTimeZone TimeZoneName="x"/>"#,
        ] {
            let item = xml::parse(format!("<CalendarItem>{inside}</CalendarItem>").as_bytes()).unwrap();
            assert_eq!(of_item(&item), ZoneRef::Named("x".to_owned()), "{inside}");
        }
        let bare = xml::parse(b"<CalendarItem/>").unwrap();
        assert_eq!(of_item(&bare), ZoneRef::Unstated);
    }
}
