//! `[notify]`: where Exchange servers send word of WebDAV subscriptions, by UDP.

use super::{feed::listen, notes::Given, section::Section};
use std::net::SocketAddr;
use url::Url;

/// Where Exchange servers send word of WebDAV subscriptions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotifyConfig {
    /// The address and UDP port that is listened on.
    pub listen: SocketAddr,
    /// The same as the servers see it: host and port.
    pub address: String,
}

/// `[notify]` as it was typed.
#[derive(Debug)]
pub(super) struct RawNotify {
    listen: Option<Given<SocketAddr>>,
    address: Option<Given<String>>,
}

impl RawNotify {
    pub(super) fn read(section: &mut Section<'_>) -> Self {
        section.require(&["listen", "address"]);
        Self { listen: section.text("listen", listen), address: section.text("address", with_port) }
    }

    pub(super) fn meaning(&self) -> Option<NotifyConfig> {
        Some(NotifyConfig {
            listen: self.listen.as_ref()?.value,
            address: self.address.as_ref()?.value.clone(),
        })
    }
}

/// A host with a port: there is none that is meant where none is said.
fn with_port(text: &str) -> Result<String, String> {
    let said = Url::parse(&format!("httpu://{text}")).ok().filter(|url| {
        url.has_host() && url.port().is_some() && url.path().is_empty() && url.username().is_empty()
    });
    match said {
        Some(_) => Ok(text.to_owned()),
        None => {
            Err(format!("expected a host and a port such as `callboard.example.com:34777`, found `{text}`"))
        }
    }
}
