//! Keeping what was, and forgetting it.

use super::HISTORY;
use crate::{
    column::{body, from_body, micros},
    device::Settlement,
    displayed,
    error::Fault,
    fact,
    prune::Prune,
};
use chrono::{DateTime, Utc};
use meeting_model::{
    display::Displayed,
    id::{Revision, RoomId},
    identity::{MeetingId, MeetingKey, Slot},
    plan::{Commit, PlannedOccurrence},
    privacy,
};
use rusqlite::{Connection, OptionalExtension, params};

/// A commit, as history sees it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Moment<'a> {
    pub(crate) room: &'a RoomId,
    /// The revision that it makes.
    pub(crate) rev: Revision,
    pub(crate) now: DateTime<Utc>,
    /// Of what ended before this nothing is kept.
    pub(crate) forgotten_before: DateTime<Utc>,
}

impl<'a> Moment<'a> {
    pub(crate) fn of(commit: &'a Commit, rev: Revision) -> Self {
        let Commit { plan, now, .. } = commit;
        Self { room: &plan.room, rev, now: *now, forgotten_before: plan.forgotten_before }
    }
}

/// Since which revision an occurrence is as it is, and since which one it is displayed so.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Since {
    pub(crate) rev: Revision,
    pub(crate) shown: Revision,
}

/// What an occurrence was before a commit.
struct Before {
    occurrence: PlannedOccurrence,
    since: Since,
}

/// A room has a new revision.
pub(crate) fn moved_on(conn: &Connection, moment: Moment<'_>) -> Result<(), Fault> {
    conn.prepare_cached(
        "INSERT INTO revision (room_id, rev, made_at) VALUES (?1, ?2, ?3) ON CONFLICT (room_id, rev) DO NOTHING",
    )?
    .execute(params![moment.room.as_str(), moment.rev.0, micros(moment.now)])?;
    conn.prepare_cached("DELETE FROM past_occurrence WHERE room_id = ?1 AND ends_at < ?2")?
        .execute(params![moment.room.as_str(), micros(moment.forgotten_before)])?;
    Ok(())
}

/// Keeps what an occurrence was, where `after` is something else. Since when it is what it is then; absent where it was
/// not there before.
pub(crate) fn replaced(
    conn: &Connection,
    moment: Moment<'_>,
    after: &PlannedOccurrence,
) -> Result<Option<Since>, Fault> {
    let Some(before) = before(conn, moment.room, &after.key)? else { return Ok(None) };
    let Before { occurrence, since } = &before;
    let is_shown_so = occurrence.displayed == after.displayed;
    let is_same = is_shown_so
        && occurrence.decision == after.decision
        && (occurrence.start, occurrence.end) == (after.start, after.end);
    if !is_same {
        keep(conn, moment, &before)?;
    }
    if let Some(shown) = after.displayed.as_ref().filter(|shown| shown.is_private()) {
        mask_versions(conn, moment.room, &after.key, shown)?;
    }
    let is_forgotten = occurrence.end < moment.forgotten_before;
    let shown = if is_shown_so || is_forgotten { since.shown } else { moment.rev };
    let rev = if is_same || is_forgotten { since.rev } else { moment.rev };
    Ok(Some(Since { rev, shown }))
}

/// Keeps what an occurrence was that is gone.
pub(crate) fn left(conn: &Connection, moment: Moment<'_>, key: &MeetingKey) -> Result<(), Fault> {
    before(conn, moment.room, key)?.map_or(Ok(()), |before| keep(conn, moment, &before))
}

fn before(conn: &Connection, room: &RoomId, key: &MeetingKey) -> Result<Option<Before>, Fault> {
    let mut found = conn.prepare_cached(concat!(
        "SELECT ",
        displayed::columns!(),
        ", occurrence.body, occurrence.since_rev, occurrence.shown_rev FROM occurrence LEFT JOIN display
           ON display.room_id = occurrence.room_id AND display.public_key = occurrence.public_key
         WHERE occurrence.room_id = ?1 AND occurrence.meeting_key = ?2"
    ))?;
    let row = found
        .query_row([room.as_str(), key.as_str()], |row| {
            let since = Since { rev: Revision(row.get(12)?), shown: Revision(row.get(13)?) };
            Ok((displayed::from_row_or_none(row)?, row.get::<_, String>(11)?, since))
        })
        .optional()?;
    let Some((displayed, body, since)) = row else { return Ok(None) };
    let bare: PlannedOccurrence = from_body("occurrence", &body)?;
    Ok(Some(Before { occurrence: PlannedOccurrence { displayed, ..bare }, since }))
}

/// What has ended too long ago is not kept: its names are forgotten, or it is altogether (rule P7).
fn keep(conn: &Connection, moment: Moment<'_>, before: &Before) -> Result<(), Fault> {
    let Before { occurrence, since } = before;
    if occurrence.end < moment.forgotten_before {
        return Ok(());
    }
    let shown = occurrence.displayed.as_ref();
    let days =
        shown.and_then(|shown| shown.all_day).map(|(first, last)| (first.to_string(), last.to_string()));
    let (first_day, last_day) = days.unzip();
    conn.prepare_cached(
        "INSERT INTO past_occurrence (room_id, meeting_key, until_rev, until_at, since_rev, shown_rev, meeting_id, slot,
             decision, starts_at, ends_at, public_key, first_day, last_day, title, organizer, location, tentative, private,
             join_by)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20)",
    )?
    .execute(params![
        moment.room.as_str(),
        occurrence.key.as_str(),
        moment.rev.0,
        micros(moment.now),
        since.rev.0,
        since.shown.0,
        occurrence.key.meeting().as_str(),
        fact::slot_of(&occurrence.key).to_string(),
        body("past_occurrence", &occurrence.decision)?,
        micros(occurrence.start),
        micros(occurrence.end),
        shown.map(|shown| shown.key.as_str()),
        first_day,
        last_day,
        shown.map(Displayed::title),
        shown.and_then(Displayed::organizer),
        shown.and_then(Displayed::location),
        shown.map(|shown| shown.tentative),
        shown.map(Displayed::is_private),
        shown.and_then(Displayed::join).map(|join| body("past_occurrence", join)).transpose()?,
    ])?;
    Ok(())
}

/// What was displayed of an occurrence says no more than what is displayed of it now, which is masked.
fn mask_versions(conn: &Connection, room: &RoomId, key: &MeetingKey, shown: &Displayed) -> Result<(), Fault> {
    conn.prepare_cached(
        "UPDATE past_occurrence SET title = ?3, location = NULL, join_by = NULL, private = TRUE,
             organizer = CASE WHEN ?4 THEN organizer END
         WHERE room_id = ?1 AND meeting_key = ?2 AND public_key IS NOT NULL",
    )?
    .execute(params![room.as_str(), key.as_str(), privacy::MASK, shown.organizer().is_some()])?;
    Ok(())
}

/// Masks what any room ever displayed of a meeting that turned out to be secret (rule P5).
pub(crate) fn mask(conn: &Connection, meeting: &MeetingId, slot: Slot) -> Result<(), Fault> {
    conn.prepare_cached(
        "UPDATE past_occurrence SET title = ?3, organizer = NULL, location = NULL, join_by = NULL, private = TRUE
         WHERE meeting_id = ?1 AND (slot = ?2 OR ?2 = 'single') AND public_key IS NOT NULL",
    )?
    .execute(params![meeting.as_str(), slot.to_string(), privacy::MASK])?;
    Ok(())
}

/// A device has confirmed a revision.
pub(crate) fn confirm(conn: &Connection, room: &RoomId, settlement: &Settlement) -> Result<(), Fault> {
    let Settlement { device, rev, now, .. } = settlement;
    conn.prepare_cached(
        "INSERT INTO confirmation (room_id, device_id, rev, since_at) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (room_id, device_id, rev) DO NOTHING",
    )?
    .execute(params![room.as_str(), device.as_str(), rev.0, micros(*now)])?;
    Ok(())
}

/// Forgets what nobody can ask for any more, and tells how many rows that were. What held when history begins stays.
pub(crate) fn forget(conn: &Connection, prune: &Prune) -> Result<usize, Fault> {
    let begins = micros(prune.now.checked_sub_signed(HISTORY).unwrap_or(DateTime::<Utc>::MIN_UTC));
    let versions = conn
        .prepare_cached(
            "DELETE FROM past_occurrence WHERE (room_id, meeting_key, until_rev) IN
                 (SELECT room_id, meeting_key, until_rev FROM past_occurrence WHERE until_at < ?1 OR ends_at < ?2
                  ORDER BY until_at, room_id, meeting_key, until_rev LIMIT ?3)",
        )?
        .execute(params![begins, micros(prune.ended_before.max(prune.names_before)), prune.limit])?;
    let revisions = conn
        .prepare_cached(
            "DELETE FROM revision WHERE (room_id, rev) IN
                 (SELECT room_id, rev FROM revision AS old WHERE made_at < ?1 AND EXISTS
                      (SELECT 1 FROM revision AS later
                       WHERE later.room_id = old.room_id AND later.rev > old.rev AND later.made_at < ?1)
                  ORDER BY made_at, room_id, rev LIMIT ?2)",
        )?
        .execute(params![begins, prune.limit])?;
    let confirmations = conn
        .prepare_cached(
            "DELETE FROM confirmation WHERE (room_id, device_id, rev) IN
                 (SELECT room_id, device_id, rev FROM confirmation AS old WHERE since_at < ?1 AND
                      (EXISTS (SELECT 1 FROM confirmation AS later
                               WHERE later.room_id = old.room_id AND later.device_id = old.device_id
                                 AND later.rev > old.rev AND later.since_at < ?1)
                       OR NOT EXISTS (SELECT 1 FROM device WHERE device.device_id = old.device_id))
                  ORDER BY since_at, room_id, device_id, rev LIMIT ?2)",
        )?
        .execute(params![begins, prune.limit])?;
    Ok(versions.max(revisions).max(confirmations))
}
