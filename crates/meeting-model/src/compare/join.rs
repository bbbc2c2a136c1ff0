//! Which occurrence of ours a row of the server's speaks of.

use super::view::{RowKind, ViewRow};
use crate::{
    clock::Window,
    id::ItemId,
    identity::{MeetingId, Slot, meeting_id},
    item::CalendarItem,
    known::Known,
    planner::drafts::{Draft, drafts_of},
    series::{self, Zones},
    subject,
};
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::{BTreeMap, BTreeSet};

/// Ours are looked for so far around the view: an occurrence may have been moved across its edge.
const AROUND: TimeDelta = TimeDelta::days(7);
/// FindItem lists so many characters of a long text, or so many bytes, and no more.
const LISTED: (usize, usize) = (255, 510);

/// Both sides, joined.
pub(super) struct Joined<'a> {
    /// What both have.
    pub(super) pairs: Vec<(Row<'a>, Draft<'a>)>,
    /// What only the server has, and its unexpanded series.
    pub(super) rows: Vec<Row<'a>>,
    /// What only we have.
    pub(super) ours: Vec<Draft<'a>>,
    /// Our calendar.
    pub(super) known: &'a Known,
}

/// A row, and what we would call it.
pub(super) struct Row<'a> {
    pub(super) said: &'a ViewRow,
    /// Its meeting and slot, where the row says enough to tell.
    pub(super) key: Option<(MeetingId, Slot)>,
    /// Our copy of its series.
    pub(super) series: Option<&'a CalendarItem>,
}

impl<'a> Joined<'a> {
    pub(super) fn of(known: &'a Known, rows: &'a [ViewRow], zones: Zones<'_>, span: Window) -> Self {
        let around = Window {
            start: span.start.checked_sub_signed(AROUND).unwrap_or(span.start),
            end: span.end.checked_add_signed(AROUND).unwrap_or(span.end),
        };
        let drafts = known.items.values().flat_map(|item| drafts_of(item, zones, around)).collect();
        let masters = known.items.values().filter(|item| item.series.is_some());
        let masters = masters.map(|item| (meeting_id(item), item)).collect();
        let rows = rows.iter().map(|row| Row::of(row, &masters, zones)).collect();
        joined(known, rows, drafts)
    }
}

impl<'a> Row<'a> {
    fn of(row: &'a ViewRow, masters: &BTreeMap<MeetingId, &'a CalendarItem>, zones: Zones<'_>) -> Self {
        let meeting = row.meeting();
        let master = meeting.as_ref().and_then(|meeting| masters.get(meeting)).copied();
        let slot = match (row.kind, master) {
            (Some(RowKind::RecurringMaster), _) => None,
            (_, None) => (!row.is_occurrence()).then_some(Slot::Whole),
            (Some(RowKind::Single), _) => Some(Slot::Whole),
            (kind, Some(master)) => {
                // An occurrence that keeps to its pattern starts where the pattern says.
                let regular = row.start.filter(|_| kind != Some(RowKind::Exception));
                row.original_start.or(regular).and_then(|start| slot(master, zones, start))
            }
        };
        Self { said: row, key: meeting.zip(slot), series: master }
    }

    /// The civil date of an occurrence of a series of ours.
    pub(super) fn slot_of_series(&self) -> Option<(&'a CalendarItem, chrono::NaiveDate)> {
        match (self.series, &self.key) {
            (Some(series), Some((_, Slot::On(date)))) => Some((series, *date)),
            _ => None,
        }
    }
}

fn slot(master: &CalendarItem, zones: Zones<'_>, original_start: DateTime<Utc>) -> Option<Slot> {
    let series = master.series.as_ref()?;
    Some(Slot::On(series::date_of(master, series, &zones.of(master), original_start)))
}

/// By what a row and an occurrence of ours are taken for the same, the surest first: two copies of a meeting in one
/// calendar share their key.
#[derive(Clone, Copy)]
enum Sign {
    KeyAndIdOrStart,
    Key,
    Id,
    StartAndSubject,
}

const SIGNS: [Sign; 4] = [Sign::KeyAndIdOrStart, Sign::Key, Sign::Id, Sign::StartAndSubject];

fn joined<'a>(known: &'a Known, rows: Vec<Row<'a>>, drafts: Vec<Draft<'a>>) -> Joined<'a> {
    let places = Places::of(&drafts);
    let mut free: BTreeSet<usize> = (0..drafts.len()).collect();
    let mut found: BTreeMap<usize, usize> = BTreeMap::new();
    for sign in SIGNS {
        for (number, row) in rows.iter().enumerate() {
            if found.contains_key(&number) || row.said.kind == Some(RowKind::RecurringMaster) {
                continue;
            }
            let fitting = places.near(sign, row).iter().find(|place| {
                free.contains(place) && drafts.get(**place).is_some_and(|draft| fits(sign, row, draft))
            });
            if let Some(place) = fitting {
                free.remove(place);
                found.insert(number, *place);
            }
        }
    }
    let mut drafts: BTreeMap<usize, Draft<'a>> = drafts.into_iter().enumerate().collect();
    let mut joined = Joined { pairs: Vec::new(), rows: Vec::new(), ours: Vec::new(), known };
    for (number, row) in rows.into_iter().enumerate() {
        match found.get(&number).and_then(|place| drafts.remove(place)) {
            Some(draft) => joined.pairs.push((row, draft)),
            None => joined.rows.push(row),
        }
    }
    joined.ours = drafts.into_values().collect();
    joined
}

/// Where to look for ours.
struct Places {
    keys: BTreeMap<(MeetingId, Slot), Vec<usize>>,
    ids: BTreeMap<ItemId, Vec<usize>>,
    starts: BTreeMap<DateTime<Utc>, Vec<usize>>,
}

impl Places {
    fn of(drafts: &[Draft<'_>]) -> Self {
        let mut places = Self { keys: BTreeMap::new(), ids: BTreeMap::new(), starts: BTreeMap::new() };
        for (place, draft) in drafts.iter().enumerate() {
            places.keys.entry((MeetingId::clone(&draft.meeting), draft.slot)).or_default().push(place);
            places.starts.entry(draft.start).or_default().push(place);
            if let Some(id) = own_id(draft) {
                places.ids.entry(id.clone()).or_default().push(place);
            }
        }
        places
    }

    fn near(&self, sign: Sign, Row { said: row, key, .. }: &Row<'_>) -> &[usize] {
        let near = match sign {
            Sign::KeyAndIdOrStart | Sign::Key => key.as_ref().and_then(|key| self.keys.get(key)),
            Sign::Id => row.item_id.as_ref().and_then(|id| self.ids.get(id)),
            Sign::StartAndSubject => row.start.and_then(|start| self.starts.get(&start)),
        };
        near.map(Vec::as_slice).unwrap_or_default()
    }
}

/// The id of an occurrence itself: of a single meeting, or of an exception that was read.
fn own_id<'a>(draft: &'a Draft<'_>) -> Option<&'a ItemId> {
    let has_own = draft.source.series.is_none() || draft.item.is_own();
    has_own.then_some(&draft.item.item_id)
}

fn fits(sign: Sign, Row { said: row, .. }: &Row<'_>, draft: &Draft<'_>) -> bool {
    match sign {
        Sign::KeyAndIdOrStart => {
            row.start == Some(draft.start) || (row.item_id.is_some() && row.item_id.as_ref() == own_id(draft))
        }
        Sign::Key | Sign::Id => true,
        // Two meetings with different names are not one because they start together.
        Sign::StartAndSubject => {
            row.meeting().is_none_or(|meeting| meeting == *draft.meeting)
                && row.subject.as_ref().map_or(row.end == Some(draft.end), |_| same_subject(row, &draft.item))
        }
    }
}

/// Whether a row tells the subject that an item has, as far as it tells one.
pub(super) fn same_subject(row: &ViewRow, item: &CalendarItem) -> bool {
    let Some(listed) = row.subject.as_deref() else { return true };
    let is_cut = listed.chars().count() >= LISTED.0 || listed.len() >= LISTED.1;
    let (listed, ours) =
        (subject::clean(listed), subject::clean(item.subject.as_deref().unwrap_or_default()));
    if is_cut { ours.starts_with(&listed) } else { ours == listed }
}
