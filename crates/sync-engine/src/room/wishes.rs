//! What others want of a room.

use super::Room;
use crate::action::{Ticket, Wish};

impl Room {
    /// An operator wants something of it.
    pub(crate) fn wish(&mut self, ticket: Ticket, wish: Wish) -> Option<Ticket> {
        self.wish.replace((ticket, wish)).map(|(before, _)| before)
    }

    /// Takes back an operator's wish that this conversation was to meet.
    pub(crate) fn take_wish(&mut self) -> Option<Ticket> {
        self.wish.take().map(|(ticket, _)| ticket)
    }

    /// Another room has learned something of a meeting that this one holds too.
    pub(crate) fn wish_replan(&mut self) {
        self.replan = true;
    }
}
