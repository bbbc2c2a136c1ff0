//! Opening a database: what is refused before anything is written, and how a connection is set up.

use crate::{
    backup,
    error::{Error, Fault},
    schema::{self, Found},
};
use rusqlite::{Connection, OpenFlags, config::DbConfig};
use std::{
    fs::{self, OpenOptions, Permissions},
    io::ErrorKind,
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::Path,
    sync::Arc,
    time::Duration,
};

/// How long to wait for another program's transaction.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// More than there are statements, so that each is prepared once.
const STATEMENTS: usize = 64;

/// Opens the database of `path` for writing, made and migrated where that is needed.
pub(crate) fn for_writing(path: &Path) -> Result<Connection, Error> {
    let database = path.display().to_string();
    make(path).map_err(|error| refused_by_system(error, &database))?;
    refuse_others(path)?;
    tighten(path).map_err(|error| refused_by_system(error, &database))?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    Connection::open_with_flags(path, flags)
        .map_err(Fault::from)
        .and_then(set_up)
        .map_err(|e| e.at(&database))
}

/// Opens a database that lives as long as its connection.
pub(crate) fn in_memory() -> Result<Connection, Error> {
    Connection::open_in_memory().map_err(Fault::from).and_then(set_up).map_err(|e| e.at(IN_MEMORY))
}

/// What a database in memory is called in errors.
pub(crate) const IN_MEMORY: &str = ":memory:";

/// Opens an existing database for reading only.
pub(crate) fn for_reading(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(path, flags)?;
    conn.busy_timeout(BUSY_TIMEOUT)?;
    Ok(conn)
}

/// Opens a database of ours for reading only. Nothing where there is none yet.
pub(crate) fn for_looking(path: &Path) -> Result<Option<Connection>, Error> {
    let database = path.display().to_string();
    if !path.try_exists().map_err(|error| refused_by_system(error, &database))? {
        return Ok(None);
    }
    let (conn, found) = look(path).map_err(|error| Fault::from(error).at(&database))?;
    match allowed(&found, &database)? {
        None => Ok(None),
        Some(found) if found < schema::newest() => {
            Err(Error::OlderSchema { database, found, ours: schema::newest() })
        }
        Some(_) => Ok(Some(conn)),
    }
}

/// Makes the file where it is missing, for its owner only; and makes sure that it can be written.
fn make(path: &Path) -> std::io::Result<()> {
    OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(path).map(drop)
}

/// Lets only its owner read a file that holds what the rules hide (rule P2). SQLite gives its `-wal` and `-shm` files
/// the mode of the database.
fn tighten(path: &Path) -> std::io::Result<()> {
    match fs::metadata(path)?.permissions().mode() & 0o077 {
        0 => Ok(()),
        _ => fs::set_permissions(path, Permissions::from_mode(0o600)),
    }
}

fn refused_by_system(error: std::io::Error, database: &str) -> Error {
    let database = database.to_owned();
    let kind = error.kind();
    let source = Arc::new(error);
    match kind {
        ErrorKind::NotFound | ErrorKind::NotADirectory => Error::NoDirectory { database, source },
        ErrorKind::IsADirectory => Error::NotOurs { database, found: "a directory" },
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Error::Full { database, source },
        _ => Error::NoAccess { database, source },
    }
}

/// Looks at what is there through a connection that cannot write, so that a file we must not touch stays as it is. A copy
/// that was not restored is refused too.
pub(crate) fn refuse_others(path: &Path) -> Result<(), Error> {
    let database = path.display().to_string();
    let (conn, found) = look(path).map_err(|error| Fault::from(error).at(&database))?;
    match allowed(&found, &database)? {
        Some(_) if backup::is_copy(&conn).map_err(|error| Fault::from(error).at(&database))? => {
            Err(Error::Backup { database })
        }
        _ => Ok(()),
    }
}

/// As [`refuse_others`], and lets copies pass. Nothing where there is nothing at all.
pub(crate) fn refuse_foreign(path: &Path) -> Result<Option<i64>, Error> {
    let database = path.display().to_string();
    let (_, found) = look(path).map_err(|error| Fault::from(error).at(&database))?;
    allowed(&found, &database)
}

fn look(path: &Path) -> rusqlite::Result<(Connection, Found)> {
    let conn = for_reading(path)?;
    let found = schema::found(&conn)?;
    Ok((conn, found))
}

/// The version of a schema of ours that this program knows. Nothing where there is none at all.
fn allowed(found: &Found, database: &str) -> Result<Option<i64>, Error> {
    match *found {
        Found::Foreign => {
            Err(Error::NotOurs { database: database.to_owned(), found: "another program's tables" })
        }
        Found::Ours(found) if found > schema::newest() => {
            Err(Error::NewerSchema { database: database.to_owned(), found, ours: schema::newest() })
        }
        Found::Ours(found) => Ok(Some(found)),
        Found::Nothing => Ok(None),
    }
}

fn set_up(mut conn: Connection) -> Result<Connection, Fault> {
    conn.busy_timeout(BUSY_TIMEOUT)?;
    conn.set_prepared_statement_cache_capacity(STATEMENTS);
    // Else a statement is prepared again whenever another value is bound that its plan might depend on: nearly each time.
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    conn.pragma_update(None, "journal_mode", "WAL")?;
    conn.pragma_update(None, "synchronous", "FULL")?;
    conn.pragma_update(None, "foreign_keys", true)?;
    // Room for a group of first reads: its savepoints in memory, its pages neither spilled nor folded in piecemeal.
    conn.pragma_update(None, "temp_store", "MEMORY")?;
    conn.pragma_update(None, "cache_size", -16384)?;
    conn.pragma_update(None, "wal_autocheckpoint", 4096)?;
    schema::migrate(&mut conn)?;
    Ok(conn)
}
