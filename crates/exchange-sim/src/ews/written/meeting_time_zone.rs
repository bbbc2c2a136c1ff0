//! Reading the one zone of an item before 2010 ([MS-OXWSCDATA] TimeZoneType).
//!
//! A zone that nobody knows by name is one of Windows that has the same rules in the year that it is.

use chrono::{Datelike as _, Duration};

use crate::Zone;
use crate::ews::Call;
use crate::ews::soap::EwsError;
use crate::ews::zone_rules::{Change, ZoneRules};
use crate::xml::Element;

pub(super) fn read(call: &Call<'_>, written: &Element) -> Result<Zone, EwsError> {
    let named = written.attribute("TimeZoneName").and_then(|name| call.world.zone(name));
    let alike = || {
        let rules = Rules::read(written)?;
        let year = call.now().year();
        Zone::all().into_iter().find(|zone| rules.are_of(zone, year))
    };
    named.or_else(alike).ok_or_else(|| EwsError::of("ErrorTimeZone"))
}

/// What a zone's clocks do every year, in seconds ahead of UTC.
struct Rules<'a> {
    standard: i32,
    daylight: Option<(i32, &'a Element, &'a Element)>,
}

impl<'a> Rules<'a> {
    fn read(written: &'a Element) -> Option<Self> {
        let base = seconds(written.text_of("BaseOffset")?)?;
        let ahead = |season: &Element| Some(-base - seconds(season.text_of("Offset")?)?);
        let (Some(winter), Some(summer)) = (written.child("Standard"), written.child("Daylight")) else {
            return Some(Self { standard: -base, daylight: None });
        };
        Some(Self { standard: ahead(winter)?, daylight: Some((ahead(summer)?, winter, summer)) })
    }

    fn are_of(&self, zone: &Zone, year: i32) -> bool {
        let rules = ZoneRules::of(zone, year);
        let begins = |season: &Element, to_daylight| {
            let mut changes = rules.changes.iter().filter(|change| change.to_daylight == to_daylight);
            changes.any(|change| begins(season, change, zone))
        };
        rules.standard == self.standard
            && rules.daylight == self.daylight.map(|(ahead, ..)| ahead)
            && self.daylight.is_none_or(|(_, winter, summer)| begins(winter, false) && begins(summer, true))
    }
}

/// Whether a season begins with a change of the clocks.
fn begins(season: &Element, change: &Change, zone: &Zone) -> bool {
    let wall = change.wall;
    let says = |path: &[&str], text: &str| season.path(path).is_some_and(|element| element.text() == text);
    let index = match change.occurrence(zone) {
        1 => "First",
        2 => "Second",
        3 => "Third",
        4 => "Fourth",
        _ => "Last",
    };
    says(&["RelativeYearlyRecurrence", "DaysOfWeek"], &wall.format("%A").to_string())
        && says(&["RelativeYearlyRecurrence", "DayOfWeekIndex"], index)
        && says(&["RelativeYearlyRecurrence", "Month"], &wall.format("%B").to_string())
        && season.text_of("Time").is_some_and(|time| time.starts_with(&wall.format("%H:%M").to_string()))
}

/// The seconds of an XML Schema duration of less than a day (Part 2 §3.2.6).
fn seconds(text: &str) -> Option<i32> {
    let (sign, text) = text.strip_prefix('-').map_or((1, text), |text| (-1, text));
    let (mut sum, mut number) = (Duration::zero(), String::new());
    for letter in text.strip_prefix("PT")?.chars() {
        if letter.is_ascii_digit() {
            number.push(letter);
            continue;
        }
        let count = number.parse().ok().filter(|count| (0..=86_400).contains(count))?;
        sum += match letter {
            'H' => Duration::try_hours(count)?,
            'M' => Duration::try_minutes(count)?,
            'S' => Duration::try_seconds(count)?,
            _ => return None,
        };
        number.clear();
    }
    let whole = number.is_empty().then_some(sum.num_seconds())?;
    i32::try_from(whole).ok().map(|seconds| sign * seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zone_is_known_by_its_rules() {
        let season = |name: &str, offset: &str, day: &str, month: &str, time: &str| {
            format!(
                "<{name}><Offset>{offset}</Offset><RelativeYearlyRecurrence><DaysOfWeek>Sunday</DaysOfWeek>\
                 <DayOfWeekIndex>{day}</DayOfWeekIndex><Month>{month}</Month></RelativeYearlyRecurrence>\
                 <Time>{time}</Time></{name}>"
            )
        };
        let zone = |base: &str, seasons: &[String]| {
            format!("<MeetingTimeZone><BaseOffset>{base}</BaseOffset>{}</MeetingTimeZone>", seasons.concat())
        };
        let pacific = zone(
            "PT8H",
            &[
                season("Standard", "PT0H", "First", "November", "02:00:00.0000000"),
                season("Daylight", "-PT1H", "Second", "March", "02:00:00"),
            ],
        );
        let table = [
            (pacific.as_str(), "Pacific Standard Time", true),
            (pacific.as_str(), "Mountain Standard Time", false),
            (pacific.as_str(), "W. Europe Standard Time", false),
            (&zone("-PT5H30M", &[]), "India Standard Time", true),
            (&zone("-PT5H30M", &[]), "Nepal Standard Time", false),
        ];
        for (written, id, expected) in table {
            let written = Element::parse(written.as_bytes()).unwrap();
            let rules = Rules::read(&written).unwrap();
            assert_eq!(rules.are_of(&Zone::windows(id).unwrap(), 2026), expected, "{id}");
        }
    }

    #[test]
    fn durations_are_read_in_seconds() {
        let table = [
            ("PT0H", Some(0)),
            ("-PT1H", Some(-3_600)),
            ("PT3H30M", Some(12_600)),
            ("-PT60M", Some(-3_600)),
            ("PT0S", Some(0)),
            ("P1D", None),
            ("PT1", None),
            ("PT99999999999999999999H", None),
        ];
        for (text, expected) in table {
            assert_eq!(seconds(text), expected, "{text}");
        }
    }
}
