//! A conversation that keeps a subscription to one room's calendar.

use super::{
    Dialect, Group, Mailbox,
    get_events::{self, Events},
    subscribe::{self, Kind, Subscription},
    unsubscribe,
};
use crate::{
    error::Error,
    http::{Reply, Request},
};
use serde::{Deserialize, Serialize};

/// A subscription, and what is needed to speak of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Watch {
    dialect: Dialect,
    mailbox: Mailbox,
    group: Option<Group>,
    subscription: Subscription,
}

/// A subscription that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opening {
    dialect: Dialect,
    mailbox: Mailbox,
    group: Option<Group>,
}

impl Watch {
    /// Asks for a subscription; with a group, where the subscriptions of that group are.
    pub fn open(dialect: Dialect, mailbox: Mailbox, kind: &Kind, group: Option<Group>) -> (Opening, Request) {
        let request = subscribe::request(dialect, &mailbox, kind);
        let opening = Opening { dialect, mailbox, group };
        let request = opening.lead(request);
        (opening, request)
    }

    /// The server's id of it.
    pub fn id(&self) -> &str {
        &self.subscription.id
    }

    /// Asks what happened since the last time, of a pull subscription.
    pub fn poll(&self) -> Request {
        get_events::request(self.dialect, &self.mailbox, &self.subscription)
    }

    /// Takes the answer to [`Watch::poll`]: whether the calendar is to be read, and whether to poll again at once.
    ///
    /// # Errors
    ///
    /// When the reply is not a notification; with [`SubscriptionLost`](crate::Problem::SubscriptionLost) this watch has
    /// ended.
    pub fn polled(&mut self, reply: &Reply<'_>) -> Result<Events, Error> {
        let events = get_events::parse(reply)?;
        if events.watermark.is_some() {
            self.subscription.watermark.clone_from(&events.watermark);
        }
        Ok(events)
    }

    /// Asks for its end.
    pub fn close(&self) -> Request {
        let request = unsubscribe::request(self.dialect, &self.mailbox, &self.subscription.id);
        lead(self.group.as_ref(), request)
    }

    /// Takes the answer to [`Watch::close`].
    ///
    /// # Errors
    ///
    /// When the subscription may still be there: see [`Problem`](crate::Problem).
    pub fn closed(reply: &Reply<'_>) -> Result<(), Error> {
        unsubscribe::parse(reply)
    }
}

impl Opening {
    /// Takes the answer to [`Watch::open`]. Read the calendar next: what happened before is not told.
    ///
    /// # Errors
    ///
    /// When there is no subscription: see [`Problem`](crate::Problem).
    pub fn opened(&self, reply: &Reply<'_>) -> Result<Watch, Error> {
        Ok(Watch {
            dialect: self.dialect,
            mailbox: self.mailbox.clone(),
            group: self.group.clone(),
            subscription: subscribe::parse(reply)?,
        })
    }

    fn lead(&self, request: Request) -> Request {
        lead(self.group.as_ref(), request)
    }
}

fn lead(group: Option<&Group>, request: Request) -> Request {
    match group {
        Some(group) => group.lead(request),
        None => request,
    }
}
