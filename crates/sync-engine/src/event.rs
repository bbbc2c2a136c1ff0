//! What the engine is told.

use crate::{
    action::{CallId, ConnectionId, PushId, Ticket, Wish},
    settings::Site,
};
use chrono::{DateTime, Utc};
use exchange_wire::webdav::notify::Notice;
use meeting_model::{
    global_object_id::GlobalObjectId,
    id::{DeviceId, Revision, RoomId, ServerId},
    observed::Cursor,
};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeSet, time::Duration};

/// What happened.
///
/// Written down, bodies are text, and what is no UTF-8 in them is lost; the site of [`Event::Reconfigured`] is left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Event {
    /// The program has started, and the store holds this of the rooms. Given once, first.
    Started {
        /// Every configured room.
        rooms: Vec<RoomStart>,
        /// Every device that the store knows.
        devices: Vec<DeviceStart>,
    },
    /// Time has passed: given at [`Engine::next_wake`](crate::Engine::next_wake), and after a step of the clock.
    Wake,
    /// Exchange answered, or could not be reached.
    Exchange {
        /// Which request.
        call: CallId,
        /// The answer.
        result: Result<Reply, Unreachable>,
    },
    /// A connection that was opened tells something.
    Stream {
        /// Which.
        connection: ConnectionId,
        /// What.
        heard: StreamHeard,
    },
    /// A server has sent a notification to our listener.
    Pushed {
        /// Names the answer.
        push: PushId,
        /// The path that it was sent to, behind the listener's own.
        token: String,
        /// What was sent.
        #[serde(with = "text")]
        body: Vec<u8>,
    },
    /// Somebody has sent word to our listener that there is something to ask for. Nobody knows who.
    Noticed(Notice),
    /// A plan was made, and committed where there was something to commit.
    Applied {
        /// Which room.
        room: RoomId,
        /// What came of it.
        result: Result<Applied, ApplyError>,
    },
    /// A delivery ended.
    Delivered {
        /// Which device.
        device: DeviceId,
        /// How.
        result: Delivered,
    },
    /// A device has fetched the page of its room.
    Fetched {
        /// Which device.
        device: DeviceId,
        /// What it was given.
        page: Page,
    },
    /// A device says, or its connection shows, that it may have lost what it had: it is to get the present.
    Forgot {
        /// Which device.
        device: DeviceId,
    },
    /// A device that is no longer its room's was to be emptied.
    Emptied {
        /// Which device.
        device: DeviceId,
        /// Whether it shows nothing of ours any more.
        result: Result<(), NotEmptied>,
    },
    /// The configuration has changed.
    Reconfigured {
        /// The servers and rooms there are from now on.
        #[serde(skip)]
        site: Site,
        /// The servers that have kept their names and are others nevertheless, or are signed in to by another account: what is
        /// under way with them is void.
        moved: BTreeSet<ServerId>,
        /// What the store holds of the rooms that are new.
        rooms: Vec<RoomStart>,
    },
    /// An operator wants something of a room.
    Wished {
        /// Which.
        room: RoomId,
        /// Names the answer.
        ticket: Ticket,
        /// What.
        wish: Wish,
    },
    /// The program is about to end: subscriptions are given back.
    Stop,
}

/// What the store holds of a room when the program starts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoomStart {
    /// Which.
    pub room: RoomId,
    /// Its revision.
    pub rev: Revision,
    /// Where the last read ended; absent where the room was never read.
    pub cursor: Option<Cursor>,
    /// As of when its mirror is true.
    pub as_of: Option<DateTime<Utc>>,
    /// Whether it was not read since the mirror was restored from a backup.
    pub restored: bool,
}

/// What the store holds of a device when the program starts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceStart {
    /// Which.
    pub device: DeviceId,
    /// The revision it has acknowledged.
    pub acknowledged: Revision,
    /// The digest of what it has; absent where it has never answered, or may have taken something since.
    pub digest: Option<String>,
    /// Failures in a row: back-off goes on where it was.
    pub attempts: u32,
}

/// An answer of Exchange.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// HTTP headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body, decoded from any content encoding.
    #[serde(with = "text")]
    pub body: Vec<u8>,
}

impl Reply {
    /// The same, as the wire reads it.
    pub fn as_wire(&self) -> exchange_wire::Reply<'_> {
        exchange_wire::Reply { status: self.status, headers: &self.headers, body: &self.body }
    }
}

/// What is heard on a connection that stays open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum StreamHeard {
    /// The answer has begun, with status 200.
    Opened,
    /// A piece of the answer's body.
    Bytes(#[serde(with = "text")] Vec<u8>),
    /// There is another answer, whole: the connection has ended.
    Refused(Reply),
    /// The connection has ended: as the server wished, or for this reason.
    Ended(Result<(), Unreachable>),
}

/// Why there is no answer. Its text has no secrets, and says what to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unreachable {
    /// Whether no request to this server can succeed (it cannot be connected to), or only this one failed (it timed
    /// out, or broke off).
    pub whole_server: bool,
    /// How often the account was refused on the way, by who gives tickets or tokens: 0 where that is not what failed.
    #[serde(default)]
    pub refusals: u32,
    /// One sentence.
    pub sentence: String,
}

/// What came of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Applied {
    /// The revision now.
    pub rev: Revision,
    /// Whether a display changed.
    pub display_changed: bool,
    /// When to plan again without a read.
    pub replan_at: Option<DateTime<Utc>>,
    /// Whether the read was too empty to be believed: nothing was removed.
    pub suspicious: bool,
    /// Whether the server has said of some meetings that they differ, but not how: the calendar is to be read whole.
    pub reread: bool,
    /// Whether what was read is about to be rewritten: it is read once more (rule S5).
    pub read_again: bool,
    /// The meetings whose subject only their request may tell, the next ones first (rule S4).
    pub unnamed: Vec<GlobalObjectId>,
    /// Whether occurrences of series are known.
    pub has_series: bool,
    /// Other rooms that have learned something by it.
    pub replan: Vec<RoomId>,
    /// Those of them of which displays were masked at once, and their revisions since: a meeting turned out to be secret.
    #[serde(default)]
    pub masked: Vec<(RoomId, Revision)>,
}

/// Why a plan could not be committed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum ApplyError {
    /// Another program has taken the room over: it is let go.
    Fenced,
    /// It could not be stored; later it may.
    Storage(String),
}

/// How a delivery ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Delivered {
    /// The device has the present.
    Acknowledged {
        /// The revision that was rendered.
        rev: Revision,
        /// The digest of what was rendered.
        digest: String,
        /// Whether it had to be sent: an equal present is not sent again.
        sent: bool,
        /// Whether the device itself said so: one that has the present is mostly not asked.
        #[serde(default)]
        answered: bool,
        /// When to look at it again though nothing is committed: a meeting starts or ends, or the day, or a reminder is due.
        next_change: DateTime<Utc>,
    },
    /// The device was told to fetch the present, and has it when it has done so ([`Event::Fetched`]): it is told again
    /// until then.
    Told {
        /// The page that it has to fetch.
        page: Page,
        /// The digest of what was rendered.
        digest: String,
        /// As above.
        next_change: DateTime<Utc>,
        /// As above: one that asks us is not told before it does.
        #[serde(default)]
        answered: bool,
        /// What is wrong, and what to do, where it never does.
        unfetched: String,
    },
    /// The device does not have it.
    Failed {
        /// The revision that was rendered.
        rev: Revision,
        /// How long the device asked us to wait, where it did.
        wait: Option<Duration>,
        /// What is wrong, and what to do.
        sentence: String,
    },
}

impl Delivered {
    /// Whether the device was spoken to, and answered that it does what it was told.
    pub(crate) fn is_answer(&self) -> bool {
        match self {
            Self::Acknowledged { answered, .. } | Self::Told { answered, .. } => *answered,
            Self::Failed { .. } => false,
        }
    }
}

/// A page of a room, as it is at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page {
    /// The revision that was rendered.
    pub rev: Revision,
    /// When, by the corrected wall clock.
    pub at: DateTime<Utc>,
}

impl Page {
    /// Whether whoever fetched this has what was told of by `told`.
    pub(crate) fn has(self, told: Self) -> bool {
        self.rev >= told.rev && self.at >= told.at
    }
}

/// Why a device still shows something of ours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotEmptied {
    /// How long the device asked us to wait, where it did.
    pub wait: Option<Duration>,
    /// What is wrong, and what to do.
    pub sentence: String,
}

/// Bytes that are text.
mod text {
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(bytes: &[u8], to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&String::from_utf8_lossy(bytes))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<u8>, D::Error> {
        Ok(String::deserialize(from)?.into_bytes())
    }
}
