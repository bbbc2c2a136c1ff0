//! POLL (the SDK's "POLL Method"): has anything happened? The answer also gives the subscription its time back.

use super::{Mailbox, failed, multistatus, subscribe::Subscription};
use crate::{
    error::{Error, Problem},
    http::{Method, Reply, Request},
};

/// Asks a subscription.
pub(super) fn request(mailbox: &Mailbox, subscription: &Subscription) -> Request {
    let headers = [("Subscription-id", subscription.id.clone())];
    mailbox.request(Method::Poll, &subscription.location, headers, String::new())
}

/// Whether anything has happened since the last time.
///
/// # Errors
///
/// [`SubscriptionLost`](Problem::SubscriptionLost) where the store does not have it any more, whether it says so or leaves
/// it out; else see [`Problem`].
pub(super) fn parse(id: &str, reply: &Reply<'_>) -> Result<bool, Error> {
    status_of(Method::Poll, id, reply).map(|status| status != 204)
}

/// What a multistatus says of one subscription: 200 or 204.
pub(super) fn status_of(method: Method, id: &str, reply: &Reply<'_>) -> Result<u16, Error> {
    let responses = multistatus::parse(method, reply)?;
    let ours = responses.iter().find(|one| one.subscriptions.iter().any(|said| said == id));
    // who is not signed in is told so of no subscription, or of all
    let ours = ours.or_else(|| responses.iter().find(|one| matches!(one.status, Some(401 | 409))));
    let problem = match ours.and_then(|one| one.status) {
        Some(status @ (200 | 204)) => return Ok(status),
        Some(401 | 409) => Problem::Unauthorized { offered: Vec::new() },
        Some(status @ (404 | 412)) => Problem::SubscriptionLost { code: format!("status {status}") },
        Some(status) => Problem::Transient { found: format!("status {status} of a subscription") },
        None => Problem::SubscriptionLost { code: "left out".to_owned() },
    };
    Err(failed(method, problem))
}
