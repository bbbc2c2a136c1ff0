//! What a room's booking attendant decides, and why (Set-CalendarProcessing).

use chrono::{DateTime, Duration, NaiveDate, Utc};

use super::{RoomNumber, World};
use crate::calendar::Calendar;
use crate::item::{CalendarItem, Mailbox, View};
use crate::{CalendarProcessing, Range};

/// How far ahead the attendant looks for conflicts where the booking window has no end.
const LOOK_AHEAD: Duration = Duration::days(180);

/// The attendant's answer to a request.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The room takes part, but for what is trimmed off a series.
    Accept(Trim),
    /// A delegate decides.
    Hold,
    Decline,
}

/// What of a series the room does not take part in.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Trim {
    pub(super) taken: Vec<NaiveDate>,
    /// The last day of the booking window, where the series goes on beyond it.
    pub(super) ends_on: Option<NaiveDate>,
}

impl Trim {
    pub(super) fn apply(self, item: &mut CalendarItem) {
        item.deleted.extend(self.taken);
        if let (Some(last), Some(series)) = (self.ends_on, &mut item.recurrence) {
            series.range = Range::Until(last);
        }
    }
}

impl World {
    /// What the attendant of a room decides about an item, or about one occurrence of it.
    pub(super) fn verdict(
        &self,
        number: RoomNumber,
        item: &CalendarItem,
        date: Option<NaiveDate>,
        at: DateTime<Utc>,
    ) -> Verdict {
        let Some(room) = self.room(number) else { return Verdict::Decline };
        let (processing, policy) = (&room.processing, &room.policy);
        let listed = |list: &[String]| list.iter().any(|name| names(name, &item.organizer));
        let seats = room.capacity.filter(|_| processing.enforce_capacity);
        let request = Request { processing, seats, calendar: &room.calendar, item, date, at };
        match request.allowed() {
            Some(trim) if processing.all_book_in_policy || listed(&policy.book_in_policy) => {
                Verdict::Accept(trim)
            }
            Some(_) if processing.all_request_in_policy || listed(&policy.request_in_policy) => Verdict::Hold,
            None if processing.all_request_out_of_policy || listed(&policy.request_out_of_policy) => {
                Verdict::Hold
            }
            _ => Verdict::Decline,
        }
    }
}

/// Whether an entry of a list, an address or an alias, is somebody's.
fn names(entry: &str, person: &Mailbox) -> bool {
    let alias = person.address.split_once('@').map_or(person.address.as_str(), |(alias, _)| alias);
    entry.eq_ignore_ascii_case(&person.address) || entry.eq_ignore_ascii_case(alias)
}

/// A request being held against the room's limits.
struct Request<'a> {
    processing: &'a CalendarProcessing,
    /// How many people there may be, its organizer included.
    seats: Option<u32>,
    calendar: &'a Calendar,
    item: &'a CalendarItem,
    date: Option<NaiveDate>,
    at: DateTime<Utc>,
}

impl Request<'_> {
    /// What has to be trimmed off for the room's limits to hold; nothing when they cannot.
    fn allowed(&self) -> Option<Trim> {
        let asked = self.asked();
        let item = self.item;
        let longest = i64::from(self.processing.maximum_duration_in_minutes);
        let length = item.zone.wall(asked.end()) - item.zone.wall(asked.start());
        if longest > 0 && length.num_minutes() > longest {
            return None;
        }
        let people = 1 + item.attendees.len() + item.optional.len();
        if self.seats.is_some_and(|seats| usize::try_from(seats).is_ok_and(|seats| people > seats)) {
            return None;
        }
        let horizon = self.horizon();
        if horizon.is_some_and(|horizon| asked.start() > horizon) {
            return None;
        }
        let Some(series) = item.recurrence.as_ref().filter(|_| self.date.is_none()) else {
            return (self.processing.allow_conflicts || !self.conflicts(&asked)).then(Trim::default);
        };
        let beyond = horizon.filter(|horizon| series.dates().any(|date| item.slot(date).0 > *horizon));
        if beyond.is_some() && self.processing.enforce_scheduling_horizon {
            return None;
        }
        let until = horizon.unwrap_or(self.at + LOOK_AHEAD);
        let taken = self.taken(until)?;
        Some(Trim { taken, ends_on: beyond.map(|horizon| item.zone.date(horizon)) })
    }

    fn asked(&self) -> View<'_> {
        self.date.map_or_else(|| View::whole(self.item), |date| View::occurrence(self.item, date))
    }

    /// Until when the room can be booked.
    fn horizon(&self) -> Option<DateTime<Utc>> {
        self.processing.booking_window_in_days.map(|days| self.at + Duration::days(days.into()))
    }

    fn conflicts(&self, asked: &View<'_>) -> bool {
        let there = self.calendar.view(asked.start(), asked.end());
        there.iter().any(|view| view.item.number != self.item.number && view.blocks())
    }

    /// The occurrences that are taken, unless they are too many.
    fn taken(&self, until: DateTime<Utc>) -> Option<Vec<NaiveDate>> {
        if self.processing.allow_conflicts {
            return Some(Vec::new());
        }
        let all: Vec<View<'_>> =
            self.item.occurrences().take_while(|occurrence| occurrence.start() <= until).collect();
        let conflicting = all.iter().filter(|occurrence| self.conflicts(occurrence));
        let taken: Vec<NaiveDate> = conflicting.filter_map(|occurrence| occurrence.date).collect();
        let CalendarProcessing { conflict_percentage_allowed, maximum_conflict_instances, .. } =
            *self.processing;
        let few = taken.len() <= usize::try_from(maximum_conflict_instances).unwrap_or(usize::MAX);
        let share = all.len() * usize::try_from(conflict_percentage_allowed).unwrap_or(100);
        (few && taken.len() * 100 <= share).then_some(taken)
    }
}
