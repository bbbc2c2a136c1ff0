//! The time zone of an availability request ([MS-OXWAVLS] SerializableTimeZone).

use chrono::{DateTime, Datelike as _, Duration, NaiveDate, NaiveDateTime, NaiveTime, Utc, Weekday};

use crate::Zone;
use crate::ews::Call;
use crate::ews::soap::EwsError;
use crate::xml::Element;

/// What a request's clocks show: by the rules it gives, else in the zone of its header, else in UTC.
#[derive(Debug)]
pub(super) enum Clock {
    Rules(Rules),
    Zone(Zone),
}

impl Clock {
    pub(super) fn of(call: &Call<'_>) -> Result<Self, EwsError> {
        match call.body.child("TimeZone") {
            Some(rules) => Rules::read(rules).map(Self::Rules),
            None => Ok(Self::Zone(call.zone.clone().unwrap_or_else(Zone::utc))),
        }
    }

    pub(super) fn instant(&self, wall: NaiveDateTime) -> DateTime<Utc> {
        match self {
            Self::Rules(rules) => rules.instant(wall),
            Self::Zone(zone) => zone.instant(wall),
        }
    }

    pub(super) fn wall(&self, instant: DateTime<Utc>) -> NaiveDateTime {
        match self {
            Self::Rules(rules) => rules.wall(instant),
            Self::Zone(zone) => zone.wall(instant),
        }
    }
}

/// A zone by its rules, which hold in every year.
#[derive(Debug, Clone)]
pub(super) struct Rules {
    /// What is to be added to standard time for UTC.
    standard: Duration,
    /// The same for daylight saving time, and when it begins and ends.
    daylight: Option<(Duration, Change, Change)>,
}

#[derive(Debug, Clone)]
struct Change {
    month: u32,
    day: Weekday,
    /// 1 to 4, or 5 for the last.
    order: u32,
    time: NaiveTime,
}

impl Rules {
    fn read(zone: &Element) -> Result<Self, EwsError> {
        let invalid = || EwsError::of("ErrorTimeZone");
        let part = |name| zone.child(name).ok_or_else(invalid);
        let bias = minutes(zone).ok_or_else(invalid)?;
        let (standard, daylight) = (part("StandardTime")?, part("DaylightTime")?);
        let standard_bias = bias + minutes(standard).ok_or_else(invalid)?;
        let daylight_bias = bias + minutes(daylight).ok_or_else(invalid)?;
        // A month of 0 says that the clocks never change.
        let never = [standard, daylight].iter().any(|part| part.text_of("Month") == Some("0"));
        let changes = || Some((daylight_bias, Change::read(daylight)?, Change::read(standard)?));
        let daylight = if never { None } else { Some(changes().ok_or_else(invalid)?) };
        Ok(Self { standard: standard_bias, daylight })
    }

    fn instant(&self, wall: NaiveDateTime) -> DateTime<Utc> {
        let standard = (wall + self.standard).and_utc();
        match &self.daylight {
            Some((bias, ..)) if self.saves(standard) => (wall + *bias).and_utc(),
            _ => standard,
        }
    }

    fn wall(&self, instant: DateTime<Utc>) -> NaiveDateTime {
        match &self.daylight {
            Some((bias, ..)) if self.saves(instant) => instant.naive_utc() - *bias,
            _ => instant.naive_utc() - self.standard,
        }
    }

    /// Whether daylight saving time holds.
    fn saves(&self, instant: DateTime<Utc>) -> bool {
        let Some((bias, begins, ends)) = &self.daylight else { return false };
        let year = (instant.naive_utc() - self.standard).year();
        let (Some(begins), Some(ends)) = (begins.in_year(year), ends.in_year(year)) else { return false };
        let (begins, ends) = ((begins + self.standard).and_utc(), (ends + *bias).and_utc());
        if begins < ends { (begins..ends).contains(&instant) } else { !(ends..begins).contains(&instant) }
    }
}

fn minutes(element: &Element) -> Option<Duration> {
    let minutes: i64 = element.text_of("Bias")?.parse().ok()?;
    (minutes.abs() <= 24 * 60).then(|| Duration::minutes(minutes))
}

impl Change {
    fn read(element: &Element) -> Option<Self> {
        let number = |name| element.text_of(name)?.parse().ok();
        Some(Self {
            month: number("Month").filter(|month| (1..=12).contains(month))?,
            day: element.text_of("DayOfWeek")?.parse().ok()?,
            order: number("DayOrder").filter(|order| (1..=5).contains(order))?,
            time: element.text_of("Time")?.parse().ok()?,
        })
    }

    fn in_year(&self, year: i32) -> Option<NaiveDateTime> {
        let first = NaiveDate::from_ymd_opt(year, self.month, 1)?;
        let month = first.iter_days().take_while(|date| date.month() == self.month);
        let mut days = month.filter(|date| date.weekday() == self.day);
        let nth = usize::try_from(self.order).unwrap_or(5) - 1;
        let date = if self.order == 5 { days.last() } else { days.nth(nth) };
        date.map(|date| date.and_time(self.time))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks_change_as_the_rules_say() {
        let change = |name: &str, bias: i64, month: u32, order: u32, time: &str| {
            format!(
                "<{name}><Bias>{bias}</Bias><Time>{time}</Time><DayOrder>{order}</DayOrder><Month>{month}</Month>\
                 <DayOfWeek>Sunday</DayOfWeek></{name}>"
            )
        };
        let zone = |bias: i64, standard: (u32, u32), daylight: (u32, u32)| {
            let text = format!(
                "<TimeZone><Bias>{bias}</Bias>{}{}</TimeZone>",
                change("StandardTime", 0, standard.0, standard.1, "03:00:00"),
                change("DaylightTime", -60, daylight.0, daylight.1, "02:00:00"),
            );
            Rules::read(&Element::parse(text.as_bytes()).unwrap()).unwrap()
        };
        let (berlin, sydney) = (zone(-60, (10, 5), (3, 5)), zone(-600, (4, 1), (10, 1)));
        let table = [
            (&berlin, "2026-01-10T09:00:00", "2026-01-10T08:00:00Z"),
            (&berlin, "2026-07-10T09:00:00", "2026-07-10T07:00:00Z"),
            (&berlin, "2026-03-29T03:00:00", "2026-03-29T01:00:00Z"),
            (&berlin, "2026-10-25T04:00:00", "2026-10-25T03:00:00Z"),
            (&sydney, "2026-01-10T09:00:00", "2026-01-09T22:00:00Z"),
            (&sydney, "2026-07-10T09:00:00", "2026-07-09T23:00:00Z"),
        ];
        for (zone, wall, instant) in table {
            let (wall, instant) = (wall.parse().unwrap(), instant.parse().unwrap());
            assert_eq!((zone.instant(wall), zone.wall(instant)), (instant, wall), "{wall}");
        }
    }
}
