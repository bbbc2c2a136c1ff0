//! The engine's view of things in the operator's words.

use crate::locating;
use chrono::{DateTime, Utc};
use control::{
    ClockState, DeviceHealth, Health, RoomHealth, RoomState, ServerHealth, ServerState, ToldBy, Warning,
};
use meeting_model::{availability::believed, clock::Now};
use sync_engine::{
    Engine,
    device::{Device, Leaving},
    room, server,
};

/// How everything is.
pub(crate) fn of(engine: &Engine, started: DateTime<Utc>, warnings: &[Warning], now: Now) -> Health {
    Health {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        started,
        servers: engine
            .servers()
            .map(|(id, server)| ServerHealth {
                server: id.to_string(),
                state: server_state(server.standing()),
                version: server.version().map(str::to_owned),
                trouble: server.trouble().map(str::to_owned),
                located: server.found().map(|(url, trail)| locating::told(url, trail)).collect(),
            })
            .collect(),
        rooms: engine.rooms().map(|(_, room)| room_health(engine, room, now)).collect(),
        devices: engine
            .devices()
            .map(|(id, device)| device_health(id.as_str(), device))
            .chain(engine.leaving().filter_map(|(id, device)| leaving_health(id.as_str(), device)))
            .collect(),
        clock: ClockState::default(),
        warnings: warnings.to_vec(),
    }
}

fn room_health(engine: &Engine, room: &room::Room, now: Now) -> RoomHealth {
    let trouble = engine.trouble_of(room);
    let state = match room.standing() {
        _ if trouble.is_some() => RoomState::BackingOff,
        room::Standing::Subscribing => RoomState::Subscribing,
        room::Standing::Reading => RoomState::Reading,
        room::Standing::Live => RoomState::Live,
        room::Standing::BackingOff => RoomState::BackingOff,
    };
    let retry_at = engine.retry_at(room).map(|mono| now.wall + mono.saturating_sub(now.mono));
    RoomHealth {
        room: room.id().to_string(),
        state,
        told_by: room.told_by().map(told_by),
        rev: room.rev().0,
        as_of: believed(room.as_of(), now.wall),
        retry_at: retry_at.filter(|_| trouble.is_some()),
        trouble,
    }
}

fn told_by(told_by: room::ToldBy) -> ToldBy {
    match told_by {
        room::ToldBy::Streaming => ToldBy::Streaming,
        room::ToldBy::Push => ToldBy::Push,
        room::ToldBy::Pull => ToldBy::Pull,
        room::ToldBy::Looking => ToldBy::Looking,
    }
}

fn device_health(id: &str, device: &Device) -> DeviceHealth {
    DeviceHealth {
        device: id.to_owned(),
        room: device.room().to_string(),
        wanted: device.wanted().0,
        acknowledged: device.acknowledged().0,
        attempts: device.attempts(),
        trouble: device.trouble().map(str::to_owned),
    }
}

/// A device that is no longer configured is worth a word while it cannot be emptied.
fn leaving_health(id: &str, device: &Leaving) -> Option<DeviceHealth> {
    let trouble = device.trouble()?;
    Some(DeviceHealth {
        device: id.to_owned(),
        room: device.room().to_string(),
        wanted: 0,
        acknowledged: 0,
        attempts: device.attempts(),
        trouble: Some(format!("it is no longer this room's and may still show its meetings: {trouble}")),
    })
}

fn server_state(standing: server::Standing) -> ServerState {
    match standing {
        server::Standing::Unknown => ServerState::Unknown,
        server::Standing::Up => ServerState::Up,
        server::Standing::BackingOff => ServerState::BackingOff,
        server::Standing::SignInRefused => ServerState::SignInRefused,
        server::Standing::Down => ServerState::Down,
    }
}
