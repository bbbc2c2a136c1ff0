//! Items, read in batches that shrink where the server, or one bad item, asks for it, and grow again.

use crate::{
    error::{Error, Problem},
    ews::{
        Meeting,
        get_item::{self, Answer},
    },
    http::{Operation, Reply},
};
use meeting_model::{id::ItemId, join::JoinRules};
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;

/// Items that may break a reply all by themselves, before it is the server that is broken.
const MAX_BROKEN: u32 = 8;

/// The items of one read.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Batches {
    waiting: VecDeque<ItemId>,
    asked: Vec<ItemId>,
    /// Of the next batch.
    size: usize,
    /// Of the largest.
    largest: usize,
    broken: u32,
    meetings: Vec<Meeting>,
    unreadable: Vec<ItemId>,
    #[serde(default)]
    something_is_gone: bool,
}

impl Batches {
    pub(super) fn new(ids: impl IntoIterator<Item = ItemId>, size: usize) -> Self {
        Self {
            waiting: ids.into_iter().collect(),
            asked: Vec::new(),
            size: size.max(1),
            largest: size.max(1),
            broken: 0,
            meetings: Vec::new(),
            unreadable: Vec::new(),
            something_is_gone: false,
        }
    }

    /// What to ask for next: never nothing.
    pub(super) fn next(&mut self) -> Option<&[ItemId]> {
        self.asked = self.waiting.drain(..self.size.min(self.waiting.len())).collect();
        (!self.asked.is_empty()).then_some(self.asked.as_slice())
    }

    pub(super) fn on_reply(&mut self, reply: &Reply<'_>, join: &JoinRules) -> Result<(), Error> {
        match get_item::parse(reply, &self.asked, join) {
            Ok(answers) => self.take(answers),
            Err(error) if error.wants_less() || matches!(error.problem, Problem::Malformed { .. }) => {
                self.shrink(error)
            }
            Err(error) => Err(error),
        }
    }

    /// Whether something that was asked for is not there any more.
    pub(super) fn something_is_gone(&self) -> bool {
        self.something_is_gone
    }

    /// The meetings, in the order of their ids' first mention, and what could not be read.
    pub(super) fn into_parts(self) -> (Vec<Meeting>, Vec<ItemId>) {
        (self.meetings, self.unreadable)
    }

    fn take(&mut self, answers: Vec<Answer>) -> Result<(), Error> {
        let processed = answers.iter().filter(|&answer| *answer != Answer::Unprocessed).count();
        if processed == 0 {
            let problem = Problem::TooMuch { code: "ErrorBatchProcessingStopped".to_owned() };
            return self.shrink(Error { operation: Operation::GetItem, problem });
        }
        self.size = if processed < answers.len() {
            processed.max(answers.len() / 2)
        } else {
            self.largest.min(self.size * 2)
        };
        let mut again = Vec::new();
        for (id, answer) in self.asked.drain(..).zip(answers) {
            match answer {
                Answer::Meeting(meeting) => self.meetings.push(*meeting),
                Answer::Unreadable => self.unreadable.push(id),
                Answer::Unprocessed => again.push(id),
                Answer::Gone => self.something_is_gone = true,
                Answer::NotAMeeting => {}
            }
        }
        self.wait_again(again);
        Ok(())
    }

    /// Asks for half as many. One item that alone is too much is left unread, unless too many are: then it is not they.
    fn shrink(&mut self, error: Error) -> Result<(), Error> {
        let asked = std::mem::take(&mut self.asked);
        if asked.len() > 1 {
            self.size = asked.len() / 2;
            self.wait_again(asked);
            return Ok(());
        }
        self.broken += 1;
        if self.broken > MAX_BROKEN || matches!(error.problem, Problem::RequestRefused { .. }) {
            return Err(error);
        }
        self.unreadable.extend(asked);
        Ok(())
    }

    fn wait_again(&mut self, ids: Vec<ItemId>) {
        for id in ids.into_iter().rev() {
            self.waiting.push_front(id);
        }
    }
}
