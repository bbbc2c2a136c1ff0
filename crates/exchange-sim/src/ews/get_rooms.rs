//! GetRoomLists and GetRooms ([MS-OXWSGTRM]): the rooms that the directory offers.

use super::Call;
use super::soap::{self, EwsError, Schema};
use crate::item::Mailbox;
use crate::room::{MailboxKind, MailboxState};
use crate::xml::Xml;

pub(super) fn lists(call: &Call<'_>) -> Result<String, EwsError> {
    since_2010(call)?;
    let lists = &call.world.directory.room_lists;
    Ok(soap::reply("m:GetRoomListsResponse", &[("ResponseClass", "Success")], |xml| {
        xml.leaf("m:ResponseCode", "NoError");
        xml.within("m:RoomLists", |xml| {
            for list in lists {
                xml.within("t:Address", |xml| address(&list.mailbox, "PublicDL", xml));
            }
        });
    }))
}

pub(super) fn rooms(call: &Call<'_>) -> Result<String, EwsError> {
    since_2010(call)?;
    let wanted = call.body.path(&["RoomList", "EmailAddress"]);
    let wanted = wanted.ok_or_else(|| EwsError::of("ErrorSchemaValidation"))?.text();
    let mut lists = call.world.directory.room_lists.iter();
    let Some(list) = lists.find(|list| list.mailbox.address.eq_ignore_ascii_case(wanted)) else {
        let error = EwsError::of("ErrorNameResolutionNoResults");
        return Ok(soap::reply("m:GetRoomsResponse", &[("ResponseClass", "Error")], |xml| {
            error.write_message(xml);
        }));
    };
    let rooms = list.rooms.iter().filter_map(|room| call.world.room(*room));
    let rooms = rooms.filter(|room| room.state != MailboxState::Deleted);
    Ok(soap::reply("m:GetRoomsResponse", &[("ResponseClass", "Success")], |xml| {
        xml.leaf("m:ResponseCode", "NoError");
        xml.within("m:Rooms", |xml| {
            for room in rooms.filter(|room| room.kind == MailboxKind::Room) {
                xml.within("t:Room", |xml| {
                    xml.within("t:Id", |xml| address(&room.mailbox, "Mailbox", xml));
                });
            }
        });
    }))
}

/// Room lists came with Exchange 2010.
fn since_2010(call: &Call<'_>) -> Result<(), EwsError> {
    if call.schema < Schema::Exchange2010 { Err(EwsError::of("ErrorInvalidRequest")) } else { Ok(()) }
}

pub(super) fn address(mailbox: &Mailbox, kind: &str, xml: &mut Xml) {
    xml.leaf("t:Name", &mailbox.name);
    xml.leaf("t:EmailAddress", &mailbox.address);
    xml.leaf("t:RoutingType", "SMTP");
    xml.leaf("t:MailboxType", kind);
}
