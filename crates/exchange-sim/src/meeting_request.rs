//! The meeting requests in a mailbox: each lies in the Inbox as the organizer sent it until it is answered, and then in Deleted
//! Items. Nothing of it is ever rewritten.

use chrono::NaiveDate;

use crate::item::{CalendarItem, View};

/// The numbers of requests are higher than those of all else in a mailbox.
pub(crate) const FIRST_REQUEST: u64 = 1 << 40;

/// A meeting request.
#[derive(Debug, Clone)]
pub(crate) struct MeetingRequest {
    /// What it asks for.
    pub(crate) sent: CalendarItem,
    /// Of which occurrence alone.
    pub(crate) date: Option<NaiveDate>,
    pub(crate) answered: bool,
}

impl MeetingRequest {
    pub(crate) fn view(&self) -> View<'_> {
        self.date.map_or_else(|| View::whole(&self.sent), |date| View::occurrence(&self.sent, date))
    }
}

/// Whether an item is a meeting request.
pub(crate) fn is_request(item: &CalendarItem) -> bool {
    item.number >= FIRST_REQUEST
}
