//! Deliveries are a state, not a queue: one row a device.

use crate::{
    column::{instant_or_none, micros},
    error::{Error, Fault},
    history,
    room::{self, Claim},
};
use chrono::{DateTime, Utc};
use meeting_model::id::{DeviceId, Epoch, Revision, RoomId};
use rusqlite::{Connection, OptionalExtension, Row, params};

/// Where a device stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceState {
    /// Which.
    pub device: DeviceId,
    /// Whose.
    pub room: RoomId,
    /// The revision it should show.
    pub wanted: Revision,
    /// The revision it has confirmed. Absent where it never has.
    pub acknowledged: Option<Revision>,
    /// The digest of what it has confirmed: an equal one need not be sent.
    pub digest: Option<String>,
    /// How often it was tried in vain since it last answered.
    pub attempts: u32,
    /// When it may be tried again. Absent where at once.
    pub not_before: Option<DateTime<Utc>>,
    /// Why the last try failed. Absent where it did not.
    pub last_error: Option<String>,
}

impl DeviceState {
    /// The digest of what it shows for certain. What was under way to it when the program ended may have arrived, and what
    /// failed may have too: of such a device nobody knows.
    pub fn certain_digest(&self) -> Option<&str> {
        let is_settled = self.acknowledged.is_some_and(|acknowledged| acknowledged >= self.wanted);
        self.digest.as_deref().filter(|_| is_settled && self.attempts == 0)
    }
}

/// How a delivery ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settlement {
    /// To which device.
    pub device: DeviceId,
    /// The epoch its room is held by.
    pub epoch: Epoch,
    /// The revision that was delivered.
    pub rev: Revision,
    /// Whether it arrived.
    pub outcome: Outcome,
    /// The moment.
    pub now: DateTime<Utc>,
}

/// Whether a delivery arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The device answered for this revision, or shows the same already.
    Acknowledged {
        /// The digest of what was sent.
        digest: String,
    },
    /// It did not.
    Failed {
        /// How often it was tried in vain, this time included.
        attempts: u32,
        /// When to try again.
        not_before: DateTime<Utc>,
        /// Why, for the operator. It names no subject, person or body.
        error: String,
    },
}

const STATE: &str = "SELECT device_id, room_id, wanted_rev, acked_rev, sent_digest, attempts, not_before, last_error \
     FROM device";

/// Makes the devices of a room those of the claim. A new one should show what its room shows.
pub(crate) fn register(conn: &Connection, claim: &Claim, rev: Revision) -> Result<(), Fault> {
    let room = claim.room.as_str();
    let mut stored = conn.prepare_cached("SELECT device_id FROM device WHERE room_id = ?1")?;
    let stored = stored.query_map([room], |row| row.get::<_, String>(0).map(DeviceId::new))?;
    for device in stored.collect::<rusqlite::Result<Vec<_>>>()? {
        if !claim.devices.contains(&device) {
            conn.execute("DELETE FROM device WHERE device_id = ?1", [device.as_str()])?;
        }
    }
    let mut add = conn.prepare_cached(
        "INSERT INTO device (device_id, room_id, wanted_rev, attempts) VALUES (?1, ?2, ?3, 0)
         ON CONFLICT (device_id) DO NOTHING",
    )?;
    for device in &claim.devices {
        add.execute(params![device.as_str(), room, rev.0])?;
    }
    Ok(())
}

/// Makes the devices of a room want its revision.
pub(crate) fn want(conn: &Connection, room: &RoomId, rev: Revision) -> Result<(), Fault> {
    conn.prepare_cached("UPDATE device SET wanted_rev = ?2 WHERE room_id = ?1")?
        .execute(params![room.as_str(), rev.0])?;
    Ok(())
}

/// Every device.
pub(crate) fn all(conn: &Connection) -> Result<Vec<DeviceState>, Fault> {
    let mut found = conn.prepare_cached(&format!("{STATE} ORDER BY device_id"))?;
    let states = found.query_map([], from_row)?.collect::<rusqlite::Result<_>>()?;
    Ok(states)
}

/// Stores how a delivery ended. See [`Store::settle`](crate::Store::settle).
pub(crate) fn settle(conn: &Connection, settlement: &Settlement) -> Result<DeviceState, Fault> {
    let before = one(conn, &settlement.device)?;
    may_settle(conn, &before.room, settlement)?;
    if before.acknowledged.is_some_and(|acknowledged| acknowledged > settlement.rev) {
        return Ok(before);
    }
    let device = settlement.device.as_str();
    if matches!(settlement.outcome, Outcome::Acknowledged { .. }) {
        history::confirm(conn, &before.room, settlement)?;
    }
    match &settlement.outcome {
        Outcome::Acknowledged { digest } => conn
            .prepare_cached(
                "UPDATE device SET acked_rev = ?2, sent_digest = ?3,
                 attempts = 0, not_before = NULL, last_error = NULL WHERE device_id = ?1",
            )?
            .execute(params![device, settlement.rev.0, digest])?,
        Outcome::Failed { attempts, not_before, error } => conn
            .prepare_cached(
                "UPDATE device SET attempts = ?2, not_before = ?3, last_error = ?4 WHERE device_id = ?1",
            )?
            .execute(params![device, attempts, micros(*not_before), error])?,
    };
    one(conn, &settlement.device)
}

/// Only who holds the room may settle, and no device can have confirmed what its room has not reached.
fn may_settle(conn: &Connection, room: &RoomId, settlement: &Settlement) -> Result<(), Fault> {
    let state = room::state(conn, room)?;
    let room = room.clone();
    if state.epoch != settlement.epoch {
        let denied = Error::Fenced { room, mine: settlement.epoch, found: state.epoch };
        return Err(Fault::Denied(denied));
    }
    if state.rev < settlement.rev {
        let denied = Error::Conflict { room, base: settlement.rev, found: state.rev };
        return Err(Fault::Denied(denied));
    }
    Ok(())
}

fn one(conn: &Connection, device: &DeviceId) -> Result<DeviceState, Fault> {
    conn.prepare_cached(&format!("{STATE} WHERE device_id = ?1"))?
        .query_row([device.as_str()], from_row)
        .optional()?
        .ok_or_else(|| Fault::Denied(Error::UnknownDevice { device: device.clone() }))
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<DeviceState> {
    Ok(DeviceState {
        device: DeviceId::new(row.get::<_, String>(0)?),
        room: RoomId::new(row.get::<_, String>(1)?),
        wanted: Revision(row.get(2)?),
        acknowledged: row.get::<_, Option<i64>>(3)?.map(Revision),
        digest: row.get(4)?,
        attempts: row.get(5)?,
        not_before: instant_or_none(row.get(6)?)?,
        last_error: row.get(7)?,
    })
}
