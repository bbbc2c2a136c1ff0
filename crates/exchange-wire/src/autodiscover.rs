//! Autodiscover: where the Exchange Web Services of a mailbox are ([MS-OXDSCLI], [MS-OXWSADISC]).
//!
//! [`Discovery`] decides what to ask next and whom; whoever performs it carries bytes. It asks over TLS only, and nobody
//! but hosts of the mailbox's own domain and of the domains that are configured: credentials have leaked to strangers by
//! clients that were less particular. What it asked and was answered is a [`Trail`] for the administrator to see.

mod discovery;
mod host;
pub mod pox;
pub mod soap;
mod trail;

use crate::{error::Problem, ews::server_version::ServerVersion, http::Request, xml::Element};
pub use discovery::{Discovery, Policy, Step};
pub use host::own_domain;
use serde::{Deserialize, Serialize};
pub use trail::{Asked, Outcome, Trail};

/// One question: an HTTP POST. Redirections are not to be followed, as they are answers; a sign-in is shown to who asks for one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ask {
    /// Where to, over TLS.
    pub url: String,
    /// The request.
    pub request: Request,
}

/// The two forms of Autodiscover.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Form {
    /// SOAP, of Exchange 2010 and later ([MS-OXWSADISC]).
    Soap,
    /// "Plain old XML", which every version speaks ([MS-OXDSCLI]).
    Pox,
}

/// What one reply says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    /// Where the mailbox's services are.
    Settings(Settings),
    /// The mailbox is to be asked for under another address.
    RedirectAddress(String),
    /// Another Autodiscover is to be asked.
    RedirectUrl(String),
    /// It does not know, or cannot tell.
    Error {
        /// The code, in the words of the form.
        code: String,
    },
}

/// What is known of a mailbox's services.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Settings {
    /// The addresses of Exchange Web Services, the one to prefer first: external before internal.
    pub ews_urls: Vec<String>,
    /// Mailboxes of one group can share a streaming connection (GroupingInformation).
    pub group: Option<String>,
    /// Which Exchange it is.
    pub server_version: Option<ServerVersion>,
}

/// Where a mailbox's Exchange Web Services are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The address of Exchange Web Services: over TLS, and on a host that is allowed.
    pub ews_url: String,
    /// The mailbox's address, which is another than the one that was asked for where Autodiscover said so.
    pub address: String,
    /// Mailboxes of one group, at one address of Exchange Web Services, can share a streaming connection.
    pub group: Option<String>,
    /// Which Exchange it is, where it says so.
    pub server_version: Option<ServerVersion>,
}

/// A word of the server's, fit for a trail.
fn word(word: &str) -> String {
    word.chars().filter(|character| !character.is_control()).take(64).collect()
}

/// An address as the server wrote it, fit for a trail.
fn address(text: &str) -> String {
    text.chars().filter(|character| !character.is_control()).take(256).collect()
}

fn unexpected(expected: &str, found: &Element) -> Problem {
    Problem::Unexpected { expected: expected.to_owned(), found: word(&found.name) }
}
