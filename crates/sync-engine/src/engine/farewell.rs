//! The end: subscriptions are given back. What is left behind counts against the account's limit until it expires.

use super::Engine;
use crate::action::Action;
use meeting_model::id::{RoomId, ServerId};

/// How many subscriptions of a server are given back at once.
const AT_ONCE: usize = 10;

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
            let Some(room) = self.rooms.get_mut(&id) else { continue };
            let Some(subscription) = room.take_subscription() else { continue };
            let farewells = self.farewells.entry(room.plan.server.clone()).or_default();
            farewells.push_back((id, subscription.close()));
        }
        let servers: Vec<ServerId> = self.farewells.keys().cloned().collect();
        for server in servers {
            for _ in 0..AT_ONCE {
                self.say_next_farewell(&server, out);
            }
        }
    }

    pub(super) fn say_next_farewell(&mut self, server: &ServerId, out: &mut Vec<Action>) {
        if let Some((room, request)) =
            self.farewells.get_mut(server).and_then(std::collections::VecDeque::pop_front)
        {
            self.send(server.clone(), room, request, out);
        }
    }
}
