//! What the engine is told of the site.

use exchange_wire::ews::Dialect;
use meeting_model::{
    id::{DeviceId, RoomId, ServerId},
    settings::RoomSettings,
};
use std::{collections::BTreeMap, time::Duration};

/// The servers and rooms there are.
#[derive(Debug, Clone, Default)]
pub struct Site {
    /// By name.
    pub servers: BTreeMap<ServerId, ServerSettings>,
    /// By id.
    pub rooms: BTreeMap<RoomId, RoomPlan>,
}

/// How one Exchange server is to be talked to.
#[derive(Debug, Clone)]
pub struct ServerSettings {
    /// Schema version and way of access.
    pub dialect: Dialect,
    /// How often a pull subscription is asked for events.
    pub pull_interval: Duration,
    /// How often a room is read for what has changed though no event told of it: a lost notification is found then.
    pub catch_up_every: Duration,
    /// How often a room is read whole and compared.
    pub reconcile_every: Duration,
    /// How many rooms may talk to the server at once.
    pub max_concurrent: usize,
}

/// One room: where it lives and what hangs on it.
#[derive(Debug, Clone)]
pub struct RoomPlan {
    /// Its Exchange server.
    pub server: ServerId,
    /// Its SMTP address.
    pub mailbox: String,
    /// How it is treated.
    pub settings: RoomSettings,
    /// Its devices.
    pub devices: Vec<DeviceSettings>,
}

/// One device of a room.
#[derive(Debug, Clone)]
pub struct DeviceSettings {
    /// Its id.
    pub id: DeviceId,
}
