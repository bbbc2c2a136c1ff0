//! A room's calendar folder: what lies in it, and the log of what happened to it.

use std::collections::{BTreeMap, VecDeque};

use chrono::{DateTime, Duration, NaiveDate, Utc};

use crate::item::{CalendarItem, View};
use crate::meeting::MeetingHandle;
use crate::meeting_request::{FIRST_REQUEST, MeetingRequest};
use crate::stray::{Stray, StrayItem};

/// The event table forgets after 30 days ([MS-OXWSNTIF], Watermark).
const EVENTS_KEPT: Duration = Duration::days(30);

/// What a notification says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EventKind {
    Created(u64),
    Modified(u64),
    Moved {
        from: u64,
        to: u64,
    },
    Deleted(u64),
    FolderModified,
    /// The free/busy times changed with an item.
    FreeBusyChanged(u64),
    /// The mailbox's published free/busy data were written.
    FreeBusyData,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Event {
    pub(crate) watermark: u64,
    pub(crate) at: DateTime<Utc>,
    pub(crate) kind: EventKind,
}

/// The calendar folder of one mailbox, and its Deleted Items.
#[derive(Debug, Clone, Default)]
pub(crate) struct Calendar {
    items: BTreeMap<u64, CalendarItem>,
    discarded: BTreeMap<u64, CalendarItem>,
    strays: BTreeMap<u64, StrayItem>,
    /// The meeting requests that came, of which a newer one of the same takes the place.
    requests: BTreeMap<(MeetingHandle, Option<NaiveDate>), MeetingRequest>,
    last_request: u64,
    events: VecDeque<Event>,
    /// The change numbers of items whose latest change was to an occurrence alone.
    changed_itself: BTreeMap<u64, u64>,
    next_item: u64,
    next_change: u64,
    last_watermark: u64,
    deletions: u32,
    committed_at: Option<DateTime<Utc>>,
}

impl Calendar {
    pub(crate) fn items(&self) -> impl DoubleEndedIterator<Item = &CalendarItem> {
        self.items.values()
    }

    pub(crate) fn len(&self) -> usize {
        self.items.len() + self.strays.len()
    }

    /// What lies in the folder and is no calendar item.
    pub(crate) fn strays(&self) -> impl Iterator<Item = &StrayItem> {
        self.strays.values()
    }

    pub(crate) fn stray(&self, number: u64) -> Option<&StrayItem> {
        self.strays.get(&number)
    }

    /// Whether something of that number lies in the folder.
    pub(crate) fn holds(&self, number: u64) -> bool {
        self.items.contains_key(&number) || self.strays.contains_key(&number)
    }

    pub(crate) fn discarded_len(&self) -> usize {
        self.discarded.len()
    }

    pub(crate) fn item(&self, number: u64) -> Option<&CalendarItem> {
        self.items.get(&number)
    }

    pub(crate) fn discarded(&self, number: u64) -> Option<&CalendarItem> {
        self.discarded.get(&number)
    }

    /// PidTagDeletedCountTotal.
    pub(crate) fn deletions(&self) -> u32 {
        self.deletions
    }

    /// PidTagLocalCommitTimeMax.
    pub(crate) fn committed_at(&self) -> Option<DateTime<Utc>> {
        self.committed_at
    }

    /// Stores an item under a number of its own.
    pub(crate) fn insert(&mut self, mut item: CalendarItem, at: DateTime<Utc>) -> u64 {
        self.next_item += 1;
        item.number = self.next_item;
        item.changed = self.change_number(at);
        let number = item.number;
        self.items.insert(number, item);
        self.log(at, &[EventKind::Created(number), EventKind::FolderModified]);
        self.log_free_busy(at, number);
        number
    }

    /// Stores an item that is no calendar item.
    pub(crate) fn misplace(&mut self, kind: Stray, subject: &str, at: DateTime<Utc>) {
        self.next_item += 1;
        let (number, changed) = (self.next_item, self.change_number(at));
        let subject = subject.to_owned();
        let stray = StrayItem { number, changed, is_read: false, kind, subject, created_at: at };
        self.strays.insert(number, stray);
        self.log(at, &[EventKind::Created(number), EventKind::FolderModified]);
    }

    /// Marks what is no calendar item as read, or as not read.
    pub(crate) fn mark_strays(&mut self, is_read: bool, at: DateTime<Utc>) {
        let others = self.strays.values().filter(|stray| stray.is_read != is_read);
        let others: Vec<u64> = others.map(|stray| stray.number).collect();
        for number in others {
            let changed = self.change_number(at);
            if let Some(stray) = self.strays.get_mut(&number) {
                (stray.changed, stray.is_read) = (changed, is_read);
            }
            self.log(at, &[EventKind::Modified(number), EventKind::FolderModified]);
        }
    }

    /// Removes an item that is no calendar item for good.
    pub(crate) fn remove_stray(&mut self, number: u64, at: DateTime<Utc>) {
        if self.strays.remove(&number).is_some() {
            self.deletions += 1;
            self.change_number(at);
            self.log(at, &[EventKind::Deleted(number), EventKind::FolderModified]);
        }
    }

    /// Edits an item; every edit has a new change number.
    pub(crate) fn edit(&mut self, number: u64, at: DateTime<Utc>, edit: impl FnOnce(&mut CalendarItem)) {
        let changed = self.change_number(at);
        if let Some(item) = self.items.get_mut(&number) {
            let (before, before_times) = (item.clone(), busy_times(item));
            edit(item);
            if item.differs_in_occurrences_alone(&before) {
                self.changed_itself.entry(number).or_insert(before.changed);
            } else {
                self.changed_itself.remove(&number);
            }
            item.changed = changed;
            item.modified_at = at;
            let other_times = busy_times(item) != before_times;
            self.log(at, &[EventKind::Modified(number), EventKind::FolderModified]);
            if other_times {
                self.log_free_busy(at, number);
            }
        }
    }

    /// Removes an item for good.
    pub(crate) fn delete(&mut self, number: u64, at: DateTime<Utc>) -> Option<CalendarItem> {
        let item = self.items.remove(&number)?;
        self.deletions += 1;
        self.change_number(at);
        self.log(at, &[EventKind::Deleted(number), EventKind::FolderModified]);
        self.log_free_busy(at, number);
        Some(item)
    }

    /// Moves an item to Deleted Items, where it has another number and so another id.
    pub(crate) fn discard(&mut self, number: u64, at: DateTime<Utc>) -> Option<CalendarItem> {
        let mut item = self.items.remove(&number)?;
        self.deletions += 1;
        self.next_item += 1;
        item.number = self.next_item;
        item.changed = self.change_number(at);
        self.discarded.insert(item.number, item.clone());
        self.log(at, &[EventKind::Moved { from: number, to: item.number }, EventKind::FolderModified]);
        self.log_free_busy(at, number);
        Some(item)
    }

    /// Moves an item to where only an administrator finds it.
    pub(crate) fn soft_delete(&mut self, number: u64, at: DateTime<Utc>) -> Option<CalendarItem> {
        let item = self.discard(number, at)?;
        self.purge(item.number)
    }

    /// Removes an item from Deleted Items for good.
    pub(crate) fn purge(&mut self, number: u64) -> Option<CalendarItem> {
        self.discarded.remove(&number)
    }

    /// What lies in Deleted Items.
    pub(crate) fn all_discarded(&self) -> impl DoubleEndedIterator<Item = &CalendarItem> {
        self.discarded.values()
    }

    /// Puts a request into the Inbox.
    pub(crate) fn receive(&mut self, about: (MeetingHandle, Option<NaiveDate>), mut sent: CalendarItem) {
        self.last_request += 1;
        sent.number = FIRST_REQUEST + self.last_request;
        self.requests.insert(about, MeetingRequest { sent, date: about.1, answered: false });
    }

    /// Moves a request to Deleted Items.
    pub(crate) fn answer(&mut self, about: (MeetingHandle, Option<NaiveDate>)) {
        if let Some(request) = self.requests.get_mut(&about) {
            request.answered = true;
        }
    }

    /// The requests that lie in Deleted Items, where they were answered, or in the Inbox, in the order in which they came.
    pub(crate) fn requests(&self, answered: bool) -> Vec<&MeetingRequest> {
        let mut requests: Vec<_> =
            self.requests.values().filter(|request| request.answered == answered).collect();
        requests.sort_by_key(|request| request.sent.number);
        requests
    }

    /// What overlaps a span, expanded, in order of start.
    pub(crate) fn view(&self, from: DateTime<Utc>, until: DateTime<Utc>) -> Vec<View<'_>> {
        let mut views: Vec<View<'_>> = self.items().flat_map(|item| item.within(from, until)).collect();
        views.sort_by_key(|view| (view.start(), view.item.number));
        views
    }

    /// What touches a span, both ends included, as it lies in the folder: a master by its first occurrence.
    pub(crate) fn unexpanded(&self, from: DateTime<Utc>, until: DateTime<Utc>) -> Vec<View<'_>> {
        self.items().filter(|item| item.start <= until && item.end >= from).map(View::whole).collect()
    }

    /// The change number of an item's last change that was not one of its occurrences alone.
    pub(crate) fn changed_itself(&self, item: &CalendarItem) -> u64 {
        self.changed_itself.get(&item.number).copied().unwrap_or(item.changed)
    }

    /// The newest watermark.
    pub(crate) fn last_watermark(&self) -> u64 {
        self.last_watermark
    }

    /// Whether the event table still reaches back to a watermark.
    pub(crate) fn remembers(&self, watermark: u64) -> bool {
        let oldest = self.events.front().map_or(self.last_watermark + 1, |event| event.watermark);
        watermark + 1 >= oldest && watermark <= self.last_watermark
    }

    /// The events after a watermark.
    pub(crate) fn events_after(&self, watermark: u64) -> impl Iterator<Item = &Event> {
        let start = self.events.partition_point(|event| event.watermark <= watermark);
        self.events.range(start..)
    }

    fn change_number(&mut self, at: DateTime<Utc>) -> u64 {
        self.next_change += 1;
        self.committed_at = self.committed_at.max(Some(at));
        self.next_change
    }

    fn log_free_busy(&mut self, at: DateTime<Utc>, number: u64) {
        self.log(at, &[EventKind::FreeBusyChanged(number), EventKind::FreeBusyData]);
    }

    fn log(&mut self, at: DateTime<Utc>, kinds: &[EventKind]) {
        while self.events.front().is_some_and(|event| at - event.at > EVENTS_KEPT) {
            self.events.pop_front();
        }
        for kind in kinds {
            self.last_watermark += 1;
            self.events.push_back(Event { watermark: self.last_watermark, at, kind: *kind });
        }
    }
}

/// All that an item's free/busy times follow from.
fn busy_times(item: &CalendarItem) -> impl PartialEq + use<> {
    let CalendarItem { start, end, show_as, .. } = *item;
    (start, end, show_as, item.recurrence.clone(), item.exceptions.clone(), item.deleted.clone())
}
