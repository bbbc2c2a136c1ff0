//! When a room is read that is told of changes.
//!
//! One meeting makes half a dozen events, and an organizer who moves a series makes hundreds. The first is read for at once; what
//! follows shortly after a read is read for together, and the longer that goes on the longer it is gathered. Who has been quiet is
//! read for at once again.

use serde::{Deserialize, Serialize};
use std::time::Duration;

/// So long after a read the next may follow: the events of one meeting come within it, and nobody notices it.
const FIRST: Duration = Duration::from_millis(250);

/// So long at most: a room that changes all the time costs a read in as much time.
const MOST: Duration = Duration::from_secs(2);

/// How a room's changes are gathered.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(super) struct Gathering {
    /// When it was last read for changes.
    read_at: Option<Duration>,
    /// How long after that it may be read again.
    pause: Duration,
}

impl Default for Gathering {
    fn default() -> Self {
        Self { read_at: None, pause: FIRST }
    }
}

impl Gathering {
    /// When to read for a change that is told of now.
    pub(super) fn due(self, now: Duration) -> Duration {
        self.read_at.map_or(now, |read_at| now.max(read_at + self.pause))
    }

    /// It is read for changes now. A read that follows the last as soon as it may, or nearly so, says that they go on.
    pub(super) fn read(&mut self, now: Duration) {
        let follows = self.read_at.is_some_and(|read_at| now < read_at + self.pause * 2);
        self.pause = if follows { (self.pause * 3 / 2).min(MOST) } else { FIRST };
        self.read_at = Some(now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// When changes that are told of at these milliseconds are read for.
    fn reads(told: impl IntoIterator<Item = u64>) -> Vec<u64> {
        let (mut gathering, mut reads) = (Gathering::default(), Vec::new());
        let mut due: Option<Duration> = None;
        for told in told.into_iter().map(Duration::from_millis) {
            if let Some(read) = due.take_if(|due| *due <= told) {
                gathering.read(read);
                reads.push(read);
            }
            due = Some(due.unwrap_or(gathering.due(told)));
        }
        reads.into_iter().chain(due).map(|read| u64::try_from(read.as_millis()).unwrap()).collect()
    }

    #[test]
    fn the_first_is_read_for_at_once_and_a_storm_ever_less_often() {
        for (name, told, expected) in [
            ("one", vec![0], vec![0]),
            ("two at once", vec![0, 10], vec![0, 250]),
            ("two shortly after each other", vec![0, 400], vec![0, 400]),
            ("now and then", vec![0, 1_000, 2_000, 3_000], vec![0, 1_000, 2_000, 3_000]),
            ("a meeting's own", vec![0, 20, 600, 620, 900], vec![0, 250, 625, 1_187]),
            ("after a storm", vec![0, 10, 260, 800, 9_000, 9_010], vec![0, 250, 625, 1_187, 9_000, 9_250]),
        ] {
            assert_eq!(reads(told), expected, "{name}");
        }
        let minute = reads((0..600).map(|nth| nth * 100));
        assert!(minute.len() <= 35, "{minute:?}");
    }
}
