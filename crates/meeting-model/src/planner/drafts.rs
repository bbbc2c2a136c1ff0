//! Every occurrence in the window, with its key (rules I1, I2 and T1).

use super::{Planner, calendar::Calendar, copies};
use crate::{
    clock::Window,
    id::{CalendarNumber, ItemId},
    identity::{MeetingId, MeetingKey, Slot, meeting_id},
    item::CalendarItem,
    series::{self, Zones},
    subject::Wording,
};
use chrono::{DateTime, NaiveDate, Utc};
use std::{
    borrow::Cow,
    cell::OnceCell,
    cmp::{Ordering, Reverse},
    iter::repeat_n,
    ops::Deref,
    rc::Rc,
};

/// An occurrence before anything is decided of it.
pub(crate) struct Draft<'a> {
    /// The meeting it belongs to.
    pub(crate) meeting: Rc<MeetingId>,
    /// Which part of it.
    pub(crate) slot: Slot,
    /// The item of the calendar it comes from.
    pub(crate) source: &'a CalendarItem,
    /// What it says: the item's own words, or those of an exception of it.
    pub(crate) item: Rc<Said<'a>>,
    /// When the pattern would have started it.
    pub(crate) original_start: DateTime<Utc>,
    /// When it starts.
    pub(crate) start: DateTime<Utc>,
    /// When it ends.
    pub(crate) end: DateTime<Utc>,
    /// Its civil dates, where it stands for whole days.
    pub(crate) all_day: Option<(NaiveDate, NaiveDate)>,
}

/// An item, and how it is worded: the same for all occurrences that say nothing of their own.
pub(crate) struct Said<'a> {
    item: Cow<'a, CalendarItem>,
    wording: OnceCell<Wording>,
}

impl<'a> Said<'a> {
    fn of(item: Cow<'a, CalendarItem>) -> Rc<Self> {
        Rc::new(Self { item, wording: OnceCell::new() })
    }

    /// Whether they are those of an exception.
    pub(crate) fn is_own(&self) -> bool {
        matches!(self.item, Cow::Owned(_))
    }
}

impl Deref for Said<'_> {
    type Target = CalendarItem;

    fn deref(&self) -> &CalendarItem {
        &self.item
    }
}

impl Planner<'_> {
    /// How an item is worded, looked at once.
    pub(super) fn wording<'s>(&self, said: &'s Said<'_>) -> &'s Wording {
        said.wording.get_or_init(|| Wording::of(said, self.naming))
    }

    pub(super) fn zones(&self) -> Zones<'_> {
        Zones { database: self.site.zones, room: &self.settings.zone }
    }

    /// Every occurrence in the window with its key, in order of keys.
    pub(super) fn drafts<'a>(&self, items: &'a Calendar<'_>, window: Window) -> Vec<(MeetingKey, Draft<'a>)> {
        let mut drafts: Vec<Draft<'a>> = in_order_of_meetings(items)
            .into_iter()
            .flat_map(|(meeting, item)| drafts_named(meeting, item, self.zones(), window))
            .collect();
        // Rule I2: of those that claim one key and start together one wins; the others stay, in order of start.
        drafts.sort_by(|one, other| by_name(one, other).then_with(|| rank(one).cmp(&rank(other))));
        drafts.dedup_by(|other, one| is_same(one, other) && one.calendar() == other.calendar());
        if self.known.calendars.len() > 1 {
            copies::count_once(&mut drafts);
        }
        let keys: Vec<MeetingKey> = drafts.chunk_by(is_same_name).flat_map(keys).collect();
        // Singles outside the window were kept so far, so that they keep their suffix while the window rolls.
        let mut named: Vec<(MeetingKey, Draft<'a>)> =
            keys.into_iter().zip(drafts).filter(|(_, one)| window.overlaps(one.start, one.end)).collect();
        named.sort_by(|(one, _), (other, _)| one.cmp(other));
        named
    }
}

impl<'a> Draft<'a> {
    /// Which of the room's calendars it comes from.
    pub(super) fn calendar(&self) -> CalendarNumber {
        self.source.item_id.calendar()
    }

    /// A single meeting, or a series by its first occurrence.
    pub(super) fn whole(item: &'a CalendarItem, zones: Zones<'_>) -> Self {
        Self::named(Rc::new(meeting_id(item)), item, zones)
    }

    fn named(meeting: Rc<MeetingId>, item: &'a CalendarItem, zones: Zones<'_>) -> Self {
        let (start, end) = (item.start, item.end.max(item.start));
        Self {
            meeting,
            slot: Slot::Whole,
            source: item,
            item: Said::of(Cow::Borrowed(item)),
            original_start: start,
            start,
            end,
            all_day: item.all_day.then(|| zones.of(item).all_day(start, end)),
        }
    }
}

/// Every occurrence of an item that overlaps the window, and every single meeting.
pub(crate) fn drafts_of<'a>(item: &'a CalendarItem, zones: Zones<'_>, window: Window) -> Vec<Draft<'a>> {
    drafts_named(Rc::new(meeting_id(item)), item, zones, window)
}

fn drafts_named<'a>(
    meeting: Rc<MeetingId>,
    item: &'a CalendarItem,
    zones: Zones<'_>,
    window: Window,
) -> Vec<Draft<'a>> {
    let Some(series) = &item.series else { return vec![Draft::named(meeting, item, zones)] };
    let zone = zones.of(item);
    let said = Said::of(Cow::Borrowed(item));
    series::expand(item, series, &zone, window)
        .into_iter()
        .map(|instance| {
            let (start, end) = (instance.start, instance.end);
            let whole = instance.exception.and_then(|exception| exception.whole(item));
            let all_day = match &whole {
                Some(own) => own.all_day.then(|| zones.of(own).all_day(start, end)),
                None => item.all_day.then(|| zone.all_day(start, end)),
            };
            Draft {
                meeting: Rc::clone(&meeting),
                slot: Slot::On(instance.date),
                source: item,
                item: whole.map_or_else(|| Rc::clone(&said), |own| Said::of(Cow::Owned(own))),
                original_start: instance.original_start,
                start,
                end,
                all_day,
            }
        })
        .collect()
}

/// What is nearly in order is sorted quickly, and a series comes in the order of its dates.
fn in_order_of_meetings<'a>(items: &'a Calendar<'_>) -> Vec<(Rc<MeetingId>, &'a CalendarItem)> {
    let mut named: Vec<_> = items.values().map(|item| (Rc::new(meeting_id(item)), item.as_ref())).collect();
    named.sort_by(|(one, _), (other, _)| one.cmp(other));
    named
}

/// Whether two claim one key. Occurrences of one series share their meeting: its name need not be looked at.
pub(super) fn is_same_name(one: &Draft<'_>, other: &Draft<'_>) -> bool {
    one.slot == other.slot && one.meeting == other.meeting
}

/// Whether two claim one key and start together.
pub(super) fn is_same(one: &Draft<'_>, other: &Draft<'_>) -> bool {
    one.start == other.start && is_same_name(one, other)
}

pub(super) fn by_name(one: &Draft<'_>, other: &Draft<'_>) -> Ordering {
    let is_shared = Rc::ptr_eq(&one.meeting, &other.meeting);
    let meetings = if is_shared { Ordering::Equal } else { one.meeting.cmp(&other.meeting) };
    meetings.then_with(|| one.slot.cmp(&other.slot))
}

/// The keys of all that claim one name.
fn keys(claims: &[Draft<'_>]) -> impl Iterator<Item = MeetingKey> + use<> {
    let key = claims.first().map(|draft| MeetingKey::of(&draft.meeting, draft.slot));
    repeat_n(key, claims.len()).flatten().enumerate().map(|(before, key)| key.nth(before + 1))
}

/// The start, the calendar, and which of two copies there is the newer.
fn rank<'a>(draft: &'a Draft<'_>) -> (DateTime<Utc>, CalendarNumber, Newest<'a>) {
    (draft.start, draft.calendar(), newest(draft))
}

type Newest<'a> = (Reverse<Option<i32>>, Reverse<Option<DateTime<Utc>>>, &'a ItemId);

pub(super) fn newest<'a>(draft: &'a Draft<'_>) -> Newest<'a> {
    (Reverse(draft.item.sequence), Reverse(draft.item.last_modified), &draft.source.item_id)
}
