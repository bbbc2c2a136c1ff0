//! What rooms claim while the simulation goes on.

use super::{Claim, Glance, Witness};
use crate::run::Run;
use chrono::{DateTime, TimeDelta, Utc};
use meeting_model::{
    availability::{Age, believed, true_as_of},
    display::Present,
    id::{Revision, RoomId},
};
use sync_engine::room::Room;

/// How far back and ahead calendars are noted: more than is mirrored.
const NOTED: (TimeDelta, TimeDelta) = (TimeDelta::days(9), TimeDelta::days(63));

impl Run {
    /// Notes what calendars hold, where that is something new.
    pub(crate) fn look_at_the_world(&mut self) {
        let Some(witness) = &mut self.witness else { return };
        let window = (self.now - NOTED.0, self.now + NOTED.1);
        for (place, (alias, version)) in self.world.calendars().enumerate() {
            if witness.is_news(place, version, self.now) {
                let held = self.world.held(alias, window.0, window.1).expect("the room is there");
                witness.note(&RoomId::new(alias), version, &held, self.now);
            }
        }
    }

    /// Notes what calendars hold, whether that is something new or not: it is to be looked at in another way.
    pub(crate) fn look_anew(&mut self) {
        if let Some(witness) = &mut self.witness {
            witness.noted.clear();
            witness.look_anew();
            witness.rooms.values_mut().for_each(|watched| watched.judged = None);
        }
        self.look_at_the_world();
    }

    /// Judges what rooms show and claim, where that is something new.
    pub(crate) fn look_around(&mut self) {
        let Some(mut witness) = self.witness.take() else { return };
        self.look_for_deceit(&mut witness);
        let mut glances = std::mem::take(&mut witness.glances);
        let changed = std::mem::take(&mut witness.changed);
        glances.resize(self.engine.rooms().count(), None);
        for ((id, room), glance) in self.engine.rooms().zip(&mut glances) {
            let (rev, as_of) = (room.rev(), room.as_of());
            let holds = |(seen, then, until): Glance| (seen, then) == (rev, as_of) && self.now < until;
            if glance.is_some_and(holds) && !changed.contains(id.as_str()) {
                continue;
            }
            *glance = None;
            let rows = self.rows(id);
            if let Some(claimed) = self.claimed(id, room, rows.rev, &witness) {
                let claim = Claim { rev: rows.rev, shown: &rows.meetings, as_of: claimed };
                let until = witness.judge(id, &claim, self.now);
                // what is believed only later, by a clock that was set back, is judged then
                let is_believed = as_of.is_none_or(|as_of| as_of <= self.wall());
                *glance = is_believed.then_some((rev, as_of, until));
            }
        }
        witness.glances = glances;
        self.witness = Some(witness);
    }

    /// As of when a room claims its rows to be true, as displays are told it, by the true clock.
    pub(super) fn claimed(
        &self,
        id: &RoomId,
        room: &Room,
        rev: Revision,
        witness: &Witness,
    ) -> Option<DateTime<Utc>> {
        let stored = witness.rooms.get(id.as_str()).and_then(|watched| watched.as_of);
        let heard = Age { rev: room.rev(), as_of: room.as_of() };
        self.sure(id, true_as_of(Age { rev, as_of: stored }, Some(heard), self.wall()), witness)
    }

    /// As of when a device is told that its room's rows are true, by the true clock.
    pub(crate) fn told(&self, present: &Present, witness: &Witness) -> Option<DateTime<Utc>> {
        self.sure(&present.room, believed(present.as_of, self.wall()), witness)
    }

    /// The same, where whoever was started can know by which clock it was noted.
    fn sure(&self, id: &RoomId, believed: Option<DateTime<Utc>>, witness: &Witness) -> Option<DateTime<Utc>> {
        let unsure = witness.rooms.get(id.as_str()).and_then(|watched| watched.unsure);
        // what is stored has lost what is finer than a microsecond
        let is_unsure =
            |as_of: DateTime<Utc>| unsure.is_some_and(|unsure| (as_of - unsure).num_milliseconds() == 0);
        let sure = believed.filter(|as_of| !is_unsure(*as_of));
        sure.map(|as_of| as_of - self.clock_error)
    }
}
