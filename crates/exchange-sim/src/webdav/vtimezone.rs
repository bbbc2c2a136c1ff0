//! A zone as `urn:schemas:calendar:timezone` tells it: VTIMEZONE (RFC 5545 §3.6.5) by the rules of one year.

use std::fmt::Write as _;

use chrono::{DateTime, Datelike as _, Utc};

use crate::Zone;
use crate::ews::zone_rules::ZoneRules;

/// The zone's rules in the year of an instant, under a name that is none of the zone database.
pub(super) fn vtimezone(zone: &Zone, at: DateTime<Utc>) -> String {
    let rules = ZoneRules::of(zone, zone.wall(at).year());
    let mut text = format!("BEGIN:VTIMEZONE\r\nTZID:{}\r\n", zone.display_name());
    let daylight = rules.daylight.unwrap_or(rules.standard);
    if rules.changes.is_empty() {
        let offset = offset(rules.standard);
        let _ = write!(
            text,
            "BEGIN:STANDARD\r\nDTSTART:16010101T000000\r\nTZOFFSETFROM:{offset}\r\nTZOFFSETTO:{offset}\r\nEND:STANDARD\r\n"
        );
    }
    for change in &rules.changes {
        let (kind, from, to) = if change.to_daylight {
            ("DAYLIGHT", rules.standard, daylight)
        } else {
            ("STANDARD", daylight, rules.standard)
        };
        let days = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"];
        let day = usize::try_from(change.wall.weekday().num_days_from_monday()).unwrap_or_default();
        let _ = write!(
            text,
            "BEGIN:{kind}\r\nDTSTART:16010101T{time}\r\nTZOFFSETFROM:{from}\r\nTZOFFSETTO:{to}\r\n\
             RRULE:FREQ=YEARLY;WKST=MO;INTERVAL=1;BYMONTH={month};BYDAY={index}{day}\r\nEND:{kind}\r\n",
            time = change.wall.format("%H%M%S"),
            from = offset(from),
            to = offset(to),
            month = change.wall.month(),
            index = change.occurrence(zone),
            day = days.get(day).unwrap_or(&"SU"),
        );
    }
    text + "END:VTIMEZONE\r\n"
}

fn offset(seconds: i32) -> String {
    let sign = if seconds < 0 { '-' } else { '+' };
    let minutes = seconds.abs() / 60;
    format!("{sign}{:02}{:02}", minutes / 60, minutes % 60)
}
