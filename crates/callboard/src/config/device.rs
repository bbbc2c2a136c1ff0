//! `[[room.device]]`: one device of a room.

use super::{
    notes::Given,
    secret::{self, SecretSource},
    section::Section,
    value::{filled, one_of, web_url},
};
use meeting_model::id::{DeviceId, RoomId};
use std::path::Path;
use url::Url;

/// One device of a room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceConfig {
    /// `room/kind@host`, with the port where it is not the scheme's own.
    pub id: DeviceId,
    /// What it is.
    pub kind: DeviceKind,
    /// Where it is told.
    pub url: String,
    /// Who signs in to it.
    pub username: String,
    /// Where that account's password is.
    pub password: SecretSource,
}

/// What a device is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeviceKind {
    /// A Cisco Unified IP phone, told by a POST of `CiscoIPPhoneExecute` (Cisco Unified IP Phone Services Application
    /// Development Notes 7.1).
    CiscoIpPhone,
}

impl DeviceKind {
    const ALL: [(&str, Self); 1] = [("cisco-ip-phone", Self::CiscoIpPhone)];

    /// Its word in the configuration.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::CiscoIpPhone => "cisco-ip-phone",
        }
    }
}

/// `[[room.device]]` as it was typed.
#[derive(Debug)]
pub(super) struct RawDevice {
    kind: Option<Given<DeviceKind>>,
    pub(super) url: Option<Given<Url>>,
    username: Option<Given<String>>,
    password: Option<SecretSource>,
}

impl RawDevice {
    pub(super) fn read(section: &mut Section<'_>, base: &Path) -> Self {
        section.require(&["kind", "url", "username"]);
        Self {
            kind: section.text("kind", one_of(&DeviceKind::ALL)),
            url: section.text("url", web_url),
            username: section.text("username", filled),
            password: secret::read(section, base),
        }
    }

    /// Its id in a room.
    pub(super) fn id(&self, room: &RoomId) -> Option<DeviceId> {
        let (kind, url) = (self.kind.as_ref()?.value, &self.url.as_ref()?.value);
        let port = url.port().map_or_else(String::new, |port| format!(":{port}"));
        Some(DeviceId::new(format!("{room}/{}@{}{port}", kind.as_str(), url.host_str()?)))
    }

    pub(super) fn meaning(&self, room: &RoomId) -> Option<DeviceConfig> {
        Some(DeviceConfig {
            id: self.id(room)?,
            kind: self.kind.as_ref()?.value,
            url: self.url.as_ref()?.value.to_string(),
            username: self.username.as_ref()?.value.clone(),
            password: self.password.clone()?,
        })
    }
}
