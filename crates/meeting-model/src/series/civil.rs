//! Rule T4: the zone an item was made in, and the civil dates of what stands for whole days.

use crate::{
    item::CalendarItem,
    zone::{Clocks, RoomZone, ZoneDatabase, ZoneRef, date_without_zone, days_on},
};
use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeDelta, Utc};

/// What the zones of items are found with.
#[derive(Clone, Copy)]
pub(crate) struct Zones<'a> {
    /// The rules of all zones.
    pub(crate) database: &'a ZoneDatabase,
    /// The room's zone, which stands in.
    pub(crate) room: &'a RoomZone,
}

impl Zones<'_> {
    /// The zone of an item, or the room's.
    pub(crate) fn of(self, item: &CalendarItem) -> ItemZone {
        ItemZone::of(&item.zone, self.database, self.room)
    }
}

/// The zone of an item; the room's where the item's is not known.
pub(crate) struct ItemZone {
    clocks: Clocks,
    known: bool,
}

impl ItemZone {
    pub(crate) fn of(zone: &ZoneRef, zones: &ZoneDatabase, room: &RoomZone) -> Self {
        let found = zone.clocks(zones);
        Self { known: found.is_some(), clocks: found.unwrap_or_else(|| Clocks::Zone(room.clone())) }
    }

    /// Whether it is the item's own.
    pub(crate) fn is_known(&self) -> bool {
        self.known
    }

    pub(crate) fn local(&self, instant: DateTime<Utc>) -> NaiveDateTime {
        self.clocks.local(instant)
    }

    pub(crate) fn instant(&self, local: NaiveDateTime) -> DateTime<Utc> {
        self.clocks.instant(local)
    }

    /// The civil date of an instant that stands for a midnight: the nearest one, so that a zone rule that the server
    /// and we see differently does not cost a day.
    pub(crate) fn all_day_date(&self, instant: DateTime<Utc>) -> NaiveDate {
        if !self.known {
            return date_without_zone(instant);
        }
        let local = self.clocks.local(instant);
        local.checked_add_signed(TimeDelta::hours(12)).unwrap_or(local).date()
    }

    /// The first and the last civil date of an item of whole days.
    pub(crate) fn all_day(&self, start: DateTime<Utc>, end: DateTime<Utc>) -> (NaiveDate, NaiveDate) {
        let first = self.all_day_date(start);
        (first, days_on(self.all_day_date(end), -1).max(first))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn t4_civil_dates_of_all_day_items() {
        let room = RoomZone::named(&ZoneDatabase::bundled(), "America/New_York").unwrap();
        let cases = [
            // (zone, start, end, first, last)
            (
                "W. Europe Standard Time",
                "2026-03-28T23:00:00Z",
                "2026-03-29T22:00:00Z",
                "2026-03-29",
                "2026-03-29",
            ),
            (
                "W. Europe Standard Time",
                "2026-10-24T22:00:00Z",
                "2026-10-25T23:00:00Z",
                "2026-10-25",
                "2026-10-25",
            ),
            (
                "Tokyo Standard Time",
                "2026-03-04T15:00:00Z",
                "2026-03-06T15:00:00Z",
                "2026-03-05",
                "2026-03-06",
            ),
            (
                "Pacific/Kiritimati",
                "2026-03-04T10:00:00Z",
                "2026-03-05T10:00:00Z",
                "2026-03-05",
                "2026-03-05",
            ),
            ("America/Santiago", "2026-09-06T04:00:00Z", "2026-09-07T03:00:00Z", "2026-09-06", "2026-09-06"),
            (
                "Customized Time Zone",
                "2026-03-04T15:00:00Z",
                "2026-03-05T15:00:00Z",
                "2026-03-05",
                "2026-03-05",
            ),
            (
                "Customized Time Zone",
                "2026-03-05T05:00:00Z",
                "2026-03-06T05:00:00Z",
                "2026-03-05",
                "2026-03-05",
            ),
            ("Etc/UTC", "2026-03-05T00:00:00Z", "2026-03-05T00:00:00Z", "2026-03-05", "2026-03-05"),
        ];
        for (name, start, end, first, last) in cases {
            let zone = ItemZone::of(&ZoneRef::Named(name.to_owned()), &ZoneDatabase::bundled(), &room);
            let (found, until) = zone.all_day(start.parse().unwrap(), end.parse().unwrap());
            assert_eq!(
                (found.to_string(), until.to_string()),
                (first.to_owned(), last.to_owned()),
                "{name} {start}"
            );
        }
    }
}
