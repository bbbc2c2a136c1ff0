//! A conversation that reads a room's calendar: one reply after the other, until it is [`Step::Done`].
//!
//! The folder is found, then the window is listed with its series expanded, then the masters of those series. What came
//! together is one observation of the whole window, also where only "something has changed" is known: the store never
//! tells what. A read that had to leave rows out, because the store stumbles over them, says nothing about what it did not
//! list.

use super::{
    Discovery, Mailbox,
    appointment::{Instance, Row},
    folder,
    rows::Rows,
    search::Query,
    series,
};
use crate::{
    error::{Error, Problem},
    ews::read::Outcome,
    http::{Method, Operation, Reply, Request},
};
use meeting_model::{
    clock::Window,
    join::JoinRules,
    observed::{Coverage, Cursor, Observed, Protocol},
};
use serde::{Deserialize, Serialize};

/// How often the rows are asked for again at most: where occurrences are always told otherwise than their series, that is how
/// the store tells them.
const MOST_OVERTAKEN: u8 = 2;

/// A read under way. A clone of it, kept with the request, can try the same step again.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Read {
    mailbox: Mailbox,
    window: Window,
    join: JoinRules,
    folder: String,
    stage: Stage,
    /// How often a series had changed before its master was asked for.
    #[serde(default)]
    overtaken: u8,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
enum Stage {
    Finding(Discovery, Next),
    Window(Rows),
    /// Of the series among these rows.
    Masters {
        rows: Vec<Row>,
        left_out: bool,
        masters: Rows,
    },
    Anything(Rows),
}

/// What follows once the folder is found.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
enum Next {
    Read,
    Confirm,
}

/// What to do after a reply.
#[derive(Debug, Clone)]
pub enum Step {
    /// Send this, and give its reply to the read.
    Send(Box<Read>, Request),
    /// It is read.
    Done(Outcome),
}

impl Read {
    /// Reads the window of a calendar that was read before: its folder is known.
    ///
    /// # Errors
    ///
    /// [`SyncStateInvalid`](Problem::SyncStateInvalid) when the cursor is not one of this protocol.
    pub fn again(
        mailbox: Mailbox,
        cursor: &Cursor,
        window: Window,
        join: &JoinRules,
    ) -> Result<(Self, Request), Error> {
        let folder = std::str::from_utf8(&cursor.bytes).ok().filter(|folder| folder.starts_with('/'));
        let Some(folder) = folder.filter(|_| cursor.protocol == Protocol::Webdav) else {
            let problem = Problem::SyncStateInvalid { code: "no folder".to_owned() };
            return Err(Error { operation: Operation::Webdav(Method::Search), problem });
        };
        let (folder, join) = (folder.to_owned(), join.clone());
        let stage = Stage::Window(Rows::of(Query::Window(window)));
        let read = Self { mailbox, window, join, folder, stage, overtaken: 0 };
        let request = read.request().expect("a window has a first page");
        Ok((read, request))
    }

    /// Finds the calendar and reads the window.
    pub fn complete(mailbox: Mailbox, window: Window, join: &JoinRules) -> (Self, Request) {
        Self::find(mailbox, window, join.clone(), Next::Read)
    }

    /// Asks in other words whether the window is as empty as a read said. The outcome is as that of
    /// [`ews`](crate::ews::read::Read::confirm_empty).
    pub fn confirm_empty(mailbox: Mailbox, window: Window) -> (Self, Request) {
        Self::find(mailbox, window, JoinRules::default(), Next::Confirm)
    }

    fn find(mailbox: Mailbox, window: Window, join: JoinRules, next: Next) -> (Self, Request) {
        let (discovery, request) = Discovery::begin(mailbox.clone());
        let stage = Stage::Finding(discovery, next);
        (Self { mailbox, window, join, folder: String::new(), stage, overtaken: 0 }, request)
    }

    /// Takes the reply to the last request.
    ///
    /// # Errors
    ///
    /// When the reply cannot be used, and asking for less does not help.
    pub fn on_reply(mut self, reply: &Reply<'_>) -> Result<Step, Error> {
        match self.stage {
            Stage::Finding(discovery, next) => match discovery.on_reply(reply)? {
                folder::Step::Send(discovery, request) => {
                    self.stage = Stage::Finding(discovery, next);
                    return Ok(Step::Send(Box::new(self), request));
                }
                folder::Step::Done(found) => {
                    self.folder = found.folder;
                    self.stage = match next {
                        Next::Read => Stage::Window(Rows::of(Query::Window(self.window))),
                        Next::Confirm => Stage::Anything(Rows::of(Query::Anything(self.window))),
                    };
                }
            },
            Stage::Window(ref mut rows)
            | Stage::Masters { masters: ref mut rows, .. }
            | Stage::Anything(ref mut rows) => rows.on_reply(&self.mailbox, reply).map_err(moved)?,
        }
        Ok(self.go_on())
    }

    fn request(&self) -> Option<Request> {
        match &self.stage {
            Stage::Finding(..) => None,
            Stage::Window(rows) | Stage::Masters { masters: rows, .. } | Stage::Anything(rows) => {
                rows.request(&self.mailbox, &self.folder)
            }
        }
    }

    /// Goes on to what is still to be asked, or to the end.
    fn go_on(mut self) -> Step {
        if let Some(request) = self.request() {
            return Step::Send(Box::new(self), request);
        }
        match self.stage {
            Stage::Window(ref found) => {
                let left_out = found.left_out();
                let rows: Vec<Row> = found.clone().into_found().into_iter().map(Row::of).collect();
                if !rows.iter().any(Row::repeats) {
                    return self.done(&rows, &[], left_out);
                }
                self.stage = Stage::Masters { rows, left_out, masters: Rows::of(Query::Masters) };
                self.go_on()
            }
            Stage::Masters { ref rows, left_out, ref masters } => {
                let masters: Vec<Row> = masters.clone().into_found().into_iter().map(Row::of).collect();
                if self.overtaken < MOST_OVERTAKEN && series::is_overtaken(rows, &masters) {
                    self.overtaken += 1;
                    self.stage = Stage::Window(Rows::of(Query::Window(self.window)));
                    return self.go_on();
                }
                let rows = rows.clone();
                self.done(&rows, &masters, left_out)
            }
            Stage::Anything(found) => {
                let window = self.window;
                // a series whose occurrences are all gone is nothing that takes place
                let mut rows = found.into_found().into_iter().map(Row::of);
                let is_empty = rows.all(|row| row.instance == Instance::Master);
                let coverage =
                    if is_empty { Coverage::Complete { window, confirmed: true } } else { Coverage::Delta };
                Step::Done(Outcome { observed: Observed::nothing(coverage), cursor: None })
            }
            Stage::Finding(..) => unreachable!("a folder that is looked for is asked for"),
        }
    }

    fn done(self, rows: &[Row], masters: &[Row], left_out: bool) -> Step {
        let Self { window, join, folder, .. } = self;
        let (items, unreadable) = series::items(rows, masters, &join);
        let coverage =
            if left_out { Coverage::Delta } else { Coverage::Complete { window, confirmed: false } };
        let observed = Observed { items, unreadable, ..Observed::nothing(coverage) };
        let cursor = Cursor { protocol: Protocol::Webdav, bytes: folder.into_bytes() };
        Step::Done(Outcome { observed, cursor: Some(cursor) })
    }
}

/// A folder that is not there any more was renamed or moved: it is looked for again.
fn moved(error: Error) -> Error {
    match error.problem {
        Problem::MailboxNotFound { code } => Error { problem: Problem::SyncStateInvalid { code }, ..error },
        _ => error,
    }
}
