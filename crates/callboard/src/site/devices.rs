//! The devices, as they are told.

use crate::config::{
    AccountConfig, Config, DeviceConfig, KindConfig, PhoneSignInConfig, SecretError, SecretSource,
    TrustConfig,
};
use anyhow::Context;
use meeting_model::{
    id::{DeviceId, RoomId},
    identity::MeetingKey,
    privacy::SiteSecret,
};
use phone_push::{
    Account, Broker, DeviceKind, DeviceTarget, Endpoint, Hook, HttpSettings, Phone, PhonePush, PhoneSignIn,
    Poller, Setup, Trust,
};
use secrecy::SecretString;
use std::{collections::BTreeMap, fs};
use sync_engine::Event;
use tokio::sync::mpsc::UnboundedSender;

/// What all devices have in common.
#[derive(Clone)]
pub struct Devices {
    /// What devices are told to come back to.
    pub public_url: String,
    /// What the names are made with by which they come back.
    pub secret: SiteSecret,
    /// Told of what devices say by themselves.
    pub events: UnboundedSender<Event>,
}

/// The devices, as they are told. Reads passwords and certificates.
///
/// # Errors
/// Where a password or a certificate cannot be read.
pub fn targets(config: &Config) -> anyhow::Result<BTreeMap<DeviceId, DeviceTarget>> {
    let mut targets = BTreeMap::new();
    for room in &config.rooms {
        for device in &room.devices {
            let kind = kind(device).with_context(|| format!("device `{}`", device.id))?;
            let target = DeviceTarget { room: room.id.clone(), reminders: device.reminders, kind };
            targets.insert(device.id.clone(), target);
        }
    }
    Ok(targets)
}

/// What tells devices.
///
/// # Errors
/// Where a device cannot be told the feed's address.
pub fn phones(targets: &BTreeMap<DeviceId, DeviceTarget>, devices: &Devices) -> anyhow::Result<PhonePush> {
    let targets = targets.iter().map(|(id, target)| (id.clone(), target.clone())).collect();
    // made as a meeting's name is, for a room that no configuration can hold
    let nowhere = RoomId::new("\u{1}device");
    let token = |device: &DeviceId| {
        devices.secret.public_key(&nowhere, &MeetingKey::new(device.as_str())).as_str().to_owned()
    };
    let setup = Setup {
        public_url: &devices.public_url,
        http: HttpSettings::default(),
        token: &token,
        events: devices.events.clone(),
    };
    Ok(PhonePush::new(targets, &setup)?)
}

fn kind(device: &DeviceConfig) -> anyhow::Result<DeviceKind> {
    Ok(match &device.kind {
        KindConfig::CiscoIpPhone { url, sign_in, name } => DeviceKind::CiscoIpPhone(Phone {
            url: url.to_string(),
            sign_in: phone_sign_in(sign_in)?,
            name: name.clone(),
        }),
        KindConfig::RoomOs { url, account: config, transport, trust: trusted } => {
            DeviceKind::RoomOs(Endpoint {
                url: url.to_string(),
                account: account(config)?,
                transport: *transport,
                trust: trust(trusted)?,
            })
        }
        KindConfig::Tms { identity, token } => {
            DeviceKind::Tms(Poller { identity: identity.clone(), token: secret(token)? })
        }
        KindConfig::Webhook { url, secret: source, trust: trusted } => DeviceKind::Webhook(Hook {
            url: url.to_string(),
            secret: secret(source)?,
            trust: trust(trusted)?,
        }),
        KindConfig::Mqtt { url, topic, account: config, trust: trusted } => DeviceKind::Mqtt(Broker {
            url: url.to_string(),
            topic: topic.clone(),
            account: config.as_ref().map(account).transpose()?,
            trust: trust(trusted)?,
        }),
    })
}

fn phone_sign_in(config: &PhoneSignInConfig) -> Result<PhoneSignIn, SecretError> {
    Ok(match config {
        PhoneSignInConfig::Basic(config) => PhoneSignIn::Basic(account(config)?),
        PhoneSignInConfig::Digest(config) => PhoneSignIn::Digest(account(config)?),
        PhoneSignInConfig::None => PhoneSignIn::None,
    })
}

fn account(config: &AccountConfig) -> Result<Account, SecretError> {
    Ok(Account { username: config.username.clone(), password: secret(&config.password)? })
}

fn secret(source: &SecretSource) -> Result<SecretString, SecretError> {
    source.read()
}

fn trust(config: &TrustConfig) -> anyhow::Result<Trust> {
    Ok(match config {
        TrustConfig::System => Trust::System,
        TrustConfig::Pinned(fingerprint) => Trust::Pinned(fingerprint.bytes()),
        TrustConfig::File(path) => Trust::Authorities(fs::read(path).with_context(|| {
            format!("certificate file `{}`: expected a file this user can read", path.display())
        })?),
    })
}
