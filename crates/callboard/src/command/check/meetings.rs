//! What a room's meetings show of how Exchange treats them (rules A4, P3, S6, S7 and S8).

use super::report::{Answers, Finding};
use crate::{config::RoomConfig, room_signs::RoomSigns};
use control::Warning;
use meeting_model::{
    acceptance::is_direct,
    clock::Now,
    decision::ServerGeneration,
    id::RoomId,
    item::Response,
    known::Known,
    observed::Observed,
    plan::{self, Site},
    privacy::SiteSecret,
    settings::RoomSettings,
    zone::ZoneDatabase,
};

/// What was seen.
pub(super) struct Seen {
    pub(super) answers: Option<Answers>,
    signs: RoomSigns,
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
    let mut known = Known::default();
    known.carry_out(&plan);
    let answers = answers(&known, settings);
    Seen { answers, signs: RoomSigns::of(&known, settings, now) }
}

/// How the meetings that others have called were answered.
fn answers(known: &Known, settings: &RoomSettings) -> Option<Answers> {
    let mut answers = Answers::default();
    let called = known.items.values().filter(|item| !item.cancelled());
    for item in called.filter(|item| !is_direct(item, &settings.mailboxes)) {
        match item.response {
            Response::Accept => answers.accepted += 1,
            Response::Tentative => answers.tentative += 1,
            Response::NoResponseReceived | Response::Unknown => answers.unanswered += 1,
            Response::Decline | Response::Organizer => {}
        }
    }
    (answers != Answers::default()).then_some(answers)
}

impl Seen {
    /// The same in sentences, with the cmdlets of the room's server.
    pub(super) fn findings(&self, room: &RoomConfig, server: Option<ServerGeneration>) -> Vec<Finding> {
        let sentence = |warning: Warning| room.says(&Warning { about: None, ..warning }.to_string());
        let wrong = self.signs.warnings(&room.id, &room.mailbox, server);
        let hints = self.signs.hints(&room.id, &room.mailbox, server);
        let wrong = wrong.into_iter().map(|warning| Finding::warning(sentence(warning)));
        wrong.chain(hints.into_iter().map(|hint| Finding::hint(sentence(hint)))).collect()
    }
}
