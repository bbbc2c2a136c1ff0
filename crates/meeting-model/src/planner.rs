//! How a [`Plan`] is made.

use crate::{
    clock::Now,
    id::RoomId,
    known::{AcceptanceHistory, Known},
    observed::Observed,
    plan::Plan,
    privacy::SiteSecret,
    settings::RoomSettings,
    zone::ZoneDatabase,
};

/// What all rooms of a site share.
#[derive(Debug, Clone, Copy)]
pub struct Site<'a> {
    /// What public keys are made with.
    pub secret: &'a SiteSecret,
    /// The rules of all zones.
    pub zones: &'a ZoneDatabase,
}

/// Decides of every occurrence in the window, and says what differs from what is known.
pub fn plan(
    room: &RoomId,
    known: &Known,
    _observed: Option<&Observed>,
    settings: &RoomSettings,
    _site: Site<'_>,
    _now: Now,
) -> Plan {
    let acceptance = known.acceptance.unwrap_or(AcceptanceHistory {
        mode: settings.acceptance,
        switched_to_proxy: settings.acceptance_since,
    });
    let planned_with = settings.digest();
    Plan {
        room: room.clone(),
        base: known.rev,
        items: Vec::new(),
        removed_items: Vec::new(),
        occurrences: Vec::new(),
        removed_occurrences: Vec::new(),
        learned: crate::fact::Facts::new(),
        settings_changed: known.acceptance != Some(acceptance)
            || known.planned_with.as_deref() != Some(planned_with.as_str()),
        acceptance,
        planned_with,
        changes: Vec::new(),
        replan_at: None,
        suspicious: false,
    }
}
