//! The engine's actions, carried out.

use super::{DEVICE_HORIZON, Rows, Run, WAY, mishap::When};
use callboard::planning::{self, Applying, Done};
use chrono::TimeDelta;
use meeting_model::{
    availability::Spell,
    clock::Window,
    display::Present,
    id::{DeviceId, RoomId},
    known::Known,
    plan::Commit,
};
use std::{collections::BTreeSet, rc::Rc, sync::Arc};
use store::{Committed, Outcome, Settlement};
use sync_engine::{Action, Applied, Apply, ApplyError, Deliver, Event, Settle};

impl Run {
    pub(super) fn perform(&mut self, action: Action) {
        match action {
            Action::Exchange { call, at, room, request, .. } => {
                self.ask(call, at.as_deref(), &room, &request);
            }
            Action::Discover { call, room, ask, .. } => self.discover(call, &room, &ask),
            Action::OpenStream { connection, at, request, .. } => {
                self.open_stream(connection, at.as_deref(), &request);
            }
            Action::CloseStream { connection } => self.close_stream(connection),
            Action::AnswerPush { push, answer } => self.answer_push(push, answer),
            Action::Apply(apply) => {
                let result = self.apply(&apply);
                self.trace.note(self.now, format_args!("{} apply -> {result:?}", apply.room));
                self.post(TimeDelta::zero(), Event::Applied { room: apply.room, result });
            }
            Action::Deliver(deliver) => self.deliver(deliver),
            Action::Settle(settle) => self.settle(settle),
            Action::Empty { device, .. } => {
                let result = self.phones.entry(device.clone()).or_default().empty();
                self.trace.note(self.now, format_args!("{device} empty -> {result:?}"));
                self.post(WAY, Event::Emptied { device, result });
            }
            Action::Refuse { room, sentence, .. } => {
                self.trace.note(self.now, format_args!("{room} refused: {sentence}"));
            }
        }
    }

    fn apply(&mut self, apply: &Apply) -> Result<Applied, ApplyError> {
        let failed = |error: store::Error| planning::not_applied(&error);
        self.witness.iter_mut().for_each(|witness| witness.applies(apply));
        let now = self.clock();
        let mut applying = Applying::begin(&self.planning, apply).expect("the room is configured");
        while applying.goes_on() {
            let meetings = applying.meetings();
            let known = if meetings.is_empty() {
                self.known(applying.room())
            } else {
                self.store.known(applying.room(), &meetings).map(Arc::new)
            };
            let known = known.map_err(failed)?;
            let committed = match applying.plan(known, now) {
                Some((epoch, commit)) => {
                    self.mishaps.befall(When::BeforeCommit)?;
                    let committed = self.store.commit(epoch, &commit).map_err(failed)?;
                    self.counts.commits += 1;
                    self.was_committed(&commit, &committed);
                    if let Some(witness) = &mut self.witness {
                        witness.committed(&apply.room, commit.as_of, self.clock_error, &committed);
                    }
                    self.mishaps.befall(When::AfterCommit)?;
                    Some(committed)
                }
                None => None,
            };
            applying.committed(committed.as_ref());
        }
        let Done { applied, differences, signs, .. } = applying.end();
        if let Some(witness) = &mut self.witness {
            witness.applied(apply, &applied, !differences.is_empty());
        }
        self.signs.extend(signs);
        for (kind, count) in differences {
            self.trace.note(self.now, format_args!("{} differs: {count} {kind}", apply.room));
            *self.differences.entry(kind).or_default() += count;
        }
        Ok(applied)
    }

    /// What was read of rooms that a commit has changed is to be read again: not of one that only moved the age of its rows.
    fn was_committed(&self, commit: &Commit, committed: &Committed) {
        let mut known = self.known.borrow_mut();
        let knows_source = |known: &Arc<Known>| commit.source.is_none() || commit.source == known.source;
        if commit.plan.is_empty() && known.get(&committed.room).is_some_and(knows_source) {
            return;
        }
        if commit.plan.learned.values().any(|fact| fact.subject.is_none()) {
            // that there is a fact at all may be new to other rooms, without any reason to plan them again
            known.clear();
        }
        let changed = committed.masked.iter().map(|changed| &changed.room);
        for room in changed.chain(&committed.replan).chain([&committed.room]) {
            self.rows.borrow_mut().remove(room);
            known.remove(room);
        }
    }

    fn deliver(&mut self, deliver: Deliver) {
        self.counts.deliveries += 1;
        let present = self.present(&deliver);
        if let Some(mut witness) = self.witness.take() {
            let told = self.told(&present, &witness);
            witness.delivers(&present, &self.rows(&present.room).meetings, told, self.now);
            self.witness = Some(witness);
        }
        let phone = self.phones.entry(deliver.device.clone()).or_default();
        let (result, after) = phone.take(&present, deliver.digest.as_deref());
        self.trace.note(self.now, format_args!("{} deliver -> {result:?}", deliver.device));
        self.post(WAY + after, Event::Delivered { device: deliver.device, result });
    }

    /// What the store knows of a room: read again only where something was committed since.
    fn known(&self, room: &RoomId) -> Result<Arc<Known>, store::Error> {
        if let Some(known) = self.known.borrow().get(room) {
            return Ok(Arc::clone(known));
        }
        let known = Arc::new(self.store.known(room, &BTreeSet::new())?);
        self.known.borrow_mut().insert(room.clone(), Arc::clone(&known));
        Ok(known)
    }

    /// What the store says that a room shows, tentative or not, in order of keys.
    pub(super) fn rows(&self, room: &RoomId) -> Rc<Rows> {
        if let Some(rows) = self.rows.borrow().get(room) {
            return Rc::clone(rows);
        }
        let known = self.known(room).expect("the room is in the store");
        let spells = known.occurrences.values().filter_map(Spell::of).collect();
        let meetings = known.occurrences.values().filter_map(|one| one.displayed.clone()).collect();
        let rows = Rc::new(Rows { rev: known.rev, meetings, spells });
        self.rows.borrow_mut().insert(room.clone(), Rc::clone(&rows));
        rows
    }

    fn present(&self, Deliver { room, as_of, .. }: &Deliver) -> Present {
        let zone = self.planning.settings.get(room).expect("the room is configured").zone.clone();
        let now = self.wall();
        let today = meeting_model::day::local_day(&zone, now).window;
        let window = Window { start: today.start, end: now + DEVICE_HORIZON };
        let rows = self.rows(room);
        let near = rows.meetings.iter().filter(|one| !one.tentative && window.overlaps(one.start, one.end));
        let mut meetings: Vec<_> = near.cloned().collect();
        meetings.sort_by(|a, b| (a.start, &a.key).cmp(&(b.start, &b.key)));
        let (room_name, spells) = (room.to_string(), rows.spells.clone());
        Present { room: room.clone(), room_name, rev: rows.rev, now, zone, meetings, spells, as_of: *as_of }
    }

    fn settle(&mut self, settle: Settle) {
        let room = room_of(&settle.device);
        let epoch = *self.planning.epochs.get(&room).expect("the room was taken");
        let now = self.wall();
        if let Some(witness) = &mut self.witness {
            let phone = self.phones.get(&settle.device);
            witness.settles(&settle, phone.and_then(|phone| phone.took), self.now);
        }
        let outcome = match settle.digest {
            Some(digest) => Outcome::Acknowledged { digest },
            None => Outcome::Failed {
                attempts: settle.attempts,
                not_before: now + settle.retry_in.unwrap_or_default(),
                error: settle.error.unwrap_or_default(),
            },
        };
        let settlement = Settlement { device: settle.device, epoch, rev: settle.rev, outcome, now };
        // what the disk does not take is not tried again: the device has at worst the same present twice after a restart
        if self.mishaps.befall(When::BeforeCommit).is_ok() {
            self.store.settle(&settlement).expect("a delivery can be settled");
            // who dies now is seen by whoever performs actions
            let _ = self.mishaps.befall(When::AfterCommit);
        }
    }
}

/// Whose device it is, by how devices are called here.
pub(super) fn room_of(device: &DeviceId) -> RoomId {
    RoomId::new(device.as_str().split('/').next().unwrap_or_default())
}
