//! What the configuration means to each crate that does something with it.

use crate::{
    config::{AccountConfig, Config, DeviceConfig, RoomConfig, SecretError, ServerConfig, SignInConfig},
    system_clock::SystemClock,
};
use anyhow::Context;
use chrono::{DateTime, Datelike, Utc};
use control::Warning;
use feed::{FeedRoom, FeedSettings};
use meeting_model::{
    clock::Clock,
    id::{DeviceId, RoomId, ServerId},
    zone::ZoneDatabase,
};
use phone_push::{DeviceTarget, HttpSettings, PhonePush};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};
use store::Claim;
use subscriber::{Account, ClientCredentials, SignIn, Subscriber, Trust};
use sync_engine::{AccountId, DeviceSettings, PushSettings, RoomPlan, ServerSettings, Site};

/// The engine's site. `push_secret` makes the paths that servers push to unguessable.
pub fn engine(config: &Config, push_secret: [u8; 32]) -> Site {
    let push = config
        .push
        .as_ref()
        .map(|push| PushSettings { url: format!("{}/ews-push", push.url), secret: push_secret });
    let servers =
        config.servers.iter().map(|(id, server)| (id.clone(), server_settings(server, push.clone())));
    let rooms = config.rooms.iter().map(|room| (room.id.clone(), room_plan(room)));
    Site { servers: servers.collect(), rooms: rooms.collect() }
}

fn server_settings(server: &ServerConfig, push: Option<PushSettings>) -> ServerSettings {
    ServerSettings {
        dialect: server.dialect,
        account: AccountId::new(server.sign_in.account()),
        notifications: server.notifications,
        push,
        pull_interval: server.pull_interval,
        renew_every: server.renew_every,
        reconcile_every: server.reconcile_every,
        max_concurrent: server.max_concurrent,
    }
}

fn room_plan(room: &RoomConfig) -> RoomPlan {
    RoomPlan {
        server: room.server.clone(),
        mailbox: room.mailbox.clone(),
        group: None,
        settings: room.settings.clone(),
        devices: room.devices.iter().map(device_settings).collect(),
    }
}

fn device_settings(device: &DeviceConfig) -> DeviceSettings {
    DeviceSettings { id: device.id.clone(), address: device.address.clone() }
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
    Ok(Subscriber::new(servers?, SystemClock::start().now().wall)?)
}

/// The connection to one server alone. Reads its password and certificates.
///
/// # Errors
/// Where its password or its certificates cannot be read.
pub fn connection(id: &ServerId, server: &ServerConfig) -> anyhow::Result<Subscriber> {
    Ok(Subscriber::new([exchange(id, server)?], SystemClock::start().now().wall)?)
}

/// One server, with its password and certificates read.
fn exchange(id: &ServerId, server: &ServerConfig) -> anyhow::Result<subscriber::Server> {
    Ok(subscriber::Server {
        id: id.clone(),
        url: server.url.clone(),
        sign_in: sign_in(&server.sign_in).with_context(|| format!("server `{id}`"))?,
        trust: trust(id, server)?,
        timeout: server.request_timeout,
    })
}

/// How a server is signed in to, with its password read.
fn sign_in(config: &SignInConfig) -> Result<SignIn, SecretError> {
    let account = |account: &AccountConfig| {
        Ok(Account { username: account.username.clone(), password: account.password.read()? })
    };
    Ok(match config {
        SignInConfig::Basic(config) => SignIn::Basic(account(config)?),
        SignInConfig::Ntlm(config) => SignIn::Ntlm(account(config)?),
        SignInConfig::Negotiate { account: config, kdc } => {
            SignIn::Negotiate { account: account(config)?, kdc: kdc.clone() }
        }
        SignInConfig::OAuth2 { token_url, client_id, client_secret, scope } => {
            SignIn::OAuth2(ClientCredentials {
                token_url: token_url.clone(),
                client_id: client_id.clone(),
                client_secret: client_secret.read()?,
                scope: scope.clone(),
            })
        }
    })
}

/// Whose certificates a server may show, with its certificate file read.
fn trust(id: &ServerId, server: &ServerConfig) -> anyhow::Result<Trust> {
    match (&server.fingerprint, &server.ca_file) {
        (Some(fingerprint), _) => Ok(Trust::Pinned(*fingerprint)),
        (None, None) => Ok(Trust::System),
        (None, Some(path)) => {
            let unreadable = || {
                let path = path.display();
                format!("server `{id}`: certificate file `{path}`: expected a file this user can read")
            };
            Ok(Trust::SystemAnd(fs::read(path).with_context(unreadable)?))
        }
    }
}

/// The devices, as they are told. Reads passwords.
///
/// # Errors
/// Where a password cannot be read.
pub fn targets(config: &Config) -> anyhow::Result<BTreeMap<DeviceId, DeviceTarget>> {
    let mut targets = BTreeMap::new();
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
            targets.insert(device.id.clone(), target);
        }
    }
    Ok(targets)
}

/// What tells devices.
///
/// # Errors
/// Where a device cannot be told the feed's address.
pub fn phones(targets: &BTreeMap<DeviceId, DeviceTarget>, public_url: &str) -> anyhow::Result<PhonePush> {
    let targets = targets.iter().map(|(id, target)| (id.clone(), target.clone())).collect();
    Ok(PhonePush::new(targets, public_url, HttpSettings::default())?)
}

/// The rooms as displays are served them.
pub fn feed(config: &Config) -> FeedSettings {
    let rooms = config.rooms.iter().map(|room| FeedRoom {
        id: room.id.clone(),
        name: room.name.clone(),
        zone: room.settings.zone.clone(),
    });
    let stored = config.rooms.iter().map(|room| &room.settings);
    FeedSettings {
        public_url: config.feed.public_url.clone(),
        back: stored.clone().map(|room| room.back).max().unwrap_or_default(),
        ahead: stored.map(|room| room.ahead).max().unwrap_or_default(),
        rooms: rooms.collect(),
    }
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

/// The servers' certificates that expire soon, of those that were seen.
pub fn certificate_warnings(subscriber: &Subscriber, now: DateTime<Utc>) -> Vec<Warning> {
    let expiring = subscriber.certificates().filter_map(|(id, facts)| {
        let days = facts.reminder(now)?;
        let until = facts.not_after.format("%Y-%m-%d %H:%M UTC");
        Some(Warning {
            id: "certificate-expires".into(),
            about: Some(id.to_string()),
            sentence: if facts.not_after <= now {
                format!("the certificate of `{id}` expired on {until}")
            } else {
                format!("the certificate of `{id}` expires within {days} days, on {until}")
            },
            remedy: "renew it on the server; where it is pinned, change `fingerprint` then".into(),
        })
    });
    expiring.collect()
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
