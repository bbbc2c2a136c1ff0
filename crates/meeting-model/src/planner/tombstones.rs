//! Tombstones: what to remember, and for how long.

use super::{Planner, forgotten_before};
use crate::{
    clock::Window,
    fact::Facts,
    identity::{MeetingKey, Slot},
    item::{CalendarItem, Exception},
    plan::PlannedOccurrence,
    privacy::{BUSY, MASK},
    series,
    settings::{PrivatePolicy, SubjectPolicy},
    subject,
    tombstone::{STAYS, Tombstone},
};
use std::borrow::Cow;

/// New and changed tombstones, and those to be forgotten.
pub(super) type Tombstones = (Vec<Tombstone>, Vec<MeetingKey>);

impl Planner<'_> {
    /// What the window lost is remembered. What rolled out of it ended, and did not vanish.
    pub(super) fn tombstones(
        &self,
        occurrences: &[PlannedOccurrence],
        gone: &[&PlannedOccurrence],
        learned: &Facts,
        window: Window,
    ) -> Tombstones {
        let known = self.known;
        let vanished = gone.iter().filter(|before| window.overlaps(before.start, before.end));
        let mut changed: Vec<Tombstone> = vanished.map(|before| self.tombstone(before, learned)).collect();
        let forgotten_before = forgotten_before(self.settings, self.now);
        let mut removed = Vec::new();
        let is_back = |key: &MeetingKey| occurrences.binary_search_by(|one| one.key.cmp(key)).is_ok();
        for (key, tombstone) in &known.tombstones {
            if is_back(key) || tombstone.gone_at + STAYS < self.now {
                removed.push(key.clone());
                continue;
            }
            let is_over = tombstone.end < forgotten_before;
            let title = tombstone.title.clone().filter(|_| !is_over);
            let title = title.map(|title| self.masked(title, key, learned));
            if title != tombstone.title {
                changed.push(Tombstone { title, ..tombstone.clone() });
            }
        }
        (changed, removed)
    }

    fn tombstone(&self, before: &PlannedOccurrence, learned: &Facts) -> Tombstone {
        let item = self.known.items.get(&before.item_id);
        let own = item.map(|item| self.own(item, before));
        let shown = before.displayed.as_ref().map(|shown| shown.title().to_owned());
        Tombstone {
            key: before.key.clone(),
            start: before.start,
            end: before.end,
            decision: before.decision,
            response: own.as_ref().map(|own| own.response).unwrap_or_default(),
            gone_at: self.now,
            title: shown
                .or_else(|| Some(self.unseen(own.as_deref()?)))
                .map(|title| self.masked(title, &before.key, learned)),
        }
    }

    /// What an item said of one occurrence: the exception's own words, or those of the whole.
    fn own<'a>(&self, item: &'a CalendarItem, one: &PlannedOccurrence) -> Cow<'a, CalendarItem> {
        let Some(series) = &item.series else { return Cow::Borrowed(item) };
        let dated = series::exception_dates(item, series, &self.zones().of(item)).into_iter();
        let mut own = dated.filter(|(date, _)| one.key.slot() == Slot::On(*date));
        own.find_map(|(_, exception): (_, &Exception)| exception.whole(item))
            .map_or(Cow::Borrowed(item), Cow::Owned)
    }

    /// The title, or what hides it where any copy of the meeting, in any room, was ever private (rule P5).
    fn masked(&self, title: String, key: &MeetingKey, learned: &Facts) -> String {
        let facts = self.facts(learned, &key.meeting(), key.slot());
        let is_secret = facts.iter().flatten().any(|fact| fact.sensitivity.is_hidden());
        if is_secret && self.settings.private != PrivatePolicy::Show { MASK.to_owned() } else { title }
    }

    /// What displays would have called an occurrence that none of them showed.
    fn unseen(&self, item: &CalendarItem) -> String {
        if item.sensitivity.is_hidden() {
            return MASK.to_owned();
        }
        let organizer = subject::organizer_name(item);
        let placeholder = || subject::placeholder(organizer.as_deref());
        let title = subject::written(item, self.naming).unwrap_or_else(placeholder);
        self.reduced(title)
    }

    /// A title that is kept, as the room shows titles now (rule P4).
    pub(super) fn reduced(&self, title: String) -> String {
        match self.settings.subjects.shown {
            SubjectPolicy::Busy if title != MASK => BUSY.to_owned(),
            SubjectPolicy::Organizer if title != MASK && !subject::is_placeholder(&title) => {
                subject::placeholder(None)
            }
            _ => title,
        }
    }
}
