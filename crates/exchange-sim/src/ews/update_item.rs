//! UpdateItem ([MS-OXWSMTGS] 3.1.4.9): changes to items and to single occurrences.

use super::soap::{EwsError, Messages};
use super::{Call, written};
use crate::item::View;
use crate::world::{Audience, Draft, RoomNumber};
use crate::xml::{Element, Xml};

pub(super) fn answer(call: &mut Call<'_>) -> Result<String, EwsError> {
    let invalid = || EwsError::of("ErrorSchemaValidation");
    let body = call.body;
    let resolution = body.attribute("ConflictResolution").ok_or_else(invalid)?;
    if !matches!(resolution, "NeverOverwrite" | "AutoResolve" | "AlwaysOverwrite") {
        return Err(invalid());
    }
    let changes = body.child("ItemChanges").ok_or_else(invalid)?;
    let mut messages = Messages::new("UpdateItem");
    for change in &changes.children {
        match update(call, change, resolution) {
            Ok((room, id)) => messages.success(|xml| {
                xml.within("m:Items", |xml| {
                    xml.within("t:CalendarItem", |xml| call.write_id(room, &id, xml));
                });
                xml.within("m:ConflictResults", |xml| xml.leaf("t:Count", "0"));
            }),
            Err(error) => messages.error(&error, |xml: &mut Xml| xml.empty("m:Items", &[])),
        }
    }
    Ok(messages.finish())
}

type Updated = (RoomNumber, (u64, Option<chrono::NaiveDate>));

fn update(call: &mut Call<'_>, change: &Element, resolution: &str) -> Result<Updated, EwsError> {
    let audience = match call.body.attribute("SendMeetingInvitationsOrCancellations") {
        None => return Err(EwsError::of("ErrorSendMeetingInvitationsOrCancellationsRequired")),
        Some("SendToNone") => Audience::Nobody,
        Some("SendOnlyToChanged" | "SendToChangedAndSaveCopy") => Audience::Changed,
        Some("SendOnlyToAll" | "SendToAllAndSaveCopy") => Audience::Everybody,
        Some(_) => return Err(EwsError::of("ErrorSchemaValidation")),
    };
    let named = change.children.first();
    let (room, view) = call.item_named(named)?;
    call.may_write(room)?;
    let key = named.and_then(|named| named.attribute("ChangeKey"));
    unchanged(call, room, &view, key, resolution)?;
    let updates = change.child("Updates").ok_or_else(|| EwsError::of("ErrorSchemaValidation"))?;
    let draft = written::updated(call, Draft::of(&view), updates)?;
    let id = (view.item.number, view.date);
    call.world.revise((room, id.0, id.1), draft, audience);
    Ok((room, id))
}

/// Fails when a change key is no change key, or an older one that nothing may overwrite.
fn unchanged(
    call: &Call<'_>,
    room: RoomNumber,
    view: &View<'_>,
    key: Option<&str>,
    resolution: &str,
) -> Result<(), EwsError> {
    let Some(key) = key else { return Ok(()) };
    if key == call.world.change_key(room, view.item.changed) {
        return Ok(());
    }
    let older = (0..view.item.changed).any(|changed| call.world.change_key(room, changed) == key);
    match (older, resolution) {
        (false, _) => Err(EwsError::of("ErrorInvalidChangeKey")),
        (true, "NeverOverwrite") => Err(EwsError::of("ErrorIrresolvableConflict")),
        (true, _) => Ok(()),
    }
}
