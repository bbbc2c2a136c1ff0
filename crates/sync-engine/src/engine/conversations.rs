//! The engine and Exchange: who talks, and what the answers lead to.

use super::{Engine, Target};
use crate::{
    action::{Action, CallId},
    event::{Reply, Unreachable},
    next_step::{self, NextStep, Scope, Verdict},
    room::{Conversation, Outcome, Room},
    server::Server,
    talk::Turn,
};
use meeting_model::{
    clock::Now,
    id::{RoomId, ServerId},
};

impl Engine {
    /// Lets as many rooms talk as their servers allow.
    pub(super) fn let_talk(&mut self, now: Now, out: &mut Vec<Action>) {
        if self.stopping {
            return;
        }
        let servers: Vec<ServerId> = self.servers.keys().cloned().collect();
        for id in servers {
            while let Some(room) = self.servers.get_mut(&id).and_then(|server| server.next_room(now.mono)) {
                self.let_room_talk(&id, &room, now, out);
            }
            let closed = self.servers.get(&id).and_then(Server::closed_until).filter(|at| *at > now.mono);
            self.by_mono.set(&Target::Server(id), closed);
        }
    }

    fn let_room_talk(&mut self, server_id: &ServerId, id: &RoomId, now: Now, out: &mut Vec<Action>) {
        let (Some(server), Some(room)) = (self.servers.get_mut(server_id), self.rooms.get_mut(id)) else {
            return;
        };
        match room.talk(&server.settings, now) {
            Ok(Some(request)) => return self.send(server_id.clone(), id.clone(), request, out),
            Ok(None) => {}
            Err(error) => {
                let verdict = next_step::of_error(&error);
                room.failed(verdict.step, verdict.sentence, now.mono, &mut self.dice);
            }
        }
        server.hang_up();
        self.settle_room(id, now, out);
    }

    fn send(
        &mut self,
        server: ServerId,
        room: RoomId,
        request: exchange_wire::Request,
        out: &mut Vec<Action>,
    ) {
        let call = CallId(self.next_call);
        self.next_call += 1;
        self.calls.insert(call, room.clone());
        out.push(Action::Exchange { call, server, room, request });
    }

    pub(super) fn exchanged(
        &mut self,
        call: CallId,
        result: Result<Reply, Unreachable>,
        now: Now,
        out: &mut Vec<Action>,
    ) {
        let Some(id) = self.calls.remove(&call) else { return };
        let Some(room) = self.rooms.get_mut(&id) else { return };
        let Some(mut conversation) = room.conversation() else { return };
        let Some(server) = self.servers.get_mut(&room.plan.server) else { return };
        let answered = result.is_ok();
        let turn = match result {
            Ok(reply) => conversation.talk.on_reply(&reply).map_err(|error| next_step::of_error(&error)),
            Err(unreachable) => Err(next_step::of_silence(&unreachable)),
        };
        match turn {
            Ok(Turn::Again(request)) => {
                server.answered(None);
                room.go_on(conversation);
                let server = room.plan.server.clone();
                return self.send(server, id, request, out);
            }
            Ok(Turn::Over(said)) => {
                server.answered(said.version());
                server.hang_up();
                if let Outcome::Apply(apply) =
                    room.said(&conversation, said, &server.settings, now, &mut self.dice)
                {
                    self.apply(apply, out);
                }
            }
            Err(verdict) => {
                server.hang_up();
                if answered && verdict.scope == Scope::Room {
                    server.answered(None);
                }
                self.failed(&id, &conversation, verdict, now, out);
            }
        }
        self.settle_room(&id, now, out);
    }

    /// A conversation has failed: does that concern the server or the room, and what is done about it?
    fn failed(
        &mut self,
        id: &RoomId,
        conversation: &Conversation,
        verdict: Verdict,
        now: Now,
        out: &mut Vec<Action>,
    ) {
        let Some(room) = self.rooms.get_mut(id) else { return };
        let Some(server) = self.servers.get_mut(&room.plan.server) else { return };
        let Verdict { scope, step, sentence } = verdict;
        if step == NextStep::SpeakOlder && server.speak_older(conversation.version) {
            // the same is asked again, in words the server knows
            return;
        }
        match scope {
            Scope::Server => {
                let closed = room.plan.server.clone();
                server.failed(step, sentence.clone(), now.mono, &mut self.dice);
                self.refuse_wishes_of(&closed, &sentence, out);
            }
            Scope::Room => {
                room.failed(step, sentence.clone(), now.mono, &mut self.dice);
                if conversation.reads_whole() {
                    refuse_wish(room, &sentence, out);
                }
            }
        }
    }

    /// No operator waits for a server that is closed.
    fn refuse_wishes_of(&mut self, server: &ServerId, sentence: &str, out: &mut Vec<Action>) {
        for room in self.rooms.values_mut().filter(|room| room.plan.server == *server) {
            refuse_wish(room, sentence, out);
        }
    }

    /// Gives back every subscription: what is left behind counts against the account's limit until it expires.
    pub(super) fn stop(&mut self, out: &mut Vec<Action>) {
        self.stopping = true;
        let ids: Vec<RoomId> = self.rooms.keys().cloned().collect();
        for id in ids {
            let Some(room) = self.rooms.get_mut(&id) else { continue };
            let Some(subscription) = room.take_subscription() else { continue };
            let server_id = room.plan.server.clone();
            self.send(server_id, id, subscription.close(), out);
        }
    }
}

/// Tells the operator who waits for this room, where one does.
fn refuse_wish(room: &mut Room, sentence: &str, out: &mut Vec<Action>) {
    if let Some(ticket) = room.take_wish() {
        let sentence = next_step::of_room(room.id(), sentence);
        out.push(Action::Refuse { ticket, room: room.id().clone(), sentence });
    }
}
