//! Views of a window, split until each is whole, in search of anything at all.

use crate::{
    error::{Error, Problem},
    ews::{Listed, find_item},
    http::{Operation, Reply},
};
use chrono::TimeDelta;
use meeting_model::{clock::Window, item::ItemKind};

/// Exchange refuses views of more than two years.
const LONGEST: TimeDelta = TimeDelta::days(365);
/// No calendar holds more meetings in a minute than a view.
const SHORTEST: TimeDelta = TimeDelta::minutes(1);

/// The views of one read.
#[derive(Debug, Clone)]
pub(super) struct Views {
    /// What is still to be looked at, the earliest last.
    waiting: Vec<Window>,
    asked: Option<Window>,
    saw_something: bool,
}

impl Views {
    /// Views that together are the window.
    pub(super) fn of(window: Window) -> Self {
        let mut waiting = vec![window];
        while let Some(last) = waiting.last_mut().filter(|last| last.end - last.start > LONGEST) {
            let rest = Window { start: last.start + LONGEST, ..*last };
            last.end = rest.start;
            waiting.push(rest);
        }
        waiting.reverse();
        Self { waiting, asked: None, saw_something: false }
    }

    /// What to look at next. Nothing, once something was seen.
    pub(super) fn next(&mut self) -> Option<Window> {
        self.asked = if self.saw_something { None } else { self.waiting.pop() };
        self.asked
    }

    /// Whether there is anything in the window.
    pub(super) fn saw_something(&self) -> bool {
        self.saw_something
    }

    pub(super) fn on_reply(&mut self, reply: &Reply<'_>) -> Result<(), Error> {
        let Some(asked) = self.asked else { return Ok(()) };
        let is_whole = match find_item::parse(reply) {
            Ok(view) => {
                self.saw_something = view.items.iter().any(|item| is_in(item, asked));
                view.is_whole
            }
            Err(Error { problem: Problem::TooMuch { .. } | Problem::ReplyTooLarge { .. }, .. })
                if asked.end - asked.start > SHORTEST =>
            {
                false
            }
            Err(error) => return Err(error),
        };
        if !is_whole {
            self.split(asked)?;
        }
        Ok(())
    }

    fn split(&mut self, window: Window) -> Result<(), Error> {
        let length = window.end - window.start;
        if length <= SHORTEST {
            let problem = Problem::NoProgress { found: "a minute that is not whole" };
            return Err(Error { operation: Operation::FindItem, problem });
        }
        let middle = window.start + length / 2;
        self.waiting.push(Window { start: middle, ..window });
        self.waiting.push(Window { end: middle, ..window });
        Ok(())
    }
}

/// Whether the item is in the window: some servers list what only touches it, or series instead of their occurrences.
fn is_in(item: &Listed, window: Window) -> bool {
    match (item.kind, item.start, item.end) {
        (Some(ItemKind::Single | ItemKind::Exception), Some(start), Some(end)) => window.overlaps(start, end),
        _ => true,
    }
}
