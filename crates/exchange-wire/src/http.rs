//! What goes over HTTP: one request, one reply.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::{fmt, time::Duration};

/// What a request asks the server to do; the name of the EWS operation ([MS-OXWSCORE], [MS-OXWSSYNC],
/// [MS-OXWSNTIF], [MS-OXWSFOLD], [MS-OXWSSRCH]).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Operation {
    /// Reads a folder's properties.
    GetFolder,
    /// Lists what changed in a folder.
    SyncFolderItems,
    /// Reads items.
    GetItem,
    /// Lists what a span of a calendar holds.
    FindItem,
    /// Asks when a mailbox is busy.
    GetUserAvailability,
    /// Lists the lists of rooms.
    GetRoomLists,
    /// Lists the rooms of a list.
    GetRooms,
    /// Asks until when the account's password holds.
    GetPasswordExpirationDate,
    /// Looks a name up in the directory.
    ResolveNames,
    /// Starts a subscription.
    Subscribe,
    /// Asks a pull subscription for its events.
    GetEvents,
    /// Asks streaming subscriptions for their events, which come as long as the answer lasts.
    GetStreamingEvents,
    /// Tells a push subscription's events: what a server asks us.
    SendNotification,
    /// Ends a subscription.
    Unsubscribe,
    /// Asks where a mailbox's web services are ([MS-OXDSCLI], [MS-OXWSADISC]).
    Autodiscover,
    /// Does what WebDAV's method says.
    Webdav(Method),
}

/// A method of HTTP: EWS has but POST, WebDAV has many (RFC 2518 and Exchange's own).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Method {
    /// Fetches a page; here only the form of a sign-in.
    Get,
    /// Sends a form or a question.
    Post,
    /// Reads properties.
    Propfind,
    /// Lists what a folder holds.
    Search,
    /// Starts a subscription, or renews it.
    Subscribe,
    /// Asks subscriptions whether anything happened.
    Poll,
    /// Ends subscriptions.
    Unsubscribe,
}

impl Method {
    /// As the wire has it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Propfind => "PROPFIND",
            Self::Search => "SEARCH",
            Self::Subscribe => "SUBSCRIBE",
            Self::Poll => "POLL",
            Self::Unsubscribe => "UNSUBSCRIBE",
        }
    }
}

impl Operation {
    /// The protocol's name of it.
    pub fn name(self) -> &'static str {
        match self {
            Self::GetFolder => "GetFolder",
            Self::SyncFolderItems => "SyncFolderItems",
            Self::GetItem => "GetItem",
            Self::FindItem => "FindItem",
            Self::GetUserAvailability => "GetUserAvailability",
            Self::GetRoomLists => "GetRoomLists",
            Self::GetRooms => "GetRooms",
            Self::GetPasswordExpirationDate => "GetPasswordExpirationDate",
            Self::ResolveNames => "ResolveNames",
            Self::Subscribe => "Subscribe",
            Self::GetEvents => "GetEvents",
            Self::GetStreamingEvents => "GetStreamingEvents",
            Self::SendNotification => "SendNotification",
            Self::Unsubscribe => "Unsubscribe",
            Self::Autodiscover => "Autodiscover",
            Self::Webdav(method) => method.name(),
        }
    }

    /// The method that carries it.
    pub fn method(self) -> Method {
        match self {
            Self::Webdav(method) => method,
            _ => Method::Post,
        }
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// One HTTP request, ready to be sent to the server's endpoint. Sign-in, `User-Agent` and cookies belong to whoever sends it.
#[derive(Clone, PartialEq, Eq)]
pub struct Request {
    /// What it asks for.
    pub operation: Operation,
    /// The path and query on the endpoint's host, encoded; absent: the endpoint's own.
    pub path: Option<String>,
    /// Header names and values that belong to this request.
    pub headers: Vec<(&'static str, String)>,
    /// Names the requests that must reach one and the same server behind the address: they share their cookies, which no
    /// other requests have.
    pub affinity: Option<String>,
    /// The body, UTF-8.
    pub body: String,
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("operation", &self.operation)
            .field("bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// What the server answered to one request.
#[derive(Clone, Copy)]
pub struct Reply<'a> {
    /// HTTP status.
    pub status: u16,
    /// Header names, in any case, and values.
    pub headers: &'a [(String, String)],
    /// The whole body, already uncompressed.
    pub body: &'a [u8],
}

/// The sign-in schemes that `WWW-Authenticate` headers offer, one a challenge (RFC 9110, section 11.6.1): the first eight that are
/// tokens of at most 32 characters, so that they fit a sentence whatever the server says.
pub fn schemes<'a>(challenges: impl Iterator<Item = &'a str>) -> Vec<String> {
    let is_token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_|~".contains(c);
    challenges
        .filter_map(|challenge| challenge.split([' ', '\t', ',']).find(|word| !word.is_empty()))
        .filter(|word| word.len() <= 32 && word.chars().all(is_token))
        .take(8)
        .map(str::to_owned)
        .collect()
}

impl<'a> Reply<'a> {
    /// A header's value: the first of that name, whatever its case.
    pub fn header(&self, name: &str) -> Option<&'a str> {
        self.header_values(name).next()
    }

    /// Every value of a header, in order.
    pub fn header_values(&self, name: &str) -> impl Iterator<Item = &'a str> {
        self.headers
            .iter()
            .filter(move |(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// The sign-in schemes that are offered.
    pub(crate) fn schemes(&self) -> Vec<String> {
        schemes(self.header_values("WWW-Authenticate"))
    }

    /// When the server says it answered: its `Date`.
    pub fn date(&self) -> Option<DateTime<Utc>> {
        http_date(self.header("Date")?)
    }

    /// Whether the beginning of the body holds these words.
    pub(crate) fn says(&self, words: &str) -> bool {
        let head = self.body.get(..self.body.len().min(4096)).unwrap_or_default();
        String::from_utf8_lossy(head).contains(words)
    }

    /// How long the server asks to be left alone: `Retry-After` in seconds, or as a date, which is measured from the
    /// server's own `Date` (RFC 9110 §10.2.3).
    pub fn retry_after(&self) -> Option<Duration> {
        let value = self.header("Retry-After")?.trim();
        match value.parse() {
            Ok(seconds) => Some(Duration::from_secs(seconds)),
            Err(_) => (http_date(value)? - self.date()?).to_std().ok(),
        }
    }
}

impl fmt::Debug for Reply<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reply")
            .field("status", &self.status)
            .field("bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// What nginx and Apache say to whoever speaks plain HTTP to a port for TLS.
pub(crate) const PLAIN_HTTP: &str = "plain HTTP";

/// Where a redirection leads, fit for a log: without its query, which may hold anything, and without control characters, which a
/// terminal obeys.
pub(crate) fn without_query(location: &str) -> String {
    let place = location.split(['?', '#']).next().unwrap_or_default();
    place.chars().filter(|character| !character.is_control()).take(100).collect()
}

fn http_date(value: &str) -> Option<DateTime<Utc>> {
    Some(DateTime::parse_from_rfc2822(value.trim()).ok()?.to_utc())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_a_redirection_leads_fits_a_log() {
        let to = format!("https://a.example/\u{9b}2J\n{}?password=x", "x".repeat(1_000));
        let told = without_query(&to);
        assert_eq!(told, format!("https://a.example/2J{}", "x".repeat(80)));
    }

    #[test]
    fn retry_after_is_seconds_or_a_date_by_the_servers_clock() {
        for (date, retry_after, expected) in [
            ("Sat, 21 Nov 2026 10:12:34 GMT", "30", Some(30)),
            ("Sat, 21 Nov 2026 10:12:34 GMT", "Sat, 21 Nov 2026 10:13:00 GMT", Some(26)),
            ("Sat, 21 Nov 2026 10:12:34 GMT", "Sat, 21 Nov 2026 10:12:00 GMT", None),
            ("Sat, 21 Nov 2026 10:12:34 GMT", "soon", None),
            ("yesterday", "Sat, 21 Nov 2026 10:13:00 GMT", None),
        ] {
            let headers = [("date".into(), date.into()), ("RETRY-AFTER".into(), retry_after.into())];
            let reply = Reply { status: 503, headers: &headers, body: b"" };
            assert_eq!(reply.retry_after(), expected.map(Duration::from_secs), "{retry_after}");
        }
    }
}
