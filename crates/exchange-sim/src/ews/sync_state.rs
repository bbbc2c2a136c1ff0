//! The sync state: which items a client was told of, and in which version ([MS-OXWSSYNC] 3.1.4.2).
//!
//! Holding it all makes every reply exact, whatever changed between two pages.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::id::{Reader, checksum};
use crate::world::RoomNumber;

/// Item numbers with the change number last told.
pub(super) type Told = BTreeMap<u64, u64>;

pub(super) fn write(tag: u32, room: RoomNumber, told: &Told) -> String {
    let mut bytes = vec![1];
    bytes.extend_from_slice(&tag.to_be_bytes());
    bytes.extend_from_slice(&room.0.to_be_bytes());
    for (number, changed) in told {
        write_number(&mut bytes, *number);
        write_number(&mut bytes, *changed);
    }
    let sum = checksum(&bytes);
    bytes.extend_from_slice(&sum.to_be_bytes());
    STANDARD.encode(bytes)
}

/// Reads a state back; nothing when it is damaged, or of another mailbox.
pub(super) fn read(tag: u32, room: RoomNumber, text: &str) -> Option<Told> {
    let bytes = STANDARD.decode(text).ok()?;
    let (body, sum) = bytes.split_last_chunk::<4>()?;
    let mut reader = Reader::new(body);
    let ours = reader.take::<1>()? == [1]
        && u32::from_be_bytes(reader.take()?) == tag
        && u32::from_be_bytes(reader.take()?) == room.0;
    if !ours || checksum(body) != u32::from_be_bytes(*sum) {
        return None;
    }
    let mut told = Told::new();
    while !reader.0.is_empty() {
        let number = read_number(&mut reader)?;
        told.insert(number, read_number(&mut reader)?);
    }
    Some(told)
}

/// Seven bits a byte, the lowest first; the top bit says that more follow.
fn write_number(bytes: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        bytes.push(u8::try_from(number & 0x7F).unwrap_or(0) | 0x80);
        number >>= 7;
    }
    bytes.push(u8::try_from(number).unwrap_or(0));
}

fn read_number(reader: &mut Reader<'_>) -> Option<u64> {
    let mut number = 0;
    for shift in (0..63).step_by(7) {
        let [byte] = reader.take()?;
        number |= u64::from(byte & 0x7F) << shift;
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_is_bound_to_its_mailbox_and_tells_tampering() {
        let told: Told = [(1, 5), (300, 70_000), (2, 127), (3, 128)].into();
        let text = write(42, RoomNumber(1), &told);
        assert_eq!(read(42, RoomNumber(1), &text), Some(told));
        assert_eq!(read(42, RoomNumber(2), &text), None);
        assert_eq!(read(43, RoomNumber(1), &text), None);
        assert_eq!(read(42, RoomNumber(1), &text.replace('A', "B")), None);
        assert_eq!(read(42, RoomNumber(1), "H4sIAAAA"), None);
    }
}
