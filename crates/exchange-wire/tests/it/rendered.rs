//! What a reply says, as JSON: one form for every operation, for files to expect.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use exchange_wire::{
    Error, Reply,
    ews::{
        EmailAddress, Listed, find_item, get_events, get_folder,
        get_item::{self, Answer},
        get_room_lists, get_rooms, get_user_availability, resolve_names, subscribe,
        sync_folder_items::{self, Change},
        unsubscribe,
    },
};
use meeting_model::{global_object_id::GlobalObjectId, id::ItemId, join::JoinRules};
use serde_json::{Value, json};

/// Parses the reply as one to `operation`, which asked for `ids`.
pub(crate) fn parse(operation: &str, ids: &[ItemId], reply: &Reply<'_>) -> Result<Value, Error> {
    Ok(match operation {
        "GetFolder" => {
            let folder = get_folder::parse(reply)?;
            json!({
                "id": folder.id,
                "display_name": folder.display_name,
                "total_count": folder.total_count,
                "may_read": folder.may_read,
                "may_view_private": folder.may_view_private,
                "last_commit": folder.last_commit,
                "deleted_count": folder.deleted_count,
            })
        }
        "SyncFolderItems" => {
            let page = sync_folder_items::parse(reply)?;
            let changes: Vec<_> = page.changes.iter().map(change).collect();
            json!({ "sync_state": page.sync_state, "is_last": page.is_last, "changes": changes })
        }
        "FindItem" => {
            let view = find_item::parse(reply, 1000)?;
            json!({ "is_whole": view.is_whole, "rows": view.rows.iter().map(row).collect::<Vec<_>>() })
        }
        "GetUserAvailability" => {
            let span = |busy: &get_user_availability::Busy| json!([busy.start, busy.end, busy.show_as]);
            get_user_availability::parse(reply)?.iter().map(span).collect()
        }
        "GetItem" => get_item::parse(reply, ids, &JoinRules::default())?.iter().map(answer).collect(),
        "GetRoomLists" => get_room_lists::parse(reply)?.iter().map(address).collect(),
        "GetRooms" => get_rooms::parse(reply)?.iter().map(address).collect(),
        "ResolveNames" => {
            let resolved = resolve_names::parse(reply)?;
            let matches: Vec<_> = resolved.matches.iter().map(address).collect();
            json!({ "matches": matches, "is_whole": resolved.is_whole })
        }
        "Subscribe" => {
            let subscription = subscribe::parse(reply)?;
            json!({ "id": subscription.id, "watermark": subscription.watermark })
        }
        "GetEvents" => {
            let events = get_events::parse(reply)?;
            json!({ "changed": events.changed, "more": events.more, "watermark": events.watermark })
        }
        "Unsubscribe" => {
            unsubscribe::parse(reply)?;
            json!("done")
        }
        other => panic!("no such operation: {other}"),
    })
}

pub(crate) const OPERATIONS: [&str; 11] = [
    "GetFolder",
    "SyncFolderItems",
    "FindItem",
    "GetItem",
    "GetUserAvailability",
    "GetRoomLists",
    "GetRooms",
    "ResolveNames",
    "Subscribe",
    "GetEvents",
    "Unsubscribe",
];

fn change(change: &Change) -> Value {
    match change {
        Change::Put(item) => json!({ "put": listed(item) }),
        Change::Gone(id) => json!({ "gone": id }),
    }
}

fn listed(listed: &Listed) -> Value {
    json!({ "id": listed.id, "kind": listed.kind, "start": listed.start, "end": listed.end })
}

fn address(found: &EmailAddress) -> Value {
    json!([found.name, found.address, found.mailbox_type])
}

fn row(row: &find_item::Row) -> Value {
    let uid = |id: &Option<GlobalObjectId>| id.as_ref().map(|id| STANDARD.encode(id.as_bytes()));
    said(json!({
        "id": row.id,
        "kind": row.kind.map(|kind| format!("{kind:?}")),
        "uid": row.uid,
        "global_object_id": uid(&row.global_object_id),
        "clean_global_object_id": uid(&row.clean_global_object_id),
        "original_start": row.original_start,
        "start": row.start,
        "end": row.end,
        "all_day": row.all_day,
        "subject": row.subject,
        "sensitivity": row.sensitivity,
        "response": row.response,
        "is_cancelled": row.is_cancelled,
        "is_recurring": row.is_recurring,
    }))
}

fn answer(answer: &Answer) -> Value {
    match answer {
        Answer::Meeting(meeting) => {
            let mut item = json!(meeting.item);
            item["clean_global_object_id"] =
                meeting.item.clean_global_object_id.as_ref().map(GlobalObjectId::to_uid).into();
            json!({ "item": said(item), "exception_ids": meeting.exception_ids })
        }
        Answer::NotAMeeting => json!("not a meeting"),
        Answer::Gone => json!("gone"),
        Answer::Unreadable => json!("unreadable"),
        Answer::Unprocessed => json!("unprocessed"),
    }
}

/// Without what was not said: what is null, false or empty.
fn said(value: Value) -> Value {
    match value {
        Value::Object(fields) => {
            let nothing = [Value::Null, json!(false), json!([])];
            let fields = fields.into_iter().map(|(name, field)| (name, said(field)));
            Value::Object(fields.filter(|(_, field)| !nothing.contains(field)).collect())
        }
        Value::Array(list) => list.into_iter().map(said).collect(),
        value => value,
    }
}
