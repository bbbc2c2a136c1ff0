//! PROPFIND (RFC 2518 §8.1): where a mailbox's calendar is, and how far it has come.

use super::{Mailbox, Session, failed, multistatus, property, reply, url};
use crate::{
    error::{Denied, Error, Problem},
    ews::get_folder::Probe,
    http::{Method, Reply, Request},
    xml::escape,
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// A calendar that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The path of its folder, with a slash at its end.
    pub folder: String,
    /// How far its content has come, where the store says so.
    pub probe: Probe,
    /// The store's build, as `6.5.7638`.
    pub version: Option<String>,
}

/// A search for a calendar under way.
///
/// Well-known folders are properties of the mailbox's root, and once more of its NON_IPM_SUBTREE, for accounts that have
/// rights on the calendar alone. Where neither may be read, the English name is tried, as names follow the language of
/// whoever opened the mailbox first.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Discovery {
    mailbox: Mailbox,
    asked: Place,
    /// Why the first place told nothing.
    refused: Option<Error>,
}

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
enum Place {
    Root,
    NonIpmSubtree,
    /// The folder itself, where it was named, or guessed at last.
    Folder {
        path: String,
        guessed: bool,
    },
}

/// What to do after a reply.
#[derive(Debug, Clone)]
pub enum Step {
    /// Send this, and give its reply to the search.
    Send(Discovery, Request),
    /// The calendar can be read.
    Done(Found),
}

impl Discovery {
    /// Looks for the calendar of a mailbox.
    pub fn begin(mailbox: Mailbox) -> (Self, Request) {
        let discovery = Self { mailbox, asked: Place::Root, refused: None };
        let request = discovery.request();
        (discovery, request)
    }

    /// Takes the reply to the last request.
    ///
    /// # Errors
    ///
    /// When no calendar can be read: see [`Problem`].
    pub fn on_reply(mut self, reply: &Reply<'_>) -> Result<Step, Error> {
        let answer = self.mailbox.judged(multistatus::parse(Method::Propfind, reply));
        match (&self.asked, answer) {
            (Place::Folder { path, .. }, Ok(responses)) => Ok(Step::Done(found(path, &responses, reply)?)),
            (_, Ok(responses)) => {
                let named = responses.iter().find_map(|one| one.properties.value(property::CALENDAR));
                Ok(self.go_on(named.and_then(url::folder)))
            }
            (Place::Folder { guessed: true, .. }, Err(error)) if is_of_place(&error) => {
                Err(self.refused.unwrap_or(error))
            }
            (Place::Root | Place::NonIpmSubtree, Err(error)) if is_of_place(&error) => {
                self.refused.get_or_insert(error);
                Ok(self.go_on(None))
            }
            (_, Err(error)) => Err(error),
        }
    }

    fn go_on(mut self, named: Option<String>) -> Step {
        self.asked = match (named, self.asked) {
            (Some(path), _) => Place::Folder { path, guessed: false },
            (None, Place::Root) => Place::NonIpmSubtree,
            (None, _) => Place::Folder { path: self.mailbox.root() + "Calendar/", guessed: true },
        };
        let request = self.request();
        Step::Send(self, request)
    }

    fn request(&self) -> Request {
        match &self.asked {
            Place::Root => propfind(&self.mailbox, &self.mailbox.root(), &[property::CALENDAR]),
            Place::NonIpmSubtree => {
                let path = self.mailbox.root() + "NON_IPM_SUBTREE/";
                propfind(&self.mailbox, &path, &[property::CALENDAR])
            }
            Place::Folder { path, .. } => look(&self.mailbox, path),
        }
    }
}

/// Whether another place may still tell.
fn is_of_place(error: &Error) -> bool {
    matches!(
        error.problem,
        Problem::AccessDenied { .. } | Problem::MailboxNotFound { .. } | Problem::FolderNotFound { .. }
    )
}

/// Asks how far a folder has come.
pub(super) fn look(mailbox: &Mailbox, folder: &str) -> Request {
    propfind(mailbox, folder, &[property::FOLDER_CLASS, property::COMMITTED, property::DELETED_COUNT])
}

fn found(folder: &str, responses: &[multistatus::Response], reply: &Reply<'_>) -> Result<Found, Error> {
    let response = responses.first().filter(|one| one.status.is_none_or(|status| status == 200));
    let Some(response) = response else {
        return Err(failed(Method::Propfind, Problem::Missing { element: "response" }));
    };
    let class = response.properties.value(property::FOLDER_CLASS);
    if class.is_some_and(|class| !class.starts_with("IPF.Appointment")) {
        let code = "its folder of that name is no calendar".to_owned();
        return Err(failed(Method::Propfind, Problem::FolderNotFound { code }));
    }
    let probe = Probe {
        changed: response.properties.value(property::COMMITTED).and_then(instant),
        deleted: response.properties.value(property::DELETED_COUNT).and_then(|count| count.parse().ok()),
    };
    Ok(Found { folder: folder.to_owned(), probe, version: reply::version(reply) })
}

pub(super) fn instant(text: &str) -> Option<DateTime<Utc>> {
    Some(DateTime::parse_from_rfc3339(text.trim()).ok()?.to_utc())
}

fn propfind(mailbox: &Mailbox, path: &str, properties: &[&str]) -> Request {
    let names = properties.iter().map(|uri| {
        let (namespace, local) = uri.split_at(uri.rfind(['/', ':', ';', '#', '?']).map_or(0, |at| at + 1));
        format!(r#"<p:{local} xmlns:p="{}"/>"#, escape(namespace))
    });
    let body = format!(
        r#"<?xml version="1.0"?><D:propfind xmlns:D="DAV:"><D:prop>{}</D:prop></D:propfind>"#,
        names.collect::<Vec<_>>().concat()
    );
    let headers = [("Depth", "0".to_owned()), ("Brief", "t".to_owned())];
    mailbox.request(Method::Propfind, path, headers, body)
}

impl Mailbox {
    /// The same, where a form was filled in before: status 440 means that this folder is refused, and the form itself
    /// that it was filled in wrongly.
    pub(super) fn judged<T>(&self, result: Result<T, Error>) -> Result<T, Error> {
        if self.session != Session::Form {
            return result;
        }
        result.map_err(|error| match error.problem {
            Problem::SessionEnded => {
                let code = "status 440".to_owned();
                Error { problem: Problem::AccessDenied { denied: Denied::Read, code }, ..error }
            }
            Problem::SignInPage => Error { problem: Problem::FormRefused, ..error },
            _ => error,
        })
    }
}
