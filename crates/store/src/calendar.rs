//! The calendars of a room, and where the reading of each stands.

use crate::{
    column::{from_word, instant_or_none, micros, word},
    error::Fault,
};
use base64::{Engine, prelude::BASE64_STANDARD};
use chrono::{DateTime, Utc};
use meeting_model::{
    id::{CalendarName, CalendarNumber, RoomId},
    observed::Cursor,
    plan::Commit,
};
use rusqlite::{Connection, Row, params};
use std::collections::BTreeMap;

/// Where the reading of one of a room's calendars stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CalendarState {
    /// Where it lies.
    pub name: CalendarName,
    /// How the room tells its items apart.
    pub number: CalendarNumber,
    /// Where the next delta read goes on. Absent before the first read, or where it is of a protocol that this program
    /// does not know: then the calendar is read whole.
    pub cursor: Option<Cursor>,
    /// When the server's answer that its room shows was asked for. Before it was ever read: what the room showed as this
    /// calendar was added, absent where that was nothing.
    pub as_of: Option<DateTime<Utc>>,
    /// Whether it was not read since the mirror was restored from a backup: what is known of it may be older than what was
    /// shown meanwhile.
    pub restored: bool,
}

/// Makes the calendars of a room those of the names. What was read of others stays until somebody plans the room without them,
/// and what has no name yet is the first one's.
pub(crate) fn register(conn: &Connection, room: &RoomId, names: &[CalendarName]) -> Result<(), Fault> {
    let named = "UPDATE calendar SET name = ?2 WHERE room_id = ?1 AND name IS NULL";
    if let Some(first) = names.first() {
        conn.prepare_cached(named)?.execute([room.as_str(), first.as_str()])?;
    }
    let mut stored =
        conn.prepare_cached("SELECT name FROM calendar WHERE room_id = ?1 AND name IS NOT NULL")?;
    let stored = stored.query_map([room.as_str()], |row| row.get::<_, String>(0).map(CalendarName::new))?;
    let stored: Vec<CalendarName> = stored.collect::<rusqlite::Result<_>>()?;
    for name in names.iter().filter(|name| !stored.contains(name)) {
        let number: i64 = conn
            .prepare_cached(
                "UPDATE room SET calendars = calendars + 1 WHERE room_id = ?1 RETURNING calendars - 1",
            )?
            .query_row([room.as_str()], |row| row.get(0))?;
        conn.prepare_cached(
            "INSERT INTO calendar (room_id, number, name, as_of)
             SELECT room_id, ?2, ?3, as_of FROM room WHERE room_id = ?1",
        )?
        .execute(params![room.as_str(), number, name.as_str()])?;
    }
    for gone in stored.iter().filter(|name| !names.contains(name)) {
        conn.prepare_cached("DELETE FROM calendar WHERE room_id = ?1 AND name = ?2")?
            .execute([room.as_str(), gone.as_str()])?;
    }
    grow_old(conn, room)
}

/// Stores where the reading of a calendar stands after a commit that reads it.
pub(crate) fn read_to(conn: &Connection, commit: &Commit) -> Result<(), Fault> {
    let plan = &commit.plan;
    if commit.cursor.is_none() && commit.as_of.is_none() && plan.read_with.is_none() {
        return Ok(());
    }
    let (protocol, cursor) = match &commit.cursor {
        Some(cursor) => {
            (Some(word("calendar", &cursor.protocol)?), Some(BASE64_STANDARD.encode(&cursor.bytes)))
        }
        None => (None, None),
    };
    conn.prepare_cached(
        "UPDATE calendar SET as_of = COALESCE(?3, as_of), read_protocol = COALESCE(?4, read_protocol),
         read_cursor = COALESCE(?5, read_cursor), read_with = COALESCE(?6, read_with),
         restored = CASE WHEN ?5 IS NULL THEN restored ELSE 0 END
         WHERE room_id = ?1 AND number = ?2",
    )?
    .execute(params![
        plan.room.as_str(),
        plan.calendar.0,
        commit.as_of.map(micros),
        protocol,
        cursor,
        plan.read_with,
    ])?;
    grow_old(conn, &plan.room)
}

/// A room is as old as the oldest of its calendars, and was never read before all of them were.
fn grow_old(conn: &Connection, room: &RoomId) -> Result<(), Fault> {
    conn.prepare_cached(
        "UPDATE room SET as_of = (SELECT CASE WHEN COUNT(as_of) = COUNT(*) THEN MIN(as_of) END
                                  FROM calendar WHERE room_id = ?1)
         WHERE room_id = ?1",
    )?
    .execute([room.as_str()])?;
    Ok(())
}

/// Where the calendars of a room stand, in order of their numbers.
pub(crate) fn states(conn: &Connection, room: &RoomId) -> Result<Vec<CalendarState>, Fault> {
    let mut found = conn.prepare_cached(
        "SELECT number, name, as_of, read_protocol, read_cursor, restored FROM calendar
         WHERE room_id = ?1 AND name IS NOT NULL ORDER BY number",
    )?;
    let states = found.query_map([room.as_str()], from_row)?;
    Ok(states.collect::<rusqlite::Result<_>>()?)
}

/// The calendars of a room, with what join addresses were looked for with when each was last read whole.
pub(crate) fn read_with(
    conn: &Connection,
    room: &RoomId,
) -> Result<BTreeMap<CalendarNumber, Option<String>>, Fault> {
    let mut found = conn.prepare_cached("SELECT number, read_with FROM calendar WHERE room_id = ?1")?;
    let rows = found.query_map([room.as_str()], |row| Ok((CalendarNumber(row.get(0)?), row.get(1)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<CalendarState> {
    Ok(CalendarState {
        number: CalendarNumber(row.get(0)?),
        name: CalendarName::new(row.get::<_, String>(1)?),
        as_of: instant_or_none(row.get(2)?)?,
        cursor: cursor(row.get(3)?, row.get(4)?),
        restored: row.get::<_, i64>(5)? != 0,
    })
}

/// A cursor that cannot be understood is none: a whole read is always right.
fn cursor(protocol: Option<String>, bytes: Option<String>) -> Option<Cursor> {
    Some(Cursor {
        protocol: from_word("calendar", &protocol?).ok()?,
        bytes: BASE64_STANDARD.decode(bytes?).ok()?,
    })
}
