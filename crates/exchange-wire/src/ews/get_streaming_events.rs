//! GetStreamingEvents ([MS-OXWSNTIF] 3.1.4.2): an answer that lasts for minutes, and tells what happens meanwhile.
//!
//! The answer is a row of envelopes. Where one ends has nothing to do with where a piece of the transport ends.

use super::{Dialect, Group, each, reply};
use crate::{
    error::{Error, Problem},
    http::{Operation, Reply, Request},
    xml::{Element, escape},
};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// The most subscriptions that one connection may have.
pub const MOST_SUBSCRIPTIONS: usize = 200;

/// The longest that a connection may be asked to last.
pub const LONGEST: Duration = Duration::from_mins(30);

/// An envelope that is larger than this is none: the largest tells of 50 events for each of 200 subscriptions.
const LARGEST_ENVELOPE: usize = 8 << 20;

/// Asks for the events of these subscriptions, all of one group, on a connection of at most this long (1 to 30 minutes).
pub fn request(dialect: Dialect, group: &Group, subscriptions: &[&str], lasting: Duration) -> Request {
    let body = format!(
        concat!(
            "<m:GetStreamingEvents><m:SubscriptionIds>{ids}</m:SubscriptionIds>",
            "<m:ConnectionTimeout>{minutes}</m:ConnectionTimeout></m:GetStreamingEvents>",
        ),
        ids = each(subscriptions, |id| format!("<t:SubscriptionId>{}</t:SubscriptionId>", escape(id))),
        minutes = lasting.as_secs().div_ceil(60).clamp(1, 30),
    );
    group.lead(dialect.request(&group.anchor, Operation::GetStreamingEvents, &body))
}

/// What is wrong, where the answer is not a stream but a refusal. Nothing where it is one after all.
pub fn refusal(reply: &Reply<'_>) -> Option<Error> {
    reply::messages(Operation::GetStreamingEvents, reply).err()
}

/// What an envelope of a stream tells.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Told {
    /// The subscriptions whose calendars have changed.
    pub changed: Vec<String>,
    /// The subscriptions that have ended, whatever else the server says of the connection.
    pub lost: Vec<String>,
    /// What is wrong, where something is: with the subscriptions that have ended, else with the connection.
    pub failure: Option<Error>,
    /// Whether the server is about to end this connection.
    pub closed: bool,
}

/// Puts envelopes together from the pieces of an answer.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Stream {
    held: Vec<u8>,
    /// How much of what is held is known to end no envelope.
    searched: usize,
}

impl Stream {
    /// Takes a piece of the answer and tells what the envelopes tell that it completes.
    ///
    /// # Errors
    ///
    /// When it is not a stream of envelopes: the connection is of no more use.
    pub fn take(&mut self, piece: &[u8]) -> Result<Vec<Told>, Error> {
        self.held.extend_from_slice(piece);
        let mut told = Vec::new();
        while let Some(end) = self.end_of_envelope() {
            let rest = self.held.split_off(end);
            let envelope = std::mem::replace(&mut self.held, rest);
            self.searched = 0;
            told.push(read(&envelope)?);
        }
        if self.held.len() > LARGEST_ENVELOPE {
            return Err(error(Problem::ReplyTooLarge { limit: "8 MiB" }));
        }
        Ok(told)
    }

    /// Takes the end of the answer.
    ///
    /// # Errors
    ///
    /// When the last envelope is not whole.
    pub fn end(&self) -> Result<(), Error> {
        if self.held.iter().all(u8::is_ascii_whitespace) {
            return Ok(());
        }
        Err(error(Problem::Truncated { bytes: self.held.len() }))
    }

    /// Where the first envelope that is held ends: behind `</Envelope>` with any prefix.
    fn end_of_envelope(&mut self) -> Option<usize> {
        let mut from = self.searched;
        while let Some(tag) = self.held.get(from..)?.windows(2).position(|pair| pair == b"</") {
            let start = from + tag;
            let tag = self.held.get(start..)?;
            let Some(length) = tag.iter().position(|byte| *byte == b'>') else {
                self.searched = start;
                return None;
            };
            if names_envelope(tag.get(2..length)?) {
                return Some(start + length + 1);
            }
            from = start + length;
        }
        // a tag may have been cut behind its first character
        self.searched = self.held.len().saturating_sub(1);
        None
    }
}

/// Whether the inside of an end tag is `Envelope`, with or without a prefix.
fn names_envelope(tag: &[u8]) -> bool {
    let name = tag.trim_ascii_end();
    name == b"Envelope" || name.ends_with(b":Envelope")
}

fn read(envelope: &[u8]) -> Result<Told, Error> {
    let reply = Reply { status: 200, headers: &[], body: envelope };
    let mut told = Told::default();
    for message in reply::messages(Operation::GetStreamingEvents, &reply)? {
        told.add(&message);
    }
    Ok(told)
}

impl Told {
    fn add(&mut self, message: &Element) {
        let notifications = message.child("Notifications");
        for notification in notifications.iter().flat_map(|all| all.children_named("Notification")) {
            let mut events = notification.children.iter().filter(|child| child.name.ends_with("Event"));
            let changed = events.any(|event| event.name != "StatusEvent");
            if let Some(id) = notification.value("SubscriptionId").filter(|_| changed) {
                self.changed.push(id.to_owned());
            }
        }
        let failure = reply::failure(message).map(|failure| error(failure.problem()));
        if failure.is_some() {
            let lost = message.child("ErrorSubscriptionIds").map(|ids| ids.children_named("SubscriptionId"));
            self.lost.extend(lost.into_iter().flatten().map(|id| id.text().trim().to_owned()));
        }
        self.failure = failure.or(self.failure.take());
        self.closed |= message.value("ConnectionStatus") == Some("Closed");
    }
}

fn error(problem: Problem) -> Error {
    Error { operation: Operation::GetStreamingEvents, problem }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn envelope(inside: &str) -> String {
        format!(
            "<Envelope><soap11:Body><m:GetStreamingEventsResponse><m:ResponseMessages>{inside}</m:ResponseMessages>\
             </m:GetStreamingEventsResponse></soap11:Body></Envelope>"
        )
    }

    fn notification(id: &str, event: &str) -> String {
        envelope(&format!(
            "<m:GetStreamingEventsResponseMessage ResponseClass=\"Success\"><m:ResponseCode>NoError</m:ResponseCode>\
             <m:Notifications><t:Notification><t:SubscriptionId>{id}</t:SubscriptionId><t:{event}/></t:Notification>\
             </m:Notifications></m:GetStreamingEventsResponseMessage>"
        ))
    }

    #[test]
    fn envelopes_are_found_wherever_the_pieces_are_cut() {
        let text = notification("é", "CreatedEvent") + "\r\n" + &notification("b", "StatusEvent");
        for cut in 0..text.len() {
            let (first, second) = text.as_bytes().split_at(cut);
            let mut stream = Stream::default();
            let mut told = stream.take(first).unwrap();
            told.extend(stream.take(second).unwrap());
            let changed: Vec<_> = told.iter().map(|told| told.changed.clone()).collect();
            assert_eq!(changed, [vec!["é".to_owned()], vec![]], "cut at {cut}");
            stream.end().unwrap();
        }
    }

    #[test]
    fn an_error_that_names_subscriptions_ends_them_though_the_connection_is_said_to_be_well() {
        let text = envelope(
            "<m:x ResponseClass=\"Error\"><m:ResponseCode>ErrorInvalidSubscription</m:ResponseCode>\
             <m:ErrorSubscriptionIds><m:SubscriptionId> a </m:SubscriptionId></m:ErrorSubscriptionIds>\
             <m:ConnectionStatus>OK</m:ConnectionStatus></m:x>",
        );
        let told = Stream::default().take(text.as_bytes()).unwrap();
        assert_eq!(told[0].lost, ["a"]);
        assert!(!told[0].closed);
        let problem = &told[0].failure.as_ref().unwrap().problem;
        assert_eq!(problem, &Problem::SubscriptionLost { code: "ErrorInvalidSubscription".into() });
    }

    #[test]
    fn what_breaks_off_is_said_to() {
        let mut stream = Stream::default();
        assert_eq!(stream.take(b"<Envelope><Body>").unwrap(), []);
        assert!(matches!(stream.end().unwrap_err().problem, Problem::Truncated { .. }));
    }

    #[test]
    fn what_never_ends_is_given_up() {
        let mut stream = Stream::default();
        let piece = vec![b'x'; 1 << 20];
        let error = std::iter::repeat_with(|| stream.take(&piece)).take(9).find_map(Result::err);
        assert!(matches!(error.unwrap().problem, Problem::ReplyTooLarge { .. }));
    }
}
