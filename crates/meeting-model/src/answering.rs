//! Who has yet to answer what a room is invited to (section A).

use crate::{
    decision::Awaits,
    item::{CalendarItem, Response},
    settings::{Acceptance, RoomSettings},
};
use chrono::{DateTime, TimeDelta, Utc};

/// So long a room that accepts by itself may take to answer.
pub(crate) const ANSWERS_WITHIN: TimeDelta = TimeDelta::minutes(15);

/// How one calendar of a room answers.
pub(crate) struct Answering {
    acceptance: Acceptance,
    /// When it last accepted something.
    accepted_last: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
}

impl Answering {
    /// How the calendar with these items answers.
    pub(crate) fn of<'a>(
        items: impl Iterator<Item = &'a CalendarItem>,
        settings: &RoomSettings,
        now: DateTime<Utc>,
    ) -> Self {
        let accepted = items.filter(|item| item.response == Response::Accept);
        let accepted_last = accepted.filter_map(|item| item.reply_time).max();
        Self { acceptance: settings.acceptance, accepted_last, now }
    }

    /// Who has yet to answer an item that is not accepted.
    pub(crate) fn awaits(&self, item: &CalendarItem) -> Awaits {
        if self.acceptance == Acceptance::Proxy || item.response == Response::Tentative {
            return Awaits::Delegate;
        }
        let late = item.last_modified.filter(|at| self.now - *at > ANSWERS_WITHIN);
        match (late, self.accepted_last) {
            (None, _) => Awaits::Room,
            // Who has accepted something since accepts by itself: that this one has no answer has another reason.
            (Some(at), Some(accepted)) if accepted >= at => Awaits::Delegate,
            (Some(_), _) => Awaits::Attendant,
        }
    }
}
