//! Subscriptions are given back: all of them at the end, and before that those of rooms that are let go. What is left
//! behind counts against the account's limit until it expires.

use super::{Engine, conversations::To};
use crate::action::Action;
use exchange_wire::calendar::Watch;
use meeting_model::{
    clock::Now,
    id::{RoomId, ServerId},
};
use serde::{Deserialize, Serialize};

/// How many subscriptions of a server are given back at once.
const AT_ONCE: usize = 10;

/// A subscription to be given back.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Farewell {
    room: RoomId,
    /// The address of the web services that gave it.
    at: Option<String>,
    subscription: Watch,
}

impl Engine {
    /// Whether everything that was asked of Exchange has been answered.
    pub fn is_at_rest(&self) -> bool {
        self.calls.is_empty()
    }

    /// Gives back every subscription, some at once and the others one by one.
    pub(super) fn stop(&mut self, out: &mut Vec<Action>) {
        self.stopping = true;
        out.extend(self.connections.keys().map(|connection| Action::CloseStream { connection: *connection }));
        self.connections.clear();
        // what was under way is not waited for
        self.calls.clear();
        let ids: Vec<RoomId> = self.rooms.keys().cloned().collect();
        for id in ids {
            self.give_back(&id);
        }
        let servers: Vec<ServerId> = self.farewells.keys().cloned().collect();
        for server in servers {
            for _ in 0..AT_ONCE {
                self.say_next_farewell(&server, out);
            }
        }
    }

    /// A room's subscription is to be given back, where it has one.
    pub(super) fn give_back(&mut self, id: &RoomId) {
        let Some(room) = self.rooms.get_mut(id) else { return };
        let Some(subscription) = room.take_subscription() else { return };
        let farewells = self.farewells.entry(room.plan.server.clone()).or_default();
        let at = room.whereabouts().url;
        farewells.push_back(Farewell { room: id.clone(), at, subscription });
    }

    /// Gives back what is to be given back to a server, as far as it may be asked now.
    pub(super) fn say_farewells(&mut self, id: &ServerId, now: Now, out: &mut Vec<Action>) {
        while self.farewells.get(id).is_some_and(|waiting| !waiting.is_empty()) {
            let may_ask = self.account_of(id).is_some_and(|account| account.may_ask(now.mono));
            if !may_ask || !self.servers.get_mut(id).is_some_and(|server| server.take_turn(now.mono)) {
                return;
            }
            self.say_next_farewell(id, out);
        }
    }

    /// Gives one subscription back; what the server says to that is heard by nobody.
    pub(super) fn say_next_farewell(&mut self, server: &ServerId, out: &mut Vec<Action>) {
        let next = self.farewells.get_mut(server).and_then(std::collections::VecDeque::pop_front);
        if let Some(Farewell { room, at, subscription }) = next {
            self.send_for(None, To { server: server.clone(), at, room }, subscription.close().into(), out);
        }
    }
}
