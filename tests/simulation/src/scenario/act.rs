//! What can happen.

use super::said::Said;
use crate::run::Mishap;
use chrono::{DateTime, TimeDelta, Utc};
use exchange_sim::{Answer, Fault, MailboxState, Pattern, Range};

/// A meeting of a scenario, by the number of the invitation that made it: what is left out leaves the others their numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct MeetingId(pub u32);

/// From when until when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Times {
    /// Start.
    pub start: DateTime<Utc>,
    /// How long it lasts.
    pub lasts: TimeDelta,
}

impl Times {
    /// End.
    pub fn end(self) -> DateTime<Utc> {
        self.start + self.lasts
    }
}

/// An invitation, or a booking.
#[derive(Debug, Clone, PartialEq)]
pub struct Invitation {
    /// Which rooms, by number.
    pub rooms: Vec<usize>,
    /// Who invites.
    pub organizer: &'static str,
    /// What it is called.
    pub subject: String,
    /// When.
    pub times: Times,
    /// Whether it stands for whole days, so many.
    pub whole_days: Option<u64>,
    /// In which zone it is written, by its Windows id.
    pub zone: &'static str,
    /// Whether it is private.
    pub private: bool,
    /// How it recurs, and until when.
    pub series: Option<(Pattern, Range)>,
    /// Where it takes place; the rooms' names, where nobody says.
    pub location: Option<Said>,
    /// What it is about.
    pub body: Option<Said>,
    /// The link that the server itself keeps.
    pub link: Option<Said>,
}

/// What somebody does with a meeting.
#[derive(Debug, Clone, PartialEq)]
pub enum Deed {
    /// Another time, by so much later or earlier, and so long.
    Move(TimeDelta, TimeDelta),
    /// Another name.
    Rename(String),
    /// Another location.
    Relocate(Said),
    /// Another body.
    Reword(Said),
    /// It is called off.
    Cancel,
    /// It becomes private, or is so no longer.
    Hide(bool),
    /// One of its occurrences, counted from the first, is moved by so much.
    MoveOne(usize, TimeDelta),
    /// One has another name.
    RenameOne(usize, String),
    /// One has another location.
    RelocateOne(usize, Said),
    /// One has another body.
    RewordOne(usize, Said),
    /// One becomes private.
    HideOne(usize),
    /// One is called off.
    CancelOne(usize),
    /// One is deleted from a room's calendar.
    DeleteOne(usize, usize),
    /// A room's proxy answers.
    Answer(usize, Answer),
    /// A room's proxy answers for one occurrence.
    AnswerOne(usize, usize, Answer),
    /// It is deleted from a room's calendar.
    Delete(usize),
}

/// What happens to Exchange itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Service {
    /// The network between is cut, or mended.
    Cut(bool),
    /// The store over which WebDAV is spoken restarts.
    Restart(TimeDelta),
    /// It fails over.
    FailOver,
    /// Sessions by forms end.
    EndSessions,
    /// Everything that is set to go wrong goes right again.
    Heal,
}

/// What can happen.
#[derive(Debug, Clone, PartialEq)]
pub enum Act {
    /// Somebody invites rooms.
    Invite(MeetingId, Invitation),
    /// Somebody writes straight into a room's calendar.
    Book(MeetingId, Invitation),
    /// Somebody does something with a meeting.
    Do(MeetingId, Deed),
    /// A room is switched to proxy acceptance, or back.
    Switch(usize, bool),
    /// A mailbox moves to another database.
    MoveMailbox(usize),
    /// Something is the matter with a mailbox.
    Mailbox(usize, MailboxState),
    /// Exchange goes wrong.
    Fault {
        /// How.
        fault: Fault,
        /// The next calls, that many; else those of the next seconds, so many in a thousand.
        strikes: Strikes,
        /// In one room alone.
        room: Option<usize>,
    },
    /// Something happens to Exchange itself.
    Service(Service),
    /// Something befalls the program.
    Mishap(Mishap),
    /// A phone is switched on, or off.
    Phone(usize, bool),
    /// A phone is started anew.
    Reboot(usize),
    /// A phone's answers are lost, so many.
    Mute(usize, u32),
    /// A phone takes its time, so often.
    Slow(usize, u32),
    /// An operator has a room read.
    Resync(usize),
}

impl Act {
    /// Whether something goes wrong by it: not the end of that, and not what a site does by intent.
    pub fn goes_wrong(&self) -> bool {
        match self {
            Self::Mailbox(_, state) => *state != MailboxState::Healthy,
            Self::Service(service) => !matches!(service, Service::Cut(false) | Service::Heal),
            Self::Phone(_, on) => !on,
            Self::Invite(..) | Self::Book(..) | Self::Do(..) | Self::Switch(..) | Self::Resync(_) => false,
            Self::Fault { .. }
            | Self::Mishap(_)
            | Self::MoveMailbox(_)
            | Self::Reboot(_)
            | Self::Mute(..)
            | Self::Slow(..) => true,
        }
    }
}

/// Which calls are struck.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strikes {
    /// The next, that many.
    Next(u32),
    /// Calls at random, so many in a thousand, until Exchange is healed.
    PerMille(u32),
    /// All for so long.
    For(TimeDelta),
}
