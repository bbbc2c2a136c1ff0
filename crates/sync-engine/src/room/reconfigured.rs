//! What a change of the configuration means to a room.

use super::{Doing, Room};
use crate::{event::RoomStart, settings::RoomPlan};
use meeting_model::clock::Now;

impl Room {
    /// Whether its calendar is where this plan says.
    pub(crate) fn lives_as(&self, plan: &RoomPlan) -> bool {
        self.plan.mailbox.eq_ignore_ascii_case(&plan.mailbox) && self.plan.server == plan.server
    }

    /// What a room begins with whose calendar is elsewhere from now on: what is shown stays until that was read.
    pub(crate) fn elsewhere(&self) -> RoomStart {
        let (rev, as_of, restored) = (self.rev, self.as_of(), self.restored);
        RoomStart { room: self.id.clone(), rev, cursor: None, as_of, restored }
    }

    /// It is treated in another way from now on: its meetings are planned again from what was read, and a longer window is
    /// read anew.
    pub(crate) fn resettle(&mut self, plan: RoomPlan, now: Now) {
        let before = std::mem::replace(&mut self.plan, plan).settings;
        let settings = &self.plan.settings;
        if before == *settings {
            return;
        }
        self.wants_whole |= settings.back > before.back || settings.ahead > before.ahead;
        self.midnight = self.next_midnight(now.wall);
        self.replan |= self.as_of().is_some() && self.is_first();
    }

    /// A plan that was made before it began is still being committed: it waits for that.
    pub(crate) fn await_plan(&mut self) {
        self.doing = Doing::Applying;
    }
}
