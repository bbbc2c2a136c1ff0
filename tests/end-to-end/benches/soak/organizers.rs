//! People who change what the rooms' calendars hold, as much coming as going.

use chrono::{DateTime, TimeDelta, Utc};
use exchange_sim::{MeetingHandle, World};
use std::collections::VecDeque;

/// How many bookings there are at a time.
const BOOKINGS: usize = 400;

/// Everybody who books rooms.
pub(crate) struct Organizers {
    rooms: usize,
    bookings: VecDeque<(MeetingHandle, DateTime<Utc>)>,
    turn: usize,
}

impl Organizers {
    pub(crate) fn new(rooms: usize) -> Self {
        Self { rooms, bookings: VecDeque::new(), turn: 0 }
    }

    /// One change in some room: a booking made, renamed, moved or called off, in turn.
    pub(crate) fn change(&mut self, world: &mut World, now: DateTime<Utc>) {
        self.turn += 1;
        let full = self.bookings.len() >= BOOKINGS;
        match (self.turn % 4, self.bookings.pop_front()) {
            (0, Some((meeting, start))) => {
                world.rename(meeting, &format!("Renamed {}", self.turn), now).expect("it stands");
                self.bookings.push_back((meeting, start));
            }
            (1, Some((meeting, start))) => {
                let start = start + TimeDelta::minutes(15);
                world.reschedule(meeting, start, start + TimeDelta::minutes(30), now).expect("it stands");
                self.bookings.push_back((meeting, start));
            }
            (2, Some((meeting, _))) if full => world.cancel(meeting, now).expect("it stands"),
            (_, back) => {
                self.bookings.extend(back);
                self.book(world, now);
            }
        }
    }

    fn book(&mut self, world: &mut World, now: DateTime<Utc>) {
        let room = room(self.turn * 7_919 % self.rooms);
        let start = now + TimeDelta::hours(30);
        let end = start + TimeDelta::minutes(30);
        let subject = format!("Ad hoc {}", self.turn);
        let meeting = world.book(&room, &subject, start, end, now).expect("the room is there");
        self.bookings.push_back((meeting, start));
    }
}

/// What a room is called.
pub(crate) fn room(number: usize) -> String {
    format!("room-{number:05}")
}
