//! Rooms: who holds them, and where their reading stands.

use crate::{
    calendar::{self, CalendarState},
    column::{from_word, instant_or_none},
    device,
    error::{Error, Fault},
};
use chrono::{DateTime, Utc};
use meeting_model::{
    id::{CalendarName, DeviceId, Epoch, Revision, RoomId, ServerId},
    known::AcceptanceHistory,
    observed::Source,
};
use rusqlite::{Connection, OptionalExtension, Row};
use std::collections::BTreeSet;

/// A room to take over, with the devices and calendars it has from now on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// Which.
    pub room: RoomId,
    /// Its devices. A device that is not named is forgotten; one that is new is due at once.
    pub devices: BTreeSet<DeviceId>,
    /// Its calendars, by where they lie: at least one. Of one that is not named it is forgotten how far it was read; what was
    /// read of it goes when the room is planned next and every calendar that is named has been read.
    pub calendars: Vec<CalendarName>,
}

/// Where a room stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoomState {
    /// Which.
    pub room: RoomId,
    /// The revision of its rows.
    pub rev: Revision,
    /// Who may write it: every commit and settlement names this.
    pub epoch: Epoch,
    /// Its calendars, in order of their numbers.
    pub calendars: Vec<CalendarState>,
    /// When the server's answer that it shows was asked for: the oldest of those of its calendars. Absent before all of them
    /// were read once.
    pub as_of: Option<DateTime<Utc>>,
    /// Who accepts for it. Absent before the first plan.
    pub acceptance: Option<AcceptanceHistory>,
    /// What its decisions were made with. Absent where they must be made again: before the first plan, and after another
    /// room taught something about a meeting that this one holds too.
    pub planned_with: Option<String>,
    /// Where its rows were read: of several calendars, the first. Absent before the first read, and where that was not written
    /// down.
    pub source: Option<Source>,
}

/// Takes rooms over. See [`Store::take`](crate::Store::take).
pub(crate) fn take(conn: &Connection, claims: &[Claim]) -> Result<Vec<RoomState>, Fault> {
    let mut raise = conn.prepare_cached(
        "INSERT INTO room (room_id, epoch, rev) VALUES (?1, 1, 0)
         ON CONFLICT (room_id) DO UPDATE SET epoch = room.epoch + 1",
    )?;
    let mut states = Vec::with_capacity(claims.len());
    for claim in claims {
        raise.execute([claim.room.as_str()])?;
        states.push(equip_one(conn, claim)?);
    }
    Ok(states)
}

/// Gives rooms their devices and calendars. See [`Store::equip`](crate::Store::equip).
pub(crate) fn equip(conn: &Connection, claims: &[Claim]) -> Result<Vec<RoomState>, Fault> {
    claims.iter().map(|claim| equip_one(conn, claim)).collect()
}

fn equip_one(conn: &Connection, claim: &Claim) -> Result<RoomState, Fault> {
    device::register(conn, claim, state(conn, &claim.room)?.rev)?;
    calendar::register(conn, &claim.room, &claim.calendars)?;
    state(conn, &claim.room)
}

/// Where one room stands.
pub(crate) fn state(conn: &Connection, room: &RoomId) -> Result<RoomState, Fault> {
    let state = conn
        .prepare_cached(
            "SELECT rev, epoch, as_of, acceptance, switched_to_proxy, planned_with, read_server, migrated_from
             FROM room WHERE room_id = ?1",
        )?
        .query_row([room.as_str()], |row| Ok(from_row(room, row)))
        .optional()?
        .unwrap_or_else(|| Err(Fault::Denied(Error::UnknownRoom { room: room.clone() })))?;
    Ok(RoomState { calendars: calendar::states(conn, room)?, ..state })
}

fn from_row(room: &RoomId, row: &Row<'_>) -> Result<RoomState, Fault> {
    let acceptance = match row.get::<_, Option<String>>(3)? {
        Some(mode) => Some(AcceptanceHistory {
            mode: from_word("room", &mode)?,
            switched_to_proxy: instant_or_none(row.get(4)?)?,
        }),
        None => None,
    };
    Ok(RoomState {
        room: room.clone(),
        rev: Revision(row.get(0)?),
        epoch: Epoch(row.get(1)?),
        calendars: Vec::new(),
        as_of: instant_or_none(row.get(2)?)?,
        acceptance,
        planned_with: row.get(5)?,
        source: source(row.get(6)?, row.get(7)?),
    })
}

fn source(server: Option<String>, migrated_from: Option<String>) -> Option<Source> {
    Some(Source { server: ServerId::new(server?), migrated_from: migrated_from.map(ServerId::new) })
}

/// Forgets the rooms that are not named. See [`Store::forget_others`](crate::Store::forget_others).
pub(crate) fn forget_others(conn: &Connection, keep: &BTreeSet<RoomId>) -> Result<Vec<RoomId>, Fault> {
    let mut every = conn.prepare("SELECT room_id FROM room ORDER BY room_id")?;
    let stored = every.query_map([], |row| row.get::<_, String>(0).map(RoomId::new))?;
    let mut gone = Vec::new();
    for room in stored {
        let room = room?;
        if !keep.contains(&room) {
            gone.push(room);
        }
    }
    for room in &gone {
        conn.execute("DELETE FROM room WHERE room_id = ?1", [room.as_str()])?;
    }
    Ok(gone)
}
