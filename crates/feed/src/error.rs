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
    /// A token is easily guessed, or cannot stand in a URL.
    #[error(
        "token: expected 16 to 64 letters, digits, `-`, `.`, `_` or `~`, found something else: make one with `openssl rand -hex 20`"
    )]
    Token,
    /// A password hash is not one.
    #[error(
        "administrator: expected a password hash that begins with `$argon2id$`, found something else: make one with `callboard hash-password`"
    )]
    PasswordHash,
    /// A language is not spoken.
    #[error("language: expected one of {known}, found `{found}`")]
    Language {
        /// What was configured.
        found: String,
        /// Every one there is.
        known: String,
    },
}
