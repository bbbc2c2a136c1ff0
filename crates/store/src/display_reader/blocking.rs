//! The statements that read what may be displayed: all there are.

use super::{Connections, Published, RoomMeta};
use crate::{
    column::{from_word, instant, instant_or_none, micros},
    displayed,
    error::{Error, Fault},
};
use chrono::{DateTime, Utc};
use meeting_model::{
    availability::Spell,
    clock::Window,
    display::{Displayed, PublicKey},
    id::{Revision, RoomId},
};
use rusqlite::{
    Connection, OptionalExtension, Row,
    hooks::{AuthAction, Authorization},
    params,
};
use std::{
    path::Path,
    sync::{Mutex, PoisonError},
};

/// Reads what may be displayed, and blocks meanwhile.
#[derive(Debug)]
pub struct BlockingDisplayReader {
    connections: Connections,
    /// Tells versions apart: what a version is called differs by connection.
    watch: Mutex<Option<Connection>>,
}

impl BlockingDisplayReader {
    /// Opens the database of a file, which a [`Store`](crate::Store) has opened before.
    ///
    /// # Errors
    ///
    /// [`Error::NoAccess`] where it cannot be opened, [`Error::NotOurs`], [`Error::Damaged`].
    pub fn open(path: &Path) -> Result<Self, Error> {
        Ok(Self { connections: Connections::open(path, authorize)?, watch: Mutex::default() })
    }

    /// Every room, in order of name.
    ///
    /// # Errors
    ///
    /// [`Error::Busy`], [`Error::Disk`], [`Error::Damaged`]; also below.
    pub fn rooms(&self) -> Result<Vec<RoomMeta>, Error> {
        self.connections.read(|conn| {
            let mut rooms = conn.prepare_cached("SELECT room_id, rev, as_of FROM room ORDER BY room_id")?;
            Ok(rooms.query_map([], meta)?.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// How current one room is.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownRoom`], and as [`rooms`](Self::rooms).
    pub fn room(&self, room: &RoomId) -> Result<RoomMeta, Error> {
        self.connections.read(|conn| one(conn, room))
    }

    /// What a room shows within a window, in order of start, and how current that is: both of one moment.
    ///
    /// # Errors
    ///
    /// As [`room`](Self::room).
    pub fn meetings(&self, room: &RoomId, window: Window) -> Result<(RoomMeta, Vec<Displayed>), Error> {
        self.connections.read(|conn| {
            let meta = one(conn, room)?;
            // As `Window::overlaps`: half-open, and a meeting without length is a point.
            let mut found = conn.prepare_cached(concat!(
                "SELECT ",
                displayed::columns!(),
                " FROM display WHERE room_id = ?1 AND starts_at < ?3
                  AND (ends_at > ?2 OR (starts_at = ends_at AND starts_at >= ?2))
                  ORDER BY starts_at, ends_at, public_key"
            ))?;
            let window = params![room.as_str(), micros(window.start), micros(window.end)];
            let meetings = found.query_map(window, displayed::from_row)?.collect::<rusqlite::Result<_>>()?;
            Ok((meta, meetings))
        })
    }

    /// When a room is taken within a window, in order of start: also by what no display shows, of which this is all there is.
    ///
    /// # Errors
    ///
    /// As [`room`](Self::room).
    pub fn spells(&self, room: &RoomId, window: Window) -> Result<Vec<Spell>, Error> {
        self.connections.read(|conn| {
            let mut found = conn.prepare_cached(
                "SELECT starts_at, ends_at, occupancy, show_as FROM occurrence
                 WHERE room_id = ?1 AND starts_at < ?3 AND ends_at > ?2 AND occupancy IS NOT NULL
                 ORDER BY starts_at, ends_at",
            )?;
            let mut rows = found.query(params![room.as_str(), micros(window.start), micros(window.end)])?;
            let mut spells = Vec::new();
            while let Some(row) = rows.next()? {
                spells.push(spell(row)?);
            }
            Ok(spells)
        })
    }

    /// One meeting of a room, if it is shown.
    ///
    /// # Errors
    ///
    /// As [`rooms`](Self::rooms).
    pub fn meeting(&self, room: &RoomId, key: &PublicKey) -> Result<Option<Displayed>, Error> {
        self.connections.read(|conn| {
            let mut found = conn.prepare_cached(concat!(
                "SELECT ",
                displayed::columns!(),
                " FROM display WHERE room_id = ?1 AND public_key = ?2"
            ))?;
            Ok(found.query_row([room.as_str(), key.as_str()], displayed::from_row).optional()?)
        })
    }

    /// What a room shows within a window, in order of start, each with the first revision of the room that shows it so and
    /// when that was committed, where that is remembered.
    ///
    /// # Errors
    ///
    /// As [`room`](Self::room).
    pub fn published(&self, room: &RoomId, window: Window) -> Result<(RoomMeta, Vec<Published>), Error> {
        self.connections.read(|conn| {
            let meta = one(conn, room)?;
            let mut found = conn.prepare_cached(concat!(
                "SELECT ",
                displayed::columns!(),
                ", occurrence.shown_rev, revision.made_at FROM display
                   LEFT JOIN occurrence
                     ON occurrence.room_id = display.room_id AND occurrence.public_key = display.public_key
                   LEFT JOIN revision
                     ON revision.room_id = display.room_id AND revision.rev = occurrence.shown_rev
                 WHERE display.room_id = ?1 AND display.starts_at < ?3
                  AND (display.ends_at > ?2 OR (display.starts_at = display.ends_at AND display.starts_at >= ?2))
                  ORDER BY display.starts_at, display.ends_at, display.public_key"
            ))?;
            let window = params![room.as_str(), micros(window.start), micros(window.end)];
            let published = |row: &Row<'_>| {
                Ok(Published {
                    meeting: displayed::from_row(row)?,
                    since_rev: Revision(row.get::<_, Option<i64>>(11)?.unwrap_or_default()),
                    since: instant_or_none(row.get(12)?)?,
                })
            };
            let meetings = found.query_map(window, published)?.collect::<rusqlite::Result<_>>()?;
            Ok((meta, meetings))
        })
    }

    /// A room's latest revisions, newest first, with when each was committed.
    ///
    /// # Errors
    ///
    /// As [`rooms`](Self::rooms).
    pub fn revisions(&self, room: &RoomId, most: u32) -> Result<Vec<(Revision, DateTime<Utc>)>, Error> {
        self.connections.read(|conn| {
            let mut found = conn.prepare_cached(
                "SELECT rev, made_at FROM revision WHERE room_id = ?1 ORDER BY rev DESC LIMIT ?2",
            )?;
            let revision = |row: &Row<'_>| Ok((Revision(row.get(0)?), instant(row.get(1)?)?));
            let revisions = found.query_map(params![room.as_str(), most], revision)?;
            Ok(revisions.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// A number that is another one whenever anything was committed since it was last asked for. It costs a look at shared
    /// memory, no read: what was read under one version is still so under the same.
    ///
    /// # Errors
    ///
    /// As [`rooms`](Self::rooms).
    pub fn version(&self) -> Result<i64, Error> {
        let mut watch = self.watch.lock().unwrap_or_else(PoisonError::into_inner);
        let ask = |conn: Option<Connection>| {
            let conn = conn.map_or_else(|| self.connections.connect(), Ok)?;
            let version = conn.prepare_cached("PRAGMA data_version")?.query_row([], |row| row.get(0))?;
            Ok((conn, version))
        };
        // A connection that failed is not kept.
        let (conn, version) = ask(watch.take()).map_err(|fault: Fault| self.connections.at(fault))?;
        *watch = Some(conn);
        Ok(version)
    }
}

/// What these connections may do at all.
fn authorize(action: AuthAction<'_>) -> Authorization {
    match action {
        AuthAction::Select
        | AuthAction::Transaction { .. }
        | AuthAction::Read { table_name: "display", .. }
        | AuthAction::Read { table_name: "room", column_name: "room_id" | "rev" | "as_of" }
        | AuthAction::Read {
            table_name: "occurrence",
            column_name:
                "room_id" | "starts_at" | "ends_at" | "occupancy" | "show_as" | "public_key" | "shown_rev",
        }
        | AuthAction::Read { table_name: "revision", .. }
        | AuthAction::Pragma { pragma_name: "data_version", pragma_value: None } => Authorization::Allow,
        _ => Authorization::Deny,
    }
}

fn one(conn: &Connection, room: &RoomId) -> Result<RoomMeta, Fault> {
    conn.prepare_cached("SELECT room_id, rev, as_of FROM room WHERE room_id = ?1")?
        .query_row([room.as_str()], meta)
        .optional()?
        .ok_or_else(|| Fault::Denied(Error::UnknownRoom { room: room.clone() }))
}

fn spell(row: &Row<'_>) -> Result<Spell, Fault> {
    let word = |column| row.get::<_, String>(column);
    Ok(Spell {
        window: Window { start: instant(row.get(0)?)?, end: instant(row.get(1)?)? },
        occupancy: from_word("occurrence", &word(2)?)?,
        show_as: from_word("occurrence", &word(3)?)?,
    })
}

fn meta(row: &Row<'_>) -> rusqlite::Result<RoomMeta> {
    Ok(RoomMeta {
        room: RoomId::new(row.get::<_, String>(0)?),
        rev: Revision(row.get(1)?),
        as_of: instant_or_none(row.get(2)?)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Store;

    /// Rule P2, asked of SQLite itself.
    #[test]
    fn only_display_rows_can_be_selected() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("mirror.db");
        let _store = Store::open(&path).unwrap();
        let conn = Connections::open(&path, authorize).unwrap().connect().unwrap();
        for allowed in [
            "SELECT * FROM display",
            "SELECT room_id, rev, as_of FROM room",
            "SELECT room_id, starts_at, ends_at, occupancy, show_as, public_key, shown_rev FROM occurrence",
            "SELECT * FROM revision",
            "PRAGMA data_version",
        ] {
            assert!(conn.prepare(allowed).is_ok(), "{allowed}");
        }
        for denied in [
            "SELECT body FROM observed",
            "SELECT body FROM occurrence",
            "SELECT meeting_key FROM occurrence",
            "SELECT subject FROM meeting_fact",
            "SELECT value FROM site",
            "SELECT last_error FROM device",
            "SELECT planned_with FROM room",
            "SELECT title FROM display WHERE title IN (SELECT subject FROM meeting_fact)",
            "SELECT sql FROM sqlite_master",
            "DELETE FROM display",
            "UPDATE room SET rev = 0",
            "ATTACH ':memory:' AS other",
            "PRAGMA user_version",
            "PRAGMA data_version = 1",
        ] {
            let error = conn.prepare(denied).err().map(|error| error.sqlite_error_code());
            let denial = Some(Some(rusqlite::ErrorCode::AuthorizationForStatementDenied));
            assert_eq!(error, denial, "{denied}");
        }
    }

    #[test]
    fn a_version_is_another_one_after_a_commit() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("mirror.db");
        let mut store = Store::open(&path).unwrap();
        let reader = BlockingDisplayReader::open(&path).unwrap();
        let before = reader.version().unwrap();
        assert_eq!(reader.version().unwrap(), before);
        store.site_secret([1; 32]).unwrap();
        let after = reader.version().unwrap();
        assert_ne!(after, before);
        store.site_secret([1; 32]).unwrap();
        assert_eq!(reader.version().unwrap(), after, "nothing was written");
    }
}
