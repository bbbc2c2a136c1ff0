//! What the engine wants done.

use chrono::{DateTime, Utc};
use exchange_wire::{Request, autodiscover::Ask, ews::send_notification::Answer};
use meeting_model::{
    compare::View,
    id::{DeviceId, Revision, RoomId, ServerId},
    meeting_request::MeetingRequest,
    observed::{Cursor, Observed},
};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Names one request to Exchange, so that its answer finds its way back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CallId(pub u64);

/// Names one operator's request, so that its answer finds its way back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Ticket(pub u64);

/// Names one connection that stays open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ConnectionId(pub u64);

/// Names one notification that was sent to our listener, so that the answer finds its way back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PushId(pub u64);

/// What the engine wants done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Send this to Exchange; answered by [`Event::Exchange`](crate::Event::Exchange).
    Exchange {
        /// Names the answer.
        call: CallId,
        /// Which server.
        server: ServerId,
        /// The address of its web services, where it was found by Autodiscover; absent: the one that is configured.
        at: Option<String>,
        /// For which room.
        room: RoomId,
        /// What to send.
        request: Request,
    },
    /// Ask where a room's web services are; answered by [`Event::Exchange`](crate::Event::Exchange).
    Discover {
        /// Names the answer.
        call: CallId,
        /// Which server, as whom to sign in.
        server: ServerId,
        /// For which room.
        room: RoomId,
        /// Whom to ask what.
        ask: Ask,
    },
    /// Send this to Exchange and tell what comes, piece by piece, by [`Event::Stream`](crate::Event::Stream), until it ends.
    OpenStream {
        /// Names the connection.
        connection: ConnectionId,
        /// Which server.
        server: ServerId,
        /// The address of its web services, where it was found by Autodiscover; absent: the one that is configured.
        at: Option<String>,
        /// What to send.
        request: Request,
    },
    /// Give a connection up. Not answered: what it tells afterwards goes unheard.
    CloseStream {
        /// Which.
        connection: ConnectionId,
    },
    /// Answer a notification that was sent to our listener. Not answered.
    AnswerPush {
        /// Which.
        push: PushId,
        /// Whether the server is to go on; absent where what it sent cannot be read: it is told of its mistake.
        answer: Option<Answer>,
    },
    /// Plan the room and commit the plan; answered by [`Event::Applied`](crate::Event::Applied).
    Apply(Apply),
    /// Show the present on a device; answered by [`Event::Delivered`](crate::Event::Delivered).
    Deliver(Deliver),
    /// Store how a delivery ended. Not answered.
    Settle(Settle),
    /// Take our page off a device that is no longer its room's; answered by [`Event::Emptied`](crate::Event::Emptied).
    Empty {
        /// Which device.
        device: DeviceId,
        /// Of which room it was.
        room: RoomId,
    },
    /// Tell an operator that a room could not be read. Not answered.
    Refuse {
        /// Whose request.
        ticket: Ticket,
        /// Which room.
        room: RoomId,
        /// What is wrong, and what to do.
        sentence: String,
    },
}

/// What an operator wants of a room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Wish {
    /// A complete read, applied, and the comparison with the server's own expansion afterwards: where that differs, a second read
    /// heals it.
    Resync,
    /// A complete read, of which the difference is only told.
    DryRun,
    /// The comparison of what is mirrored with the server's own expansion, only told.
    Compare,
}

/// Plan a room and commit the plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Apply {
    /// Which room.
    pub room: RoomId,
    /// What was read; absent where only time, settings or facts have moved, or where only a view was asked for.
    pub observed: Option<Observed>,
    /// What the server makes of the calendar, asked for after what was read: where the two differ, what is gone is so at once, and
    /// the calendar is to be read (rule T1).
    pub view: Option<View>,
    /// What the server made of the calendar before it was read, where the two differed: of what was read and is as it was known,
    /// the server's instants hold (rule T1).
    #[serde(default)]
    pub differed: Option<View>,
    /// Why it could not be asked for, where it was wanted.
    pub view_failed: Option<String>,
    /// What the meeting requests in the room's mailbox say of meetings whose subject was never seen (rule S4).
    pub requests: Vec<MeetingRequest>,
    /// Where the next delta read goes on.
    pub cursor: Option<Cursor>,
    /// When the server was asked: the mirror is true as of then.
    pub as_of: Option<DateTime<Utc>>,
    /// Whether to store cursor and as-of even where nothing differs.
    pub persist: bool,
    /// An operator who wants to see the difference.
    pub ticket: Option<Ticket>,
    /// Tell the difference and store nothing.
    pub dry_run: bool,
}

/// Show the present on a device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deliver {
    /// Which device.
    pub device: DeviceId,
    /// Of which room.
    pub room: RoomId,
    /// The digest of what it was last seen to have: an equal present is not sent again.
    pub digest: Option<String>,
    /// When it was last looked at, by the corrected wall clock: a reminder that was due since is due now. Absent after a
    /// start, when nobody is reminded of what is past.
    pub since: Option<DateTime<Utc>>,
    /// As of when the room's mirror is true. What is stored may be some minutes older, as a quiet room is not stored anew.
    pub as_of: Option<DateTime<Utc>>,
}

/// How a delivery ended, for the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settle {
    /// Which device.
    pub device: DeviceId,
    /// The revision that was rendered.
    pub rev: Revision,
    /// The digest of what the device has; absent where it did not answer.
    pub digest: Option<String>,
    /// Failures in a row.
    pub attempts: u32,
    /// When it is tried again, from now; absent where it answered.
    pub retry_in: Option<Duration>,
    /// What was wrong, and what to do.
    pub error: Option<String>,
}
