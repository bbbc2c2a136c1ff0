//! GetServerTimeZones ([MS-OXWSGTZ] 3.1.4.1): the zones that the server knows, with their rules.
//!
//! The zones are those that can be named by their Windows id alone and those that meetings of this world
//! carry. A zone's rules are those of the year that it is: they are read off the IANA zone that the
//! Windows id stands for, so that they agree with the instants of items.

use chrono::{DateTime, Datelike as _, Duration, NaiveDateTime, NaiveTime, Timelike as _, Utc};

use super::Call;
use super::soap::{EwsError, Messages, Schema};
use crate::Zone;
use crate::xml::Xml;

/// The two periods of a zone, as clients know them by name.
const STANDARD: &str = "Standard";
const DAYLIGHT: &str = "Daylight";
/// A change of the clocks that falls on the month's last such day for so many years always does.
const YEARS: i32 = 6;

pub(super) fn answer(call: &Call<'_>) -> Result<String, EwsError> {
    if call.schema < Schema::Exchange2010 {
        return Err(EwsError::of("ErrorInvalidRequest"));
    }
    let full = call.body.attribute("ReturnFullTimeZoneData").is_none_or(|full| full == "true");
    let mut messages = Messages::new("GetServerTimeZones");
    match zones(call) {
        Err(error) => messages.error(&error, |xml: &mut Xml| xml.empty("m:TimeZoneDefinitions", &[])),
        Ok(zones) => messages.success(|xml| {
            xml.within("m:TimeZoneDefinitions", |xml| {
                for zone in zones {
                    let names = [("Id", zone.id()), ("Name", zone.display_name())];
                    xml.element("t:TimeZoneDefinition", &names, |xml| {
                        if full {
                            rules(&zone, call.now().year(), xml);
                        }
                    });
                }
            });
        }),
    }
    Ok(messages.finish())
}

fn zones(call: &Call<'_>) -> Result<Vec<Zone>, EwsError> {
    let asked = call.body.child("Ids").map_or(&[][..], |ids| &ids.children);
    if !asked.is_empty() {
        let zones = asked.iter().map(|id| call.world.zone(id.text()));
        return zones.map(|zone| zone.ok_or_else(|| EwsError::of("ErrorTimeZone"))).collect();
    }
    let mut zones = Zone::all();
    zones.extend(call.world.zones.values().filter(|zone| Zone::windows(zone.id()).is_err()).cloned());
    Ok(zones)
}

/// The instant from which another offset holds.
struct Transition {
    /// What the clocks showed until then.
    wall: NaiveDateTime,
    to_daylight: bool,
}

fn rules(zone: &Zone, year: i32, xml: &mut Xml) {
    let changes = transitions(zone, year);
    let offsets = changes.iter().map(|change| zone.offset(zone.instant(change.wall) + Duration::hours(3)));
    let mut offsets: Vec<i32> = offsets.collect();
    offsets.sort_unstable();
    let new_year = new_year(year).map_or(0, |instant| zone.offset(instant));
    let (standard, daylight) = match offsets.as_slice() {
        [standard, .., daylight] => (*standard, Some(*daylight)),
        _ => (new_year, None),
    };
    // Clients take ids apart to tell the periods and their years.
    let id = |name: &str| format!("trule:Microsoft/Registry/{}/{year}-{name}", zone.id());
    xml.within("t:Periods", |xml| {
        period(STANDARD, &id(STANDARD), standard, xml);
        if let Some(daylight) = daylight {
            period(DAYLIGHT, &id(DAYLIGHT), daylight, xml);
        }
    });
    xml.within("t:TransitionsGroups", |xml| {
        xml.element("t:TransitionsGroup", &[("Id", "0")], |xml| {
            if daylight.is_none() {
                xml.within("t:Transition", |xml| to("Period", &id(STANDARD), xml));
            }
            for change in changes.iter().filter(|_| daylight.is_some()) {
                let target = id(if change.to_daylight { DAYLIGHT } else { STANDARD });
                recurring(zone, change, &target, xml);
            }
        });
    });
    xml.within("t:Transitions", |xml| xml.within("t:Transition", |xml| to("Group", "0", xml)));
}

/// A period's bias is what is to be added to its clock for UTC.
fn period(name: &str, id: &str, offset: i32, xml: &mut Xml) {
    let sign = if offset > 0 { "-" } else { "" };
    let minutes = offset.abs() / 60;
    let bias = match (minutes / 60, minutes % 60) {
        (hours, 0) => format!("{sign}PT{hours}H"),
        (hours, minutes) => format!("{sign}PT{hours}H{minutes}M"),
    };
    xml.empty("t:Period", &[("Bias", &bias), ("Name", name), ("Id", id)]);
}

fn to(kind: &str, target: &str, xml: &mut Xml) {
    xml.element("t:To", &[("Kind", kind)], |xml| xml.text(target));
}

fn recurring(zone: &Zone, change: &Transition, period: &str, xml: &mut Xml) {
    let time = change.wall.time();
    let offset = match (time.hour(), time.minute()) {
        (hour, 0) => format!("PT{hour}H"),
        (hour, minute) => format!("PT{hour}H{minute}M"),
    };
    xml.within("t:RecurringDayTransition", |xml| {
        to("Period", period, xml);
        xml.leaf("t:TimeOffset", &offset);
        xml.value("t:Month", change.wall.month());
        xml.value("t:DayOfWeek", change.wall.format("%A"));
        xml.value("t:Occurrence", occurrence(zone, change));
    });
}

/// Which of the month's days of the week it is: 1 to 4, or -1 for the last.
fn occurrence(zone: &Zone, change: &Transition) -> i32 {
    let is_last = |wall: &NaiveDateTime| (wall.date() + Duration::days(7)).month() != wall.month();
    let alike = (change.wall.year()..change.wall.year() + YEARS)
        .flat_map(|year| transitions(zone, year))
        .filter(|other| other.to_daylight == change.to_daylight);
    if alike.into_iter().all(|other| is_last(&other.wall)) {
        return -1;
    }
    i32::try_from(change.wall.day().div_ceil(7)).unwrap_or(-1).min(4)
}

/// The changes of the clocks in a year, found by the hour.
fn transitions(zone: &Zone, year: i32) -> Vec<Transition> {
    let (Some(from), Some(until)) = (new_year(year), new_year(year + 1)) else { return Vec::new() };
    let mut found = Vec::new();
    let mut day = from;
    while day < until {
        let next = day + Duration::days(1);
        if zone.offset(day) != zone.offset(next) {
            let hours = (0..24).map(|hour| day + Duration::hours(hour));
            let at = hours.map(|hour| hour + Duration::hours(1));
            let at = at.into_iter().find(|at| zone.offset(*at) != zone.offset(*at - Duration::hours(1)));
            found.extend(at.map(|at| transition(zone, at)));
        }
        day = next;
    }
    found
}

fn transition(zone: &Zone, at: DateTime<Utc>) -> Transition {
    let before = zone.offset(at - Duration::hours(1));
    let wall = at.naive_utc() + Duration::seconds(before.into());
    Transition { wall, to_daylight: zone.offset(at) > before }
}

fn new_year(year: i32) -> Option<DateTime<Utc>> {
    let date = chrono::NaiveDate::from_ymd_opt(year, 1, 1)?;
    Some(date.and_time(NaiveTime::MIN).and_utc())
}
