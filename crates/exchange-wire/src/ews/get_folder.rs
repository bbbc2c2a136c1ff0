//! GetFolder ([MS-OXWSFOLD] 3.1.4.6): may we read this calendar, and has it changed?

use super::{Dialect, Mailbox, date_time, field_uris, reply};
use crate::{
    error::{Denied, Error, Problem},
    http::{Operation, Reply, Request},
    xml::{self, Element},
};
use chrono::{DateTime, Utc};

/// A room's calendar folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folder {
    /// The server's id of it.
    pub id: String,
    /// Its name, in the mailbox's language.
    pub display_name: Option<String>,
    /// How many items lie in it.
    pub total_count: Option<u32>,
    /// Whether the account may read it, where the server says so.
    pub may_read: Option<bool>,
    /// When it was last written (PidTagLocalCommitTimeMax, 0x670A), where the server says so.
    pub last_commit: Option<DateTime<Utc>>,
    /// How many items were ever deleted from it (PidTagDeletedCountTotal, 0x670B), where the server says so.
    pub deleted_count: Option<i64>,
}

impl Folder {
    /// This folder, where the account may read it. Some servers let everybody open a folder, and show it empty.
    ///
    /// # Errors
    ///
    /// [`AccessDenied`](Problem::AccessDenied) where the server says that the account may not.
    pub fn readable(self) -> Result<Self, Error> {
        if self.may_read != Some(false) {
            return Ok(self);
        }
        let code = "EffectiveRights".to_owned();
        let problem = Problem::AccessDenied { denied: Denied::Read, code };
        Err(Error { operation: Operation::GetFolder, problem })
    }
}

/// Asks for the calendar of a mailbox.
pub fn request(dialect: Dialect, mailbox: &Mailbox) -> Request {
    let body = format!(
        concat!(
            "<m:GetFolder><m:FolderShape><t:BaseShape>IdOnly</t:BaseShape><t:AdditionalProperties>{fields}",
            r#"<t:ExtendedFieldURI PropertyTag="0x670a" PropertyType="SystemTime"/>"#,
            r#"<t:ExtendedFieldURI PropertyTag="0x670b" PropertyType="Integer"/>"#,
            "</t:AdditionalProperties></m:FolderShape><m:FolderIds>{calendar}</m:FolderIds></m:GetFolder>",
        ),
        fields = field_uris(&["folder:DisplayName", "folder:TotalCount", "folder:EffectiveRights"]),
        calendar = mailbox.calendar(),
    );
    dialect.request(mailbox, Operation::GetFolder, &body)
}

/// Reads the answer.
///
/// # Errors
///
/// When the reply is not a folder: see [`Problem`].
pub fn parse(reply: &Reply<'_>) -> Result<Folder, Error> {
    let message = reply::message(Operation::GetFolder, reply)?;
    let missing = |element| reply::missing(Operation::GetFolder, element);
    let folder = message.child("Folders").and_then(|folders| folders.children.first());
    let folder = folder.ok_or_else(|| missing("Folders"))?;
    let id = folder.child("FolderId").and_then(|id| id.attribute("Id")).ok_or_else(|| missing("FolderId"))?;
    Ok(Folder {
        id: id.to_owned(),
        display_name: folder.value("DisplayName").map(str::to_owned),
        total_count: folder.value("TotalCount").and_then(|count| count.parse().ok()),
        may_read: folder.child("EffectiveRights").and_then(|rights| xml::boolean(rights.value("Read")?)),
        last_commit: extended(folder, "0x670a").and_then(date_time::instant),
        deleted_count: extended(folder, "0x670b").and_then(|count| count.parse().ok()),
    })
}

/// The value of an extended property by its tag.
fn extended<'a>(folder: &'a Element, tag: &str) -> Option<&'a str> {
    folder
        .children_named("ExtendedProperty")
        .find(|property| {
            let uri = property.child("ExtendedFieldURI").and_then(|uri| uri.attribute("PropertyTag"));
            uri.is_some_and(|uri| uri.eq_ignore_ascii_case(tag))
        })?
        .value("Value")
}
