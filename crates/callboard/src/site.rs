//! What the configuration means to each crate that does something with it.

use crate::config::{Config, RoomConfig, ServerConfig};
use anyhow::Context;
use chrono::{DateTime, Datelike, Utc};
use control::Warning;
use meeting_model::{
    id::{DeviceId, RoomId, ServerId},
    zone::ZoneDatabase,
};
use phone_push::{DeviceTarget, HttpSettings, PhonePush};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};
use store::Claim;
use subscriber::{SignIn, Subscriber};
use sync_engine::{DeviceSettings, RoomPlan, ServerSettings, Site};

/// The engine's site.
pub fn engine(config: &Config) -> Site {
    let servers = config.servers.iter().map(|(id, server)| (id.clone(), server_settings(server)));
    let rooms = config.rooms.iter().map(|room| (room.id.clone(), room_plan(room)));
    Site { servers: servers.collect(), rooms: rooms.collect() }
}

fn server_settings(server: &ServerConfig) -> ServerSettings {
    ServerSettings {
        dialect: server.dialect,
        pull_interval: server.pull_interval,
        catch_up_every: server.catch_up_every,
        reconcile_every: server.reconcile_every,
        max_concurrent: server.max_concurrent,
    }
}

fn room_plan(room: &RoomConfig) -> RoomPlan {
    RoomPlan {
        server: room.server.clone(),
        mailbox: room.mailbox.clone(),
        settings: room.settings.clone(),
        devices: room.devices.iter().map(|device| DeviceSettings { id: device.id.clone() }).collect(),
    }
}

/// What the program claims of the store.
pub fn claims(config: &Config) -> Vec<Claim> {
    let claim = |room: &RoomConfig| Claim {
        room: room.id.clone(),
        devices: room.devices.iter().map(|device| device.id.clone()).collect(),
    };
    config.rooms.iter().map(claim).collect()
}

/// Every room there is.
pub fn rooms(config: &Config) -> BTreeSet<RoomId> {
    config.rooms.iter().map(|room| room.id.clone()).collect()
}

/// The room of every device.
pub fn room_of(config: &Config) -> BTreeMap<DeviceId, RoomId> {
    let devices = config.rooms.iter().flat_map(|room| room.devices.iter().map(move |device| (room, device)));
    devices.map(|(room, device)| (device.id.clone(), room.id.clone())).collect()
}

/// The connections to Exchange. Reads passwords and certificates.
///
/// # Errors
/// Where a password or a certificate cannot be read.
pub fn subscriber(config: &Config) -> anyhow::Result<Subscriber> {
    let servers: anyhow::Result<Vec<_>> =
        config.servers.iter().map(|(id, server)| exchange(id, server)).collect();
    Ok(Subscriber::new(servers?)?)
}

/// The connection to one server alone. Reads its password and certificates.
///
/// # Errors
/// Where its password or its certificates cannot be read.
pub fn connection(id: &ServerId, server: &ServerConfig) -> anyhow::Result<Subscriber> {
    Ok(Subscriber::new([exchange(id, server)?])?)
}

/// One server, with its password and certificates read.
fn exchange(id: &ServerId, server: &ServerConfig) -> anyhow::Result<subscriber::Server> {
    let password = server.password.read().with_context(|| format!("server `{id}`"))?;
    let authorities = server.ca_file.as_ref().map(|path| {
        fs::read(path).with_context(|| {
            format!(
                "server `{id}`: certificate file `{}`: expected a file this user can read",
                path.display()
            )
        })
    });
    Ok(subscriber::Server {
        id: id.clone(),
        url: server.url.clone(),
        sign_in: SignIn::Basic { username: server.username.clone(), password },
        authorities: authorities.transpose()?,
        timeout: server.request_timeout,
    })
}

/// The devices. Reads passwords.
///
/// # Errors
/// Where a password cannot be read, or a device cannot be told the feed's address.
pub fn phones(config: &Config, public_url: &str) -> anyhow::Result<PhonePush> {
    let mut targets = Vec::new();
    for room in &config.rooms {
        for device in &room.devices {
            let password = device.password.read().with_context(|| format!("device `{}`", device.id))?;
            let target = DeviceTarget {
                kind: device.kind,
                room: room.id.clone(),
                url: device.url.clone(),
                username: device.username.clone(),
                password,
            };
            targets.push((device.id.clone(), target));
        }
    }
    Ok(PhonePush::new(targets, public_url, HttpSettings::default())?)
}

/// What is known at the start to deserve an administrator's attention: what the configuration's reader said, and old zone
/// rules (rule T2).
pub fn warnings(config: &Config, zones: &ZoneDatabase, now: DateTime<Utc>) -> Vec<Warning> {
    let mut warnings = config.warnings.clone();
    if let Some(release) = zones.release().filter(|release| is_old(release, now)) {
        warnings.push(Warning {
            id: "zone-rules-old".into(),
            about: None,
            sentence: format!("the time zone rules in use are of release {release}, more than a year old"),
            remedy: "update the host's `tzdata` package, or callboard".into(),
        });
    }
    warnings
}

/// Whether a release of zone rules (`2025b`) is more than a year old. About six come out in a year, so that a letter is
/// taken for two months.
fn is_old(release: &str, now: DateTime<Utc>) -> bool {
    let year: Option<i32> = release.get(..4).and_then(|year| year.parse().ok());
    let letter = release.get(4..5).and_then(|letter| letter.bytes().next()).unwrap_or(b'a');
    let month = i32::from(letter.saturating_sub(b'a')) * 2;
    let months = |year: i32, month: i32| year * 12 + month;
    let today = months(now.year(), i32::try_from(now.month0()).unwrap_or(0));
    year.is_some_and(|year| today - months(year, month) > 12)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zone_rules_are_old_after_a_year() {
        let now = "2026-11-21T12:00:00Z".parse().unwrap();
        for (release, old) in
            [("2026e", false), ("2025g", false), ("2025b", true), ("2024a", true), ("unknown", false)]
        {
            assert_eq!(is_old(release, now), old, "{release}");
        }
    }
}
