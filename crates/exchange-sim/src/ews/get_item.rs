//! GetItem ([MS-OXWSMTGS] 3.1.4.4): items, occurrences and masters by their ids, one answer for each.

use super::calendar_item::Writer;
use super::id::{Folder, Id};
use super::shape::Shape;
use super::soap::{EwsError, Messages};
use super::{Call, calendar_item, faulty, stray_item};
use crate::fault::Fault;
use crate::item::{CalendarItem, View};
use crate::meeting_request::FIRST_REQUEST;
use crate::recurrence::{Range, Recurrence};
use crate::stray::StrayItem;
use crate::world::RoomNumber;
use crate::xml::{Element, Xml};

pub(super) fn answer(call: &Call<'_>) -> Result<String, EwsError> {
    let shape = Shape::read(call.body.child("ItemShape"))?;
    let ids = call.body.child("ItemIds").ok_or_else(|| EwsError::of("ErrorSchemaValidation"))?;
    let valid = calendar_item::check(&shape, call);
    let mut messages = Messages::new("GetItem");
    for (index, id) in ids.children.iter().enumerate() {
        let found = match (call.fault, index) {
            (Some(fault), 0) if faulty::first_item(fault).is_some() => {
                Err(EwsError::of(faulty::first_item(fault).unwrap_or("ErrorItemNotFound")))
            }
            (Some(Fault::BatchStopped), 1..) => Err(EwsError::of("ErrorBatchProcessingStopped")),
            _ => valid.clone().and_then(|()| read(call, id)),
        };
        match found {
            Ok(Read::Stray(room, stray)) => messages.success(|xml| {
                xml.within("m:Items", |xml| stray_item::write(call, &shape, room, stray, xml));
            }),
            Ok(Read::Calendar((room, folder, view))) => messages.success(|xml| {
                xml.within("m:Items", |xml| Writer::full(call, &shape, room, folder, view).write(xml));
            }),
            Err(error) => messages.error(&error, |xml: &mut Xml| xml.empty("m:Items", &[])),
        }
    }
    Ok(messages.finish())
}

type Found<'a> = (RoomNumber, Folder, View<'a>);

/// What is read.
enum Read<'a> {
    Calendar(Found<'a>),
    Stray(RoomNumber, &'a StrayItem),
}

fn read<'a>(call: &'a Call<'_>, named: &Element) -> Result<Read<'a>, EwsError> {
    if let Some(Id::Item(room, Folder::Calendar, number)) = call.id_named(named)
        && let Some(stray) = call.world.room(room).and_then(|room| room.calendar.stray(number))
    {
        return call.may_read(room).map(|()| Read::Stray(room, stray));
    }
    find(call, named).map(Read::Calendar)
}

pub(super) fn find<'a>(call: &'a Call<'_>, named: &Element) -> Result<Found<'a>, EwsError> {
    let attribute = |name| named.attribute(name).ok_or_else(|| EwsError::of("ErrorSchemaValidation"));
    match named.name.as_str() {
        "OccurrenceItemId" => {
            let (room, _, master) = look_up(call, attribute("RecurringMasterId")?)?;
            let index = attribute("InstanceIndex")?.parse().unwrap_or(0);
            let strict = call.world.profile.habits().counts_what_was_deleted;
            let view =
                if strict { instance(master.item, index)? } else { instance_left(master.item, index)? };
            Ok((room, Folder::Calendar, view))
        }
        "RecurringMasterItemId" if !call.world.profile.habits().finds_masters => {
            Err(EwsError::of("ErrorInvalidId"))
        }
        "RecurringMasterItemId" => {
            let (room, folder, occurrence) = look_up(call, attribute("OccurrenceId")?)?;
            if occurrence.date.is_none() {
                return Err(EwsError::of("ErrorCalendarCannotUseIdForOccurrenceId"));
            }
            Ok((room, folder, View::whole(occurrence.item)))
        }
        _ => look_up(call, attribute("Id")?),
    }
}

fn look_up<'a>(call: &'a Call<'_>, id: &str) -> Result<Found<'a>, EwsError> {
    let missing = || EwsError::of("ErrorItemNotFound");
    let id = call.world.id(id).ok_or_else(|| EwsError::of("ErrorInvalidIdMalformed"))?;
    let room = id.room();
    let calendar = call.world.room(room).map(|room| &room.calendar).ok_or_else(missing)?;
    call.may_read(room)?;
    match id {
        Id::Folder(..) => Err(EwsError::of("ErrorInvalidIdMalformed")),
        Id::Item(_, folder, number) if number >= FIRST_REQUEST => {
            let requests = calendar.requests(folder == Folder::DeletedItems);
            let request = requests.into_iter().find(|request| request.sent.number == number);
            Ok((room, folder, request.ok_or_else(missing)?.view()))
        }
        Id::Item(_, Folder::DeletedItems, number) => {
            let item = calendar.discarded(number).ok_or_else(missing)?;
            Ok((room, Folder::DeletedItems, View::whole(item)))
        }
        Id::Item(_, _, number) => {
            let item = calendar.item(number).ok_or_else(missing)?;
            Ok((room, Folder::Calendar, View::whole(item)))
        }
        Id::Occurrence(_, number, date) => {
            let item = calendar.item(number).ok_or_else(missing)?;
            let of_series = item.recurrence.as_ref().is_some_and(|series| series.falls_on(date));
            if !of_series || item.deleted.contains(&date) {
                return Err(missing());
            }
            Ok((room, Folder::Calendar, View::occurrence(item, date)))
        }
    }
}

fn series(master: &CalendarItem) -> Result<&Recurrence, EwsError> {
    let series = master.recurrence.as_ref();
    series.ok_or_else(|| EwsError::of("ErrorCalendarCannotUseIdForRecurringMasterId"))
}

/// An occurrence by its number among those that are left. The pattern goes on where the series has ended.
fn instance_left(master: &CalendarItem, index: usize) -> Result<View<'_>, EwsError> {
    let endless = Recurrence { range: Range::NoEnd, ..series(master)?.clone() };
    let mut number = index.saturating_sub(1);
    loop {
        let date = endless.nth(number).unwrap_or(endless.start);
        let counted = index.saturating_sub(1).saturating_add(master.deleted.range(..=date).count());
        if counted <= number || endless.nth(counted).is_none() {
            return Ok(View::occurrence(master, date));
        }
        number = counted;
    }
}

/// An occurrence by its number, counted from one, deleted ones included.
fn instance(master: &CalendarItem, index: usize) -> Result<View<'_>, EwsError> {
    let series = series(master)?;
    let date = index.checked_sub(1).and_then(|before| series.nth(before));
    let date = date.ok_or_else(|| EwsError::of("ErrorCalendarOccurrenceIndexIsOutOfRecurrenceRange"))?;
    if master.deleted.contains(&date) {
        return Err(EwsError::of("ErrorCalendarOccurrenceIsDeletedFromRecurrence"));
    }
    Ok(View::occurrence(master, date))
}
