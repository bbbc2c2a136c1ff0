//! What the copies of a meeting teach (rules S3, S4 and P5).

use super::{Planner, calendar::Calendar};
use crate::{
    acceptance::{is_direct, is_unanswered},
    fact::{Fact, Facts},
    identity::{MeetingId, Slot, meeting_id},
    item::{CalendarItem, Response},
    series, subject,
};
use std::{borrow::Cow, collections::BTreeMap};

impl Planner<'_> {
    /// Facts that are new or changed: the strictest sensitivity, and the last subject that was one.
    pub(super) fn learned(&self, items: &Calendar<'_>) -> Facts {
        let keeps_flag = self.settings.subjects.private_flag_kept
            || items.values().any(|item| self.proves_flag_is_kept(item));
        let mut learned = Facts::new();
        for item in items.values() {
            let meeting = meeting_id(item);
            let said = self.said_before(item);
            for (slot, copy) in self.copies(item) {
                let says = subject::written(&copy, self.naming);
                let is_news = said.as_ref().is_none_or(|said| says.as_ref() != said.get(&slot));
                let key = (meeting.clone(), slot);
                let known =
                    learned.get(&key).or_else(|| self.known.facts.get(&key)).cloned().unwrap_or_default();
                // A subject travels only with its sensitivity: an accepted copy may have lost its flag (rule S4).
                let has_flag = keeps_flag || is_unanswered(&copy) || is_direct(&copy, &self.settings.mailbox);
                let teaches = if known.subject.is_some() { is_news } else { has_flag };
                let fact = Fact {
                    sensitivity: known.sensitivity.max(copy.sensitivity),
                    subject: says.filter(|_| teaches).or_else(|| known.subject.clone()),
                };
                if fact != known {
                    learned.insert(key, fact);
                }
            }
        }
        learned
    }

    /// The subjects that the copies of an item had before this read; absent where the item is new. A copy that says what
    /// it said before teaches nothing: else two rooms with different subjects would teach each other for ever.
    fn said_before(&self, item: &CalendarItem) -> Option<BTreeMap<Slot, String>> {
        let before = self.known.items.get(&item.item_id)?;
        let copies = self.copies(before).into_iter();
        Some(copies.filter_map(|(slot, copy)| Some((slot, subject::written(&copy, self.naming)?))).collect())
    }

    /// The item and the exceptions of it that were read, by their slots.
    fn copies<'a>(&self, item: &'a CalendarItem) -> Vec<(Slot, Cow<'a, CalendarItem>)> {
        let mut copies = vec![(Slot::Whole, Cow::Borrowed(item))];
        if let Some(series) = &item.series {
            for (date, exception) in series::exception_dates(item, series, &self.zones().of(item)) {
                let whole = exception.whole(item).map(Cow::Owned);
                copies.extend(whole.map(|whole| (Slot::On(date), whole)));
            }
        }
        copies
    }

    /// Whether Exchange keeps the private flag in this room, by an accepted meeting that has it.
    fn proves_flag_is_kept(&self, item: &CalendarItem) -> bool {
        item.response == Response::Accept
            && item.sensitivity.is_hidden()
            && !is_direct(item, &self.settings.mailbox)
    }

    /// What is known of a slot and of its whole meeting, with what was just learned.
    pub(super) fn facts<'a>(
        &'a self,
        learned: &'a Facts,
        meeting: &MeetingId,
        slot: Slot,
    ) -> [Option<&'a Fact>; 2] {
        [slot, Slot::Whole].map(|slot| {
            let key = (meeting.clone(), slot);
            learned.get(&key).or_else(|| self.known.facts.get(&key))
        })
    }
}
