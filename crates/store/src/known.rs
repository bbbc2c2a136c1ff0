//! What is known of a room, whole, for planning.

use crate::{calendar, column::from_body, displayed, error::Fault, fact, room};
use meeting_model::{
    id::{ItemId, RoomId},
    identity::{MeetingId, MeetingKey},
    item::CalendarItem,
    known::Known,
    plan::PlannedOccurrence,
    tombstone::Tombstone,
};
use rusqlite::Connection;
use std::collections::{BTreeMap, BTreeSet};

/// Reads a room. See [`Store::known`](crate::Store::known).
pub(crate) fn read(conn: &Connection, room: &RoomId, meetings: &BTreeSet<MeetingId>) -> Result<Known, Fault> {
    let state = room::state(conn, room)?;
    let mut facts = fact::of_room(conn, room)?;
    for meeting in meetings {
        facts.append(&mut fact::of_meeting(conn, meeting)?);
    }
    Ok(Known {
        rev: state.rev,
        epoch: state.epoch,
        items: items(conn, room)?,
        occurrences: occurrences(conn, room)?,
        facts,
        tombstones: tombstones(conn, room)?,
        acceptance: state.acceptance,
        planned_with: state.planned_with,
        calendars: calendar::read_with(conn, room)?,
        source: state.source,
    })
}

fn items(conn: &Connection, room: &RoomId) -> Result<BTreeMap<ItemId, CalendarItem>, Fault> {
    let mut found = conn.prepare_cached("SELECT body FROM observed WHERE room_id = ?1")?;
    let mut rows = found.query([room.as_str()])?;
    let mut items = BTreeMap::new();
    while let Some(row) = rows.next()? {
        let item: CalendarItem =
            from_body("observed", row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?)?;
        items.insert(item.item_id.clone(), item);
    }
    Ok(items)
}

fn tombstones(conn: &Connection, room: &RoomId) -> Result<BTreeMap<MeetingKey, Tombstone>, Fault> {
    let mut found = conn.prepare_cached("SELECT body FROM tombstone WHERE room_id = ?1")?;
    let mut rows = found.query([room.as_str()])?;
    let mut tombstones = BTreeMap::new();
    while let Some(row) = rows.next()? {
        let tombstone: Tombstone =
            from_body("tombstone", row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?)?;
        tombstones.insert(tombstone.key.clone(), tombstone);
    }
    Ok(tombstones)
}

fn occurrences(conn: &Connection, room: &RoomId) -> Result<BTreeMap<MeetingKey, PlannedOccurrence>, Fault> {
    let mut found = conn.prepare_cached(concat!(
        "SELECT ",
        displayed::columns!(),
        ", occurrence.body FROM occurrence LEFT JOIN display
           ON display.room_id = occurrence.room_id AND display.public_key = occurrence.public_key
         WHERE occurrence.room_id = ?1"
    ))?;
    let mut rows = found.query([room.as_str()])?;
    let mut occurrences = BTreeMap::new();
    while let Some(row) = rows.next()? {
        let bare: PlannedOccurrence = from_body("occurrence", &row.get::<_, String>(11)?)?;
        let occurrence = PlannedOccurrence { displayed: displayed::from_row_or_none(row)?, ..bare };
        occurrences.insert(occurrence.key.clone(), occurrence);
    }
    Ok(occurrences)
}
