//! Connections that SQLite itself holds to some rows.

use super::CONNECTIONS;
use crate::{
    error::{Error, Fault},
    open,
};
use rusqlite::{
    Connection, Transaction, TransactionBehavior,
    hooks::{AuthAction, AuthContext, Authorization},
};
use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};
use tokio::sync::Semaphore;

/// What connections may do at all: SQLite asks as it prepares a statement.
pub(crate) type Allows = fn(AuthAction<'_>) -> Authorization;

/// Connections to one database. They read what they may, and write nothing.
#[derive(Debug)]
pub(crate) struct Connections {
    path: PathBuf,
    allows: Allows,
    idle: Mutex<Vec<Connection>>,
}

impl Connections {
    /// Opens the database of a file, which a [`Store`](crate::Store) has opened before.
    pub(crate) fn open(path: &Path, allows: Allows) -> Result<Self, Error> {
        let connections = Self { path: path.to_owned(), allows, idle: Mutex::default() };
        connections.read(|_| Ok(()))?;
        Ok(connections)
    }

    /// One more connection.
    pub(crate) fn connect(&self) -> rusqlite::Result<Connection> {
        let mut conn = open::for_reading(&self.path)?;
        let allows = self.allows;
        conn.authorizer(Some(move |asked: AuthContext<'_>| allows(asked.action)))?;
        Ok(conn)
    }

    /// A fault of theirs, with the database's name.
    pub(crate) fn at(&self, fault: Fault) -> Error {
        fault.at(&self.path.display().to_string())
    }

    /// One view of the database over an idle connection, or a new one. A connection that failed is not kept.
    pub(crate) fn read<T>(&self, work: impl FnOnce(&Connection) -> Result<T, Fault>) -> Result<T, Error> {
        let attempt = || {
            let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let conn = idle.map_or_else(|| self.connect(), Ok)?;
            let tx = Transaction::new_unchecked(&conn, TransactionBehavior::Deferred)?;
            let answer = work(&tx)?;
            tx.finish()?;
            let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
            if idle.len() < CONNECTIONS {
                idle.push(conn);
            }
            Ok(answer)
        };
        attempt().map_err(|fault: Fault| self.at(fault))
    }
}

/// Whoever reads and blocks, asked from async code. Cheap to clone; a call that is dropped ends by itself, and its connection
/// goes back.
#[derive(Debug)]
pub(crate) struct Asked<R> {
    pub(crate) reader: Arc<R>,
    permits: Arc<Semaphore>,
}

impl<R> Clone for Asked<R> {
    fn clone(&self) -> Self {
        Self { reader: Arc::clone(&self.reader), permits: Arc::clone(&self.permits) }
    }
}

impl<R: Send + Sync + 'static> Asked<R> {
    pub(crate) fn of(reader: R) -> Self {
        Self { reader: Arc::new(reader), permits: Arc::new(Semaphore::new(CONNECTIONS)) }
    }

    pub(crate) async fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&R) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let Ok(permit) = Arc::clone(&self.permits).acquire_owned().await else { return Err(Error::Closed) };
        let reader = Arc::clone(&self.reader);
        let reading = tokio::task::spawn_blocking(move || {
            // The permit goes with the work, which a dropped call does not stop.
            let answer = question(&reader);
            drop(permit);
            answer
        });
        match reading.await {
            Ok(answer) => answer,
            Err(error) => match error.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                Err(_cancelled) => Err(Error::Closed),
            },
        }
    }
}
