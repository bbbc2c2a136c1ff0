//! A conversation that reads a calendar as the server itself expands it: what our own expansion is compared with
//! (rule T1).
//!
//! A server that lists series instead of their occurrences is found out, and asked when the mailbox is busy: that tells no
//! meetings, but its times are the server's own.

use super::{Limits, spans::Spans, views};
use crate::{
    error::{Error, Problem},
    ews::{
        Dialect, Mailbox,
        find_item::{self, Row, Shape},
        get_user_availability::{self, Busy},
    },
    http::{Operation, Reply, Request},
    pairs,
};
use chrono::{DateTime, Utc};
use meeting_model::{
    clock::Window,
    compare::{self, ViewRow},
    id::ItemId,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A view under way. A clone of it, kept with the request, can try the same step again.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct View {
    dialect: Dialect,
    mailbox: Mailbox,
    window: Window,
    /// Items in one answer.
    max: u16,
    has_series: bool,
    #[serde(with = "pairs")]
    rows: BTreeMap<(DateTime<Utc>, ItemId), Row>,
    lists_series: bool,
    stage: Stage,
}

/// What the next reply is about.
#[derive(Debug, Clone, Serialize, Deserialize)]
enum Stage {
    Rows(Spans),
    Busy(Spans, Vec<Busy>),
}

/// What to do after a reply.
#[derive(Debug, Clone)]
pub enum Step {
    /// Send this, and give its reply to the view.
    Send(Box<View>, Request),
    /// All was viewed.
    Done(Viewed),
}

/// A window of a calendar, as the server itself expands it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Viewed {
    /// What was listed, by its start: single meetings and occurrences, each with a start and an end that overlap the
    /// window, and series where the server does not expand them.
    pub rows: Vec<Row>,
    /// The window, of which this is all there is.
    pub complete: Window,
    /// Whether the server expands series. Where it does not, the rows say nothing about occurrences.
    pub expands: bool,
    /// Where the server does not expand series: when the mailbox is busy, each span once, in order. Absent where the
    /// account may not know.
    pub busy: Option<Vec<Busy>>,
}

impl Viewed {
    /// As the comparison with our own expansion takes it (rule T1).
    ///
    /// Where the server does not expand series it claims no reach: nothing of ours is missing there only because it is not
    /// listed. When the mailbox is busy stands in for what the rows do not say: a span that is none of ours is something to
    /// read.
    pub fn into_view(self) -> compare::View {
        let Self { rows, complete: window, expands, busy } = self;
        let complete_until = if expands { window.end } else { window.start };
        let is_told = busy.is_some();
        let rows = rows.into_iter().filter(|row| !is_told || row.is_series()).map(ViewRow::from);
        // What reaches beyond the window may be told cut off.
        let inside =
            busy.into_iter().flatten().filter(|busy| busy.start > window.start && busy.end < window.end);
        let spans =
            inside.map(|busy| ViewRow { start: Some(busy.start), end: Some(busy.end), ..ViewRow::default() });
        compare::View { rows: rows.chain(spans).collect(), window, complete_until }
    }
}

impl View {
    /// Views a window. With `has_series`, because occurrences are known to lie in the window, a view that shows none
    /// counts as not expanded: some servers list a series only where its first occurrence is.
    pub fn begin(
        dialect: Dialect,
        mailbox: Mailbox,
        window: Window,
        limits: Limits,
        has_series: bool,
    ) -> (Self, Request) {
        let mut view = Self {
            dialect,
            mailbox,
            window,
            max: limits.view.max(2),
            has_series,
            rows: BTreeMap::new(),
            lists_series: false,
            stage: Stage::Rows(Spans::of(window, views::LONGEST)),
        };
        let request = view.request().expect("a window has a first part");
        (view, request)
    }

    /// Takes the reply to the last request.
    ///
    /// # Errors
    ///
    /// When the reply cannot be used, and asking for less does not help.
    pub fn on_reply(mut self, reply: &Reply<'_>) -> Result<Step, Error> {
        match &mut self.stage {
            Stage::Rows(_) => self.on_rows(reply)?,
            Stage::Busy(spans, busy) => match spans.unless_too_much(get_user_availability::parse(reply)) {
                Ok(more) => busy.extend(more.into_iter().flatten()),
                Err(error) if is_of_availability_alone(&error) => return Ok(Step::Done(self.viewed(None))),
                Err(error) => return Err(error),
            },
        }
        Ok(self.go_on())
    }

    fn on_rows(&mut self, reply: &Reply<'_>) -> Result<(), Error> {
        let Stage::Rows(spans) = &mut self.stage else { return Ok(()) };
        let view = spans.unless_too_much(find_item::parse(reply, self.max))?;
        let (Some(view), Some(asked)) = (view, spans.asked()) else { return Ok(()) };
        for row in view.rows {
            let (Some(start), Some(end)) = (row.start, row.end) else {
                let problem = Problem::Missing { element: "Start" };
                return Err(Error { operation: Operation::FindItem, problem });
            };
            self.lists_series |= row.is_series();
            // Some servers list what only touches the window.
            if row.is_series() || asked.overlaps(start, end.max(start)) {
                self.rows.insert((start, row.id.clone()), row);
            }
        }
        if view.is_whole { Ok(()) } else { spans.split(Operation::FindItem) }
    }

    fn request(&mut self) -> Option<Request> {
        let Self { dialect, ref mailbox, max, .. } = *self;
        Some(match &mut self.stage {
            Stage::Rows(spans) => find_item::request(dialect, mailbox, spans.next()?, Shape::Whole, max),
            Stage::Busy(spans, _) => get_user_availability::request(dialect, mailbox, spans.next()?),
        })
    }

    /// Goes on to what is still to be asked, or to the end.
    fn go_on(mut self) -> Step {
        loop {
            if let Some(request) = self.request() {
                return Step::Send(Box::new(self), request);
            }
            if let Stage::Busy(_, busy) = &mut self.stage {
                let mut busy = std::mem::take(busy);
                busy.sort_unstable_by_key(|busy| (busy.start, busy.end));
                // What overlaps two parts of the window is told twice.
                busy.dedup();
                return Step::Done(self.viewed(Some(busy)));
            }
            if self.expands() {
                return Step::Done(self.viewed(None));
            }
            self.stage = Stage::Busy(Spans::of(self.window, get_user_availability::LONGEST), Vec::new());
        }
    }

    fn expands(&self) -> bool {
        !self.lists_series && (!self.has_series || self.rows.values().any(Row::is_occurrence))
    }

    fn viewed(self, busy: Option<Vec<Busy>>) -> Viewed {
        let expands = self.expands();
        Viewed { rows: self.rows.into_values().collect(), complete: self.window, expands, busy }
    }
}

/// Whether the account may not know, or the server cannot say, when a mailbox is busy: no reason to lose the rows.
fn is_of_availability_alone(error: &Error) -> bool {
    matches!(
        error.problem,
        Problem::AccessDenied { .. }
            | Problem::MailboxNotFound { .. }
            | Problem::Missing { .. }
            | Problem::Rejected { .. }
            | Problem::ResponseCode { .. }
    )
}
