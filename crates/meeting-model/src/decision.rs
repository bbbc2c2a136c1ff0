//! What is decided of an occurrence, and why.

use serde::{Deserialize, Serialize};
use std::fmt;

/// The rules that can decide whether an occurrence is shown. Their text is section A of the rules in `docs/rules.md`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Rule {
    /// Cancelled by its organizer.
    A1,
    /// Declined by the room.
    A2,
    /// Written straight into the room's calendar.
    A3,
    /// Tentative or unanswered.
    A4,
    /// Accepted before the room was switched to proxy acceptance.
    A5,
    /// Accepted.
    A6,
    /// An update resets the answer for seconds: the last shown version stays.
    A7,
}

impl Rule {
    /// The id, as `A4`.
    pub fn id(self) -> &'static str {
        match self {
            Self::A1 => "A1",
            Self::A2 => "A2",
            Self::A3 => "A3",
            Self::A4 => "A4",
            Self::A5 => "A5",
            Self::A6 => "A6",
            Self::A7 => "A7",
        }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

/// What is decided of one occurrence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// Shown, shown as tentative, or hidden.
    pub verdict: Verdict,
    /// The rule that decided.
    pub rule: Rule,
}

impl Decision {
    /// Whether any display shows it.
    pub fn is_shown(self) -> bool {
        !matches!(self.verdict, Verdict::Hidden(_))
    }
}

/// Shown or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Verdict {
    /// On every display and device.
    Shown,
    /// On feeds and panels, marked; never pushed to a device.
    ShownTentative,
    /// Nowhere.
    Hidden(Reason),
}

/// Why an occurrence is hidden.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Reason {
    /// Its organizer cancelled it.
    Cancelled,
    /// The room declined it.
    Declined,
    /// The room has not accepted it, or only tentatively.
    Tentative,
    /// It was accepted before the room went to proxy acceptance.
    AwaitingReacceptance,
}
