//! How a [`Plan`] is made: what the calendar holds now, what its copies teach, what is decided of every occurrence, and
//! what of all that is new.

mod ascending;
mod calendar;
mod copies;
mod decided;
mod difference;
pub(crate) mod drafts;
mod explained;
mod forgotten;
mod learned;
mod tombstones;

use calendar::Calendar;
pub(crate) use calendar::has_much_to_lose;
pub use explained::explain;

use crate::{
    acceptance,
    clock::{Now, Window},
    id::RoomId,
    known::{AcceptanceHistory, Known},
    observed::{Coverage, Observed},
    plan::Plan,
    privacy::SiteSecret,
    settings::RoomSettings,
    signs,
    subject::Naming,
    zone::ZoneDatabase,
};
use chrono::{DateTime, TimeDelta, Utc};
use decided::AcceptedSeen;
use std::cell::OnceCell;

/// What all rooms of a site share.
#[derive(Debug, Clone, Copy)]
pub struct Site<'a> {
    /// What public keys are made with.
    pub secret: &'a SiteSecret,
    /// The rules of all zones.
    pub zones: &'a ZoneDatabase,
}

/// Decides of every occurrence in the window, and says what differs from what is known.
///
/// `observed` is what a read said; without it the room is planned again from what is known: because its settings
/// changed, because the window rolled on, because an update has settled, or because another room's copy taught
/// something. The same arguments give the same plan, and a plan that was carried out gives an empty one.
pub fn plan(
    room: &RoomId,
    known: &Known,
    observed: Option<&Observed>,
    settings: &RoomSettings,
    site: Site<'_>,
    now: Now,
) -> Plan {
    let window = window(settings, now.wall);
    let items = calendar::merged(known, observed, window, forgotten_before(settings, now.wall));
    let planner = Planner::of(room, known, &items, settings, site, now);
    if observed.is_some_and(|observed| calendar::is_suspicious(known, observed, now.wall)) {
        return planner.untouched();
    }
    let learned = planner.learned(&items);
    let drafts = planner.drafts(&items, window);
    let occurrences = planner.decided(&items, drafts, &learned);
    let gone = planner.gone(&occurrences);
    let tombstones = planner.tombstones(&occurrences, &gone, &learned, window);
    let read_with = observed.and_then(|observed| read_with(known, observed, settings));
    let calendar = observed.map(|observed| observed.calendar).unwrap_or_default();
    Plan { calendar, read_with, ..planner.difference(&items, occurrences, &gone, learned, tombstones) }
}

/// Only a read of the whole calendar has looked for every join address anew.
fn read_with(known: &Known, observed: &Observed, settings: &RoomSettings) -> Option<String> {
    let digest = matches!(observed.coverage, Coverage::Complete { .. }).then(|| settings.join.digest());
    let before = known.calendars.get(&observed.calendar).and_then(Option::as_ref);
    digest.filter(|digest| before != Some(digest))
}

/// What every step looks at.
struct Planner<'a> {
    room: &'a RoomId,
    known: &'a Known,
    settings: &'a RoomSettings,
    naming: Naming<'a>,
    site: Site<'a>,
    history: AcceptanceHistory,
    accepted_seen: OnceCell<AcceptedSeen<'a>>,
    now: DateTime<Utc>,
}

impl<'a> Planner<'a> {
    fn of(
        room: &'a RoomId,
        known: &'a Known,
        items: &Calendar<'_>,
        settings: &'a RoomSettings,
        site: Site<'a>,
        now: Now,
    ) -> Self {
        let history = acceptance::history(known.acceptance, settings, now.wall);
        let has_prefix = settings.organizer_prefix
            || signs::adds_organizer(items.values().map(AsRef::as_ref), &settings.mailboxes);
        let naming = Naming { mailboxes: &settings.mailboxes, has_prefix };
        Self { room, known, settings, naming, site, history, accepted_seen: OnceCell::new(), now: now.wall }
    }
}

/// What ended before this has no names any more (rule P7).
fn forgotten_before(settings: &RoomSettings, now: DateTime<Utc>) -> DateTime<Utc> {
    let span = TimeDelta::from_std(settings.forget_after).unwrap_or(TimeDelta::MAX);
    now.checked_sub_signed(span).unwrap_or(DateTime::<Utc>::MIN_UTC)
}

/// The span that occurrences are kept in.
pub(crate) fn window(settings: &RoomSettings, now: DateTime<Utc>) -> Window {
    let span = |duration| TimeDelta::from_std(duration).unwrap_or(TimeDelta::MAX);
    Window {
        start: now.checked_sub_signed(span(settings.back)).unwrap_or(DateTime::<Utc>::MIN_UTC),
        end: now.checked_add_signed(span(settings.ahead)).unwrap_or(DateTime::<Utc>::MAX_UTC),
    }
}

#[cfg(test)]
mod tests;
