//! WebDAV: other people's samples, our own fixtures, and scripted conversations.

mod conversation;
mod fixtures;
mod forms;
mod samples;
mod tables;
mod watch;

use chrono::{DateTime, Utc};
use exchange_wire::{
    Reply,
    webdav::{Mailbox, Session},
};
use meeting_model::clock::Window;

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn window() -> Window {
    Window { start: at("2008-09-01T00:00:00Z"), end: at("2008-10-01T00:00:00Z") }
}

fn mailbox() -> Mailbox {
    Mailbox::new("/exchange/", "room101@example.test", Session::Http)
}

/// A reply as a trace has it: status line, headers, an empty line, the body.
struct Trace {
    status: u16,
    headers: Vec<(String, String)>,
    body: String,
}

impl Trace {
    fn of(text: &str) -> Self {
        let text = text.trim_start().replace("\r\n", "\n");
        let (head, body) = text.split_once("\n\n").unwrap_or((text.trim_end(), ""));
        let mut lines = head.lines();
        let line = lines.next().unwrap().trim_start_matches("HTTP/1.1 ");
        let status = line.split(' ').next().unwrap().parse().unwrap();
        let headers = lines.filter_map(|line| line.split_once(':'));
        let headers = headers.map(|(name, value)| (name.to_owned(), value.trim().to_owned())).collect();
        Self { status, headers, body: body.to_owned() }
    }

    fn reply(&self) -> Reply<'_> {
        Reply { status: self.status, headers: &self.headers, body: self.body.as_bytes() }
    }
}

/// A multistatus with these responses.
fn multistatus(responses: &str) -> String {
    format!(
        r#"<?xml version="1.0"?><a:multistatus xmlns:a="DAV:" xmlns:b="urn:uuid:c2f41010-65b3-11d1-a29f-00aa00c14882/"
        xmlns:c="xml:" xmlns:d="urn:schemas:calendar:" xmlns:e="urn:schemas:httpmail:" xmlns:f="http://schemas.microsoft.com/mapi/"
        xmlns:g="http://schemas.microsoft.com/exchange/" xmlns:h="http://schemas.microsoft.com/mapi/proptag/"
        xmlns:i="http://schemas.microsoft.com/mapi/id/{{6ED8DA90-450B-101B-98DA-00AA003F1305}}/">{responses}</a:multistatus>"#
    )
}

/// One response with these properties.
fn response(href: &str, properties: &str) -> String {
    format!(
        "<a:response><a:href>{href}</a:href><a:propstat><a:status>HTTP/1.1 200 OK</a:status><a:prop>{properties}</a:prop></a:propstat></a:response>"
    )
}
