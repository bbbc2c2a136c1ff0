//! Items with whatever recurrence, exceptions and zone rules: what is planned of them is bounded, and survives being stored.

use crate::ews::window;
use meeting_model::{
    clock::{Now, Window},
    id::{CalendarNumber, RoomId},
    item::CalendarItem,
    known::Known,
    observed::{Coverage, Observed},
    plan::{Site, plan as plan_of},
    privacy::SiteSecret,
    recurrence::Pattern,
    settings::RoomSettings,
    zone::{RoomZone, ZoneDatabase},
};
use std::{sync::LazyLock, time::Duration};

const DAY: Duration = Duration::from_hours(24);

/// No series takes place more often in the days that are kept.
const MOST: usize = 5_000;

static ZONES: LazyLock<ZoneDatabase> = LazyLock::new(ZoneDatabase::bundled);
static SECRET: LazyLock<SiteSecret> = LazyLock::new(|| SiteSecret::new([7; 32]));
static SETTINGS: LazyLock<RoomSettings> = LazyLock::new(|| {
    let zone = RoomZone::named(&ZONES, "Europe/Berlin").expect("it is there");
    RoomSettings::usual(zone, "room@example.com")
});

/// An item as the mirror keeps it: what was written is what was read, and can be planned.
pub(crate) fn planned(bytes: &[u8]) {
    let Ok(item) = serde_json::from_slice::<CalendarItem>(bytes) else { return };
    if item.series.as_ref().is_some_and(|series| !is_sayable(&series.recurrence.pattern)) {
        return;
    }
    let written = serde_json::to_vec(&item).unwrap();
    assert!(serde_json::from_slice::<CalendarItem>(&written).unwrap() == item, "it is stored as another");
    plan(&Observed {
        calendar: CalendarNumber::default(),
        items: vec![item],
        deleted: Vec::new(),
        unreadable: Vec::new(),
        coverage: Coverage::Complete { window: window(), confirmed: false },
    });
}

/// Whether a reader of replies lets it pass.
fn is_sayable(pattern: &Pattern) -> bool {
    let (interval, month, day) = match *pattern {
        Pattern::Daily { interval }
        | Pattern::Weekly { interval, .. }
        | Pattern::RelativeMonthly { interval, .. } => (interval, 1, 1),
        Pattern::AbsoluteMonthly { interval, day_of_month } => (interval, 1, day_of_month),
        Pattern::AbsoluteYearly { month, day_of_month } => (1, month, day_of_month),
        Pattern::RelativeYearly { month, .. } => (1, month, 1),
        Pattern::Regenerating => (1, 1, 1),
    };
    (1..=999).contains(&interval) && (1..=12).contains(&month) && (1..=31).contains(&day)
}

/// Plans what was read: the plan is bounded, within its window, and carried out it leaves nothing to do.
pub(crate) fn plan(observed: &Observed) {
    let Window { start, .. } = window();
    let now = Now { wall: start + 7 * DAY, mono: Duration::ZERO };
    let (room, mut known) = (RoomId::new("room"), Known::default());
    let site = Site { secret: &SECRET, zones: &ZONES };
    let first = plan_of(&room, &known, Some(observed), &SETTINGS, site, now);
    let most = MOST * observed.items.len().max(1);
    assert!(first.occurrences.len() <= most, "{} occurrences", first.occurrences.len());
    for shown in first.occurrences.iter().filter_map(|occurrence| occurrence.displayed.as_ref()) {
        assert!(!shown.title().chars().any(char::is_control), "{:?} is a title", shown.title());
    }
    known.carry_out(&first);
    let second = plan_of(&room, &known, None, &SETTINGS, site, now);
    assert!(second.is_empty(), "a plan that was carried out leaves something to do: {:?}", second.changes);
}
