//! Subscribe ([MS-OXWSNTIF] 3.1.4.3): a pull subscription to a room's calendar.

use super::{Dialect, Mailbox, each, reply};
use crate::{
    error::Error,
    http::{Operation, Reply, Request},
};
use std::time::Duration;

/// Every event that can mean a changed calendar. FreeBusyChangedEvent, which Exchange 2007 does not know, comes only along
/// with one of these.
const EVENTS: [&str; 5] = ["CopiedEvent", "CreatedEvent", "DeletedEvent", "ModifiedEvent", "MovedEvent"];

/// A subscription, as the server named it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscription {
    /// The server's id of it.
    pub id: String,
    /// Where its events begin; some servers have none.
    pub watermark: Option<String>,
}

/// Asks for a pull subscription that ends when it is not asked for events for `timeout` (1 minute to a day).
pub fn request(dialect: Dialect, mailbox: &Mailbox, timeout: Duration) -> Request {
    let body = format!(
        concat!(
            "<m:Subscribe><m:PullSubscriptionRequest><t:FolderIds>{calendar}</t:FolderIds>",
            "<t:EventTypes>{events}</t:EventTypes><t:Timeout>{minutes}</t:Timeout>",
            "</m:PullSubscriptionRequest></m:Subscribe>",
        ),
        calendar = mailbox.calendar(),
        events = each(&EVENTS, |event| format!("<t:EventType>{event}</t:EventType>")),
        minutes = (timeout.as_secs() / 60).clamp(1, 1440),
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
