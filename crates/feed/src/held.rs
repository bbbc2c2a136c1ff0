//! When a room is held without a name: somebody may come, and who that is is not shown (rules A4 and A5).

use crate::{room::Room, server::Shared};
use meeting_model::{
    availability::{Occupancy, Spell},
    clock::Window,
    display::Displayed,
};
use store::RoomMeta;

/// What a room shows within a window.
pub(crate) struct Shown {
    pub(crate) meetings: Vec<Displayed>,
    /// When it is held by what no meeting of these stands for, in order and apart.
    pub(crate) holds: Vec<Window>,
}

impl Shared {
    /// What a room shows within a window, held time included, and how current that is.
    ///
    /// # Errors
    ///
    /// When the store cannot be read.
    pub(crate) async fn shown(
        &self,
        room: &Room,
        window: Window,
    ) -> Result<(RoomMeta, Shown, Vec<Spell>), store::Error> {
        let (meta, meetings) = self.meetings(room, window).await?;
        let spells = self.spells(room, window).await?;
        let holds = unnamed(&spells, &meetings);
        Ok((meta, Shown { meetings, holds }, spells))
    }
}

/// When a room is held and no meeting that is shown says so. What touches is one.
fn unnamed(spells: &[Spell], meetings: &[Displayed]) -> Vec<Window> {
    let is_named = |Window { start, end }: Window| {
        let is_this = |one: &Displayed| one.tentative && one.start == start && one.gone_at() == end;
        meetings.iter().any(is_this)
    };
    let held = spells.iter().filter(|spell| spell.occupancy == Occupancy::Held);
    let held = held.map(|spell| spell.window).filter(|window| window.start < window.end);
    let mut held: Vec<Window> = held.filter(|window| !is_named(*window)).collect();
    held.sort_unstable_by_key(|window| window.start);
    held.dedup_by(|next, before| {
        let touches = next.start <= before.end;
        if touches {
            before.end = before.end.max(next.end);
        }
        touches
    });
    held
}
