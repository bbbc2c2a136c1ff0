//! The mirror, taken over at the start.

use crate::{
    config::Config,
    planning::{self, Planning},
    site,
    state_dir::{Lock, StateDir},
    switching,
    system_clock::SystemClock,
};
use meeting_model::{
    clock::{Clock, Now},
    zone::ZoneDatabase,
};
use std::collections::BTreeSet;
use store::{DeviceState, DialReader, DisplayReader, RoomState, Store, Writer};
use sync_engine::{DeviceStart, Event, RoomStart};

/// The mirror, opened, with everything it held when it was.
pub(super) struct Mirror {
    pub(super) lock: Lock,
    /// What is in force: rooms that were migrated are read where they were migrated to.
    pub(super) config: Config,
    pub(super) planning: Planning,
    rooms: Vec<RoomStart>,
    devices: Vec<DeviceState>,
    pub(super) readers: (DisplayReader, DialReader),
    pub(super) writer: Writer,
}

impl Mirror {
    /// Locks the state directory, opens the mirror and takes the configured rooms.
    pub(super) fn open(mut config: Config, zones: ZoneDatabase) -> anyhow::Result<Self> {
        let state = StateDir::new(&config.state_dir);
        state.create()?;
        let lock = state.lock()?;
        let mut store = Store::open(&state.database())?;
        store.check()?;
        config.follow(|room| store.state(room).ok()?.source);
        let plans = site::plans(&config);
        let taken = store.take(&site::claims(&config))?;
        for room in store.forget_others(&site::rooms(&config))? {
            tracing::info!(%room, "forgot a room that is no longer configured");
        }
        let devices = store.devices()?;
        let database = state.database();
        let readers = (DisplayReader::open(&database)?, DialReader::open(&database)?);
        let rooms = planning::starts(&plans, &taken);
        let planning = Planning::begin(&config, zones, &mut store, &taken)?;
        log_switches(&planning, &store, &taken, SystemClock::start().now())?;
        Ok(Self { lock, config, planning, rooms, devices, readers, writer: Writer::start(store)? })
    }

    /// What the engine begins with.
    pub(super) fn started(&self) -> Event {
        let device = |device: &DeviceState| DeviceStart {
            device: device.device.clone(),
            acknowledged: device.acknowledged.unwrap_or_default(),
            digest: device.certain_digest().map(str::to_owned),
            attempts: device.attempts,
        };
        Event::Started { rooms: self.rooms.clone(), devices: self.devices.iter().map(device).collect() }
    }
}

/// Logs what disappears or appears in rooms for which somebody else accepts than when they were planned last (rule A5).
fn log_switches(
    planning: &Planning,
    store: &Store,
    rooms: &[RoomState],
    now: Now,
) -> Result<(), store::Error> {
    for RoomState { room, acceptance, .. } in rooms {
        let Some(settings) = planning.settings.get(room) else { continue };
        if acceptance.is_some_and(|known| known.mode != settings.acceptance) {
            let known = store.known(room, &BTreeSet::new())?;
            let switched = switching::switched(room, &known, settings, planning.site(), now);
            switched.iter().for_each(switching::log);
        }
    }
    Ok(())
}
