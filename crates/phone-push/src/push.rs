//! The devices, and the one client that speaks to all of them.

use crate::{
    adapter::Adapter,
    cisco_ip_phone::CiscoIpPhone,
    error::{PushError, SetupError},
    outcome,
};
use meeting_model::{
    display::Present,
    id::{DeviceId, RoomId},
};
use reqwest::{Url, redirect};
use secrecy::SecretString;
use std::{collections::BTreeMap, time::Duration};
use sync_engine::{Delivered, NotEmptied};

/// What a device is, and with that how it is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeviceKind {
    /// A Cisco Unified IP phone: told by `POST /CGI/Execute` to fetch its room's page from the feed.
    CiscoIpPhone,
}

/// One device as it is configured.
#[derive(Debug, Clone)]
pub struct DeviceTarget {
    /// What it is.
    pub kind: DeviceKind,
    /// Whose meetings it shows.
    pub room: RoomId,
    /// Its address, `http` or `https`: `http://10.0.1.100/CGI/Execute`; without a path that one is meant.
    pub url: String,
    /// Who signs in to it.
    pub username: String,
    /// With which password.
    pub password: SecretString,
}

/// How long a device may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HttpSettings {
    /// Until there is a connection.
    pub connect_timeout: Duration,
    /// Until there is a whole answer, the connection included.
    pub total_timeout: Duration,
}

impl Default for HttpSettings {
    /// 3 s and 10 s.
    fn default() -> Self {
        Self { connect_timeout: Duration::from_secs(3), total_timeout: Duration::from_secs(10) }
    }
}

/// The devices of all rooms.
pub struct PhonePush {
    adapters: BTreeMap<DeviceId, Box<dyn Adapter>>,
}

impl PhonePush {
    /// Sets the devices up, without a connection to any. `public_url` is where devices reach the feed.
    ///
    /// # Errors
    ///
    /// When an address is not one, when a room's page has an address too long for a push, or when the machine's
    /// trusted certificates cannot be read.
    ///
    /// # Panics
    ///
    /// When the program has not installed a `rustls` provider.
    pub fn new(
        devices: Vec<(DeviceId, DeviceTarget)>,
        public_url: &str,
        settings: HttpSettings,
    ) -> Result<Self, SetupError> {
        let http = client(settings).map_err(SetupError::Client)?;
        let feed =
            web_address(public_url).ok_or_else(|| SetupError::PublicUrl { url: public_url.to_owned() })?;
        let mut adapters = BTreeMap::new();
        for (device, target) in devices {
            let adapter: Box<dyn Adapter> = match target.kind {
                DeviceKind::CiscoIpPhone => {
                    Box::new(CiscoIpPhone::new(&device, target, &feed, http.clone(), settings.total_timeout)?)
                }
            };
            adapters.insert(device, adapter);
        }
        Ok(Self { adapters })
    }

    /// Brings a device up to the present. `has` is the digest of what it has: an equal present is not sent again.
    pub async fn deliver(&self, device: &DeviceId, present: &Present, has: Option<&str>) -> Delivered {
        let digest = present.digest();
        if has == Some(digest.as_str()) {
            return outcome::acknowledged(present, digest, false);
        }
        match self.send(device, present).await {
            Ok(()) => outcome::acknowledged(present, digest, true),
            Err(error) => outcome::failed(present, &error),
        }
    }

    /// Makes a device show nothing of ours any more, as it is no longer its room's.
    ///
    /// # Errors
    ///
    /// When the device did not answer, or refused.
    pub async fn empty(&self, device: &DeviceId) -> Result<(), NotEmptied> {
        let result = match self.adapter(device) {
            Ok(adapter) => adapter.empty().await,
            Err(error) => Err(error),
        };
        tracing::debug!(device = %device, error = result.as_ref().err().map(tracing::field::display), "emptied");
        result.map_err(|error| outcome::not_emptied(&error))
    }

    fn adapter(&self, device: &DeviceId) -> Result<&dyn Adapter, PushError> {
        let adapter = self.adapters.get(device).map(Box::as_ref);
        adapter.ok_or_else(|| PushError::Unconfigured { device: device.clone() })
    }

    async fn send(&self, device: &DeviceId, present: &Present) -> Result<(), PushError> {
        let result = self.adapter(device)?.deliver(present).await;
        tracing::debug!(
            device = %device,
            rev = present.rev.0,
            error = result.as_ref().err().map(tracing::field::display),
            "push"
        );
        result
    }
}

/// A client that goes nowhere but to the device: no redirect and no proxy gets to see a password. A phone has few
/// sockets, so that none is kept open, and header names are written as its guide prints them.
fn client(settings: HttpSettings) -> reqwest::Result<reqwest::Client> {
    reqwest::Client::builder()
        .user_agent(concat!("callboard/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(settings.connect_timeout)
        .timeout(settings.total_timeout)
        .redirect(redirect::Policy::none())
        .no_proxy()
        .pool_max_idle_per_host(0)
        .http1_only()
        .http1_title_case_headers()
        .build()
}

/// An `http` or `https` address without name, password, query or fragment.
pub(crate) fn web_address(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    let plain = url.username().is_empty() && url.password().is_none();
    let bare = url.query().is_none() && url.fragment().is_none();
    (matches!(url.scheme(), "http" | "https") && plain && bare).then_some(url)
}
