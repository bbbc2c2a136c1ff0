//! The identity that every copy of one meeting shares ([MS-OXOCAL] 2.2.1.27, 2.2.1.28).

use chrono::{DateTime, Datelike as _, NaiveDate, Utc};

use crate::dice::Dice;

const CLASS_ID: [u8; 16] = [0x04, 0, 0, 0, 0x82, 0, 0xE0, 0, 0x74, 0xC5, 0xB7, 0x10, 0x1A, 0x82, 0xE0, 0x08];
/// Seconds from 1601, where file times begin, to 1970.
const FILETIME_EPOCH: i64 = 11_644_473_600;

/// A clean global object id: the one without an occurrence's date.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct GlobalObjectId {
    created: [u8; 8],
    data: [u8; 16],
}

impl GlobalObjectId {
    pub(crate) fn new(dice: &mut Dice, now: DateTime<Utc>) -> Self {
        let ticks = (now.timestamp() + FILETIME_EPOCH).saturating_mul(10_000_000);
        Self { created: ticks.to_le_bytes(), data: dice.bytes() }
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

    /// The UID that Exchange shows for it: its clean bytes in upper-case hexadecimal.
    pub fn uid(&self) -> String {
        hex::encode_upper(self.clean())
    }

    /// A text that is as unique, and says nothing.
    pub(crate) fn junk(&self) -> String {
        hex::encode(self.clean().into_iter().rev().collect::<Vec<u8>>())
    }

    fn encode(&self, date: [u8; 4]) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(56);
        bytes.extend_from_slice(&CLASS_ID);
        bytes.extend_from_slice(&date);
        bytes.extend_from_slice(&self.created);
        bytes.extend_from_slice(&[0; 8]);
        bytes.extend_from_slice(&16_u32.to_le_bytes());
        bytes.extend_from_slice(&self.data);
        bytes
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
}
