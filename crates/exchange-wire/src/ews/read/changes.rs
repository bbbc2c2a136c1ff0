//! Page after page of changes, until the server says that there is nothing more.

use crate::{
    error::{Error, Problem},
    ews::{
        Listed,
        sync_folder_items::{self, Change},
    },
    http::{Operation, Reply},
};
use meeting_model::{
    id::ItemId,
    observed::{Cursor, Protocol},
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Empty pages in a row that are not the last.
const MAX_EMPTY_PAGES: u32 = 8;
/// Pages of one read: a million changes, when they are full.
const MAX_PAGES: u32 = 2_000;

/// The changes of one read.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Changes {
    sync_state: Option<String>,
    max: u16,
    pages: u32,
    empty_pages: u32,
    is_whole: bool,
    /// The last word on each item.
    found: BTreeMap<ItemId, Change>,
}

impl Changes {
    /// Everything there is.
    pub(super) fn all(max: u16) -> Self {
        Self { sync_state: None, max, pages: 0, empty_pages: 0, is_whole: false, found: BTreeMap::new() }
    }

    /// What is new since a read that ended with this state.
    pub(super) fn since(sync_state: &str, max: u16) -> Self {
        Self { sync_state: Some(sync_state.to_owned()), ..Self::all(max) }
    }

    /// What to ask for next: since when, and how many.
    pub(super) fn next(&self) -> Option<(Option<&str>, u16)> {
        (!self.is_whole).then_some((self.sync_state.as_deref(), self.max))
    }

    pub(super) fn on_reply(&mut self, reply: &Reply<'_>) -> Result<(), Error> {
        let page = match sync_folder_items::parse(reply) {
            Ok(page) => page,
            Err(Error { problem: Problem::TooMuch { .. } | Problem::ReplyTooLarge { .. }, .. })
                if self.max > 1 =>
            {
                self.max /= 2;
                return Ok(());
            }
            Err(error) => return Err(error),
        };
        self.pages += 1;
        self.empty_pages = if page.changes.is_empty() { self.empty_pages + 1 } else { 0 };
        if !page.is_last {
            self.check_progress(&page.sync_state)?;
        }
        self.found.extend(page.changes.into_iter().map(|change| match change {
            Change::Put(listed) => (listed.id.clone(), Change::Put(listed)),
            Change::Gone(id) => (id.clone(), Change::Gone(id)),
        }));
        self.sync_state = Some(page.sync_state);
        self.is_whole = page.is_last;
        Ok(())
    }

    /// Where the next read goes on, what is there, and what is gone.
    pub(super) fn into_parts(self) -> (Cursor, Vec<Listed>, Vec<ItemId>) {
        let bytes = self.sync_state.unwrap_or_default().into_bytes();
        let (mut listed, mut gone) = (Vec::new(), Vec::new());
        for change in self.found.into_values() {
            match change {
                Change::Put(item) => listed.push(item),
                Change::Gone(id) => gone.push(id),
            }
        }
        (Cursor { protocol: Protocol::Ews, bytes }, listed, gone)
    }

    fn check_progress(&self, next: &str) -> Result<(), Error> {
        let found = if self.sync_state.as_deref() == Some(next) {
            "the SyncState that was sent"
        } else if self.empty_pages > MAX_EMPTY_PAGES {
            "one empty page after another"
        } else if self.pages >= MAX_PAGES {
            "no end of pages"
        } else {
            return Ok(());
        };
        Err(Error { operation: Operation::SyncFolderItems, problem: Problem::NoProgress { found } })
    }
}
