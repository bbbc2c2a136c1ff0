//! The rows of a commit: items whole, occurrences with their decisions, and what may be displayed of them.

use crate::{
    column::{body, micros, word},
    error::Fault,
    fact,
    history::{self, Moment, Since},
};
use meeting_model::{
    availability::Spell,
    display::Displayed,
    id::{ItemId, RoomId},
    identity::{self, MeetingKey},
    item::{CalendarItem, ItemKind},
    plan::{Commit, PlannedOccurrence},
    tombstone::Tombstone,
};
use rusqlite::{Connection, params};

/// Writes the rows of a commit. What is gone goes first, so that nothing that came in its place is lost.
pub(super) fn write(conn: &Connection, commit: &Commit, moment: Moment<'_>) -> Result<(), Fault> {
    let plan = &commit.plan;
    for item in &plan.removed_items {
        remove_item(conn, &plan.room, item, micros(commit.now))?;
    }
    for key in &plan.removed_occurrences {
        history::left(conn, moment, key)?;
        remove_occurrence(conn, &plan.room, key)?;
    }
    for item in &plan.items {
        put_item(conn, &plan.room, item)?;
    }
    for occurrence in &plan.occurrences {
        put_occurrence(conn, moment, occurrence)?;
    }
    for key in &plan.removed_tombstones {
        conn.prepare_cached("DELETE FROM tombstone WHERE room_id = ?1 AND meeting_key = ?2")?
            .execute([plan.room.as_str(), key.as_str()])?;
    }
    for tombstone in &plan.tombstones {
        put_tombstone(conn, &plan.room, tombstone)?;
    }
    Ok(())
}

fn put_tombstone(conn: &Connection, room: &RoomId, tombstone: &Tombstone) -> Result<(), Fault> {
    conn.prepare_cached(
        "INSERT INTO tombstone (room_id, meeting_key, body) VALUES (?1, ?2, ?3)
         ON CONFLICT (room_id, meeting_key) DO UPDATE SET body = excluded.body",
    )?
    .execute(params![room.as_str(), tombstone.key.as_str(), body("tombstone", tombstone)?])?;
    Ok(())
}

fn remove_item(conn: &Connection, room: &RoomId, item: &ItemId, now: i64) -> Result<(), Fault> {
    conn.prepare_cached(
        "UPDATE meeting_fact SET held_at = ?3 WHERE meeting_id =
         (SELECT meeting_id FROM observed WHERE room_id = ?1 AND item_id = ?2)",
    )?
    .execute(params![room.as_str(), item.as_str(), now])?;
    conn.prepare_cached("DELETE FROM observed WHERE room_id = ?1 AND item_id = ?2")?
        .execute([room.as_str(), item.as_str()])?;
    Ok(())
}

fn put_item(conn: &Connection, room: &RoomId, item: &CalendarItem) -> Result<(), Fault> {
    let ends_at = (item.kind != ItemKind::RecurringMaster).then(|| micros(item.end));
    conn.prepare_cached(
        "INSERT INTO observed (room_id, item_id, meeting_id, ends_at, body) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (room_id, item_id) DO UPDATE
         SET meeting_id = excluded.meeting_id, ends_at = excluded.ends_at, body = excluded.body",
    )?
    .execute(params![
        room.as_str(),
        item.item_id.as_str(),
        identity::meeting_id(item).as_str(),
        ends_at,
        body("observed", item)?,
    ])?;
    Ok(())
}

fn remove_occurrence(conn: &Connection, room: &RoomId, key: &MeetingKey) -> Result<(), Fault> {
    hide(conn, room, key)?;
    conn.prepare_cached("DELETE FROM occurrence WHERE room_id = ?1 AND meeting_key = ?2")?
        .execute([room.as_str(), key.as_str()])?;
    Ok(())
}

/// An occurrence is stored without what may be seen of it: that is one row of `display`, so that masking the row is
/// masking it everywhere.
fn put_occurrence(
    conn: &Connection,
    moment: Moment<'_>,
    occurrence: &PlannedOccurrence,
) -> Result<(), Fault> {
    let Moment { room, rev, .. } = moment;
    let before = history::replaced(conn, moment, occurrence)?;
    if before.is_some() {
        hide(conn, room, &occurrence.key)?;
    }
    let since = before.unwrap_or(Since { rev, shown: rev });
    let mut bare = occurrence.clone();
    let displayed = bare.displayed.take();
    let spell = Spell::of(&bare);
    let occupancy = spell.map(|spell| word("occurrence", &spell.occupancy)).transpose()?;
    conn.prepare_cached(
        "INSERT INTO occurrence (room_id, meeting_key, meeting_id, slot, public_key, starts_at, ends_at, occupancy,
                                 show_as, body, since_rev, shown_rev)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
         ON CONFLICT (room_id, meeting_key) DO UPDATE
         SET public_key = excluded.public_key, starts_at = excluded.starts_at, ends_at = excluded.ends_at,
             occupancy = excluded.occupancy, show_as = excluded.show_as, body = excluded.body,
             since_rev = excluded.since_rev, shown_rev = excluded.shown_rev",
    )?
    .execute(params![
        room.as_str(),
        bare.key.as_str(),
        bare.key.meeting().as_str(),
        fact::slot_of(&bare.key).to_string(),
        displayed.as_ref().map(|displayed| displayed.key.as_str()),
        micros(bare.start),
        micros(bare.end),
        occupancy,
        word("occurrence", &bare.show_as)?,
        body("occurrence", &bare)?,
        since.rev.0,
        since.shown.0,
    ])?;
    displayed.map_or(Ok(()), |displayed| show(conn, room, &displayed))
}

/// Takes an occurrence off the displays, by the public key it had: a new site secret gives it another.
fn hide(conn: &Connection, room: &RoomId, key: &MeetingKey) -> Result<(), Fault> {
    conn.prepare_cached(
        "DELETE FROM display WHERE room_id = ?1 AND public_key =
         (SELECT public_key FROM occurrence WHERE room_id = ?1 AND meeting_key = ?2)",
    )?
    .execute([room.as_str(), key.as_str()])?;
    Ok(())
}

fn show(conn: &Connection, room: &RoomId, displayed: &Displayed) -> Result<(), Fault> {
    let days = displayed.all_day.map(|(first, last)| (first.to_string(), last.to_string()));
    let (first_day, last_day) = days.unzip();
    conn.prepare_cached(
        "INSERT INTO display (room_id, public_key, starts_at, ends_at, first_day, last_day,
                              title, organizer, location, tentative, private, join_by)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
    )?
    .execute(params![
        room.as_str(),
        displayed.key.as_str(),
        micros(displayed.start),
        micros(displayed.end),
        first_day,
        last_day,
        displayed.title(),
        displayed.organizer(),
        displayed.location(),
        displayed.tentative,
        displayed.is_private(),
        displayed.join().map(|join| body("display", join)).transpose()?,
    ])?;
    Ok(())
}
