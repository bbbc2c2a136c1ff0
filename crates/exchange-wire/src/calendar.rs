//! A room's calendar, whatever the protocol: the conversations of [`ews`] and of [`webdav`] under
//! one name each.
//!
//! Whoever holds them passes replies in and requests out, and comes to the same outcomes. Which protocol a room speaks is
//! said once, where its [`Calendar`] is made.

use crate::{
    error::Error,
    ews::{
        self, Dialect, Group,
        get_events::Events,
        get_folder::{self, Probe},
        meeting_requests::Search,
        read::{Limits, Outcome},
        server_version,
        subscribe::Kind,
    },
    http::{Reply, Request},
    webdav::{self, CallBack},
};
use meeting_model::{
    clock::Window, compare, global_object_id::GlobalObjectId, join::JoinRules, observed::Cursor,
};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// A room's calendar, and how it is spoken of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Calendar {
    /// Over Exchange Web Services.
    Ews(Dialect, ews::Mailbox),
    /// Over WebDAV.
    Webdav(webdav::Mailbox),
}

/// What to do after a reply.
#[derive(Debug, Clone)]
pub enum Step<Conversation, Outcome> {
    /// Send this, and give its reply to the conversation.
    Send(Box<Conversation>, Request),
    /// It is over.
    Done(Outcome),
}

impl Calendar {
    /// Looks at the calendar's folder: whether it can be read, and how far it has come.
    pub fn look(&self) -> (Look, Request) {
        match self {
            Self::Ews(dialect, mailbox) => (Look::Ews, get_folder::request(*dialect, mailbox)),
            Self::Webdav(mailbox) => {
                let (look, request) = webdav::folder::Discovery::begin(mailbox.clone());
                (Look::Webdav(look), request)
            }
        }
    }

    /// Asks for a subscription; with a group, where the subscriptions of that group are. WebDAV has but one kind, which is
    /// asked for its events, and may send word that there are some to a `call_back`.
    pub fn subscribe(
        &self,
        kind: &Kind,
        group: Option<Group>,
        call_back: Option<CallBack>,
    ) -> (Opening, Request) {
        match self {
            Self::Ews(dialect, mailbox) => {
                let (opening, request) = ews::watch::Watch::open(*dialect, mailbox.clone(), kind, group);
                (Opening::Ews(opening), request)
            }
            Self::Webdav(mailbox) => {
                let (opening, request) = webdav::watch::Watch::open(mailbox.clone(), call_back);
                (Opening::Webdav(opening), request)
            }
        }
    }

    /// Reads what changed since the cursor. WebDAV never tells what did: the whole window is read.
    ///
    /// # Errors
    ///
    /// [`SyncStateInvalid`](crate::Problem::SyncStateInvalid) when the cursor is not one of this protocol.
    pub fn read_changes(
        &self,
        cursor: &Cursor,
        window: Window,
        join: &JoinRules,
    ) -> Result<(Read, Request), Error> {
        Ok(match self {
            Self::Ews(dialect, mailbox) => {
                let limits = Limits::default();
                let read = ews::read::Read::delta(*dialect, mailbox.clone(), cursor, window, join, limits);
                ews_read(read?)
            }
            Self::Webdav(mailbox) => {
                webdav_read(webdav::read::Read::again(mailbox.clone(), cursor, window, join)?)
            }
        })
    }

    /// Reads everything that concerns the window.
    pub fn read_whole(&self, window: Window, join: &JoinRules) -> (Read, Request) {
        match self {
            Self::Ews(dialect, mailbox) => {
                let limits = Limits::default();
                ews_read(ews::read::Read::complete(*dialect, mailbox.clone(), window, join, limits))
            }
            Self::Webdav(mailbox) => webdav_read(webdav::read::Read::complete(mailbox.clone(), window, join)),
        }
    }

    /// Asks in another way whether the window is as empty as a complete read said: see
    /// [`ews`](ews::read::Read::confirm_empty).
    pub fn confirm_empty(&self, window: Window) -> (Read, Request) {
        match self {
            Self::Ews(dialect, mailbox) => {
                let limits = Limits::default();
                ews_read(ews::read::Read::confirm_empty(*dialect, mailbox.clone(), window, limits))
            }
            Self::Webdav(mailbox) => webdav_read(webdav::read::Read::confirm_empty(mailbox.clone(), window)),
        }
    }

    /// Views a window as the server itself expands it; `has_series` where occurrences are known to lie in it.
    pub fn view(&self, window: Window, has_series: bool) -> (View, Request) {
        match self {
            Self::Ews(dialect, mailbox) => {
                let limits = Limits::default();
                let (view, request) =
                    ews::read::View::begin(*dialect, mailbox.clone(), window, limits, has_series);
                (View::Ews(Box::new(view)), request)
            }
            Self::Webdav(mailbox) => {
                let (view, request) = webdav::view::View::begin(mailbox.clone(), window);
                (View::Webdav(Box::new(view)), request)
            }
        }
    }

    /// Looks for the meeting requests of some meetings, of which there must be one. Nothing over WebDAV.
    pub fn seek_requests(&self, meetings: &[GlobalObjectId]) -> Option<(Search, Request)> {
        match self {
            Self::Ews(dialect, mailbox) => Some(Search::begin(*dialect, mailbox.clone(), meetings)),
            Self::Webdav(_) => None,
        }
    }
}

/// A look at a calendar's folder, under way.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Look {
    /// Over Exchange Web Services.
    Ews,
    /// Over WebDAV.
    Webdav(webdav::folder::Discovery),
}

/// What a look has shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Looked {
    /// How far the folder's content has come.
    pub probe: Probe,
    /// The server's version, where it said it.
    pub version: Option<String>,
}

impl Look {
    /// Takes the reply to the last request.
    ///
    /// # Errors
    ///
    /// When the calendar cannot be read: see [`Problem`](crate::Problem).
    pub fn on_reply(self, reply: &Reply<'_>) -> Result<Step<Self, Looked>, Error> {
        match self {
            Self::Ews => {
                let folder = get_folder::parse(reply)?.readable()?;
                let version = server_version::parse(reply).map(|version| version.to_string());
                Ok(Step::Done(Looked { probe: folder.probe(), version }))
            }
            Self::Webdav(look) => Ok(match look.on_reply(reply)? {
                webdav::folder::Step::Send(look, request) => {
                    Step::Send(Box::new(Self::Webdav(look)), request)
                }
                webdav::folder::Step::Done(found) => {
                    Step::Done(Looked { probe: found.probe, version: found.version })
                }
            }),
        }
    }
}

/// A subscription that was asked for.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Opening {
    /// Over Exchange Web Services.
    Ews(ews::watch::Opening),
    /// Over WebDAV.
    Webdav(webdav::watch::Opening),
}

impl Opening {
    /// Takes the reply to the last request. Read the calendar next: what happened before the subscription is not told.
    ///
    /// # Errors
    ///
    /// When there is no subscription: see [`Problem`](crate::Problem).
    pub fn on_reply(self, reply: &Reply<'_>) -> Result<Step<Self, Watch>, Error> {
        match self {
            Self::Ews(opening) => Ok(Step::Done(Watch::Ews(opening.opened(reply)?))),
            Self::Webdav(opening) => Ok(match opening.on_reply(reply)? {
                webdav::watch::Step::Send(opening, request) => {
                    Step::Send(Box::new(Self::Webdav(*opening)), request)
                }
                webdav::watch::Step::Done(watch) => Step::Done(Watch::Webdav(watch)),
            }),
        }
    }
}

/// A subscription to a room's calendar.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Watch {
    /// Over Exchange Web Services.
    Ews(ews::watch::Watch),
    /// Over WebDAV.
    Webdav(webdav::watch::Watch),
}

impl Watch {
    /// The server's id of it.
    pub fn id(&self) -> &str {
        match self {
            Self::Ews(watch) => watch.id(),
            Self::Webdav(watch) => watch.id(),
        }
    }

    /// Asks what happened since the last time.
    pub fn poll(&self) -> Request {
        match self {
            Self::Ews(watch) => watch.poll(),
            Self::Webdav(watch) => watch.poll(),
        }
    }

    /// Takes the answer to [`Watch::poll`].
    ///
    /// # Errors
    ///
    /// With [`SubscriptionLost`](crate::Problem::SubscriptionLost) this watch has ended.
    pub fn polled(&mut self, reply: &Reply<'_>) -> Result<Events, Error> {
        match self {
            Self::Ews(watch) => watch.polled(reply),
            Self::Webdav(watch) => {
                let changed = watch.polled(reply)?;
                Ok(Events { changed, more: false, watermark: None })
            }
        }
    }

    /// The store it lives in, where ids are unique within one only and it told its name.
    pub fn group(&self) -> Option<&str> {
        match self {
            Self::Ews(_) => None,
            Self::Webdav(watch) => watch.group(),
        }
    }

    /// How long after it was granted it is to be renewed. EWS knows no renewal.
    pub fn renew_within(&self) -> Option<Duration> {
        match self {
            Self::Ews(_) => None,
            Self::Webdav(watch) => Some(watch.renew_within()),
        }
    }

    /// Asks for more time, where there is such a thing.
    pub fn renew(&self) -> Option<Request> {
        match self {
            Self::Ews(_) => None,
            Self::Webdav(watch) => Some(watch.renew()),
        }
    }

    /// Takes the answer to [`Watch::renew`].
    ///
    /// # Errors
    ///
    /// With [`SubscriptionLost`](crate::Problem::SubscriptionLost) this watch has ended.
    pub fn renewed(&mut self, reply: &Reply<'_>) -> Result<(), Error> {
        match self {
            Self::Ews(_) => Ok(()),
            Self::Webdav(watch) => watch.renewed(reply),
        }
    }

    /// Asks for its end. What the server says to that is of no interest.
    pub fn close(&self) -> Request {
        match self {
            Self::Ews(watch) => watch.close(),
            Self::Webdav(watch) => watch.close(),
        }
    }
}

/// A read under way. A clone of it, kept with the request, can try the same step again.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Read {
    /// Over Exchange Web Services.
    Ews(Box<ews::read::Read>),
    /// Over WebDAV.
    Webdav(Box<webdav::read::Read>),
}

impl Read {
    /// Takes the reply to the last request.
    ///
    /// # Errors
    ///
    /// When the reply cannot be used, and asking for less does not help.
    pub fn on_reply(self, reply: &Reply<'_>) -> Result<Step<Self, Outcome>, Error> {
        Ok(match self {
            Self::Ews(read) => match read.on_reply(reply)? {
                ews::read::Step::Send(read, request) => Step::Send(Box::new(Self::Ews(read)), request),
                ews::read::Step::Done(outcome) => Step::Done(outcome),
            },
            Self::Webdav(read) => match read.on_reply(reply)? {
                webdav::read::Step::Send(read, request) => Step::Send(Box::new(Self::Webdav(read)), request),
                webdav::read::Step::Done(outcome) => Step::Done(outcome),
            },
        })
    }
}

/// A view under way. A clone of it, kept with the request, can try the same step again.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum View {
    /// Over Exchange Web Services.
    Ews(Box<ews::read::View>),
    /// Over WebDAV.
    Webdav(Box<webdav::view::View>),
}

impl View {
    /// Takes the reply to the last request.
    ///
    /// # Errors
    ///
    /// When the reply cannot be used, and asking for less does not help.
    pub fn on_reply(self, reply: &Reply<'_>) -> Result<Step<Self, compare::View>, Error> {
        Ok(match self {
            Self::Ews(view) => match view.on_reply(reply)? {
                ews::read::view::Step::Send(view, request) => Step::Send(Box::new(Self::Ews(view)), request),
                ews::read::view::Step::Done(viewed) => Step::Done(viewed.into_view()),
            },
            Self::Webdav(view) => match view.on_reply(reply)? {
                webdav::view::Step::Send(view, request) => Step::Send(Box::new(Self::Webdav(view)), request),
                webdav::view::Step::Done(viewed) => Step::Done(viewed),
            },
        })
    }
}

fn ews_read((read, request): (ews::read::Read, Request)) -> (Read, Request) {
    (Read::Ews(Box::new(read)), request)
}

fn webdav_read((read, request): (webdav::read::Read, Request)) -> (Read, Request) {
    (Read::Webdav(Box::new(read)), request)
}
