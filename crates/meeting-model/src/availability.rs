//! Section E of the rules: whether a room is taken, until when, and what a presence service is told.
//!
//! Two answers to two questions. [`Occupancy`] is for panels and lights: a meeting runs, or somebody may come, or the room is
//! free. [`Presence`] is what a calendar state means to people's clients, in one of two profiles. Neither is known of a
//! calendar that was not read lately.

mod presence;

use crate::{
    clock::Window,
    decision::{Reason, Rule, Verdict},
    id::Revision,
    item::ShowAs,
    plan::PlannedOccurrence,
};
use chrono::{DateTime, TimeDelta, Utc};
pub use presence::{Presence, Profile, presence};
use serde::{Deserialize, Serialize};

/// What is older than this is not known any more.
pub const STALE_AFTER: TimeDelta = TimeDelta::minutes(15);

/// Stands for a moment that nobody knows: what was noted then has no age.
pub const AGELESS: DateTime<Utc> = DateTime::UNIX_EPOCH;

/// A clock that is corrected by less was not ahead.
const CREEPS: TimeDelta = TimeDelta::seconds(1);

/// Whether a room is taken, mildest first, so that `max` is the strongest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Occupancy {
    /// The calendar was not read lately: neither free nor taken by accident.
    Unknown,
    /// Nobody has it.
    Free,
    /// Somebody may come: a meeting runs that the room has not accepted, or not again (rules A4 and A5).
    Held,
    /// A meeting runs.
    Occupied,
}

/// When one meeting takes a room, and how. What it is called, and by whom, is not part of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spell {
    /// From when to when.
    pub window: Window,
    /// [`Occupied`](Occupancy::Occupied), or only [`Held`](Occupancy::Held).
    pub occupancy: Occupancy,
    /// What free/busy makes of it.
    pub show_as: ShowAs,
}

impl Spell {
    /// When an occurrence takes its room. Absent where it does not.
    pub fn of(one: &PlannedOccurrence) -> Option<Self> {
        let occupancy = match (one.decision.verdict, one.decision.rule) {
            (Verdict::Shown, _) => Occupancy::Occupied,
            (Verdict::ShownTentative, _)
            | (Verdict::Hidden(Reason::Tentative | Reason::AwaitingReacceptance), Rule::A4 | Rule::A5) => {
                Occupancy::Held
            }
            (Verdict::Hidden(_), _) => return None,
        };
        let window = Window { start: one.start, end: one.end };
        Some(Self { window, occupancy, show_as: one.show_as })
    }

    /// The same, past its end for so long (rule C5): the room is taken while its displays say so. A point takes no time.
    #[must_use]
    pub fn lingering(self, lingers: TimeDelta) -> Self {
        let Window { start, end } = self.window;
        let gone_at = end.checked_add_signed(lingers).filter(|_| start < end).unwrap_or(end);
        Self { window: Window { start, end: gone_at }, ..self }
    }
}

/// Whether a room is taken at a moment, and until when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Availability {
    /// Whether it is taken.
    pub occupancy: Occupancy,
    /// When that changes, so that a display can set a timer. Absent where nothing that is known changes it.
    pub until: Option<DateTime<Utc>>,
}

/// Whether a room is taken, by its calendar as it was read (`as_of`). Back-to-back meetings are one answer: what changes is
/// the answer, not the meeting.
pub fn availability(spells: &[Spell], as_of: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Availability {
    if is_stale(as_of, now) {
        return Availability { occupancy: Occupancy::Unknown, until: None };
    }
    let state = |instant| {
        let running = spells.iter().filter(|spell| spell.window.contains(instant));
        running.map(|spell| spell.occupancy).max().unwrap_or(Occupancy::Free)
    };
    let occupancy = state(now);
    let edges = spells.iter().flat_map(|spell| [spell.window.start, spell.window.end]);
    let mut to_come: Vec<DateTime<Utc>> = edges.filter(|edge| *edge > now).collect();
    to_come.sort_unstable();
    let until = to_come.into_iter().find(|edge| state(*edge) != occupancy);
    Availability { occupancy, until }
}

/// Whether a calendar was not read lately.
pub fn is_stale(as_of: Option<DateTime<Utc>>, now: DateTime<Utc>) -> bool {
    believed(as_of, now).is_none_or(|as_of| now - as_of >= STALE_AFTER)
}

/// As of when a calendar is true, by what was noted of it. A moment that is still to come was noted by a clock that was ahead:
/// it says nothing, and an age by it would be younger than the truth. Nor does [`AGELESS`].
pub fn believed(as_of: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    as_of.filter(|as_of| *as_of > AGELESS && *as_of <= now + CREEPS)
}

/// As of when the rows of a room are true that were `found`: their revision, and what was stored with them. A read that changed
/// nothing is not always stored at once, but whoever watches the room has `heard` of it: that counts where it speaks of the very
/// rows that were found, so that no age is younger than the truth. It counts more than what is stored, which may have been noted
/// before the clock was set back.
pub fn true_as_of(found: Age, heard: Option<Age>, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let heard = heard.filter(|heard| heard.rev == found.rev).and_then(|heard| heard.as_of);
    believed(heard.or(found.as_of), now)
}

/// As of when a room was true at a revision, as somebody noted it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Age {
    /// The revision.
    pub rev: Revision,
    /// As of when. Absent before the first read.
    pub as_of: Option<DateTime<Utc>>,
}

#[cfg(test)]
mod tests;
