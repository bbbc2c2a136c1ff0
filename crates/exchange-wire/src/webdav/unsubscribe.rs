//! UNSUBSCRIBE (the SDK's "UNSUBSCRIBE Method"): the store would go on sending word until the subscription expires.

use super::{Mailbox, failed, reply, subscribe::Subscription};
use crate::{
    error::Error,
    http::{Method, Reply, Request},
};

/// Asks for a subscription's end.
pub(super) fn request(mailbox: &Mailbox, subscription: &Subscription) -> Request {
    let headers = [("Subscription-id", subscription.id.clone())];
    mailbox.request(Method::Unsubscribe, &subscription.location, headers, String::new())
}

/// Reads the answer. A subscription that was gone already is what was wanted: a store says 400 or 412 of it.
///
/// # Errors
///
/// When the reply is neither: see [`Problem`](crate::Problem).
pub(super) fn parse(reply: &Reply<'_>) -> Result<(), Error> {
    match reply.status {
        200 | 207 | 400 | 412 => Ok(()),
        _ => Err(failed(Method::Unsubscribe, reply::refusal(Method::Unsubscribe, reply))),
    }
}
