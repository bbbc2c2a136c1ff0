//! How the daemon is.

use crate::warning::Warning;
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
    /// What an administrator should know.
    pub warnings: Vec<Warning>,
}

impl Health {
    /// Whether every room has been read at least once and can be shown: what `/readyz` answers.
    pub fn is_ready(&self) -> bool {
        self.rooms.iter().all(|room| room.as_of.is_some())
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
    /// Its revision.
    pub rev: i64,
    /// As of when its mirror is true: when the last successful read was asked for. Absent before the first.
    pub as_of: Option<DateTime<Utc>>,
    /// What is wrong, and what to do.
    pub trouble: Option<String>,
    /// When it is tried again, where something is wrong.
    pub retry_at: Option<DateTime<Utc>>,
}

/// What is being done about a room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RoomState {
    /// It is being subscribed to.
    Subscribing,
    /// It is being read.
    Reading,
    /// It is watched: a change is seen.
    Live,
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
    /// How often in a row it has failed.
    pub attempts: u32,
    /// What is wrong, and what to do.
    pub trouble: Option<String>,
}
