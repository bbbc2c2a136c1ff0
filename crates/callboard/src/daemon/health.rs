//! The engine's view of things in the operator's words.

use crate::{
    cmdlets::{Accounts, Concerned},
    locating,
};
use chrono::{DateTime, Utc};
use control::{
    ClockState, DeviceHealth, Health, MailboxHealth, RoomHealth, RoomState, ServerHealth, ServerState,
    ToldBy, Warning,
};
use meeting_model::{availability::believed, clock::Now, id::RoomId};
use std::collections::BTreeMap;
use sync_engine::{
    Engine,
    device::{Device, Leaving},
    room::{self, Room},
    server,
};

/// How everything is.
pub(crate) fn of(
    engine: &Engine,
    accounts: &Accounts,
    started: DateTime<Utc>,
    warnings: &[Warning],
    now: Now,
) -> Health {
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
        rooms: rooms(engine, accounts, now),
        devices: engine
            .devices()
            .map(|(id, device)| device_health(id.as_str(), device, now.wall))
            .chain(engine.leaving().filter_map(|(id, device)| leaving_health(id.as_str(), device)))
            .collect(),
        clock: ClockState::default(),
        warnings: warnings.to_vec(),
    }
}

/// The rooms, by the calendars that the engine looks after.
fn rooms(engine: &Engine, accounts: &Accounts, now: Now) -> Vec<RoomHealth> {
    let mut rooms: BTreeMap<&RoomId, Vec<&Room>> = BTreeMap::new();
    for (_, calendar) in engine.rooms() {
        rooms.entry(calendar.shown_by()).or_default().push(calendar);
    }
    rooms
        .into_iter()
        .filter_map(|(id, calendars)| room_health(engine, accounts, id, &calendars, now))
        .collect()
}

/// A room is no better than the worst of its calendars, and as old as the oldest.
fn room_health(
    engine: &Engine,
    accounts: &Accounts,
    id: &RoomId,
    calendars: &[&Room],
    now: Now,
) -> Option<RoomHealth> {
    let each: Vec<MailboxHealth> =
        calendars.iter().map(|room| mailbox_health(engine, accounts, room, now)).collect();
    let as_of: Option<Vec<_>> = each.iter().map(|one| one.as_of).collect();
    let told_by: Option<Vec<_>> = each.iter().map(|one| one.told_by).collect();
    Some(RoomHealth {
        room: id.to_string(),
        state: each.iter().map(|one| one.state).max()?,
        told_by: told_by.and_then(|each| each.into_iter().max()),
        rev: calendars.iter().map(|room| room.rev().0).max()?,
        as_of: as_of.and_then(|each| each.into_iter().min()),
        trouble: each.iter().find_map(|one| one.trouble.clone()),
        retry_at: each.iter().filter_map(|one| one.retry_at).min(),
        mailboxes: if each.len() > 1 { each } else { Vec::new() },
    })
}

fn mailbox_health(engine: &Engine, accounts: &Accounts, room: &Room, now: Now) -> MailboxHealth {
    let plan = room.plan();
    let account = accounts.at(&plan.server);
    let concerned = Concerned { room: room.shown_by(), mailbox: &plan.mailbox, account };
    let trouble = engine.trouble_of(room).map(|trouble| concerned.named(&trouble));
    let state = match room.standing() {
        _ if trouble.is_some() => RoomState::BackingOff,
        room::Standing::Subscribing => RoomState::Subscribing,
        room::Standing::Reading => RoomState::Reading,
        room::Standing::Live => RoomState::Live,
        room::Standing::BackingOff => RoomState::BackingOff,
    };
    let retry_at = engine.retry_at(room).map(|mono| now.wall + mono.saturating_sub(now.mono));
    MailboxHealth {
        mailbox: room.plan().of_several().unwrap_or_default().to_owned(),
        state,
        told_by: room.told_by().map(told_by),
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

fn device_health(id: &str, device: &Device, now: DateTime<Utc>) -> DeviceHealth {
    DeviceHealth {
        device: id.to_owned(),
        room: device.room().to_string(),
        wanted: device.wanted().0,
        acknowledged: device.acknowledged().0,
        answered_at: believed(device.answered_at(), now),
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
        answered_at: None,
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
