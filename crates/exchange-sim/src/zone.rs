//! Time zones: a Windows id, as Exchange writes it, beside the IANA zone whose rules it follows.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{
    DateTime, Duration, FixedOffset, LocalResult, NaiveDate, NaiveDateTime, Offset as _, TimeZone as _, Utc,
};
use chrono_tz::{TZ_VARIANTS, Tz};
use windows_timezones::WindowsTimezone;

use crate::SimError;

/// A time zone as an item carries it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Zone {
    windows: Arc<str>,
    rules: Tz,
}

impl Zone {
    /// Coordinated universal time.
    pub fn utc() -> Self {
        Self { windows: Arc::from("UTC"), rules: Tz::UTC }
    }

    /// A Windows id with the IANA name whose rules it follows; the id may be any text, as in the field.
    ///
    /// # Errors
    ///
    /// [`SimError::UnknownZone`] when the IANA name is not in the zone database.
    pub fn pair(windows: &str, iana: &str) -> Result<Self, SimError> {
        let rules = iana.parse().map_err(|_unknown| SimError::UnknownZone(iana.to_owned()))?;
        Ok(Self { windows: Arc::from(windows), rules })
    }

    /// A zone of Windows by its id, with the rules of the IANA zone that Unicode CLDR has for it (windowsZones.xml).
    ///
    /// # Errors
    ///
    /// [`SimError::UnknownZone`] for any other id: use [`Zone::pair`].
    pub fn windows(id: &str) -> Result<Self, SimError> {
        let known: WindowsTimezone = id.parse().map_err(|_unknown| SimError::UnknownZone(id.to_owned()))?;
        Ok(Self::of(known))
    }

    /// A zone by its Windows id or its IANA name, which then goes by the Windows id that stands for it.
    ///
    /// # Errors
    ///
    /// [`SimError::UnknownZone`] for any other name, and for the few IANA zones whose rules no zone of Windows has.
    pub fn named(name: &str) -> Result<Self, SimError> {
        Self::windows(name).or_else(|unknown| {
            let rules: Tz = name.parse().map_err(|_no_name| unknown.clone())?;
            let windows = windows_of(rules).ok_or(unknown)?;
            Ok(Self { windows: Arc::from(windows.name()), rules })
        })
    }

    fn of(known: WindowsTimezone) -> Self {
        if known == WindowsTimezone::Utc {
            return Self::utc();
        }
        Self { windows: Arc::from(known.name()), rules: known.into() }
    }

    /// The Windows id.
    pub fn id(&self) -> &str {
        &self.windows
    }

    /// The name that Windows in English shows for a zone of its own; of any other, the id.
    pub fn display_name(&self) -> &str {
        let known: Option<WindowsTimezone> = self.id().parse().ok();
        known.map_or(self.id(), |known| known.description())
    }

    /// The IANA name.
    pub fn iana(&self) -> &'static str {
        self.rules.name()
    }

    /// The wall clock of an instant.
    pub fn wall(&self, instant: DateTime<Utc>) -> NaiveDateTime {
        instant.with_timezone(&self.rules).naive_local()
    }

    /// The civil date of an instant.
    pub fn date(&self, instant: DateTime<Utc>) -> NaiveDate {
        self.wall(instant).date()
    }

    /// The zones of Windows, by id.
    pub(crate) fn all() -> Vec<Self> {
        let known = TZ_VARIANTS.iter().filter_map(|rules| WindowsTimezone::try_from(*rules).ok());
        let by_id: BTreeMap<&str, WindowsTimezone> = known.map(|zone| (zone.name(), zone)).collect();
        by_id.into_values().map(Self::of).collect()
    }

    /// The seconds by which local time is ahead of UTC.
    pub(crate) fn offset(&self, instant: DateTime<Utc>) -> i32 {
        self.offset_form(instant).offset().local_minus_utc()
    }

    /// The instant with its offset, as a reply in this zone's context shows it.
    pub(crate) fn offset_form(&self, instant: DateTime<Utc>) -> DateTime<FixedOffset> {
        let offset = self.rules.offset_from_utc_datetime(&instant.naive_utc()).fix();
        instant.with_timezone(&offset)
    }

    /// The instant of a wall clock: a time in a gap moves forward by the gap, one in a fold is the second.
    pub fn instant(&self, wall: NaiveDateTime) -> DateTime<Utc> {
        match self.rules.from_local_datetime(&wall) {
            LocalResult::Single(instant) | LocalResult::Ambiguous(_, instant) => instant.to_utc(),
            LocalResult::None => {
                let before = self.rules.offset_from_utc_datetime(&(wall - Duration::days(1)));
                (wall - before.fix()).and_utc()
            }
        }
    }
}

/// The zone of Windows that stands for an IANA zone. CLDR knows each by one of its names only, such as Asia/Calcutta:
/// another, such as Asia/Kolkata, is told by its clocks having shown the same ever since 1970.
fn windows_of(rules: Tz) -> Option<WindowsTimezone> {
    let offset = |rules: &Tz, at: DateTime<Utc>| rules.offset_from_utc_datetime(&at.naive_utc()).fix();
    let fortnights = || (0..1_700).map(|fortnight| DateTime::UNIX_EPOCH + Duration::days(14 * fortnight));
    WindowsTimezone::try_from(rules).ok().or_else(|| {
        let mut known = TZ_VARIANTS.iter().filter_map(|other| {
            let windows = WindowsTimezone::try_from(*other).ok()?;
            fortnights().all(|at| offset(other, at) == offset(&rules, at)).then_some(windows)
        });
        known.next()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wall_clocks_become_instants_across_gap_and_fold() {
        let berlin = Zone::windows("W. Europe Standard Time").unwrap();
        let table = [
            ("2026-01-10T09:00:00", "2026-01-10T08:00:00Z"),
            ("2026-07-10T09:00:00", "2026-07-10T07:00:00Z"),
            ("2026-03-29T02:30:00", "2026-03-29T01:30:00Z"),
            ("2026-10-25T02:30:00", "2026-10-25T01:30:00Z"),
        ];
        for (wall, instant) in table {
            let instant: DateTime<Utc> = instant.parse().unwrap();
            assert_eq!(berlin.instant(wall.parse().unwrap()), instant, "{wall}");
        }
    }

    #[test]
    fn zones_go_by_their_windows_id_or_an_iana_name() {
        let table = [
            ("UTC", "UTC", "UTC", "(UTC) Coordinated Universal Time"),
            (
                "Central Europe Standard Time",
                "Central Europe Standard Time",
                "Europe/Budapest",
                "(UTC+01:00) Belgrade, Bratislava, Budapest, Ljubljana, Prague",
            ),
            (
                "Europe/Prague",
                "Central Europe Standard Time",
                "Europe/Prague",
                "(UTC+01:00) Belgrade, Bratislava, Budapest, Ljubljana, Prague",
            ),
            (
                "Asia/Shanghai",
                "China Standard Time",
                "Asia/Shanghai",
                "(UTC+08:00) Beijing, Chongqing, Hong Kong, Urumqi",
            ),
            (
                "Asia/Kolkata",
                "India Standard Time",
                "Asia/Kolkata",
                "(UTC+05:30) Chennai, Kolkata, Mumbai, New Delhi",
            ),
            (
                "Europe/Kyiv",
                "FLE Standard Time",
                "Europe/Kyiv",
                "(UTC+02:00) Helsinki, Kyiv, Riga, Sofia, Tallinn, Vilnius",
            ),
        ];
        for (name, id, iana, display) in table {
            let zone = Zone::named(name).unwrap();
            assert_eq!((zone.id(), zone.iana(), zone.display_name()), (id, iana, display), "{name}");
        }
        assert_eq!(Zone::pair("Moon", "Etc/UTC").unwrap().display_name(), "Moon");
        for unknown in [Zone::windows("Moon"), Zone::named("Moon")] {
            assert_eq!(unknown, Err(SimError::UnknownZone("Moon".to_owned())));
        }
    }

    #[test]
    fn all_zones_of_windows_are_there() {
        let all = Zone::all();
        assert!(all.len() >= 139, "{}", all.len());
        for zone in all {
            assert_eq!(Zone::windows(zone.id()).as_ref(), Ok(&zone));
            assert!(zone.display_name().starts_with("(UTC"), "{}", zone.id());
        }
    }
}
