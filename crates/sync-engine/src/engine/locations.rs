//! The engine and Autodiscover: where the rooms' web services are.

use super::Engine;
use crate::{action::Action, room::Whereabouts};
use exchange_wire::autodiscover::{Found, Trail};
use meeting_model::{
    clock::Now,
    id::{RoomId, ServerId},
};

impl Engine {
    /// A room's web services were found. Where they have moved, those of the rooms that were beside them may have, too.
    pub(super) fn located(
        &mut self,
        server_id: &ServerId,
        id: &RoomId,
        found: Found,
        trail: Trail,
        now: Now,
        out: &mut Vec<Action>,
    ) {
        if let Some(server) = self.servers.get_mut(server_id) {
            server.found_at(&found.ews_url, trail);
        }
        let Some(before) = self.rooms.get_mut(id).and_then(|room| room.located(found)) else { return };
        self.leave_stream(id, now, out);
        let beside = self.rooms.values().filter(|room| {
            room.plan.server == *server_id && is_beside(&room.whereabouts(), &before) && room.id != *id
        });
        let beside: Vec<RoomId> = beside.map(|room| room.id.clone()).collect();
        for id in beside {
            if let Some(room) = self.rooms.get_mut(&id) {
                room.doubt_location();
            }
            self.settle_room(&id, now, out);
        }
    }
}

fn is_beside(one: &Whereabouts, other: &Whereabouts) -> bool {
    one.url == other.url
}
