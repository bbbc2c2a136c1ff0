//! Time zones: names from the wire, and the rules behind them.
//!
//! Rules come from the host's zoneinfo, and from a bundled copy where the host has none, through `jiff`: zone rules must
//! be today's (rule T2), and the newest `chrono-tz` is an hour wrong for several zones in 2026. `chrono-tz` serves as the
//! closed list of IANA names and as the type that `rrule` needs.

use serde::{Deserialize, Serialize};

/// The zone an item was made in, as the wire names it. Resolved only when it is needed, so that nothing is lost.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum ZoneRef {
    /// The server did not say.
    #[default]
    Unstated,
    /// A name: a Windows id, an IANA name, or anything else a server may say.
    Named(String),
}

/// The zone a room's walls stand in: a name that was found in the zone database, and its rules.
#[derive(Clone, PartialEq, Eq)]
pub struct RoomZone(jiff::tz::TimeZone);
impl std::fmt::Debug for RoomZone { fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { f.write_str(self.0.iana_name().unwrap_or("UTC")) } }
