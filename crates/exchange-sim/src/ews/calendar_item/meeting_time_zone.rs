//! The one zone of an item before 2010, by name and rules ([MS-OXWSCDATA] TimeZoneType).

use chrono::Datelike as _;

use super::{V2010, Writer};
use crate::Zone;
use crate::ews::zone_rules::{Change, ZoneRules, duration};
use crate::xml::Xml;

/// Offsets are what is to be added to the clock for UTC; that of a season is on top of the base.
pub(super) fn write(w: &Writer<'_, '_>, xml: &mut Xml) {
    if w.call.schema >= V2010 || w.brief {
        return;
    }
    let zone = &w.view.item.zone;
    let ZoneRules { standard, daylight, changes } = ZoneRules::of(zone, w.view.start().year());
    xml.element("t:MeetingTimeZone", &[("TimeZoneName", zone.id())], |xml| {
        xml.leaf("t:BaseOffset", &duration(-standard));
        let begins = |to_daylight| changes.iter().find(move |change| change.to_daylight == to_daylight);
        if let (Some(daylight), Some(winter), Some(summer)) = (daylight, begins(false), begins(true)) {
            season("Standard", 0, (zone, winter), xml);
            season("Daylight", standard - daylight, (zone, summer), xml);
        }
    });
}

fn season(name: &str, offset: i32, (zone, begins): (&Zone, &Change), xml: &mut Xml) {
    let index = match begins.occurrence(zone) {
        1 => "First",
        2 => "Second",
        3 => "Third",
        4 => "Fourth",
        _ => "Last",
    };
    let wall = begins.wall;
    xml.element(&format!("t:{name}"), &[("TimeZoneName", name)], |xml| {
        xml.leaf("t:Offset", &duration(offset));
        xml.within("t:RelativeYearlyRecurrence", |xml| {
            xml.value("t:DaysOfWeek", wall.format("%A"));
            xml.leaf("t:DayOfWeekIndex", index);
            xml.value("t:Month", wall.format("%B"));
        });
        xml.value("t:Time", wall.format("%H:%M:%S"));
    });
}
