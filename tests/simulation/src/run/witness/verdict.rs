//! Whether what a room shows was so when it claims that it was.

use super::{Claim, Names, Place, WORD, Watched, expected};
use chrono::{DateTime, Utc};
use meeting_model::{clock::Window, display::Displayed};
use std::{cmp::Reverse, collections::BTreeSet};

impl Watched {
    /// Until when what is shown was so, where it is no more. What is private in any room is masked in all at once, also in one
    /// that has not heard that it is gone (rule P5).
    fn was_until(&self, shown: &Displayed, named: &Names) -> Option<DateTime<Utc>> {
        let is_private = |(meeting, _): &Place| {
            meeting.and_then(|meeting| named.get(&meeting)).is_some_and(|named| named.was_private)
        };
        let was_so = self
            .gone
            .iter()
            .filter(|(place, line, _)| line.fits(shown) || (line.fits_masked(shown) && is_private(place)));
        was_so.map(|(.., until)| *until).max()
    }

    /// Whether all is well, and stays so whatever is claimed later; or what is not.
    pub(super) fn verdict(
        &mut self,
        claim: &Claim<'_>,
        inner: Window,
        named: &Names,
    ) -> Result<bool, (&'static str, String)> {
        let mut clean = true;
        let mut found = BTreeSet::new();
        let by_time = expected::by_time(&self.expected);
        let shown = claim.shown.iter().filter(|shown| inner.overlaps(shown.start, shown.end));
        let with_fits = shown.map(|shown| {
            let here = by_time.get(&(shown.start, shown.end)).into_iter().flatten();
            (shown, here.filter(|(_, line)| line.fits(shown)).collect())
        });
        // what can be one thing alone is that, before it is taken for what could be another too
        let mut with_fits: Vec<(_, Vec<_>)> = with_fits.collect();
        with_fits.sort_by_key(|(_, fits)| fits.len());
        for (shown, fits) in with_fits {
            let free = fits.into_iter().filter(|(place, _)| !found.contains(*place));
            // what a room has had the time to learn of is shown rather than what it has not
            let known = free
                .max_by_key(|(place, _)| self.expected.get(*place).map(|one| (one.must, Reverse(one.since))));
            if let Some((place, line)) = known {
                found.insert(**place);
                clean &= self.expected.get(*place).is_some_and(|one| one.must);
                if line.is_exact() && !self.deceits.misdated {
                    let key = self.keys.entry(**place).or_insert_with(|| shown.key.clone());
                    if *key != shown.key {
                        return Err(("a meeting has another key than before", format!("{shown:?}")));
                    }
                }
                continue;
            }
            clean = false;
            let until = self.was_until(shown, named);
            if until.is_none_or(|until| until + WORD < claim.as_of) {
                let says = (shown.title(), shown.location(), expected::ways_of(shown));
                let told = format!("{} to {}: {says:?}", shown.start, shown.end);
                return Err(("what is shown is not so", format!("{told} (it was until {until:?})")));
            }
        }
        for (place, one) in self.expected.iter().filter(|(place, one)| one.must && !found.contains(place)) {
            let line = one.lines.first().filter(|line| inner.overlaps(line.start, line.end));
            let Some(line) = line else { continue };
            clean = false;
            if one.since + WORD < claim.as_of {
                let told = format!("{place:?} since {}: {line:?}", one.since);
                return Err(("what is so is not shown", told));
            }
        }
        Ok(clean)
    }
}
