//! GetEvents ([MS-OXWSNTIF] 3.1.4.1): what happened after a watermark, fifty events at a time.

use super::Call;
use super::get_folder;
use super::id::{Folder, Id};
use super::soap::{EwsError, Messages};
use crate::calendar::{Event, EventKind};
use crate::fault::Fault;
use crate::subscription::SubscriptionKey;
use crate::world::RoomNumber;
use crate::xml::Xml;

/// How many events one call returns.
const EVENTS_PER_CALL: usize = 50;

pub(super) fn answer(call: &mut Call<'_>) -> Result<String, EwsError> {
    let invalid = || EwsError::of("ErrorSchemaValidation");
    let id = call.body.text_of("SubscriptionId").ok_or_else(invalid)?;
    let watermark = call.body.text_of("Watermark").ok_or_else(invalid)?;
    let mut messages = Messages::new("GetEvents");
    match position(call, id, watermark) {
        Err(error) => messages.error(&error, |_| {}),
        Ok((key, position)) => messages.success(|xml| {
            xml.within("m:Notification", |xml| notification(call, key, position, xml));
        }),
    }
    Ok(messages.finish())
}

fn position(call: &mut Call<'_>, id: &str, watermark: &str) -> Result<(SubscriptionKey, u64), EwsError> {
    let key = call.owned(id)?;
    if call.fault == Some(Fault::SubscriptionLost) {
        call.world.subscriptions.remove(key);
        return Err(EwsError::of("ErrorSubscriptionNotFound"));
    }
    call.known_watermark(key.0, watermark).map(|position| (key, position))
}

/// The children of a `Notification`: events, or the status that there are none.
fn notification(call: &mut Call<'_>, key: SubscriptionKey, position: u64, xml: &mut Xml) {
    let (room, _) = key;
    let types =
        call.world.subscriptions.get_mut(key).map(|subscription| subscription.types).unwrap_or_default();
    let call = &*call;
    let Some(calendar) = call.world.room(room).map(|room| &room.calendar) else { return };
    let mut events = calendar.events_after(position).filter(|event| types.want(event.kind));
    let page: Vec<&Event> = events.by_ref().take(EVENTS_PER_CALL).collect();
    xml.leaf("t:SubscriptionId", &call.world.subscription_text(key));
    xml.leaf("t:PreviousWatermark", &call.world.watermark_text(room, position));
    xml.value("t:MoreEvents", events.next().is_some());
    if page.is_empty() {
        let newest = call.world.watermark_text(room, calendar.last_watermark());
        xml.within("t:StatusEvent", |xml| xml.leaf("t:Watermark", &newest));
    }
    for event in page {
        write(call, room, event, xml);
    }
}

fn write(call: &Call<'_>, room: RoomNumber, event: &Event, xml: &mut Xml) {
    let name = match event.kind {
        EventKind::Created(_) => "t:CreatedEvent",
        EventKind::Modified(_) | EventKind::FolderModified => "t:ModifiedEvent",
        EventKind::Moved { .. } => "t:MovedEvent",
        EventKind::Deleted(_) => "t:DeletedEvent",
    };
    let item = |element, folder, number, xml: &mut Xml| {
        let id = call.world.id_text(Id::Item(room, folder, number));
        let key = call.world.change_key(room, 0);
        xml.empty(element, &[("Id", &id), ("ChangeKey", &key)]);
    };
    let folder = |element, folder, xml: &mut Xml| get_folder::write_id(element, call, room, folder, xml);
    xml.within(name, |xml| {
        xml.leaf("t:Watermark", &call.world.watermark_text(room, event.watermark));
        xml.instant("t:TimeStamp", event.at);
        match event.kind {
            EventKind::Created(number) | EventKind::Modified(number) | EventKind::Deleted(number) => {
                item("t:ItemId", Folder::Calendar, number, xml);
                folder("t:ParentFolderId", Folder::Calendar, xml);
            }
            EventKind::Moved { from, to } => {
                item("t:ItemId", Folder::DeletedItems, to, xml);
                folder("t:ParentFolderId", Folder::DeletedItems, xml);
                item("t:OldItemId", Folder::Calendar, from, xml);
                folder("t:OldParentFolderId", Folder::Calendar, xml);
            }
            EventKind::FolderModified => {
                folder("t:FolderId", Folder::Calendar, xml);
                folder("t:ParentFolderId", Folder::Root, xml);
                xml.leaf("t:UnreadCount", "0");
            }
        }
    });
}
