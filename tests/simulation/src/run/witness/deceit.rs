//! Where Exchange has said what is not so, nobody can know better until what was said is read again.

use super::{Place, Watched, Witness, expected};
use crate::{run::Run, scenario::Deceit};
use chrono::{DateTime, TimeDelta, Utc};
use exchange_sim::Fault;
use meeting_model::{
    display::{Displayed, PublicKey},
    id::RoomId,
    observed::Coverage,
};
use std::collections::{BTreeMap, BTreeSet};
use sync_engine::{Applied, Apply};

/// A calendar of which so many meetings to come are shown is not believed to be empty,
const MUCH_TO_LOSE: usize = 3;

/// before it was said to be so for so long.
const SECOND_LOOK: TimeDelta = TimeDelta::seconds(60);

/// Meetings that begin within so long may be past when they are planned.
const TO_COME: TimeDelta = TimeDelta::minutes(2);

/// What was said of a room that was not so.
#[derive(Debug, Default)]
pub(super) struct Deceits {
    /// When each fault last struck it.
    seen: BTreeMap<Fault, DateTime<Utc>>,
    /// What may have been believed and was not read again since, and whether it was compared.
    believed: BTreeMap<Fault, bool>,
    /// What is under way may have begun before it was deceived.
    is_asking: bool,
    /// Its calendar was said to be empty, and nothing was read since that says otherwise.
    empty: Option<Empty>,
    /// Whether its occurrences may be called by dates that are not theirs.
    pub(super) misdated: bool,
    /// Until when its meetings are known to be so, where only a comparison has said it.
    pub(super) compared_until: Option<DateTime<Utc>>,
}

/// A calendar that was said to be empty.
#[derive(Debug)]
struct Empty {
    first: DateTime<Utc>,
    /// An answer that said so may be under way yet.
    is_heard: bool,
    /// What was shown that was to come and was so, and since when.
    kept: Vec<(PublicKey, Place, DateTime<Utc>)>,
}

/// What heals of a deceit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Healing {
    /// Anything that is read: it names what nobody was told of.
    Read,
    /// A read of everything: what was kept as it was known is named again.
    Whole,
    /// A comparison that finds nothing, or one that finds something and a read of everything: what was said to be gone, or at
    /// another time, may be overridden.
    Compared,
}

fn healing(fault: Fault) -> Healing {
    match fault {
        Fault::EventsLost => Healing::Read,
        Fault::RecurrenceEmpty | Fault::ItemCorrupt => Healing::Whole,
        _ => Healing::Compared,
    }
}

/// Whether meetings may be shown at other times than theirs.
fn misdates(fault: Fault) -> bool {
    matches!(fault, Fault::StrangeTimeZone | Fault::CustomTimeZone | Fault::ShiftedOriginalStart)
}

impl Deceits {
    pub(super) fn is_deceived(&self) -> bool {
        !self.believed.is_empty()
    }

    pub(super) fn forget(&mut self) {
        *self = Self { seen: std::mem::take(&mut self.seen), ..Self::default() };
    }
}

impl Watched {
    /// It is judged, or is not: for how long it was not, where that is over.
    pub(super) fn is_judged(&mut self, is_judged: bool, now: DateTime<Utc>) -> TimeDelta {
        if is_judged {
            return self.unjudged_since.take().map_or(TimeDelta::zero(), |since| now - since);
        }
        self.unjudged_since.get_or_insert(now);
        TimeDelta::zero()
    }

    /// A fault has struck what was asked or told of it, while it showed this.
    fn is_deceived_by(&mut self, fault: Fault, at: DateTime<Utc>, shown: &[Displayed]) {
        if fault == Fault::EmptyCalendar && !self.is_emptied(at, shown) {
            return;
        }
        self.deceits.believed.insert(fault, false);
        self.deceits.misdated |= misdates(fault);
    }

    /// Its calendar is said to be empty: whether that may be believed.
    fn is_emptied(&mut self, at: DateTime<Utc>, shown: &[Displayed]) -> bool {
        let kept = self.kept(at, shown);
        let has_much_to_lose = kept.len() >= MUCH_TO_LOSE;
        let empty = self.deceits.empty.get_or_insert(Empty { first: at, is_heard: true, kept });
        empty.is_heard = true;
        let is_confirmed = at - empty.first >= SECOND_LOOK;
        if is_confirmed {
            empty.kept.clear();
        }
        is_confirmed || !has_much_to_lose
    }

    /// What is shown that is to come and is so.
    fn kept(&self, at: DateTime<Utc>, shown: &[Displayed]) -> Vec<(PublicKey, Place, DateTime<Utc>)> {
        let by_time = expected::by_time(&self.expected);
        let to_come = shown.iter().filter(|shown| shown.start > at + TO_COME);
        let kept = to_come.filter_map(|shown| {
            let here = by_time.get(&(shown.start, shown.end))?;
            let (place, _) = here.iter().find(|(_, line)| line.fits(shown))?;
            let one = self.expected.get(*place).filter(|one| one.must)?;
            Some((shown.key.clone(), **place, one.since))
        });
        kept.collect()
    }

    /// What is no more shown though only one answer has said that there is nothing at all, and it is so.
    pub(super) fn lost_at_once(&self, shown: &[Displayed]) -> Option<Place> {
        let empty = self.deceits.empty.as_ref()?;
        if empty.kept.len() < MUCH_TO_LOSE || self.deceits.believed.keys().any(|fault| is_of_items(*fault)) {
            return None;
        }
        let keys: BTreeSet<&PublicKey> = shown.iter().map(|shown| &shown.key).collect();
        let is_so = |place: &Place, since: DateTime<Utc>| {
            self.expected.get(place).is_some_and(|one| one.must && one.since == since)
        };
        let mut lost =
            empty.kept.iter().filter(|(key, place, since)| is_so(place, *since) && !keys.contains(key));
        lost.next().map(|(_, place, _)| *place)
    }

    /// What was read, or compared, is applied: what was not so is known to be so no more.
    fn is_told(&mut self, apply: &Apply, applied: &Applied, differs: bool) {
        let observed = apply.observed.as_ref().filter(|_| !applied.suspicious);
        let whole = observed.is_some_and(|observed| {
            matches!(observed.coverage, Coverage::Complete { .. }) && observed.unreadable.is_empty()
        });
        if whole {
            self.deceits.empty = None;
        }
        if self.deceits.is_asking {
            return;
        }
        let view = apply.view.as_ref().filter(|view| view.is_complete() && !applied.suspicious);
        let agrees = view.is_some() && !differs && !applied.reread;
        // what is not answered is shown as it was, though that was not so (rule A7)
        let is_answered = self.expected.values().all(|one| one.answered || one.lines.is_empty());
        self.deceits.believed.retain(|fault, compared| {
            let heals = match healing(*fault) {
                Healing::Read => observed.is_some(),
                Healing::Whole => whole,
                Healing::Compared => agrees || (whole && *compared),
            };
            *compared |= view.is_some();
            !heals || (misdates(*fault) && !is_answered)
        });
        let reaches = view.filter(|_| agrees).map(|view| view.complete_until);
        if whole && !self.deceits.believed.values().any(|compared| !compared) {
            self.deceits.misdated &= self.deceits.is_deceived();
            self.deceits.compared_until = None;
        } else if reaches.is_some() {
            self.deceits.compared_until = reaches;
        }
    }
}

/// Whether single items are said to be gone, or to be others.
fn is_of_items(fault: Fault) -> bool {
    !matches!(fault, Fault::EventsLost | Fault::EmptyCalendar)
}

/// Whether what was read says that there is nothing at all: not where one of several answers did, and others named the rest.
fn says_nothing(apply: &Apply) -> bool {
    match (&apply.observed, &apply.view) {
        (Some(observed), _) => {
            matches!(observed.coverage, Coverage::Complete { .. })
                && observed.items.is_empty()
                && observed.unreadable.is_empty()
        }
        (None, Some(view)) => view.is_complete() && view.rows.is_empty(),
        (None, None) => true,
    }
}

impl Witness {
    /// Something that was read, or compared, of a room is about to be applied.
    pub(crate) fn applies(&mut self, apply: &Apply) {
        let deceits = &mut self.room(&apply.room).deceits;
        let is_heard = deceits.empty.as_ref().is_some_and(|empty| empty.is_heard);
        if is_heard && deceits.is_asking && !says_nothing(apply) {
            // a part of it was said to be empty, as parts are
            deceits.believed.insert(Fault::EmptyCalendar, false);
            deceits.empty.iter_mut().for_each(|empty| empty.kept.clear());
        }
    }

    /// For how long rooms were not judged until now, all of them together.
    pub(crate) fn unjudged(&self, now: DateTime<Utc>) -> TimeDelta {
        let still = self.rooms.values().filter_map(|watched| watched.unjudged_since).map(|since| now - since);
        still.fold(self.unjudged, |all, one| all + one)
    }

    /// Something that was read, or compared, of a room was applied; whether the comparison found a difference.
    pub(crate) fn applied(&mut self, apply: &Apply, applied: &Applied, differs: bool) {
        let is_told = !apply.dry_run && (apply.observed.is_some() || apply.view.is_some());
        let watched = self.room(&apply.room);
        if !is_told || (watched.deceits.believed.is_empty() && watched.deceits.empty.is_none()) {
            return;
        }
        watched.is_told(apply, applied, differs);
        if !watched.deceits.is_deceived() {
            watched.judged = None;
            self.look_anew_at(&apply.room);
        }
    }
}

impl Run {
    /// Notes of which rooms Exchange has said what is not so.
    pub(super) fn look_for_deceit(&self, witness: &mut Witness) {
        for (room, watched) in &mut witness.rooms {
            if watched.deceits.is_asking && !witness.asked.is_asked_about(room) {
                watched.deceits.is_asking = false;
                watched.deceits.empty.iter_mut().for_each(|empty| empty.is_heard = false);
            }
        }
        if witness.strikes == self.world.strikes() {
            return;
        }
        witness.strikes = self.world.strikes();
        let deceits = Fault::NAMES.iter().map(|(_, fault)| *fault).filter(Deceit::deceives);
        let deceits: Vec<Fault> = deceits.collect();
        for (room, watched) in &mut witness.rooms {
            for fault in &deceits {
                let Some(at) = self.world.struck(*fault, room) else { continue };
                if watched.deceits.seen.insert(*fault, at) == Some(at) {
                    continue;
                }
                watched.is_deceived_by(*fault, at, &self.rows(&RoomId::new(room)).meetings);
                watched.deceits.is_asking = witness.asked.is_asked_about(room);
                witness.changed.insert(room.clone());
            }
        }
    }
}
