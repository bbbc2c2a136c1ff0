//! What is decided of every occurrence, and what may be seen of it.

use super::{Planner, drafts::Draft};
use crate::{
    acceptance::{self, Circumstances, SETTLING},
    decision::{Rule, Verdict},
    display::Displayed,
    explain::SubjectSource,
    fact::{Fact, Facts},
    id::ItemId,
    identity::MeetingKey,
    item::{Response, Sensitivity},
    join::Join,
    plan::PlannedOccurrence,
    privacy::{self, Content, Policies},
    subject,
};
use chrono::{DateTime, Utc};
use std::collections::BTreeMap;

/// When the room was first seen to have accepted any occurrence of an item.
type AcceptedSeen<'a> = BTreeMap<&'a ItemId, DateTime<Utc>>;

impl Planner<'_> {
    pub(super) fn decided(
        &self,
        drafts: BTreeMap<MeetingKey, Draft<'_>>,
        learned: &Facts,
    ) -> BTreeMap<MeetingKey, PlannedOccurrence> {
        let seen = self.accepted_seen();
        drafts
            .into_iter()
            .map(|(key, draft)| {
                let facts = self.facts(learned, &draft.meeting, draft.slot);
                (key.clone(), self.decide(key, &draft, facts, &seen))
            })
            .collect()
    }

    fn decide(
        &self,
        key: MeetingKey,
        draft: &Draft<'_>,
        facts: [Option<&Fact>; 2],
        seen: &AcceptedSeen<'_>,
    ) -> PlannedOccurrence {
        let before = self.known.occurrences.get(&key);
        let accepted_seen = (draft.item.response == Response::Accept).then(|| {
            let known = before.and_then(|before| before.accepted_seen);
            known.or_else(|| seen.get(&draft.source.item_id).copied()).unwrap_or(self.now)
        });
        let settling = before.and_then(|before| self.settling(before));
        let decision = acceptance::decide(
            &draft.item,
            Circumstances {
                settings: self.settings,
                history: self.history,
                accepted_seen,
                settling: settling.is_some(),
            },
        );
        let sensitivity = strictest(draft, facts);
        let item_id = draft.source.item_id.clone();
        if let (Rule::A7, Some(before)) = (decision.rule, before) {
            let displayed = self.kept(before, sensitivity);
            let settling_since = settling;
            let before = before.clone();
            return PlannedOccurrence {
                item_id,
                decision,
                settling_since,
                accepted_seen,
                displayed,
                ..before
            };
        }
        let displayed = decision.is_shown().then(|| {
            let content = self.content(draft, facts, before, sensitivity);
            let tentative = decision.verdict == Verdict::ShownTentative;
            let key = self.site.secret.public_key(self.room, &key);
            privacy::display(key, content, self.policies(), tentative)
        });
        let Draft { original_start, start, end, .. } = *draft;
        let settling_since = None;
        PlannedOccurrence {
            key,
            item_id,
            original_start,
            start,
            end,
            decision,
            settling_since,
            accepted_seen,
            show_as: draft.item.show_as,
            join: if decision.is_shown() { draft.item.join.clone() } else { Join::default() },
            displayed,
        }
    }

    pub(super) fn policies(&self) -> Policies {
        Policies { private: self.settings.private, subjects: self.settings.subjects.shown }
    }

    /// The last shown version, masked where the new one is private: that does not wait for an answer.
    fn kept(&self, before: &PlannedOccurrence, sensitivity: Sensitivity) -> Option<Displayed> {
        let shown = before.displayed.clone()?;
        Some(privacy::hidden(shown, sensitivity, self.policies()))
    }

    /// Since when an update of a shown occurrence may have been settling, while it still may (rule A7).
    fn settling(&self, before: &PlannedOccurrence) -> Option<DateTime<Utc>> {
        let since = before.settling_since.unwrap_or(self.now);
        let waits = before.decision.verdict == Verdict::Shown && self.now < since + SETTLING;
        waits.then_some(since)
    }

    pub(super) fn content(
        &self,
        draft: &Draft<'_>,
        facts: [Option<&Fact>; 2],
        before: Option<&PlannedOccurrence>,
        sensitivity: Sensitivity,
    ) -> Content {
        let Draft { start, end, all_day, .. } = *draft;
        let organizer = subject::organizer_name(&draft.item);
        let location = draft.item.location.as_deref().map(subject::clean).filter(|text| !text.is_empty());
        let (title, _) = self.title(draft, facts, before);
        Content { start, end, all_day, title, organizer, location, sensitivity }
    }

    /// Rules S1, S3 and S4: the subject the copy has itself; else the last that any copy had, of this occurrence or of
    /// its series; else the one that is shown; else that of its series; else what stands for one.
    pub(super) fn title(
        &self,
        draft: &Draft<'_>,
        facts: [Option<&Fact>; 2],
        before: Option<&PlannedOccurrence>,
    ) -> (String, SubjectSource) {
        let known = || facts.into_iter().flatten().find_map(|fact| fact.subject.clone());
        let recover = self.settings.subjects.recover;
        let direct = acceptance::is_direct(&draft.item, &self.settings.mailbox);
        let organizer = subject::organizer_name(&draft.item).filter(|_| !direct);
        let of = |source| move |title| (title, source);
        let shown = || {
            let shown = before?.displayed.as_ref()?;
            (!shown.is_private() && !subject::is_placeholder(shown.title())).then(|| shown.title().to_owned())
        };
        subject::written(&draft.item, self.naming)
            .map(of(SubjectSource::Written))
            .or_else(|| known().filter(|_| recover).map(of(SubjectSource::Remembered)))
            .or_else(|| shown().filter(|_| recover).map(of(SubjectSource::Remembered)))
            .or_else(|| subject::written(draft.source, self.naming).map(of(SubjectSource::Series)))
            .unwrap_or_else(|| (subject::placeholder(organizer.as_deref()), SubjectSource::Placeholder))
    }

    fn accepted_seen(&self) -> AcceptedSeen<'_> {
        let mut first = AcceptedSeen::new();
        for occurrence in self.known.occurrences.values() {
            let Some(seen) = occurrence.accepted_seen else { continue };
            first.entry(&occurrence.item_id).and_modify(|first| *first = seen.min(*first)).or_insert(seen);
        }
        first
    }
}

/// Rule P5: the strictest sensitivity that any copy ever had, of this occurrence or of its whole meeting.
pub(super) fn strictest(draft: &Draft<'_>, facts: [Option<&Fact>; 2]) -> Sensitivity {
    let known = facts.into_iter().flatten().map(|fact| fact.sensitivity).max();
    known.unwrap_or_default().max(draft.item.sensitivity)
}
