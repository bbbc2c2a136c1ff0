//! GetFolder ([MS-OXWSFOLD] 3.1.4.6): may we read this calendar, and has it changed?

use super::{Dialect, Mailbox, date_time, field_uris, reply};
use crate::{
    error::{Denied, Error, Problem},
    http::{Operation, Reply, Request},
    xml::{self, Element},
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

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
    /// Whether the account may see what private items hold, where the server says so (Exchange 2010 and later).
    pub may_view_private: Option<bool>,
    /// When it was last written (PidTagLocalCommitTimeMax, 0x670A), where the server says so.
    pub last_commit: Option<DateTime<Utc>>,
    /// How many items were ever deleted from it (PidTagDeletedCountTotal, 0x670B), where the server says so.
    pub deleted_count: Option<i64>,
}

/// How far a folder's content has come. Two probes that say something and are equal mean that nothing happened between
/// them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Probe {
    /// When it was last written.
    pub changed: Option<DateTime<Utc>>,
    /// How many items were ever deleted from it.
    pub deleted: Option<i64>,
}

impl Probe {
    /// Whether it is certain that nothing happened since an earlier probe: both say both, and say the same.
    pub fn is_unchanged_since(&self, earlier: &Self) -> bool {
        self.changed.is_some() && self.deleted.is_some() && self == earlier
    }
}

impl Folder {
    /// How far its content has come.
    pub fn probe(&self) -> Probe {
        Probe { changed: self.last_commit, deleted: self.deleted_count }
    }

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

/// What a [`Probe`] is made of, as parts of a shape.
const PROBE: &str = concat!(
    r#"<t:ExtendedFieldURI PropertyTag="0x670a" PropertyType="SystemTime"/>"#,
    r#"<t:ExtendedFieldURI PropertyTag="0x670b" PropertyType="Integer"/>"#,
);

/// What a folder tells of itself.
const FIELDS: [&str; 3] = ["folder:DisplayName", "folder:TotalCount", "folder:EffectiveRights"];

/// Asks for the calendar of a mailbox.
pub fn request(dialect: Dialect, mailbox: &Mailbox) -> Request {
    folder(dialect, mailbox, "calendar", &(field_uris(&FIELDS) + PROBE))
}

/// Asks only how far the calendar of a mailbox has come: the cheapest question there is. Its answer is a [`Folder`] of
/// which nothing else is known.
pub fn probe(dialect: Dialect, mailbox: &Mailbox) -> Request {
    folder(dialect, mailbox, "calendar", PROBE)
}

/// Asks for the Inbox of a mailbox: who may read it may act as the mailbox's owner, and has more than rights on the
/// calendar.
pub fn inbox(dialect: Dialect, mailbox: &Mailbox) -> Request {
    folder(dialect, mailbox, "inbox", &field_uris(&FIELDS))
}

fn folder(dialect: Dialect, mailbox: &Mailbox, name: &str, properties: &str) -> Request {
    let body = format!(
        concat!(
            "<m:GetFolder><m:FolderShape><t:BaseShape>IdOnly</t:BaseShape><t:AdditionalProperties>{properties}",
            "</t:AdditionalProperties></m:FolderShape><m:FolderIds>{folder}</m:FolderIds></m:GetFolder>",
        ),
        properties = properties,
        folder = mailbox.folder(name),
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
    let right = |name| xml::boolean(folder.child("EffectiveRights")?.value(name)?);
    Ok(Folder {
        id: id.to_owned(),
        display_name: folder.value("DisplayName").map(str::to_owned),
        total_count: folder.value("TotalCount").and_then(|count| count.parse().ok()),
        may_read: right("Read"),
        may_view_private: right("ViewPrivateItems"),
        last_commit: extended(folder, "0x670a").and_then(date_time::instant),
        deleted_count: extended(folder, "0x670b").and_then(|count| count.parse().ok()),
    })
}

/// The value of an extended property by its tag.
pub(super) fn extended<'a>(folder: &'a Element, tag: &str) -> Option<&'a str> {
    folder
        .children_named("ExtendedProperty")
        .find(|property| {
            let uri = property.child("ExtendedFieldURI").and_then(|uri| uri.attribute("PropertyTag"));
            uri.is_some_and(|uri| uri.eq_ignore_ascii_case(tag))
        })?
        .value("Value")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_two_probes_that_say_all_and_say_the_same_prove_that_nothing_happened() {
        let changed = date_time::instant("2026-05-18T06:59:58Z");
        let whole = Probe { changed, deleted: Some(12) };
        let later = Probe { changed: date_time::instant("2026-05-18T06:59:59Z"), ..whole };
        let deleted = Probe { deleted: Some(13), ..whole };
        let (half, silent) = (Probe { deleted: None, ..whole }, Probe::default());
        for (now, earlier, expected) in [
            (whole, whole, true),
            (later, whole, false),
            (deleted, whole, false),
            (half, half, false),
            (silent, silent, false),
        ] {
            assert_eq!(now.is_unchanged_since(&earlier), expected, "{now:?} {earlier:?}");
        }
    }
}
