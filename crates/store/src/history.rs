//! What rooms showed, and what their devices had confirmed, at moments that are gone.
//!
//! What is known of an occurrence is in `occurrence` and `display`. When it changes or goes, what it was moves to
//! `past_occurrence`, with the revisions it held from and until; so what stays as it is costs nothing. What was displayed is
//! kept as it was displayed. A meeting that turns out to be secret is masked there too (rule P5), and one whose names are
//! forgotten is forgotten there (rule P7).

mod keep;
mod then;

pub(crate) use keep::{Moment, Since, confirm, forget, left, mask, moved_on, replaced};
pub(crate) use then::{shown_at, shown_in};

use chrono::{DateTime, TimeDelta, Utc};
use meeting_model::{
    decision::Decision,
    display::Displayed,
    id::{DeviceId, Revision},
    identity::MeetingKey,
    item::Sensitivity,
    privacy::{self, Policies},
};
use std::collections::BTreeMap;

/// How long it is known what rooms showed.
pub const HISTORY: TimeDelta = TimeDelta::days(7);

/// What a room showed at a moment, why, and what its devices had confirmed by then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownAt {
    /// The room's revision at that moment.
    pub rev: Revision,
    /// When it was committed. Absent where that is longer ago than is remembered.
    pub since: Option<DateTime<Utc>>,
    /// Every occurrence that was decided of, shown or not, in order of start.
    pub versions: Vec<Version>,
    /// What each device had confirmed until that moment, in order of revisions.
    pub confirmations: BTreeMap<DeviceId, Vec<Confirmation>>,
}

impl ShownAt {
    /// When a device first confirmed what was displayed of an occurrence, or that it was not any more. Absent where it had
    /// not by then.
    pub fn confirmed(&self, device: &DeviceId, version: &Version) -> Option<Confirmation> {
        let confirmations = self.confirmations.get(device)?;
        confirmations.iter().copied().find(|confirmation| confirmation.rev >= version.shown_rev)
    }
}

/// What was known of one occurrence from one revision of its room to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// What it is called.
    pub key: MeetingKey,
    /// When it was to start.
    pub start: DateTime<Utc>,
    /// When it was to end.
    pub end: DateTime<Utc>,
    /// What was decided, and by which rule.
    pub decision: Decision,
    /// What displays showed of it, without what became secret or was forgotten since. Absent where they showed nothing.
    /// A room's settings may hide more of it now: see [`seen`](Self::seen).
    pub displayed: Option<Displayed>,
    /// The strictest that any copy of it ever had, by what is known now (rule P5).
    pub sensitivity: Sensitivity,
    /// When that was decided. Absent where it is longer ago than is remembered.
    pub since: Option<DateTime<Utc>>,
    /// The first revision with what is displayed, or with nothing of it: a device that has confirmed this one has it.
    pub shown_rev: Revision,
    /// Whether it is so today.
    pub is_still: bool,
}

impl Version {
    /// What displays showed of it, as far as the room's settings of today let anybody see (rules P1 and P4).
    pub fn seen(&self, policies: Policies) -> Option<Displayed> {
        let shown = self.displayed.clone()?;
        Some(privacy::hidden(shown, self.sensitivity, policies))
    }
}

/// A device has confirmed a revision of its room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Confirmation {
    /// Which.
    pub rev: Revision,
    /// When it first did. Absent where that was before anybody wrote it down.
    pub since: Option<DateTime<Utc>>,
}
