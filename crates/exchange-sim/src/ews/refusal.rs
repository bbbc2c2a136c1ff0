//! An operation refused with a code: a message for each thing that was asked about, or a SOAP fault.

use super::soap::{self, EwsError, Messages};
use super::{Call, get_streaming_events};
use crate::Response;
use crate::fault::ResponseCode;
use crate::xml::Element;

/// Operations with response messages.
const OPERATIONS: [&str; 15] = [
    "GetFolder",
    "FindFolder",
    "SyncFolderItems",
    "GetItem",
    "FindItem",
    "CreateItem",
    "UpdateItem",
    "DeleteItem",
    "MoveItem",
    "Subscribe",
    "GetEvents",
    "Unsubscribe",
    "ResolveNames",
    "ConvertId",
    "GetServerTimeZones",
];

/// Codes of a request as a whole, which never come in one of several messages: of its headers, its schema, its size, the
/// budget it is paid from, and a mailbox on its way to another database.
const WHOLE: [&str; 13] = [
    "ErrorExceededConnectionCount",
    "ErrorImpersonateUserDenied",
    "ErrorImpersonationDenied",
    "ErrorImpersonationFailed",
    "ErrorIncorrectSchemaVersion",
    "ErrorInternalServerTransientError",
    "ErrorInvalidExchangeImpersonationHeaderData",
    "ErrorInvalidRequest",
    "ErrorInvalidServerVersion",
    "ErrorMailboxDataArrayTooBig",
    "ErrorMailboxMoveInProgress",
    "ErrorSchemaValidation",
    "ErrorTimeIntervalTooBig",
];

/// Answers a call with a code.
pub(super) fn answer(call: &mut Call<'_>, code: ResponseCode) -> Result<Response, EwsError> {
    let name = call.body.name.as_str();
    let error = match code.name() {
        "ErrorServerBusy" => return Err(busy("2000")),
        "ErrorExceededConnectionCount" => return Err(too_many_connections()),
        whole if WHOLE.contains(&whole) || !call.world.profile.has(name) => return Err(EwsError::of(whole)),
        other => EwsError::of(other),
    };
    if name == "GetStreamingEvents" {
        return Ok(get_streaming_events::refused(call, &error));
    }
    let text = match name {
        "GetUserAvailabilityRequest" => availability(&error, asked(call.body)),
        "GetRoomLists" => directory("m:GetRoomListsResponse", &error),
        "GetRooms" => directory("m:GetRoomsResponse", &error),
        "GetPasswordExpirationDate" => directory("m:GetPasswordExpirationDateResponse", &error),
        other => match messages(other, &error, asked(call.body)) {
            Some(text) => text,
            None => return Err(error),
        },
    };
    Ok(Response::new(200, "text/xml; charset=utf-8", text))
}

/// ErrorServerBusy that asks to wait so many milliseconds.
pub(super) fn busy(milliseconds: &str) -> EwsError {
    EwsError::of("ErrorServerBusy").with("BackOffMilliseconds", milliseconds.to_owned())
}

/// ErrorExceededConnectionCount with the policy's limit.
pub(super) fn too_many_connections() -> EwsError {
    EwsError::of("ErrorExceededConnectionCount")
        .with("Policy", "MaxConcurrency".to_owned())
        .with("MaxConcurrencyLimit", "27".to_owned())
}

/// How many things a request asks about that each have a message of their own.
fn asked(body: &Element) -> usize {
    let list = match body.name.as_str() {
        "GetFolder" => "FolderIds",
        "FindFolder" | "FindItem" => "ParentFolderIds",
        "GetItem" | "DeleteItem" | "MoveItem" => "ItemIds",
        "CreateItem" => "Items",
        "UpdateItem" => "ItemChanges",
        "ConvertId" => "SourceIds",
        "GetUserAvailabilityRequest" => "MailboxDataArray",
        _ => return 1,
    };
    body.child(list).map_or(1, |list| list.children.len())
}

/// The reply of an operation whose messages are all the same error, if it is one with response messages.
pub(super) fn messages(operation: &str, error: &EwsError, count: usize) -> Option<String> {
    let operation = OPERATIONS.into_iter().find(|known| *known == operation)?;
    let mut messages = Messages::new(operation);
    for _ in 0..count {
        messages.error(error, |xml| match operation {
            "GetFolder" => xml.empty("m:Folders", &[]),
            "GetServerTimeZones" => xml.empty("m:TimeZoneDefinitions", &[]),
            "GetItem" | "CreateItem" | "UpdateItem" | "MoveItem" => xml.empty("m:Items", &[]),
            "SyncFolderItems" => {
                xml.empty("m:SyncState", &[]);
                xml.leaf("m:IncludesLastItemInRange", "true");
            }
            _ => {}
        });
    }
    Some(messages.finish())
}

fn directory(response: &str, error: &EwsError) -> String {
    soap::reply(response, &[("ResponseClass", error.class())], |xml| error.write_message(xml))
}

fn availability(error: &EwsError, mailboxes: usize) -> String {
    soap::reply("m:GetUserAvailabilityResponse", &[], |xml| {
        xml.within("m:FreeBusyResponseArray", |xml| {
            for _ in 0..mailboxes {
                xml.within("m:FreeBusyResponse", |xml| {
                    xml.element("m:ResponseMessage", &[("ResponseClass", error.class())], |xml| {
                        error.write_message(xml);
                    });
                    xml.within("m:FreeBusyView", |xml| xml.leaf("t:FreeBusyViewType", "None"));
                });
            }
        });
    })
}
