//! A conversation that keeps a pull subscription to one room's calendar.

use super::{
    Dialect, Mailbox,
    get_events::{self, Events},
    subscribe::{self, Subscription},
    unsubscribe,
};
use crate::{
    error::Error,
    http::{Reply, Request},
};
use std::time::Duration;

/// A subscription that is asked for events from time to time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Watch {
    dialect: Dialect,
    mailbox: Mailbox,
    subscription: Subscription,
}

impl Watch {
    /// Asks for a subscription; the server forgets it when it is left alone for `timeout` (1 minute to a day).
    pub fn open(dialect: Dialect, mailbox: &Mailbox, timeout: Duration) -> Request {
        subscribe::request(dialect, mailbox, timeout)
    }

    /// Takes the answer to [`Watch::open`]. Read the calendar next: what happened before is not told.
    ///
    /// # Errors
    ///
    /// When there is no subscription: see [`Problem`](crate::Problem).
    pub fn opened(dialect: Dialect, mailbox: Mailbox, reply: &Reply<'_>) -> Result<Self, Error> {
        Ok(Self { dialect, mailbox, subscription: subscribe::parse(reply)? })
    }

    /// Asks what happened since the last time.
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
        unsubscribe::request(self.dialect, &self.mailbox, &self.subscription.id)
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
