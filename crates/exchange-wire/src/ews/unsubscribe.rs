//! Unsubscribe ([MS-OXWSNTIF] 3.1.4.4): what is left over counts against the limit until it expires.

use super::{Dialect, Mailbox, reply};
use crate::{
    error::{Error, Problem},
    http::{Operation, Reply, Request},
    xml::escape,
};

/// Asks for a subscription's end.
pub fn request(dialect: Dialect, mailbox: &Mailbox, subscription_id: &str) -> Request {
    let body = format!(
        "<m:Unsubscribe><m:SubscriptionId>{}</m:SubscriptionId></m:Unsubscribe>",
        escape(subscription_id)
    );
    dialect.request(mailbox, Operation::Unsubscribe, &body)
}

/// Reads the answer. A subscription that was gone already is what was wanted.
///
/// # Errors
///
/// When the reply is neither: see [`Problem`].
pub fn parse(reply: &Reply<'_>) -> Result<(), Error> {
    match reply::message(Operation::Unsubscribe, reply) {
        Ok(_) | Err(Error { problem: Problem::SubscriptionLost { .. }, .. }) => Ok(()),
        Err(error) => Err(error),
    }
}
