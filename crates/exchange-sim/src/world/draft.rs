//! What somebody writes into a calendar with rights of their own: new items, changes, removals.
//!
//! What an organizer writes is the meeting itself; what anybody else writes changes one copy of it.

use std::sync::Arc;

use chrono::{DateTime, Days, NaiveDate, NaiveTime, Utc};

use super::{RoomNumber, What, World};
use crate::item::{CalendarItem, Exception, FreeBusy, Mailbox, Sensitivity, View};
use crate::meeting::{Meeting, MeetingHandle};
use crate::particulars::Particulars;
use crate::{GlobalObjectId, Recurrence, Zone};

/// All of an item that can be written.
#[derive(Debug, Clone)]
pub(crate) struct Draft {
    pub(crate) subject: String,
    pub(crate) body: String,
    pub(crate) location: String,
    pub(crate) sensitivity: Sensitivity,
    pub(crate) show_as: FreeBusy,
    pub(crate) start: DateTime<Utc>,
    pub(crate) end: DateTime<Utc>,
    pub(crate) zone: Zone,
    pub(crate) all_day: bool,
    pub(crate) recurrence: Option<Recurrence>,
    pub(crate) required: Vec<Mailbox>,
    pub(crate) optional: Vec<Mailbox>,
    pub(crate) resources: Vec<Mailbox>,
    pub(crate) particulars: Arc<Particulars>,
    /// The UID of a new item that another calendar made up.
    pub(crate) uid: Option<String>,
}

/// Who is told of what an organizer does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Audience {
    Nobody,
    /// Those who are invited now and were not before, and those who are not any more.
    Changed,
    Everybody,
}

/// How an item leaves its folder ([MS-OXWSCORE] DisposalType).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Disposal {
    HardDelete,
    SoftDelete,
    MoveToDeletedItems,
}

impl Draft {
    /// An empty item between two instants.
    pub(crate) fn new(start: DateTime<Utc>, end: DateTime<Utc>, zone: Zone) -> Self {
        Self {
            subject: String::new(),
            body: String::new(),
            location: String::new(),
            sensitivity: Sensitivity::Normal,
            show_as: FreeBusy::Busy,
            start,
            end,
            zone,
            all_day: false,
            recurrence: None,
            required: Vec::new(),
            optional: Vec::new(),
            resources: Vec::new(),
            particulars: Particulars::none(),
            uid: None,
        }
    }

    /// What an item, or an occurrence, says already.
    pub(crate) fn of(view: &View<'_>) -> Self {
        let item = view.item;
        Self {
            subject: view.subject().to_owned(),
            body: view.body().to_owned(),
            location: view.location().to_owned(),
            sensitivity: view.sensitivity(),
            show_as: view.show_as(),
            start: view.start(),
            end: view.end(),
            zone: item.zone.clone(),
            all_day: item.all_day,
            recurrence: item.recurrence.clone().filter(|_| view.date.is_none()),
            required: item.attendees.clone(),
            optional: item.optional.clone(),
            resources: item.resources.clone(),
            particulars: Arc::clone(view.particulars()),
            uid: None,
        }
    }

    /// The same with the times that follow: whole days last from midnight to midnight, and a series begins
    /// with the first day of its pattern.
    pub(crate) fn settled(mut self) -> Self {
        let (mut first, mut last) = (self.zone.wall(self.start), self.zone.wall(self.end));
        if self.all_day {
            first = first.date().and_time(NaiveTime::MIN);
            if last.time() != NaiveTime::MIN || last <= first {
                last = (last.date() + Days::new(1)).and_time(NaiveTime::MIN);
            }
        }
        if let Some(day) = self.recurrence.as_ref().and_then(|series| series.dates().next()) {
            let length = last - first;
            first = day.and_time(first.time());
            last = first + length;
        }
        if self.all_day || self.recurrence.is_some() {
            (self.start, self.end) = (self.zone.instant(first), self.zone.instant(last));
        }
        self
    }

    fn invited(&self) -> impl Iterator<Item = &Mailbox> {
        self.required.iter().chain(&self.optional).chain(&self.resources)
    }

    /// Writes it into a meeting; a series that takes place at other times loses its exceptions.
    fn into_meeting(self, meeting: &mut Meeting) {
        let times = (meeting.start, meeting.end, meeting.recurrence.clone());
        if times != (self.start, self.end, self.recurrence.clone()) {
            meeting.exceptions.clear();
        }
        meeting.subject = self.subject;
        meeting.body = self.body;
        meeting.location = Some(self.location);
        meeting.sensitivity = self.sensitivity;
        meeting.show_as = self.show_as;
        (meeting.start, meeting.end, meeting.zone) = (self.start, self.end, self.zone);
        meeting.all_day = self.all_day;
        meeting.recurrence = self.recurrence;
        meeting.attendees = self.required;
        meeting.optional = self.optional;
        meeting.resources = self.resources;
        meeting.particulars = self.particulars;
    }

    fn into_item(self, item: &mut CalendarItem) {
        item.subject = self.subject;
        item.body = self.body;
        item.location = self.location;
        item.sensitivity = self.sensitivity;
        item.show_as = self.show_as;
        (item.start, item.end, item.zone) = (self.start, self.end, self.zone);
        item.all_day = self.all_day;
        item.particulars = self.particulars;
        if item.recurrence != self.recurrence {
            item.exceptions.clear();
            item.deleted.clear();
        }
        item.recurrence = self.recurrence;
    }

    /// Writes what differs from the series into an exception.
    fn into_exception(self, series: &Self, exception: &mut Exception) {
        (exception.start, exception.end) = (self.start, self.end);
        exception.subject = (self.subject != series.subject).then_some(self.subject);
        exception.body = (self.body != series.body).then_some(self.body);
        exception.location = (self.location != series.location).then_some(self.location);
        exception.sensitivity = (self.sensitivity != series.sensitivity).then_some(self.sensitivity);
        exception.show_as = (self.show_as != series.show_as).then_some(self.show_as);
        exception.particulars = (self.particulars != series.particulars).then_some(self.particulars);
    }
}

impl World {
    /// Writes a new item into a mailbox's calendar, with its owner as organizer; returns the item's number.
    pub(crate) fn compose(&mut self, owner: RoomNumber, draft: Draft, audience: Audience) -> Option<u64> {
        let at = self.now;
        let organizer = self.room(owner)?.mailbox.clone();
        let own = GlobalObjectId::new(&mut self.dice, at);
        let mut meeting = Meeting {
            id: draft.uid.as_deref().map_or(own, GlobalObjectId::foreign),
            organizer,
            attendees: Vec::new(),
            optional: Vec::new(),
            resources: Vec::new(),
            sent: audience != Audience::Nobody && draft.invited().next().is_some(),
            rooms: self.mailboxes_of(owner, &draft),
            subject: String::new(),
            body: String::new(),
            attached: false,
            location: None,
            join_url: None,
            particulars: Particulars::none(),
            sensitivity: Sensitivity::Normal,
            show_as: FreeBusy::Busy,
            start: draft.start,
            end: draft.end,
            zone: draft.zone.clone(),
            all_day: false,
            recurrence: None,
            exceptions: std::collections::BTreeMap::new(),
            sequence: 0,
            cancelled: false,
        };
        draft.into_meeting(&mut meeting);
        let handle = self.enter(meeting);
        let mailboxes = self.meetings.get(&handle).map(|meeting| meeting.rooms.clone()).unwrap_or_default();
        for mailbox in mailboxes {
            if mailbox == owner || audience != Audience::Nobody {
                self.deliver((mailbox, handle, None), at, What::Created);
            }
        }
        self.copy(owner, handle).map(|item| item.number)
    }

    /// Writes changes to an item, or to one occurrence of it.
    pub(crate) fn revise(
        &mut self,
        (owner, number, date): (RoomNumber, u64, Option<NaiveDate>),
        draft: Draft,
        audience: Audience,
    ) {
        let at = self.now;
        let Some(item) = self.room(owner).and_then(|room| room.calendar.item(number)) else { return };
        let series = Draft::of(&View::whole(item));
        match (item.meeting.filter(|_| item.is_own()), date) {
            (Some(meeting), None) => self.revise_meeting(owner, meeting, draft, audience),
            (Some(meeting), Some(date)) => {
                self.revise_occurrence((owner, meeting, date), &series, draft, audience);
            }
            (None, None) => self.edit(owner, number, at, |item| draft.into_item(item)),
            (None, Some(date)) => self.edit(owner, number, at, |item| {
                let plain = Exception::plain(item.slot(date));
                draft.into_exception(&series, item.exceptions.entry(date).or_insert(plain));
            }),
        }
    }

    fn revise_meeting(&mut self, owner: RoomNumber, handle: MeetingHandle, draft: Draft, audience: Audience) {
        let at = self.now;
        let mailboxes = self.mailboxes_of(owner, &draft);
        self.learn_zone(&draft.zone.clone());
        let Some(meeting) = self.meetings.get_mut(&handle) else { return };
        let moves = (meeting.start, meeting.end) != (draft.start, draft.end);
        let before = std::mem::replace(&mut meeting.rooms, mailboxes.clone());
        draft.into_meeting(meeting);
        meeting.sequence += 1;
        meeting.sent |= audience != Audience::Nobody;
        let what = if moves { What::Moved } else { What::Renamed };
        for mailbox in before.iter().filter(|_| audience != Audience::Nobody) {
            if !mailboxes.contains(mailbox) {
                self.cancel_copy(*mailbox, handle, at);
            }
        }
        for mailbox in mailboxes {
            let told = match audience {
                Audience::Nobody => false,
                Audience::Changed => !before.contains(&mailbox),
                Audience::Everybody => true,
            };
            if told || mailbox == owner {
                self.deliver((mailbox, handle, None), at, what);
            }
        }
    }

    fn revise_occurrence(
        &mut self,
        (owner, handle, date): (RoomNumber, MeetingHandle, NaiveDate),
        series: &Draft,
        draft: Draft,
        audience: Audience,
    ) {
        let at = self.now;
        let Some(meeting) = self.meetings.get_mut(&handle) else { return };
        let slot = meeting.slot(date);
        let moves = slot != (draft.start, draft.end);
        let exception = meeting.exceptions.entry(date).or_insert_with(|| Exception::plain(slot));
        draft.into_exception(series, exception);
        meeting.sequence += 1;
        let what = if moves { What::Moved } else { What::Renamed };
        for mailbox in meeting.rooms.clone() {
            if mailbox == owner || audience == Audience::Everybody {
                self.remembers((mailbox, handle, Some(date)));
                self.deliver((mailbox, handle, Some(date)), at, what);
            }
        }
    }

    /// Takes an item out of a calendar. When its organizer does so and tells, the meeting is called off.
    pub(crate) fn remove(
        &mut self,
        owner: RoomNumber,
        number: u64,
        how: Disposal,
        tell: bool,
    ) -> Option<u64> {
        let at = self.now;
        let room = self.room_mut(owner)?;
        let removed = match how {
            Disposal::HardDelete => room.calendar.delete(number, at),
            Disposal::SoftDelete => room.calendar.soft_delete(number, at),
            Disposal::MoveToDeletedItems => room.calendar.discard(number, at),
        }?;
        if let Some(meeting) = removed.meeting {
            self.hides((owner, meeting, None), at, What::Deleted);
            if removed.is_own() && tell {
                // The handle came from an item, so the meeting is known.
                let _ = self.cancel(meeting, at);
            }
        }
        Some(removed.number)
    }

    /// Removes an item from Deleted Items, unless it is only to be moved to where it is.
    pub(crate) fn purge(&mut self, owner: RoomNumber, number: u64, stays: bool) -> bool {
        let Some(calendar) = self.room_mut(owner).map(|room| &mut room.calendar) else { return false };
        if stays { calendar.discarded(number).is_some() } else { calendar.purge(number).is_some() }
    }

    /// Moves an item from Deleted Items back into the calendar, where it has another number.
    pub(crate) fn restore(&mut self, owner: RoomNumber, number: u64) -> Option<u64> {
        let at = self.now;
        let calendar = &mut self.room_mut(owner)?.calendar;
        let item = calendar.purge(number)?;
        let meeting = item.meeting;
        let number = calendar.insert(item, at);
        if let Some(meeting) = meeting {
            self.shows((owner, meeting, None), at, What::Created);
        }
        Some(number)
    }

    /// Takes one occurrence out of a series.
    pub(crate) fn remove_occurrence(&mut self, owner: RoomNumber, number: u64, date: NaiveDate, tell: bool) {
        let at = self.now;
        let Some(item) = self.room(owner).and_then(|room| room.calendar.item(number)) else { return };
        let meeting = item.meeting;
        if let Some(meeting) = meeting.filter(|_| item.is_own() && tell) {
            // The date was that of an occurrence.
            let _ = self.cancel_occurrence(meeting, date, at);
            return;
        }
        if let Some(meeting) = meeting {
            self.remembers((owner, meeting, Some(date)));
        }
        self.edit(owner, number, at, |item| {
            item.exceptions.remove(&date);
            item.deleted.insert(date);
        });
        if let Some(meeting) = meeting {
            self.hides((owner, meeting, Some(date)), at, What::Deleted);
        }
    }

    /// The mailboxes of this organization that a draft is for, its owner's first.
    fn mailboxes_of(&self, owner: RoomNumber, draft: &Draft) -> Vec<RoomNumber> {
        let mut mailboxes = vec![owner];
        for invited in draft.invited() {
            if let Ok(number) = self.room_number(&invited.address)
                && !mailboxes.contains(&number)
            {
                mailboxes.push(number);
            }
        }
        mailboxes
    }
}
