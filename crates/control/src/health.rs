//! How the daemon is.

use crate::{clock::ClockState, warning::Warning};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// How the daemon, its servers, rooms and devices are.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Health {
    /// The daemon's version.
    pub version: String,
    /// When it started.
    pub started: DateTime<Utc>,
    /// The Exchange servers, by name.
    pub servers: Vec<ServerHealth>,
    /// The rooms, by id.
    pub rooms: Vec<RoomHealth>,
    /// The devices, by id.
    pub devices: Vec<DeviceHealth>,
    /// How right the clocks are.
    #[serde(default)]
    pub clock: ClockState,
    /// What an administrator should know.
    pub warnings: Vec<Warning>,
}

impl Health {
    /// Whether displays can rely on what is served: every room has been read, or is known to be in trouble, and not all of
    /// them are. One mistyped mailbox does not make a site unready; a dead Exchange at the first start does.
    pub fn is_ready(&self) -> bool {
        self.waiting() == 0 && (self.rooms.is_empty() || self.rooms.iter().any(|room| room.as_of.is_some()))
    }

    /// How many rooms have not been read yet, with nothing known to be wrong.
    pub fn waiting(&self) -> usize {
        self.rooms.iter().filter(|room| room.as_of.is_none() && room.trouble.is_none()).count()
    }

    /// How many rooms have not been read yet, for whatever reason.
    pub fn unread(&self) -> usize {
        self.rooms.iter().filter(|room| room.as_of.is_none()).count()
    }
}

/// How an Exchange server answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServerHealth {
    /// Its name in the configuration.
    pub server: String,
    /// How it answers.
    pub state: ServerState,
    /// The version it told, as `15.2.1544`.
    pub version: Option<String>,
    /// What is wrong, and what to do.
    pub trouble: Option<String>,
    /// Where Autodiscover says that its web services are, in words; empty where their address is configured.
    #[serde(default)]
    pub located: Vec<String>,
}

/// How an Exchange server answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ServerState {
    /// Nothing was asked of it.
    Unknown,
    /// It answers.
    Up,
    /// It asked us to wait, and we do.
    BackingOff,
    /// It refused our name and password; nothing more is sent until the wait is over, so that no account is locked.
    SignInRefused,
    /// It does not answer.
    Down,
}

/// How a room is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoomHealth {
    /// Its id.
    pub room: String,
    /// What is being done about it.
    pub state: RoomState,
    /// What tells it of changes; absent before it is subscribed to.
    #[serde(default)]
    pub told_by: Option<ToldBy>,
    /// Its revision.
    pub rev: i64,
    /// As of when its mirror is true: when the last successful read was asked for. Absent before the first.
    pub as_of: Option<DateTime<Utc>>,
    /// What is wrong, and what to do.
    pub trouble: Option<String>,
    /// When it is tried again, where something is wrong.
    pub retry_at: Option<DateTime<Utc>>,
    /// Its mailboxes, where it has several: it is no better than the worst of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mailboxes: Vec<MailboxHealth>,
}

impl RoomHealth {
    /// Everything that is wrong, and when it is tried again: of a room with several mailboxes that of each, as they have nothing to
    /// do with one another.
    pub fn troubles(&self) -> impl Iterator<Item = (&str, Option<DateTime<Utc>>)> {
        let of_room = self.trouble.as_deref().filter(|_| self.mailboxes.is_empty());
        let of_room = of_room.map(|trouble| (trouble, self.retry_at));
        let of_mailboxes =
            self.mailboxes.iter().filter_map(|one| Some((one.trouble.as_deref()?, one.retry_at)));
        of_room.into_iter().chain(of_mailboxes)
    }
}

/// How one of several mailboxes of a room is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailboxHealth {
    /// Its address, and its server where the others are elsewhere.
    pub mailbox: String,
    /// What is being done about it.
    pub state: RoomState,
    /// What tells it of changes; absent before it is subscribed to.
    pub told_by: Option<ToldBy>,
    /// As of when its room shows it truly. Absent before the first read, unless the room showed something without it.
    pub as_of: Option<DateTime<Utc>>,
    /// What is wrong, and what to do.
    pub trouble: Option<String>,
    /// When it is tried again, where something is wrong.
    pub retry_at: Option<DateTime<Utc>>,
}

/// What tells a room of changes, the quickest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ToldBy {
    /// A connection that its server tells on.
    Streaming,
    /// What its server sends to our listener.
    Push,
    /// A subscription that is asked.
    Pull,
    /// A look at its folder every minute: there is no subscription, or its connection is down.
    Looking,
}

/// What is being done about a room, the best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RoomState {
    /// It is watched: a change is seen.
    Live,
    /// It is being read.
    Reading,
    /// It is being subscribed to.
    Subscribing,
    /// Something is wrong, and it is tried again later.
    BackingOff,
}

/// How a device is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceHealth {
    /// Its id.
    pub device: String,
    /// Its room.
    pub room: String,
    /// The revision it should show.
    pub wanted: i64,
    /// The revision it has acknowledged.
    pub acknowledged: i64,
    /// When it last answered well: it took what it was told, fetched its page, or called by itself. Nothing where it has not
    /// since the daemon started.
    #[serde(default)]
    pub answered_at: Option<DateTime<Utc>>,
    /// How often in a row it has failed.
    pub attempts: u32,
    /// What is wrong, and what to do.
    pub trouble: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_site_is_ready_when_no_room_is_waited_for_and_one_at_least_was_read() {
        let read = |trouble: Option<&str>, as_of| RoomHealth {
            room: "berlin".into(),
            state: RoomState::Reading,
            told_by: None,
            rev: 0,
            as_of,
            trouble: trouble.map(str::to_owned),
            retry_at: None,
            mailboxes: Vec::new(),
        };
        let now = Some(DateTime::UNIX_EPOCH);
        for (rooms, ready) in [
            (vec![], true),
            (vec![read(None, now)], true),
            (vec![read(None, now), read(None, None)], false),
            (vec![read(None, now), read(Some("no such mailbox"), None)], true),
            (vec![read(Some("no connection"), None)], false),
        ] {
            let health = Health { rooms, ..Health::default() };
            assert_eq!(health.is_ready(), ready, "{health:?}");
        }
    }
}
