//! What must be so when all faults have stopped and one catch-up has passed.

use super::{Claim, Place, Watched, Witness, expected};
use crate::run::{Line, Run, line};
use chrono::{DateTime, TimeDelta, Utc};
use exchange_sim::{Held, ResponseType};
use meeting_model::{
    day,
    display::Displayed,
    id::{DeviceId, RoomId},
};
use std::collections::BTreeSet;

impl Run {
    /// Judges everything for the last time: every room shows what its calendar holds, and every phone what its room shows. What a
    /// room shows may be no older than this.
    pub(crate) fn look_finally(&mut self, oldest: TimeDelta) {
        self.compare_all();
        self.look_anew();
        let Some(mut witness) = self.witness.take() else { return };
        if !self.differences.is_empty() {
            let told = format!("{:?}", self.differences);
            witness.break_rule("a mirror differs from the server's own expansion", self.now, told);
        }
        let secrets = self.secrets();
        for (id, room) in self.engine.rooms() {
            if let Some(sentence) = self.engine.trouble_of(room) {
                witness.break_rule("a room stays in trouble", self.now, sentence);
            }
            let rows = self.rows(id);
            let claimed = self.claimed(id, room, rows.rev, &witness);
            if claimed.is_none_or(|as_of| as_of < self.now - oldest) {
                let told = format!("{id}, as of {claimed:?}");
                witness.break_rule("a room is not read any more", self.now, told);
            }
            witness.room(id).settle_accounts(&secrets);
            let claim = Claim { rev: rows.rev, shown: &rows.meetings, as_of: self.now };
            witness.judge(id, &claim, self.now);
            self.look_at_phone(id, &mut witness);
        }
        for (id, device) in self.engine.devices() {
            if device.acknowledged() < device.wanted() {
                witness.break_rule("a device waits for a delivery", self.now, id.to_string());
            }
        }
        self.witness = Some(witness);
    }

    /// A phone shows of today what its room shows.
    fn look_at_phone(&self, room: &RoomId, witness: &mut Witness) {
        let Some(phone) = self.phones.get(&DeviceId::new(format!("{room}/phone"))) else { return };
        let zone = &self.planning.settings.get(room).expect("the room is configured").zone;
        let today = day::local_day(zone, self.now);
        let rows = self.rows(room);
        let (wanted, shown) = (listed(&rows.meetings, &today), listed(&phone.shows, &today));
        let said = |meetings: &[&Displayed]| -> Vec<_> {
            meetings.iter().map(|one| (one.key.clone(), one.words.clone())).collect()
        };
        if said(&shown) != said(&wanted) || lines(&shown) != lines(&wanted) {
            let (shown, wanted) = (lines(&shown), lines(&wanted));
            let told = format!("{room}: shows {shown:?}, should show {wanted:?}");
            witness.break_rule("a phone does not show what its room shows", self.now, told);
        }
    }

    /// What is private in any room's calendar now: it must be so in every room (rule P5).
    fn secrets(&self) -> BTreeSet<Place> {
        let (from, until) = (self.now - TimeDelta::days(6), self.now + TimeDelta::days(58));
        let held = self.world.calendars().filter_map(|(alias, _)| self.world.held(alias, from, until).ok());
        held.flatten().filter(is_secret).map(|held| (held.meeting, held.occurrence)).collect()
    }
}

/// What is listed of a day, in order.
fn listed<'a>(meetings: &'a [Displayed], today: &day::LocalDay) -> Vec<&'a Displayed> {
    let mut listed = day::of_day(meetings, today);
    listed.sort_by_key(|one| (one.start, one.end, &one.key));
    listed
}

fn lines(meetings: &[&Displayed]) -> Vec<Line> {
    meetings.iter().copied().map(line).collect()
}

fn is_secret(held: &Held) -> bool {
    expected::is_hidden(held) && held.response != ResponseType::Decline
}

impl Watched {
    /// From now on nothing is allowed that only time allows: what is not answered is not shown, what went is gone.
    fn settle_accounts(&mut self, secrets: &BTreeSet<Place>) {
        self.gone.clear();
        self.judged = None;
        self.deceived_until = None;
        self.deceits.forget();
        for (place, one) in &mut self.expected {
            one.since = DateTime::<Utc>::UNIX_EPOCH;
            if !one.answered {
                one.lines.clear();
            }
            if secrets.contains(place) {
                one.mask();
            }
        }
    }
}
