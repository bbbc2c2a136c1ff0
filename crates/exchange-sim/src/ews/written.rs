//! Reading a calendar item that a client writes ([MS-OXWSMTGS] CalendarItemType).

mod meeting_time_zone;
mod particulars;
mod recurrence;

use std::sync::Arc;

use chrono::Duration;

use super::Call;
use super::soap::{EwsError, Schema};
use crate::item::{FreeBusy, Mailbox, Sensitivity};
use crate::world::{Draft, RoomNumber};
use crate::xml::Element;
use crate::{World, Zone};

/// A whole new item.
pub(super) fn draft(call: &Call<'_>, owner: RoomNumber, item: &Element) -> Result<Draft, EwsError> {
    let own = call.world.room(owner).map(|room| room.zone.clone());
    let zone = call.zone.clone().or(own).unwrap_or_else(Zone::utc);
    let zone = item.children.iter().find_map(|child| zone_of(call, child)).unwrap_or(Ok(zone))?;
    // What Outlook offers: the next full half hour.
    let start = call.now();
    let mut draft = Draft::new(start, start + Duration::minutes(30), zone);
    for property in &item.children {
        write(call, &mut draft, &property.name, Some(property))?;
    }
    finished(draft)
}

/// The changes of `t:Updates`, written into what is there.
pub(super) fn updated(call: &Call<'_>, mut draft: Draft, updates: &Element) -> Result<Draft, EwsError> {
    let invalid = || EwsError::of("ErrorSchemaValidation");
    let named = |update: &Element| {
        let uri = update.child("FieldURI").and_then(|field| field.attribute("FieldURI"));
        uri.and_then(|uri| uri.split_once(':')).map(|(_, name)| name.to_owned())
    };
    // Times without an offset are read in the new zone, wherever that stands.
    let mut values =
        updates.children.iter().filter_map(|update| update.child("CalendarItem")?.children.first());
    if let Some(zone) = values.find_map(|value| zone_of(call, value)) {
        draft.zone = zone?;
    }
    for update in &updates.children {
        let extended = update.child("ExtendedFieldURI").is_some();
        match (update.name.as_str(), named(update)) {
            (_, None) if extended => {}
            ("SetItemField", Some(name)) => {
                let value = update.child("CalendarItem").or_else(|| update.child("Item"));
                let value = value.and_then(|item| item.child(&name)).ok_or_else(invalid)?;
                write(call, &mut draft, &name, Some(value))?;
            }
            ("DeleteItemField", Some(name)) => write(call, &mut draft, &name, None)?,
            ("AppendToItemField", Some(name)) if name == "Body" => {
                let more = update.path(&["CalendarItem", "Body"]).map(plain_text).ok_or_else(invalid)?;
                draft.body.push_str(&more);
            }
            _ => return Err(invalid()),
        }
    }
    finished(draft)
}

fn finished(draft: Draft) -> Result<Draft, EwsError> {
    if draft.recurrence.as_ref().is_some_and(|series| series.dates().next().is_none()) {
        return Err(EwsError::of("ErrorCalendarInvalidRecurrence"));
    }
    if draft.end < draft.start {
        return Err(EwsError::of("ErrorCalendarEndDateIsEarlierThanStartDate"));
    }
    Ok(draft.settled())
}

/// Writes one property, or takes it away.
fn write(call: &Call<'_>, draft: &mut Draft, name: &str, value: Option<&Element>) -> Result<(), EwsError> {
    let text = || value.map_or("", Element::text);
    let instant = |draft: &Draft| {
        let wall = text().parse().map(|wall| draft.zone.instant(wall));
        wall.or_else(|_offset| call.instant(text()))
    };
    match name {
        "Subject" => text().clone_into(&mut draft.subject),
        "Body" => draft.body = value.map(plain_text).unwrap_or_default(),
        "Location" => {
            text().clone_into(&mut draft.location);
            if draft.particulars.place.is_some() {
                Arc::make_mut(&mut draft.particulars).place = None;
            }
        }
        "Sensitivity" => draft.sensitivity = value.map_or(Ok(Sensitivity::Normal), sensitivity)?,
        "LegacyFreeBusyStatus" => draft.show_as = value.map_or(Ok(FreeBusy::Busy), free_busy)?,
        "IsAllDayEvent" => draft.all_day = matches!(text(), "true" | "1"),
        "UID" => draft.uid = value.map(|uid| uid.text().to_owned()).filter(|uid| !uid.is_empty()),
        "RequiredAttendees" => draft.required = mailboxes(call.world, value)?,
        "OptionalAttendees" => draft.optional = mailboxes(call.world, value)?,
        "Resources" => draft.resources = mailboxes(call.world, value)?,
        "Recurrence" => draft.recurrence = value.map(recurrence::read).transpose()?,
        "Start" | "End" | "StartTimeZone" | "MeetingTimeZone" if value.is_none() => {
            return Err(EwsError::of("ErrorInvalidPropertyDelete"));
        }
        "Start" => {
            draft.start = instant(draft)?;
            if let Some(series) = &mut draft.recurrence {
                series.start = draft.zone.date(draft.start);
            }
        }
        "End" => draft.end = instant(draft)?,
        _ => {
            if name == "EnhancedLocation" {
                value
                    .and_then(|place| place.text_of("DisplayName"))
                    .unwrap_or("")
                    .clone_into(&mut draft.location);
            }
            particulars::write(Arc::make_mut(&mut draft.particulars), name, value)?;
        }
    }
    Ok(())
}

/// The zone that a property names, if it is one that does: in 2010 another took its place.
fn zone_of(call: &Call<'_>, property: &Element) -> Option<Result<Zone, EwsError>> {
    match property.name.as_str() {
        "StartTimeZone" => Some(match property.attribute("Id") {
            None => Err(EwsError::of("ErrorSchemaValidation")),
            Some(id) => call.world.zone(id).ok_or_else(|| EwsError::of("ErrorTimeZone")),
        }),
        "MeetingTimeZone" if call.schema < Schema::Exchange2010 => {
            Some(meeting_time_zone::read(call, property))
        }
        _ => None,
    }
}

fn sensitivity(value: &Element) -> Result<Sensitivity, EwsError> {
    match value.text() {
        "Normal" => Ok(Sensitivity::Normal),
        "Personal" => Ok(Sensitivity::Personal),
        "Private" => Ok(Sensitivity::Private),
        "Confidential" => Ok(Sensitivity::Confidential),
        _ => Err(EwsError::of("ErrorSchemaValidation")),
    }
}

fn free_busy(value: &Element) -> Result<FreeBusy, EwsError> {
    match value.text() {
        "Free" => Ok(FreeBusy::Free),
        "Tentative" => Ok(FreeBusy::Tentative),
        "Busy" => Ok(FreeBusy::Busy),
        "NoData" => Ok(FreeBusy::NoData),
        "OOF" => Ok(FreeBusy::OutOfOffice),
        "WorkingElsewhere" => Ok(FreeBusy::WorkingElsewhere),
        _ => Err(EwsError::of("ErrorSchemaValidation")),
    }
}

/// Those invited; the directory knows the names of its own.
fn mailboxes(world: &World, list: Option<&Element>) -> Result<Vec<Mailbox>, EwsError> {
    let attendees = list.map_or(&[][..], |list| &list.children);
    let read = attendees.iter().map(|attendee| {
        let mailbox = attendee.child("Mailbox").ok_or_else(|| EwsError::of("ErrorSchemaValidation"))?;
        let address = mailbox.text_of("EmailAddress").filter(|address| address.contains('@'));
        let address = address.ok_or_else(|| EwsError::of("ErrorInvalidRecipients"))?;
        let known = world.room_number(address).ok().and_then(|number| world.room(number));
        let name = mailbox.text_of("Name").unwrap_or(address);
        let foreign = || Mailbox { name: name.to_owned(), address: address.to_owned() };
        Ok(known.map_or_else(foreign, |room| room.mailbox.clone()))
    });
    read.collect()
}

/// A body as plain text: an HTML body loses its tags.
fn plain_text(body: &Element) -> String {
    if body.attribute("BodyType") != Some("HTML") {
        return body.text().to_owned();
    }
    let mut plain = String::new();
    for (index, part) in body.text().split('<').enumerate() {
        let text = if index == 0 { part } else { part.split_once('>').map_or("", |(_, text)| text) };
        plain.push_str(text);
    }
    let plain = plain.replace("&nbsp;", " ").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
    plain.trim().to_owned()
}
