//! The identity that every copy of one meeting shares ([MS-OXOCAL] 2.2.1.27, 2.2.1.28).

use std::sync::Arc;

use chrono::{DateTime, Datelike as _, NaiveDate, Utc};

use crate::dice::Dice;

const CLASS_ID: [u8; 16] = [0x04, 0, 0, 0, 0x82, 0, 0xE0, 0, 0x74, 0xC5, 0xB7, 0x10, 0x1A, 0x82, 0xE0, 0x08];
/// Seconds from 1601, where file times begin, to 1970.
const FILETIME_EPOCH: i64 = 11_644_473_600;
/// What the data of a UID begin with that is not Exchange's own ([MS-OXCICAL] 2.1.3.1.1.20.26).
const FOREIGN: &[u8] = b"vCal-Uid\x01\0\0\0";

/// A clean global object id: the one without an occurrence's date.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct GlobalObjectId {
    created: [u8; 8],
    data: Data,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Data {
    Own([u8; 16]),
    /// The UID of another calendar's meeting.
    Foreign(Arc<str>),
}

impl GlobalObjectId {
    pub(crate) fn new(dice: &mut Dice, now: DateTime<Utc>) -> Self {
        let ticks = (now.timestamp() + FILETIME_EPOCH).saturating_mul(10_000_000);
        Self { created: ticks.to_le_bytes(), data: Data::Own(dice.bytes()) }
    }

    /// The identity of a meeting whose UID another calendar made up; it may be any text.
    pub(crate) fn foreign(uid: &str) -> Self {
        Self { created: [0; 8], data: Data::Foreign(Arc::from(uid)) }
    }

    /// PidLidCleanGlobalObjectId.
    pub fn clean(&self) -> Vec<u8> {
        self.encode([0; 4])
    }

    /// PidLidGlobalObjectId of the occurrence whose original civil date is `date`.
    pub fn of_occurrence(&self, date: NaiveDate) -> Vec<u8> {
        let [_, _, high, low] = date.year().to_be_bytes();
        let [.., month] = date.month().to_be_bytes();
        let [.., day] = date.day().to_be_bytes();
        self.encode([high, low, month, day])
    }

    /// The UID that Exchange shows for it: its clean bytes in upper-case hexadecimal, or the one it came with.
    pub fn uid(&self) -> String {
        match &self.data {
            Data::Own(_) => hex::encode_upper(self.clean()),
            Data::Foreign(uid) => uid.to_string(),
        }
    }

    /// A UID that an occurrence does not share.
    pub(crate) fn uid_of_occurrence(&self, date: NaiveDate) -> String {
        hex::encode_upper(self.of_occurrence(date))
    }

    /// A text that is as unique, and says nothing.
    pub(crate) fn junk(&self) -> String {
        hex::encode(self.clean().into_iter().rev().collect::<Vec<u8>>())
    }

    fn encode(&self, date: [u8; 4]) -> Vec<u8> {
        let data = match &self.data {
            Data::Own(data) => data.to_vec(),
            Data::Foreign(uid) => [FOREIGN, uid.as_bytes(), &[0]].concat(),
        };
        let length = u32::try_from(data.len()).unwrap_or(u32::MAX).to_le_bytes();
        [&CLASS_ID, &date[..], &self.created, &[0; 8], &length, &data].concat()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_occurrence_differs_from_its_series_in_four_bytes() {
        let id = GlobalObjectId::new(&mut Dice::new(1), DateTime::UNIX_EPOCH);
        let occurrence = id.of_occurrence(NaiveDate::from_ymd_opt(2026, 3, 16).unwrap());
        assert_eq!(id.clean().len(), 56);
        assert_eq!(occurrence[16..20], [0x07, 0xEA, 3, 16]);
        assert_eq!(occurrence[20..], id.clean()[20..]);
        assert!(id.uid().starts_with("040000008200E00074C5B7101A82E00800000000"));
    }

    #[test]
    fn a_foreign_uid_is_wrapped() {
        let id = GlobalObjectId::foreign("7@calendar.example");
        let clean = id.clean();
        assert_eq!(id.uid(), "7@calendar.example");
        assert_eq!(clean[36..40], [31, 0, 0, 0], "the data's length");
        assert_eq!(clean[40..], [FOREIGN, b"7@calendar.example\0"].concat());
        assert_eq!(clean[16..36], [0; 20]);
    }
}
