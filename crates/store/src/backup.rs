//! Copies of the mirror: taken while it is written, and put in its place.
//!
//! A restored mirror is older than what everybody else has seen of it. So nothing in it is taken for the newest: its cursors
//! are dropped, and each room is read whole before its devices are told anything; what devices are known to have is
//! forgotten, so that they get the present; and its rooms go on with revisions and epochs that were never given out.

use crate::{
    column::{instant, instant_or_none, micros},
    error::{Error, Fault},
    open, schema,
};
use chrono::{DateTime, Utc};
use rusqlite::{
    Connection, OpenFlags, OptionalExtension,
    backup::{Backup, StepResult},
};
use std::path::Path;

/// By this name the site says that the file is a copy, and when it was taken: such a file is no mirror before it was restored.
const TAKEN: &str = "backup_taken_at";

/// What a copy holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copied {
    /// How many rooms.
    pub rooms: i64,
    /// How many occurrences of meetings, shown or not.
    pub occurrences: i64,
    /// As of when the room is true that was read longest ago. Absent where none was ever read.
    pub as_of: Option<DateTime<Utc>>,
    /// When it was taken. Absent of a file that is a mirror itself and not a copy.
    pub taken: Option<DateTime<Utc>>,
}

/// Copies the mirror of a file, as it is at one moment, whoever writes it meanwhile, into a file that is there and empty;
/// compacts the copy, so that nothing in it is left of what was forgotten; and checks it.
///
/// # Errors
///
/// As [`Store::open`](crate::Store::open) of the mirror, which is only read; [`Error::Damaged`] where the mirror does not pass
/// the check, whose copy is worth nothing then; [`Error::Full`], [`Error::Disk`] and [`Error::NoAccess`] of the copy.
pub fn back_up(mirror: &Path, copy: &Path, now: DateTime<Utc>) -> Result<Copied, Error> {
    open::refuse_others(mirror)?;
    let conn = copied(mirror, copy)?;
    let mark = || -> Result<Copied, Fault> {
        let mark =
            "INSERT INTO site (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = ?2";
        conn.execute(mark, (TAKEN, micros(now).to_string()))?;
        conn.execute_batch("VACUUM")?;
        content(&conn)
    };
    mark().map_err(|fault| fault.at(&copy.display().to_string()))
}

/// Makes a mirror of a copy, or of another mirror, in a file that is there and empty. It has no cursors, knows of no device
/// what it shows, and its rooms go on with revisions and epochs that nobody has seen: at least the seconds since 1970, which
/// no room's commits have ever reached by being counted.
///
/// # Errors
///
/// As [`back_up`], with the parts of the two files exchanged; [`Error::NotOurs`] and [`Error::NewerSchema`] where the copy is
/// of something else.
pub fn restore(copy: &Path, mirror: &Path, now: DateTime<Utc>) -> Result<Copied, Error> {
    if open::refuse_foreign(copy)?.is_none() {
        return Err(Error::NotOurs { database: copy.display().to_string(), found: "nothing" });
    }
    let mut conn = copied(copy, mirror)?;
    let mut renew = || -> Result<Copied, Fault> {
        schema::migrate(&mut conn)?;
        let held = content(&conn)?;
        let tx = conn.transaction()?;
        tx.execute(
            "UPDATE room SET rev = CASE WHEN rev < ?1 THEN ?1 ELSE rev + 1 END,
                 epoch = CASE WHEN epoch < ?1 THEN ?1 ELSE epoch + 1 END",
            [now.timestamp()],
        )?;
        tx.execute(
            "UPDATE calendar SET read_protocol = NULL, read_cursor = NULL, restored = CASE WHEN as_of IS NULL THEN 0 ELSE 1 END",
            [],
        )?;
        tx.execute(
            "UPDATE device SET wanted_rev = (SELECT rev FROM room WHERE room.room_id = device.room_id),
                 acked_rev = NULL, sent_digest = NULL, attempts = 0, not_before = NULL, last_error = NULL",
            [],
        )?;
        tx.execute("DELETE FROM site WHERE name = ?1", [TAKEN])?;
        tx.commit()?;
        Ok(held)
    };
    renew().map_err(|fault| fault.at(&mirror.display().to_string()))
}

/// Whether the database is a copy that has not been restored.
pub(crate) fn is_copy(conn: &Connection) -> rusqlite::Result<bool> {
    Ok(taken(conn)?.is_some())
}

fn taken(conn: &Connection) -> rusqlite::Result<Option<String>> {
    conn.query_row("SELECT value FROM site WHERE name = ?1", [TAKEN], |row| row.get(0)).optional()
}

/// Copies a database in one step, which is one view of it, and checks what has arrived. The copy is one file: it has no
/// write-ahead log.
fn copied(from: &Path, to: &Path) -> Result<Connection, Error> {
    let (source_name, copy_name) = (from.display().to_string(), to.display().to_string());
    let source = open::for_reading(from).map_err(|error| Fault::from(error).at(&source_name))?;
    let conn = receive(&source, to).map_err(|fault| fault.at(&copy_name))?;
    check(&conn).map_err(|fault| fault.at(&source_name))?;
    Ok(conn)
}

fn receive(source: &Connection, to: &Path) -> Result<Connection, Fault> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut conn = Connection::open_with_flags(to, flags)?;
    match Backup::new(source, &mut conn)?.step(-1)? {
        StepResult::Done => {}
        _ => return Err(busy()),
    }
    conn.pragma_update(None, "journal_mode", "DELETE")?;
    conn.pragma_update(None, "synchronous", "FULL")?;
    Ok(conn)
}

/// A database that is copied in one step is busy where it could not be read at all.
fn busy() -> Fault {
    let code = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_BUSY);
    Fault::Sqlite(rusqlite::Error::SqliteFailure(code, None))
}

/// Every page.
pub(crate) fn check_quickly(conn: &Connection) -> Result<(), Fault> {
    let said: String = conn.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if said == "ok" { Ok(()) } else { Err(Fault::Damaged(said)) }
}

/// Every page, every index, and every row that belongs to another.
fn check(conn: &Connection) -> Result<(), Fault> {
    let said: String = conn.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
    let orphan = conn
        .query_row("PRAGMA foreign_key_check", [], |row| row.get::<_, String>(0))
        .optional()?
        .map(|table| format!("a row of table `{table}` belongs to nothing"));
    match orphan {
        None if said == "ok" => Ok(()),
        orphan => Err(Fault::Damaged(orphan.unwrap_or(said))),
    }
}

fn content(conn: &Connection) -> Result<Copied, Fault> {
    let count = |table: &str| conn.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0));
    let as_of = conn.query_row("SELECT min(as_of) FROM room", [], |row| row.get(0))?;
    let taken = taken(conn)?.and_then(|micros| micros.parse().ok()).map(instant).transpose()?;
    Ok(Copied {
        rooms: count("room")?,
        occurrences: count("occurrence")?,
        as_of: instant_or_none(as_of)?,
        taken,
    })
}
