//! What a room's calendar state means to a presence service.

use super::{Occupancy, Spell, is_stale};
use crate::item::ShowAs;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// By whose tables a calendar state is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Profile {
    /// Cisco Unified Presence 7.
    #[serde(rename = "cup-7")]
    Cup7,
    /// IM and Presence, 8.x and later.
    #[default]
    Imp,
}

/// What a presence service is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Presence {
    /// Free, or nothing that keeps people from it.
    Available,
    /// Taken, in the words of [`Profile::Cup7`].
    IdleBusy,
    /// Taken, in the words of [`Profile::Imp`].
    InAMeeting,
    /// Out of office.
    Away,
    /// The calendar could not be read lately: neither taken nor available by accident.
    Unknown,
}

impl Presence {
    /// In the words of the services' own tables.
    pub fn words(self) -> &'static str {
        match self {
            Self::Available => "Available",
            Self::IdleBusy => "Idle/Busy",
            Self::InAMeeting => "In a meeting",
            Self::Away => "Away",
            Self::Unknown => "Unknown",
        }
    }
}

/// What a presence service is told of a room: the strongest calendar state of what is shown at the moment. Unknown unless
/// the calendar was read lately (`as_of`).
pub fn presence(
    spells: &[Spell],
    profile: Profile,
    as_of: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Presence {
    if is_stale(as_of, now) {
        return Presence::Unknown;
    }
    let covers = |spell: &&Spell| spell.occupancy == Occupancy::Occupied && spell.window.contains(now);
    let state = spells.iter().filter(covers).map(|spell| Strength::of(spell.show_as)).max();
    match (state.unwrap_or(Strength::Free), profile) {
        (Strength::OutOfOffice, _) => Presence::Away,
        (Strength::Busy, Profile::Cup7) => Presence::IdleBusy,
        (Strength::Busy, Profile::Imp) => Presence::InAMeeting,
        (Strength::Tentative | Strength::Free, _) => Presence::Available,
    }
}

/// Mildest first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Strength {
    Free,
    Tentative,
    Busy,
    OutOfOffice,
}

impl Strength {
    fn of(state: ShowAs) -> Self {
        match state {
            ShowAs::Free | ShowAs::WorkingElsewhere => Self::Free,
            ShowAs::Tentative => Self::Tentative,
            ShowAs::Busy | ShowAs::NoData => Self::Busy,
            ShowAs::OutOfOffice => Self::OutOfOffice,
        }
    }
}
