//! The store: one connection, and what can be asked of it.

use crate::{
    backup,
    commit::{self, Committed},
    device::{self, DeviceState, Settlement},
    error::{Error, Fault},
    history::{self, ShownAt, Version},
    known, open,
    prune::{self, Prune, Pruned},
    room::{self, Claim, RoomState},
    site,
};
use chrono::{DateTime, Utc};
use meeting_model::{
    id::{Epoch, Revision, RoomId},
    identity::MeetingId,
    known::Known,
    plan::Commit,
    privacy::SiteSecret,
};
use rusqlite::{Connection, Transaction, TransactionBehavior};
use std::{collections::BTreeSet, path::Path};

/// The mirror, over one connection: synchronous, without thread or clock. Every call that writes is one
/// transaction, on disk when the call returns.
#[derive(Debug)]
pub struct Store {
    pub(crate) conn: Connection,
    pub(crate) database: String,
}

impl Store {
    /// Opens the database of a file. The file is made where it is missing, readable by its owner only, and brought to
    /// the newest schema.
    ///
    /// # Errors
    ///
    /// [`Error::NoDirectory`], [`Error::NoAccess`], [`Error::NotOurs`] or [`Error::NewerSchema`], all before
    /// anything is written to an existing database; [`Error::Busy`] where another program holds it, [`Error::Full`]
    /// and [`Error::Damaged`].
    pub fn open(path: &Path) -> Result<Self, Error> {
        Ok(Self { conn: open::for_writing(path)?, database: path.display().to_string() })
    }

    /// Opens an empty database that lives as long as the store.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`], where SQLite itself is broken.
    pub fn open_in_memory() -> Result<Self, Error> {
        Ok(Self { conn: open::in_memory()?, database: open::IN_MEMORY.to_owned() })
    }

    /// Looks whether every page is what SQLite wrote, but not whether indexes agree with their tables: of 1,000 rooms within a
    /// second.
    ///
    /// # Errors
    ///
    /// [`Error::Damaged`], [`Error::Disk`].
    pub fn check(&self) -> Result<(), Error> {
        backup::check_quickly(&self.conn).map_err(|fault| fault.at(&self.database))
    }

    /// The site's secret: what is stored, or `fresh`, which is stored then.
    ///
    /// # Errors
    ///
    /// As every write: [`Error::Busy`], [`Error::Full`], [`Error::Disk`], [`Error::NoAccess`], [`Error::Damaged`].
    pub fn site_secret(&mut self, fresh: [u8; 32]) -> Result<SiteSecret, Error> {
        self.write(|tx| site::secret(tx, fresh))
    }

    /// Takes rooms over: each is registered where it is new, its epoch is raised so that whoever held it before is
    /// fenced off, and its devices and calendars become those of the claim.
    ///
    /// # Errors
    ///
    /// As [`Store::site_secret`].
    pub fn take(&mut self, claims: &[Claim]) -> Result<Vec<RoomState>, Error> {
        self.write(|tx| room::take(tx, claims))
    }

    /// Gives rooms that are held the devices and calendars of the claims, as [`Store::take`] does; whoever holds them goes on
    /// doing so.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownRoom`] where nobody holds one of them; otherwise as [`Store::site_secret`].
    pub fn equip(&mut self, claims: &[Claim]) -> Result<Vec<RoomState>, Error> {
        self.write(|tx| room::equip(tx, claims))
    }

    /// Forgets every room that is not named, with all that is stored of it, and tells which.
    ///
    /// # Errors
    ///
    /// As [`Store::site_secret`].
    pub fn forget_others(&mut self, keep: &BTreeSet<RoomId>) -> Result<Vec<RoomId>, Error> {
        self.write(|tx| room::forget_others(tx, keep))
    }

    /// Where a room stands.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownRoom`] where nobody has taken it, and [`Error::Damaged`] where a row cannot be understood.
    pub fn state(&self, room: &RoomId) -> Result<RoomState, Error> {
        self.read(|tx| room::state(tx, room))
    }

    /// What is known of a room, whole, for planning: with the facts of every meeting it holds and of those that are
    /// asked for.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownRoom`], and [`Error::Damaged`] where a row cannot be understood.
    pub fn known(&self, room: &RoomId, meetings: &BTreeSet<MeetingId>) -> Result<Known, Error> {
        self.read(|tx| known::read(tx, room, meetings))
    }

    /// Stores what a plan changes: all of it or nothing. A plan that changes nothing moves the cursor and the age, and
    /// leaves the revision.
    ///
    /// # Errors
    ///
    /// [`Error::Conflict`] where the room has moved on, [`Error::Fenced`] where somebody else has taken it,
    /// [`Error::UnknownRoom`] where nobody has; otherwise as [`Store::site_secret`].
    pub fn commit(&mut self, epoch: Epoch, commit: &Commit) -> Result<Committed, Error> {
        self.write(|tx| commit::apply(tx, epoch, commit))
    }

    /// Where every device stands.
    ///
    /// # Errors
    ///
    /// [`Error::Damaged`], [`Error::Disk`].
    pub fn devices(&self) -> Result<Vec<DeviceState>, Error> {
        self.read(device::all)
    }

    /// Stores how a delivery ended. An answer for an older revision than the one confirmed changes nothing.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownDevice`], [`Error::Fenced`]; [`Error::Conflict`] for a revision its room has not reached;
    /// otherwise as [`Store::site_secret`].
    pub fn settle(&mut self, settlement: &Settlement) -> Result<DeviceState, Error> {
        self.write(|tx| device::settle(tx, settlement))
    }

    /// What a room showed at a moment within [`HISTORY`](crate::HISTORY), why, and what its devices had confirmed by then.
    /// Absent of a moment before anything was remembered.
    ///
    /// What became secret since, or was forgotten, is so here too. What a room's settings hide since is taken away by
    /// [`Version::seen`].
    ///
    /// # Errors
    ///
    /// As [`Store::known`].
    pub fn shown_at(&self, room: &RoomId, at: DateTime<Utc>) -> Result<Option<ShownAt>, Error> {
        self.read(|tx| history::shown_at(tx, room, at))
    }

    /// What a room showed at one of its revisions: with the revision that a device had confirmed, what that device had.
    ///
    /// # Errors
    ///
    /// As [`Store::known`].
    pub fn shown_in(&self, room: &RoomId, rev: Revision) -> Result<Vec<Version>, Error> {
        self.read(|tx| history::shown_in(tx, room, rev))
    }

    /// Forgets what is long past, a bounded part of it in each call.
    ///
    /// # Errors
    ///
    /// As [`Store::site_secret`].
    pub fn prune(&mut self, prune: &Prune) -> Result<Pruned, Error> {
        self.write(|tx| prune::apply(tx, prune))
    }

    /// Folds the write-ahead log into the file and closes it.
    ///
    /// # Errors
    ///
    /// As [`Store::site_secret`]; nothing that was committed is lost by it.
    pub fn close(self) -> Result<(), Error> {
        let Self { conn, database } = self;
        conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
            .and_then(|()| conn.close().map_err(|(_, error)| error))
            .map_err(|error| Fault::from(error).at(&database))
    }

    /// One transaction that holds the write lock from its beginning, so that what it reads stays true.
    fn write<T>(&mut self, work: impl FnOnce(&Connection) -> Result<T, Fault>) -> Result<T, Error> {
        let attempt = || {
            let tx = self.conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let done = work(&tx)?;
            tx.commit()?;
            Ok(done)
        };
        attempt().map_err(|fault: Fault| fault.at(&self.database))
    }

    /// One view of the database for several statements.
    fn read<T>(&self, work: impl FnOnce(&Connection) -> Result<T, Fault>) -> Result<T, Error> {
        let attempt = || {
            let tx = Transaction::new_unchecked(&self.conn, TransactionBehavior::Deferred)?;
            work(&tx)
        };
        attempt().map_err(|fault: Fault| fault.at(&self.database))
    }
}
