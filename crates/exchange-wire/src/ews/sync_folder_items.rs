//! SyncFolderItems ([MS-OXWSSYNC] 3.1.4.2): what changed in a calendar since a SyncState.

use super::{Dialect, Listed, Mailbox, field_uris, reply};
use crate::{
    error::Error,
    http::{Operation, Reply, Request},
    xml::{self, Element, escape},
};
use meeting_model::id::ItemId;
use serde::{Deserialize, Serialize};

/// What to be told of each item besides its id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// Nothing: the cheapest.
    Id,
    /// Start, end and type: enough to leave out what is long over.
    Span,
}

/// One page of changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// Where the next page, or the next read, goes on.
    pub sync_state: String,
    /// Whether there is nothing more for now.
    pub is_last: bool,
    /// What changed, in the server's order.
    pub changes: Vec<Change>,
}

/// One change of a calendar item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Change {
    /// It is new, or it changed: servers that start over say `Create` of what we know.
    Put(Listed),
    /// It is gone.
    Gone(ItemId),
}

/// Asks for at most `max` changes (1 to 512) since `sync_state`, or for everything.
pub fn request(
    dialect: Dialect,
    mailbox: &Mailbox,
    sync_state: Option<&str>,
    shape: Shape,
    max: u16,
) -> Request {
    let fields = match shape {
        Shape::Id => String::new(),
        Shape::Span => format!(
            "<t:AdditionalProperties>{}</t:AdditionalProperties>",
            field_uris(&["calendar:Start", "calendar:End", "calendar:CalendarItemType"])
        ),
    };
    let body = format!(
        concat!(
            "<m:SyncFolderItems><m:ItemShape><t:BaseShape>IdOnly</t:BaseShape>{fields}</m:ItemShape>",
            "<m:SyncFolderId>{calendar}</m:SyncFolderId>{sync_state}",
            "<m:MaxChangesReturned>{max}</m:MaxChangesReturned></m:SyncFolderItems>",
        ),
        fields = fields,
        calendar = mailbox.calendar(),
        sync_state = sync_state
            .map(|state| format!("<m:SyncState>{}</m:SyncState>", escape(state)))
            .unwrap_or_default(),
        max = max.clamp(1, 512),
    );
    dialect.request(mailbox, Operation::SyncFolderItems, &body)
}

/// Reads one page. Changes of read flags, and items that are not calendar items, are left out.
///
/// # Errors
///
/// When the reply is not a whole page: see [`Problem`](crate::Problem).
pub fn parse(reply: &Reply<'_>) -> Result<Page, Error> {
    let message = reply::message(Operation::SyncFolderItems, reply)?;
    let missing = |element| reply::missing(Operation::SyncFolderItems, element);
    let is_last = message.value("IncludesLastItemInRange").and_then(xml::boolean);
    let is_last = is_last.ok_or_else(|| missing("IncludesLastItemInRange"))?;
    let sync_state = message.value("SyncState").ok_or_else(|| missing("SyncState"))?.to_owned();
    let changes = message.child("Changes").ok_or_else(|| missing("Changes"))?;
    let changes = changes.children.iter().filter_map(|entry| change(entry).transpose());
    Ok(Page { sync_state, is_last, changes: changes.collect::<Result<_, _>>().map_err(missing)? })
}

/// One entry, or nothing when it is none of our business.
///
/// # Errors
///
/// The element that is missing: an entry that does not say of which item it speaks must not be passed over.
fn change(entry: &Element) -> Result<Option<Change>, &'static str> {
    match entry.name.as_str() {
        "Create" | "Update" => entry
            .child("CalendarItem")
            .map(|item| Listed::read(item).map(Change::Put).ok_or("ItemId"))
            .transpose(),
        "Delete" => {
            let id = entry.children.iter().find_map(|child| child.attribute("Id"));
            id.map(|id| Some(Change::Gone(ItemId::new(id)))).ok_or("ItemId")
        }
        _ => Ok(None),
    }
}
