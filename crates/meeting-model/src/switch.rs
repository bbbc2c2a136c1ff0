//! What a switch of who accepts for a room does to its meetings (rule A5), told before it is done.

use crate::{
    clock::Now,
    decision::Rule,
    id::RoomId,
    known::Known,
    plan::{Site, plan},
    settings::{Acceptance, RoomSettings},
};

/// What other settings do to a room's meetings by rule A5 alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Switch {
    /// Who accepts from then on.
    pub acceptance: Acceptance,
    /// How many meetings to come disappear until somebody accepts them again.
    pub hides: usize,
    /// How many meetings to come waited for that, and appear.
    pub shows: usize,
}

/// What these settings would do to a room by rule A5, by what is known of it: where they switch who accepts, or hide or show
/// anything by that rule for another reason (`on_switch`, `acceptance_since`). Nothing of a room that was never planned.
pub fn switch(
    room: &RoomId,
    known: &Known,
    settings: &RoomSettings,
    site: Site<'_>,
    now: Now,
) -> Option<Switch> {
    let is_switched = known.acceptance?.mode != settings.acceptance;
    let planned = plan(room, known, None, settings, site, now);
    let mut switch = Switch { acceptance: settings.acceptance, hides: 0, shows: 0 };
    for after in planned.occurrences.iter().filter(|one| one.end > now.wall) {
        let Some(before) = known.occurrences.get(&after.key) else { continue };
        let (was_shown, is_shown) = (before.displayed.is_some(), after.displayed.is_some());
        switch.hides += usize::from(was_shown && after.decision.rule == Rule::A5);
        switch.shows += usize::from(is_shown && before.decision.rule == Rule::A5);
    }
    (is_switched || switch.hides + switch.shows > 0).then_some(switch)
}
