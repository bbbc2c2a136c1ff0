//! Who is to be woken, and when.

use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// At most one appointment for each target, found by time. `T` is monotonic time or wall-clock time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "BTreeSet<(T, K)>", into = "BTreeSet<(T, K)>")]
#[serde(bound(serialize = "T: Ord + Copy + Serialize, K: Ord + Clone + Serialize"))]
#[serde(bound(deserialize = "T: Ord + Copy + Deserialize<'de>, K: Ord + Clone + Deserialize<'de>"))]
pub struct Agenda<T, K> {
    by_time: BTreeSet<(T, K)>,
    of: BTreeMap<K, T>,
}

impl<T, K> Default for Agenda<T, K> {
    fn default() -> Self {
        Self { by_time: BTreeSet::new(), of: BTreeMap::new() }
    }
}

impl<T: Ord + Copy, K: Ord + Clone> From<BTreeSet<(T, K)>> for Agenda<T, K> {
    fn from(by_time: BTreeSet<(T, K)>) -> Self {
        let of = by_time.iter().map(|(at, target)| (target.clone(), *at)).collect();
        Self { by_time, of }
    }
}

impl<T, K> From<Agenda<T, K>> for BTreeSet<(T, K)> {
    fn from(agenda: Agenda<T, K>) -> Self {
        agenda.by_time
    }
}

impl<T: Ord + Copy, K: Ord + Clone> Agenda<T, K> {
    /// Wakes the target at `at`, and at no other time; never where `at` is absent.
    pub fn set(&mut self, target: &K, at: Option<T>) {
        if let Some(before) = self.of.remove(target) {
            self.by_time.remove(&(before, target.clone()));
        }
        if let Some(at) = at {
            self.of.insert(target.clone(), at);
            self.by_time.insert((at, target.clone()));
        }
    }

    /// The earliest appointment.
    pub fn next(&self) -> Option<T> {
        self.by_time.first().map(|(at, _)| *at)
    }

    /// Takes one target whose time has come, earliest first.
    pub fn pop_due(&mut self, now: T) -> Option<K> {
        if self.next()? > now {
            return None;
        }
        let (_, target) = self.by_time.pop_first()?;
        self.of.remove(&target);
        Some(target)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_has_one_appointment_and_comes_in_order_of_time() {
        let mut agenda = Agenda::default();
        agenda.set(&"b", Some(5));
        agenda.set(&"a", Some(7));
        agenda.set(&"b", Some(9));
        assert_eq!(agenda.next(), Some(7));
        assert_eq!(agenda.pop_due(6), None);
        assert_eq!(agenda.pop_due(9), Some("a"));
        assert_eq!(agenda.pop_due(9), Some("b"));
        assert_eq!(agenda.next(), None);
        agenda.set(&"a", Some(1));
        agenda.set(&"a", None);
        assert_eq!(agenda.next(), None);
    }
}
