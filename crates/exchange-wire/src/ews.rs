//! Exchange Web Services: SOAP 1.1 over HTTP ([MS-OXWSCORE] and its kin).
//!
//! One module an operation, each with `request` and `parse`; [`read`] and [`watch`] are the conversations made of them.

mod body;
mod calendar_item;
mod date_time;
mod directory;
pub mod find_item;
pub mod get_events;
pub mod get_folder;
pub mod get_item;
pub mod get_password_expiration_date;
pub mod get_room_lists;
pub mod get_rooms;
pub mod get_streaming_events;
pub mod get_user_availability;
pub mod mailbox_quota;
pub mod meeting_requests;
pub mod read;
mod recurrence;
mod reply;
pub mod resolve_names;
mod response_code;
pub mod send_notification;
pub mod server_version;
pub mod subscribe;
pub mod sync_folder_items;
mod time_zone;
pub mod unsubscribe;
pub mod watch;

pub use calendar_item::{Listed, Meeting};
pub use directory::EmailAddress;

use crate::{
    http::{Operation, Request},
    xml::escape,
};
use serde::{Deserialize, Serialize};
use server_version::ServerVersion;
use std::fmt;

/// How to speak to one server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Dialect {
    /// The version of the schema.
    pub version: Version,
    /// How the account reaches a room's mailbox.
    pub access: Access,
}

/// `RequestServerVersion`: the schema both sides speak, which is not the server's own version. Ordered by age.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
pub enum Version {
    /// Exchange 2007 with Service Pack 1: no zone names but MeetingTimeZone, no room lists, no streaming.
    #[serde(rename = "Exchange2007_SP1")]
    Exchange2007Sp1,
    /// Exchange 2010.
    Exchange2010,
    /// Exchange 2010 with Service Pack 1, understood by everything since: the one to begin with.
    #[default]
    #[serde(rename = "Exchange2010_SP1")]
    Exchange2010Sp1,
    /// Exchange 2013.
    Exchange2013,
    /// Exchange 2016.
    Exchange2016,
}

impl Version {
    /// Every version, the oldest first.
    pub const ALL: [Self; 5] = [
        Self::Exchange2007Sp1,
        Self::Exchange2010,
        Self::Exchange2010Sp1,
        Self::Exchange2013,
        Self::Exchange2016,
    ];

    /// As the wire has it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Exchange2007Sp1 => "Exchange2007_SP1",
            Self::Exchange2010 => "Exchange2010",
            Self::Exchange2010Sp1 => "Exchange2010_SP1",
            Self::Exchange2013 => "Exchange2013",
            Self::Exchange2016 => "Exchange2016",
        }
    }

    /// The newest that a server of this version and we both know.
    pub fn spoken_by(server: ServerVersion) -> Self {
        match (server.major, server.minor) {
            (..14, _) => Self::Exchange2007Sp1,
            (14, 0) => Self::Exchange2010,
            (14, _) => Self::Exchange2010Sp1,
            (15, 0) => Self::Exchange2013,
            _ => Self::Exchange2016,
        }
    }

    /// The next older one: what to try when the server refuses this.
    pub fn older(self) -> Option<Self> {
        Self::ALL.into_iter().rev().find(|&version| version < self)
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How the account reaches a room's mailbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Access {
    /// By rights on the mailbox or its calendar: the folder names the mailbox.
    #[default]
    Delegate,
    /// As the mailbox's owner: the header ExchangeImpersonation, in addition.
    Impersonation,
}

/// A room's mailbox: its primary SMTP address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mailbox(String);

impl Mailbox {
    /// Takes an address as it is.
    pub fn new(smtp: impl Into<String>) -> Self {
        Self(smtp.into())
    }

    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The mailbox's calendar, as a folder id.
    fn calendar(&self) -> String {
        self.folder("calendar")
    }

    /// One of the mailbox's folders, by its DistinguishedFolderIdNameType ([MS-OXWSCDATA] 2.2.5).
    fn folder(&self, name: &str) -> String {
        format!(
            concat!(
                r#"<t:DistinguishedFolderId Id="{}"><t:Mailbox><t:EmailAddress>{}</t:EmailAddress>"#,
                "</t:Mailbox></t:DistinguishedFolderId>"
            ),
            name,
            escape(&self.0)
        )
    }
}

impl Dialect {
    /// One operation's element in its envelope.
    fn request(self, mailbox: &Mailbox, operation: Operation, body: &str) -> Request {
        match self.access {
            Access::Delegate => self.own_request(operation, body),
            Access::Impersonation => {
                let mut request = self.envelope(operation, &impersonation(mailbox), body);
                request.headers.push((ANCHOR, mailbox.0.clone()));
                request
            }
        }
    }

    /// What the account asks for itself, of no mailbox.
    fn own_request(self, operation: Operation, body: &str) -> Request {
        self.envelope(operation, "", body)
    }

    fn envelope(self, operation: Operation, impersonation: &str, body: &str) -> Request {
        let headers = vec![("Content-Type", "text/xml; charset=utf-8".to_owned())];
        let answers_with_dates = matches!(operation, Operation::GetItem | Operation::FindItem);
        let zone = if answers_with_dates && self.version >= Version::Exchange2010 { UTC } else { "" };
        let body = format!(
            concat!(
                r#"<?xml version="1.0" encoding="utf-8"?>"#,
                r#"<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/""#,
                r#" xmlns:m="http://schemas.microsoft.com/exchange/services/2006/messages""#,
                r#" xmlns:t="http://schemas.microsoft.com/exchange/services/2006/types">"#,
                r#"<s:Header><t:RequestServerVersion Version="{version}"/>{impersonation}{zone}</s:Header>"#,
                "<s:Body>{body}</s:Body></s:Envelope>",
            ),
            version = self.version,
            impersonation = impersonation,
            zone = zone,
            body = body,
        );
        Request { operation, path: None, headers, affinity: None, body }
    }
}

/// The rooms that share a stream: Exchange keeps their subscriptions on the server of one mailbox, the anchor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// Any mailbox of the group, and always the same one.
    pub anchor: Mailbox,
}

impl Group {
    /// The same request, led to the server where the group's subscriptions are.
    fn lead(&self, mut request: Request) -> Request {
        request.headers.retain(|(name, _)| *name != ANCHOR);
        request.headers.push((ANCHOR, self.anchor.0.clone()));
        request.headers.push(("X-PreferServerAffinity", "true".to_owned()));
        request.affinity = Some(self.anchor.0.clone());
        request
    }
}

/// The header that names the mailbox whose server is wanted.
const ANCHOR: &str = "X-AnchorMailbox";

/// Instants shall be answered in UTC ([MS-OXWSCDATA] TimeZoneContext).
const UTC: &str = r#"<t:TimeZoneContext><t:TimeZoneDefinition Id="UTC"/></t:TimeZoneContext>"#;

/// Act as the mailbox's owner ([MS-OXWSCDATA] ExchangeImpersonation): exactly one child says who.
fn impersonation(mailbox: &Mailbox) -> String {
    format!(
        concat!(
            "<t:ExchangeImpersonation><t:ConnectingSID><t:PrimarySmtpAddress>{}</t:PrimarySmtpAddress>",
            "</t:ConnectingSID></t:ExchangeImpersonation>"
        ),
        escape(&mailbox.0)
    )
}

/// PidLidGlobalObjectId and PidLidCleanGlobalObjectId, as parts of a shape ([MS-OXPROPS] PSETID_Meeting).
const GLOBAL_OBJECT_IDS: &str = concat!(
    r#"<t:ExtendedFieldURI DistinguishedPropertySetId="Meeting" PropertyId="3" PropertyType="Binary"/>"#,
    r#"<t:ExtendedFieldURI DistinguishedPropertySetId="Meeting" PropertyId="35" PropertyType="Binary"/>"#,
);

/// `FieldURI` elements for the shape of a reply.
fn field_uris(names: &[&str]) -> String {
    each(names, |name| format!(r#"<t:FieldURI FieldURI="{name}"/>"#))
}

/// What is written for each, one after the other.
fn each<T>(things: &[T], write: impl Fn(&T) -> String) -> String {
    things.iter().map(write).collect::<Vec<_>>().concat()
}
