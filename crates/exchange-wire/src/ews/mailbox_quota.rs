//! How full the account's own mailbox is: GetFolder ([MS-OXWSFOLD] 3.1.4.6) of the root of its store, where servers that
//! tell it have the properties of the whole mailbox ([MS-OXPROPS] PidTagMessageSizeExtended, PidTagProhibitReceiveQuota).

use super::{Dialect, reply};
use crate::{
    error::Error,
    http::{Operation, Reply, Request},
};

/// How full a mailbox is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    /// What it holds, in bytes.
    pub used: u64,
    /// What it may hold before it takes nothing more, in bytes.
    pub limit: u64,
}

const SIZE: &str = "0xe08";
const RECEIVE_QUOTA: &str = "0x666a";

/// Asks for the account's own mailbox, as the account itself.
pub fn request(dialect: Dialect) -> Request {
    let body = format!(
        concat!(
            "<m:GetFolder><m:FolderShape><t:BaseShape>IdOnly</t:BaseShape><t:AdditionalProperties>",
            r#"<t:ExtendedFieldURI PropertyTag="{size}" PropertyType="Long"/>"#,
            r#"<t:ExtendedFieldURI PropertyTag="{quota}" PropertyType="Integer"/>"#,
            "</t:AdditionalProperties></m:FolderShape><m:FolderIds>",
            r#"<t:DistinguishedFolderId Id="root"/></m:FolderIds></m:GetFolder>"#,
        ),
        size = SIZE,
        quota = RECEIVE_QUOTA,
    );
    dialect.own_request(Operation::GetFolder, &body)
}

/// Reads the answer; nothing where the server tells no size or no limit.
///
/// # Errors
///
/// When the reply is not a folder, as where the account has no mailbox: see [`Problem`](crate::Problem).
pub fn parse(reply: &Reply<'_>) -> Result<Option<Quota>, Error> {
    let message = reply::message(Operation::GetFolder, reply)?;
    let folder = message.child("Folders").and_then(|folders| folders.children.first());
    let folder = folder.ok_or_else(|| reply::missing(Operation::GetFolder, "Folders"))?;
    let number = |tag| super::get_folder::extended(folder, tag)?.parse::<u64>().ok();
    // The limit is in kilobytes.
    let limit = number(RECEIVE_QUOTA).and_then(|limit| limit.checked_mul(1024));
    Ok(number(SIZE).zip(limit).map(|(used, limit)| Quota { used, limit }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(properties: &str) -> Option<Quota> {
        let body = format!(
            "<Envelope><Body><GetFolderResponse><ResponseMessages><x ResponseClass='Success'><Folders><Folder>\
             <FolderId Id='a'/>{properties}</Folder></Folders></x></ResponseMessages></GetFolderResponse></Body></Envelope>"
        );
        parse(&Reply { status: 200, headers: &[], body: body.as_bytes() }).unwrap()
    }

    #[test]
    fn both_numbers_are_needed() {
        let property = |tag: &str, value: &str| {
            format!(
                "<ExtendedProperty><ExtendedFieldURI PropertyTag='{tag}'/><Value>{value}</Value></ExtendedProperty>"
            )
        };
        let (size, limit) = (property("0xe08", "5242880"), property("0x666A", "102400"));
        let quota = Quota { used: 5 << 20, limit: 100 << 20 };
        assert_eq!(read(&format!("{size}{limit}")), Some(quota));
        for silent in [size, limit, property("0x666a", "-1"), String::new()] {
            assert_eq!(read(&silent), None, "{silent}");
        }
    }
}
