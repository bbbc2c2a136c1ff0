//! What copies of one meeting teach each other across rooms (rules S3 and P5).

use crate::{
    column::{from_word, micros, word},
    error::Fault,
    history, room,
};
use meeting_model::{
    display::Displayed,
    fact::{Fact, Facts},
    id::{Revision, RoomId},
    identity::{MeetingId, MeetingKey, Slot},
    plan::{Commit, Plan},
    privacy,
};
use rusqlite::{Connection, Row, params};
use std::collections::BTreeSet;

/// Which other rooms a commit concerns.
#[derive(Debug, Default)]
pub(crate) struct Taught {
    /// Rooms that hold a meeting of which something new is known.
    pub(crate) replan: BTreeSet<RoomId>,
    /// Those of them of which rows were masked.
    pub(crate) masked: BTreeSet<RoomId>,
}

/// The slot of a key: two items that claim one name share its facts.
pub(crate) fn slot_of(key: &MeetingKey) -> Slot {
    let slot = key.as_str().split('/').nth(1).unwrap_or_default();
    Slot::parse(slot.split('#').next().unwrap_or_default())
}

/// Stores what a commit teaches: the strictest sensitivity for ever, the last subject. Where that is news, every other
/// room that holds the meeting is named, and where the meeting became secret, what they display of it is masked.
pub(crate) fn learn(conn: &Connection, commit: &Commit) -> Result<Taught, Fault> {
    let own = &commit.plan.room;
    let mut taught = Taught::default();
    for ((meeting, slot), learned) in &commit.plan.learned {
        let known = of_meeting(conn, meeting)?.remove(&(meeting.clone(), *slot));
        let before = known.clone().unwrap_or_default();
        let said = if learned.subject.is_some() { learned } else { &before };
        let sensitivity = learned.sensitivity.max(before.sensitivity);
        let after = Fact { sensitivity, ..said.clone() };
        if known.is_none() || after != before {
            put(conn, meeting, *slot, &after, micros(commit.now))?;
        }
        if after == before {
            continue;
        }
        let turns_secret = after.sensitivity.is_hidden() && !before.sensitivity.is_hidden();
        if turns_secret {
            history::mask(conn, meeting, *slot)?;
        }
        let secret = BTreeSet::from([(meeting.clone(), *slot)]);
        for room in holders(conn, meeting)?.into_iter().filter(|room| room != own) {
            let next = Revision(room::state(conn, &room)?.rev.0 + 1);
            if turns_secret && mask(conn, &room, next, &secret)? {
                taught.masked.insert(room.clone());
            }
            taught.replan.insert(room);
        }
    }
    Ok(taught)
}

/// Secret meetings that a plan shows openly and may not have heard of: those that its room did not hold. Of what a room
/// holds it has heard, since learning moves the revision of every room that holds the meeting.
pub(crate) fn unheard(conn: &Connection, plan: &Plan) -> Result<BTreeSet<(MeetingId, Slot)>, Fault> {
    let open = |displayed: &Displayed| !displayed.is_private();
    let shown = plan.occurrences.iter().filter(|occurrence| occurrence.displayed.as_ref().is_some_and(open));
    let meetings: BTreeSet<_> = shown.map(|occurrence| occurrence.key.meeting()).collect();
    let mut unheard = BTreeSet::new();
    for meeting in meetings {
        let facts = of_meeting(conn, &meeting)?;
        let mut secret = facts.into_iter().filter(|(_, fact)| fact.sensitivity.is_hidden()).peekable();
        if secret.peek().is_some() && !holders(conn, &meeting)?.contains(&plan.room) {
            unheard.extend(secret.map(|(name, _)| name));
        }
    }
    Ok(unheard)
}

/// Masks what a room displays of these meetings, from a revision on. Whether that changed anything.
pub(crate) fn mask(
    conn: &Connection,
    room: &RoomId,
    rev: Revision,
    secret: &BTreeSet<(MeetingId, Slot)>,
) -> Result<bool, Fault> {
    let mut shown = conn.prepare_cached(
        "UPDATE occurrence SET shown_rev = ?4
         WHERE room_id = ?1 AND meeting_id = ?2 AND (slot = ?3 OR ?3 = 'single') AND public_key IN
             (SELECT public_key FROM display WHERE room_id = ?1 AND private = FALSE)",
    )?;
    let mut mask = conn.prepare_cached(
        "UPDATE display SET title = ?4, organizer = NULL, location = NULL, join_by = NULL, private = TRUE
         WHERE room_id = ?1 AND private = FALSE AND public_key IN
             (SELECT public_key FROM occurrence
              WHERE room_id = ?1 AND meeting_id = ?2 AND (slot = ?3 OR ?3 = 'single'))",
    )?;
    let mut masked = 0;
    for (meeting, slot) in secret {
        shown.execute(params![room.as_str(), meeting.as_str(), slot.to_string(), rev.0])?;
        masked += mask.execute(params![room.as_str(), meeting.as_str(), slot.to_string(), privacy::MASK])?;
    }
    Ok(masked > 0)
}

/// The facts of every meeting a room holds.
pub(crate) fn of_room(conn: &Connection, room: &RoomId) -> Result<Facts, Fault> {
    let sql = "SELECT meeting_id, slot, subject, sensitivity, said_in, by_request FROM meeting_fact
               WHERE meeting_id IN (SELECT meeting_id FROM observed WHERE room_id = ?1)";
    select(conn, sql, room.as_str())
}

/// The facts of every meeting that a room shows or showed.
pub(crate) fn of_history(conn: &Connection, room: &RoomId) -> Result<Facts, Fault> {
    let sql = "SELECT meeting_id, slot, subject, sensitivity, said_in, by_request FROM meeting_fact
               WHERE meeting_id IN (SELECT meeting_id FROM occurrence WHERE room_id = ?1
                                    UNION SELECT meeting_id FROM past_occurrence WHERE room_id = ?1)";
    select(conn, sql, room.as_str())
}

/// The facts of one meeting.
pub(crate) fn of_meeting(conn: &Connection, meeting: &MeetingId) -> Result<Facts, Fault> {
    let sql = "SELECT meeting_id, slot, subject, sensitivity, said_in, by_request FROM meeting_fact WHERE meeting_id = ?1";
    select(conn, sql, meeting.as_str())
}

fn select(conn: &Connection, sql: &str, argument: &str) -> Result<Facts, Fault> {
    let mut found = conn.prepare_cached(sql)?;
    let mut rows = found.query([argument])?;
    let mut facts = Facts::new();
    while let Some(row) = rows.next()? {
        let name = (MeetingId::new(row.get::<_, String>(0)?), Slot::parse(&row.get::<_, String>(1)?));
        facts.insert(name, from_row(row)?);
    }
    Ok(facts)
}

fn from_row(row: &Row<'_>) -> Result<Fact, Fault> {
    let sensitivity: String = row.get(3)?;
    let said_in = row.get::<_, Option<String>>(4)?.map(RoomId::new);
    let sensitivity = from_word("meeting_fact", &sensitivity)?;
    Ok(Fact { subject: row.get(2)?, said_in, by_request: row.get(5)?, sensitivity })
}

fn put(conn: &Connection, meeting: &MeetingId, slot: Slot, fact: &Fact, now: i64) -> Result<(), Fault> {
    conn.prepare_cached(
        "INSERT INTO meeting_fact (meeting_id, slot, subject, sensitivity, held_at, said_in, by_request)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
         ON CONFLICT (meeting_id, slot) DO UPDATE
         SET subject = excluded.subject, sensitivity = excluded.sensitivity, held_at = excluded.held_at,
             said_in = excluded.said_in, by_request = excluded.by_request",
    )?
    .execute(params![
        meeting.as_str(),
        slot.to_string(),
        fact.subject,
        word("meeting_fact", &fact.sensitivity)?,
        now,
        fact.said_in.as_ref().map(RoomId::as_str),
        fact.by_request,
    ])?;
    Ok(())
}

/// The rooms that hold a copy of a meeting.
fn holders(conn: &Connection, meeting: &MeetingId) -> Result<BTreeSet<RoomId>, Fault> {
    let mut rooms = conn.prepare_cached(
        "SELECT room_id FROM observed WHERE meeting_id = ?1
         UNION SELECT room_id FROM occurrence WHERE meeting_id = ?1",
    )?;
    let rooms = rooms.query_map([meeting.as_str()], |row| row.get::<_, String>(0).map(RoomId::new))?;
    Ok(rooms.collect::<rusqlite::Result<_>>()?)
}
