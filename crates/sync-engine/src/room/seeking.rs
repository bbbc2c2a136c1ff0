//! Which meetings of a room a subject is looked for in its mailbox (rule S4).

use crate::back_off::Dice;
use exchange_wire::ews::meeting_requests::MOST;
use meeting_model::global_object_id::GlobalObjectId;
use serde::{Deserialize, Serialize};
use std::{collections::BTreeSet, time::Duration};

/// How long a mailbox that cannot be searched is left alone: its account may be given the right.
const PUT_OFF: Duration = Duration::from_hours(1);

/// Meetings whose subject only their request may tell. Each is looked for once: what the mailbox does not hold does not come.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Seeking {
    wanted: Vec<GlobalObjectId>,
    sought: BTreeSet<GlobalObjectId>,
    not_before: Duration,
}

impl Seeking {
    /// These have none, now.
    pub(super) fn lacks(&mut self, unnamed: &[GlobalObjectId]) {
        self.sought.retain(|meeting| unnamed.contains(meeting));
        self.wanted = unnamed.iter().filter(|meeting| !self.sought.contains(meeting)).cloned().collect();
    }

    /// When the mailbox is to be searched, in monotonic time.
    pub(super) fn at(&self) -> Option<Duration> {
        (!self.wanted.is_empty()).then_some(self.not_before)
    }

    /// Whether the mailbox is to be searched now.
    pub(super) fn is_due(&self, now: Duration) -> bool {
        self.at().is_some_and(|at| at <= now)
    }

    /// What is looked for next.
    pub(super) fn batch(&self) -> &[GlobalObjectId] {
        self.wanted.get(..MOST).unwrap_or(&self.wanted)
    }

    /// The batch was looked for.
    pub(super) fn sought(&mut self) {
        let batch = self.wanted.len().min(MOST);
        self.sought.extend(self.wanted.drain(..batch));
    }

    /// The mailbox cannot be searched.
    pub(super) fn put_off(&mut self, now: Duration, dice: &mut Dice) {
        self.not_before = now + dice.shorten(PUT_OFF, 4);
    }
}
