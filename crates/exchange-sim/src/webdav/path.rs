//! Paths below `/exchange`: which mailbox, and which of its folders.

use std::fmt::Write as _;

use super::manners::WebdavManners;
use crate::World;
use crate::world::RoomNumber;

/// What stands for letters that no segment holds.
const STANDING_IN: [(&str, char); 4] =
    [("_xF8FF_", '/'), ("_x003F_", '?'), ("_xF8FE_", '\\'), ("_x007E_", '~')];

/// A folder that is served.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Folder {
    Root,
    NonIpmSubtree,
    Calendar,
}

/// A folder of a mailbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) room: RoomNumber,
    pub(super) folder: Folder,
}

impl Place {
    /// What a path names, if anything.
    pub(super) fn of(world: &World, path: &str, manners: &WebdavManners) -> Option<Self> {
        let path = path.split('?').next()?;
        let mut segments = path.split('/').filter(|segment| !segment.is_empty()).map(decoded);
        segments.next().filter(|first| first.eq_ignore_ascii_case("exchange"))?;
        let mailbox = segments.next()?;
        // the local part of an address, or all of it
        let room = world.room_number(&mailbox).or_else(|_unknown| {
            let local = |room: &&crate::Room| {
                room.mailbox
                    .address
                    .split('@')
                    .next()
                    .is_some_and(|local| local.eq_ignore_ascii_case(&mailbox))
            };
            let alias = world.rooms.iter().find(local).map(|room| room.alias.clone());
            world.room_number(alias.as_deref().unwrap_or(&mailbox))
        });
        let folder = match segments.next() {
            None => Folder::Root,
            Some(name) if name == "NON_IPM_SUBTREE" => Folder::NonIpmSubtree,
            Some(name) if name.eq_ignore_ascii_case(&manners.calendar) => Folder::Calendar,
            Some(_) => return None,
        };
        if segments.next().is_some() {
            return None;
        }
        Some(Self { room: room.ok()?, folder })
    }
}

/// A name in a path.
pub(super) fn encoded(name: &str) -> String {
    let mut text = String::new();
    for letter in name.chars() {
        if let Some((instead, _)) = STANDING_IN.iter().find(|(_, other)| *other == letter) {
            text.push_str(instead);
        } else if letter.is_ascii_alphanumeric() || "!$'()*,-.:;=@_".contains(letter) {
            text.push(letter);
        } else {
            let mut bytes = [0; 4];
            for byte in letter.encode_utf8(&mut bytes).bytes() {
                // writing to a string cannot fail
                let _ = write!(text, "%{byte:02x}");
            }
        }
    }
    text
}

fn decoded(segment: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = segment;
    while let Some(letter) = rest.chars().next() {
        let escaped = rest.strip_prefix('%').and_then(|hex| u8::from_str_radix(hex.get(..2)?, 16).ok());
        if let Some(byte) = escaped {
            bytes.push(byte);
            rest = rest.get(3..).unwrap_or_default();
        } else {
            let (first, after) = rest.split_at(letter.len_utf8());
            bytes.extend_from_slice(first.as_bytes());
            rest = after;
        }
    }
    let text = String::from_utf8_lossy(&bytes).into_owned();
    STANDING_IN.iter().fold(text, |text, (instead, letter)| text.replace(instead, &letter.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_back_from_their_paths() {
        for name in
            ["Board meeting.EML", "A/B sync", "what?", "back\\slash", "~temp", "100% sure", "Büro", "R&D #3"]
        {
            assert_eq!(decoded(&encoded(name)), name);
        }
        assert_eq!(encoded("SCHEDULE+ FREE BUSY"), "SCHEDULE%2b%20FREE%20BUSY");
    }
}
