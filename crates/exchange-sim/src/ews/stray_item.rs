//! Items of a calendar that are no calendar items ([MS-OXWSCORE] ItemType, [MS-OXWSMSG] MessageType).

use super::Call;
use super::get_folder;
use super::id::{Folder, Id};
use super::shape::{Base, Shape};
use crate::stray::{Stray, StrayItem};
use crate::world::RoomNumber;
use crate::xml::Xml;

pub(super) fn write_id(call: &Call<'_>, room: RoomNumber, stray: &StrayItem, xml: &mut Xml) {
    let id = call.world.id_text(Id::Item(room, Folder::Calendar, stray.number));
    let key = call.world.change_key(room, stray.changed);
    xml.empty("t:ItemId", &[("Id", &id), ("ChangeKey", &key)]);
}

/// Writes one, as far as every kind of item goes.
pub(super) fn write(call: &Call<'_>, shape: &Shape, room: RoomNumber, stray: &StrayItem, xml: &mut Xml) {
    let (element, class) = match stray.kind {
        Stray::Message => ("t:Message", "IPM.Note"),
        Stray::MeetingRequest => ("t:MeetingRequest", "IPM.Schedule.Meeting.Request"),
        Stray::Item => ("t:Item", "IPM.Document"),
    };
    xml.within(element, |xml| {
        write_id(call, room, stray, xml);
        if shape.wants("item:ParentFolderId", Base::AllProperties) {
            get_folder::write_id("t:ParentFolderId", call, room, Folder::Calendar, xml);
        }
        if shape.wants("item:ItemClass", Base::AllProperties) {
            xml.leaf("t:ItemClass", class);
        }
        if shape.wants("item:Subject", Base::Default) {
            xml.leaf("t:Subject", &stray.subject);
        }
        if shape.wants("item:DateTimeReceived", Base::AllProperties) {
            xml.instant("t:DateTimeReceived", stray.created_at);
        }
    });
}
