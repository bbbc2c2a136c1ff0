//! The engine and Exchange: who talks, and what the answers lead to.

use super::{Call, Engine, Target};
use crate::{
    account::{Account, Credential},
    action::{Action, CallId},
    event::{Reply, Unreachable},
    next_step::{self, NextStep, Scope, Verdict},
    room::{Conversation, Outcome, Room},
    server::Server,
    talk::{Said, Saying, Turn},
};
use meeting_model::{
    clock::Now,
    id::{RoomId, ServerId},
};

/// Whom a request is for, and about which room.
pub(super) struct To {
    pub(super) server: ServerId,
    /// The address of the room's web services, where it is not the configured one.
    pub(super) at: Option<String>,
    pub(super) room: RoomId,
}

impl Engine {
    /// Lets as many rooms talk as their servers and accounts allow.
    pub(super) fn let_talk(&mut self, now: Now, out: &mut Vec<Action>) {
        if self.stopping {
            return;
        }
        let servers: Vec<ServerId> = self.servers.keys().cloned().collect();
        for id in servers {
            self.say_farewells(&id, now, out);
            self.let_rooms_talk(&id, now, out);
            self.ask_after(&id, now, out);
            self.let_rooms_talk(&id, now, out);
            let account = self.account_of(&id).and_then(Account::closed_until);
            let closed = self.servers.get(&id).and_then(Server::closed_until).max(account);
            self.by_mono.set(&Target::Server(id), closed.filter(|at| *at > now.mono));
        }
    }

    fn let_rooms_talk(&mut self, id: &ServerId, now: Now, out: &mut Vec<Action>) {
        while let Some(room) = self.next_room(id, now) {
            self.let_room_talk(id, &room, now, out);
        }
    }

    fn next_room(&mut self, id: &ServerId, now: Now) -> Option<RoomId> {
        let server = self.servers.get_mut(id)?;
        let account = self.accounts.get(&server.settings.account)?;
        if account.may_ask(now.mono) { server.next_room(now.mono) } else { None }
    }

    fn let_room_talk(&mut self, server_id: &ServerId, id: &RoomId, now: Now, out: &mut Vec<Action>) {
        let way = self.way_to_subscribe(server_id, id, now);
        let (Some(server), Some(room)) = (self.servers.get_mut(server_id), self.rooms.get_mut(id)) else {
            return;
        };
        match room.talk(&server.settings, way, now) {
            Ok(Some(saying)) => return self.send(server_id.clone(), id.clone(), saying, out),
            Ok(None) => {}
            Err(error) => {
                let verdict = next_step::of_error(&error);
                room.failed(verdict.step, verdict.sentence, now.mono, &mut self.dice);
            }
        }
        server.hang_up();
        self.settle_room(id, now, out);
    }

    pub(super) fn send(&mut self, server: ServerId, room: RoomId, saying: Saying, out: &mut Vec<Action>) {
        let (heard_by, at) = (Some(room.clone()), self.rooms.get(&room).map(Room::whereabouts));
        let at = at.and_then(|whereabouts| whereabouts.url);
        self.send_for(heard_by, To { server, at, room }, saying, out);
    }

    /// Sends a request about a room whose answer is heard by that room, or by nobody.
    pub(super) fn send_for(
        &mut self,
        heard_by: Option<RoomId>,
        To { server, at, room }: To,
        saying: Saying,
        out: &mut Vec<Action>,
    ) {
        let call = CallId(self.next_call);
        self.next_call += 1;
        let credential = self.account_mut(&server).map(Account::asked).unwrap_or_default();
        self.calls.insert(call, Call { server: server.clone(), credential, heard_by });
        out.push(match saying {
            Saying::Request(request) => Action::Exchange { call, server, at, room, request },
            Saying::Ask(ask) => Action::Discover { call, server, room, ask },
        });
    }

    pub(super) fn exchanged(
        &mut self,
        call: CallId,
        result: Result<Reply, Unreachable>,
        now: Now,
        out: &mut Vec<Action>,
    ) {
        let Some(Call { server, credential, heard_by }) = self.calls.remove(&call) else { return };
        if let Some(account) = self.account_mut(&server) {
            account.heard(credential);
        }
        if self.stopping {
            return self.say_next_farewell(&server, out);
        }
        let Some(id) = heard_by else { return self.hang_up(&server) };
        let conversation = self.rooms.get_mut(&id).and_then(Room::conversation);
        let Some(mut conversation) = conversation else { return };
        let answered = result.is_ok();
        let turn =
            turn(&mut conversation, result).map_err(|verdict| self.whom_it_concerns(&server, &id, verdict));
        match turn {
            Ok(Turn::Again(saying)) => {
                if !conversation.locates() {
                    self.accepted(&server, credential);
                    self.answered(&server, None, now);
                }
                if conversation.locates() || !self.is_closed(&server, now) {
                    if let Some(room) = self.rooms.get_mut(&id) {
                        room.go_on(conversation);
                    }
                    return self.send(server, id, saying, out);
                }
                // another room was told meanwhile that the server wants a pause: whoever goes on prolongs it
                self.break_off(&server, &id, &conversation, now);
            }
            Ok(Turn::Over(Said::Located(found, trail))) => {
                self.accepted(&server, credential);
                self.hang_up(&server);
                self.located(&server, &id, found, trail, now, out);
            }
            Ok(Turn::Over(said)) => {
                self.accepted(&server, credential);
                self.answered(&server, said.version(), now);
                self.hang_up(&server);
                self.said(&server, &id, &mut conversation, said, now, out);
            }
            Err(verdict)
                if verdict.step == NextStep::Reauthenticate && !self.signs_in_with(&server, credential) =>
            {
                // another password has come meanwhile: the same is asked again with that
                self.break_off(&server, &id, &conversation, now);
            }
            Err(verdict) => {
                if answered
                    && verdict.scope == Scope::Room
                    && !verdict.may_be_mailbox
                    && !conversation.locates()
                {
                    self.accepted(&server, credential);
                    self.answered(&server, None, now);
                }
                self.hang_up(&server);
                self.failed(&server, &id, &conversation, verdict, now, out);
            }
        }
        self.settle_room(&id, now, out);
    }

    /// A refusal that may be of the account or of one mailbox is taken to be of the account, so that it is not locked out, unless
    /// the account is accepted and this mailbox was never read.
    fn whom_it_concerns(&self, server: &ServerId, id: &RoomId, verdict: Verdict) -> Verdict {
        let is_accepted = self.account_of(server).is_some_and(Account::is_accepted);
        let was_read = self.rooms.get(id).is_some_and(|room| room.as_of().is_some());
        if verdict.may_be_mailbox && is_accepted && !was_read {
            Verdict { scope: Scope::Room, step: NextStep::FixConfig, ..verdict }
        } else {
            verdict
        }
    }

    /// Somebody was answered who is signed in, with this name and password.
    fn accepted(&mut self, server: &ServerId, credential: Credential) {
        if let Some(account) = self.account_mut(server).filter(|account| account.has(credential)) {
            account.accept();
        }
    }

    fn signs_in_with(&self, server: &ServerId, credential: Credential) -> bool {
        self.account_of(server).is_some_and(|account| account.has(credential))
    }

    /// A server has answered as Exchange does.
    pub(super) fn answered(&mut self, server: &ServerId, version: Option<String>, now: Now) {
        if let Some(server) = self.servers.get_mut(server) {
            server.answered(version, now.mono);
        }
    }

    fn is_closed(&self, server: &ServerId, now: Now) -> bool {
        self.servers.get(server).is_some_and(|server| server.is_closed(now.mono))
    }

    fn hang_up(&mut self, server: &ServerId) {
        if let Some(server) = self.servers.get_mut(server) {
            server.hang_up();
        }
    }

    /// A conversation ends before its time, for no fault of its room: the room begins it anew when it may.
    fn break_off(&mut self, server: &ServerId, id: &RoomId, conversation: &Conversation, now: Now) {
        self.hang_up(server);
        if let Some(room) = self.rooms.get_mut(id) {
            room.not_read(conversation, now.mono);
        }
    }

    /// A conversation is over.
    fn said(
        &mut self,
        server_id: &ServerId,
        id: &RoomId,
        conversation: &mut Conversation,
        said: Said,
        now: Now,
        out: &mut Vec<Action>,
    ) {
        let subscribed = matches!(said, Said::Subscribed(_));
        let before = self.rooms.get(id).and_then(Room::push_path).map(str::to_owned);
        let (Some(server), Some(room)) = (self.servers.get(server_id), self.rooms.get_mut(id)) else {
            return;
        };
        if let Outcome::Apply(apply) = room.said(conversation, said, server, now, &mut self.dice) {
            self.apply(*apply, out);
        }
        if subscribed {
            if let (Some(server), Some(room)) = (self.servers.get_mut(server_id), self.rooms.get(id)) {
                server.is_asked_by(id, room.asks());
            }
            self.forget_push(before, id);
            self.join_stream(id, now);
        }
    }

    /// A conversation has failed: does that concern the server or the room, and what is done about it?
    fn failed(
        &mut self,
        server_id: &ServerId,
        id: &RoomId,
        conversation: &Conversation,
        verdict: Verdict,
        now: Now,
        out: &mut Vec<Action>,
    ) {
        let (Some(server), Some(room)) = (self.servers.get_mut(server_id), self.rooms.get_mut(id)) else {
            return;
        };
        room.not_read(conversation, now.mono);
        if conversation.locates() {
            room.not_located();
        } else if (verdict.may_have_moved && !conversation.seeks())
            || (verdict.scope == Scope::Server && server.keeps_failing())
        {
            room.doubt_location();
        }
        if verdict.step == NextStep::SpeakOlder && server.speak_older(conversation.version) {
            // the same is asked again, in words the server knows
            return;
        }
        match verdict.scope {
            Scope::Server => self.server_failed(server_id, verdict, now, out),
            Scope::Room if conversation.wants_stream() && room.cannot_stream(verdict.step) => {
                room.make_do(now.mono);
            }
            Scope::Room if conversation.compares() => {
                room.not_compared(&server.settings, now.mono, &mut self.dice);
                refuse_wish(room, &verdict.sentence, out);
            }
            Scope::Room if conversation.seeks() => room.not_sought(now.mono, &mut self.dice),
            Scope::Room => {
                room.failed(verdict.step, verdict.sentence.clone(), now.mono, &mut self.dice);
                if conversation.meets_wishes() {
                    refuse_wish(room, &verdict.sentence, out);
                }
            }
        }
    }

    /// No request to a server can succeed now; where it refuses the account, none to any server of the account.
    pub(super) fn server_failed(&mut self, id: &ServerId, verdict: Verdict, now: Now, out: &mut Vec<Action>) {
        let Verdict { step, sentence, refusals, .. } = verdict;
        let Some(server) = self.servers.get_mut(id) else { return };
        server.failed(step, sentence.clone(), now.mono, &mut self.dice);
        let account = server.settings.account.clone();
        if step != NextStep::Reauthenticate {
            return self.refuse_wishes_of(id, &sentence, out);
        }
        if let Some(refused) = self.accounts.get_mut(&account) {
            refused.refuse(refusals, sentence.clone(), now.mono, &mut self.dice);
        }
        let servers = self.servers.iter().filter(|(_, server)| server.settings.account == account);
        let servers: Vec<ServerId> = servers.map(|(id, _)| id.clone()).collect();
        for server in servers {
            self.refuse_wishes_of(&server, &sentence, out);
        }
    }

    /// No operator waits for a server that is closed.
    fn refuse_wishes_of(&mut self, server: &ServerId, sentence: &str, out: &mut Vec<Action>) {
        for room in self.rooms.values_mut().filter(|room| room.plan.server == *server) {
            refuse_wish(room, sentence, out);
        }
    }
}

/// What a conversation makes of an answer, or of none.
fn turn(conversation: &mut Conversation, result: Result<Reply, Unreachable>) -> Result<Turn, Verdict> {
    match result {
        Ok(reply) => conversation.talk.on_reply(&reply).map_err(|error| next_step::of_error(&error)),
        Err(unreachable) => match conversation.talk.on_silence(&unreachable) {
            Some(turn) => turn.map_err(|error| next_step::of_error(&error)),
            None => Err(next_step::of_silence(&unreachable)),
        },
    }
}

/// Tells the operator who waits for this room, where one does.
pub(super) fn refuse_wish(room: &mut Room, sentence: &str, out: &mut Vec<Action>) {
    if let Some(ticket) = room.take_wish() {
        let sentence = room.says(sentence);
        out.push(Action::Refuse { ticket, room: room.id().clone(), sentence });
    }
}
