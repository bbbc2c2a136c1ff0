//! What can be wrong with a sentence said to the [`World`](crate::World).

use chrono::NaiveDate;

/// A mistake in the test's own script. What a client sends never becomes one of these: it is answered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SimError {
    /// No room goes by that alias or address.
    #[error("room `{0}` is not in this world: add it first")]
    UnknownRoom(String),
    /// The alias is taken.
    #[error("room `{0}` is already in this world: choose another alias")]
    RoomExists(String),
    /// The meeting was never sent, or was sent in another world.
    #[error("meeting {0} is not in this world: use the handle that `send` gave")]
    UnknownMeeting(u64),
    /// The meeting, or the occurrence, was called off: nothing brings it back.
    #[error("meeting {0} was called off: send another one")]
    CalledOff(u64),
    /// The room's calendar does not hold the meeting (any more).
    #[error("room `{room}` does not hold meeting {meeting}: invite it, or let the attendant work first")]
    NotInCalendar {
        /// The room's alias.
        room: String,
        /// The meeting's number.
        meeting: u64,
    },
    /// The meeting is not a series, or its pattern has no such day.
    #[error("meeting {meeting} has no occurrence on {date}: take a date of its pattern")]
    NoSuchOccurrence {
        /// The meeting's number.
        meeting: u64,
        /// The original civil date asked for.
        date: NaiveDate,
    },
    /// It is neither an id of Windows nor an IANA name.
    #[error("time zone `{0}` is unknown: give a Windows id or an IANA name")]
    UnknownZone(String),
    /// The meeting would end before it starts.
    #[error("meeting ends before it starts: give an end at or after the start")]
    EndsBeforeStart,
    /// No fault has that name.
    #[error("fault `{0}` is unknown: `GET /sim/faults` and `Fault::NAMES` have them all")]
    UnknownFault(String),
    /// No response code has that name.
    #[error("response code `{0}` is unknown: expected an error of the schema's `ResponseCodeType`")]
    UnknownCode(String),
    /// No server profile has that name.
    #[error("server profile `{0}` is unknown: expected {names}", names = names(&crate::ServerProfile::NAMES))]
    UnknownProfile(String),
    /// No script runs without rooms.
    #[error("the script has no rooms to play in: add at least one")]
    NoRooms,
    /// No pace of the script has that name.
    #[error("pace `{0}` is unknown: expected {names}", names = names(&crate::script::Pace::NAMES))]
    UnknownPace(String),
}

/// The names of a table, as a sentence lists them.
fn names<T>(table: &[(&str, T)]) -> String {
    let names: Vec<String> = table.iter().map(|(name, _)| format!("`{name}`")).collect();
    match names.as_slice() {
        [others @ .., last] if !others.is_empty() => format!("{} or {last}", others.join(", ")),
        _ => names.concat(),
    }
}
