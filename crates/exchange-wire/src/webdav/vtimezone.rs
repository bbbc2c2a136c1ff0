//! VTIMEZONE (RFC 5545 §3.6.5), as `urn:schemas:calendar:timezone` holds it: the clocks of the zone that an appointment was
//! made in.

use chrono::{DateTime, NaiveDateTime, NaiveTime, TimeDelta, Timelike, Utc, Weekday};
use meeting_model::{
    recurrence::DayIndex,
    zone::{
        ZoneRef,
        rules::{Change, ChangeDay, ZoneRules},
    },
};
use std::ops::Range;

/// Reads a zone; `None` where it holds no rules, or rules that cannot be understood.
pub(super) fn parse(text: &str) -> Option<ZoneRef> {
    let text = text.replace("\r\n ", "").replace("\n ", "").replace("\n\t", "");
    let (mut name, mut observances, mut open) = (String::new(), Vec::new(), None);
    for line in text.lines() {
        let (key, value) = line.trim().split_once(':')?;
        let key = key.split(';').next().unwrap_or_default().to_ascii_uppercase();
        match (key.as_str(), value.trim()) {
            ("BEGIN", "STANDARD" | "DAYLIGHT") => open = Some(Observance::default()),
            ("END", "STANDARD" | "DAYLIGHT") => observances.push(open.take()?),
            ("TZID", value) => value.clone_into(&mut name),
            (key, value) => {
                if let Some(observance) = &mut open {
                    observance.take(key, value)?;
                }
            }
        }
    }
    // before the first change the clocks are where that one leaves
    let first = observances.iter().min_by_key(|one| one.start)?.before;
    let rules = match observances.as_slice() {
        // one observance alone holds always
        [only] => ZoneRules::new(only.offset, Vec::new()),
        _ => ZoneRules::new(first, observances.iter().flat_map(Observance::changes).collect()),
    };
    Some(ZoneRef::Own { name, rules })
}

/// One STANDARD or DAYLIGHT.
#[derive(Default)]
struct Observance {
    start: NaiveDateTime,
    before: i32,
    offset: i32,
    rule: Option<Rule>,
    dates: Vec<NaiveDateTime>,
}

/// A yearly RRULE.
#[derive(Default)]
struct Rule {
    month: u32,
    day: Option<(Weekday, DayIndex)>,
    until: Option<DateTime<Utc>>,
}

impl Observance {
    fn take(&mut self, key: &str, value: &str) -> Option<()> {
        match key {
            "DTSTART" => self.start = wall(value)?,
            "TZOFFSETFROM" => self.before = offset(value)?,
            "TZOFFSETTO" => self.offset = offset(value)?,
            "RDATE" => self.dates = value.split(',').map(wall).collect::<Option<_>>()?,
            "RRULE" => self.rule = Some(rule(value)?),
            _ => {}
        }
        Some(())
    }

    fn changes(&self) -> Vec<Change> {
        let from = Some(self.start);
        let change = |day, wall: NaiveDateTime| Change {
            offset: self.offset,
            day,
            seconds: i32::try_from(wall.num_seconds_from_midnight()).unwrap_or_default(),
            from,
            until: self.until(),
        };
        let Some(rule) = &self.rule else {
            let once = std::iter::once(&self.start).chain(&self.dates);
            return once.map(|wall| change(ChangeDay::Once(wall.date()), *wall)).collect();
        };
        let month = rule.month;
        let day = match rule.day {
            Some((weekday, index)) => ChangeDay::Weekday { month, weekday, index },
            None => ChangeDay::Date { month, day: chrono::Datelike::day(&self.start) },
        };
        vec![change(day, self.start)]
    }

    /// UNTIL is said in UTC; a change's last moment is on its walls.
    fn until(&self) -> Option<NaiveDateTime> {
        let until = self.rule.as_ref()?.until?;
        until.naive_utc().checked_add_signed(TimeDelta::seconds(self.before.into()))
    }
}

fn rule(text: &str) -> Option<Rule> {
    let mut rule = Rule::default();
    for part in text.split(';') {
        match part.split_once('=')? {
            ("FREQ", "YEARLY") => {}
            ("FREQ", _) => return None,
            ("BYMONTH", month) => rule.month = month.parse().ok()?,
            ("BYDAY", day) => rule.day = Some(day_of(day)?),
            ("UNTIL", until) => rule.until = Some(wall(until.trim_end_matches('Z'))?.and_utc()),
            _ => {}
        }
    }
    (1..=12).contains(&rule.month).then_some(rule)
}

/// `1SU`, `-1SU`.
fn day_of(text: &str) -> Option<(Weekday, DayIndex)> {
    let (index, day) = text.split_at_checked(text.len().checked_sub(2)?)?;
    let index = match index.trim_start_matches('+') {
        "1" => DayIndex::First,
        "2" => DayIndex::Second,
        "3" => DayIndex::Third,
        "4" => DayIndex::Fourth,
        "5" | "-1" => DayIndex::Last,
        _ => return None,
    };
    let weekday = match day {
        "MO" => Weekday::Mon,
        "TU" => Weekday::Tue,
        "WE" => Weekday::Wed,
        "TH" => Weekday::Thu,
        "FR" => Weekday::Fri,
        "SA" => Weekday::Sat,
        "SU" => Weekday::Sun,
        _ => return None,
    };
    Some((weekday, index))
}

fn wall(text: &str) -> Option<NaiveDateTime> {
    let text = text.trim_end_matches('Z');
    let date = text.get(..8)?;
    let time = text.get(9..).filter(|time| !time.is_empty()).unwrap_or("000000");
    let date = chrono::NaiveDate::parse_from_str(date, "%Y%m%d").ok()?;
    Some(date.and_time(NaiveTime::parse_from_str(time, "%H%M%S").ok()?))
}

/// `+0100`, `-053000`: seconds east.
fn offset(text: &str) -> Option<i32> {
    let (sign, digits) = match text.split_at_checked(1)? {
        ("-", digits) => (-1, digits),
        ("+", digits) => (1, digits),
        _ => (1, text),
    };
    let number = |range: Range<usize>| digits.get(range)?.parse::<i32>().ok();
    let seconds = number(4..6).unwrap_or_default();
    Some(sign * (number(0..2)? * 3600 + number(2..4)? * 60 + seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    const BERLIN: &str = "BEGIN:VTIMEZONE\r\nTZID:(GMT+01.00) Somewhere/Else\r\nX-MICROSOFT-CDO-TZID:4\r\nBEGIN:STANDARD\r\n\
        DTSTART:16010101T030000\r\nTZOFFSETFROM:+0200\r\nTZOFFSETTO:+0100\r\n\
        RRULE:FREQ=YEARLY;WKST=MO;INTERVAL=1;BYMONTH=10;BYDAY=-1S\r\n U\r\nEND:STANDARD\r\nBEGIN:DAYLIGHT\r\n\
        DTSTART:16010101T020000\r\nTZOFFSETFROM:+0100\r\nTZOFFSETTO:+0200\r\n\
        RRULE:FREQ=YEARLY;WKST=MO;INTERVAL=1;BYMONTH=3;BYDAY=-1SU\r\nEND:DAYLIGHT\r\nEND:VTIMEZONE\r\n";

    fn walls(text: &str, instant: &str) -> String {
        let Some(ZoneRef::Own { rules, .. }) = parse(text) else { panic!("{text}") };
        rules.local(instant.parse().unwrap()).format("%m-%d %H:%M").to_string()
    }

    #[test]
    fn summer_time_begins_and_ends() {
        for (instant, expected) in [
            ("2008-03-30T00:59:00Z", "03-30 01:59"),
            ("2008-03-30T01:00:00Z", "03-30 03:00"),
            ("2008-10-26T00:59:00Z", "10-26 02:59"),
            ("2008-10-26T01:00:00Z", "10-26 02:00"),
        ] {
            // a property's line ends come back as LF alone
            assert_eq!(walls(&BERLIN.replace("\r\n", "\n"), instant), expected, "{instant}");
            assert_eq!(walls(BERLIN, instant), expected, "{instant}");
        }
    }

    #[test]
    fn zones_without_summer_time_and_rules_that_end() {
        let india = "BEGIN:VTIMEZONE\nTZID:India\nBEGIN:STANDARD\nDTSTART:16010101T000000\nTZOFFSETFROM:+0530\n\
            TZOFFSETTO:+0530\nEND:STANDARD\nEND:VTIMEZONE";
        assert_eq!(walls(india, "2008-07-01T00:00:00Z"), "07-01 05:30");
        let ended = BERLIN.replace("BYMONTH=3;", "BYMONTH=3;UNTIL=20070325T010000Z;");
        assert_eq!(walls(&ended, "2007-07-01T12:00:00Z"), "07-01 14:00");
        assert_eq!(walls(&ended, "2008-07-01T12:00:00Z"), "07-01 13:00");
    }

    #[test]
    fn what_cannot_be_understood_is_none() {
        for text in ["", "TZID:x", &BERLIN.replace("YEARLY", "DAILY"), &BERLIN.replace("+0200", "east")] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
