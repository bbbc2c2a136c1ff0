//! Replication by SEARCH (the SDK's "Client Uses Client-Side Conflict Detection", ms877307): what a query finds, as a difference
//! from what it found when a blob was given out. Exchange 2003 says `new` where the SDK knows `change` and `delete` alone.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use super::appointment::Row;
use super::sql::Query;

/// What a client keeps and sends back: opaque to it, and as long as its folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Collblob {
    room: u32,
    /// The query, which need not be sent again.
    sql: String,
    items: BTreeMap<u64, Known>,
}

/// What changed: rows that are new or another, and the number and name of what is not found any more.
pub(super) struct Changes<'a, 'b> {
    pub(super) rows: Vec<(ChangeType, &'b Row<'a>)>,
    pub(super) gone: Vec<(u64, String)>,
}

/// An item as it was told of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Known {
    changed: u64,
    name: String,
}

/// What became of an item that a client knows, or does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ChangeType {
    New,
    Change,
    Delete,
}

impl ChangeType {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Change => "change",
            Self::Delete => "delete",
        }
    }
}

impl Collblob {
    /// The blob of a query that has found nothing yet.
    pub(super) fn empty(room: u32, sql: &str) -> Self {
        Self { room, sql: sql.to_owned(), items: BTreeMap::new() }
    }

    /// A blob as it comes back; nothing where it is none, or another room's, or of a query with another condition.
    pub(super) fn read(text: &str, room: u32, sql: Option<&str>) -> Option<Self> {
        let blob: Self = serde_json::from_slice(&STANDARD.decode(text.trim()).ok()?).ok()?;
        let condition = |sql: &str| Query::parse(sql).map(|query| query.condition);
        let same = sql.is_none_or(|sql| condition(sql) == condition(&blob.sql));
        (blob.room == room && same).then(|| Self { sql: sql.map_or(blob.sql, str::to_owned), ..blob })
    }

    pub(super) fn sql(&self) -> &str {
        &self.sql
    }

    pub(super) fn write(&self) -> String {
        STANDARD.encode(serde_json::to_vec(self).unwrap_or_default())
    }

    /// Takes in what the query finds now, with the names of the items, and tells what changed.
    pub(super) fn follow<'a, 'b>(
        &mut self,
        rows: &'b [Row<'a>],
        name: impl Fn(u64) -> String,
    ) -> Changes<'a, 'b> {
        let mut gone = std::mem::take(&mut self.items);
        let mut told = Vec::new();
        for row in rows {
            let (number, changed) = (row.view.item.number, row.view.item.changed);
            match gone.remove(&number) {
                None => told.push((ChangeType::New, row)),
                Some(known) if known.changed != changed => told.push((ChangeType::Change, row)),
                Some(_) => {}
            }
            self.items.insert(number, Known { changed, name: name(number) });
        }
        let gone = gone.into_iter().map(|(number, known)| (number, known.name)).collect();
        Changes { rows: told, gone }
    }
}
