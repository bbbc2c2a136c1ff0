//! People, rooms and lists as the directory names them.

use crate::xml::Element;
use std::fmt;

/// EmailAddressType ([MS-OXWSCDATA] 2.2.4): a name and where it can be reached by SMTP.
#[derive(Clone, PartialEq, Eq)]
pub struct EmailAddress {
    /// The display name.
    pub name: Option<String>,
    /// The SMTP address.
    pub address: String,
    /// What is reached there, in the schema's words: `Mailbox`, `PublicDL`, `Contact`.
    pub mailbox_type: Option<String>,
}

impl EmailAddress {
    /// Reads an address; `None` where there is none by SMTP (`/o=…`).
    pub(super) fn read(element: &Element) -> Option<Self> {
        let address = element.value("EmailAddress").filter(|address| address.contains('@'))?;
        Some(Self {
            name: element.value("Name").map(str::to_owned),
            address: address.to_owned(),
            mailbox_type: element.value("MailboxType").map(str::to_owned),
        })
    }
}

impl fmt::Debug for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EmailAddress(..)")
    }
}
