//! GetServerTimeZones ([MS-OXWSGTZ] 3.1.4.1): the zones that the server knows, with their rules.
//!
//! The zones are those that can be named by their Windows id alone and those that meetings of this world
//! carry. A zone's rules are those of the year that it is.

use chrono::{Datelike as _, Timelike as _};

use super::Call;
use super::soap::{EwsError, Messages, Schema};
use super::zone_rules::{Change, ZoneRules, duration};
use crate::Zone;
use crate::xml::Xml;

/// The two periods of a zone, as clients know them by name.
const STANDARD: &str = "Standard";
const DAYLIGHT: &str = "Daylight";

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

fn rules(zone: &Zone, year: i32, xml: &mut Xml) {
    let ZoneRules { standard, daylight, changes } = ZoneRules::of(zone, year);
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
            if changes.is_empty() {
                xml.within("t:Transition", |xml| to("Period", &id(STANDARD), xml));
            }
            for change in &changes {
                let target = id(if change.to_daylight { DAYLIGHT } else { STANDARD });
                recurring(zone, change, &target, xml);
            }
        });
    });
    xml.within("t:Transitions", |xml| xml.within("t:Transition", |xml| to("Group", "0", xml)));
}

/// A period's bias is what is to be added to its clock for UTC.
fn period(name: &str, id: &str, offset: i32, xml: &mut Xml) {
    xml.empty("t:Period", &[("Bias", &duration(-offset)), ("Name", name), ("Id", id)]);
}

fn to(kind: &str, target: &str, xml: &mut Xml) {
    xml.element("t:To", &[("Kind", kind)], |xml| xml.text(target));
}

fn recurring(zone: &Zone, change: &Change, period: &str, xml: &mut Xml) {
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
        xml.value("t:Occurrence", change.occurrence(zone));
    });
}
