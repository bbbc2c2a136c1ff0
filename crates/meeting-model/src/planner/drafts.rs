//! Every occurrence in the window, with its key (rules I1, I2 and T1).

use super::{Planner, calendar::Calendar};
use crate::{
    clock::Window,
    id::ItemId,
    identity::{MeetingId, MeetingKey, Slot, meeting_id},
    item::CalendarItem,
    series::{self, Zones},
};
use chrono::{DateTime, NaiveDate, Utc};
use std::{borrow::Cow, cmp::Reverse, collections::BTreeMap};

/// An occurrence before anything is decided of it.
pub(crate) struct Draft<'a> {
    /// The meeting it belongs to.
    pub(crate) meeting: MeetingId,
    /// Which part of it.
    pub(crate) slot: Slot,
    /// The item of the calendar it comes from.
    pub(crate) source: &'a CalendarItem,
    /// What it says: the item's own words, or those of an exception of it.
    pub(crate) item: Cow<'a, CalendarItem>,
    /// When the pattern would have started it.
    pub(crate) original_start: DateTime<Utc>,
    /// When it starts.
    pub(crate) start: DateTime<Utc>,
    /// When it ends.
    pub(crate) end: DateTime<Utc>,
    /// Its civil dates, where it stands for whole days.
    pub(crate) all_day: Option<(NaiveDate, NaiveDate)>,
}

impl Planner<'_> {
    pub(super) fn zones(&self) -> Zones<'_> {
        Zones { database: self.site.zones, room: &self.settings.zone }
    }

    /// Every occurrence in the window by its key.
    pub(super) fn drafts<'a>(
        &self,
        items: &'a Calendar<'_>,
        window: Window,
    ) -> BTreeMap<MeetingKey, Draft<'a>> {
        let mut claims: BTreeMap<(MeetingId, Slot), Vec<Draft<'a>>> = BTreeMap::new();
        for item in items.values() {
            for draft in drafts_of(item, self.zones(), window) {
                claims.entry((draft.meeting.clone(), draft.slot)).or_default().push(draft);
            }
        }
        let named = claims.into_iter().flat_map(|((meeting, slot), drafts)| {
            let key = MeetingKey::of(&meeting, slot);
            (1..).map(move |nth| key.clone().nth(nth)).zip(settled(drafts))
        });
        // Singles outside the window were kept so far, so that they keep their suffix while the window rolls.
        named.filter(|(_, draft)| window.overlaps(draft.start, draft.end)).collect()
    }
}

impl<'a> Draft<'a> {
    /// A single meeting, or a series by its first occurrence.
    pub(super) fn whole(item: &'a CalendarItem, zones: Zones<'_>) -> Self {
        let (start, end) = (item.start, item.end.max(item.start));
        Self {
            meeting: meeting_id(item),
            slot: Slot::Whole,
            source: item,
            item: Cow::Borrowed(item),
            original_start: start,
            start,
            end,
            all_day: item.all_day.then(|| zones.of(item).all_day(start, end)),
        }
    }
}

/// Every occurrence of an item that overlaps the window, and every single meeting.
pub(crate) fn drafts_of<'a>(item: &'a CalendarItem, zones: Zones<'_>, window: Window) -> Vec<Draft<'a>> {
    let Some(series) = &item.series else { return vec![Draft::whole(item, zones)] };
    let (meeting, zone) = (meeting_id(item), zones.of(item));
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
                meeting: meeting.clone(),
                slot: Slot::On(instance.date),
                source: item,
                item: whole.map_or(Cow::Borrowed(item), Cow::Owned),
                original_start: instance.original_start,
                start,
                end,
                all_day,
            }
        })
        .collect()
}

/// Rule I2: of those that claim one key and start together one wins; the others stay, in order of start.
fn settled(mut drafts: Vec<Draft<'_>>) -> Vec<Draft<'_>> {
    drafts.sort_by(|one, other| rank(one).cmp(&rank(other)));
    drafts.dedup_by_key(|draft| draft.start);
    drafts
}

type Rank<'a> = (DateTime<Utc>, Reverse<Option<i32>>, Reverse<Option<DateTime<Utc>>>, &'a ItemId);

fn rank<'a>(draft: &'a Draft<'_>) -> Rank<'a> {
    let item = &draft.item;
    (draft.start, Reverse(item.sequence), Reverse(item.last_modified), &draft.source.item_id)
}
