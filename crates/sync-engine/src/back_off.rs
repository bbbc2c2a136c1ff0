//! How long to wait after a failure.

use rand_chacha::{ChaCha8Rng, rand_core::Rng};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Waits that double from `first` to `most`, each shortened by up to a quarter at random, so that many who failed
/// together do not return together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BackOff {
    /// The wait after the first failure.
    pub first: Duration,
    /// The longest wait.
    pub most: Duration,
}

impl BackOff {
    /// The wait after `failures` failures in a row (at least one).
    pub fn wait(self, failures: u32, dice: &mut Dice) -> Duration {
        let doubled = self.first.saturating_mul(1 << failures.saturating_sub(1).min(20));
        dice.shorten(doubled.min(self.most), 4)
    }
}

/// The engine's randomness: all of it from one seed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Dice(ChaCha8Rng);

impl Dice {
    /// Dice that fall the same way for the same seed.
    pub fn new(seed: u64) -> Self {
        Self(rand_chacha::rand_core::SeedableRng::seed_from_u64(seed))
    }

    /// Any number.
    pub(crate) fn roll(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// `span`, less up to one `part`th of it.
    pub fn shorten(&mut self, span: Duration, part: u32) -> Duration {
        span.saturating_sub((span / part).mul_f64(f64::from(self.0.next_u32()) / f64::from(u32::MAX)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_the_most_and_never_exceed_it() {
        let back_off = BackOff { first: Duration::from_secs(1), most: Duration::from_mins(1) };
        let mut dice = Dice::new(7);
        for (failures, longest) in [(1, 1), (2, 2), (3, 4), (6, 32), (7, 60), (40, 60)] {
            let wait = back_off.wait(failures, &mut dice);
            let longest = Duration::from_secs(longest);
            assert!(wait <= longest && wait >= longest.mul_f64(0.75), "{failures}: {wait:?}");
        }
    }
}
