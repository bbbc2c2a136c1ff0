//! The engine and the connections on which servers tell of changes.

use super::{Engine, Target};
use crate::{
    action::{Action, ConnectionId},
    event::StreamHeard,
    next_step::NextStep,
    room::{Room, Way},
    server::Standing,
    settings::Notifications,
    stream::{Effect, Stream, StreamId},
};
use exchange_wire::ews::Mailbox;
use meeting_model::{
    clock::Now,
    id::{RoomId, ServerId},
};

impl Engine {
    /// The way in which a room may ask for a subscription now: the best that its server allows. A stream keeps a place for it.
    pub(super) fn way_to_subscribe(&mut self, server_id: &ServerId, id: &RoomId, now: Now) -> Option<Way> {
        let (server, room) = (self.servers.get(server_id)?, self.rooms.get(id)?);
        if !room.wants_subscription(now) {
            return None;
        }
        if room.makes_do(now.mono) {
            return Some(Way::Pull);
        }
        match (server.notifications(), server.settings.push.clone()) {
            (Notifications::Streaming, _) => Some(self.way_to_stream(server_id, id)),
            (Notifications::Push, Some(push)) => Some(self.way_to_push(id, &push)),
            (_, Some(push)) if server.settings.webdav.is_some() => Some(self.way_with_word(id, &push)),
            (Notifications::Pull | Notifications::Push, _) => Some(Way::Pull),
        }
    }

    fn way_to_stream(&mut self, server: &ServerId, id: &RoomId) -> Way {
        let room = self.rooms.get(id);
        let anchor = room.map(|room| room.plan.mailbox.clone()).unwrap_or_default();
        let whereabouts = room.map(Room::whereabouts).unwrap_or_default();
        let with_place = |stream: &Stream| !stream.is_empty() && stream.has_place(id, server, &whereabouts);
        let found = self.streams.iter().position(with_place);
        let at = found.unwrap_or_else(|| {
            self.begin_stream(Stream::new(server.clone(), Mailbox::new(anchor), whereabouts))
        });
        let stream = self.streams.get_mut(at).expect("it was found or added just now");
        stream.keep_place(id);
        Way::Stream { stream: StreamId(at), group: stream.group().clone() }
    }

    /// Where a new group is: in the place of one that all its rooms have left, where there is one.
    fn begin_stream(&mut self, stream: Stream) -> usize {
        if let Some((at, left)) = self.streams.iter_mut().enumerate().find(|(_, left)| left.is_empty()) {
            *left = stream;
            return at;
        }
        self.streams.push(stream);
        self.streams.len() - 1
    }

    /// A room leaves its group.
    pub(super) fn leave_stream(&mut self, id: &RoomId, now: Now, out: &mut Vec<Action>) {
        for at in 0..self.streams.len() {
            let Some(stream) = self.streams.get_mut(at).filter(|stream| stream.has(id)) else { continue };
            let effects = stream.leave(id);
            self.do_for_stream(StreamId(at), effects, now, out);
        }
    }

    /// A room has got its subscription: if it is a streaming one, its stream takes it in.
    pub(super) fn join_stream(&mut self, id: &RoomId, now: Now) {
        let Some((stream, subscription)) = self.rooms.get(id).and_then(Room::place_in_stream) else { return };
        if let Some(joined) = self.streams.get_mut(stream.0) {
            joined.join(id, subscription, now.mono);
            self.by_mono.set(&Target::Stream(stream), joined.next_wake());
        }
    }

    pub(super) fn wake_stream(&mut self, id: StreamId, now: Now, out: &mut Vec<Action>) {
        let Some(stream) = self.streams.get_mut(id.0) else { return };
        let Some(server) = self.servers.get(&stream.server) else { return };
        let accepted = self
            .accounts
            .get(&server.settings.account)
            .is_some_and(|account| account.is_accepted() && !account.is_closed(now.mono));
        let may_open = accepted && server.standing() == Standing::Up && !server.is_closed(now.mono);
        let effects = stream.wake(now.mono, server.settings.dialect, may_open, &mut self.dice);
        self.do_for_stream(id, effects, now, out);
    }

    pub(super) fn stream_heard(
        &mut self,
        connection: ConnectionId,
        heard: StreamHeard,
        now: Now,
        out: &mut Vec<Action>,
    ) {
        let Some(id) = self.connections.get(&connection).copied() else { return };
        if matches!(heard, StreamHeard::Refused(_) | StreamHeard::Ended(_)) {
            self.connections.remove(&connection);
        }
        let Some(stream) = self.streams.get_mut(id.0).filter(|stream| stream.is_present(connection)) else {
            return;
        };
        let Some(server) = self.servers.get(&stream.server) else { return };
        let effects = stream.heard(heard, server.settings.renew_every, now.mono, &mut self.dice);
        self.do_for_stream(id, effects, now, out);
    }

    pub(super) fn do_for_stream(
        &mut self,
        id: StreamId,
        effects: Vec<Effect>,
        now: Now,
        out: &mut Vec<Action>,
    ) {
        for effect in effects {
            self.do_one_for_stream(id, effect, now, out);
        }
        let wake = self.streams.get(id.0).and_then(Stream::next_wake);
        self.by_mono.set(&Target::Stream(id), wake);
    }

    fn do_one_for_stream(&mut self, id: StreamId, effect: Effect, now: Now, out: &mut Vec<Action>) {
        let Some(server) = self.streams.get(id.0).map(|stream| stream.server.clone()) else { return };
        match effect {
            Effect::Open(request) => {
                let connection = ConnectionId(self.next_connection);
                self.next_connection += 1;
                self.connections.insert(connection, id);
                if let Some(stream) = self.streams.get_mut(id.0) {
                    stream.opening(connection);
                }
                let at = self.streams.get(id.0).and_then(|stream| stream.whereabouts().url.clone());
                out.push(Action::OpenStream { connection, server, at, request });
            }
            Effect::Close(connection) => {
                if self.connections.remove(&connection).is_some() {
                    out.push(Action::CloseStream { connection });
                }
            }
            Effect::Live(rooms) => {
                self.answered(&server, None, now);
                self.each(&rooms, now, out, |room, dice| room.stream_stands(now.mono, dice));
            }
            Effect::Heard(rooms) => {
                for room in rooms {
                    if let Some(room) = self.rooms.get_mut(&room) {
                        room.told_of_nothing(now.wall);
                    }
                }
            }
            Effect::Changed(rooms) => self.each(&rooms, now, out, |room, _| room.told_of_change(now.mono)),
            Effect::Lost(rooms, sentence) => self.each(&rooms, now, out, |room, dice| {
                room.failed(NextStep::Resubscribe, sentence.clone(), now.mono, dice);
                if rooms.len() > 1 {
                    room.spread(now.mono, dice);
                }
            }),
            Effect::Down(rooms) => self.each(&rooms, now, out, |room, dice| room.stream_fell(now.mono, dice)),
            Effect::NotAllowed(rooms) => self.each(&rooms, now, out, |room, _| room.make_do(now.mono)),
            Effect::Trouble(verdict) => self.server_failed(&server, verdict, now, out),
        }
    }

    /// Tells each of these rooms something, and sees what they need then.
    fn each(
        &mut self,
        rooms: &[RoomId],
        now: Now,
        out: &mut Vec<Action>,
        tell: impl Fn(&mut Room, &mut crate::back_off::Dice),
    ) {
        for id in rooms {
            if let Some(room) = self.rooms.get_mut(id) {
                tell(room, &mut self.dice);
            }
            self.settle_room(id, now, out);
        }
    }
}
