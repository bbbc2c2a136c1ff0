//! A room's time zone.

use super::notes::{Given, Notes};
use crate::closest::likeness;
use meeting_model::zone::{RoomZone, ZoneDatabase};

/// The zone of a name, or a mistake with the name that was probably meant.
pub(super) fn meaning(
    given: Option<&Given<String>>,
    zones: &ZoneDatabase,
    notes: &mut Notes,
) -> Option<RoomZone> {
    let Given { value: name, at } = given?;
    if let Ok(zone) = RoomZone::named(zones, name) {
        return Some(zone);
    }
    let hint =
        closest(name, RoomZone::names()).map_or_else(String::new, |name| format!(": did you mean `{name}`?"));
    notes.mistake(
        *at,
        format!("`time_zone`: expected an IANA name such as `Europe/Berlin`, found `{name}`{hint}"),
    );
    None
}

/// The name most like it. People leave the continent away, so the city alone counts too.
fn closest(asked: &str, names: impl Iterator<Item = &'static str>) -> Option<&'static str> {
    let alike = |name: &str| {
        let city = name.rsplit('/').next().unwrap_or(name);
        likeness(asked, name).max(likeness(asked, city))
    };
    names
        .map(|name| (alike(name), name))
        .filter(|(alike, _)| *alike >= 0.85)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, name)| name)
}
