//! How much has happened.

use std::{fmt, ops::AddAssign};

/// How much has happened.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// What organizers, proxies and people in rooms did.
    pub acts: u64,
    /// What went wrong with Exchange, phones or the program itself: each once, however many calls it struck.
    pub faults: u64,
    /// How often the program died, at any moment, and was started again.
    pub deaths: u64,
    /// How many requests went to Exchange, and pushes came from it.
    pub exchanges: u64,
    /// How many transactions the store took for rooms.
    pub commits: u64,
    /// How often a phone was sent what its room shows.
    pub deliveries: u64,
    /// For how many seconds rooms were looked at, all of them together,
    pub room_seconds: u64,
    /// and for how many of these nobody could know what they should show, since Exchange had said what is not so.
    pub unjudged: u64,
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        let Self { acts, faults, deaths, exchanges, commits, deliveries, room_seconds, unjudged } = other;
        self.acts += acts;
        self.faults += faults;
        self.deaths += deaths;
        self.exchanges += exchanges;
        self.commits += commits;
        self.deliveries += deliveries;
        self.room_seconds += room_seconds;
        self.unjudged += unjudged;
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { acts, faults, deaths, exchanges, commits, deliveries, room_seconds, unjudged } = self;
        write!(f, "{acts} acts, {faults} faults, {deaths} deaths, ")?;
        write!(f, "{exchanges} exchanges, {commits} commits, {deliveries} deliveries, ")?;
        let seldom = unjudged.saturating_mul(10_000).checked_div(*room_seconds).unwrap_or_default();
        write!(f, "{}.{:02} % of room-time not judged", seldom / 100, seldom % 100)
    }
}
