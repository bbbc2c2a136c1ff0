//! Rule T1: our expansion of a calendar against the server's own.
//!
//! [`compare`] holds what is known of a room against what the server says of a span of time ([`View`]), and counts where
//! they differ. Where they do the server wins: [`Comparison::removal`] is what [`plan`](crate::plan::plan) has to be given so
//! that the room shows nothing that is gone, at once, and [`Comparison::reread`] names what has to be read to learn the rest.
//! What that leaves as it was takes the server's instants ([`Comparison::instants`]): ours were expanded otherwise than its own.
//! An override that healing wrote lasts until its series changes.

mod differences;
mod healing;
mod join;
mod view;

use crate::{
    clock::{Now, Window},
    id::ItemId,
    identity::MeetingKey,
    item::Override,
    known::Known,
    planner,
    settings::RoomSettings,
    zone::ZoneDatabase,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};
pub use view::{RowKind, View, ViewRow};

/// What a comparison found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Comparison {
    /// How many occurrences were held against each other, with those that only one side has.
    pub compared: usize,
    /// Where the two sides differ: an occurrence may differ in more than one way.
    pub differences: Vec<Difference>,
    /// What has to be read so that the room knows what the server does.
    pub reread: BTreeSet<Reread>,
    /// Set where the view is too empty to be believed: nothing is healed, the calendar has to be read.
    pub suspicious: bool,
}

impl Comparison {
    /// How many differences there are of each kind, without kinds that there are none of.
    pub fn counts(&self) -> BTreeMap<DifferenceKind, usize> {
        self.differences.iter().fold(BTreeMap::new(), |mut counts, difference| {
            *counts.entry(difference.kind).or_default() += 1;
            counts
        })
    }
}

/// One way in which an occurrence differs. Its `Debug` names no meeting: it may end in a log.
#[derive(Clone, PartialEq, Eq)]
pub struct Difference {
    /// In which way.
    pub kind: DifferenceKind,
    /// What we call the occurrence, where the server said enough to tell.
    pub key: Option<MeetingKey>,
    /// When it takes place by what we know. Absent where we do not have it.
    pub ours: Option<Window>,
    /// When it takes place by what the server says. Absent where it does not have it, or does not say.
    pub server: Option<Window>,
    remedy: Remedy,
}

impl fmt::Debug for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Difference")
            .field("kind", &self.kind)
            .field("ours", &self.ours)
            .field("server", &self.server)
            .finish_non_exhaustive()
    }
}

/// In which way an occurrence differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DifferenceKind {
    /// The server has it, we do not.
    Missing,
    /// We have it, the server does not.
    Ghost,
    /// It starts or ends at another time.
    Moved,
    /// Its subject is another.
    Renamed,
    /// The room answered something else, or it is cancelled on one side only.
    Response,
    /// The server calls it more secret than we know it to be (rule P5).
    Private,
}

impl DifferenceKind {
    /// The word for logs and counters: `missing`, `ghost`, `moved`, `renamed`, `response` or `private`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Ghost => "ghost",
            Self::Moved => "moved",
            Self::Renamed => "renamed",
            Self::Response => "response",
            Self::Private => "private",
        }
    }
}

impl fmt::Display for DifferenceKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What has to be read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reread {
    /// This item: a single meeting, or a series with its exceptions. If it is gone, that is what was to be learned.
    Item(ItemId),
    /// The series that this occurrence belongs to (EWS `RecurringMasterItemId`).
    MasterOf(ItemId),
    /// All of the calendar: the server said too little to tell what.
    Calendar,
}

/// What can be mended without learning anything of it.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Remedy {
    /// Nothing.
    Read,
    /// The server's word on one occurrence of a series.
    Override(ItemId, Override),
    /// The server's instants of a single meeting.
    Instants(ItemId, Window),
    /// The single meeting is gone.
    Remove(ItemId),
}

/// Holds what is known of a room against the server's view of it.
///
/// An occurrence of both sides is found by its key (rule I1), then by its item id, then by its start and subject. What
/// the server leaves out of a row is not compared. What ended before the room's window was forgotten on purpose, and
/// what lies beyond the reach of the view is no ghost.
pub fn compare(
    known: &Known,
    view: &View,
    settings: &RoomSettings,
    zones: &ZoneDatabase,
    now: Now,
) -> Comparison {
    let kept = planner::window(settings, now.wall);
    let span = Window { start: view.window.start.max(kept.start), end: view.window.end };
    let zones = crate::series::Zones { database: zones, room: &settings.zone };
    let joined = join::Joined::of(known, &view.rows, zones, span);
    let mut comparison = differences::of(&joined, view, span);
    if view.is_complete() && view.rows.is_empty() && planner::has_much_to_lose(known, now.wall) {
        comparison.suspicious = true;
        comparison.reread = BTreeSet::from([Reread::Calendar]);
    }
    comparison
}

#[cfg(test)]
mod tests;
