//! One conversation with Exchange on behalf of one room: which request begins it, and what every reply leads to.

use crate::{
    event,
    next_step::{self, Scope},
    room::{Need, Way},
};
use exchange_wire::{
    Error, Request,
    ews::{
        Dialect, Mailbox,
        get_folder::{self, Folder},
        read::{Limits, Outcome, Read, Step, view},
        server_version,
        watch::{Opening, Watch},
    },
};
use meeting_model::{clock::Window, compare, join::JoinRules, observed::Cursor};

/// A conversation under way.
#[derive(Debug)]
pub(crate) enum Talk {
    Open,
    Look,
    Subscribe(Opening),
    Ask(Watch),
    /// What is under way is put back whenever it goes on; a view may follow the read.
    Read {
        under_way: Option<Box<Read>>,
        then_view: Option<Viewing>,
    },
    View {
        read: Option<Outcome>,
        under_way: Option<Box<view::View>>,
    },
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
    /// The folder was looked at.
    Looked(Folder),
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
    /// The calendar was read, or viewed as the server expands it.
    Read(ReadOrViewed),
}

/// What a calendar holds, and what its server makes of it: either, or one after the other.
#[derive(Debug, Default)]
pub(crate) struct ReadOrViewed {
    /// What it holds, and where the next read goes on.
    pub(crate) read: Option<Outcome>,
    /// What the server makes of it.
    pub(crate) view: Option<compare::View>,
    /// Why that could not be told.
    pub(crate) view_failed: Option<String>,
}

/// A view that is to be asked for.
#[derive(Debug)]
pub(crate) struct Viewing {
    dialect: Dialect,
    mailbox: Mailbox,
    window: Window,
    has_series: bool,
}

impl Viewing {
    fn begin(self) -> (view::View, Request) {
        view::View::begin(self.dialect, self.mailbox, self.window, Limits::default(), self.has_series)
    }
}

/// What a conversation starts from.
#[derive(Debug)]
pub(crate) struct Start<'a> {
    pub(crate) dialect: Dialect,
    pub(crate) mailbox: Mailbox,
    pub(crate) cursor: Option<&'a Cursor>,
    pub(crate) watch: Option<&'a Watch>,
    pub(crate) way: Option<&'a Way>,
    /// Whether a view follows a complete read.
    pub(crate) then_view: bool,
    /// Whether occurrences of series are known.
    pub(crate) has_series: bool,
    pub(crate) window: Window,
    pub(crate) join: &'a JoinRules,
}

impl Start<'_> {
    /// Begins the conversation for a need. Nothing where there is nothing to say: no subscription to ask, no way to
    /// subscribe, no server needed.
    pub(crate) fn talk(self, need: Need) -> Result<Option<(Talk, Request)>, Error> {
        let Self { dialect, mailbox, cursor, watch, way, then_view, has_series, window, join } = self;
        let viewing = Viewing { dialect, mailbox: mailbox.clone(), window, has_series };
        let limits = Limits::default();
        let (read, request) = match need {
            Need::Replan => return Ok(None),
            Need::Open => return Ok(Some((Talk::Open, get_folder::request(dialect, &mailbox)))),
            Need::Look => return Ok(Some((Talk::Look, get_folder::request(dialect, &mailbox)))),
            Need::Subscribe => {
                let Some(way) = way else { return Ok(None) };
                let (opening, request) = Watch::open(dialect, mailbox, &way.kind(), way.group());
                return Ok(Some((Talk::Subscribe(opening), request)));
            }
            Need::Ask => return Ok(watch.map(|watch| (Talk::Ask(watch.clone()), watch.poll()))),
            Need::Compare => {
                let (view, request) = viewing.begin();
                return Ok(Some((Talk::View { read: None, under_way: Some(Box::new(view)) }, request)));
            }
            Need::SecondLook => Read::confirm_empty(dialect, mailbox, window, limits),
            Need::ReadWhole => Read::complete(dialect, mailbox, window, join, limits),
            Need::ReadChanges => match cursor {
                Some(cursor) => Read::delta(dialect, mailbox, cursor, window, join, limits)?,
                None => Read::complete(dialect, mailbox, window, join, limits),
            },
        };
        let then_view = (then_view && need == Need::ReadWhole).then_some(viewing);
        Ok(Some((Talk::Read { under_way: Some(Box::new(read)), then_view }, request)))
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
            Self::Look => Ok(Turn::Over(Said::Looked(get_folder::parse(reply)?.readable()?))),
            Self::Subscribe(opening) => Ok(Turn::Over(Said::Subscribed(opening.opened(reply)?))),
            Self::Ask(watch) => {
                let events = watch.polled(reply)?;
                let (changed, more) = (events.changed, events.more);
                Ok(Turn::Over(Said::Events { watch: watch.clone(), changed, more }))
            }
            Self::Read { under_way, then_view } => {
                let read = under_way.take().expect("a read is put back whenever it goes on");
                let outcome = match read.on_reply(reply)? {
                    Step::Send(further, request) => {
                        *under_way = Some(further);
                        return Ok(Turn::Again(request));
                    }
                    Step::Done(outcome) => outcome,
                };
                let Some(viewing) = then_view.take() else {
                    return Ok(over(ReadOrViewed { read: Some(outcome), ..ReadOrViewed::default() }));
                };
                let (view, request) = viewing.begin();
                *self = Self::View { read: Some(outcome), under_way: Some(Box::new(view)) };
                Ok(Turn::Again(request))
            }
            Self::View { read, under_way } => {
                let view = under_way.take().expect("a view is put back whenever it goes on");
                match view.on_reply(reply) {
                    Ok(view::Step::Send(further, request)) => {
                        *under_way = Some(further);
                        Ok(Turn::Again(request))
                    }
                    Ok(view::Step::Done(viewed)) => {
                        let view = Some(viewed.into_view());
                        Ok(over(ReadOrViewed { read: read.take(), view, view_failed: None }))
                    }
                    // what was read stands, though it cannot be compared
                    Err(error) if read.is_some() && next_step::of_error(&error).scope == Scope::Room => {
                        let view_failed = Some(next_step::of_error(&error).sentence);
                        Ok(over(ReadOrViewed { read: read.take(), view: None, view_failed }))
                    }
                    Err(error) => Err(error),
                }
            }
        }
    }
}

fn over(said: ReadOrViewed) -> Turn {
    Turn::Over(Said::Read(said))
}
