//! The log of what rooms should show differently, for measuring how soon and whether displays followed.

use std::collections::VecDeque;

use chrono::{DateTime, NaiveDate, Utc};

use super::{RoomNumber, World};
use crate::item::{ResponseType, Sensitivity, View};
use crate::meeting::MeetingHandle;
use crate::room::MailboxKind;

/// How many changes are remembered: hours of them, in two or three megabytes.
const REMEMBERED: usize = 10_000;

/// What somebody did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum What {
    /// A new meeting was accepted, or a booking written.
    Created,
    /// Another time.
    Moved,
    /// Another subject, sensitivity, location or body.
    Renamed,
    /// The organizer called it off.
    Cancelled,
    /// A proxy accepted it.
    Accepted,
    /// It left the room's calendar: deleted or declined.
    Deleted,
}

/// What the room should now show. Subjects are the organizer's own, trimmed.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(tag = "expect", rename_all = "kebab-case")]
pub enum Expect {
    /// The meeting at its time.
    Shown {
        /// Start.
        start: DateTime<Utc>,
        /// End.
        end: DateTime<Utc>,
        /// Subject.
        subject: String,
        /// Whether the subject must be masked.
        private: bool,
    },
    /// The meeting at another time than before.
    Moved {
        /// Where it was.
        from: DateTime<Utc>,
        /// Start.
        start: DateTime<Utc>,
        /// End.
        end: DateTime<Utc>,
        /// Subject.
        subject: String,
        /// Whether the subject must be masked.
        private: bool,
    },
    /// Nothing of it.
    Gone {
        /// Start.
        start: DateTime<Utc>,
        /// End.
        end: DateTime<Utc>,
        /// Subject.
        subject: String,
        /// Whether the subject was masked.
        private: bool,
    },
}

/// One change, from the instant on which it counts.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Change {
    /// Counts from one, whatever is forgotten.
    pub id: u64,
    /// When the room's calendar began to say so; for a request, when it was accepted.
    pub at: DateTime<Utc>,
    /// The room's alias.
    pub room: String,
    /// Which meeting.
    pub meeting: MeetingHandle,
    /// What somebody did.
    pub what: What,
    /// What the room should show since.
    #[serde(flatten)]
    pub expect: Expect,
}

/// The latest changes.
#[derive(Debug, Default)]
pub(super) struct Changes {
    remembered: VecDeque<Change>,
    /// The id of the last one.
    last: u64,
}

/// A meeting, or one occurrence, as a room showed it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Seen {
    start: DateTime<Utc>,
    end: DateTime<Utc>,
    subject: String,
    private: bool,
}

/// What was seen: a whole meeting, or the occurrence of a civil date.
pub(super) type Place = (RoomNumber, MeetingHandle, Option<NaiveDate>);

impl World {
    /// What rooms should show differently, in the order in which it became true: the last ten thousand changes.
    pub fn changes(&self) -> &VecDeque<Change> {
        &self.changes.remembered
    }

    /// The changes after one, by its id; from the first that is remembered, where that one is forgotten.
    pub fn changes_since(&self, id: u64) -> impl ExactSizeIterator<Item = &Change> {
        let changes = &self.changes.remembered;
        changes.range(changes.partition_point(|change| change.id <= id)..)
    }

    /// The id of the last change; 0 before the first.
    pub fn last_change(&self) -> u64 {
        self.changes.last
    }

    /// Notes that a room shows a meeting from now on, and how that differs from before.
    pub(super) fn shows(&mut self, place: Place, at: DateTime<Utc>, what: What) {
        if self.room(place.0).is_some_and(|room| room.kind == MailboxKind::Person) {
            return;
        }
        let Some(now) = self.visible(place) else { return };
        let before = self.seen.insert(place, now.clone());
        let Seen { start, end, subject, private } = now;
        let expect = match before {
            Some(seen) if (seen.start, seen.end) != (start, end) => {
                Expect::Moved { from: seen.start, start, end, subject, private }
            }
            _ => Expect::Shown { start, end, subject, private },
        };
        self.log_change(place, at, what, expect);
    }

    /// Notes that a room does not show a meeting any more, if it ever did.
    pub(super) fn hides(&mut self, place: Place, at: DateTime<Utc>, what: What) {
        let (room, meeting, date) = place;
        if let Some(Seen { start, end, subject, private }) = self.seen.remove(&place) {
            self.log_change(place, at, what, Expect::Gone { start, end, subject, private });
        }
        if date.is_none() {
            let whole = (room, meeting, None)..=(room, meeting, Some(NaiveDate::MAX));
            let occurrences: Vec<Place> = self.seen.range(whole).map(|(place, _)| *place).collect();
            for occurrence in occurrences {
                self.seen.remove(&occurrence);
            }
        }
    }

    /// Notes how an occurrence was shown as part of its series, before it goes its own way.
    pub(super) fn remembers(&mut self, place: Place) {
        let (room, meeting, _) = place;
        let as_series = self.seen.contains_key(&(room, meeting, None)) && !self.seen.contains_key(&place);
        if let Some(seen) = self.visible(place).filter(|_| as_series) {
            self.seen.insert(place, seen);
        }
    }

    /// What the room's calendar says now; the subject is the organizer's, which the calendar may have lost.
    fn visible(&self, (room, meeting, date): Place) -> Option<Seen> {
        let item = self.copy(room, meeting)?;
        let known = self.meetings.get(&meeting)?;
        if date.is_some_and(|date| item.deleted.contains(&date)) {
            return None;
        }
        let view = date.map_or_else(|| View::whole(item), |date| View::occurrence(item, date));
        if view.cancelled() || !matches!(view.response(), ResponseType::Accept | ResponseType::Organizer) {
            return None;
        }
        let own = date.and_then(|date| known.exceptions.get(&date)?.subject.as_deref());
        let subject = own.unwrap_or(&known.subject).trim().to_owned();
        let private = matches!(view.sensitivity(), Sensitivity::Private | Sensitivity::Confidential);
        Some(Seen { start: view.start(), end: view.end(), subject, private })
    }

    fn log_change(&mut self, (room, meeting, _): Place, at: DateTime<Utc>, what: What, expect: Expect) {
        let Some(alias) = self.room(room).map(|room| room.alias.clone()) else { return };
        let Changes { remembered, last } = &mut self.changes;
        *last += 1;
        if remembered.len() == REMEMBERED {
            remembered.pop_front();
        }
        remembered.push_back(Change { id: *last, at, room: alias, meeting, what, expect });
    }
}
