//! Open replies to GetStreamingEvents ([MS-OXWSNTIF] 3.1.4.2): when they speak, what goes wrong in them, and
//! how they end.

mod saying;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Duration, Utc};

use super::{RoomNumber, Task, World};
use crate::calendar::Event;
use crate::ews::{ConnectionStatus, StreamMessage};
use crate::subscription::{Delivery, SubscriptionKey};

/// How many events wait for a subscription that nobody is connected for.
const EVENTS_QUEUED: usize = 50;

/// A body that is still being written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct StreamId(u64);

/// How a stream goes on after what it has said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Then {
    /// There will be more.
    Open,
    /// The body is over.
    Closed,
    /// The connection breaks, in the middle of the body.
    Broken,
}

/// What a stream has said since it was last listened to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chunks {
    /// The chunks of the body, none of them empty.
    pub chunks: Vec<Vec<u8>>,
    /// What comes after them.
    pub then: Then,
}

/// Whose budget an open stream is charged to: the account's, or its copy of an impersonated mailbox's.
pub(crate) type Budget = (String, Option<RoomNumber>);

#[derive(Debug, Clone)]
struct Stream {
    budget: Budget,
    subscriptions: Vec<SubscriptionKey>,
    /// Subscriptions that are said to be invalid again and again, while the connection is said to be well.
    faulted: BTreeSet<SubscriptionKey>,
    ends_at: DateTime<Utc>,
    beat_at: DateTime<Utc>,
    /// When the events that gather are told.
    tell_at: Option<DateTime<Utc>>,
    /// Until when the world sleeps on it.
    wake_at: Option<DateTime<Utc>>,
    /// What is said of a connection that was refused, when it does not end at once.
    refused: Option<StreamMessage>,
    /// Ends when it would have beaten, and not before.
    ends_by_beating: bool,
    /// Has said something.
    begun: bool,
    /// Says nothing any more, and does not end.
    silent: bool,
    chunks: Vec<Vec<u8>>,
    then: Then,
}

impl Stream {
    fn due(&self) -> DateTime<Utc> {
        let next = if self.ends_by_beating { self.beat_at } else { self.ends_at.min(self.beat_at) };
        self.tell_at.map_or(next, |tell_at| tell_at.min(next))
    }
}

/// The streams of a world, those included that have ended and were not listened to since.
#[derive(Debug, Clone, Default)]
pub(crate) struct Streams {
    all: BTreeMap<StreamId, Stream>,
    ready: BTreeSet<StreamId>,
    serial: u64,
}

impl World {
    /// What a stream has said since it was last asked, up to `now`. A stream that is not there is broken.
    pub fn stream_chunks(&mut self, stream: StreamId, now: DateTime<Utc>) -> Chunks {
        self.advance(now);
        self.streams.ready.remove(&stream);
        let Some(open) = self.streams.all.get_mut(&stream) else {
            return Chunks { chunks: Vec::new(), then: Then::Broken };
        };
        let said = Chunks { chunks: std::mem::take(&mut open.chunks), then: open.then };
        if said.then != Then::Open {
            self.streams.all.remove(&stream);
        }
        said
    }

    /// The streams that have said something, or ended, since they were last listened to.
    pub fn ready_streams(&self) -> Vec<StreamId> {
        self.streams.ready.iter().copied().collect()
    }

    /// The client went away.
    pub fn hang_up(&mut self, stream: StreamId, now: DateTime<Utc>) {
        self.advance(now);
        self.end_stream(stream, Then::Broken);
        self.streams.all.remove(&stream);
        self.streams.ready.remove(&stream);
    }

    /// How many streams a budget has open, those not counted that the given subscriptions would end.
    pub(crate) fn hanging_connections(&self, budget: &Budget, besides: &[SubscriptionKey]) -> usize {
        let charged = self.streams.all.values().filter(|stream| {
            stream.budget == *budget && stream.then == Then::Open && stream.ends_at > self.now
        });
        charged.filter(|stream| !stream.subscriptions.iter().any(|key| besides.contains(key))).count()
    }

    /// Connects to subscriptions. A stream that had one of them ends.
    pub(crate) fn open_stream(
        &mut self,
        budget: Budget,
        subscriptions: Vec<SubscriptionKey>,
        timeout: Duration,
    ) -> StreamId {
        self.end_connections_of(&subscriptions);
        let stream = self.new_stream(budget, subscriptions.clone(), timeout);
        for key in subscriptions {
            self.connect(key, stream);
        }
        let first = StreamMessage::Status(ConnectionStatus::Ok);
        self.say(stream, &first);
        self.tell(stream, EVENTS_QUEUED);
        self.sleep_until_due(stream);
        stream
    }

    /// Answers with one error about subscriptions that cannot be connected to, and the end.
    pub(crate) fn refuse_stream(&mut self, code: &'static str, ids: Vec<String>) -> StreamId {
        let stream = self.new_stream((String::new(), None), Vec::new(), Duration::zero());
        let message = StreamMessage::Error { code, ids, status: Some(ConnectionStatus::Closed) };
        self.write(stream, &message);
        match self.streams.all.get_mut(&stream).filter(|stream| stream.ends_by_beating) {
            Some(open) => {
                open.refused = Some(message);
                self.sleep_until_due(stream);
            }
            None => self.end_stream(stream, Then::Closed),
        }
        stream
    }

    /// Ends a subscription. A stream that carries it says so, and ends when it carries nothing more.
    pub(crate) fn unsubscribe(&mut self, key: SubscriptionKey) {
        let text = self.subscription_text(key);
        let Some(subscription) = self.subscriptions.remove(key) else { return };
        let Delivery::Streaming { stream: Some(id), .. } = subscription.delivery else { return };
        let Some(stream) = self.streams.all.get_mut(&id) else { return };
        stream.subscriptions.retain(|other| *other != key);
        let last = stream.subscriptions.is_empty();
        let status = last.then_some(ConnectionStatus::Closed);
        let code = "ErrorSubscriptionUnsubscribed";
        self.write(id, &StreamMessage::Error { code, ids: vec![text], status });
        if last {
            self.end_stream(id, Then::Closed);
        }
    }

    fn new_stream(
        &mut self,
        budget: Budget,
        subscriptions: Vec<SubscriptionKey>,
        timeout: Duration,
    ) -> StreamId {
        self.streams.serial += 1;
        let id = StreamId(self.streams.serial);
        let stream = Stream {
            budget,
            subscriptions,
            faulted: BTreeSet::new(),
            ends_at: self.now + timeout,
            beat_at: self.notifying.next_beat(self.now),
            tell_at: None,
            wake_at: None,
            refused: None,
            ends_by_beating: self.notifying.ends_by_beating(),
            begun: false,
            silent: false,
            chunks: Vec::new(),
            then: Then::Open,
        };
        self.streams.all.insert(id, stream);
        id
    }

    /// A second connection was opened: the first ends ([MS-OXWSCDATA] ErrorNewEventStreamConnectionOpened).
    fn end_connections_of(&mut self, subscriptions: &[SubscriptionKey]) {
        let mut shared: BTreeMap<StreamId, Vec<String>> = BTreeMap::new();
        for key in subscriptions {
            let delivery = self.subscriptions.get(*key).map(|subscription| &subscription.delivery);
            if let Some(Delivery::Streaming { stream: Some(first), .. }) = delivery {
                shared.entry(*first).or_default().push(self.subscription_text(*key));
            }
        }
        for (first, ids) in shared {
            let (code, status) = ("ErrorNewEventStreamConnectionOpened", ConnectionStatus::Closed);
            let last = if self.notifying.manners.yields_in_silence {
                StreamMessage::Status(status)
            } else {
                StreamMessage::Error { code, ids, status: Some(status) }
            };
            self.write(first, &last);
            self.end_stream(first, Then::Closed);
        }
    }

    fn connect(&mut self, key: SubscriptionKey, stream: StreamId) {
        let Some(subscription) = self.subscriptions.get_mut(key) else { return };
        if let Delivery::Streaming { stream: connected, .. } = &mut subscription.delivery {
            *connected = Some(stream);
        }
    }

    /// What is due on a stream.
    pub(super) fn wake_stream(&mut self, id: StreamId, at: DateTime<Utc>) {
        let Some(stream) = self.streams.all.get_mut(&id).filter(|stream| stream.then == Then::Open) else {
            return;
        };
        if stream.wake_at == Some(at) {
            stream.wake_at = None;
        }
        if at >= stream.ends_at && (!stream.ends_by_beating || at >= stream.beat_at) {
            self.tell(id, usize::MAX);
            self.finish(id);
            return;
        }
        if stream.tell_at.is_some_and(|tell_at| tell_at <= at) {
            self.tell(id, usize::MAX);
        }
        if self.streams.all.get(&id).is_some_and(|stream| stream.beat_at <= at) {
            self.beat(id);
        }
        self.sleep_until_due(id);
    }

    /// Something happened in a room: a stream that cares tells it once the events have gathered.
    pub(super) fn stream_hears(&mut self, id: StreamId) {
        let at = self.now + self.notifying.gathering;
        if let Some(stream) = self.streams.all.get_mut(&id).filter(|stream| stream.then == Then::Open) {
            stream.tell_at = Some(stream.tell_at.map_or(at, |tell_at| tell_at.min(at)));
            self.sleep_until_due(id);
        }
    }

    fn sleep_until_due(&mut self, id: StreamId) {
        let Some(stream) = self.streams.all.get_mut(&id) else { return };
        if stream.then != Then::Open || stream.silent {
            return;
        }
        let due = stream.due();
        if stream.wake_at.is_none_or(|wake_at| due < wake_at) {
            stream.wake_at = Some(due);
            self.schedule(due, Task::Stream(id));
        }
    }

    /// Tells the first `most` events of each subscription that have not been told; the others are lost.
    fn tell(&mut self, id: StreamId, most: usize) {
        let Some(stream) = self.streams.all.get_mut(&id) else { return };
        stream.tell_at = None;
        let keys: Vec<SubscriptionKey> =
            stream.subscriptions.iter().filter(|key| !stream.faulted.contains(key)).copied().collect();
        let mut notifications = Vec::new();
        for key in keys {
            let events = self.untold(key, most);
            if !events.is_empty() {
                notifications.push((key, events));
            }
        }
        if !notifications.is_empty() {
            let status = self.notifying.manners.says_all.then_some(ConnectionStatus::Ok);
            self.say(id, &StreamMessage::Notifications { of: notifications, status });
        }
    }

    /// The events of a streaming subscription that are still to be told; from now on they count as told.
    fn untold(&mut self, key: SubscriptionKey, most: usize) -> Vec<Event> {
        let newest = self.room(key.0).map_or(0, |room| room.calendar.last_watermark());
        let Some(subscription) = self.subscriptions.get_mut(key) else { return Vec::new() };
        let Delivery::Streaming { told, .. } = &mut subscription.delivery else { return Vec::new() };
        let after = std::mem::replace(told, newest);
        let mut events = self.events_for(key, after);
        events.truncate(most);
        events
    }

    fn beat(&mut self, id: StreamId) {
        let message = self.heartbeat(id, ConnectionStatus::Ok);
        self.say(id, &message);
    }

    /// What a stream says when it has nothing to say.
    fn heartbeat(&self, id: StreamId, status: ConnectionStatus) -> StreamMessage {
        let Some(stream) = self.streams.all.get(&id) else { return StreamMessage::Status(status) };
        if let Some(refused) = &stream.refused {
            return refused.clone();
        }
        let ids: Vec<String> = stream.faulted.iter().map(|key| self.subscription_text(*key)).collect();
        if !ids.is_empty() {
            return StreamMessage::Error { code: "ErrorInvalidSubscription", ids, status: Some(status) };
        }
        if self.notifying.manners.beats_by_events {
            let of = stream.subscriptions.iter().map(|key| (*key, Vec::new())).collect();
            return StreamMessage::Notifications { of, status: Some(status) };
        }
        StreamMessage::Status(status)
    }

    /// The connection's time is over.
    fn finish(&mut self, id: StreamId) {
        let stream = self.streams.all.get(&id);
        let open = stream.filter(|stream| stream.then == Then::Open && !stream.silent);
        let Some(twice) = open.map(|stream| stream.ends_by_beating) else { return };
        if twice {
            let last = self.heartbeat(id, ConnectionStatus::Closed);
            self.write(id, &last);
        }
        self.write(id, &StreamMessage::Status(ConnectionStatus::Closed));
        self.end_stream(id, Then::Closed);
    }

    /// Ends a stream; its subscriptions wait for the next connection.
    fn end_stream(&mut self, id: StreamId, then: Then) {
        let Some(stream) = self.streams.all.get_mut(&id) else { return };
        if stream.then == Then::Open {
            stream.then = then;
        }
        self.streams.ready.insert(id);
        for key in std::mem::take(&mut stream.subscriptions) {
            let Some(subscription) = self.subscriptions.get_mut(key) else { continue };
            if let Delivery::Streaming { stream: connected, .. } = &mut subscription.delivery
                && *connected == Some(id)
            {
                *connected = None;
                subscription.used_at = self.now;
            }
        }
    }

    /// All connections are cut.
    pub(crate) fn break_streams(&mut self) {
        let open: Vec<StreamId> = self.streams.all.keys().copied().collect();
        for id in open {
            self.end_stream(id, Then::Broken);
        }
    }
}
