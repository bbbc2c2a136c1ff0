//! Subscribe ([MS-OXWSNTIF] 3.1.4.3): a subscription to a room's calendar.

use super::{Dialect, Mailbox, each, reply};
use crate::{
    error::Error,
    http::{Operation, Reply, Request},
    xml::escape,
};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Every event that can mean a changed calendar. FreeBusyChangedEvent, which Exchange 2007 does not know, comes only along
/// with one of these.
const EVENTS: [&str; 5] = ["CopiedEvent", "CreatedEvent", "DeletedEvent", "ModifiedEvent", "MovedEvent"];

/// How a subscription tells of its events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// It is asked for them ([MS-OXWSNTIF] 2.2.4.14), by `GetEvents`.
    Pull {
        /// The server forgets it when it is left alone for this long: 1 minute to a day.
        timeout: Duration,
    },
    /// The server sends them to an address ([MS-OXWSNTIF] 2.2.4.15).
    Push {
        /// Ours, as the server sees it.
        url: String,
        /// How often it sends word though nothing has happened: 1 minute to a day.
        status_frequency: Duration,
    },
    /// They come on a connection that stays open ([MS-OXWSNTIF] 2.2.4.21), since Exchange 2010 SP1.
    Streaming,
}

/// A subscription, as the server named it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subscription {
    /// The server's id of it.
    pub id: String,
    /// Where its events begin; streaming subscriptions and some servers have none.
    pub watermark: Option<String>,
}

/// Asks for a subscription.
pub fn request(dialect: Dialect, mailbox: &Mailbox, kind: &Kind) -> Request {
    let minutes = |span: &Duration| (span.as_secs() / 60).clamp(1, 1440);
    let (name, how) = match kind {
        Kind::Pull { timeout } => ("Pull", format!("<t:Timeout>{}</t:Timeout>", minutes(timeout))),
        Kind::Push { url, status_frequency } => (
            "Push",
            format!(
                "<t:StatusFrequency>{}</t:StatusFrequency><t:URL>{}</t:URL>",
                minutes(status_frequency),
                escape(url)
            ),
        ),
        Kind::Streaming => ("Streaming", String::new()),
    };
    let body = format!(
        concat!(
            "<m:Subscribe><m:{name}SubscriptionRequest><t:FolderIds>{calendar}</t:FolderIds>",
            "<t:EventTypes>{events}</t:EventTypes>{how}</m:{name}SubscriptionRequest></m:Subscribe>",
        ),
        name = name,
        calendar = mailbox.calendar(),
        events = each(&EVENTS, |event| format!("<t:EventType>{event}</t:EventType>")),
        how = how,
    );
    dialect.request(mailbox, Operation::Subscribe, &body)
}

/// Reads the answer.
///
/// # Errors
///
/// When there is no subscription: see [`Problem`](crate::Problem).
pub fn parse(reply: &Reply<'_>) -> Result<Subscription, Error> {
    let message = reply::message(Operation::Subscribe, reply)?;
    let id = message
        .value("SubscriptionId")
        .ok_or_else(|| reply::missing(Operation::Subscribe, "SubscriptionId"))?;
    Ok(Subscription { id: id.to_owned(), watermark: message.value("Watermark").map(str::to_owned) })
}
