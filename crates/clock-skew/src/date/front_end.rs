//! The clocks behind one name, or one connection: one as a rule.

use super::{DatedBy, ServerClock, interval::Interval};
use std::time::Duration;

/// A server that keeps the text of its `Date` for a second may be that late, and may seem to be behind by as much.
const LATE: f64 = 1.0;

/// The most clocks that are kept of one front end.
pub(super) const MOST_CLOCKS: usize = 4;

#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct FrontEnd {
    /// The newest last.
    clocks: Vec<Interval>,
    /// Whether its `Date` was seen to be late.
    is_late: bool,
}

impl FrontEnd {
    /// Takes a reading of its own. Where several clocks might have said it, it was the newest one: it speaks for no other.
    pub(super) fn take(&mut self, reading: Interval) {
        for clock in &mut self.clocks {
            *clock = clock.aged(reading.read_at());
        }
        let mut place = self.clocks.iter().rposition(|clock| clock.meets(&reading, self.late()));
        if place.is_none() {
            // a clock that seems to go back by less than a second tells that its `Date` is late
            let goes_back = |clock: &Interval| clock.meets(&reading, LATE) && reading.is_before(clock);
            place = self.clocks.iter().rposition(goes_back);
            self.is_late |= place.is_some();
        }
        let late = self.late();
        for clock in self.clocks.iter_mut().filter(|clock| !clock.meets(&reading, late)) {
            clock.contradict();
        }
        if let Some(clock) = place.and_then(|place| self.clocks.get_mut(place)) {
            return clock.narrow(&reading);
        }
        if self.clocks.len() >= MOST_CLOCKS {
            self.clocks.remove(0);
        }
        self.clocks.push(reading);
    }

    /// Hears what another connection told, behind which may be the same clocks.
    pub(super) fn hear(&mut self, reading: &Interval) {
        let late = self.late();
        for clock in &mut self.clocks {
            if clock.aged(reading.read_at()).meets(reading, late) {
                clock.confirm(reading.read_at());
            } else {
                clock.contradict();
            }
        }
    }

    /// Forgets what was not read for so long, or was contradicted for long.
    pub(super) fn forget(&mut self, now: Duration, after: Duration) {
        self.clocks.retain(|clock| now.saturating_sub(clock.read_at()) < after && !clock.is_gone());
    }

    pub(super) fn is_empty(&self) -> bool {
        self.clocks.is_empty()
    }

    /// When it was read last.
    pub(super) fn read_at(&self) -> Option<Duration> {
        self.clocks.iter().map(Interval::read_at).max()
    }

    /// The clocks that count.
    pub(super) fn clocks(&self, by: &DatedBy, now: Duration) -> impl Iterator<Item = ServerClock> {
        let counts = self.clocks.iter().filter(move |clock| !clock.is_out_of_account(now));
        counts.map(move |clock| {
            let (low, high) = clock.aged(now).bounds();
            let high = high + self.late();
            ServerClock {
                front_end: by.to_string(),
                offset: f64::midpoint(low, high),
                uncertainty: ((high - low) / 2.0).max(0.0),
                readings: clock.readings(),
                age: now.saturating_sub(clock.read_at()),
            }
        })
    }

    fn late(&self) -> f64 {
        if self.is_late { LATE } else { 0.0 }
    }
}
