//! What the copies of a meeting teach (rules S3, S4 and P5).

use super::{Planner, calendar::Calendar, drafts::Draft};
use crate::{
    acceptance::{is_direct, is_unanswered},
    fact::{Fact, Facts},
    identity::{MeetingId, Slot, meeting_id},
    item::{CalendarItem, Response},
    series, subject,
};
use chrono::NaiveDate;
use std::{borrow::Cow, collections::BTreeMap, rc::Rc};

impl Planner<'_> {
    /// Facts that are new or changed: the strictest sensitivity, and the last subject that was one.
    pub(super) fn learned(&self, items: &Calendar<'_>) -> Facts {
        let keeps_flag = self.settings.subjects.private_flag_kept
            || items.values().any(|item| self.proves_flag_is_kept(item));
        let mut learned = Facts::new();
        for item in items.values() {
            let meeting = meeting_id(item);
            let before = self.known.items.get(&item.item_id);
            let is_as_before = before == Some(item.as_ref());
            let said = before.filter(|_| !is_as_before).map(|before| self.said(before));
            for (slot, copy) in self.copies(item) {
                let key = (meeting.clone(), slot);
                let known = learned.get(&key).or_else(|| self.known.facts.get(&key));
                if is_as_before && known.is_some_and(|known| knows_all_of(known, &copy)) {
                    continue;
                }
                let known = known.cloned().unwrap_or_default();
                // Exchange puts a word of its own before the subject of what was called off.
                let says = subject::written(&copy, self.naming).filter(|_| !copy.cancelled());
                let is_news =
                    !is_as_before && said.as_ref().is_none_or(|said| says.as_ref() != said.get(&slot));
                // A subject travels only with its sensitivity: an accepted copy may have lost its flag (rule S4).
                let has_flag =
                    keeps_flag || is_unanswered(&copy) || is_direct(&copy, &self.settings.mailboxes);
                let teaches = if known.subject.is_some() { is_news } else { has_flag };
                let sensitivity = known.sensitivity.max(copy.sensitivity);
                let fact = match says.filter(|says| teaches && known.subject.as_ref() != Some(says)) {
                    Some(says) => {
                        let said_in = Some(self.room.clone());
                        Fact { subject: Some(says), said_in, by_request: false, sensitivity }
                    }
                    None => Fact { sensitivity, ..known.clone() },
                };
                if fact != known {
                    learned.insert(key, fact);
                }
            }
        }
        learned
    }

    /// The subjects that the copies of an item have. A copy that says what it said before this read teaches nothing: else
    /// two rooms with different subjects would teach each other for ever.
    fn said(&self, item: &CalendarItem) -> BTreeMap<Slot, String> {
        let copies = self.copies(item).into_iter();
        copies.filter_map(|(slot, copy)| Some((slot, subject::written(&copy, self.naming)?))).collect()
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
            && !is_direct(item, &self.settings.mailboxes)
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

/// Whether a copy that is as it was can teach nothing: most are, and all that is asked of them is this.
fn knows_all_of(known: &Fact, copy: &CalendarItem) -> bool {
    known.subject.is_some() && known.sensitivity >= copy.sensitivity
}

/// The facts of the meeting that was asked about last: its occurrences come one after the other.
#[derive(Default)]
pub(super) struct Told<'a> {
    meeting: Option<Rc<MeetingId>>,
    /// What was just learned comes last.
    facts: Vec<(Slot, &'a Fact)>,
}

impl<'a> Told<'a> {
    /// What is known of a draft's slot and of its whole meeting, with what was just learned.
    pub(super) fn of(
        &mut self,
        planner: &'a Planner<'_>,
        learned: &'a Facts,
        draft: &Draft<'_>,
    ) -> [Option<&'a Fact>; 2] {
        if self.meeting.as_ref() != Some(&draft.meeting) {
            let of = |slot| (MeetingId::clone(&draft.meeting), slot);
            let all = of(Slot::Whole)..=of(Slot::On(NaiveDate::MAX));
            let facts = planner.known.facts.range(all.clone()).chain(learned.range(all));
            self.facts = facts.map(|((_, slot), fact)| (*slot, fact)).collect();
            self.meeting = Some(Rc::clone(&draft.meeting));
        }
        [draft.slot, Slot::Whole].map(|slot| {
            let told = self.facts.iter().rev().find(|(told, _)| *told == slot);
            told.map(|(_, fact)| *fact)
        })
    }
}
