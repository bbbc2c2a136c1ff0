//! Views of a window in search of anything at all.

use super::spans::Spans;
use crate::{
    error::Error,
    ews::find_item::{self, Row},
    http::{Operation, Reply},
};
use chrono::TimeDelta;
use meeting_model::{clock::Window, compare::RowKind};
use serde::{Deserialize, Serialize};

/// Exchange refuses views of more than two years.
pub(super) const LONGEST: TimeDelta = TimeDelta::days(365);

/// The views of one read.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Views {
    spans: Spans,
    max: u16,
    saw_something: bool,
}

impl Views {
    /// Views of at most `max` items that together are the window.
    pub(super) fn of(window: Window, max: u16) -> Self {
        Self { spans: Spans::of(window, LONGEST), max, saw_something: false }
    }

    /// What to look at next, and how many items to take. Nothing, once something was seen.
    pub(super) fn next(&mut self) -> Option<(Window, u16)> {
        if self.saw_something {
            return None;
        }
        Some((self.spans.next()?, self.max))
    }

    /// Whether there is anything in the window.
    pub(super) fn saw_something(&self) -> bool {
        self.saw_something
    }

    pub(super) fn on_reply(&mut self, reply: &Reply<'_>) -> Result<(), Error> {
        let view = self.spans.unless_too_much(find_item::parse(reply, self.max))?;
        let (Some(view), Some(asked)) = (view, self.spans.asked()) else { return Ok(()) };
        self.saw_something = view.rows.iter().any(|row| is_in(row, asked));
        if !view.is_whole {
            self.spans.split(Operation::FindItem)?;
        }
        Ok(())
    }
}

/// Whether the item is in the window: some servers list what only touches it, or series instead of their occurrences.
fn is_in(row: &Row, window: Window) -> bool {
    match (row.kind, row.start, row.end) {
        (None | Some(RowKind::RecurringMaster), ..) => true,
        (_, Some(start), Some(end)) => window.overlaps(start, end),
        _ => true,
    }
}
