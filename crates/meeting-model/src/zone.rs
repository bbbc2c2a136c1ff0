//! Time zones: names from the wire, and the rules behind them.
//!
//! Rules come from the host's zoneinfo, and from a bundled copy where the host has none, through `jiff`: zone rules must
//! be today's (rule T2), and the newest `chrono-tz` is an hour wrong for several zones in 2026. `chrono-tz` serves as the
//! closed list of IANA names and as the type that `rrule` needs.

mod database;
pub mod rules;

use crate::error::Error;
use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Timelike, Utc};
use chrono_tz::Tz;
pub use database::ZoneDatabase;
use jiff::tz::{AmbiguousOffset, Offset};
use rules::ZoneRules;
use serde::{Deserialize, Serialize};
use std::{fmt, sync::Arc};
use windows_timezones::WindowsTimezone;

/// The zone an item was made in, as the wire names it. Resolved only when it is needed, so that nothing is lost.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum ZoneRef {
    /// The server did not say.
    #[default]
    Unstated,
    /// A name: a Windows id, an IANA name, or anything else a server may say.
    Named(String),
    /// A name, perhaps one that nobody knows (`Customized Time Zone`, or none), and the rules that came with it.
    Own {
        /// The name; empty where there is none.
        name: String,
        /// What its clocks do.
        rules: ZoneRules,
    },
}

/// WebDAV's numbers of zones, and their IANA names. The file names its source.
const CDO: &str = include_str!("zone/cdo.tsv");

impl ZoneRef {
    /// The zone of a `urn:schemas:calendar:timezoneid`, which Exchange 2003 says by a number ([MS-XWDCAL] 2.2.2.31).
    /// [`Unstated`](Self::Unstated) of a number that stands for none.
    pub fn of_cdo(id: u32) -> Self {
        let rows = CDO.lines().filter_map(|row| row.split_once('\t'));
        let name =
            rows.into_iter().find(|(number, _)| number.parse() == Ok(id)).map(|(_, name)| name.to_owned());
        name.map_or(Self::Unstated, Self::Named)
    }

    /// The zone this names, by rule T2.
    pub fn zone(&self, zones: &ZoneDatabase) -> Option<RoomZone> {
        match self {
            Self::Unstated => None,
            Self::Named(name) | Self::Own { name, .. } => RoomZone::named(zones, name).ok(),
        }
    }

    /// The clocks this stands for, by rule T2: those of the name, else those that it brings along. Where there are none
    /// the room's zone serves, and the meeting deserves a warning: its occurrences may be off by the difference of the
    /// two zones' summer times.
    pub(crate) fn clocks(&self, zones: &ZoneDatabase) -> Option<Clocks> {
        let own = || match self {
            Self::Own { rules, .. } => Some(Clocks::Own(rules.clone())),
            Self::Unstated | Self::Named(_) => None,
        };
        self.zone(zones).map(Clocks::Zone).or_else(own)
    }
}

/// Clocks on walls: those of a zone that has a name, or those that an item brings along.
pub(crate) enum Clocks {
    Zone(RoomZone),
    Own(ZoneRules),
}

impl Clocks {
    /// What the walls say at an instant.
    pub(crate) fn local(&self, instant: DateTime<Utc>) -> NaiveDateTime {
        match self {
            Self::Zone(zone) => zone.local(instant),
            Self::Own(rules) => rules.local(instant),
        }
    }

    /// The instant at which the walls say this (rule T4).
    pub(crate) fn instant(&self, local: NaiveDateTime) -> DateTime<Utc> {
        match self {
            Self::Zone(zone) => zone.instant(local),
            Self::Own(rules) => rules.resolve(local, Fold::Second),
        }
    }
}

/// The zone a room's walls stand in: a name that was found in the zone database, and its rules.
#[derive(Clone, PartialEq, Eq)]
pub struct RoomZone {
    id: Tz,
    rules: jiff::tz::TimeZone,
    release: Option<Arc<str>>,
}

impl RoomZone {
    /// Finds a zone by its Windows id (CLDR's default territory `001`) or by its IANA name.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownZone`] where the name is neither, or where the database has no rules of that name.
    pub fn named(zones: &ZoneDatabase, name: &str) -> Result<Self, Error> {
        let unknown = || Error::UnknownZone { name: name.to_owned() };
        let id: Tz = iana_name(name).parse().map_err(|_no_such_name| unknown())?;
        let rules = zones.rules(id.name()).ok_or_else(unknown)?;
        Ok(Self { id, rules, release: zones.shared_release() })
    }

    /// Every IANA name, for saying which one was probably meant.
    pub fn names() -> impl Iterator<Item = &'static str> {
        chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name())
    }

    /// The IANA name.
    pub fn name(&self) -> &'static str {
        self.id.name()
    }

    /// The release of the zone database the rules come from, as `2026e`, where the database says it.
    pub fn release(&self) -> Option<&str> {
        self.release.as_deref()
    }

    /// What the walls say at an instant.
    pub fn local(&self, instant: DateTime<Utc>) -> NaiveDateTime {
        let local = instant.naive_utc();
        // What jiff cannot hold is further away than any calendar: it is left in UTC.
        jiff::Timestamp::from_second(instant.timestamp())
            .ok()
            .and_then(|timestamp| local.checked_add_signed(span(self.rules.to_offset(timestamp))))
            .unwrap_or(local)
    }

    /// The instant at which the walls say this. A time that the clocks skip moves forward by what they skip; of a time
    /// that they show twice it is the second, as .NET does (rule T4).
    pub fn instant(&self, local: NaiveDateTime) -> DateTime<Utc> {
        self.resolve(local, Fold::Second)
    }

    /// The first instant of a civil date: its midnight, the first of two, or what follows a midnight that is skipped.
    pub fn midnight(&self, date: NaiveDate) -> DateTime<Utc> {
        self.resolve(date.and_time(NaiveTime::MIN), Fold::First)
    }

    fn resolve(&self, local: NaiveDateTime, fold: Fold) -> DateTime<Utc> {
        let offset = civil(local).map_or(Offset::UTC, |civil| {
            match (self.rules.to_ambiguous_timestamp(civil).offset(), fold) {
                (AmbiguousOffset::Unambiguous { offset }, _) => offset,
                (AmbiguousOffset::Gap { before, .. }, _)
                | (AmbiguousOffset::Fold { before, .. }, Fold::First) => before,
                (AmbiguousOffset::Fold { after, .. }, Fold::Second) => after,
            }
        });
        local.checked_sub_signed(span(offset)).unwrap_or(local).and_utc()
    }
}

impl fmt::Debug for RoomZone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for RoomZone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Which of two equal times on a wall is meant.
#[derive(Clone, Copy)]
pub(crate) enum Fold {
    First,
    Second,
}

/// The civil date of an all-day start whose zone is not known: exact for offsets above -11:00 and up to
/// +13:00 (rule T4).
pub(crate) fn date_without_zone(instant: DateTime<Utc>) -> NaiveDate {
    let local = instant.naive_utc();
    local.checked_add_signed(TimeDelta::hours(13)).unwrap_or(local).date()
}

/// The date some days on, and the last one there is where that overflows.
pub(crate) fn days_on(date: NaiveDate, days: i64) -> NaiveDate {
    let span = Days::new(days.unsigned_abs());
    if days < 0 {
        date.checked_sub_days(span).unwrap_or(NaiveDate::MIN)
    } else {
        date.checked_add_days(span).unwrap_or(NaiveDate::MAX)
    }
}

/// Windows ids that CLDR dropped or never had, beside those that it has. Anything else is taken for an IANA name.
fn iana_name(name: &str) -> &str {
    match name {
        "tzone://Microsoft/Utc" => "Etc/UTC",
        "Kamchatka Standard Time" => "Asia/Kamchatka",
        "Mid-Atlantic Standard Time" => "Etc/GMT+2",
        _ => name.parse().map_or(name, |windows: WindowsTimezone| windows.tzdb_id()),
    }
}

fn span(offset: Offset) -> TimeDelta {
    TimeDelta::seconds(i64::from(offset.seconds()))
}

fn civil(local: NaiveDateTime) -> Option<jiff::civil::DateTime> {
    let small = |n: u32| i8::try_from(n).ok();
    jiff::civil::DateTime::new(
        i16::try_from(local.year()).ok()?,
        small(local.month())?,
        small(local.day())?,
        small(local.hour())?,
        small(local.minute())?,
        small(local.second())?,
        0,
    )
    .ok()
}

#[cfg(test)]
mod tests;
