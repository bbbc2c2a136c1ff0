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

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{DateTime, TimeDelta, Utc};
    use meeting_model::{
        display::{PublicKey, Words},
        item::ShowAs,
    };

    fn at(hour: i64, minute: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::minutes(60 * hour + minute)
    }

    fn window((from, to): (DateTime<Utc>, DateTime<Utc>)) -> Window {
        Window { start: from, end: to }
    }

    #[test]
    fn a_tentative_meeting_is_listed_once_also_past_its_end() {
        let shown = (at(9, 0), at(10, 0));
        let (beside, touching) = ((at(9, 0), at(11, 0)), (at(11, 0), at(12, 0)));
        for lingers in [TimeDelta::zero(), TimeDelta::minutes(15)] {
            let spell = |span| {
                let held = Spell { window: window(span), occupancy: Occupancy::Held, show_as: ShowAs::Busy };
                held.lingering(lingers)
            };
            let meeting = Displayed {
                key: PublicKey::new("review"),
                start: shown.0,
                end: shown.1,
                all_day: None,
                words: Words::Private { organizer: None },
                tentative: true,
                lingers,
            };
            assert_eq!(unnamed(&[spell(shown)], std::slice::from_ref(&meeting)), []);
            let of_others = window((at(9, 0), at(12, 0) + lingers));
            assert_eq!(unnamed(&[spell(shown), spell(touching), spell(beside)], &[meeting]), [of_others]);
        }
    }
}
