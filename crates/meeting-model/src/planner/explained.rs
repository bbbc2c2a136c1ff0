//! What is known of a room, as lines for people.

use super::{
    Planner, Site, calendar,
    decided::strictest,
    drafts::{Draft, drafts_of},
    forgotten_before, window,
};
use crate::{
    answering::Answering,
    clock::Now,
    decision::{Decision, Verdict},
    display::Displayed,
    explain::{Asked, Explanation, Fate, SubjectSource},
    fact::Facts,
    id::RoomId,
    identity::MeetingKey,
    join::Found,
    known::Known,
    plan::PlannedOccurrence,
    privacy::{self, Policies},
    series::ItemZone,
    settings::{PrivatePolicy, RoomSettings, SubjectPolicy, SubjectSettings},
    tombstone::Tombstone,
};
use std::collections::BTreeSet;

/// Explains everything that is known of a room, in order of start: every occurrence in the window, every item that has none
/// there, and what vanished.
pub fn explain(
    room: &RoomId,
    known: &Known,
    settings: &RoomSettings,
    site: Site<'_>,
    asked: Asked,
    now: Now,
) -> Vec<Explanation> {
    let policies = Policies { private: settings.private, subjects: settings.subjects.shown };
    let open = asked.reveal.then(|| revealing(settings));
    let settings = open.as_ref().unwrap_or(settings);
    let window = window(settings, now.wall);
    let items = calendar::merged(known, None, window, forgotten_before(settings, now.wall));
    let planner = Planner::of(room, known, &items, settings, site, now);

    let drafts = planner.drafts(&items, window);
    let inside: BTreeSet<_> = drafts.iter().map(|(_, draft)| draft.source.item_id.clone()).collect();
    let decided = drafts.iter().map(|(key, draft)| {
        let planned = known.occurrences.get(key);
        planner.explained(key, draft, planned, asked, policies)
    });
    let mut lines: Vec<Explanation> = decided.collect();
    for item in items.values().filter(|item| !inside.contains(&item.item_id)) {
        let draft = Draft::whole(item, planner.zones());
        let mut line =
            planner.explained(&MeetingKey::of(&draft.meeting, draft.slot), &draft, None, asked, policies);
        let overlaps = |one: &Draft<'_>| window.overlaps(one.start, one.end);
        if drafts_of(item, planner.zones(), window).iter().any(overlaps) {
            (line.fate, line.sentence) = (Fate::Double, "another copy of it counts");
        }
        lines.push(line);
    }
    lines.extend(known.tombstones.values().map(|stone| planner.epitaph(stone)));
    lines.sort_by(|one, other| (one.start, &one.key).cmp(&(other.start, &other.key)));
    lines
}

/// The same settings of a room that hides nothing.
fn revealing(settings: &RoomSettings) -> RoomSettings {
    let subjects = SubjectSettings { shown: SubjectPolicy::Show, ..settings.subjects };
    RoomSettings { private: PrivatePolicy::Show, subjects, ..settings.clone() }
}

impl Planner<'_> {
    fn explained(
        &self,
        key: &MeetingKey,
        draft: &Draft<'_>,
        planned: Option<&PlannedOccurrence>,
        asked: Asked,
        policies: Policies,
    ) -> Explanation {
        let none = Facts::new();
        let facts = self.facts(&none, &draft.meeting, draft.slot);
        let (_, source) = self.title(draft, facts, planned);
        let sensitivity = strictest(draft, facts);
        let content = self.content(draft, facts, planned, sensitivity);
        let public = self.site.secret.public_key(self.room, key);
        let before = content.title.clone();
        let shown = privacy::display(public, content, self.policies(), false);
        let kept = planned.and_then(|planned| planned.displayed.as_ref()).filter(|_| !asked.reveal);
        let title = kept.map_or(shown.title(), Displayed::title);
        let subject = if shown.title() == before { source } else { SubjectSource::Hidden };
        let decision = planned.map(|planned| planned.decision);
        let join = &draft.item.join;
        let found = join.video.as_ref().or(join.number.as_ref()).or(join.web.as_ref());
        Explanation {
            meeting: key.clone(),
            start: planned.map_or(draft.start, |planned| planned.start),
            end: planned.map_or(draft.end, |planned| planned.end),
            all_day: draft.all_day,
            title: Some(title.to_owned()),
            concealed: policies.conceal(sensitivity),
            subject: Some(subject),
            fate: decision.map_or(Fate::Outside, Fate::of),
            decision,
            sentence: decision.map_or("none of it lies in the days that displays show", Decision::sentence),
            join: found.map(|Found { rule, place, .. }| (*rule, *place)),
            zone_stands_in: self.is_stand_in(draft),
            seen: draft.item.last_modified,
            remedy: planned.and_then(|planned| self.remedy(planned, draft, asked)),
            calendar: Some(draft.calendar()),
            key: shown.key,
        }
    }

    /// What can be done about a meeting that is not over.
    fn remedy(&self, planned: &PlannedOccurrence, draft: &Draft<'_>, asked: Asked) -> Option<&'static str> {
        if planned.decision.verdict == Verdict::Shown || planned.end <= self.now {
            return None;
        }
        let of_calendar =
            self.known.items.values().filter(|item| item.item_id.calendar() == draft.calendar());
        let answering = Answering::of(of_calendar, self.settings, self.now);
        planned.decision.remedy(answering.awaits(&draft.item), asked.server)
    }

    /// Only a series, or whole days, depend on the zone they were made in.
    fn is_stand_in(&self, draft: &Draft<'_>) -> bool {
        let depends = draft.source.series.is_some() || draft.all_day.is_some();
        depends && !ItemZone::of(&draft.source.zone, self.site.zones, &self.settings.zone).is_known()
    }

    fn epitaph(&self, stone: &Tombstone) -> Explanation {
        Explanation {
            meeting: stone.key.clone(),
            key: self.site.secret.public_key(self.room, &stone.key),
            start: stone.start,
            end: stone.end,
            all_day: None,
            title: stone.title.clone().map(|title| self.reduced(title)),
            concealed: false,
            subject: None,
            fate: Fate::Gone,
            decision: Some(stone.decision),
            sentence: stone.sentence(),
            join: None,
            zone_stands_in: false,
            seen: Some(stone.gone_at),
            remedy: None,
            calendar: None,
        }
    }
}
