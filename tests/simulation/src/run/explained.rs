//! Why a room shows what it shows.

use super::Run;
use meeting_model::{
    clock::Now,
    decision::ServerGeneration,
    explain::{self, Asked, Explanation},
    id::RoomId,
    plan::Site,
};
use std::collections::BTreeSet;

impl Run {
    /// Everything in a room's calendar, and what vanished from it, with the reason.
    pub fn explained(&self, room: &str) -> Vec<Explanation> {
        let room = RoomId::new(room);
        let known = self.store.known(&room, &BTreeSet::new()).expect("the room is in the store");
        let settings = self.planning.settings.get(&room).expect("the room is configured");
        let site = Site { secret: &self.planning.secret, zones: &self.planning.zones };
        let now = Now { wall: self.now, mono: self.mono() };
        let asked = Asked { server: Some(ServerGeneration::Exchange2010OrLater), reveal: false };
        explain::explain(&room, &known, settings, site, asked, now)
    }
}
