//! Rooms that give up a meeting nobody checks in to (`EnableAutoRelease`).

use chrono::{DateTime, Duration, NaiveDate, Utc};

use super::change::Place;
use super::{RoomNumber, Task, World};
use crate::SimError;
use crate::item::{CalendarItem, ResponseType, View};
use crate::meeting::MeetingHandle;

/// A meeting, or an occurrence, that is given up unless somebody comes.
#[derive(Debug, Clone)]
pub(super) struct Release {
    place: Place,
    /// When it began, as the room had it: at another time it is another promise.
    start: DateTime<Utc>,
}

impl World {
    /// Somebody checks in to what a room shows of a meeting now, or within a quarter of an hour.
    ///
    /// # Errors
    ///
    /// [`SimError::UnknownRoom`]; [`SimError::NotInCalendar`] when it does not take place then.
    pub fn check_in(
        &mut self,
        room: &str,
        meeting: MeetingHandle,
        now: DateTime<Utc>,
    ) -> Result<(), SimError> {
        self.advance(now);
        let number = self.room_number(room)?;
        let absent = || SimError::NotInCalendar { room: room.to_owned(), meeting: meeting.0 };
        let item = self.copy(number, meeting).ok_or_else(absent)?;
        let running = item.within(now, now + Duration::minutes(15));
        let start = running.first().map(View::start).ok_or_else(absent)?;
        self.claimed.insert((number, meeting, start));
        Ok(())
    }

    /// Watches what comes next of a meeting that a room has accepted.
    pub(super) fn watch(&mut self, room: RoomNumber, meeting: MeetingHandle, after: DateTime<Utc>) {
        let Some(processing) = self.room(room).map(|room| room.processing) else { return };
        if !processing.enable_auto_release {
            return;
        }
        let claim = Duration::minutes(processing.post_reservation_max_claim_time_in_minutes.into());
        let next = self.copy(room, meeting).and_then(|item| next_start(item, after - claim));
        if let Some((date, start)) = next {
            self.schedule(start + claim, Task::Release(Release { place: (room, meeting, date), start }));
        }
    }

    /// Nobody came in time: the room leaves the meeting.
    pub(super) fn release(&mut self, release: &Release, at: DateTime<Utc>) {
        let Release { place, start } = *release;
        let (room, meeting, date) = place;
        let claimed = self.claimed.remove(&(room, meeting, start));
        let releases = self.room(room).is_some_and(|room| room.processing.enable_auto_release);
        let still = self.copy(room, meeting).is_some_and(|item| {
            let view = date.map_or_else(|| View::whole(item), |date| View::occurrence(item, date));
            view.start() == start && view.response() == ResponseType::Accept && !view.cancelled()
        });
        if releases && still && !claimed {
            self.remembers(place);
            self.decline_copy(place, at);
        }
        if still && date.is_some() {
            self.watch(room, meeting, at);
        }
    }
}

/// The next start after an instant, and which occurrence it is of.
fn next_start(item: &CalendarItem, after: DateTime<Utc>) -> Option<(Option<NaiveDate>, DateTime<Utc>)> {
    if item.recurrence.is_none() {
        return (item.start > after).then_some((None, item.start));
    }
    let next = item.occurrences().map(|view| (view.date, view.start()));
    next.into_iter().find(|(_, start)| *start > after)
}
