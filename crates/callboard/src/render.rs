//! Writes for people, on a terminal or into a file: differences, explanations, health, and what a wrong room id was meant to be.

mod check;
mod clock;
mod diff;
mod explain;
mod migration;
mod shadow;
mod status;
mod table;
mod time;
mod unknown_room;

pub use check::check;
pub use clock::clock;
pub use diff::diff;
pub use explain::{Listing, explain};
pub use migration::{lines_to_change, migration};
pub use shadow::shadow;
pub use status::status;
pub(crate) use time::age;
pub use unknown_room::unknown_room;

use meeting_model::{id::RoomId, zone::RoomZone};
use std::{
    collections::BTreeMap,
    fmt,
    io::{self, Write},
};

/// Where something is written, and how.
pub struct Page<'a> {
    /// Where.
    pub out: &'a mut dyn Write,
    /// Whether colours are understood there.
    pub colour: bool,
    /// The zones of the rooms, where they are known. Times of other rooms are told in UTC, and say so.
    pub zones: &'a BTreeMap<RoomId, RoomZone>,
}

impl fmt::Debug for Page<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Page").field("colour", &self.colour).finish_non_exhaustive()
    }
}

impl Page<'_> {
    fn zone(&self, room: &str) -> Option<&RoomZone> {
        self.zones.get(&RoomId::new(room))
    }

    fn line(&mut self, text: &str) -> io::Result<()> {
        writeln!(self.out, "{}", text.trim_end())
    }

    fn paint(&self, tint: Tint, text: &str) -> String {
        let text = plain(text);
        match (self.colour, tint.code()) {
            (true, Some(code)) => format!("\x1b[{code}m{text}\x1b[0m"),
            _ => text,
        }
    }
}

/// What a colour says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tint {
    Plain,
    Heading,
    Good,
    Notice,
    Bad,
}

impl Tint {
    /// The parameter of "select graphic rendition" (ECMA-48 8.3.117).
    fn code(self) -> Option<u8> {
        match self {
            Self::Plain => None,
            Self::Heading => Some(1),
            Self::Good => Some(32),
            Self::Notice => Some(33),
            Self::Bad => Some(31),
        }
    }
}

/// What is wrong with a room, for a line that names the room already.
fn of_this_room<'a>(room: &str, mailbox: Option<&str>, sentence: &'a str) -> &'a str {
    let mailbox = mailbox.map(|mailbox| format!("room `{room}`, mailbox `{mailbox}`: "));
    let named = [format!("room `{room}`: "), format!("room `{room}`, ")];
    mailbox.iter().chain(&named).find_map(|named| sentence.strip_prefix(named)).unwrap_or(sentence)
}

/// A room, and its mailbox where it has several.
fn named(room: &str, mailbox: Option<&str>) -> String {
    mailbox.map_or_else(|| room.to_owned(), |mailbox| format!("{room} ({mailbox})"))
}

/// The text without what would steer the terminal.
fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use meeting_model::zone::ZoneDatabase;

    fn page(colour: bool, zone: Option<&str>, write: impl Fn(&mut Page<'_>) -> io::Result<()>) -> String {
        let database = ZoneDatabase::bundled();
        let zones = zone.map(|zone| RoomZone::named(&database, zone).unwrap());
        let rooms = ["boardroom-9", "cellar"].map(RoomId::new);
        let zones = rooms.into_iter().filter_map(|room| Some((room, zones.clone()?))).collect();
        let mut out = Vec::new();
        write(&mut Page { out: &mut out, colour, zones: &zones }).unwrap();
        String::from_utf8(out).unwrap()
    }

    /// What is written without colours, for rooms in Berlin.
    pub(super) fn page_in_berlin(write: impl Fn(&mut Page<'_>) -> io::Result<()>) -> String {
        page(false, Some("Europe/Berlin"), write)
    }

    /// The same with colours.
    pub(super) fn page_in_colour(write: impl Fn(&mut Page<'_>) -> io::Result<()>) -> String {
        page(true, Some("Europe/Berlin"), write)
    }

    /// What is written without colours, for rooms whose zone is not known.
    pub(super) fn page_without_zones(write: impl Fn(&mut Page<'_>) -> io::Result<()>) -> String {
        page(false, None, write)
    }
}
