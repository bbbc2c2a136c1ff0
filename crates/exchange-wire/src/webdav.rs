//! WebDAV as Exchange 2003 and 2007 speak it (RFC 2518, the Exchange SDK, [MS-XWDCAL]).
//!
//! The same conversations as [`ews`](crate::ews) has, and the same outcomes: [`read::Read`], [`view::View`] and
//! [`watch::Watch`]. A calendar is read as the server itself expands it, always the whole window: the store tells that
//! something has changed, never what. Each conversation finds the calendar's folder by itself, unless what an earlier one
//! found is handed to it: folders are named in the language of whoever opened the mailbox first.
//!
//! A room's requests share their cookies, and nobody else's: where sessions are kept, a mailbox that is refused ends the
//! session that asked.

mod appointment;
mod cancelled;
pub mod folder;
pub mod forms;
mod multistatus;
pub mod notify;
mod person;
mod poll;
mod property;
pub mod read;
mod reply;
mod rows;
mod search;
mod series;
mod subscribe;
mod unsubscribe;
mod url;
pub mod view;
mod vtimezone;
pub mod watch;

use folder::Discovery;
use serde::{Deserialize, Serialize};
pub use subscribe::CallBack;
pub use url::{path_of, same_path, segment};

use crate::{
    error::{Error, Problem},
    http::{Method, Operation, Request},
};

/// A room's mailbox on a server that speaks WebDAV.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mailbox {
    /// The path of the virtual directory, with a slash at both ends: `/exchange/`.
    directory: String,
    address: String,
    session: Session,
}

/// What carries the sign-in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub enum Session {
    /// Each request or connection, by HTTP's own means.
    #[default]
    Http,
    /// A form's cookies. Who sends the requests fills the form in, and again once where a reply says 440.
    Form,
}

impl Mailbox {
    /// A mailbox by its SMTP address, which Exchange 2003 SP1 and 2007 take whole, below the path of `/exchange`.
    pub fn new(directory: &str, address: impl Into<String>, session: Session) -> Self {
        let directory = directory.trim_matches('/');
        let directory = if directory.is_empty() { "/".to_owned() } else { format!("/{directory}/") };
        Self { directory, address: address.into(), session }
    }

    /// Its path: the root of its folders.
    fn root(&self) -> String {
        format!("{}{}/", self.directory, segment(&self.address))
    }

    /// A request about it. The language is said because a mailbox that nobody has opened yet is set up in it.
    fn request(
        &self,
        method: Method,
        path: &str,
        headers: impl IntoIterator<Item = (&'static str, String)>,
        body: String,
    ) -> Request {
        let mut all = vec![("Accept-Language", "en-us".to_owned()), ("Translate", "f".to_owned())];
        if !body.is_empty() {
            all.push(("Content-Type", "text/xml; charset=utf-8".to_owned()));
        }
        all.extend(headers);
        Request {
            operation: Operation::Webdav(method),
            path: Some(path.to_owned()),
            headers: all,
            affinity: Some(self.address.clone()),
            body,
        }
    }
}

fn failed(method: Method, problem: Problem) -> Error {
    Error { operation: Operation::Webdav(method), problem }
}
