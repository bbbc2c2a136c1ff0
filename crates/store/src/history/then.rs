//! Asking what was.

use super::{Confirmation, ShownAt, Version};
use crate::{
    column::{from_body, instant, micros},
    displayed,
    error::Fault,
    fact, room,
};
use chrono::{DateTime, Utc};
use meeting_model::{
    id::{DeviceId, Revision, RoomId},
    identity::{MeetingKey, Slot},
    item::Sensitivity,
    plan::PlannedOccurrence,
};
use rusqlite::{Connection, OptionalExtension, params};
use std::collections::BTreeMap;

/// What a room showed. See [`Store::shown_at`](crate::Store::shown_at).
pub(crate) fn shown_at(
    conn: &Connection,
    room: &RoomId,
    at: DateTime<Utc>,
) -> Result<Option<ShownAt>, Fault> {
    let Some(rev) = revision_at(conn, room, at)? else { return Ok(None) };
    Ok(Some(ShownAt {
        rev,
        since: made_at(conn, room, rev)?,
        versions: shown_in(conn, room, rev)?,
        confirmations: confirmations(conn, room, at)?,
    }))
}

/// What a room showed at a revision. See [`Store::shown_in`](crate::Store::shown_in).
pub(crate) fn shown_in(conn: &Connection, room: &RoomId, rev: Revision) -> Result<Vec<Version>, Fault> {
    let mut versions = still(conn, room, rev)?;
    versions.append(&mut past(conn, room, rev)?);
    let facts = fact::of_history(conn, room)?;
    for version in &mut versions {
        let slots = [fact::slot_of(&version.key), Slot::Whole];
        let known = slots.into_iter().filter_map(|slot| facts.get(&(version.key.meeting(), slot)));
        version.sensitivity = known.map(|fact| fact.sensitivity).max().unwrap_or_default();
    }
    versions.sort_by(|one, other| (one.start, &one.key).cmp(&(other.start, &other.key)));
    Ok(versions)
}

/// The revision of a moment: the latest that was made until then, or the one there is where none was made since.
fn revision_at(conn: &Connection, room: &RoomId, at: DateTime<Utc>) -> Result<Option<Revision>, Fault> {
    let now = room::state(conn, room)?.rev;
    let (before, after): (Option<i64>, bool) = conn
        .prepare_cached(
            "SELECT (SELECT max(rev) FROM revision WHERE room_id = ?1 AND made_at <= ?2),
                    EXISTS (SELECT 1 FROM revision WHERE room_id = ?1 AND made_at > ?2)",
        )?
        .query_row(params![room.as_str(), micros(at)], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(if after { before.map(Revision) } else { Some(now) })
}

fn made_at(conn: &Connection, room: &RoomId, rev: Revision) -> Result<Option<DateTime<Utc>>, Fault> {
    let found = conn
        .prepare_cached("SELECT made_at FROM revision WHERE room_id = ?1 AND rev = ?2")?
        .query_row(params![room.as_str(), rev.0], |row| instant(row.get(0)?))
        .optional()?;
    Ok(found)
}

/// What was at a revision as it is today.
fn still(conn: &Connection, room: &RoomId, rev: Revision) -> Result<Vec<Version>, Fault> {
    let mut found = conn.prepare_cached(concat!(
        "SELECT ",
        displayed::columns!(),
        ", occurrence.body, occurrence.shown_rev, revision.made_at FROM occurrence
           LEFT JOIN display
             ON display.room_id = occurrence.room_id AND display.public_key = occurrence.public_key
           LEFT JOIN revision
             ON revision.room_id = occurrence.room_id AND revision.rev = occurrence.since_rev
         WHERE occurrence.room_id = ?1 AND occurrence.since_rev <= ?2"
    ))?;
    let mut rows = found.query(params![room.as_str(), rev.0])?;
    let mut versions = Vec::new();
    while let Some(row) = rows.next()? {
        let occurrence: PlannedOccurrence = from_body("occurrence", &row.get::<_, String>(11)?)?;
        versions.push(Version {
            key: occurrence.key,
            start: occurrence.start,
            end: occurrence.end,
            decision: occurrence.decision,
            displayed: displayed::from_row_or_none(row)?,
            sensitivity: Sensitivity::default(),
            shown_rev: Revision(row.get(12)?),
            is_still: true,
            since: row.get::<_, Option<i64>>(13)?.map(instant).transpose()?,
        });
    }
    Ok(versions)
}

/// What was at a revision, and is not so any more.
fn past(conn: &Connection, room: &RoomId, rev: Revision) -> Result<Vec<Version>, Fault> {
    let mut found = conn.prepare_cached(concat!(
        "SELECT ",
        displayed::columns!(),
        ", display.decision, display.shown_rev, revision.made_at, display.meeting_key
         FROM past_occurrence AS display
           LEFT JOIN revision ON revision.room_id = display.room_id AND revision.rev = display.since_rev
         WHERE display.room_id = ?1 AND display.since_rev <= ?2 AND display.until_rev > ?2"
    ))?;
    let mut rows = found.query(params![room.as_str(), rev.0])?;
    let mut versions = Vec::new();
    while let Some(row) = rows.next()? {
        versions.push(Version {
            key: MeetingKey::new(row.get::<_, String>(14)?),
            start: instant(row.get(1)?)?,
            end: instant(row.get(2)?)?,
            decision: from_body("past_occurrence", &row.get::<_, String>(11)?)?,
            displayed: displayed::from_row_or_none(row)?,
            sensitivity: Sensitivity::default(),
            shown_rev: Revision(row.get(12)?),
            is_still: false,
            since: row.get::<_, Option<i64>>(13)?.map(instant).transpose()?,
        });
    }
    Ok(versions)
}

fn confirmations(
    conn: &Connection,
    room: &RoomId,
    at: DateTime<Utc>,
) -> Result<BTreeMap<DeviceId, Vec<Confirmation>>, Fault> {
    let mut found = conn.prepare_cached(
        "SELECT device_id, rev, since_at FROM confirmation WHERE room_id = ?1 AND since_at <= ?2
         ORDER BY device_id, rev",
    )?;
    let mut rows = found.query(params![room.as_str(), micros(at)])?;
    let mut confirmations: BTreeMap<DeviceId, Vec<Confirmation>> = BTreeMap::new();
    while let Some(row) = rows.next()? {
        let since = Some(row.get(2)?).filter(|micros| *micros != 0).map(instant).transpose()?;
        let confirmation = Confirmation { rev: Revision(row.get(1)?), since };
        confirmations.entry(DeviceId::new(row.get::<_, String>(0)?)).or_default().push(confirmation);
    }
    Ok(confirmations)
}
