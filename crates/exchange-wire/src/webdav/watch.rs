//! A conversation that keeps a subscription to one room's calendar.

use super::{
    CallBack, Discovery, Mailbox, folder, poll,
    subscribe::{self, Subscription},
    unsubscribe,
};
use crate::{
    error::Error,
    http::{Reply, Request},
};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// A subscription, and what is needed to speak of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Watch {
    mailbox: Mailbox,
    subscription: Subscription,
}

/// A subscription that was asked for.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Opening {
    mailbox: Mailbox,
    call_back: Option<CallBack>,
    stage: Stage,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
enum Stage {
    Finding(Discovery),
    Subscribing { folder: String },
}

/// What to do after a reply.
#[derive(Debug, Clone)]
pub enum Step {
    /// Send this, and give its reply to the opening.
    Send(Box<Opening>, Request),
    /// There is a subscription. Read the calendar next: what happened before is not told.
    Done(Watch),
}

impl Watch {
    /// Finds the calendar and asks for a subscription, of which the store may send word to an address of ours.
    pub fn open(mailbox: Mailbox, call_back: Option<CallBack>) -> (Opening, Request) {
        let (discovery, request) = Discovery::begin(mailbox.clone());
        (Opening { mailbox, call_back, stage: Stage::Finding(discovery) }, request)
    }

    /// The store's id of it.
    pub fn id(&self) -> &str {
        &self.subscription.id
    }

    /// The store it lives in, where that told its name: ids are unique within one.
    pub fn group(&self) -> Option<&str> {
        self.subscription.group.as_deref()
    }

    /// How long after it was granted it is to be renewed: after 40 minutes, or two thirds of what was granted.
    pub fn renew_within(&self) -> Duration {
        self.subscription.renew_within()
    }

    /// Asks what happened since the last time.
    pub fn poll(&self) -> Request {
        poll::request(&self.mailbox, &self.subscription)
    }

    /// Takes the answer to [`Watch::poll`]: whether the calendar is to be read.
    ///
    /// # Errors
    ///
    /// With [`SubscriptionLost`](crate::Problem::SubscriptionLost) this watch has ended.
    pub fn polled(&self, reply: &Reply<'_>) -> Result<bool, Error> {
        self.mailbox.judged(poll::parse(&self.subscription.id, reply))
    }

    /// Asks for more time.
    pub fn renew(&self) -> Request {
        subscribe::renewal(&self.mailbox, &self.subscription)
    }

    /// Takes the answer to [`Watch::renew`].
    ///
    /// # Errors
    ///
    /// With [`SubscriptionLost`](crate::Problem::SubscriptionLost) this watch has ended.
    pub fn renewed(&mut self, reply: &Reply<'_>) -> Result<(), Error> {
        self.subscription = self.mailbox.judged(subscribe::renewed(&self.subscription, reply))?;
        Ok(())
    }

    /// Asks for its end.
    pub fn close(&self) -> Request {
        unsubscribe::request(&self.mailbox, &self.subscription)
    }

    /// Takes the answer to [`Watch::close`].
    ///
    /// # Errors
    ///
    /// When the subscription may still be there.
    pub fn closed(reply: &Reply<'_>) -> Result<(), Error> {
        unsubscribe::parse(reply)
    }
}

impl Opening {
    /// Takes the reply to the last request.
    ///
    /// # Errors
    ///
    /// When there is no subscription: see [`Problem`](crate::Problem).
    pub fn on_reply(mut self, reply: &Reply<'_>) -> Result<Step, Error> {
        match self.stage {
            Stage::Finding(discovery) => match discovery.on_reply(reply)? {
                folder::Step::Send(discovery, request) => {
                    self.stage = Stage::Finding(discovery);
                    Ok(Step::Send(Box::new(self), request))
                }
                folder::Step::Done(found) => {
                    let request = subscribe::request(&self.mailbox, &found.folder, self.call_back.as_ref());
                    self.stage = Stage::Subscribing { folder: found.folder };
                    Ok(Step::Send(Box::new(self), request))
                }
            },
            Stage::Subscribing { folder } => {
                let subscription = self.mailbox.judged(subscribe::parse(&folder, reply))?;
                Ok(Step::Done(Watch { mailbox: self.mailbox, subscription }))
            }
        }
    }
}
