//! How many rooms may talk to a server at once.

use serde::{Deserialize, Serialize};

/// How many rooms may talk at once: halved when the server says that it is too much, and raised by one after as many good
/// answers as are allowed at once.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Allowance {
    allowed: usize,
    good: usize,
}

impl Allowance {
    pub(crate) fn new(most: usize) -> Self {
        Self { allowed: most.max(1), good: 0 }
    }

    /// How many now, of this many at most.
    pub(crate) fn now(&self, most: usize) -> usize {
        self.allowed.min(most.max(1))
    }

    /// A good answer.
    pub(crate) fn answered(&mut self, most: usize) {
        self.good += 1;
        if self.good >= self.allowed {
            self.good = 0;
            self.allowed = (self.allowed + 1).min(most.max(1));
        }
    }

    /// The server says that it is too much.
    pub(crate) fn halve(&mut self) {
        self.allowed = (self.allowed / 2).max(1);
        self.good = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_halved_at_once_and_regained_slowly() {
        let mut allowance = Allowance::new(27);
        allowance.halve();
        assert_eq!(allowance.now(27), 13);
        for _ in 0..13 {
            allowance.answered(27);
        }
        assert_eq!(allowance.now(27), 14);
        for _ in 0..1_000 {
            allowance.answered(27);
        }
        assert_eq!(allowance.now(27), 27);
        for _ in 0..9 {
            allowance.halve();
        }
        assert_eq!(allowance.now(27), 1);
    }
}
