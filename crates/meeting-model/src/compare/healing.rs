//! The server wins.

use super::{Comparison, Remedy};
use crate::{
    id::ItemId,
    item::{CalendarItem, Override},
    known::Known,
    observed::{Coverage, Observed},
};
use chrono::Days;
use std::collections::BTreeMap;

/// An override that lies so many days before a new one is no longer of use: no window reaches back so far.
const LASTS: Days = Days::new(400);

impl Comparison {
    /// What [`plan`](crate::plan::plan) is to be given so that the room shows what the server said, before anything is read:
    /// instants, and what is gone. Subjects and answers have to be read ([`Comparison::reread`]). Absent where there is nothing to
    /// mend, and where the view is not believed.
    ///
    /// `known` is what was compared. Where the room has moved on meanwhile, compare again.
    pub fn healing(&self, known: &Known) -> Option<Observed> {
        let mut items: BTreeMap<&ItemId, CalendarItem> = BTreeMap::new();
        let mut deleted = Vec::new();
        for difference in self.differences.iter().filter(|_| !self.suspicious) {
            match &difference.remedy {
                Remedy::Read => (),
                Remedy::Remove(id) => deleted.push(id.clone()),
                Remedy::Override(id, _) | Remedy::Instants(id, _) => {
                    let Some(item) = known.items.get(id) else { continue };
                    mend(items.entry(id).or_insert_with(|| item.clone()), &difference.remedy);
                }
            }
        }
        let observed =
            Observed { items: items.into_values().collect(), deleted, ..Observed::nothing(Coverage::Delta) };
        (!observed.items.is_empty() || !observed.deleted.is_empty()).then_some(observed)
    }
}

fn mend(item: &mut CalendarItem, remedy: &Remedy) {
    match (remedy, &mut item.series) {
        (Remedy::Instants(_, span), None) => (item.start, item.end) = (span.start, span.end),
        (Remedy::Override(_, said), Some(series)) => put(&mut series.overrides, *said),
        _ => (),
    }
}

pub(super) fn put(overrides: &mut Vec<Override>, said: Override) {
    let oldest = said.date.checked_sub_days(LASTS).unwrap_or(said.date);
    overrides.retain(|one| one.date != said.date && one.date >= oldest);
    overrides.push(said);
    overrides.sort_by_key(|one| one.date);
}
