//! The engine and a server whose trouble should be over: somebody has to ask, or nobody learns that it is.

use super::Engine;
use crate::action::Action;
use meeting_model::{clock::Now, id::ServerId};

impl Engine {
    /// Where a server in trouble may be asked again and no room has anything to ask, one of them looks for changes.
    ///
    /// Rooms whose streams stand ask for nothing until something changes: without this a server that once wanted a pause would
    /// be said to be in trouble for as long as its calendars are quiet.
    pub(super) fn ask_after(&mut self, id: &ServerId, now: Now, out: &mut Vec<Action>) {
        let Some(server) = self.servers.get(id).filter(|server| server.owes_proof(now.mono)) else { return };
        let account = self.accounts.get(&server.settings.account);
        if !account.is_some_and(|account| account.may_ask(now.mono)) {
            return;
        }
        let mut of_server = self.rooms.values_mut().filter(|room| room.plan.server == *id);
        let Some(room) = of_server.find(|room| room.can_look(now.mono)) else { return };
        room.look_now(now.mono);
        let room = room.id().clone();
        self.settle_room(&room, now, out);
    }
}
