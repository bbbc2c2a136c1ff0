//! SUBSCRIBE (the SDK's "SUBSCRIBE Method"): a subscription to a folder, and its renewal.

use super::{Mailbox, failed, poll, url};
use crate::{
    error::{Error, Problem},
    http::{Method, Reply, Request},
};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// What is asked for, and granted where nothing else is said: an hour.
const LIFETIME: Duration = Duration::from_hours(1);

/// How often a subscription is renewed at the least: every 40 minutes.
const RENEW_EVERY: Duration = Duration::from_mins(40);

/// How long the store gathers changes before it tells of them.
const DELAY: Duration = Duration::from_secs(2);

/// Where the store may send word to, by HTTP over UDP (draft-goland-http-udp-00). It is a hint: word may be lost, and anybody
/// may send it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallBack(String);

impl CallBack {
    /// An address of ours as the server sees it: `httpu://192.0.2.10:34777/path`.
    pub fn new(address: impl Into<String>) -> Self {
        Self(address.into())
    }
}

/// A subscription, as the store named it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Subscription {
    /// Digits, unique within its store only.
    pub(super) id: String,
    /// The path by which it is spoken of.
    pub(super) location: String,
    /// How long it lives when nobody asks.
    pub(super) lifetime: Duration,
    /// The store it lives in.
    pub(super) group: Option<String>,
}

impl Subscription {
    /// How long after it was granted it is to be renewed.
    pub(super) fn renew_within(&self) -> Duration {
        RENEW_EVERY.min(self.lifetime * 2 / 3)
    }
}

/// Asks to be told whenever the folder, or anything in it, changes. What is thrown away is moved, which is a change of the
/// folder too.
pub(super) fn request(mailbox: &Mailbox, folder: &str, call_back: Option<&CallBack>) -> Request {
    let mut headers = vec![
        ("Notification-type", "update".to_owned()),
        ("Depth", "1".to_owned()),
        ("Subscription-lifetime", LIFETIME.as_secs().to_string()),
    ];
    if let Some(CallBack(address)) = call_back {
        headers.push(("Call-Back", address.clone()));
        headers.push(("Notification-delay", DELAY.as_secs().to_string()));
    }
    mailbox.request(Method::Subscribe, folder, headers, String::new())
}

/// Reads the answer.
///
/// # Errors
///
/// When there is no subscription: see [`Problem`].
pub(super) fn parse(folder: &str, reply: &Reply<'_>) -> Result<Subscription, Error> {
    if !matches!(reply.status, 200 | 207) {
        return Err(failed(Method::Subscribe, super::reply::refusal(Method::Subscribe, reply)));
    }
    let id = reply.header("Subscription-id").map(str::trim).filter(|id| is_id(id));
    let Some(id) = id else {
        return Err(failed(Method::Subscribe, Problem::Missing { element: "Subscription-id" }));
    };
    let location = reply.header("Content-Location").and_then(url::path_of);
    Ok(Subscription {
        id: id.to_owned(),
        location: location.unwrap_or_else(|| folder.to_owned()),
        lifetime: lifetime(reply).unwrap_or(LIFETIME),
        group: group(reply),
    })
}

/// Asks for more time. What the subscription is to is not said again: a store refuses that.
pub(super) fn renewal(mailbox: &Mailbox, subscription: &Subscription) -> Request {
    let headers = [
        ("Subscription-id", subscription.id.clone()),
        ("Subscription-lifetime", LIFETIME.as_secs().to_string()),
    ];
    mailbox.request(Method::Subscribe, &subscription.location, headers, String::new())
}

/// Reads the answer to [`renewal`]: the subscription with its new lifetime.
///
/// # Errors
///
/// [`SubscriptionLost`](Problem::SubscriptionLost) where the store does not have it any more, or is another one.
pub(super) fn renewed(old: &Subscription, reply: &Reply<'_>) -> Result<Subscription, Error> {
    let lost = |code: &str| failed(Method::Subscribe, Problem::SubscriptionLost { code: code.to_owned() });
    match reply.status {
        200 => {}
        207 => drop(poll::status_of(Method::Subscribe, &old.id, reply)?),
        _ => return Err(failed(Method::Subscribe, super::reply::refusal(Method::Subscribe, reply))),
    }
    let group = group(reply);
    if group.is_some() && old.group.is_some() && group != old.group {
        return Err(lost("another Subscribe-group"));
    }
    let said = reply.header("Subscription-id");
    if said.is_some_and(|ids| !ids.split(',').any(|id| id.trim() == old.id)) {
        return Err(lost("another Subscription-id"));
    }
    Ok(Subscription { lifetime: lifetime(reply).unwrap_or(old.lifetime), ..old.clone() })
}

fn lifetime(reply: &Reply<'_>) -> Option<Duration> {
    let seconds =
        reply.header("Subscription-lifetime")?.trim().parse().ok().filter(|seconds| *seconds > 0)?;
    Some(Duration::from_secs(seconds))
}

fn group(reply: &Reply<'_>) -> Option<String> {
    reply.header("Subscribe-group").map(|group| group.trim().to_owned())
}

/// Whether this can stand in a header of ours.
pub(super) fn is_id(id: &str) -> bool {
    !id.is_empty() && id.len() <= 32 && id.bytes().all(|byte| byte.is_ascii_digit())
}
