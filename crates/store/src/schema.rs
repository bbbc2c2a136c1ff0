//! The schema: what migrations there are, and how they are applied.

use crate::{
    column::{from_body, micros, word},
    error::Fault,
};
use meeting_model::{availability::Spell, plan::PlannedOccurrence};
use refinery::{Migration, Runner, error::Kind};
use rusqlite::{Connection, OptionalExtension};
use std::sync::Arc;

/// Every migration, by the name of its file.
pub(crate) const MIGRATIONS: &[(&str, &str)] = &[
    ("V1__mirror", include_str!("../../../migrations/V1__mirror.sql")),
    ("V2__tombstone", include_str!("../../../migrations/V2__tombstone.sql")),
    ("V3__joined", include_str!("../../../migrations/V3__joined.sql")),
    ("V4__history", include_str!("../../../migrations/V4__history.sql")),
    ("V5__request", include_str!("../../../migrations/V5__request.sql")),
    ("V6__calendar", include_str!("../../../migrations/V6__calendar.sql")),
    ("V7__source", include_str!("../../../migrations/V7__source.sql")),
    ("V8__restored", include_str!("../../../migrations/V8__restored.sql")),
];

/// What an existing file holds.
pub(crate) enum Found {
    /// Nothing at all.
    Nothing,
    /// Tables, but none of ours.
    Foreign,
    /// Our tables, at this version.
    Ours(i64),
}

/// The newest version this program knows.
pub(crate) fn newest() -> i64 {
    migrations().iter().map(|migration| i64::from(migration.version())).max().unwrap_or_default()
}

/// What the database holds. Reads only.
pub(crate) fn found(conn: &Connection) -> rusqlite::Result<Found> {
    let tables: i64 = conn.query_row("SELECT count(*) FROM sqlite_master", [], |row| row.get(0))?;
    if tables == 0 {
        return Ok(Found::Nothing);
    }
    let history = conn
        .query_row("SELECT name FROM sqlite_master WHERE name = 'refinery_schema_history'", [], |_| Ok(()))
        .optional()?;
    if history.is_none() {
        return Ok(Found::Foreign);
    }
    let version = "SELECT coalesce(max(version), 0) FROM refinery_schema_history";
    conn.query_row(version, [], |row| row.get(0)).map(Found::Ours)
}

/// Brings the database to the newest version, all in one transaction.
pub(crate) fn migrate(conn: &mut Connection) -> Result<(), Fault> {
    let report = Runner::new(&migrations()).set_grouped(true).run(conn).map_err(fault)?;
    if report.applied_migrations().iter().any(|migration| migration.name() == "joined") {
        fill_spells(conn)?;
    }
    Ok(())
}

/// Fills in when the occurrences that are stored take their rooms: what SQL both databases share cannot look into a body.
fn fill_spells(conn: &Connection) -> Result<(), Fault> {
    let tx = conn.unchecked_transaction()?;
    {
        let mut stored = tx.prepare("SELECT room_id, meeting_key, body FROM occurrence")?;
        let mut fill = tx.prepare(
            "UPDATE occurrence SET starts_at = ?3, occupancy = ?4, show_as = ?5
             WHERE room_id = ?1 AND meeting_key = ?2",
        )?;
        let mut rows = stored.query([])?;
        while let Some(row) = rows.next()? {
            let one: PlannedOccurrence = from_body("occurrence", &row.get::<_, String>(2)?)?;
            let occupancy = Spell::of(&one).map(|spell| word("occurrence", &spell.occupancy)).transpose()?;
            let (room, key): (String, String) = (row.get(0)?, row.get(1)?);
            fill.execute((room, key, micros(one.start), occupancy, word("occurrence", &one.show_as)?))?;
        }
    }
    Ok(tx.commit()?)
}

fn migrations() -> Vec<Migration> {
    MIGRATIONS
        .iter()
        .map(|(name, sql)| Migration::unapplied(name, sql).expect("a migration is called V1__name"))
        .collect()
}

/// Where SQLite itself failed, its error decides the next step; the rest is a history that is not ours.
fn fault(error: refinery::Error) -> Fault {
    let Kind::Connection(_, cause) = error.kind() else {
        return Fault::row("refinery_schema_history", error);
    };
    match cause.downcast_ref::<rusqlite::Error>() {
        Some(rusqlite::Error::SqliteFailure(code, text)) => {
            Fault::Sqlite(rusqlite::Error::SqliteFailure(*code, text.clone()))
        }
        _ => Fault::Row { table: "refinery_schema_history", cause: Arc::new(error) },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Claim, calendar, room};
    use meeting_model::id::{CalendarName, RoomId};
    use std::{collections::BTreeSet, fs, path::Path};

    #[test]
    fn what_an_older_program_stored_says_when_it_takes_its_room() {
        let mut conn = Connection::open_in_memory().unwrap();
        Runner::new(&migrations()[..2]).run(&mut conn).unwrap();
        let body = r#"{"key":"m/single","item_id":"i","original_start":"2026-03-02T09:00:00Z",
            "start":"2026-03-02T09:00:00Z","end":"2026-03-02T10:00:00Z","settling_since":null,"accepted_seen":null,
            "displayed":null,"decision":{"verdict":"Shown","rule":"A6"}}"#;
        conn.execute_batch("INSERT INTO room (room_id, epoch, rev) VALUES ('berlin', 1, 1)").unwrap();
        conn.execute(
            "INSERT INTO occurrence (room_id, meeting_key, meeting_id, slot, ends_at, body)
             VALUES ('berlin', 'm/single', 'm', 'single', 0, ?1)",
            [body],
        )
        .unwrap();
        migrate(&mut conn).unwrap();
        let filled: (i64, String, String) = conn
            .query_row("SELECT starts_at, occupancy, show_as FROM occurrence", [], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?))
            })
            .unwrap();
        assert_eq!(filled, (1_772_442_000_000_000, "occupied".to_owned(), "Busy".to_owned()));
    }

    #[test]
    fn what_an_older_program_read_was_read_of_the_first_calendar() {
        let mut conn = Connection::open_in_memory().unwrap();
        Runner::new(&migrations()[..5]).run(&mut conn).unwrap();
        conn.execute_batch(
            "INSERT INTO room (room_id, epoch, rev, as_of, read_protocol, read_cursor, read_with)
             VALUES ('berlin', 1, 1, 60000000, 'ews', 'b25l', 'rules')",
        )
        .unwrap();
        migrate(&mut conn).unwrap();
        let calendars = vec![CalendarName::new("west"), CalendarName::new("east")];
        let claim = Claim { room: RoomId::new("berlin"), devices: BTreeSet::new(), calendars };
        let state = room::take(&conn, &[claim]).unwrap().remove(0);
        let [west, east] = &state.calendars[..] else { panic!("{:?}", state.calendars) };
        assert_eq!((west.name.as_str(), west.number.0, east.number.0), ("west", 0, 1));
        assert_eq!((west.cursor.as_ref().unwrap().bytes.as_slice(), &east.cursor), (&b"one"[..], &None));
        assert_eq!((state.as_of, east.as_of), (west.as_of, west.as_of));
        let read_with = calendar::read_with(&conn, &state.room).unwrap();
        assert!(read_with.values().eq(&[Some("rules".to_owned()), None]));
    }

    #[test]
    fn every_file_of_the_folder_is_applied() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../migrations");
        let files = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
        let found: BTreeSet<_> = files.map(|path| path.file_stem().unwrap().to_owned()).collect();
        let listed: BTreeSet<_> = MIGRATIONS.iter().map(|(name, _)| (*name).into()).collect();
        assert_eq!(found, listed);
    }
}
