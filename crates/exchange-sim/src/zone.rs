//! Time zones: a Windows id, as Exchange writes it, beside the IANA zone whose rules it follows.

use std::sync::Arc;

use chrono::{
    DateTime, Duration, FixedOffset, LocalResult, NaiveDate, NaiveDateTime, Offset as _, TimeZone as _, Utc,
};
use chrono_tz::Tz;

use crate::SimError;

/// Zones that callers may name by their Windows id alone, with the names that Windows shows for them.
const WELL_KNOWN: &[(&str, Tz, &str)] = &[
    ("UTC", Tz::UTC, "(UTC) Coordinated Universal Time"),
    ("GMT Standard Time", Tz::Europe__London, "(UTC+00:00) Dublin, Edinburgh, Lisbon, London"),
    (
        "W. Europe Standard Time",
        Tz::Europe__Berlin,
        "(UTC+01:00) Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna",
    ),
    ("Romance Standard Time", Tz::Europe__Paris, "(UTC+01:00) Brussels, Copenhagen, Madrid, Paris"),
    ("FLE Standard Time", Tz::Europe__Kyiv, "(UTC+02:00) Helsinki, Kyiv, Riga, Sofia, Tallinn, Vilnius"),
    ("Eastern Standard Time", Tz::America__New_York, "(UTC-05:00) Eastern Time (US & Canada)"),
    ("Central Standard Time", Tz::America__Chicago, "(UTC-06:00) Central Time (US & Canada)"),
    ("Mountain Standard Time", Tz::America__Denver, "(UTC-07:00) Mountain Time (US & Canada)"),
    ("Pacific Standard Time", Tz::America__Los_Angeles, "(UTC-08:00) Pacific Time (US & Canada)"),
    ("India Standard Time", Tz::Asia__Kolkata, "(UTC+05:30) Chennai, Kolkata, Mumbai, New Delhi"),
    ("Tokyo Standard Time", Tz::Asia__Tokyo, "(UTC+09:00) Osaka, Sapporo, Tokyo"),
    ("AUS Eastern Standard Time", Tz::Australia__Sydney, "(UTC+10:00) Canberra, Melbourne, Sydney"),
];

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

    /// One of the dozen zones known by their Windows id alone.
    ///
    /// # Errors
    ///
    /// [`SimError::UnknownZone`] for any other id: use [`Zone::pair`].
    pub fn windows(id: &str) -> Result<Self, SimError> {
        let known = WELL_KNOWN.iter().find(|(windows, ..)| *windows == id);
        known
            .map(|(windows, rules, _)| Self { windows: Arc::from(*windows), rules: *rules })
            .ok_or_else(|| SimError::UnknownZone(id.to_owned()))
    }

    /// The Windows id.
    pub fn id(&self) -> &str {
        &self.windows
    }

    /// The name that Windows in English shows for a zone known by its Windows id; of any other, the id.
    pub fn display_name(&self) -> &str {
        let known = WELL_KNOWN.iter().find(|(windows, ..)| *windows == self.id());
        known.map_or(self.id(), |(.., name)| name)
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

    /// Those zones.
    pub(crate) fn well_known() -> Vec<Self> {
        let all = WELL_KNOWN.iter();
        all.map(|(windows, rules, _)| Self { windows: Arc::from(*windows), rules: *rules }).collect()
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
    fn every_well_known_zone_can_be_named() {
        for (id, rules, name) in WELL_KNOWN {
            let zone = Zone::windows(id).unwrap();
            assert_eq!((zone.iana(), zone.display_name()), (rules.name(), *name));
        }
        assert_eq!(Zone::pair("Moon", "Etc/UTC").unwrap().display_name(), "Moon");
        assert_eq!(Zone::windows("Moon"), Err(SimError::UnknownZone("Moon".to_owned())));
    }
}
