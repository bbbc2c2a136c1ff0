//! GetEvents ([MS-OXWSNTIF] 3.1.4.1): has anything happened?
//!
//! An event only says *when* to look: what changed is what SyncFolderItems tells.

use super::{Dialect, Mailbox, reply, subscribe::Subscription};
use crate::{
    error::Error,
    http::{Operation, Reply, Request},
    xml::{self, escape},
};

/// What a subscription had to tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Events {
    /// Whether anything but "nothing happened" was among it.
    pub changed: bool,
    /// Whether the server holds more.
    pub more: bool,
    /// Where the next events begin; some servers have none.
    pub watermark: Option<String>,
}

/// Stands where the schema wants a watermark and the server never gave one: it cannot mean anything to such a server.
const NO_WATERMARK: &str = "AAAAAA==";

/// Asks for the events after the subscription's watermark.
pub fn request(dialect: Dialect, mailbox: &Mailbox, subscription: &Subscription) -> Request {
    let body = format!(
        "<m:GetEvents><m:SubscriptionId>{}</m:SubscriptionId><m:Watermark>{}</m:Watermark></m:GetEvents>",
        escape(&subscription.id),
        escape(subscription.watermark.as_deref().unwrap_or(NO_WATERMARK)),
    );
    dialect.request(mailbox, Operation::GetEvents, &body)
}

/// Reads the events.
///
/// # Errors
///
/// When the reply is not a notification: see [`Problem`](crate::Problem).
pub fn parse(reply: &Reply<'_>) -> Result<Events, Error> {
    let message = reply::message(Operation::GetEvents, reply)?;
    let notification =
        message.child("Notification").ok_or_else(|| reply::missing(Operation::GetEvents, "Notification"))?;
    let events = || notification.children.iter().filter(|child| child.name.ends_with("Event"));
    let newest = events().rev().find_map(|event| event.value("Watermark"));
    Ok(Events {
        changed: events().any(|event| event.name != "StatusEvent"),
        more: notification.value("MoreEvents").and_then(xml::boolean).unwrap_or_default(),
        watermark: newest.or_else(|| notification.value("PreviousWatermark")).map(str::to_owned),
    })
}
