//! Forgetting what is long past (rule P7).

use crate::{column::micros, error::Fault, history};
use chrono::{DateTime, Utc};
use rusqlite::Connection;

/// What to forget.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Prune {
    /// Single meetings, exceptions and occurrences that ended before this. A series stays until its calendar drops it.
    pub ended_before: DateTime<Utc>,
    /// What rooms showed once of meetings that ended before this, and so are without names.
    pub names_before: DateTime<Utc>,
    /// Facts of meetings that no room has held since this.
    pub unheld_since: DateTime<Utc>,
    /// The moment of the call.
    pub now: DateTime<Utc>,
    /// How many rows of each kind at most, so that no commit waits long.
    pub limit: u32,
}

/// What was forgotten, in rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Pruned {
    /// Items as they were read.
    pub items: usize,
    /// Occurrences, with what was displayed of them.
    pub occurrences: usize,
    /// Facts.
    pub facts: usize,
    /// What rooms showed once, and when devices confirmed it: of the largest of its tables.
    pub history: usize,
}

impl Pruned {
    /// Whether a kind reached its limit, so that the next call has more to do.
    pub fn is_more(self, limit: u32) -> bool {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        self.items >= limit || self.occurrences >= limit || self.facts >= limit || self.history >= limit
    }
}

/// Forgets. No revision moves: what has ended is in nobody's plan.
pub(crate) fn apply(conn: &Connection, prune: &Prune) -> Result<Pruned, Fault> {
    let ended = (micros(prune.ended_before), prune.limit);
    conn.prepare_cached(
        "UPDATE meeting_fact SET held_at = ?3 WHERE meeting_id IN
             (SELECT meeting_id FROM observed WHERE ends_at < ?1 ORDER BY ends_at, room_id, item_id LIMIT ?2)",
    )?
    .execute((ended.0, ended.1, micros(prune.now)))?;
    let items = conn
        .prepare_cached(
            "DELETE FROM observed WHERE (room_id, item_id) IN
                 (SELECT room_id, item_id FROM observed WHERE ends_at < ?1
                  ORDER BY ends_at, room_id, item_id LIMIT ?2)",
        )?
        .execute(ended)?;
    conn.prepare_cached(
        "DELETE FROM display WHERE (room_id, public_key) IN
             (SELECT room_id, public_key FROM occurrence WHERE ends_at < ?1
              ORDER BY ends_at, room_id, meeting_key LIMIT ?2)",
    )?
    .execute(ended)?;
    let occurrences = conn
        .prepare_cached(
            "DELETE FROM occurrence WHERE (room_id, meeting_key) IN
                 (SELECT room_id, meeting_key FROM occurrence WHERE ends_at < ?1
                  ORDER BY ends_at, room_id, meeting_key LIMIT ?2)",
        )?
        .execute(ended)?;
    let facts = conn
        .prepare_cached(
            "DELETE FROM meeting_fact WHERE (meeting_id, slot) IN
                 (SELECT meeting_id, slot FROM meeting_fact WHERE held_at < ?1
                  AND NOT EXISTS (SELECT 1 FROM observed WHERE observed.meeting_id = meeting_fact.meeting_id)
                  AND NOT EXISTS (SELECT 1 FROM occurrence WHERE occurrence.meeting_id = meeting_fact.meeting_id)
                  ORDER BY held_at, meeting_id, slot LIMIT ?2)",
        )?
        .execute((micros(prune.unheld_since), prune.limit))?;
    let history = history::forget(conn, prune)?;
    Ok(Pruned { items, occurrences, facts, history })
}
