//! What can go wrong, by what to do next.

use meeting_model::id::{DeviceId, Epoch, Revision, RoomId};
use std::sync::Arc;

/// What lies beneath an error. Shared, because one failed transaction is told to everybody who was in it.
pub type Cause = Arc<dyn std::error::Error + Send + Sync>;

/// What can go wrong, one variant for every different next step.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    /// The room has moved on since the plan was made. Read what is known and plan again.
    #[error("room `{room}`: planned against revision {base}, found {found}; plan it again")]
    Conflict {
        /// Whose.
        room: RoomId,
        /// What the plan was made against.
        base: Revision,
        /// What is stored.
        found: Revision,
    },
    /// Somebody else has taken the room. Let it go.
    #[error("room `{room}`: held since epoch {}, found {}: another callboard has taken the room; let it go", .mine.0, .found.0)]
    Fenced {
        /// Whose.
        room: RoomId,
        /// The epoch of the caller.
        mine: Epoch,
        /// The epoch that is stored.
        found: Epoch,
    },
    /// The room is not in the database. Take it first.
    #[error("room `{room}`: not in the database; take the room before using it")]
    UnknownRoom {
        /// Which.
        room: RoomId,
    },
    /// The device is not in the database: its room was taken without it. Let it go.
    #[error("device `{device}`: not in the database; take its room with it first")]
    UnknownDevice {
        /// Which.
        device: DeviceId,
    },
    /// Another program holds the database. Try again.
    #[error("database `{database}`: another program is writing to it; try again")]
    Busy {
        /// Its file.
        database: String,
        /// What SQLite said.
        source: Cause,
    },
    /// There is no space left. Nothing was stored; try again when there is.
    #[error("database `{database}`: the disk is full and nothing was stored; free some space")]
    Full {
        /// Its file.
        database: String,
        /// What SQLite said.
        source: Cause,
    },
    /// The disk failed. Try again; if it stays, the disk is at fault.
    #[error("database `{database}`: the disk failed and nothing was stored; look at the system's log")]
    Disk {
        /// Its file.
        database: String,
        /// What SQLite said.
        source: Cause,
    },
    /// The directory of the database is not there.
    #[error("database `{database}`: expected an existing directory to hold it; create the directory")]
    NoDirectory {
        /// Its file.
        database: String,
        /// What the system said.
        source: Cause,
    },
    /// The file or its directory may not be written.
    #[error(
        "database `{database}`: cannot be opened and written; let callboard own the file and write its directory"
    )]
    NoAccess {
        /// Its file.
        database: String,
        /// What the system or SQLite said.
        source: Cause,
    },
    /// The file is something else.
    #[error(
        "database `{database}`: expected a database of callboard, found {found}; move it away and every room is read \
         afresh, or give another `state_dir`"
    )]
    NotOurs {
        /// Its file.
        database: String,
        /// What it is.
        found: &'static str,
    },
    /// The file is a copy, which is no mirror before it was restored: it is older than what others have seen of it.
    #[error(
        "database `{database}`: it is a backup; move it away and put it in its place with `callboard restore`"
    )]
    Backup {
        /// Its file.
        database: String,
    },
    /// A newer callboard has written the database.
    #[error(
        "database `{database}`: expected schema {ours} or older, found {found}: a newer callboard wrote it; \
         run that version, or move it away"
    )]
    NewerSchema {
        /// Its file.
        database: String,
        /// The version of its schema.
        found: i64,
        /// The newest this program knows.
        ours: i64,
    },
    /// An older callboard has written the database, and it may only be read here.
    #[error(
        "database `{database}`: expected schema {ours}, found {found}: an older callboard wrote it; the daemon brings it up \
         to date when it starts"
    )]
    OlderSchema {
        /// Its file.
        database: String,
        /// The version of its schema.
        found: i64,
        /// The only one this program reads.
        ours: i64,
    },
    /// The database is damaged. It holds nothing that cannot be read from Exchange again, but for facts about
    /// meetings whose private flag Exchange has removed since.
    #[error(
        "database `{database}`: {place} is damaged; restore it from a backup, move it away and every room is read \
         afresh, or give another `state_dir`"
    )]
    Damaged {
        /// Its file.
        database: String,
        /// Which part.
        place: String,
        /// What is wrong with it.
        source: Cause,
    },
    /// SQLite refused a statement of ours.
    #[error("database `{database}`: a statement was refused; this is a fault of callboard, please report it")]
    Refused {
        /// Its file.
        database: String,
        /// What SQLite said.
        source: Cause,
    },
    /// The system refuses another thread.
    #[error("database: the system refuses a thread to write it; raise the limit on tasks")]
    NoThread {
        /// What the system said.
        source: Cause,
    },
    /// The writer or reader has stopped: the program is about to end.
    #[error("database: already closed")]
    Closed,
}

/// What to do about an [`Error`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NextStep {
    /// Read what is known and plan the room again.
    PlanAgain,
    /// Stop working on the room or device: it is not ours any more.
    LetGo,
    /// Do the same again, later.
    Retry,
    /// Somebody must act: the sentence says how.
    CallOperator,
    /// Stop: the store is closed.
    Stop,
}

impl Error {
    /// What to do about it.
    pub fn next_step(&self) -> NextStep {
        match self {
            Self::Conflict { .. } => NextStep::PlanAgain,
            Self::Fenced { .. } | Self::UnknownRoom { .. } | Self::UnknownDevice { .. } => NextStep::LetGo,
            Self::Busy { .. } | Self::Full { .. } | Self::Disk { .. } => NextStep::Retry,
            Self::NoDirectory { .. }
            | Self::NoAccess { .. }
            | Self::NotOurs { .. }
            | Self::Backup { .. }
            | Self::NewerSchema { .. }
            | Self::OlderSchema { .. }
            | Self::Damaged { .. }
            | Self::Refused { .. }
            | Self::NoThread { .. } => NextStep::CallOperator,
            Self::Closed => NextStep::Stop,
        }
    }
}

/// An error on its way out of a statement, before it is known which database it happened in.
#[derive(Debug)]
pub(crate) enum Fault {
    /// A statement failed.
    Sqlite(rusqlite::Error),
    /// A row does not say what it should.
    Row { table: &'static str, cause: Cause },
    /// SQLite has checked the database, and says this.
    Damaged(String),
    /// The statement worked, and the answer is no.
    Denied(Error),
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

impl Fault {
    /// A row of `table` that cannot be understood.
    pub(crate) fn row(table: &'static str, cause: impl std::error::Error + Send + Sync + 'static) -> Self {
        Self::Row { table, cause: Arc::new(cause) }
    }

    /// The error, in this database.
    pub(crate) fn at(self, database: &str) -> Error {
        let database = database.to_owned();
        match self {
            Self::Denied(error) => error,
            Self::Row { table, cause } => {
                Error::Damaged { database, place: format!("a row of table `{table}`"), source: cause }
            }
            Self::Damaged(said) => {
                Error::Damaged { database, place: "the file".to_owned(), source: Arc::new(CheckFailed(said)) }
            }
            Self::Sqlite(error) => sqlite(database, error),
        }
    }
}

/// What SQLite found wrong with a database that it checked.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct CheckFailed(String);

fn sqlite(database: String, error: rusqlite::Error) -> Error {
    use rusqlite::ErrorCode as Code;
    let code = error.sqlite_error_code();
    let source: Cause = Arc::new(error);
    match code {
        Some(Code::DatabaseBusy | Code::DatabaseLocked) => Error::Busy { database, source },
        Some(Code::DiskFull) => Error::Full { database, source },
        Some(Code::SystemIoFailure) => Error::Disk { database, source },
        Some(Code::ReadOnly | Code::PermissionDenied | Code::CannotOpen) => {
            Error::NoAccess { database, source }
        }
        Some(Code::NotADatabase) => Error::NotOurs { database, found: "something else than a database" },
        Some(Code::DatabaseCorrupt) => Error::Damaged { database, place: "the file".to_owned(), source },
        _ => Error::Refused { database, source },
    }
}
