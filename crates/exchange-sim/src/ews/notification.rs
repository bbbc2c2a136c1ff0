//! Events, as every kind of notification tells them ([MS-OXWSNTIF] 2.2.4, NotificationType).

use super::id::{Folder, Id};
use crate::World;
use crate::calendar::{Event, EventKind};
use crate::subscription::Interest;
use crate::world::RoomNumber;
use crate::xml::Xml;

/// The number of the item that holds a mailbox's free/busy data (IPM.SchedulePlus.FreeBusy.BinaryData).
/// Clients are told of it, and cannot read it.
const FREE_BUSY_DATA: u64 = u64::MAX;

/// Writes events of one mailbox, as a subscription with an interest sees them.
pub(super) struct Events<'a> {
    pub(super) world: &'a World,
    pub(super) room: RoomNumber,
    pub(super) interest: Interest,
    /// Whether events have watermarks; those of streams have none.
    pub(super) watermarks: bool,
}

impl Events<'_> {
    pub(super) fn write(&self, event: &Event, xml: &mut Xml) {
        xml.within(self.name(event.kind), |xml| {
            if self.watermarks {
                xml.leaf("t:Watermark", &self.world.watermark_text(self.room, event.watermark));
            }
            xml.instant("t:TimeStamp", event.at);
            self.ids(event.kind, xml);
        });
    }

    fn name(&self, kind: EventKind) -> &'static str {
        match kind {
            EventKind::Created(_) => "t:CreatedEvent",
            EventKind::Modified(_) | EventKind::FolderModified | EventKind::FreeBusyData => "t:ModifiedEvent",
            EventKind::Moved { .. } if self.interest.all_folders => "t:DeletedEvent",
            EventKind::Moved { .. } => "t:MovedEvent",
            EventKind::Deleted(_) => "t:DeletedEvent",
            EventKind::FreeBusyChanged(_) => "t:FreeBusyChangedEvent",
        }
    }

    fn ids(&self, kind: EventKind, xml: &mut Xml) {
        match kind {
            EventKind::Moved { from, to } if !self.interest.all_folders => {
                self.item("t:ItemId", Folder::DeletedItems, to, xml);
                self.folder("t:ParentFolderId", Folder::DeletedItems, xml);
                self.item("t:OldItemId", Folder::Calendar, from, xml);
                self.folder("t:OldParentFolderId", Folder::Calendar, xml);
            }
            EventKind::Created(number)
            | EventKind::Modified(number)
            | EventKind::Deleted(number)
            | EventKind::FreeBusyChanged(number)
            | EventKind::Moved { from: number, .. } => {
                self.item("t:ItemId", Folder::Calendar, number, xml);
                self.folder("t:ParentFolderId", Folder::Calendar, xml);
            }
            EventKind::FreeBusyData => {
                self.item("t:ItemId", Folder::Store, FREE_BUSY_DATA, xml);
                self.folder("t:ParentFolderId", Folder::Store, xml);
            }
            EventKind::FolderModified => {
                self.folder("t:FolderId", Folder::Calendar, xml);
                self.folder("t:ParentFolderId", Folder::Root, xml);
                xml.leaf("t:UnreadCount", "0");
            }
        }
    }

    fn item(&self, name: &str, folder: Folder, number: u64, xml: &mut Xml) {
        let id = self.world.id_text(Id::Item(self.room, folder, number));
        xml.empty(name, &[("Id", &id), ("ChangeKey", &self.world.change_key(self.room, 0))]);
    }

    fn folder(&self, name: &str, folder: Folder, xml: &mut Xml) {
        let id = self.world.id_text(Id::Folder(self.room, folder));
        xml.empty(name, &[("Id", &id), ("ChangeKey", "AgAAAA==")]);
    }
}

/// The children of a `Notification` that has watermarks: events, or the status that there are none. Returns the last
/// watermark among them.
pub(super) fn write(
    events: &Events<'_>,
    id: &str,
    position: u64,
    page: &[Event],
    more: bool,
    xml: &mut Xml,
) -> u64 {
    let Events { world, room, .. } = *events;
    xml.leaf("t:SubscriptionId", id);
    xml.leaf("t:PreviousWatermark", &world.watermark_text(room, position));
    xml.value("t:MoreEvents", more);
    for event in page {
        events.write(event, xml);
    }
    if let Some(last) = page.last() {
        return last.watermark;
    }
    let newest = world.room(room).map_or(position, |room| room.calendar.last_watermark());
    xml.within("t:StatusEvent", |xml| xml.leaf("t:Watermark", &world.watermark_text(room, newest)));
    newest
}
