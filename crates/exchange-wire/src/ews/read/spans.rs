//! Windows that are asked for one after the other, and split until each answer is whole.

use crate::{
    error::{Error, Problem},
    http::Operation,
};
use chrono::TimeDelta;
use meeting_model::clock::Window;
use serde::{Deserialize, Serialize};

/// No calendar holds more meetings in a minute than one answer.
const SHORTEST: TimeDelta = TimeDelta::minutes(1);

/// The windows of one read.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Spans {
    /// What is still to be asked for, the earliest last.
    waiting: Vec<Window>,
    asked: Option<Window>,
}

impl Spans {
    /// Windows of at most `longest` that together are the window.
    pub(super) fn of(window: Window, longest: TimeDelta) -> Self {
        let mut waiting = vec![window];
        while let Some(last) = waiting.last_mut().filter(|last| last.end - last.start > longest) {
            let rest = Window { start: last.start + longest, ..*last };
            last.end = rest.start;
            waiting.push(rest);
        }
        waiting.reverse();
        Self { waiting, asked: None }
    }

    /// The next window to ask for.
    pub(super) fn next(&mut self) -> Option<Window> {
        self.asked = self.waiting.pop();
        self.asked
    }

    /// The window that was asked for last.
    pub(super) fn asked(&self) -> Option<Window> {
        self.asked
    }

    /// What an answer says; nothing where it says that there is too much, and the window is split instead.
    pub(super) fn unless_too_much<T>(&mut self, answer: Result<T, Error>) -> Result<Option<T>, Error> {
        match answer {
            Ok(answer) => Ok(Some(answer)),
            Err(Error { operation, problem: Problem::TooMuch { .. } | Problem::ReplyTooLarge { .. } })
                if self.is_divisible() =>
            {
                self.split(operation).map(|()| None)
            }
            Err(error) => Err(error),
        }
    }

    /// Asks for both halves of the last window instead of it.
    pub(super) fn split(&mut self, operation: Operation) -> Result<(), Error> {
        let Some(window) = self.asked.filter(|_| self.is_divisible()) else {
            let problem = Problem::NoProgress { found: "a minute that is not whole" };
            return Err(Error { operation, problem });
        };
        let middle = window.start + (window.end - window.start) / 2;
        self.waiting.push(Window { start: middle, ..window });
        self.waiting.push(Window { end: middle, ..window });
        Ok(())
    }

    fn is_divisible(&self) -> bool {
        self.asked.is_some_and(|window| window.end - window.start > SHORTEST)
    }
}
