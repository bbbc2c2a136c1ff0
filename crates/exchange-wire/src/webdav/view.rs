//! A conversation that lists a calendar as the store itself expands it: what is mirrored is compared with that (rule T1).

use super::{
    Discovery, Mailbox,
    appointment::{Instance, Row},
    failed, folder,
    rows::Rows,
    search::Query,
};
use crate::{
    error::{Error, Problem},
    http::{Method, Reply, Request},
};
use meeting_model::{
    clock::Window,
    compare::{self, RowKind, ViewRow},
};
use serde::{Deserialize, Serialize};

/// A view under way. A clone of it, kept with the request, can try the same step again.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct View {
    mailbox: Mailbox,
    window: Window,
    folder: String,
    stage: Stage,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
enum Stage {
    Finding(Discovery),
    Rows(Rows),
}

/// What to do after a reply.
#[derive(Debug, Clone)]
pub enum Step {
    /// Send this, and give its reply to the view.
    Send(Box<View>, Request),
    /// All was viewed.
    Done(compare::View),
}

impl View {
    /// Views a window.
    pub fn begin(mailbox: Mailbox, window: Window) -> (Self, Request) {
        let (discovery, request) = Discovery::begin(mailbox.clone());
        (Self { mailbox, window, folder: String::new(), stage: Stage::Finding(discovery) }, request)
    }

    /// Takes the reply to the last request.
    ///
    /// # Errors
    ///
    /// When the reply cannot be used; and where the store stumbles over an item, as nothing can be compared with a list
    /// that leaves something out.
    pub fn on_reply(mut self, reply: &Reply<'_>) -> Result<Step, Error> {
        let rows = match self.stage {
            Stage::Finding(discovery) => match discovery.on_reply(reply)? {
                folder::Step::Send(discovery, request) => {
                    self.stage = Stage::Finding(discovery);
                    return Ok(Step::Send(Box::new(self), request));
                }
                folder::Step::Done(found) => {
                    self.folder = found.folder;
                    Rows::of(Query::Window(self.window))
                }
            },
            Stage::Rows(mut rows) => {
                rows.on_reply(&self.mailbox, reply)?;
                rows
            }
        };
        if let Some(request) = rows.request(&self.mailbox, &self.folder) {
            self.stage = Stage::Rows(rows);
            return Ok(Step::Send(Box::new(self), request));
        }
        if rows.left_out() {
            let found = "an item that the store stumbles over (status 500)".to_owned();
            return Err(failed(Method::Search, Problem::Transient { found }));
        }
        let rows = rows.into_found().into_iter().map(|row| view_row(&Row::of(row))).collect();
        let Window { end: complete_until, .. } = self.window;
        Ok(Step::Done(compare::View { rows, window: self.window, complete_until }))
    }
}

fn view_row(row: &Row) -> ViewRow {
    let kind = match row.instance {
        Instance::Single => RowKind::Single,
        Instance::Master => RowKind::RecurringMaster,
        Instance::Occurrence => RowKind::Occurrence,
        Instance::Exception => RowKind::Exception,
    };
    let repeats = row.repeats();
    ViewRow {
        // occurrences may share the address of their series: it names none of them
        item_id: (!repeats).then(|| row.id.clone()),
        clean_global_object_id: row.clean_global_object_id(),
        uid: row.uid().map(str::to_owned),
        original_start: row.start().filter(|_| repeats).and_then(|start| row.original_start(start)),
        start: row.start(),
        end: row.end(),
        subject: row.subject().map(str::to_owned),
        sensitivity: row.sensitivity(),
        kind: Some(kind),
        response: Some(row.response()),
        is_cancelled: Some(row.is_cancelled()),
        is_recurring: Some(repeats),
    }
}
