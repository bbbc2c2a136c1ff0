//! What comes late, twice, in another order, or not at all.

use crate::dice::Dice;
use chrono::TimeDelta;

/// A network that is not always prompt. What is told on a stream stays prompt: its word counts as of when it arrives.
#[derive(Debug)]
pub(crate) struct Lateness(Dice);

impl Lateness {
    pub(crate) fn new(seed: u64) -> Self {
        Self(Dice::new(seed))
    }

    /// By how much an answer is late.
    pub(crate) fn of_answer(&mut self) -> TimeDelta {
        self.up_to(&[(80, 0), (17, 3_000), (3, 20_000)])
    }

    /// By how much a notification that is pushed is late, and, where it comes twice, by how much that is.
    pub(crate) fn of_push(&mut self) -> (TimeDelta, Option<TimeDelta>) {
        let late = self.up_to(&[(50, 0), (40, 6_000), (10, 40_000)]);
        let twice = self.0.chance(10);
        (late, twice.then(|| self.up_to(&[(1, 40_000)])))
    }

    /// By how much each copy of a datagram is late: there may be none.
    pub(crate) fn of_datagram(&mut self) -> Vec<TimeDelta> {
        let copies = self.0.weighed(&[(20, 0), (65, 1), (15, 2)]);
        (0..copies).map(|_| self.up_to(&[(50, 0), (50, 8_000)])).collect()
    }

    fn up_to(&mut self, most: &[(u64, i64)]) -> TimeDelta {
        let most = self.0.weighed(most);
        TimeDelta::milliseconds(self.0.between(0, most))
    }
}
