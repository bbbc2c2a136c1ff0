//! What an administrator has to know of a room, and what to do about it.

use crate::{
    acceptance::is_direct,
    answering::{ANSWERS_WITHIN, Answering},
    clock::Now,
    decision::{Awaits, Rule, ServerGeneration},
    item::{CalendarItem, Response},
    known::Known,
    plan::PlannedOccurrence,
    settings::{Acceptance, RoomSettings},
    signs::Signs,
};
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::BTreeSet;

/// One thing to know of a room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Warning {
    /// What.
    pub kind: WarningKind,
    /// How many of its meetings show it.
    pub meetings: usize,
}

/// What there is to know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum WarningKind {
    /// Nobody answers in a room that should accept by itself (section A).
    AutoAcceptOff,
    /// A delegate has to decide: information only (section A).
    AwaitingDelegate,
    /// The room was switched to proxy acceptance, and what it accepted before waits for a person (rule A5).
    AwaitingReacceptance,
    /// Exchange strips subjects (rule S6).
    SubjectNotPreserved,
    /// Exchange strips bodies, and join addresses with them (rule S7).
    CommentsDeleted,
    /// Exchange clears the private flag (rule P3).
    PrivateFlagRemoved,
}

impl WarningKind {
    /// Every kind.
    pub const ALL: [Self; 6] = [
        Self::AutoAcceptOff,
        Self::AwaitingDelegate,
        Self::AwaitingReacceptance,
        Self::SubjectNotPreserved,
        Self::CommentsDeleted,
        Self::PrivateFlagRemoved,
    ];

    /// What it is called, as `auto-accept-off`.
    pub fn id(self) -> &'static str {
        match self {
            Self::AutoAcceptOff => "auto-accept-off",
            Self::AwaitingDelegate => "awaiting-delegate",
            Self::AwaitingReacceptance => "awaiting-reacceptance",
            Self::SubjectNotPreserved => "subject-not-preserved",
            Self::CommentsDeleted => "comments-deleted",
            Self::PrivateFlagRemoved => "private-flag-removed",
        }
    }

    /// Whether nothing is wrong.
    pub fn is_information(self) -> bool {
        self == Self::AwaitingDelegate
    }

    /// What it means, in a sentence.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::AutoAcceptOff => {
                "the room should accept by itself, and has not answered for a quarter of an hour"
            }
            Self::AwaitingDelegate => {
                "meetings are answered tentatively, and seem to wait for somebody who decides for the room"
            }
            Self::AwaitingReacceptance => {
                "meetings that were accepted before the room was switched to proxy acceptance are hidden until somebody accepts them again"
            }
            Self::SubjectNotPreserved => "Exchange seems to rewrite the subjects of what this room accepts",
            Self::CommentsDeleted => {
                "Exchange seems to delete the text of what this room accepts, so that no join address can be read from it: none of the last 20 meetings has any, and some had one before or have lost their subject"
            }
            Self::PrivateFlagRemoved => "Exchange seems to clear the private flag of what this room accepts",
        }
    }

    /// What to do about it, on the room's server, in general words where its version is not known; `ROOM` stands for the room. Absent where there is nothing to do, or
    /// nothing is known to help: the AutoAccept agent of Exchange 2003 has no switch for what it rewrites.
    pub fn remedy(self, server: Option<ServerGeneration>) -> Option<&'static str> {
        use ServerGeneration::{Exchange2003, Exchange2007, Exchange2010OrLater};
        match (self, server) {
            (Self::AutoAcceptOff, None) => Some("let Exchange's booking attendant process ROOM"),
            (Self::AutoAcceptOff, Some(Exchange2003)) => {
                Some("register the room's mailbox with the AutoAccept agent")
            }
            (Self::AutoAcceptOff, Some(Exchange2007)) => Some(
                "Set-Mailbox ROOM -Type Room; Set-MailboxCalendarSettings ROOM -AutomateProcessing AutoAccept",
            ),
            (Self::AutoAcceptOff, Some(Exchange2010OrLater)) => Some(
                "Set-Mailbox ROOM -Type Room; Set-CalendarProcessing ROOM -AutomateProcessing AutoAccept",
            ),
            (Self::AwaitingReacceptance, _) => {
                Some("accept the meetings again for the room, or set `on_switch = \"keep\"` for it")
            }
            (Self::SubjectNotPreserved | Self::CommentsDeleted | Self::PrivateFlagRemoved, None) => {
                Some("let Exchange's booking attendant leave what it accepts for ROOM as it is")
            }
            (Self::SubjectNotPreserved, Some(Exchange2007)) => {
                Some("Set-MailboxCalendarSettings ROOM -DeleteSubject $false -AddOrganizerToSubject $false")
            }
            (Self::SubjectNotPreserved, Some(Exchange2010OrLater)) => {
                Some("Set-CalendarProcessing ROOM -DeleteSubject $false -AddOrganizerToSubject $false")
            }
            (Self::CommentsDeleted, Some(Exchange2007)) => {
                Some("Set-MailboxCalendarSettings ROOM -DeleteComments $false")
            }
            (Self::CommentsDeleted, Some(Exchange2010OrLater)) => {
                Some("Set-CalendarProcessing ROOM -DeleteComments $false")
            }
            (Self::PrivateFlagRemoved, Some(Exchange2007)) => {
                Some("Set-MailboxCalendarSettings ROOM -RemovePrivateProperty $false")
            }
            (Self::PrivateFlagRemoved, Some(Exchange2010OrLater)) => {
                Some("Set-CalendarProcessing ROOM -RemovePrivateProperty $false")
            }
            (Self::AwaitingDelegate, _)
            | (
                Self::SubjectNotPreserved | Self::CommentsDeleted | Self::PrivateFlagRemoved,
                Some(Exchange2003),
            ) => None,
        }
    }
}

/// What there is to know of a room, from what is known of it.
pub fn warnings(known: &Known, settings: &RoomSettings, now: Now) -> Vec<Warning> {
    let signs = Signs::of(&known.items.values().collect::<Vec<_>>(), &known.facts, settings, now.wall);
    let waiting = waiting(known, settings, now);
    let answering = Answering::of(known.items.values(), settings, now.wall);
    let late = |item: &&CalendarItem| answering.awaits(item) == Awaits::Attendant;
    let tentative = |item: &&CalendarItem| item.response == Response::Tentative;
    WarningKind::ALL
        .into_iter()
        .map(|kind| {
            let meetings = match kind {
                WarningKind::AutoAcceptOff => waiting.iter().copied().filter(late).count(),
                WarningKind::AwaitingDelegate => waiting.iter().copied().filter(tentative).count(),
                WarningKind::AwaitingReacceptance => awaiting_reacceptance(known, now),
                WarningKind::SubjectNotPreserved => signs.rewritten,
                WarningKind::CommentsDeleted => signs.bodies_deleted,
                WarningKind::PrivateFlagRemoved => signs.flags_removed,
            };
            Warning { kind, meetings }
        })
        .filter(|warning| warning.meetings > 0)
        .collect()
}

/// When a meeting that waits for the room's answer will have waited too long, though nothing happens.
pub fn due_at(known: &Known, settings: &RoomSettings, now: Now) -> Option<DateTime<Utc>> {
    if settings.acceptance == Acceptance::Proxy {
        return None;
    }
    let unanswered =
        waiting(known, settings, now).into_iter().filter(|item| item.response != Response::Tentative);
    let late_at = |item: &CalendarItem| Some(item.last_modified? + ANSWERS_WITHIN + TimeDelta::seconds(1));
    unanswered.filter_map(late_at).filter(|at| *at > now.wall).min()
}

/// Meetings to come that a switch to proxy acceptance has hidden.
fn awaiting_reacceptance(known: &Known, now: Now) -> usize {
    let hidden = |one: &&PlannedOccurrence| one.end > now.wall && one.decision.rule == Rule::A5;
    known.occurrences.values().filter(hidden).count()
}

/// Meetings to come that wait for the room's answer.
fn waiting<'a>(known: &'a Known, settings: &RoomSettings, now: Now) -> Vec<&'a CalendarItem> {
    let waits = known.occurrences.values().filter(|one| one.end > now.wall && one.decision.rule == Rule::A4);
    let items: BTreeSet<_> = waits.map(|one| &one.item_id).collect();
    let items = items.into_iter().filter_map(|id| known.items.get(id));
    items.filter(|item| !is_direct(item, &settings.mailboxes)).collect()
}

#[cfg(test)]
mod tests;
