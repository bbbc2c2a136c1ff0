//! The mirror, looked into while a daemon may be writing it.

use crate::{error::Error, open, room::RoomState, store::Store};
use meeting_model::{id::RoomId, known::Known};
use std::{collections::BTreeSet, path::Path};

/// The mirror over a connection that cannot write: for commands that look and leave it to the daemon.
#[derive(Debug)]
pub struct ReadOnlyStore(Store);

impl ReadOnlyStore {
    /// Opens the database of a file. Nothing where there is none yet.
    ///
    /// # Errors
    ///
    /// [`Error::NoAccess`], [`Error::NotOurs`], [`Error::NewerSchema`]; [`Error::OlderSchema`] where the daemon of this
    /// version has not opened it yet; [`Error::Busy`], [`Error::Disk`] and [`Error::Damaged`].
    pub fn open(path: &Path) -> Result<Option<Self>, Error> {
        let conn = open::for_looking(path)?;
        Ok(conn.map(|conn| Self(Store { conn, database: path.display().to_string() })))
    }

    /// Where a room stands.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownRoom`], [`Error::Busy`], [`Error::Disk`] and [`Error::Damaged`].
    pub fn room(&self, room: &RoomId) -> Result<RoomState, Error> {
        self.0.state(room)
    }

    /// What is known of a room, whole. See [`Store::known`].
    ///
    /// # Errors
    ///
    /// As [`ReadOnlyStore::room`].
    pub fn known(&self, room: &RoomId) -> Result<Known, Error> {
        self.0.known(room, &BTreeSet::new())
    }
}
