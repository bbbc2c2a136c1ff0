//! What devices would have got of a daemon that tells them nothing.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// What every device would have got since the daemon started.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Shadow {
    /// When the daemon started.
    pub started: DateTime<Utc>,
    /// The devices, by id.
    pub devices: Vec<ShadowDevice>,
}

/// One device, as it would be.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ShadowDevice {
    /// Its id.
    pub device: String,
    /// Its room.
    pub room: String,
    /// What it would show now; empty before its room was read.
    pub shows: Vec<ShadowMeeting>,
    /// How often it would have been told since the start.
    pub told: u64,
    /// The last times that it would have been told, the newest first.
    pub tellings: Vec<Telling>,
}

/// One time that a device would have been told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Telling {
    /// When.
    pub at: DateTime<Utc>,
    /// The room's revision.
    pub rev: i64,
    /// What it would show that it did not before.
    pub came: Vec<ShadowMeeting>,
    /// What it would not show any more.
    pub went: Vec<ShadowMeeting>,
    /// The meeting that people would have been reminded of.
    pub reminds_of: Option<ShadowMeeting>,
}

/// A meeting, as a device would show it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ShadowMeeting {
    /// When it starts.
    pub start: DateTime<Utc>,
    /// When it ends.
    pub end: DateTime<Utc>,
    /// What it is called there.
    pub title: String,
}
