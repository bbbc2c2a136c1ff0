//! All rows of a query: page by page, and around items that the store stumbles over.

use super::{
    Mailbox, failed,
    multistatus::{self, Response},
    property,
    search::{self, Query},
};
use crate::{
    error::{Error, Problem},
    http::{Method, Reply, Request},
    pairs,
};
use chrono::TimeDelta;
use meeting_model::clock::Window;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A calendar that changes while its pages are read is read from its beginning, so often.
const MAX_RESTARTS: u32 = 3;
/// One spoilt item makes every window fail that it lies in: about a dozen, halved each time. Where more fail, the store does.
const MAX_FAILURES: u32 = 20;
/// What is left out around a spoilt item.
const SHORTEST: TimeDelta = TimeDelta::hours(1);

/// A query under way.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Rows {
    /// What is still to be asked, the earliest last; the last is being asked.
    waiting: Vec<Query>,
    first: usize,
    total: Option<usize>,
    page: Vec<Response>,
    restarts: u32,
    failures: u32,
    left_out: bool,
    #[serde(with = "pairs")]
    found: BTreeMap<Key, Response>,
}

/// What tells rows apart: what overlaps two windows is listed twice, and occurrences may share an address.
type Key = (String, Option<String>, Option<String>);

impl Rows {
    pub(super) fn of(query: Query) -> Self {
        Self {
            waiting: vec![query],
            first: 0,
            total: None,
            page: Vec::new(),
            restarts: 0,
            failures: 0,
            left_out: false,
            found: BTreeMap::new(),
        }
    }

    /// What to ask next; nothing once all was told.
    pub(super) fn request(&self, mailbox: &Mailbox, folder: &str) -> Option<Request> {
        Some(search::request(mailbox, folder, *self.waiting.last()?, self.first))
    }

    /// Whether rows had to be left out.
    pub(super) fn left_out(&self) -> bool {
        self.left_out
    }

    /// What was found, in order of address and start.
    pub(super) fn into_found(self) -> Vec<Response> {
        self.found.into_values().collect()
    }

    pub(super) fn on_reply(&mut self, mailbox: &Mailbox, reply: &Reply<'_>) -> Result<(), Error> {
        match reply.status {
            // behind the last row
            416 => return self.end(),
            500 => return self.stumble(),
            _ => {}
        }
        let responses = mailbox.judged(multistatus::parse(Method::Search, reply))?;
        let Some((first, last, total)) = search::content_range(reply) else {
            // a server that knows no ranges tells all of it
            self.page = responses;
            return self.end();
        };
        if responses.is_empty() && total == 0 {
            return self.end();
        }
        if first != self.first || last < first {
            let problem = Problem::NoProgress { found: "other rows than were asked for" };
            return Err(failed(Method::Search, problem));
        }
        let expected = last + 1 - first;
        if responses.len() != expected {
            let problem = Problem::MessageCount { expected, found: responses.len() };
            return Err(failed(Method::Search, problem));
        }
        if self.total.replace(total).is_some_and(|before| before != total) {
            return self.restart();
        }
        self.page.extend(responses);
        self.first = last + 1;
        if self.first >= total { self.end() } else { Ok(()) }
    }

    fn end(&mut self) -> Result<(), Error> {
        if self.total.is_some_and(|total| self.page.len() != total) {
            return self.restart();
        }
        for response in self.page.drain(..) {
            let text = |uri| response.properties.value(uri).map(str::to_owned);
            let key = (response.href.clone(), text(property::START), text(property::RECURRENCE_ID));
            self.found.insert(key, response);
        }
        self.waiting.pop();
        self.rewind();
        Ok(())
    }

    fn rewind(&mut self) {
        (self.first, self.total) = (0, None);
        self.page.clear();
    }

    /// Rows were added or taken away between two pages.
    fn restart(&mut self) -> Result<(), Error> {
        self.rewind();
        self.restarts += 1;
        if self.restarts > MAX_RESTARTS {
            let found = "a calendar that changes while it is read".to_owned();
            return Err(failed(Method::Search, Problem::Transient { found }));
        }
        Ok(())
    }

    /// The store fails over an item: the window is halved until only that is left out.
    fn stumble(&mut self) -> Result<(), Error> {
        self.failures += 1;
        let window = match self.waiting.last() {
            Some(Query::Window(window)) if self.failures <= MAX_FAILURES => *window,
            _ => return Err(failed(Method::Search, Problem::Transient { found: "status 500".to_owned() })),
        };
        self.rewind();
        self.waiting.pop();
        if window.end - window.start <= SHORTEST {
            self.left_out = true;
            return Ok(());
        }
        let middle = window.start + (window.end - window.start) / 2;
        self.waiting.push(Query::Window(Window { start: middle, ..window }));
        self.waiting.push(Query::Window(Window { end: middle, ..window }));
        Ok(())
    }
}
