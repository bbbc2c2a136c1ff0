//! One conversation with Exchange on behalf of one room: which request begins it, and what every reply leads to.

use crate::{
    event::{self, Unreachable},
    next_step::{self, Scope},
    room::{Need, Way},
};
use exchange_wire::{
    Error, Operation, Problem, Request,
    autodiscover::{self, Ask, Discovery, Found, Policy, Trail},
    calendar::{Calendar, Look, Looked, Opening, Read, Step, View, Watch},
    ews::{
        meeting_requests::{self, Search},
        read::Outcome,
    },
};
use meeting_model::{
    clock::Window, compare, global_object_id::GlobalObjectId, join::JoinRules,
    meeting_request::MeetingRequest, observed::Cursor,
};
use serde::{Deserialize, Deserializer, Serialize};

/// A conversation under way.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Talk {
    /// The search is put back whenever it goes on.
    Locate(#[serde(deserialize_with = "under_way")] Option<Box<Discovery>>),
    Open(#[serde(deserialize_with = "under_way")] Option<Look>),
    Look(#[serde(deserialize_with = "under_way")] Option<Look>),
    Subscribe(#[serde(deserialize_with = "under_way")] Option<Opening>),
    Ask(Watch),
    Renew(Watch),
    /// What is under way is put back whenever it goes on; a view may follow the read.
    Read {
        #[serde(deserialize_with = "under_way")]
        under_way: Option<Box<Read>>,
        then_view: Option<Viewing>,
    },
    View {
        read: Option<Outcome>,
        #[serde(deserialize_with = "under_way")]
        under_way: Option<Box<View>>,
    },
    Seek(#[serde(deserialize_with = "under_way")] Option<Search>),
}

/// Reads back what is under way: between replies it is always there.
fn under_way<'de, D: Deserializer<'de>, T: Deserialize<'de>>(from: D) -> Result<Option<T>, D::Error> {
    T::deserialize(from).map(Some)
}

/// What is said next.
#[derive(Debug)]
pub(crate) enum Saying {
    /// A request to the room's web services.
    Request(Request),
    /// A question to whoever may know where these are.
    Ask(Ask),
}

impl From<Request> for Saying {
    fn from(request: Request) -> Self {
        Self::Request(request)
    }
}

/// What a reply leads to.
#[derive(Debug)]
pub(crate) enum Turn {
    /// Send this next.
    Again(Saying),
    /// The conversation is over.
    Over(Said),
}

/// What a conversation came to.
#[derive(Debug)]
pub(crate) enum Said {
    /// Where the room's web services are, and who was asked for that.
    Located(Found, Trail),
    /// The calendar can be read, on a server of this version.
    Opened(Option<String>),
    /// The folder was looked at.
    Looked(Looked),
    /// There is a subscription.
    Subscribed(Watch),
    /// The subscription was renewed.
    Renewed(Watch),
    /// The subscription was asked.
    Events {
        /// The subscription, with its newest watermark.
        watch: Watch,
        /// Whether the calendar has changed.
        changed: bool,
        /// Whether there is more to be told at once.
        more: bool,
    },
    /// The mailbox was searched for meeting requests.
    Sought(Vec<MeetingRequest>),
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
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Viewing {
    calendar: Calendar,
    window: Window,
    has_series: bool,
}

impl Viewing {
    fn begin(self) -> (View, Request) {
        self.calendar.view(self.window, self.has_series)
    }
}

/// What a conversation starts from.
#[derive(Debug)]
pub(crate) struct Start<'a> {
    pub(crate) calendar: Calendar,
    pub(crate) autodiscover: Option<&'a Policy>,
    /// The mailbox's address.
    pub(crate) mailbox: &'a str,
    pub(crate) cursor: Option<&'a Cursor>,
    pub(crate) watch: Option<&'a Watch>,
    pub(crate) way: Option<&'a Way>,
    /// Whether a view follows a complete read.
    pub(crate) then_view: bool,
    /// Whether occurrences of series are known.
    pub(crate) has_series: bool,
    /// The meetings whose requests are to be looked for.
    pub(crate) unnamed: &'a [GlobalObjectId],
    pub(crate) window: Window,
    pub(crate) join: &'a JoinRules,
}

impl Start<'_> {
    /// Begins the conversation for a need. Nothing where there is nothing to say: no subscription to ask, no way to
    /// subscribe, no server needed.
    pub(crate) fn talk(self, need: Need) -> Result<Option<(Talk, Saying)>, Error> {
        if need == Need::Locate {
            return self.locate();
        }
        Ok(self.ask(need)?.map(|(talk, request)| (talk, request.into())))
    }

    fn locate(self) -> Result<Option<(Talk, Saying)>, Error> {
        let Some(policy) = self.autodiscover.cloned() else { return Ok(None) };
        match Discovery::begin(self.mailbox, policy) {
            autodiscover::Step::Ask(search, ask) => Ok(Some((Talk::Locate(Some(search)), Saying::Ask(ask)))),
            autodiscover::Step::Found(_, trail) | autodiscover::Step::Failed(trail) => {
                Err(not_located(trail))
            }
        }
    }

    fn ask(self, need: Need) -> Result<Option<(Talk, Request)>, Error> {
        let Self { calendar, cursor, watch, way, then_view, has_series, unnamed, window, join, .. } = self;
        let (read, request) = match need {
            Need::Replan | Need::Locate => return Ok(None),
            Need::Open => {
                let (look, request) = calendar.look();
                return Ok(Some((Talk::Open(Some(look)), request)));
            }
            Need::Look => {
                let (look, request) = calendar.look();
                return Ok(Some((Talk::Look(Some(look)), request)));
            }
            Need::Subscribe => {
                let Some(way) = way else { return Ok(None) };
                let (opening, request) = calendar.subscribe(&way.kind(), way.group(), way.call_back());
                return Ok(Some((Talk::Subscribe(Some(opening)), request)));
            }
            Need::Ask => return Ok(watch.map(|watch| (Talk::Ask(watch.clone()), watch.poll()))),
            Need::Renew => {
                let renewal = watch.and_then(|watch| Some((watch, watch.renew()?)));
                return Ok(renewal.map(|(watch, request)| (Talk::Renew(watch.clone()), request)));
            }
            Need::Compare => {
                let (view, request) = calendar.view(window, has_series);
                return Ok(Some((Talk::View { read: None, under_way: Some(Box::new(view)) }, request)));
            }
            Need::SeekRequests => {
                let search = calendar.seek_requests(unnamed);
                return Ok(search.map(|(search, request)| (Talk::Seek(Some(search)), request)));
            }
            Need::SecondLook => calendar.confirm_empty(window),
            Need::ReadWhole => calendar.read_whole(window, join),
            Need::ReadChanges => match cursor {
                Some(cursor) => calendar.read_changes(cursor, window, join)?,
                None => calendar.read_whole(window, join),
            },
        };
        let viewing = Viewing { calendar, window, has_series };
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
    /// Takes the news that there is no reply; nothing where that ends the conversation.
    pub(crate) fn on_silence(&mut self, unreachable: &Unreachable) -> Option<Result<Turn, Error>> {
        // nobody else would give a ticket or a token: each further step would be another refusal
        let Self::Locate(search) = self else { return None };
        if unreachable.refusals > 0 {
            return None;
        }
        let step = search
            .take()
            .expect("a search is put back whenever it goes on")
            .on_silence(&unreachable.sentence);
        Some(self.searched(step))
    }

    fn searched(&mut self, step: autodiscover::Step) -> Result<Turn, Error> {
        match step {
            autodiscover::Step::Ask(search, ask) => {
                *self = Self::Locate(Some(search));
                Ok(Turn::Again(Saying::Ask(ask)))
            }
            autodiscover::Step::Found(found, trail) => Ok(Turn::Over(Said::Located(found, trail))),
            autodiscover::Step::Failed(trail) => Err(not_located(trail)),
        }
    }

    /// Takes a reply.
    pub(crate) fn on_reply(&mut self, reply: &event::Reply) -> Result<Turn, Error> {
        let reply = &reply.as_wire();
        match self {
            Self::Locate(search) => {
                let step = search.take().expect("a search is put back whenever it goes on").on_reply(reply);
                self.searched(step)
            }
            Self::Open(look) => Ok(match taken(look).on_reply(reply)? {
                Step::Send(further, request) => again(look, *further, request),
                Step::Done(Looked { version, .. }) => Turn::Over(Said::Opened(version)),
            }),
            Self::Look(look) => Ok(match taken(look).on_reply(reply)? {
                Step::Send(further, request) => again(look, *further, request),
                Step::Done(looked) => Turn::Over(Said::Looked(looked)),
            }),
            Self::Subscribe(opening) => Ok(match taken(opening).on_reply(reply)? {
                Step::Send(further, request) => again(opening, *further, request),
                Step::Done(watch) => Turn::Over(Said::Subscribed(watch)),
            }),
            Self::Renew(watch) => {
                watch.renewed(reply)?;
                Ok(Turn::Over(Said::Renewed(watch.clone())))
            }
            Self::Ask(watch) => {
                let events = watch.polled(reply)?;
                let (changed, more) = (events.changed, events.more);
                Ok(Turn::Over(Said::Events { watch: watch.clone(), changed, more }))
            }
            Self::Seek(search) => Ok(match taken(search).on_reply(reply)? {
                meeting_requests::Step::Send(further, request) => again(search, further, request),
                meeting_requests::Step::Done(requests) => Turn::Over(Said::Sought(requests)),
            }),
            Self::Read { under_way, then_view } => {
                let read = under_way.take().expect("a read is put back whenever it goes on");
                let outcome = match read.on_reply(reply)? {
                    Step::Send(further, request) => {
                        *under_way = Some(further);
                        return Ok(Turn::Again(request.into()));
                    }
                    Step::Done(outcome) => outcome,
                };
                let Some(viewing) = then_view.take() else {
                    return Ok(over(ReadOrViewed { read: Some(outcome), ..ReadOrViewed::default() }));
                };
                let (view, request) = viewing.begin();
                *self = Self::View { read: Some(outcome), under_way: Some(Box::new(view)) };
                Ok(Turn::Again(request.into()))
            }
            Self::View { read, under_way } => viewed(read, under_way, reply),
        }
    }
}

/// Takes a reply to a view, which may follow what was read.
fn viewed(
    read: &mut Option<Outcome>,
    under_way: &mut Option<Box<View>>,
    reply: &exchange_wire::Reply<'_>,
) -> Result<Turn, Error> {
    match taken(under_way).on_reply(reply) {
        Ok(Step::Send(further, request)) => Ok(again(under_way, further, request)),
        Ok(Step::Done(viewed)) => {
            Ok(over(ReadOrViewed { read: read.take(), view: Some(viewed), view_failed: None }))
        }
        // what was read stands, though it cannot be compared
        Err(error) if read.is_some() && next_step::of_error(&error).scope == Scope::Room => {
            let view_failed = Some(next_step::of_error(&error).sentence);
            Ok(over(ReadOrViewed { read: read.take(), view: None, view_failed }))
        }
        Err(error) => Err(error),
    }
}

/// What was put back when the conversation went on.
fn taken<T>(under_way: &mut Option<T>) -> T {
    under_way.take().expect("what is under way is put back whenever it goes on")
}

fn again<T>(under_way: &mut Option<T>, further: T, request: Request) -> Turn {
    *under_way = Some(further);
    Turn::Again(request.into())
}

fn not_located(trail: Trail) -> Error {
    Error { operation: Operation::Autodiscover, problem: Problem::NotLocated { trail } }
}

fn over(said: ReadOrViewed) -> Turn {
    Turn::Over(Said::Read(said))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_holds_no_conversation_is_not_read_back() {
        for written in [
            r#"{"Locate":null}"#,
            r#"{"Open":null}"#,
            r#"{"Subscribe":null}"#,
            r#"{"Read":{"under_way":null,"then_view":null}}"#,
            r#"{"View":{"read":null,"under_way":null}}"#,
            r#"{"Seek":null}"#,
        ] {
            assert!(serde_json::from_str::<Talk>(written).is_err(), "{written}");
        }
    }
}
