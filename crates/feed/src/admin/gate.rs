//! How often somebody may try to sign in.

use chrono::{DateTime, TimeDelta, Utc};
use std::{
    collections::BTreeMap,
    net::IpAddr,
    sync::{Mutex, PoisonError},
};
use tokio::sync::Semaphore;

/// How many attempts may fail from one address ...
const ATTEMPTS: u32 = 5;

/// ... within this time.
const WITHIN: TimeDelta = TimeDelta::minutes(1);

/// How many addresses are remembered at most.
const MOST: usize = 10_000;

/// How often somebody may try to sign in. A password costs a core tens of milliseconds, so that one at a time is looked at.
#[derive(Debug)]
pub(crate) struct Gate {
    failed: Mutex<BTreeMap<IpAddr, (DateTime<Utc>, u32)>>,
    pub(super) one_at_a_time: Semaphore,
}

impl Default for Gate {
    fn default() -> Self {
        Self { failed: Mutex::default(), one_at_a_time: Semaphore::new(1) }
    }
}

impl Gate {
    /// Whether somebody has to wait before the next attempt.
    pub(super) fn is_shut(&self, address: IpAddr, now: DateTime<Utc>) -> bool {
        let failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        failed.get(&address).is_some_and(|(since, attempts)| now - *since < WITHIN && *attempts >= ATTEMPTS)
    }

    /// An attempt has failed.
    pub(super) fn failed(&self, address: IpAddr, now: DateTime<Utc>) {
        let mut failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        if failed.len() >= MOST {
            failed.retain(|_, (since, _)| now - *since < WITHIN);
        }
        let (since, attempts) = failed.entry(address).or_insert((now, 0));
        if now - *since >= WITHIN {
            (*since, *attempts) = (now, 0);
        }
        *attempts += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_guesses_has_to_wait_and_nobody_else() {
        let (gate, now) = (Gate::default(), DateTime::UNIX_EPOCH);
        let (one, other) = ("10.0.0.1".parse().unwrap(), "10.0.0.2".parse().unwrap());
        for _ in 0..ATTEMPTS {
            assert!(!gate.is_shut(one, now));
            gate.failed(one, now);
        }
        assert!(gate.is_shut(one, now + WITHIN - TimeDelta::seconds(1)));
        assert!(!gate.is_shut(one, now + WITHIN));
        assert!(!gate.is_shut(other, now));
        gate.failed(one, now + WITHIN);
        assert!(!gate.is_shut(one, now + WITHIN), "counting begins anew");
    }
}
