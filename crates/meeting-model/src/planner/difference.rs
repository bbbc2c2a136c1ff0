//! What of the new state is new.

use super::{
    Planner, ascending::Ascending, calendar::Calendar, forgotten_before, tombstones::Tombstones, window,
};
use crate::{
    acceptance::SETTLING,
    fact::Facts,
    id::CalendarNumber,
    plan::{Change, ChangeKind, Plan, PlannedOccurrence},
};
use chrono::{DateTime, Utc};

impl Planner<'_> {
    /// The plan of a read that is not believed: everything stays.
    pub(super) fn untouched(&self) -> Plan {
        let known = self.known;
        Plan {
            acceptance: known.acceptance.unwrap_or(self.history),
            planned_with: known.planned_with.clone().unwrap_or_default(),
            settings_changed: false,
            replan_at: settled_at(known.occurrences.values()),
            suspicious: true,
            ..self.empty()
        }
    }

    /// The plan that leads from what is known to these items and occurrences.
    pub(super) fn difference(
        &self,
        items: &Calendar<'_>,
        mut occurrences: Vec<PlannedOccurrence>,
        gone: &[&PlannedOccurrence],
        learned: Facts,
        (tombstones, removed_tombstones): Tombstones,
    ) -> Plan {
        let known = self.known;
        let new_items = items.iter().filter(|(id, item)| known.items.get(id) != Some(item.as_ref()));
        let gone_items = known.items.keys().filter(|id| !items.contains_key(id));
        let changes = self.changes(&occurrences, gone);
        let dials_otherwise = self.dials_otherwise(&occurrences);
        let replan_at = settled_at(&occurrences);
        let mut before = Ascending::of(known.occurrences.values());
        occurrences.retain(|one| before.find(&one.key) != Some(one));
        Plan {
            items: new_items.map(|(_, item)| item.as_ref().clone()).collect(),
            removed_items: gone_items.cloned().collect(),
            removed_occurrences: gone.iter().map(|gone| gone.key.clone()).collect(),
            learned,
            tombstones,
            removed_tombstones,
            changes,
            dials_otherwise,
            replan_at,
            occurrences,
            ..self.empty()
        }
    }

    fn empty(&self) -> Plan {
        let planned_with = self.settings.digest();
        Plan {
            room: self.room.clone(),
            base: self.known.rev,
            calendar: CalendarNumber::default(),
            items: Vec::new(),
            removed_items: Vec::new(),
            occurrences: Vec::new(),
            removed_occurrences: Vec::new(),
            learned: Facts::new(),
            tombstones: Vec::new(),
            removed_tombstones: Vec::new(),
            acceptance: self.history,
            settings_changed: self.known.acceptance != Some(self.history)
                || self.known.planned_with.as_ref() != Some(&planned_with),
            planned_with,
            read_with: None,
            changes: Vec::new(),
            dials_otherwise: false,
            replan_at: None,
            forgotten_before: forgotten_before(self.settings, self.now)
                .max(window(self.settings, self.now).start),
            suspicious: false,
        }
    }

    /// What was known and is not there any more, in order of keys.
    pub(super) fn gone(&self, occurrences: &[PlannedOccurrence]) -> Vec<&PlannedOccurrence> {
        let mut after = Ascending::of(occurrences);
        self.known.occurrences.values().filter(|before| after.find(&before.key).is_none()).collect()
    }

    fn changes(&self, occurrences: &[PlannedOccurrence], gone: &[&PlannedOccurrence]) -> Vec<Change> {
        let mut before = Ascending::of(self.known.occurrences.values());
        let after = occurrences.iter().filter_map(|after| changed(before.find(&after.key), after));
        // What has ended leaves the window without a word; what was taken out of it is news, for today's list has what has ended.
        let begins = window(self.settings, self.now).start;
        let removed = gone.iter().filter(|before| before.end > begins).filter_map(|before| {
            let displayed = before.displayed.clone()?;
            Some(Change { kind: ChangeKind::Removed, displayed, decision: None })
        });
        let mut changes: Vec<Change> = after.chain(removed).collect();
        changes.sort_by(|one, other| {
            let rank = |change: &Change| (change.displayed.start, change.displayed.key.clone());
            rank(one).cmp(&rank(other))
        });
        changes
    }

    fn dials_otherwise(&self, occurrences: &[PlannedOccurrence]) -> bool {
        let mut before = Ascending::of(self.known.occurrences.values());
        occurrences.iter().filter(|after| after.displayed.is_some()).any(|after| {
            let before = before.find(&after.key);
            before.is_some_and(|before| before.displayed == after.displayed && before.join != after.join)
        })
    }
}

fn changed(before: Option<&PlannedOccurrence>, after: &PlannedOccurrence) -> Option<Change> {
    let (kind, displayed) = match (before.and_then(|before| before.displayed.as_ref()), &after.displayed) {
        (None, Some(after)) => (ChangeKind::Added, after),
        (Some(before), Some(after)) if before != after => (ChangeKind::Changed, after),
        (Some(before), None) => (ChangeKind::Removed, before),
        _ => return None,
    };
    Some(Change { kind, displayed: displayed.clone(), decision: Some(after.decision) })
}

/// When the first settling update will have settled.
fn settled_at<'a>(occurrences: impl IntoIterator<Item = &'a PlannedOccurrence>) -> Option<DateTime<Utc>> {
    occurrences
        .into_iter()
        .filter_map(|occurrence| occurrence.settling_since)
        .min()
        .map(|since| since + SETTLING)
}
