//! One commit: what was observed, decided and may be displayed, with the cursor that covers it.

mod rows;

use crate::{
    calendar,
    column::{micros, word},
    device,
    error::{Error, Fault},
    fact::{self, Taught},
    history::{self, Moment},
    room,
};
use meeting_model::{
    id::{Epoch, Revision, RoomId, ServerId},
    plan::Commit,
};
use rusqlite::{Connection, params};

/// What a commit has done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Committed {
    /// Whose.
    pub room: RoomId,
    /// The room's revision from now on: one more than the plan's base, or the base where nothing changed.
    pub rev: Revision,
    /// Rooms to plan again, without Exchange, because this commit taught something about a meeting they hold. Where
    /// another room taught it since the plan was made, this very room is among them. Their revision has moved, so that
    /// a plan made without it conflicts, and they are marked, so that it happens after a restart too.
    pub replan: Vec<RoomId>,
    /// Rooms, this one included, of which rows were masked beyond what was planned: a meeting turned out to be secret.
    pub masked: Vec<Changed>,
}

impl Committed {
    /// The revisions that are new, where the plan was made against `base`.
    pub(crate) fn changed(&self, base: Revision) -> Vec<Changed> {
        let own = (self.rev != base).then(|| Changed { room: self.room.clone(), rev: self.rev });
        let others = self.masked.iter().filter(|masked| masked.room != self.room);
        own.into_iter().chain(others.cloned()).collect()
    }
}

/// A room has a new revision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// Which.
    pub room: RoomId,
    /// Its revision.
    pub rev: Revision,
}

/// Stores a commit. See [`Store::commit`](crate::Store::commit).
pub(crate) fn apply(conn: &Connection, epoch: Epoch, commit: &Commit) -> Result<Committed, Fault> {
    let plan = &commit.plan;
    let rev = move_on(conn, epoch, commit)?;
    let unheard = fact::unheard(conn, plan)?;
    let moment = Moment::of(commit, rev);
    if rev != plan.base {
        history::moved_on(conn, moment)?;
    }
    rows::write(conn, commit, moment)?;
    let mut taught = fact::learn(conn, commit)?;
    if fact::mask(conn, &plan.room, rev, &unheard)? {
        taught.masked.insert(plan.room.clone());
        taught.replan.insert(plan.room.clone());
    }
    if plan.changes_display() {
        device::want(conn, &plan.room, rev)?;
    }
    let masked = mark(conn, moment, &taught)?;
    Ok(Committed { room: plan.room.clone(), rev, replan: taught.replan.into_iter().collect(), masked })
}

/// Moves the room to its next revision, if it is where the plan took it to be and ours.
fn move_on(conn: &Connection, epoch: Epoch, commit: &Commit) -> Result<Revision, Fault> {
    let plan = &commit.plan;
    let rev = Revision(if plan.is_empty() { plan.base.0 } else { plan.base.0 + 1 });
    let source = commit.source.as_ref();
    let moved = conn
        .prepare_cached(
            "UPDATE room SET rev = ?4, acceptance = ?5, switched_to_proxy = ?6, planned_with = ?7,
             read_server = COALESCE(?8, read_server),
             migrated_from = CASE WHEN ?8 IS NULL THEN migrated_from ELSE ?9 END
             WHERE room_id = ?1 AND rev = ?2 AND epoch = ?3",
        )?
        .execute(params![
            plan.room.as_str(),
            plan.base.0,
            epoch.0,
            rev.0,
            word("room", &plan.acceptance.mode)?,
            plan.acceptance.switched_to_proxy.map(micros),
            plan.planned_with,
            source.map(|source| source.server.as_str()),
            source.and_then(|source| source.migrated_from.as_ref()).map(ServerId::as_str),
        ])?;
    if moved != 1 {
        return Err(why_not(conn, epoch, commit));
    }
    calendar::read_to(conn, commit)?;
    Ok(rev)
}

fn why_not(conn: &Connection, mine: Epoch, commit: &Commit) -> Fault {
    let room = commit.plan.room.clone();
    match room::state(conn, &room) {
        Err(fault) => fault,
        Ok(state) if state.epoch != mine => Fault::Denied(Error::Fenced { room, mine, found: state.epoch }),
        Ok(state) => Fault::Denied(Error::Conflict { room, base: commit.plan.base, found: state.rev }),
    }
}

/// Marks the rooms that must be planned again, and makes the devices of those that were masked show it.
fn mark(conn: &Connection, moment: Moment<'_>, taught: &Taught) -> Result<Vec<Changed>, Fault> {
    let mut touch = conn.prepare_cached(
        "UPDATE room SET rev = rev + ?2, planned_with = NULL WHERE room_id = ?1 RETURNING rev",
    )?;
    let mut masked = Vec::new();
    for room in &taught.replan {
        let step = i64::from(room != moment.room);
        let now_at = Revision(touch.query_row(params![room.as_str(), step], |row| row.get(0))?);
        debug_assert!(room != moment.room || now_at == moment.rev, "this commit alone moves its own room");
        history::moved_on(conn, Moment { room, rev: now_at, ..moment })?;
        if taught.masked.contains(room) {
            device::want(conn, room, now_at)?;
            masked.push(Changed { room: room.clone(), rev: now_at });
        }
    }
    Ok(masked)
}
