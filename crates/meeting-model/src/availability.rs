//! Section E of the rules: whether a room is taken, until when, and what a presence service is told.
//!
//! Two answers to two questions. [`Occupancy`] is for panels and lights: a meeting runs, or somebody may come, or the room is
//! free. [`Presence`] is what a calendar state means to people's clients, in one of two profiles.

mod presence;

use crate::{
    clock::Window,
    decision::{Reason, Rule, Verdict},
    display::Displayed,
    plan::PlannedOccurrence,
};
use chrono::{DateTime, Utc};
pub use presence::{Presence, Profile, presence};
use serde::{Deserialize, Serialize};

/// Whether a room is taken, mildest first, so that `max` is the strongest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Occupancy {
    /// Nobody has it.
    Free,
    /// Somebody may come: a meeting runs that the room has not accepted, or not again (rules A4 and A5).
    Held,
    /// A meeting runs.
    Occupied,
}

/// Whether a room is taken at a moment, and until when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Availability {
    /// Whether it is taken.
    pub occupancy: Occupancy,
    /// When that changes. Absent where nothing that is known changes it.
    pub until: Option<DateTime<Utc>>,
}

/// What a panel at the door says of a moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Panel<'a> {
    /// Whether the room is taken, and until when.
    pub availability: Availability,
    /// What runs, in the order given.
    pub running: Vec<&'a Displayed>,
    /// What starts next; of several that start together the one that lasts longest.
    pub next: Option<&'a Displayed>,
}

/// Whether a room is taken, by everything that was decided of its calendar.
pub fn availability<'a>(
    occurrences: impl IntoIterator<Item = &'a PlannedOccurrence>,
    now: DateTime<Utc>,
) -> Availability {
    at(occurrences.into_iter().filter_map(spell).collect(), now)
}

/// What a panel says, by what displays may show: a meeting that is marked tentative holds the room. What the rules hide
/// is not among it, so that a panel alone cannot tell a room that is held by a hidden meeting.
pub fn panel(meetings: &[Displayed], now: DateTime<Utc>) -> Panel<'_> {
    let spell = |meeting: &Displayed| {
        let occupancy = if meeting.tentative { Occupancy::Held } else { Occupancy::Occupied };
        (Window { start: meeting.start, end: meeting.end }, occupancy)
    };
    let running = |meeting: &&Displayed| meeting.start <= now && now < meeting.end;
    let coming = meetings.iter().filter(|meeting| meeting.start > now);
    Panel {
        availability: at(meetings.iter().map(spell).collect(), now),
        running: meetings.iter().filter(running).collect(),
        next: coming.min_by_key(|meeting| (meeting.start, std::cmp::Reverse(meeting.end))),
    }
}

type Spell = (Window, Occupancy);

fn spell(one: &PlannedOccurrence) -> Option<Spell> {
    let occupancy = match (one.decision.verdict, one.decision.rule) {
        (Verdict::Shown, _) => Occupancy::Occupied,
        (Verdict::ShownTentative, _)
        | (Verdict::Hidden(Reason::Tentative | Reason::AwaitingReacceptance), Rule::A4 | Rule::A5) => {
            Occupancy::Held
        }
        (Verdict::Hidden(_), _) => return None,
    };
    Some((Window { start: one.start, end: one.end }, occupancy))
}

/// Back-to-back meetings are one spell: what changes is the answer, not the meeting.
fn at(mut spells: Vec<Spell>, now: DateTime<Utc>) -> Availability {
    spells.retain(|(window, _)| window.end > now);
    let state = |instant| {
        let running = spells.iter().filter(|(window, _)| window.contains(instant));
        running.map(|(_, occupancy)| *occupancy).max().unwrap_or(Occupancy::Free)
    };
    let occupancy = state(now);
    let mut edges: Vec<DateTime<Utc>> =
        spells.iter().flat_map(|(window, _)| [window.start, window.end]).filter(|edge| *edge > now).collect();
    edges.sort_unstable();
    let until = edges.into_iter().find(|edge| state(*edge) != occupancy);
    Availability { occupancy, until }
}

#[cfg(test)]
mod tests;
