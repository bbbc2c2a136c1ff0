//! How one room is to be treated.

use crate::zone::RoomZone;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How one room is to be treated. Every field decides something in [`plan`](crate::plan::plan), so a change of any
/// changes [`RoomSettings::digest`] and plans the room again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoomSettings {
    /// The zone the room's walls stand in.
    pub zone: RoomZone,
    /// The room's own SMTP address: a meeting organized by it is a direct booking.
    pub mailbox: String,
    /// Who accepts for the room.
    pub acceptance: Acceptance,
    /// Since when, where the configuration says so (rule A5).
    pub acceptance_since: Option<DateTime<Utc>>,
    /// What happens to meetings that were accepted before a switch to proxy acceptance (rule A5).
    pub on_switch: OnSwitch,
    /// What happens to tentative meetings (rule A4).
    pub tentative: TentativePolicy,
    /// What is shown of private meetings (rule P1).
    pub private: PrivatePolicy,
    /// Whether Exchange puts the organizer's name before the subject here, where that is configured (rule S2).
    pub organizer_prefix: bool,
    /// How far back meetings are kept.
    pub back: Duration,
    /// How far ahead meetings are kept.
    pub ahead: Duration,
}

/// Who accepts for the room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Acceptance {
    /// Exchange's booking attendant.
    AutoAccept,
    /// A person.
    Proxy,
}

/// What a switch to proxy acceptance does to what was accepted before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OnSwitch {
    /// It is hidden until somebody accepts it again, as CTS-Manager did.
    #[default]
    RequireReaccept,
    /// It stays.
    Keep,
}

/// What happens to tentative meetings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TentativePolicy {
    /// They are hidden, as CTS-Manager did.
    #[default]
    Hide,
    /// Feeds and panels show them, marked; devices do not.
    Mark,
}

/// What is shown of private meetings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PrivatePolicy {
    /// The time.
    #[default]
    Mask,
    /// The time and the organizer.
    Organizer,
    /// Everything.
    Show,
}
