//! Names of things: newtypes, so that one is never taken for another.

use serde::{Deserialize, Serialize};
use std::fmt;

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Takes the text as it is.
            pub fn new(text: impl Into<String>) -> Self {
                Self(text.into())
            }

            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

text_id!(
    /// A room, as the configuration names it (`boardroom-9`).
    RoomId
);
text_id!(
    /// A device of a room: `room/kind@host`, so that a new address is a new device.
    DeviceId
);
text_id!(
    /// An Exchange server, as the configuration names it (`hq`).
    ServerId
);
text_id!(
    /// The server's own id of an item: opaque, case-sensitive, and changing when the item moves. Where a room has several
    /// calendars, what is known of it tells them apart by the number before: see [`ItemId::of_calendar`].
    ItemId
);
text_id!(
    /// Where a calendar lies: its server and its mailbox, by which a room knows it again.
    CalendarName
);

/// Which of its room's calendars. Most rooms have one, of number 0. Numbers are given once, and to no other calendar of the
/// room afterwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CalendarNumber(pub i64);

/// What stands between a calendar's number and the server's id: a character that XML 1.0 cannot hold (section 2.2), and so no
/// server's id.
const BEHIND_NUMBER: char = '\u{1f}';

impl ItemId {
    /// The id of the same item among all that its room knows: servers promise to keep ids apart within one mailbox only.
    #[must_use]
    pub fn of_calendar(self, calendar: CalendarNumber) -> Self {
        if calendar == CalendarNumber::default() {
            return self;
        }
        Self(format!("{}{BEHIND_NUMBER}{}", calendar.0, self.0))
    }

    /// The calendar that the item lies in.
    pub fn calendar(&self) -> CalendarNumber {
        let number = self.0.split_once(BEHIND_NUMBER).and_then(|(number, _)| number.parse().ok());
        number.map(CalendarNumber).unwrap_or_default()
    }
}

impl CalendarName {
    /// The name of the calendar of a mailbox. Case does not tell mailboxes apart.
    pub fn of(server: &ServerId, mailbox: &str) -> Self {
        Self(format!("{server}/{}", mailbox.to_lowercase()))
    }
}

/// Counts the commits of one room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Revision(pub i64);

impl fmt::Display for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Who may write a room: raised by whoever takes the room over, so that the one before is fenced off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Epoch(pub i64);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_know_their_calendars() {
        let id = ItemId::new("AAMk=");
        for (number, text) in [(0, "AAMk="), (1, "1\u{1f}AAMk="), (12, "12\u{1f}AAMk=")] {
            let id = id.clone().of_calendar(CalendarNumber(number));
            assert_eq!((id.as_str(), id.calendar()), (text, CalendarNumber(number)));
        }
    }
}
