//! Reading what may be displayed, and nothing else.
//!
//! Rule P2 asks that whoever shows meetings cannot select what the rules hide. So every statement here selects from
//! `display`, the three columns of `room` that say how current it is, and those of `occurrence` that say when a room is taken
//! and nothing of by what, and since which revision; and SQLite's authorizer, which looks at a statement as it is prepared, lets these connections read
//! nothing else.

mod blocking;
mod connections;

pub use blocking::BlockingDisplayReader;
pub(crate) use connections::{Asked, Connections};

use crate::Error;
use chrono::{DateTime, Utc};
use meeting_model::{
    availability::Spell,
    clock::Window,
    display::{Displayed, PublicKey},
    id::{Revision, RoomId},
};
use std::path::Path;

/// How many connections read at once from async code, and are kept open.
const CONNECTIONS: usize = 4;

/// How current a room's displayed rows are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoomMeta {
    /// Which room.
    pub room: RoomId,
    /// Its revision: what is shown changes only with it.
    pub rev: Revision,
    /// When the server's answer that it shows was asked for. Absent before the first read.
    pub as_of: Option<DateTime<Utc>>,
}

/// A meeting that is shown, and since when as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    /// The meeting.
    pub meeting: Displayed,
    /// The first revision of its room that shows it so.
    pub since_rev: Revision,
    /// When that was committed. Absent where it is longer ago than is remembered.
    pub since: Option<DateTime<Utc>>,
}

/// Reads what may be displayed, from async code. Cheap to clone; a call that is dropped ends by itself, and its
/// connection goes back.
#[derive(Debug, Clone)]
pub struct DisplayReader(Asked<BlockingDisplayReader>);

impl DisplayReader {
    /// Opens the database of a file, which a [`Store`](crate::Store) has opened before.
    ///
    /// # Errors
    ///
    /// As [`BlockingDisplayReader::open`].
    pub fn open(path: &Path) -> Result<Self, Error> {
        Ok(Self(Asked::of(BlockingDisplayReader::open(path)?)))
    }

    /// As [`BlockingDisplayReader::rooms`].
    ///
    /// # Errors
    ///
    /// As there.
    pub async fn rooms(&self) -> Result<Vec<RoomMeta>, Error> {
        self.0.ask(BlockingDisplayReader::rooms).await
    }

    /// As [`BlockingDisplayReader::room`].
    ///
    /// # Errors
    ///
    /// As there.
    pub async fn room(&self, room: RoomId) -> Result<RoomMeta, Error> {
        self.0.ask(move |reader| reader.room(&room)).await
    }

    /// As [`BlockingDisplayReader::meetings`].
    ///
    /// # Errors
    ///
    /// As there.
    pub async fn meetings(&self, room: RoomId, window: Window) -> Result<(RoomMeta, Vec<Displayed>), Error> {
        self.0.ask(move |reader| reader.meetings(&room, window)).await
    }

    /// As [`BlockingDisplayReader::spells`].
    ///
    /// # Errors
    ///
    /// As there.
    pub async fn spells(&self, room: RoomId, window: Window) -> Result<Vec<Spell>, Error> {
        self.0.ask(move |reader| reader.spells(&room, window)).await
    }

    /// As [`BlockingDisplayReader::meeting`].
    ///
    /// # Errors
    ///
    /// As there.
    pub async fn meeting(&self, room: RoomId, key: PublicKey) -> Result<Option<Displayed>, Error> {
        self.0.ask(move |reader| reader.meeting(&room, &key)).await
    }

    /// As [`BlockingDisplayReader::published`].
    ///
    /// # Errors
    ///
    /// As there.
    pub async fn published(&self, room: RoomId, window: Window) -> Result<(RoomMeta, Vec<Published>), Error> {
        self.0.ask(move |reader| reader.published(&room, window)).await
    }

    /// As [`BlockingDisplayReader::revisions`].
    ///
    /// # Errors
    ///
    /// As there.
    pub async fn revisions(&self, room: RoomId, most: u32) -> Result<Vec<(Revision, DateTime<Utc>)>, Error> {
        self.0.ask(move |reader| reader.revisions(&room, most)).await
    }

    /// As [`BlockingDisplayReader::version`], at once: it does not wait for a disk.
    ///
    /// # Errors
    ///
    /// As there.
    pub fn version(&self) -> Result<i64, Error> {
        self.0.reader.version()
    }
}
