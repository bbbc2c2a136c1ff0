//! What a stream says, what goes wrong with it, and how it lies in chunks.

use super::{StreamId, Then};
use crate::World;
use crate::ews::{ConnectionStatus, StreamMessage, stream_envelope};
use crate::fault::{Fault, Moment, Struck};
use crate::notifying::Chunking;
use crate::subscription::SubscriptionKey;
use crate::world::RoomNumber;

impl World {
    /// Says something, unless a fault strikes.
    pub(super) fn say(&mut self, id: StreamId, message: &StreamMessage) {
        let Some(stream) = self.streams.all.get(&id).filter(|stream| stream.then == Then::Open) else {
            return;
        };
        let (moment, about) = match message {
            StreamMessage::Notifications { of, .. } if of.iter().any(|(_, events)| !events.is_empty()) => {
                (Moment::Events, of.first().map(|(key, _)| *key))
            }
            _ => (Moment::Envelope, None),
        };
        let rooms: Vec<RoomNumber> = stream.subscriptions.iter().map(|(room, _)| *room).collect();
        let call = Struck {
            operation: "GetStreamingEvents",
            rooms: &rooms,
            items: 0,
            resumes: false,
            anchored: true,
            moment,
        };
        let Some((fault, room)) = self.faults.strike_in(self.now, &mut self.dice, &call) else {
            self.write(id, message);
            return;
        };
        let of_room = stream.subscriptions.iter().find(|(of, _)| Some(*of) == room);
        let struck = of_room.copied().or(about).or_else(|| stream.subscriptions.first().copied());
        self.strike_stream(id, message, fault, struck);
    }

    /// Does what a fault does to a stream that was about to say something.
    fn strike_stream(
        &mut self,
        id: StreamId,
        message: &StreamMessage,
        fault: Fault,
        struck: Option<SubscriptionKey>,
    ) {
        if let Some((room, _)) = struck {
            self.faults.strikes_word(fault, room, self.now);
        }
        let ids = struck.map(|key| self.subscription_text(key)).into_iter().collect();
        match (fault, struck) {
            (Fault::StreamSilent, _) => {
                if let Some(stream) = self.streams.all.get_mut(&id) {
                    stream.silent = true;
                }
            }
            (Fault::ConnectionClosed, _) => self.cut(id, message, Then::Broken),
            (Fault::TruncatedBody, _) => self.cut(id, message, Then::Closed),
            (Fault::SubscriptionLost, Some(key)) => {
                self.subscriptions.remove(key);
                let status = Some(ConnectionStatus::Closed);
                self.write(id, &StreamMessage::Error { code: "ErrorSubscriptionNotFound", ids, status });
                self.end_stream(id, Then::Closed);
            }
            (Fault::SubscriptionFaulted, Some(key)) => {
                if let Some(stream) = self.streams.all.get_mut(&id) {
                    stream.faulted.insert(key);
                }
                let status = Some(ConnectionStatus::Ok);
                self.write(id, &StreamMessage::Error { code: "ErrorInvalidSubscription", ids, status });
                self.write_without(id, message, key);
            }
            (Fault::MissedEvents, Some(key)) => {
                let code = "ErrorMissedNotificationEvents";
                self.write(id, &StreamMessage::Error { code, ids, status: None });
                self.write_without(id, message, key);
            }
            (Fault::EventStorm, _) => self.write(id, &message.stormy()),
            (Fault::EventsLost, Some(key)) => self.write_without(id, message, key),
            _ => self.write(id, message),
        }
    }

    /// Writes what notifications say of the other subscriptions, if anything.
    fn write_without(&mut self, id: StreamId, message: &StreamMessage, key: SubscriptionKey) {
        let StreamMessage::Notifications { of, status } = message else { return };
        let others: Vec<_> = of.iter().filter(|(of, _)| *of != key).cloned().collect();
        if !others.is_empty() {
            self.write(id, &StreamMessage::Notifications { of: others, status: *status });
        }
    }

    /// Ends a stream in the middle of an envelope.
    fn cut(&mut self, id: StreamId, message: &StreamMessage, then: Then) {
        let mut envelope = self.envelope(id, message);
        envelope.truncate(envelope.len() / 2);
        self.put(id, envelope);
        self.end_stream(id, then);
    }

    /// Says something, whatever strikes.
    pub(super) fn write(&mut self, id: StreamId, message: &StreamMessage) {
        let envelope = self.envelope(id, message);
        self.put(id, envelope);
    }

    fn envelope(&mut self, id: StreamId, message: &StreamMessage) -> Vec<u8> {
        let first = self.streams.all.get(&id).is_some_and(|stream| !stream.begun);
        let declared = if self.notifying.manners.declares_anywhere { self.dice.chance(250) } else { first };
        stream_envelope(self, message, declared).into_bytes()
    }

    /// Puts bytes into the body, in chunks.
    fn put(&mut self, id: StreamId, mut bytes: Vec<u8>) {
        let notifying = self.notifying;
        let Some(stream) = self.streams.all.get_mut(&id) else { return };
        if stream.silent || stream.then != Then::Open {
            return;
        }
        stream.begun = true;
        stream.beat_at = notifying.next_beat(self.now);
        self.streams.ready.insert(id);
        if notifying.chunking == Chunking::Anyhow {
            if let Some(before) = stream.chunks.pop() {
                bytes.splice(0..0, before);
            }
            while bytes.len() > 1 && self.dice.chance(500) {
                let at = usize::try_from(1 + self.dice.below(bytes.len() as u64 - 1)).unwrap_or(1);
                let rest = bytes.split_off(at);
                stream.chunks.push(std::mem::replace(&mut bytes, rest));
            }
        }
        stream.chunks.push(bytes);
    }
}
