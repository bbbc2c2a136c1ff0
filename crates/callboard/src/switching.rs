//! What a switch of who accepts for a room hides or shows, told before it is done (rule A5).

use control::Switched;
use meeting_model::{
    clock::Now,
    id::RoomId,
    known::Known,
    plan::Site,
    settings::{Acceptance, RoomSettings},
    switch::{Switch, switch},
};

/// What these settings would do to a room's meetings by rule A5. Nothing where they leave that as it is.
pub(crate) fn switched(
    room: &RoomId,
    known: &Known,
    settings: &RoomSettings,
    site: Site<'_>,
    now: Now,
) -> Option<Switched> {
    let Switch { acceptance, hides, shows } = switch(room, known, settings, site, now)?;
    let acceptance = match acceptance {
        Acceptance::AutoAccept => "auto-accept",
        Acceptance::Proxy => "proxy",
    };
    Some(Switched { room: room.to_string(), acceptance: acceptance.to_owned(), hides, shows })
}

/// Whether two settings treat alike what was accepted before: then nothing can be hidden or shown by rule A5.
pub(crate) fn is_same(one: &RoomSettings, other: &RoomSettings) -> bool {
    let treats =
        |settings: &RoomSettings| (settings.acceptance, settings.acceptance_since, settings.on_switch);
    treats(one) == treats(other)
}

/// Logs what is about to disappear or appear.
pub(crate) fn log(switched: &Switched) {
    let Switched { room, acceptance, hides, shows } = switched;
    tracing::warn!(room, acceptance, hides, shows, "other meetings count as accepted from now on");
}
