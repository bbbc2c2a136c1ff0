//! A conversation that reads a room's calendar: one reply after the other, until it is [`Step::Done`].
//!
//! A read lists the changes (SyncFolderItems), then reads what is new or changed (GetItem, in batches that shrink where the
//! server asks for it), then the exceptions of the series among it (GetItem by the ids that the series name). What is gone by
//! the time it is asked for has changed since it was listed: the changes are listed again. Only a read that came to its end has
//! an outcome; whatever goes wrong on the way is an error, and nothing was observed.

mod batches;
mod changes;
mod spans;
pub mod view;
mod views;

use super::{Dialect, Mailbox, Meeting, find_item, get_item, sync_folder_items};
use crate::{
    error::{Error, Problem},
    http::{Operation, Reply, Request},
};
use batches::Batches;
use changes::Changes;
use meeting_model::{
    clock::Window,
    id::ItemId,
    item::{CalendarItem, ItemKind},
    join::JoinRules,
    observed::{Coverage, Cursor, Observed, Protocol},
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
pub use view::View;
use views::Views;

/// How much to ask for at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Changes in a page: 1 to 512.
    pub changes: u16,
    /// Items in a batch. Exchange takes about a minute at most over one.
    pub items: usize,
    /// Items in a view: Exchange's policies allow 1000.
    pub view: u16,
}

impl Default for Limits {
    fn default() -> Self {
        Self { changes: 512, items: 50, view: 1000 }
    }
}

/// How often changes are listed again at most: who says for ever that something is gone which they list is not believed.
const MOST_OVERTAKEN: u8 = 2;

/// A read under way. A clone of it, kept with the request, can try the same step again.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Read {
    room: Room,
    stage: Stage,
}

/// What is read, and how.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Room {
    dialect: Dialect,
    mailbox: Mailbox,
    limits: Limits,
    window: Window,
    join: JoinRules,
    coverage: Coverage,
    /// The state since which changes are listed; absent where everything is.
    #[serde(default)]
    since: Option<String>,
    /// How often what was listed was gone by the time it was asked for.
    #[serde(default)]
    overtaken: u8,
}

/// What the next reply is about.
#[derive(Debug, Clone, Serialize, Deserialize)]
enum Stage {
    Changes(Changes),
    Items(Outcome, Batches),
    Exceptions(Outcome, Links, Batches),
    Views(Views),
}

/// Of each exception that is read on its own: its series among the observed items, and its place in it.
type Links = BTreeMap<ItemId, (usize, usize)>;

/// What to do after a reply.
#[derive(Debug, Clone)]
pub enum Step {
    /// Send this, and give its reply to the read.
    Send(Box<Read>, Request),
    /// It is read.
    Done(Outcome),
}

/// What was read, and where the next read goes on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// What was read.
    pub observed: Observed,
    /// Where the next delta goes on: to be stored with what was observed, never before. Its bytes are the text of
    /// the SyncState. Absent where the read did not list changes.
    pub cursor: Option<Cursor>,
}

impl Read {
    /// Reads what changed since the cursor, and looks for join addresses in it. Exceptions of a series that were over before the window are not read one by
    /// one.
    ///
    /// # Errors
    ///
    /// [`SyncStateInvalid`](Problem::SyncStateInvalid) when the cursor is not one of this protocol.
    pub fn delta(
        dialect: Dialect,
        mailbox: Mailbox,
        cursor: &Cursor,
        window: Window,
        join: &JoinRules,
        limits: Limits,
    ) -> Result<(Self, Request), Error> {
        let state = std::str::from_utf8(&cursor.bytes).ok().filter(|state| !state.is_empty());
        let Some(state) = state.filter(|_| cursor.protocol == Protocol::Ews) else {
            let problem = Problem::SyncStateInvalid { code: "no SyncState".to_owned() };
            return Err(Error { operation: Operation::SyncFolderItems, problem });
        };
        let since = Some(state.to_owned());
        let changes = Changes::since(state, limits.changes);
        let room = Room { since, ..Room::of(dialect, mailbox, window, join, limits, Coverage::Delta) };
        Ok(room.begin(Stage::Changes(changes)))
    }

    /// Reads everything but single meetings that were over before the window, and begins a new cursor.
    pub fn complete(
        dialect: Dialect,
        mailbox: Mailbox,
        window: Window,
        join: &JoinRules,
        limits: Limits,
    ) -> (Self, Request) {
        let coverage = Coverage::Complete { window, confirmed: false };
        let room = Room::of(dialect, mailbox, window, join, limits, coverage);
        room.begin(Stage::Changes(Changes::all(limits.changes)))
    }

    /// Asks by another operation whether the window is as empty as a complete read said.
    ///
    /// If it is, the outcome is a confirmed complete read without items. If it is not, the outcome is a delta that says
    /// nothing: everything is as it was.
    pub fn confirm_empty(
        dialect: Dialect,
        mailbox: Mailbox,
        window: Window,
        limits: Limits,
    ) -> (Self, Request) {
        let coverage = Coverage::Complete { window, confirmed: true };
        let room = Room::of(dialect, mailbox, window, &JoinRules::default(), limits, coverage);
        room.begin(Stage::Views(Views::of(window, limits.view)))
    }

    /// Takes the reply to the last request.
    ///
    /// # Errors
    ///
    /// When the reply cannot be used, and asking for less does not help.
    pub fn on_reply(self, reply: &Reply<'_>) -> Result<Step, Error> {
        let Self { room, mut stage } = self;
        match &mut stage {
            Stage::Changes(changes) => changes.on_reply(reply)?,
            Stage::Items(_, batches) | Stage::Exceptions(_, _, batches) => {
                batches.on_reply(reply, &room.join)?;
            }
            Stage::Views(views) => views.on_reply(reply)?,
        }
        Ok(room.go_on(stage))
    }
}

impl Room {
    fn of(
        dialect: Dialect,
        mailbox: Mailbox,
        window: Window,
        join: &JoinRules,
        limits: Limits,
        coverage: Coverage,
    ) -> Self {
        Self { dialect, mailbox, limits, window, join: join.clone(), coverage, since: None, overtaken: 0 }
    }

    fn begin(self, mut stage: Stage) -> (Read, Request) {
        let request = self.request(&mut stage).expect("a first stage has something to ask");
        (Read { room: self, stage }, request)
    }

    /// Goes on to the next stage that has something to ask, or to the end.
    fn go_on(mut self, mut stage: Stage) -> Step {
        loop {
            if let Some(request) = self.request(&mut stage) {
                return Step::Send(Box::new(Read { room: self, stage }), request);
            }
            if let Some(since) = self.since.as_deref().filter(|_| self.is_overtaken(&stage)) {
                stage = Stage::Changes(Changes::since(since, self.limits.changes));
                self.overtaken += 1;
                continue;
            }
            stage = match stage {
                Stage::Changes(changes) => self.items(changes),
                Stage::Items(outcome, batches) => self.exceptions(outcome, batches),
                Stage::Exceptions(outcome, links, batches) => {
                    return Step::Done(join(outcome, &links, batches));
                }
                Stage::Views(views) => return Step::Done(self.confirmed(&views)),
            };
        }
    }

    /// Whether something was gone by the time it was asked for: what is there is not what was listed.
    fn is_overtaken(&self, stage: &Stage) -> bool {
        let is_gone = match stage {
            Stage::Items(_, batches) | Stage::Exceptions(_, _, batches) => batches.something_is_gone(),
            Stage::Changes(_) | Stage::Views(_) => false,
        };
        is_gone && self.overtaken < MOST_OVERTAKEN
    }

    /// What a stage has to ask next.
    fn request(&self, stage: &mut Stage) -> Option<Request> {
        let Self { dialect, ref mailbox, .. } = *self;
        Some(match stage {
            Stage::Changes(changes) => {
                let shape = match self.coverage {
                    Coverage::Delta => sync_folder_items::Shape::Id,
                    Coverage::Complete { .. } => sync_folder_items::Shape::Span,
                };
                let (sync_state, max) = changes.next()?;
                sync_folder_items::request(dialect, mailbox, sync_state, shape, max)
            }
            Stage::Items(_, batches) | Stage::Exceptions(_, _, batches) => {
                get_item::request(dialect, mailbox, batches.next()?)
            }
            Stage::Views(views) => {
                let (window, max) = views.next()?;
                find_item::request(dialect, mailbox, window, find_item::Shape::Span, max)
            }
        })
    }

    /// After the changes: the items that are worth reading.
    fn items(&self, changes: Changes) -> Stage {
        let (cursor, listed, deleted) = changes.into_parts();
        let is_wanted = |listed: &super::Listed| match self.coverage {
            Coverage::Delta => true,
            Coverage::Complete { window, .. } => !listed.is_over_at(window.start),
        };
        let wanted = listed.into_iter().filter(is_wanted).map(|listed| listed.id);
        let batches = Batches::new(wanted, self.limits.items);
        let observed = Observed { deleted, ..Observed::nothing(self.coverage) };
        Stage::Items(Outcome { observed, cursor: Some(cursor) }, batches)
    }

    /// After the items: the exceptions of the series among them that are not over.
    fn exceptions(&self, mut outcome: Outcome, batches: Batches) -> Stage {
        let (meetings, unreadable) = batches.into_parts();
        outcome.observed.unreadable = unreadable;
        let mut links = Links::new();
        for Meeting { item, exception_ids } in meetings {
            let series = outcome.observed.items.len();
            let exceptions = item.series.iter().flat_map(|series| &series.exceptions);
            for (place, (exception, id)) in exceptions.zip(exception_ids).enumerate() {
                if let Some(id) = id.filter(|_| exception.end >= self.window.start) {
                    links.insert(id, (series, place));
                }
            }
            // What a folder lists by itself is no part of a series, whatever the server calls it.
            let kind = if item.series.is_some() { ItemKind::RecurringMaster } else { ItemKind::Single };
            outcome.observed.items.push(CalendarItem { kind, ..item });
        }
        let batches = Batches::new(links.keys().cloned(), self.limits.items);
        Stage::Exceptions(outcome, links, batches)
    }

    /// After the views: whether the calendar is empty.
    fn confirmed(&self, views: &Views) -> Outcome {
        let coverage = if views.saw_something() { Coverage::Delta } else { self.coverage };
        Outcome { observed: Observed::nothing(coverage), cursor: None }
    }
}

/// Puts what was read of each exception into its series. What could not be read has everything from its series.
fn join(mut outcome: Outcome, links: &Links, batches: Batches) -> Outcome {
    let (meetings, _) = batches.into_parts();
    for Meeting { item, .. } in meetings {
        let exception = links.get(&item.item_id).and_then(|&(series, place)| {
            outcome.observed.items.get_mut(series)?.series.as_mut()?.exceptions.get_mut(place)
        });
        if let Some(exception) = exception {
            exception.item = Some(Box::new(CalendarItem { kind: ItemKind::Exception, series: None, ..item }));
        }
    }
    outcome
}
