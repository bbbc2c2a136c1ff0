//! Why there is no feed.

use meeting_model::id::RoomId;

/// Why there is no feed. The configuration has to be mended.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The address under which the feed is reached is not one.
    #[error("public url `{url}`: expected an address like `http://callboard.example.com:8080`")]
    PublicUrl {
        /// What was configured.
        url: String,
    },
    /// A phone takes addresses of at most 256 characters (CiscoIPPhone.xsd).
    #[error(
        "room `{room}`: the addresses of its meetings are too long for a phone: expected at most {most} characters, \
         found {found}: shorten the public url or the room's id"
    )]
    TooLong {
        /// Which room.
        room: RoomId,
        /// How many characters may be.
        most: usize,
        /// How many there are.
        found: usize,
    },
}
