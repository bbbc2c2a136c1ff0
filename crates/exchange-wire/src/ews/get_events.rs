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

/// Asks for the events after the subscription's watermark. The schema wants a watermark; a server that never gave one
/// is asked without.
pub fn request(dialect: Dialect, mailbox: &Mailbox, subscription: &Subscription) -> Request {
    let watermark = subscription.watermark.as_deref();
    let watermark = watermark.map(|mark| format!("<m:Watermark>{}</m:Watermark>", escape(mark)));
    let body = format!(
        "<m:GetEvents><m:SubscriptionId>{}</m:SubscriptionId>{}</m:GetEvents>",
        escape(&subscription.id),
        watermark.unwrap_or_default(),
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
