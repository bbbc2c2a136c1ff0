//! Ids, change keys, watermarks: opaque to clients, and all that the server needs to know in them.
//!
//! An id names its world, its mailbox, its folder and its item, so that an item in another folder has
//! another id, as in Exchange ([MS-OXWSITEMID]).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{Datelike as _, NaiveDate};

use crate::World;
use crate::item::View;
use crate::subscription::SubscriptionKey;
use crate::world::RoomNumber;

/// The folders of a room's mailbox that can be seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Folder {
    /// The top of what people see.
    Root,
    Calendar,
    DeletedItems,
    Inbox,
    SentItems,
    /// The root of the store, above the top.
    Store,
}

/// What an id names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Id {
    Folder(RoomNumber, Folder),
    Item(RoomNumber, Folder, u64),
    Occurrence(RoomNumber, u64, NaiveDate),
}

impl Id {
    pub(super) fn room(self) -> RoomNumber {
        match self {
            Self::Folder(room, _) | Self::Item(room, _, _) | Self::Occurrence(room, _, _) => room,
        }
    }
}

/// The bits of a watermark that name the database.
const DATABASE: u64 = 0xFFFF_0000_0000_0000;

/// Every id begins with these bytes, so that it reads `AAMk`.
const PREFIX: [u8; 3] = [0, 3, 0x24];

impl World {
    pub(super) fn id_text(&self, id: Id) -> String {
        let (folder, number, day) = match id {
            Id::Folder(_, folder) => (folder, 0, 0),
            Id::Item(_, folder, number) => (folder, number, 0),
            Id::Occurrence(_, number, date) => (Folder::Calendar, number, date.num_days_from_ce()),
        };
        let folder = match folder {
            Folder::Root => 0,
            Folder::Calendar => 1,
            Folder::DeletedItems => 2,
            Folder::Inbox => 3,
            Folder::Store => 4,
            Folder::SentItems => 5,
        };
        let mut bytes = PREFIX.to_vec();
        bytes.extend_from_slice(&self.tag.to_be_bytes());
        bytes.extend_from_slice(&id.room().0.to_be_bytes());
        bytes.push(folder);
        bytes.extend_from_slice(&number.to_be_bytes());
        bytes.extend_from_slice(&day.to_be_bytes());
        let sum = checksum(&bytes);
        bytes.extend_from_slice(&sum.to_be_bytes());
        STANDARD.encode(bytes)
    }

    pub(super) fn id(&self, text: &str) -> Option<Id> {
        let bytes = STANDARD.decode(text).ok()?;
        let mut reader = Reader::new(&bytes);
        if reader.take::<3>()? != PREFIX || u32::from_be_bytes(reader.take()?) != self.tag {
            return None;
        }
        let room = RoomNumber(u32::from_be_bytes(reader.take()?));
        let folder = match reader.take::<1>()? {
            [0] => Folder::Root,
            [1] => Folder::Calendar,
            [2] => Folder::DeletedItems,
            [3] => Folder::Inbox,
            [4] => Folder::Store,
            [5] => Folder::SentItems,
            _ => return None,
        };
        let number = u64::from_be_bytes(reader.take()?);
        let day = i32::from_be_bytes(reader.take()?);
        let body = bytes.get(..bytes.len().checked_sub(4)?)?;
        if u32::from_be_bytes(reader.take()?) != checksum(body) || !reader.0.is_empty() {
            return None;
        }
        Some(match (number, day) {
            (0, 0) => Id::Folder(room, folder),
            (number, 0) => Id::Item(room, folder, number),
            (number, day) => Id::Occurrence(room, number, NaiveDate::from_num_days_from_ce_opt(day)?),
        })
    }

    /// The id of an item or an occurrence in a room's calendar.
    pub(super) fn view_id(&self, room: RoomNumber, view: &View<'_>) -> String {
        let number = view.item.number;
        let whole = Id::Item(room, Folder::Calendar, number);
        self.id_text(view.date.map_or(whole, |date| Id::Occurrence(room, number, date)))
    }

    pub(super) fn change_key(&self, room: RoomNumber, changed: u64) -> String {
        let mut bytes = vec![0x0F, 0, 0, 0, 0x16, 0, 0, 0];
        bytes.extend_from_slice(&self.tag.to_be_bytes());
        bytes.extend_from_slice(&room.0.to_be_bytes());
        bytes.extend_from_slice(&changed.to_be_bytes());
        STANDARD.encode(bytes)
    }

    pub(super) fn watermark_text(&self, room: RoomNumber, watermark: u64) -> String {
        self.numbered(room, watermark | self.database(room))
    }

    /// The watermark, unless it is of another mailbox or another database.
    pub(super) fn watermark(&self, room: RoomNumber, text: &str) -> Option<u64> {
        let (of, watermark) = self.number(text)?;
        (of == room && watermark & DATABASE == self.database(room)).then_some(watermark & !DATABASE)
    }

    /// In which database a mailbox lies, as it marks watermarks.
    fn database(&self, room: RoomNumber) -> u64 {
        u64::from(self.room(room).map_or(0, |room| room.moves)) << DATABASE.trailing_zeros()
    }

    pub(crate) fn subscription_text(&self, (room, serial): SubscriptionKey) -> String {
        self.numbered(room, serial)
    }

    pub(super) fn subscription_key(&self, text: &str) -> Option<SubscriptionKey> {
        self.number(text)
    }

    fn numbered(&self, room: RoomNumber, number: u64) -> String {
        let mut bytes = self.tag.to_be_bytes().to_vec();
        bytes.extend_from_slice(&room.0.to_be_bytes());
        bytes.extend_from_slice(&number.to_be_bytes());
        STANDARD.encode(bytes)
    }

    fn number(&self, text: &str) -> Option<(RoomNumber, u64)> {
        let bytes = STANDARD.decode(text).ok()?;
        let mut reader = Reader::new(&bytes);
        let ours = u32::from_be_bytes(reader.take()?) == self.tag;
        let room = RoomNumber(u32::from_be_bytes(reader.take()?));
        let number = u64::from_be_bytes(reader.take()?);
        (ours && reader.0.is_empty()).then_some((room, number))
    }
}

/// Bytes being taken from the front.
pub(super) struct Reader<'a>(pub(super) &'a [u8]);

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub(super) fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (first, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*first)
    }
}

/// FNV-1a: enough to tell an id or a sync state that was tampered with.
pub(super) fn checksum(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0x811C_9DC5, |hash, byte| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193))
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    #[test]
    fn ids_are_read_as_they_were_written() {
        let world = World::new(7, DateTime::UNIX_EPOCH);
        let date = NaiveDate::from_ymd_opt(2026, 3, 16).unwrap();
        let ids = [
            Id::Folder(RoomNumber(3), Folder::Calendar),
            Id::Item(RoomNumber(3), Folder::DeletedItems, 9),
            Id::Occurrence(RoomNumber(3), 9, date),
        ];
        for id in ids {
            let text = world.id_text(id);
            assert!(text.starts_with("AAMk"));
            assert_eq!(world.id(&text), Some(id));
            assert_eq!(world.id(&text.to_lowercase()), None, "ids are case-sensitive");
            assert_eq!(World::new(8, DateTime::UNIX_EPOCH).id(&text), None, "ids are of one world");
        }
        assert_eq!(world.id("AAMkAD"), None);
    }
}
