//! The server wins.

use super::{Comparison, Remedy};
use crate::{
    id::ItemId,
    item::{CalendarItem, Override},
    known::Known,
    observed::{Coverage, Observed},
};
use chrono::Days;
use std::collections::{BTreeMap, BTreeSet};

/// An override that lies so many days before a new one is no longer of use: no window reaches back so far.
const LASTS: Days = Days::new(400);

impl Comparison {
    /// What [`plan`](crate::plan::plan) is to be given so that the room shows nothing any more that the server said to be gone,
    /// before anything is read. All else has to be read ([`Comparison::reread`]): what takes place at another time may be called
    /// otherwise, be elsewhere or be joined otherwise by now, and of that a view says little. Absent where there is nothing to
    /// mend, and where the view is not believed.
    ///
    /// `known` is what was compared. Where the room has moved on meanwhile, compare again.
    pub fn removal(&self, known: &Known) -> Option<Observed> {
        self.mended(known, Remedy::removes)
    }

    /// What [`plan`](crate::plan::plan) is to be given so that the room shows the server's instants: of those items only that were
    /// read since the view was taken and are `as_they_were`, for whatever else they say was so then. Absent as above.
    ///
    /// `known` is what was compared, after that was read.
    pub fn instants(&self, known: &Known, as_they_were: &BTreeSet<ItemId>) -> Option<Observed> {
        self.mended(known, |remedy| remedy.moves().is_some_and(|item| as_they_were.contains(item)))
    }

    fn mended(&self, known: &Known, wanted: impl Fn(&Remedy) -> bool) -> Option<Observed> {
        let mut items: BTreeMap<&ItemId, CalendarItem> = BTreeMap::new();
        let mut deleted = Vec::new();
        let remedies =
            self.differences.iter().filter(|_| !self.suspicious).map(|difference| &difference.remedy);
        for remedy in remedies.filter(|remedy| wanted(remedy)) {
            match remedy {
                Remedy::Read => (),
                Remedy::Remove(id) => deleted.push(id.clone()),
                Remedy::Override(id, _) | Remedy::Instants(id, _) => {
                    let Some(item) = known.items.get(id) else { continue };
                    mend(items.entry(id).or_insert_with(|| item.clone()), remedy);
                }
            }
        }
        let observed =
            Observed { items: items.into_values().collect(), deleted, ..Observed::nothing(Coverage::Delta) };
        (!observed.items.is_empty() || !observed.deleted.is_empty()).then_some(observed)
    }
}

impl Remedy {
    /// Whether something is gone by it.
    fn removes(&self) -> bool {
        matches!(self, Self::Remove(_) | Self::Override(_, Override { span: None, .. }))
    }

    /// The item of which something takes place at another time by it.
    fn moves(&self) -> Option<&ItemId> {
        match self {
            Self::Override(item, Override { span: Some(_), .. }) | Self::Instants(item, _) => Some(item),
            _ => None,
        }
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
