//! GetFolder ([MS-OXWSFOLD] 3.1.4.6).

use chrono::DateTime;

use super::Call;
use super::id::{Folder, Id};
use super::shape::{Base, Shape};
use super::soap::{EwsError, Messages};
use crate::account::Rights;
use crate::world::RoomNumber;
use crate::xml::Xml;

/// PidTagLocalCommitTimeMax and PidTagDeletedCountTotal: whether anything changed, for the price of a folder.
const LOCAL_COMMIT_TIME_MAX: u32 = 0x670A;
const DELETED_COUNT_TOTAL: u32 = 0x670B;

pub(super) fn answer(call: &Call<'_>) -> Result<String, EwsError> {
    let shape = Shape::read(call.body.child("FolderShape"))?;
    let ids = call.body.child("FolderIds").ok_or_else(|| EwsError::of("ErrorSchemaValidation"))?;
    let mut messages = Messages::new("GetFolder");
    for id in &ids.children {
        match call.folder(id) {
            Ok((room, folder)) => messages.success(|xml| {
                xml.within("m:Folders", |xml| write(call, &shape, room, folder, xml));
            }),
            Err(error) => messages.error(&error, |xml| xml.empty("m:Folders", &[])),
        }
    }
    Ok(messages.finish())
}

/// Writes one folder.
pub(super) fn write(call: &Call<'_>, shape: &Shape, room: RoomNumber, folder: Folder, xml: &mut Xml) {
    let Some(calendar) = call.world.room(room).map(|room| &room.calendar) else { return };
    let deleted = calendar.discarded_len() + calendar.requests(true).len();
    let (element, class, name, count) = match folder {
        Folder::Calendar => ("t:CalendarFolder", "IPF.Appointment", "Calendar", calendar.len()),
        Folder::DeletedItems => ("t:Folder", "IPF.Note", "Deleted Items", deleted),
        Folder::Inbox => ("t:Folder", "IPF.Note", "Inbox", calendar.requests(false).len()),
        Folder::SentItems => ("t:Folder", "IPF.Note", "Sent Items", 0),
        Folder::Root => ("t:Folder", "IPF", "Top of Information Store", 0),
        Folder::Store => ("t:Folder", "", "", 0),
    };
    let children = folder.children().len();
    xml.within(element, |xml| {
        write_id("t:FolderId", call, room, folder, xml);
        if let Some(parent) =
            folder.parent().filter(|_| shape.wants("folder:ParentFolderId", Base::AllProperties))
        {
            write_id("t:ParentFolderId", call, room, parent, xml);
        }
        let simple = [
            ("folder:FolderClass", "t:FolderClass", Base::AllProperties, class.to_owned()),
            ("folder:DisplayName", "t:DisplayName", Base::Default, name.to_owned()),
            ("folder:TotalCount", "t:TotalCount", Base::Default, count.to_string()),
            ("folder:ChildFolderCount", "t:ChildFolderCount", Base::Default, children.to_string()),
        ];
        for (uri, element, base, value) in simple {
            if shape.wants(uri, base) && !value.is_empty() {
                xml.leaf(element, &value);
            }
        }
        for property in &shape.extended {
            let committed = calendar.committed_at().unwrap_or(DateTime::UNIX_EPOCH);
            match property.tag() {
                Some(LOCAL_COMMIT_TIME_MAX) => {
                    property.write(&committed.format("%Y-%m-%dT%H:%M:%SZ").to_string(), xml);
                }
                Some(DELETED_COUNT_TOTAL) => property.write(&calendar.deletions().to_string(), xml),
                _ => {}
            }
        }
        if shape.wants("folder:EffectiveRights", Base::AllProperties) {
            write_rights(call.rights(room), xml);
        }
        if folder != Folder::Calendar && shape.wants("folder:UnreadCount", Base::Default) {
            xml.leaf("t:UnreadCount", "0");
        }
    });
}

/// A folder's id, under the name it has in its place.
pub(super) fn write_id(name: &str, call: &Call<'_>, room: RoomNumber, folder: Folder, xml: &mut Xml) {
    let id = call.world.id_text(Id::Folder(room, folder));
    xml.empty(name, &[("Id", &id), ("ChangeKey", "AgAAAA==")]);
}

fn write_rights(rights: Rights, xml: &mut Xml) {
    let full = rights == Rights::Full;
    xml.within("t:EffectiveRights", |xml| {
        for name in ["CreateAssociated", "CreateContents", "CreateHierarchy", "Delete", "Modify"] {
            xml.value(&format!("t:{name}"), full);
        }
        xml.value("t:Read", rights >= Rights::Reviewer);
        xml.value("t:ViewPrivateItems", full);
    });
}
