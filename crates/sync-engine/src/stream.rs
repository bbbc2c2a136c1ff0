//! A group of rooms and the connection on which their server tells of changes.
//!
//! EWS has no renewal of a streaming subscription: every now and then the connection is closed and opened again with the
//! same subscriptions, and whoever is refused subscribes anew. Whatever happened while no connection stood is found by a
//! read of each room once it stands again. Who hears nothing, not even a heartbeat, holds a dead connection.

mod silence;

use crate::{
    action::ConnectionId,
    back_off::{BackOff, Dice},
    event::{Reply, StreamHeard, Unreachable},
    next_step::{self, NextStep, Scope, Verdict},
    room::Whereabouts,
};
use exchange_wire::{
    Error, Problem, Request,
    ews::{
        Dialect, Group, Mailbox,
        get_streaming_events::{self, LONGEST, MOST_SUBSCRIPTIONS, Told},
    },
};
use meeting_model::id::{RoomId, ServerId};
use serde::{Deserialize, Serialize};
use silence::Silence;
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

const RECONNECT: BackOff = BackOff { first: Duration::from_secs(1), most: Duration::from_mins(1) };

/// Rooms that subscribe one after the other share a connection: it is opened when for so long none has joined.
const GATHER: Duration = Duration::from_secs(1);

/// But not later than this after the first.
const GATHER_AT_MOST: Duration = Duration::from_secs(10);

/// Names one group of rooms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct StreamId(pub(crate) usize);

/// A group of rooms and its connection.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Stream {
    pub(crate) server: ServerId,
    group: Group,
    whereabouts: Whereabouts,
    places: BTreeSet<RoomId>,
    members: BTreeMap<String, RoomId>,
    /// The subscriptions that its connection was asked for with: of the others it says nothing.
    carried: BTreeSet<String>,
    link: Link,
    open_at: Option<Duration>,
    gathering_since: Option<Duration>,
    silence: Silence,
    failures: u32,
}

/// The connection.
#[derive(Debug, Serialize, Deserialize)]
enum Link {
    None,
    /// It was asked for.
    Opening(ConnectionId),
    /// The server is telling.
    Up(Box<Up>),
}

#[derive(Debug, Serialize, Deserialize)]
struct Up {
    connection: ConnectionId,
    wire: get_streaming_events::Stream,
    heard_at: Duration,
    renew_at: Duration,
    /// Whether the server has said that it tells.
    live: bool,
}

/// What a stream wants done.
#[derive(Debug)]
pub(crate) enum Effect {
    /// Open this connection.
    Open(Request),
    /// Close this connection.
    Close(ConnectionId),
    /// The connection stands: what happened before is found by a read of each room.
    Live(Vec<RoomId>),
    /// Nothing but what is told has happened until now.
    Heard(Vec<RoomId>),
    /// These calendars have changed.
    Changed(Vec<RoomId>),
    /// These rooms have lost their subscriptions.
    Lost(Vec<RoomId>, String),
    /// No connection stands: nothing is heard for now.
    Down(Vec<RoomId>),
    /// The server allows no connection to these rooms.
    NotAllowed(Vec<RoomId>),
    /// The whole server is in trouble.
    Trouble(Verdict),
}

impl Stream {
    /// A group that begins with this room.
    pub(crate) fn new(server: ServerId, anchor: Mailbox, whereabouts: Whereabouts) -> Self {
        Self {
            server,
            group: Group { anchor },
            whereabouts,
            places: BTreeSet::new(),
            members: BTreeMap::new(),
            carried: BTreeSet::new(),
            link: Link::None,
            open_at: None,
            gathering_since: None,
            silence: Silence::default(),
            failures: 0,
        }
    }

    /// What its requests are led by.
    pub(crate) fn group(&self) -> &Group {
        &self.group
    }

    /// Where its rooms' web services are.
    pub(crate) fn whereabouts(&self) -> &Whereabouts {
        &self.whereabouts
    }

    /// Whether a room of this server, with its web services there, has or could have a place here.
    pub(crate) fn has_place(&self, room: &RoomId, server: &ServerId, whereabouts: &Whereabouts) -> bool {
        self.server == *server
            && self.whereabouts == *whereabouts
            && (self.places.len() < MOST_SUBSCRIPTIONS || self.places.contains(room))
    }

    /// Whether nobody has a place here any more.
    pub(crate) fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// Whether a room has a place here.
    pub(crate) fn has(&self, room: &RoomId) -> bool {
        self.places.contains(room)
    }

    /// Keeps a place for a room.
    pub(crate) fn keep_place(&mut self, room: &RoomId) {
        self.places.insert(room.clone());
    }

    /// A room has its subscription: it is heard from the next connection on.
    pub(crate) fn join(&mut self, room: &RoomId, subscription: &str, now: Duration) {
        self.members.retain(|_, member| member != room);
        self.places.insert(room.clone());
        self.members.insert(subscription.to_owned(), room.clone());
        let since = *self.gathering_since.get_or_insert(now);
        self.open_at = Some((now + GATHER).min(since + GATHER_AT_MOST));
    }

    /// A room needs no stream any more.
    pub(crate) fn leave(&mut self, room: &RoomId) -> Vec<Effect> {
        self.places.remove(room);
        self.members.retain(|_, member| member != room);
        if self.members.is_empty() { self.close().into_iter().collect() } else { Vec::new() }
    }

    /// When it wants to be asked again.
    pub(crate) fn next_wake(&self) -> Option<Duration> {
        let due = match &self.link {
            Link::Up(up) => Some(up.renew_at.min(up.heard_at + self.silence.limit())),
            Link::None | Link::Opening(_) => None,
        };
        due.into_iter().chain(self.open_at).min()
    }

    /// Its time may have come. `may_open` says whether the server may be asked now.
    pub(crate) fn wake(
        &mut self,
        now: Duration,
        dialect: Dialect,
        may_open: bool,
        dice: &mut Dice,
    ) -> Vec<Effect> {
        let mut effects = Vec::new();
        if let Link::Up(up) = &mut self.link {
            if up.heard_at + self.silence.limit() <= now {
                self.silence.fell();
                effects.extend(self.lose(now, dice));
            } else if up.renew_at <= now {
                // where the server may not be asked just now, this connection serves on
                up.renew_at = now + GATHER_AT_MOST;
                self.open_at.get_or_insert(now);
            }
        }
        if self.open_at.is_some_and(|at| at <= now) {
            effects.extend(self.open(now, dialect, may_open, dice));
        }
        effects
    }

    fn open(&mut self, now: Duration, dialect: Dialect, may_open: bool, dice: &mut Dice) -> Vec<Effect> {
        if !may_open {
            self.open_at = Some(now + dice.shorten(GATHER * 5, 2));
            return Vec::new();
        }
        self.open_at = None;
        self.gathering_since = None;
        let mut effects: Vec<_> = self.close().into_iter().collect();
        if !self.members.is_empty() {
            self.carried = self.members.keys().cloned().collect();
            let subscriptions: Vec<&str> = self.members.keys().map(String::as_str).collect();
            effects.push(Effect::Open(get_streaming_events::request(
                dialect,
                &self.group,
                &subscriptions,
                LONGEST,
            )));
        }
        effects
    }

    /// Its connection was asked for.
    pub(crate) fn opening(&mut self, connection: ConnectionId) {
        self.link = Link::Opening(connection);
    }

    /// Ends the connection that there is.
    pub(crate) fn close(&mut self) -> Option<Effect> {
        match std::mem::replace(&mut self.link, Link::None) {
            Link::None => None,
            Link::Opening(connection) => Some(Effect::Close(connection)),
            Link::Up(up) => Some(Effect::Close(up.connection)),
        }
    }

    /// Whether this is its present connection: what others tell comes too late.
    pub(crate) fn is_present(&self, connection: ConnectionId) -> bool {
        match &self.link {
            Link::None => false,
            Link::Opening(present) => *present == connection,
            Link::Up(up) => up.connection == connection,
        }
    }

    /// Its present connection tells something.
    pub(crate) fn heard(
        &mut self,
        heard: StreamHeard,
        renew_every: Duration,
        now: Duration,
        dice: &mut Dice,
    ) -> Vec<Effect> {
        match heard {
            StreamHeard::Opened => {
                if let Link::Opening(connection) = self.link {
                    let renew_at = now + dice.shorten(renew_every, 4);
                    let wire = get_streaming_events::Stream::default();
                    let up = Up { connection, wire, heard_at: now, renew_at, live: false };
                    self.link = Link::Up(Box::new(up));
                }
                Vec::new()
            }
            StreamHeard::Bytes(bytes) => self.read(&bytes, now, dice),
            StreamHeard::Refused(reply) => self.refused(&reply, now, dice),
            StreamHeard::Ended(result) => self.ended(result, now, dice),
        }
    }

    fn read(&mut self, bytes: &[u8], now: Duration, dice: &mut Dice) -> Vec<Effect> {
        let Link::Up(up) = &mut self.link else { return Vec::new() };
        self.silence.heard(now.saturating_sub(up.heard_at), up.live);
        up.heard_at = now;
        match up.wire.take(bytes) {
            Ok(told) => told.into_iter().flat_map(|told| self.told(told, now, dice)).collect(),
            Err(error) => self.failed(&error, now, dice),
        }
    }

    fn told(&mut self, told: Told, now: Duration, dice: &mut Dice) -> Vec<Effect> {
        // an envelope behind one that ended the connection
        let Link::Up(up) = &mut self.link else { return Vec::new() };
        let mut effects = Vec::new();
        if told.failure.is_none() && !up.live {
            up.live = true;
            self.failures = 0;
            effects.push(Effect::Live(self.carried_rooms()));
        }
        let changed: Vec<RoomId> =
            told.changed.iter().filter_map(|id| self.members.get(id)).cloned().collect();
        if !changed.is_empty() {
            effects.push(Effect::Changed(changed));
        }
        if told.failure.is_none() {
            effects.push(Effect::Heard(self.carried_rooms()));
        }
        match told.failure {
            Some(error) if told.lost.is_empty() => effects.extend(self.failed(&error, now, dice)),
            Some(error) => effects.extend(self.lost(&told.lost, &error, now)),
            None => {}
        }
        if told.closed && matches!(self.link, Link::Up(_)) {
            effects.extend(self.close());
            self.open_at = Some(now + dice.shorten(GATHER, 1));
        }
        effects
    }

    /// These subscriptions have ended. The others are heard on a connection without them: on this one, some servers tell
    /// them nothing any more.
    fn lost(&mut self, subscriptions: &[String], error: &Error, now: Duration) -> Vec<Effect> {
        let rooms: Vec<RoomId> = subscriptions.iter().filter_map(|id| self.members.remove(id)).collect();
        self.open_at.get_or_insert(now + GATHER);
        if rooms.is_empty() {
            return Vec::new();
        }
        vec![Effect::Lost(rooms, next_step::of_error(error).sentence)]
    }

    /// The connection is of no more use.
    fn failed(&mut self, error: &Error, now: Duration, dice: &mut Dice) -> Vec<Effect> {
        let verdict = next_step::of_error(error);
        if let Problem::ServerBusy { code, .. } = &error.problem
            && code == "ErrorExceededConnectionCount"
        {
            let mut effects: Vec<_> = self.close().into_iter().collect();
            let rooms = self.rooms();
            self.members.clear();
            self.places.clear();
            self.open_at = None;
            effects.push(Effect::NotAllowed(rooms));
            return effects;
        }
        if verdict.step == NextStep::Resubscribe {
            let mut effects: Vec<_> = self.close().into_iter().collect();
            let rooms = std::mem::take(&mut self.members).into_values().collect();
            effects.push(Effect::Lost(rooms, verdict.sentence));
            return effects;
        }
        let mut effects = self.lose(now, dice);
        if verdict.scope == Scope::Server {
            effects.push(Effect::Trouble(verdict));
        }
        effects
    }

    fn refused(&mut self, reply: &Reply, now: Duration, dice: &mut Dice) -> Vec<Effect> {
        match get_streaming_events::refusal(&reply.as_wire()) {
            Some(error) => self.failed(&error, now, dice),
            None => self.lose(now, dice),
        }
    }

    fn ended(&mut self, result: Result<(), Unreachable>, now: Duration, dice: &mut Dice) -> Vec<Effect> {
        let mut effects = self.lose(now, dice);
        if let Err(unreachable) = result {
            let verdict = next_step::of_silence(&unreachable);
            if verdict.scope == Scope::Server {
                effects.push(Effect::Trouble(verdict));
            }
        }
        effects
    }

    /// The connection is lost: another is opened by and by.
    fn lose(&mut self, now: Duration, dice: &mut Dice) -> Vec<Effect> {
        let closed = self.close();
        self.failures += 1;
        self.open_at = Some(now + RECONNECT.wait(self.failures, dice));
        closed.into_iter().chain([Effect::Down(self.rooms())]).collect()
    }

    fn rooms(&self) -> Vec<RoomId> {
        self.members.values().cloned().collect()
    }

    /// The rooms of which its connection tells: not those that have joined since.
    fn carried_rooms(&self) -> Vec<RoomId> {
        let carried = self.members.iter().filter(|(subscription, _)| self.carried.contains(*subscription));
        carried.map(|(_, room)| room.clone()).collect()
    }
}

#[cfg(test)]
mod tests;
