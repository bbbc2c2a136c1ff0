//! What is decided of every occurrence, and what may be seen of it.

use super::{Planner, ascending::Ascending, calendar::Calendar, copies, drafts::Draft, learned::Told};
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
    subject::{self, Wording},
};
use chrono::{DateTime, Utc};
use std::collections::BTreeMap;

/// When the room was first seen to have accepted any occurrence of an item.
pub(super) type AcceptedSeen<'a> = BTreeMap<&'a ItemId, DateTime<Utc>>;

impl Planner<'_> {
    /// What is decided of every draft, in order of keys, as the drafts are.
    pub(super) fn decided(
        &self,
        items: &Calendar<'_>,
        drafts: Vec<(MeetingKey, Draft<'_>)>,
        learned: &Facts,
    ) -> Vec<PlannedOccurrence> {
        let mut known = Ascending::of(self.known.occurrences.values());
        let mut told = Told::default();
        let decide = |(key, draft): (MeetingKey, Draft<'_>)| {
            let facts = told.of(self, learned, &draft);
            let before = known.find(&key);
            // what another copy said, which is still there and decided by itself, is no earlier version of this one
            let settling = before
                .filter(|one| one.item_id == draft.source.item_id || !items.contains_key(&one.item_id))
                .and_then(|before| self.settling(before));
            self.decide(key, &draft, facts, before, settling)
        };
        let occurrences = drafts.into_iter().map(decide).collect();
        if self.known.calendars.len() > 1 { copies::show_once(occurrences) } else { occurrences }
    }

    fn decide(
        &self,
        key: MeetingKey,
        draft: &Draft<'_>,
        facts: [Option<&Fact>; 2],
        before: Option<&PlannedOccurrence>,
        settling: Option<DateTime<Utc>>,
    ) -> PlannedOccurrence {
        let accepted_seen = (draft.item.response == Response::Accept).then(|| {
            let known = before.and_then(|before| before.accepted_seen);
            known.or_else(|| self.accepted_seen().get(&draft.source.item_id).copied()).unwrap_or(self.now)
        });
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
        let Wording { organizer, location, .. } = self.wording(&draft.item).clone();
        let (title, _) = self.title(draft, facts, before);
        let join = draft.item.join.clone();
        Content { start, end, all_day, title, organizer, location, join, sensitivity }
    }

    /// Rules S1, S3 and S4: the subject the copy has itself; else the last that any copy had, of this occurrence or of
    /// its series; else the one that is shown; else that of its series; else what stands for one.
    pub(super) fn title(
        &self,
        draft: &Draft<'_>,
        facts: [Option<&Fact>; 2],
        before: Option<&PlannedOccurrence>,
    ) -> (String, SubjectSource) {
        let recover = self.settings.subjects.recover;
        let is_direct = || acceptance::is_direct(&draft.item, &self.settings.mailboxes);
        let of = |source| move |title| (title, source);
        let known = || facts.into_iter().flatten().find_map(|fact| self.remembered(fact));
        let shown = || {
            let shown = before?.displayed.as_ref()?;
            (!shown.is_private() && !subject::is_placeholder(shown.title())).then(|| shown.title().to_owned())
        };
        let Wording { subject, organizer, .. } = self.wording(&draft.item);
        let organizer = || organizer.as_deref().filter(|_| !is_direct());
        subject
            .clone()
            .map(of(SubjectSource::Written))
            .or_else(|| known().filter(|_| recover))
            .or_else(|| shown().filter(|_| recover).map(of(SubjectSource::Earlier)))
            .or_else(|| subject::written(draft.source, self.naming).map(of(SubjectSource::Series)))
            .unwrap_or_else(|| (subject::placeholder(organizer()), SubjectSource::Placeholder))
    }

    fn remembered(&self, fact: &Fact) -> Option<(String, SubjectSource)> {
        let source = match &fact.said_in {
            Some(room) if fact.by_request => SubjectSource::Request(room.clone()),
            Some(room) if room != self.room => SubjectSource::OtherRoom(room.clone()),
            _ => SubjectSource::Earlier,
        };
        Some((fact.subject.clone()?, source))
    }

    fn accepted_seen(&self) -> &AcceptedSeen<'_> {
        self.accepted_seen.get_or_init(|| {
            let mut first = AcceptedSeen::new();
            for occurrence in self.known.occurrences.values() {
                let Some(seen) = occurrence.accepted_seen else { continue };
                first
                    .entry(&occurrence.item_id)
                    .and_modify(|first| *first = seen.min(*first))
                    .or_insert(seen);
            }
            first
        })
    }
}

/// Rule P5: the strictest sensitivity that any copy ever had, of this occurrence or of its whole meeting.
pub(super) fn strictest(draft: &Draft<'_>, facts: [Option<&Fact>; 2]) -> Sensitivity {
    let known = facts.into_iter().flatten().map(|fact| fact.sensitivity).max();
    known.unwrap_or_default().max(draft.item.sensitivity)
}
