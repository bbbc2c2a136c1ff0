//! What is decided of an occurrence, and why.

use crate::warning::WarningKind;
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

    /// Why, for people: one sentence.
    pub fn sentence(self) -> &'static str {
        match (self.rule, self.verdict) {
            (Rule::A1, _) => "the organizer cancelled it",
            (Rule::A2, _) => "the room declined it",
            (Rule::A3, _) => "it was written straight into the room's calendar",
            (Rule::A4, Verdict::ShownTentative) => {
                "the room has not accepted it yet: feeds and panels mark it as tentative, devices do not get it"
            }
            (Rule::A4, _) => "the room has not accepted it yet, and tentative meetings are not shown",
            (Rule::A5, _) => {
                "the room accepted it before it was switched to proxy acceptance: somebody has to accept it again"
            }
            (Rule::A6, _) => "the room accepted it",
            (Rule::A7, _) => {
                "its organizer has just changed it and the room has not answered yet: it stays as it was for a minute"
            }
        }
    }

    /// What can be done about it, on the room's server, in general words where its version is not known; `ROOM` stands for the
    /// room. Absent where there is nothing to mend, and while the room may still answer by itself.
    pub fn remedy(self, awaits: Awaits, server: Option<ServerGeneration>) -> Option<&'static str> {
        match (self.rule, awaits) {
            (Rule::A4, Awaits::Attendant) => WarningKind::AutoAcceptOff.remedy(server),
            (Rule::A4, Awaits::Delegate) => {
                Some("the room's delegate has yet to accept or decline the meeting for the room")
            }
            (Rule::A5, _) => {
                Some("accept the meeting again for the room, or set `on_switch = \"keep\"` for it")
            }
            _ => None,
        }
    }
}

/// Who has yet to answer a meeting that the room has not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Awaits {
    /// The room, by itself: it may still take a while.
    Room,
    /// The booking attendant, which should have answered by now and seems not to work for the room.
    Attendant,
    /// Somebody who decides for the room.
    Delegate,
}

/// The generations of Exchange that have a booking attendant of their own kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ServerGeneration {
    /// The AutoAccept agent, installed apart.
    Exchange2003,
    /// `Set-MailboxCalendarSettings`.
    Exchange2007,
    /// `Set-CalendarProcessing`.
    Exchange2010OrLater,
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
