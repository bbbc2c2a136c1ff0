//! The schema: what migrations there are, and how they are applied.

use crate::error::Fault;
use refinery::{Migration, Runner, error::Kind};
use rusqlite::{Connection, OptionalExtension};
use std::sync::Arc;

/// Every migration, by the name of its file.
pub(crate) const MIGRATIONS: &[(&str, &str)] = &[
    ("V1__mirror", include_str!("../../../migrations/V1__mirror.sql")),
    ("V2__tombstone", include_str!("../../../migrations/V2__tombstone.sql")),
    ("V3__joined", include_str!("../../../migrations/V3__joined.sql")),
    ("V4__history", include_str!("../../../migrations/V4__history.sql")),
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
    match Runner::new(&migrations()).set_grouped(true).run(conn) {
        Ok(_) => Ok(()),
        Err(error) => Err(fault(error)),
    }
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
    use std::{collections::BTreeSet, fs, path::Path};

    #[test]
    fn every_file_of_the_folder_is_applied() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../migrations");
        let files = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
        let found: BTreeSet<_> = files.map(|path| path.file_stem().unwrap().to_owned()).collect();
        let listed: BTreeSet<_> = MIGRATIONS.iter().map(|(name, _)| (*name).into()).collect();
        assert_eq!(found, listed);
    }
}
