//! How long a stream may be silent before its connection counts as dead.

use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Exchange sends a heartbeat every 45 seconds at the latest.
const SHORTEST: Duration = Duration::from_secs(100);

/// Some servers send none: with them, nothing is known of a silent connection.
const LONGEST: Duration = Duration::from_mins(5);

/// How long a stream may be silent: twice its server's own rhythm, within bounds.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Silence {
    limit: Duration,
}

impl Default for Silence {
    fn default() -> Self {
        Self { limit: SHORTEST }
    }
}

impl Silence {
    /// How long it may be silent.
    pub(super) fn limit(&self) -> Duration {
        self.limit
    }

    /// Something was heard after so long. What comes before the server tells at all is no rhythm.
    pub(super) fn heard(&mut self, after: Duration, live: bool) {
        if live {
            self.limit = (after * 2).clamp(SHORTEST, LONGEST);
        }
    }

    /// A connection was given up for its silence: where there are no heartbeats, patience grows.
    pub(super) fn fell(&mut self) {
        self.limit = (self.limit * 2).min(LONGEST);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patience_follows_the_servers_rhythm_within_bounds() {
        let mut silence = Silence::default();
        for (after, limit) in [(45, 100), (1, 100), (90, 180), (900, 300), (45, 100)] {
            silence.heard(Duration::from_secs(after), true);
            assert_eq!(silence.limit(), Duration::from_secs(limit), "after {after}");
        }
        for limit in [200, 300, 300] {
            silence.fell();
            assert_eq!(silence.limit(), Duration::from_secs(limit));
        }
        silence.heard(Duration::from_secs(1), false);
        assert_eq!(silence.limit(), Duration::from_mins(5), "a greeting is no heartbeat");
    }
}
