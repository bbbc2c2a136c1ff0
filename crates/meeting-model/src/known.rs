//! What we held of a room before this read.

use crate::{
    fact::Facts,
    id::{CalendarNumber, Epoch, ItemId, Revision},
    identity::MeetingKey,
    item::CalendarItem,
    observed::Source,
    plan::{Plan, PlannedOccurrence},
    settings::Acceptance,
    tombstone::Tombstone,
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::{borrow::Cow, collections::BTreeMap};

/// What the store holds of a room, for planning.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Known {
    /// The room's revision: the plan is made against it.
    pub rev: Revision,
    /// Who may write the room.
    pub epoch: Epoch,
    /// Everything the calendar held, as it was read.
    pub items: BTreeMap<ItemId, CalendarItem>,
    /// Every occurrence that was decided of, shown or not.
    pub occurrences: BTreeMap<MeetingKey, PlannedOccurrence>,
    /// What copies of these meetings, here or in other rooms, have taught: of every meeting in
    /// [`items`](Self::items) and of every meeting asked for.
    pub facts: Facts,
    /// What is remembered of occurrences that vanished.
    pub tombstones: BTreeMap<MeetingKey, Tombstone>,
    /// Who accepted for the room, and since when. Absent before the first plan.
    pub acceptance: Option<AcceptanceHistory>,
    /// What the stored decisions were made with. Absent before the first plan.
    pub planned_with: Option<String>,
    /// Its calendars, each with what join addresses were looked for with when it was last read whole: nothing before.
    pub calendars: BTreeMap<CalendarNumber, Option<String>>,
    /// Where it was read. Absent before the first read, and where that was not written down. Of several calendars, the first.
    pub source: Option<Source>,
}

impl Known {
    /// What is known when a plan was carried out. Its revision is the store's to say.
    pub fn carry_out(&mut self, plan: &Plan) {
        for id in &plan.removed_items {
            self.items.remove(id);
        }
        for key in &plan.removed_occurrences {
            self.occurrences.remove(key);
        }
        for key in &plan.removed_tombstones {
            self.tombstones.remove(key);
        }
        self.items.extend(plan.items.iter().map(|item| (item.item_id.clone(), item.clone())));
        self.occurrences.extend(plan.occurrences.iter().map(|one| (one.key.clone(), one.clone())));
        self.tombstones.extend(plan.tombstones.iter().map(|one| (one.key.clone(), one.clone())));
        self.facts.extend(plan.learned.clone());
        self.acceptance = Some(plan.acceptance);
        self.planned_with = Some(plan.planned_with.clone());
        if plan.read_with.is_some() {
            self.calendars.insert(plan.calendar, plan.read_with.clone());
        }
    }

    /// What is known of one of the room's calendars alone.
    pub fn of_calendar(&self, calendar: CalendarNumber) -> Cow<'_, Self> {
        if self.calendars.len() < 2 {
            return Cow::Borrowed(self);
        }
        let mut known = self.clone();
        known.items.retain(|id, _| id.calendar() == calendar);
        known.occurrences.retain(|_, one| one.item_id.calendar() == calendar);
        Cow::Owned(known)
    }
}

/// Who accepts for a room, and since when (rule A5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct AcceptanceHistory {
    /// Who.
    pub mode: Acceptance,
    /// When the room was switched from auto-accept to proxy. Absent where no switch was seen or configured: such a
    /// room has been as it is for ever.
    pub switched_to_proxy: Option<DateTime<Utc>>,
}
