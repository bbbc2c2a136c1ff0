//! Many seeds, one after the other or several at once.

use crate::{
    Counts, Violation, play,
    scenario::{Scenario, Size},
    shrink::panicked,
};
use std::{
    ops::Range,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

/// What came of many seeds.
#[derive(Debug, Clone, Default)]
pub struct Tally {
    /// How many were played.
    pub seeds: u64,
    /// Of how many rooms, for how many days each.
    pub room_days: u64,
    /// What happened in them.
    pub counts: Counts,
    /// The seeds that broke a rule.
    pub broken: Vec<(u64, Violation)>,
}

/// Plays seeds in so many threads, and tells `heard` of the tally after each: it says whether to go on.
pub fn run(seeds: Range<u64>, size: Size, threads: usize, heard: &(dyn Fn(&Tally) -> bool + Sync)) -> Tally {
    let next = AtomicU64::new(seeds.start);
    let tally = Mutex::new(Tally::default());
    let locked = || tally.lock().unwrap_or_else(PoisonError::into_inner);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= seeds.end {
                        return;
                    }
                    let scenario = Scenario::of(seed, size);
                    let played = catch_unwind(AssertUnwindSafe(|| play(&scenario, false)));
                    let (counts, violation) = match played {
                        Ok(played) => (played.counts, played.violation),
                        Err(panic) => (Counts::default(), Some(panicked(&scenario, panic.as_ref()))),
                    };
                    let mut tally = locked();
                    tally.seeds += 1;
                    tally.room_days += u64::from(size.days) * size.rooms as u64;
                    tally.counts += counts;
                    tally.broken.extend(violation.map(|violation| (seed, violation)));
                    if !heard(&tally) {
                        next.store(seeds.end, Ordering::Relaxed);
                    }
                }
            });
        }
    });
    tally.into_inner().unwrap_or_else(PoisonError::into_inner)
}
