//! DeleteItem ([MS-OXWSMTGS] 3.1.4.3) and MoveItem ([MS-OXWSCORE] 3.1.4.7): how items leave a calendar.

use super::Call;
use super::id::{Folder, Id};
use super::soap::{EwsError, Messages};
use crate::world::{Disposal, RoomNumber};
use crate::xml::{Element, Xml};

pub(super) fn answer(call: &mut Call<'_>) -> Result<String, EwsError> {
    let invalid = || EwsError::of("ErrorSchemaValidation");
    let body = call.body;
    let how = match body.attribute("DeleteType").ok_or_else(invalid)? {
        "HardDelete" => Disposal::HardDelete,
        "SoftDelete" => Disposal::SoftDelete,
        "MoveToDeletedItems" => Disposal::MoveToDeletedItems,
        _ => return Err(invalid()),
    };
    // It is about tasks; that it is a word of the schema is all that matters here.
    if !matches!(
        body.attribute("AffectedTaskOccurrences"),
        None | Some("AllOccurrences" | "SpecifiedOccurrenceOnly")
    ) {
        return Err(invalid());
    }
    let ids = body.child("ItemIds").ok_or_else(invalid)?;
    let mut messages = Messages::new("DeleteItem");
    for id in &ids.children {
        match delete(call, id, how) {
            Ok(()) => messages.success(|_| {}),
            Err(error) => messages.error(&error, |_| {}),
        }
    }
    Ok(messages.finish())
}

fn delete(call: &mut Call<'_>, named: &Element, how: Disposal) -> Result<(), EwsError> {
    if let Some(Id::Item(room, Folder::Calendar, number)) = call.id_named(named)
        && call.world.room(room).is_some_and(|room| room.calendar.stray(number).is_some())
    {
        call.may_write(room)?;
        call.world.remove_stray(room, number);
        return Ok(());
    }
    let tell = match call.body.attribute("SendMeetingCancellations") {
        None => return Err(EwsError::of("ErrorSendMeetingCancellationsRequired")),
        Some("SendToNone") => false,
        Some("SendOnlyToAll" | "SendToAllAndSaveCopy") => true,
        Some(_) => return Err(EwsError::of("ErrorSchemaValidation")),
    };
    if let Some(Id::Item(room, Folder::DeletedItems, number)) = call.id_named(named) {
        call.may_write(room)?;
        let purged = call.world.purge(room, number, how == Disposal::MoveToDeletedItems);
        return purged.then_some(()).ok_or_else(|| EwsError::of("ErrorItemNotFound"));
    }
    let (room, view) = call.item_named(Some(named))?;
    let (number, date) = (view.item.number, view.date);
    call.may_write(room)?;
    match date {
        Some(date) => call.world.remove_occurrence(room, number, date, tell),
        None => {
            call.world.remove(room, number, how, tell);
        }
    }
    Ok(())
}

/// MoveItem: between the calendar and Deleted Items of one mailbox. An item in another folder has another id.
pub(super) fn move_item(call: &mut Call<'_>) -> Result<String, EwsError> {
    let invalid = || EwsError::of("ErrorSchemaValidation");
    let body = call.body;
    let target = body.child("ToFolderId").and_then(|target| target.children.first()).ok_or_else(invalid)?;
    let ids = body.child("ItemIds").ok_or_else(invalid)?;
    let tells = body.text_of("ReturnNewItemIds") != Some("false");
    let mut messages = Messages::new("MoveItem");
    let target = call.folder(target).map_err(|error| match error.code {
        "ErrorFolderNotFound" => EwsError::of("ErrorToFolderNotFound"),
        _ => error,
    });
    for id in &ids.children {
        match target.clone().and_then(|target| relocate(call, id, target)) {
            Ok((room, folder, number)) => messages.success(|xml| {
                xml.within("m:Items", |xml| {
                    if tells {
                        xml.within("t:CalendarItem", |xml| call.write_moved(room, folder, number, xml));
                    }
                });
            }),
            Err(error) => messages.error(&error, |xml: &mut Xml| xml.empty("m:Items", &[])),
        }
    }
    Ok(messages.finish())
}

type Place = (RoomNumber, Folder, u64);

fn relocate(
    call: &mut Call<'_>,
    named: &Element,
    (to, folder): (RoomNumber, Folder),
) -> Result<Place, EwsError> {
    let missing = || EwsError::of("ErrorItemNotFound");
    match (call.id_named(named), folder) {
        (None, _) => Err(EwsError::of("ErrorInvalidIdMalformed")),
        (Some(Id::Occurrence(..)), _) => Err(EwsError::of("ErrorCalendarCannotMoveOrCopyOccurrence")),
        (Some(Id::Item(room, from, number)), _) if room == to => {
            call.may_write(room)?;
            let moved = match (from, folder) {
                (Folder::Calendar, Folder::DeletedItems) => {
                    call.world.remove(room, number, Disposal::MoveToDeletedItems, false)
                }
                (Folder::DeletedItems, Folder::Calendar) => call.world.restore(room, number),
                (from, folder) if from == folder => Some(number),
                _ => return Err(EwsError::of("ErrorMoveCopyFailed")),
            };
            moved.map(|number| (room, folder, number)).ok_or_else(missing)
        }
        _ => Err(EwsError::of("ErrorMoveCopyFailed")),
    }
}
