//! What the configuration means to each crate that does something with it.

mod devices;

pub use devices::{Devices, phones, targets};

use crate::{
    config::{
        AccountConfig, CalendarConfig, Config, DeviceConfig, RoomConfig, SecretError, SecretSource,
        ServerConfig, SignInConfig,
    },
    planning,
    system_clock::SystemClock,
};
use anyhow::Context;
use chrono::{DateTime, Datelike, Utc};
use control::Warning;
use exchange_wire::webdav::{Session, path_of};
use feed::{Administrator, FeedRoom, FeedSettings, Token};
use meeting_model::{
    clock::Clock,
    id::{DeviceId, RoomId, ServerId},
    observed::Protocol,
    zone::ZoneDatabase,
};
use secrecy::ExposeSecret;
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};
use store::Claim;
use subscriber::{Account, ClientCredentials, SignIn, Subscriber, Trust};
use sync_engine::{AccountId, DeviceSettings, PartOf, PushSettings, RoomPlan, ServerSettings, Site, Webdav};

/// The engine's site. `push_secret` makes the paths that servers push to unguessable.
pub fn engine(config: &Config, push_secret: [u8; 32]) -> Site {
    let push = config
        .push
        .as_ref()
        .map(|push| PushSettings { url: format!("{}/ews-push", push.url), secret: push_secret });
    let notify = config
        .notify
        .as_ref()
        .map(|notify| PushSettings { url: format!("httpu://{}", notify.address), secret: push_secret });
    let servers = config.servers.iter().map(|(id, server)| {
        let push = if server.protocol == Protocol::Webdav { &notify } else { &push };
        (id.clone(), server_settings(server, push.clone()))
    });
    Site { servers: servers.collect(), rooms: plans(config) }
}

fn server_settings(server: &ServerConfig, push: Option<PushSettings>) -> ServerSettings {
    ServerSettings {
        dialect: server.dialect,
        webdav: webdav(server),
        autodiscover: server.address.autodiscover().cloned(),
        account: AccountId::new(server.sign_in.account()),
        notifications: server.notifications,
        push,
        pull_interval: server.pull_interval,
        renew_every: server.renew_every,
        reconcile_every: server.reconcile_every,
        max_concurrent: server.max_concurrent,
    }
}

/// How the mailboxes of a server are reached that is spoken to over WebDAV.
pub fn webdav(server: &ServerConfig) -> Option<Webdav> {
    let url = server.address.url().filter(|_| server.protocol == Protocol::Webdav)?;
    let session = match server.sign_in {
        SignInConfig::Form(_) => Session::Form,
        _ => Session::Http,
    };
    Some(Webdav { directory: path_of(url)?, session })
}

/// What the engine looks after: the rooms, and of those with several calendars each of the others beside them.
pub fn plans(config: &Config) -> BTreeMap<RoomId, RoomPlan> {
    config.rooms.iter().flat_map(plans_of).collect()
}

fn plans_of(room: &RoomConfig) -> Vec<(RoomId, RoomPlan)> {
    let plan = |(place, calendar): (usize, CalendarConfig)| {
        let name = room.at(calendar.clone()).of_several();
        let plan = RoomPlan {
            part_of: name.map(|name| PartOf { room: room.id.clone(), name }),
            server: calendar.server,
            mailbox: calendar.mailbox,
            settings: room.settings.clone(),
            devices: room.devices.iter().filter(|_| place == 0).map(device_settings).collect(),
        };
        let id = if place == 0 { room.id.clone() } else { planning::further(&room.id, &plan.calendar()) };
        (id, plan)
    };
    room.calendars().enumerate().map(plan).collect()
}

fn device_settings(device: &DeviceConfig) -> DeviceSettings {
    DeviceSettings { id: device.id.clone(), address: device.address.clone() }
}

/// What the program claims of the store.
pub fn claims(config: &Config) -> Vec<Claim> {
    let mut claims = planning::claims(&plans(config));
    if config.shadow {
        // where devices are told nothing, nothing is known of what they have either: whoever tells them next begins anew
        for claim in &mut claims {
            claim.devices.clear();
        }
    }
    claims
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

/// The connections to Exchange. Reads passwords and certificates, of which `now` decides whether they are in force.
///
/// # Errors
/// Where a password or a certificate cannot be read.
pub fn subscriber(config: &Config, now: DateTime<Utc>) -> anyhow::Result<Subscriber> {
    let servers: anyhow::Result<Vec<_>> =
        config.servers.iter().map(|(id, server)| exchange(id, server)).collect();
    Ok(Subscriber::new(servers?, now)?)
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
        url: server.address.url().map(str::to_owned),
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
        SignInConfig::Form(config) => SignIn::Form(account(config)?),
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

/// The rooms as displays are served them, and who may see them. Reads tokens.
///
/// # Errors
/// Where a token cannot be read, or is easily guessed.
pub fn feed(config: &Config) -> anyhow::Result<FeedSettings> {
    let rooms: anyhow::Result<Vec<_>> = config.rooms.iter().map(|room| feed_room(config, room)).collect();
    let admin_token = token(config.admin.token.as_ref(), "[admin]")?.pop();
    let stored = config.rooms.iter().map(|room| &room.settings);
    Ok(FeedSettings {
        public_url: config.feed.public_url.clone(),
        back: stored.clone().map(|room| room.back).max().unwrap_or_default(),
        ahead: stored.map(|room| room.ahead).max().unwrap_or_default(),
        presence: config.feed.presence,
        tokens: token(config.feed.token.as_ref(), "[feed]")?,
        administrator: Administrator::new(config.admin.password_hash.as_deref(), admin_token)?,
        rooms: rooms?,
    })
}

fn feed_room(config: &Config, room: &RoomConfig) -> anyhow::Result<FeedRoom> {
    let hosts = room.devices.iter().filter_map(|device| device.fetches_from().map(str::to_owned));
    Ok(FeedRoom {
        id: room.id.clone(),
        name: room.name.clone(),
        zone: room.settings.zone.clone(),
        language: room.language.clone().or_else(|| config.feed.language.clone()),
        tokens: token(room.token.as_ref(), room.id.as_str())?,
        devices: hosts.collect(),
    })
}

/// The token that was asked for, if one was.
fn token(source: Option<&SecretSource>, about: &str) -> anyhow::Result<Vec<Token>> {
    let read = |source: &SecretSource| Ok(Token::new(source.read()?.expose_secret())?);
    source
        .map(read)
        .transpose()
        .map(Vec::from_iter)
        .map_err(|error: anyhow::Error| error.context(format!("`{about}`")))
}

/// What is known at the start to deserve an administrator's attention: what the configuration's reader said, and old zone
/// rules (rule T2).
pub fn warnings(config: &Config, zones: &ZoneDatabase, now: DateTime<Utc>) -> Vec<Warning> {
    let mut warnings: Vec<_> = config.warnings.iter().cloned().chain(config.passed_over()).collect();
    if config.shadow {
        warnings.push(Warning {
            id: "shadow".into(),
            about: None,
            sentence: "devices are told nothing: the daemon was started with `--shadow`".into(),
            remedy: "`callboard shadow` shows what each would get; start it without `--shadow` to tell them"
                .into(),
        });
    }
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
