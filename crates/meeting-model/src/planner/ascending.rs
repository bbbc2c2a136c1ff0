//! Side by side: what is known, and what is decided now, both in order of their keys.
//!
//! Keys are long and begin alike, so that looking each of them up in a tree was half of what planning cost.

use crate::{identity::MeetingKey, plan::PlannedOccurrence};
use std::iter::Peekable;

/// Occurrences in order of their keys, asked for in that order.
pub(super) struct Ascending<I: Iterator>(Peekable<I>);

impl<'a, I: Iterator<Item = &'a PlannedOccurrence>> Ascending<I> {
    pub(super) fn of(occurrences: impl IntoIterator<IntoIter = I>) -> Self {
        Self(occurrences.into_iter().peekable())
    }

    /// The occurrence of a key that is not before the one asked for last.
    pub(super) fn find(&mut self, key: &MeetingKey) -> Option<&'a PlannedOccurrence> {
        while self.0.next_if(|one| one.key < *key).is_some() {}
        self.0.next_if(|one| one.key == *key)
    }
}
