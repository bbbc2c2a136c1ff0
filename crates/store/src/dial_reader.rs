//! Reading what only a device that dials is given (rule P1).

use crate::{
    column::{from_body, micros},
    display_reader::{Asked, Connections},
    error::{Error, Fault},
};
use meeting_model::{clock::Window, display::PublicKey, id::RoomId, join::Join, withheld::Withheld};
use rusqlite::{
    Row,
    hooks::{AuthAction, Authorization},
    params,
};
use serde::Deserialize;
use std::path::Path;

/// Reads how hidden meetings are joined, from async code: for devices that dial, and for no other output. Cheap to clone.
///
/// Whoever shows meetings has a [`DisplayReader`](crate::DisplayReader), which cannot read any of this.
#[derive(Debug, Clone)]
pub struct DialReader(Asked<Connections>);

/// What is read of an occurrence.
#[derive(Deserialize)]
struct Body {
    #[serde(default)]
    join: Join,
}

impl DialReader {
    /// Opens the database of a file, which a [`Store`](crate::Store) has opened before.
    ///
    /// # Errors
    ///
    /// [`Error::NoAccess`] where it cannot be opened, [`Error::NotOurs`], [`Error::Damaged`].
    pub fn open(path: &Path) -> Result<Self, Error> {
        Ok(Self(Asked::of(Connections::open(path, allows)?)))
    }

    /// How those meetings of a window are joined that are shown without saying it.
    ///
    /// # Errors
    ///
    /// [`Error::Busy`], [`Error::Disk`], [`Error::Damaged`].
    pub async fn withheld(&self, room: RoomId, window: Window) -> Result<Withheld, Error> {
        self.0.ask(move |connections| withheld(connections, &room, window)).await
    }
}

fn withheld(connections: &Connections, room: &RoomId, window: Window) -> Result<Withheld, Error> {
    connections.read(|conn| {
        let mut found = conn.prepare_cached(
            "SELECT display.public_key, occurrence.body FROM display
               JOIN occurrence
                 ON occurrence.room_id = display.room_id AND occurrence.public_key = display.public_key
             WHERE display.room_id = ?1 AND display.join_by IS NULL AND display.tentative = FALSE
               AND display.starts_at < ?3 AND display.ends_at >= ?2",
        )?;
        let window = params![room.as_str(), micros(window.start), micros(window.end)];
        let bodies = found.query_map(window, |row: &Row<'_>| {
            Ok((PublicKey::new(row.get::<_, String>(0)?), row.get::<_, String>(1)?))
        })?;
        let join = |row: rusqlite::Result<(PublicKey, String)>| {
            let (key, body) = row?;
            let Body { join } = from_body("occurrence", &body)?;
            Ok::<_, Fault>((key, join))
        };
        bodies.map(join).collect()
    })
}

/// What these connections may do at all.
fn allows(action: AuthAction<'_>) -> Authorization {
    match action {
        AuthAction::Select
        | AuthAction::Transaction { .. }
        | AuthAction::Read {
            table_name: "display",
            column_name: "room_id" | "public_key" | "starts_at" | "ends_at" | "tentative" | "join_by",
        }
        | AuthAction::Read { table_name: "occurrence", column_name: "room_id" | "public_key" | "body" } => {
            Authorization::Allow
        }
        _ => Authorization::Deny,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Store;

    #[test]
    fn nothing_but_joins_can_be_selected() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("mirror.db");
        let _store = Store::open(&path).unwrap();
        let conn = Connections::open(&path, allows).unwrap().connect().unwrap();
        for denied in [
            "SELECT title FROM display",
            "SELECT body FROM observed",
            "SELECT meeting_key FROM occurrence",
            "SELECT subject FROM meeting_fact",
            "SELECT value FROM site",
            "DELETE FROM occurrence",
        ] {
            let error = conn.prepare(denied).err().map(|error| error.sqlite_error_code());
            let denial = Some(Some(rusqlite::ErrorCode::AuthorizationForStatementDenied));
            assert_eq!(error, denial, "{denied}");
        }
    }
}
