//! `[push]`: where Exchange servers send their notifications.

use super::{
    feed::{listen, public_url, without_slash},
    notes::Given,
    section::Section,
};
use std::net::SocketAddr;
use url::Url;

/// Where Exchange servers send their notifications.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PushConfig {
    /// The address and port that is listened on.
    pub listen: SocketAddr,
    /// The same as the servers see it: scheme, host, port and perhaps a path, without a slash at the end.
    pub url: String,
}

/// `[push]` as it was typed.
#[derive(Debug)]
pub(super) struct RawPush {
    listen: Option<Given<SocketAddr>>,
    url: Option<Given<Url>>,
}

impl RawPush {
    pub(super) fn read(section: &mut Section<'_>) -> Self {
        section.require(&["listen", "url"]);
        Self { listen: section.text("listen", listen), url: section.text("url", public_url) }
    }

    pub(super) fn meaning(&self) -> Option<PushConfig> {
        Some(PushConfig {
            listen: self.listen.as_ref()?.value,
            url: without_slash(&self.url.as_ref()?.value).to_owned(),
        })
    }
}
