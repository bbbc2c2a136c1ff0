//! Whether a room shows the same when its calendar is read elsewhere: over another protocol, from another server.
//!
//! Both sides have gone through the same rules before: [`join`] holds what a room would show against what it shows. They are
//! joined by their keys, which are the clean GlobalObjectId and the original start (rule I1); what has no such name on one
//! side is joined by what it says, softly.

use crate::{clock::Window, identity::MeetingKey, plan::PlannedOccurrence};
use chrono::{DateTime, Utc};
use std::collections::BTreeMap;

/// A room's occurrences, by their keys.
pub type Occurrences = BTreeMap<MeetingKey, PlannedOccurrence>;

/// What a room shows, held against what it would show.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Joined {
    /// How many occurrences are the same on both sides.
    pub matched: usize,
    /// How many of those have another key there, and were joined by what they say.
    pub soft: usize,
    /// The others, in order of start.
    pub mismatches: Vec<Mismatch>,
}

/// An occurrence that is not the same on both sides: it is on one of them only, or at another time, or shown otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mismatch {
    /// As it is; absent where it would come.
    pub before: Option<PlannedOccurrence>,
    /// As it would be; absent where it would go.
    pub after: Option<PlannedOccurrence>,
}

impl Mismatch {
    /// When the occurrence takes place, as it is where it is.
    fn begins(&self) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
        self.before.as_ref().or(self.after.as_ref()).map(|one| (one.start, one.end))
    }
}

impl Joined {
    /// How many occurrences there are on either side.
    pub fn total(&self) -> usize {
        self.matched + self.mismatches.len()
    }

    /// Whether at most this share of all does not match, in hundredths of a percent.
    pub fn is_within(&self, share: u32) -> bool {
        let (differ, total) = (self.mismatches.len() as u128, self.total() as u128);
        differ * 10_000 <= total * u128::from(share)
    }
}

/// Holds what a room would show (`after`) against what it shows (`before`), within a span that both sides know.
pub fn join(before: &Occurrences, after: &Occurrences, within: Window) -> Joined {
    let inside = |one: &&PlannedOccurrence| within.overlaps(one.start, one.end);
    let mut there: BTreeMap<&MeetingKey, &PlannedOccurrence> = after.iter().collect();
    let mut joined = Joined::default();
    let mut alone = Vec::new();
    for (key, one) in before {
        match there.remove(key) {
            // moved across the edge of the span, it is no less the same meeting
            Some(other) if inside(&one) || inside(&other) => joined.pair(one, other),
            None if inside(&one) => alone.push(one),
            _ => {}
        }
    }
    let mut strangers: Vec<_> = there.into_values().filter(inside).collect();
    for one in alone {
        match strangers.iter().position(|other| says_the_same(one, other)) {
            Some(place) => {
                strangers.swap_remove(place);
                joined.matched += 1;
                joined.soft += 1;
            }
            None => joined.mismatches.push(Mismatch { before: Some(one.clone()), after: None }),
        }
    }
    let extra = strangers.into_iter().map(|one| Mismatch { before: None, after: Some(one.clone()) });
    joined.mismatches.extend(extra);
    joined.mismatches.sort_by_key(Mismatch::begins);
    joined
}

impl Joined {
    fn pair(&mut self, before: &PlannedOccurrence, after: &PlannedOccurrence) {
        if says_the_same(before, after) {
            self.matched += 1;
        } else {
            self.mismatches.push(Mismatch { before: Some(before.clone()), after: Some(after.clone()) });
        }
    }
}

/// Whether whoever stands before a display would take them for the same: when it is, and what it is called. What one protocol
/// knows of and the other does not, as how to join, is no reason to doubt.
fn says_the_same(one: &PlannedOccurrence, other: &PlannedOccurrence) -> bool {
    span(one) == span(other) && shown(one) == shown(other)
}

/// What it is called, and whether it is private, stands for whole days, or is tentative; nothing where it is hidden.
fn shown(one: &PlannedOccurrence) -> Option<(&str, bool, bool, bool)> {
    let shown = one.displayed.as_ref()?;
    Some((shown.title(), shown.is_private(), shown.all_day.is_some(), shown.tentative))
}

fn span(one: &PlannedOccurrence) -> Window {
    Window { start: one.start, end: one.end }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        clock::Now,
        example::{meeting, settings, utc},
        id::{ItemId, RoomId},
        item::{CalendarItem, Response},
        known::Known,
        observed::{Coverage, Observed},
        plan::{Site, plan},
        privacy::SiteSecret,
        zone::ZoneDatabase,
    };
    use std::time::Duration;

    fn week() -> Window {
        Window { start: utc("2026-03-02T00:00:00Z"), end: utc("2026-03-09T00:00:00Z") }
    }

    /// What a room makes of these items.
    fn occurrences(items: &[CalendarItem]) -> Occurrences {
        let observed = Observed { items: items.to_vec(), ..Observed::nothing(Coverage::Delta) };
        let (secret, zones) = (SiteSecret::new([1; 32]), ZoneDatabase::bundled());
        let site = Site { secret: &secret, zones: &zones };
        let now = Now { wall: utc("2026-03-02T07:00:00Z"), mono: Duration::ZERO };
        let mut known = Known::default();
        let planned = plan(&RoomId::new("room"), &known, Some(&observed), &settings(), site, now);
        known.carry_out(&planned);
        known.occurrences
    }

    fn monday() -> CalendarItem {
        meeting("monday", "2026-03-02T09:00:00Z")
    }

    #[test]
    fn another_protocol_s_ids_change_nothing() {
        let there = CalendarItem { item_id: ItemId::new("over ews"), ..monday() };
        let joined = join(&occurrences(&[monday()]), &occurrences(&[there]), week());
        assert_eq!(joined, Joined { matched: 1, soft: 0, mismatches: Vec::new() });
        assert!(joined.is_within(0));
    }

    #[test]
    fn what_has_no_name_there_is_joined_by_what_it_says() {
        let nameless = CalendarItem { clean_global_object_id: None, uid: None, ..monday() };
        let joined = join(&occurrences(&[nameless]), &occurrences(&[monday()]), week());
        assert_eq!((joined.matched, joined.soft), (1, 1));
    }

    #[test]
    fn what_goes_comes_moves_or_is_called_otherwise_is_told() {
        let tuesday = || meeting("tuesday", "2026-03-03T09:00:00Z");
        let moved = || CalendarItem { start: utc("2026-03-02T08:30:00Z"), ..monday() };
        let renamed = || CalendarItem { subject: Some("Something else".to_owned()), ..monday() };
        let hidden = || CalendarItem { response: Response::Decline, ..monday() };
        for (here, there, sides) in [
            (vec![monday(), tuesday()], vec![tuesday()], (true, false)),
            (vec![tuesday()], vec![tuesday(), monday()], (false, true)),
            (vec![monday(), tuesday()], vec![moved(), tuesday()], (true, true)),
            (vec![monday(), tuesday()], vec![renamed(), tuesday()], (true, true)),
            (vec![monday(), tuesday()], vec![hidden(), tuesday()], (true, true)),
        ] {
            let joined = join(&occurrences(&here), &occurrences(&there), week());
            let found: Vec<_> =
                joined.mismatches.iter().map(|one| (one.before.is_some(), one.after.is_some())).collect();
            assert_eq!((joined.matched, found), (1, vec![sides]), "{joined:?}");
            assert!(joined.is_within(5_000) && !joined.is_within(4_999), "one of two is half of all");
        }
    }

    #[test]
    fn what_lies_outside_the_span_is_no_mismatch() {
        let later = meeting("later", "2026-03-20T09:00:00Z");
        let joined = join(&occurrences(&[monday()]), &occurrences(&[monday(), later]), week());
        assert_eq!(joined, Joined { matched: 1, soft: 0, mismatches: Vec::new() });
    }
}
