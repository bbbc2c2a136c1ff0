//! What a room's meetings show of how Exchange treats them (rules A4, P3, S6, S7 and S8).

use super::report::{Accepting, Finding};
use crate::{config::RoomConfig, room_signs};
use meeting_model::{
    clock::Now,
    decision::ServerGeneration,
    id::RoomId,
    item::Response,
    known::Known,
    observed::Observed,
    plan::{self, Site},
    privacy::SiteSecret,
    settings::RoomSettings,
    signs::Signs,
    warning::{self, Warning, WarningKind},
    zone::ZoneDatabase,
};
use sync_engine::next_step;

/// What was seen.
pub(super) struct Seen {
    pub(super) accepting: Option<Accepting>,
    warnings: Vec<Warning>,
    intent: Option<&'static str>,
}

/// What one read shows, without anything that was known before.
pub(super) fn seen(
    room: &RoomId,
    observed: &Observed,
    settings: &RoomSettings,
    zones: &ZoneDatabase,
    now: Now,
) -> Seen {
    // Names that leave the program are made with it; none does here.
    let secret = SiteSecret::new([0; 32]);
    let site = Site { secret: &secret, zones };
    let plan = plan::plan(room, &Known::default(), Some(observed), settings, site, now);
    let accepts = plan.items.iter().any(|item| item.response == Response::Accept && !item.cancelled());
    let known = Known {
        items: plan.items.into_iter().map(|item| (item.item_id.clone(), item)).collect(),
        occurrences: plan.occurrences.into_iter().map(|one| (one.key.clone(), one)).collect(),
        facts: plan.learned,
        ..Known::default()
    };
    let warnings = warning::warnings(&known, settings, now);
    let is = |kind| warnings.iter().any(|warning| warning.kind == kind);
    let accepting = if is(WarningKind::AutoAcceptOff) {
        Some(Accepting::NobodyAnswers)
    } else if is(WarningKind::AwaitingDelegate) {
        Some(Accepting::WaitsForDelegate)
    } else {
        accepts.then_some(Accepting::Accepts)
    };
    let items: Vec<_> = known.items.values().collect();
    let intent = Signs::of(&items, &known.facts, settings, now.wall).intent(settings);
    Seen { accepting, warnings, intent }
}

impl Seen {
    /// The same in sentences, with the cmdlets of the room's server.
    pub(super) fn findings(&self, room: &RoomConfig, server: ServerGeneration) -> Vec<Finding> {
        let of_room = |sentence: &str| next_step::of_room(&room.id, sentence);
        let warnings = self.warnings.iter().map(|warning| {
            let kind = warning.kind;
            let remedy = kind.remedy(server).map(|remedy| room_signs::for_room(remedy, &room.mailbox));
            let remedy = remedy.map(|remedy| format!("; `{remedy}`")).unwrap_or_default();
            let sentence = of_room(&format!("{}: {}{remedy}", kind.id(), kind.sentence()));
            if kind.is_information() { Finding::hint(sentence) } else { Finding::warning(sentence) }
        });
        warnings.chain(self.intent.map(|intent| Finding::hint(of_room(intent)))).collect()
    }
}
