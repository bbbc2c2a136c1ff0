//! `[[room.device]]`: one device of a room.

use super::{
    notes::Given,
    secret::{self, SecretSource},
    section::Section,
    value::{filled, one_of, web_url},
};
use meeting_model::id::{DeviceId, RoomId};
use phone_push::DeviceKind;
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
    /// What tells it from every other device, in whichever room: host, port and path of `url`.
    pub address: String,
    /// Who signs in to it.
    pub username: String,
    /// Where that account's password is.
    pub password: SecretSource,
}

/// The kind's word in the configuration.
fn word(kind: DeviceKind) -> &'static str {
    match kind {
        DeviceKind::CiscoIpPhone => "cisco-ip-phone",
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
        let kinds = [DeviceKind::CiscoIpPhone].map(|kind| (word(kind), kind));
        section.require(&["kind", "url", "username"]);
        Self {
            kind: section.text("kind", one_of(&kinds)),
            url: section.text("url", web_url),
            username: section.text("username", filled),
            password: secret::read(section, "password_file", "password_env", base),
        }
    }

    /// Its id in a room.
    pub(super) fn id(&self, room: &RoomId) -> Option<DeviceId> {
        let (kind, url) = (self.kind.as_ref()?.value, &self.url.as_ref()?.value);
        let port = url.port().map_or_else(String::new, |port| format!(":{port}"));
        Some(DeviceId::new(format!("{room}/{}@{}{port}", word(kind), url.host_str()?)))
    }

    /// What tells it from every other device: two with the same are one and the same thing.
    pub(super) fn address(&self) -> Option<String> {
        let url = &self.url.as_ref()?.value;
        let port = url.port_or_known_default()?;
        let path = if url.path() == "/" { "/CGI/Execute" } else { url.path() };
        Some(format!("{}:{port}{path}", url.host_str()?))
    }

    pub(super) fn meaning(&self, room: &RoomId) -> Option<DeviceConfig> {
        Some(DeviceConfig {
            id: self.id(room)?,
            kind: self.kind.as_ref()?.value,
            url: self.url.as_ref()?.value.to_string(),
            address: self.address()?,
            username: self.username.as_ref()?.value.clone(),
            password: self.password.clone()?,
        })
    }
}
