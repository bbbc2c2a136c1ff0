//! Rules A1 to A7: whether an occurrence is shown.

use crate::{
    decision::{Decision, Reason, Rule, Verdict},
    item::{CalendarItem, Response},
    known::AcceptanceHistory,
    settings::{Acceptance, OnSwitch, RoomSettings, TentativePolicy},
};
use chrono::{DateTime, TimeDelta, Utc};

/// How long the last shown version of a meeting stays while an update waits for the room's answer (rule A7).
pub const SETTLING: TimeDelta = TimeDelta::seconds(60);

/// What decides of one occurrence besides the item itself.
#[derive(Debug, Clone, Copy)]
pub struct Circumstances<'a> {
    /// How the room is to be treated.
    pub settings: &'a RoomSettings,
    /// Who accepts for the room, and since when.
    pub history: AcceptanceHistory,
    /// When the room was first seen to have accepted it.
    pub accepted_seen: Option<DateTime<Utc>>,
    /// Whether it is shown now, and an update of it waits for the room's answer no longer than [`SETTLING`].
    pub settling: bool,
}

/// Decides of one occurrence: the first rule that matches wins.
pub fn decide(item: &CalendarItem, circumstances: Circumstances<'_>) -> Decision {
    let Circumstances { settings, history, accepted_seen, settling } = circumstances;
    let (rule, verdict) = if item.cancelled() {
        (Rule::A1, Verdict::Hidden(Reason::Cancelled))
    } else if item.response == Response::Decline {
        (Rule::A2, Verdict::Hidden(Reason::Declined))
    } else if is_direct(item, &settings.mailboxes) {
        (Rule::A3, Verdict::Shown)
    } else if is_unanswered(item) && settling {
        (Rule::A7, Verdict::Shown)
    } else if is_unanswered(item) {
        match settings.tentative {
            TentativePolicy::Hide => (Rule::A4, Verdict::Hidden(Reason::Tentative)),
            TentativePolicy::Mark => (Rule::A4, Verdict::ShownTentative),
        }
    } else if settings.on_switch == OnSwitch::RequireReaccept
        && history.mode == Acceptance::Proxy
        && is_older(item.reply_time.or(accepted_seen), history.switched_to_proxy)
    {
        (Rule::A5, Verdict::Hidden(Reason::AwaitingReacceptance))
    } else {
        (Rule::A6, Verdict::Shown)
    };
    Decision { verdict, rule }
}

/// Who accepts for the room from now on, and since when (rule A5). A switch to proxy acceptance is one that is seen
/// here, between what was known and what is set, or one that the configuration dates.
pub fn history(
    known: Option<AcceptanceHistory>,
    settings: &RoomSettings,
    now: DateTime<Utc>,
) -> AcceptanceHistory {
    let mode = settings.acceptance;
    let seen = match (known, mode) {
        (_, Acceptance::AutoAccept) => return AcceptanceHistory { mode, switched_to_proxy: None },
        (None, Acceptance::Proxy) => None,
        (Some(known), Acceptance::Proxy) => match known.mode {
            Acceptance::AutoAccept => Some(now),
            Acceptance::Proxy => known.switched_to_proxy,
        },
    };
    AcceptanceHistory { mode, switched_to_proxy: settings.acceptance_since.or(seen) }
}

/// Whether somebody with rights wrote it straight into the room's calendar (rule A3).
pub fn is_direct(item: &CalendarItem, mailboxes: &[String]) -> bool {
    let organizer = item.organizer.as_ref().and_then(|person| person.address.as_deref());
    item.response == Response::Organizer
        || !item.is_meeting()
        || organizer.is_some_and(|address| mailboxes.iter().any(|own| own.eq_ignore_ascii_case(address)))
}

/// Whether the room has not answered, or only tentatively (rules A4 and A7).
pub(crate) fn is_unanswered(item: &CalendarItem) -> bool {
    matches!(item.response, Response::Tentative | Response::NoResponseReceived | Response::Unknown)
}

fn is_older(accepted: Option<DateTime<Utc>>, switch: Option<DateTime<Utc>>) -> bool {
    accepted.zip(switch).is_some_and(|(accepted, switch)| accepted < switch)
}

#[cfg(test)]
mod tests;
