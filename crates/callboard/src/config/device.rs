//! `[[room.device]]`: one device of a room.

mod raw;
#[cfg(test)]
mod tests;

pub(super) use raw::RawDevice;

use super::{secret::SecretSource, sign_in::AccountConfig};
use meeting_model::id::DeviceId;
use phone_push::Transport;
use std::path::PathBuf;
use subscriber::Fingerprint;
use sync_engine::timetable::Reminders;
use url::Url;

/// One device of a room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceConfig {
    /// `room/kind@host`, with the port where it is not the scheme's own.
    pub id: DeviceId,
    /// What tells it from every other device, in whichever room: two with the same are one and the same thing.
    pub address: String,
    /// When people in front of it are reminded of a meeting; absent where they are not.
    pub reminders: Option<Reminders>,
    /// What it is, and how it is spoken to.
    pub kind: KindConfig,
}

/// What a device is, and how it is spoken to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KindConfig {
    /// `cisco-ip-phone`.
    CiscoIpPhone {
        /// Where it is told.
        url: Url,
        /// How it is signed in to.
        sign_in: PhoneSignInConfig,
        /// Its device name, or its MAC address.
        name: Option<String>,
    },
    /// `cisco-roomos`.
    RoomOs {
        /// Where it is.
        url: Url,
        /// A local user with the role Admin.
        account: AccountConfig,
        /// How commands travel.
        transport: Transport,
        /// Whose certificate it may show.
        trust: TrustConfig,
    },
    /// `cisco-tms`.
    Tms {
        /// Its MAC address or serial number.
        identity: String,
        /// Where the last part of the path is that it asks at.
        token: SecretSource,
    },
    /// `webhook`.
    Webhook {
        /// Where it is posted.
        url: Url,
        /// Where the secret is that posts are signed with.
        secret: SecretSource,
        /// Whose certificate it may show.
        trust: TrustConfig,
    },
    /// `mqtt`.
    Mqtt {
        /// The broker.
        url: Url,
        /// The topic of the retained message.
        topic: String,
        /// Who signs in, where anybody has to.
        account: Option<AccountConfig>,
        /// Whose certificate it may show.
        trust: TrustConfig,
    },
}

/// How a phone is signed in to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PhoneSignInConfig {
    /// `basic`: under CUCM.
    Basic(AccountConfig),
    /// `digest`: a phone on its own.
    Digest(AccountConfig),
    /// `none`: a phone on its own that trusts everybody.
    None,
}

/// Whose certificate a device may show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TrustConfig {
    /// Whoever the machine's own authorities vouch for.
    System,
    /// Those of a file as well.
    File(PathBuf),
    /// This one.
    Pinned(Fingerprint),
}

impl DeviceConfig {
    /// Where its password is, or whatever stands in its place.
    pub fn secret(&self) -> Option<&SecretSource> {
        match &self.kind {
            KindConfig::CiscoIpPhone { sign_in, .. } => match sign_in {
                PhoneSignInConfig::Basic(account) | PhoneSignInConfig::Digest(account) => {
                    Some(&account.password)
                }
                PhoneSignInConfig::None => None,
            },
            KindConfig::RoomOs { account, .. } => Some(&account.password),
            KindConfig::Tms { token, .. } => Some(token),
            KindConfig::Webhook { secret, .. } => Some(secret),
            KindConfig::Mqtt { account, .. } => account.as_ref().map(|account| &account.password),
        }
    }

    /// The host that fetches pages from us: a name or an address. Other devices fetch none.
    pub fn fetches_from(&self) -> Option<&str> {
        match &self.kind {
            KindConfig::CiscoIpPhone { url, .. } => url.host_str(),
            _ => None,
        }
    }
}
