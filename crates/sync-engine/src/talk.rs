//! One conversation with Exchange on behalf of one room: which request begins it, and what every reply leads to.

use crate::{event, room::Need};
use exchange_wire::{
    Error, Request,
    ews::{
        Dialect, Mailbox, get_folder,
        read::{Limits, Outcome, Read, Step},
        server_version,
        subscribe::Kind,
        watch::{Opening, Watch},
    },
};
use meeting_model::{
    clock::Window,
    observed::{Cursor, Observed},
};
use std::time::Duration;

/// How long Exchange keeps a pull subscription that nobody asks: long enough for a restart, short enough not to fill the
/// account's limit with what crashed programs left behind.
const KEPT_UNASKED: Duration = Duration::from_mins(40);

/// A conversation under way.
#[derive(Debug)]
pub(crate) enum Talk {
    Open,
    Subscribe(Opening),
    Ask(Watch),
    Read(Option<Box<Read>>),
}

/// What a reply leads to.
#[derive(Debug)]
pub(crate) enum Turn {
    /// Send this next.
    Again(Request),
    /// The conversation is over.
    Over(Said),
}

/// What a conversation came to.
#[derive(Debug)]
pub(crate) enum Said {
    /// The calendar can be read, on a server of this version.
    Opened(Option<String>),
    /// There is a subscription.
    Subscribed(Watch),
    /// The subscription was asked.
    Events {
        /// The subscription, with its newest watermark.
        watch: Watch,
        /// Whether the calendar has changed.
        changed: bool,
        /// Whether there is more to be told at once.
        more: bool,
    },
    /// The calendar was read.
    Read {
        /// What it holds.
        observed: Observed,
        /// Where the next read goes on.
        cursor: Option<Cursor>,
    },
}

/// What a conversation starts from.
#[derive(Debug)]
pub(crate) struct Start<'a> {
    pub(crate) dialect: Dialect,
    pub(crate) mailbox: Mailbox,
    pub(crate) cursor: Option<&'a Cursor>,
    pub(crate) watch: Option<&'a Watch>,
    pub(crate) window: Window,
}

impl Start<'_> {
    /// Begins the conversation for a need. Nothing where there is nothing to say: no subscription to ask, no server
    /// needed.
    pub(crate) fn talk(self, need: Need) -> Result<Option<(Talk, Request)>, Error> {
        let Self { dialect, mailbox, cursor, watch, window } = self;
        let limits = Limits::default();
        let (read, request) = match need {
            Need::Replan => return Ok(None),
            Need::Open => return Ok(Some((Talk::Open, get_folder::request(dialect, &mailbox)))),
            Need::Subscribe => {
                let kind = Kind::Pull { timeout: KEPT_UNASKED };
                let (opening, request) = Watch::open(dialect, mailbox, &kind, None);
                return Ok(Some((Talk::Subscribe(opening), request)));
            }
            Need::Ask => return Ok(watch.map(|watch| (Talk::Ask(watch.clone()), watch.poll()))),
            Need::SecondLook => Read::confirm_empty(dialect, mailbox, window, limits),
            Need::ReadWhole => Read::complete(dialect, mailbox, window, limits),
            Need::ReadChanges => match cursor {
                Some(cursor) => Read::delta(dialect, mailbox, cursor, window, limits)?,
                None => Read::complete(dialect, mailbox, window, limits),
            },
        };
        Ok(Some((Talk::Read(Some(Box::new(read))), request)))
    }
}

impl Said {
    /// The server's version, where it was asked for.
    pub(crate) fn version(&self) -> Option<String> {
        match self {
            Self::Opened(version) => version.clone(),
            _ => None,
        }
    }
}

impl Talk {
    /// Takes a reply.
    pub(crate) fn on_reply(&mut self, reply: &event::Reply) -> Result<Turn, Error> {
        let reply = &reply.as_wire();
        match self {
            Self::Open => {
                get_folder::parse(reply)?.readable()?;
                let version = server_version::parse(reply).map(|version| version.to_string());
                Ok(Turn::Over(Said::Opened(version)))
            }
            Self::Subscribe(opening) => Ok(Turn::Over(Said::Subscribed(opening.opened(reply)?))),
            Self::Ask(watch) => {
                let events = watch.polled(reply)?;
                let (changed, more) = (events.changed, events.more);
                Ok(Turn::Over(Said::Events { watch: watch.clone(), changed, more }))
            }
            Self::Read(read) => {
                let under_way = read.take().expect("a read is put back whenever it goes on");
                match under_way.on_reply(reply)? {
                    Step::Send(further, request) => {
                        *read = Some(further);
                        Ok(Turn::Again(request))
                    }
                    Step::Done(Outcome { observed, cursor }) => {
                        Ok(Turn::Over(Said::Read { observed, cursor }))
                    }
                }
            }
        }
    }
}
