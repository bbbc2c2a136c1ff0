//! `[feed]`: where displays read.

use super::{notes::Given, section::Section, value::web_url};
use std::net::SocketAddr;
use url::Url;

/// Where displays read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeedConfig {
    /// The address and port that is listened on.
    pub listen: SocketAddr,
    /// What devices are told to come back to: scheme, host, port and perhaps a path, without a slash at the end.
    pub public_url: String,
}

/// `[feed]` as it was typed.
#[derive(Debug)]
pub(super) struct RawFeed {
    listen: Option<Given<SocketAddr>>,
    pub(super) public_url: Option<Given<Url>>,
}

impl RawFeed {
    pub(super) fn read(section: &mut Section<'_>) -> Self {
        section.require(&["listen", "public_url"]);
        Self { listen: section.text("listen", listen), public_url: section.text("public_url", public_url) }
    }

    pub(super) fn meaning(&self) -> Option<FeedConfig> {
        Some(FeedConfig {
            listen: self.listen.as_ref()?.value,
            public_url: without_slash(&self.public_url.as_ref()?.value).to_owned(),
        })
    }
}

/// The URL as devices are told it.
pub(super) fn without_slash(url: &Url) -> &str {
    url.as_str().trim_end_matches('/')
}

pub(super) fn listen(text: &str) -> Result<SocketAddr, String> {
    match text.parse() {
        Ok(address) => Ok(address),
        Err(_) => Err(format!("expected an address and port such as `127.0.0.1:8480`, found `{text}`")),
    }
}

pub(super) fn public_url(text: &str) -> Result<Url, String> {
    let url = web_url(text)?;
    if url.query().is_some() || url.fragment().is_some() {
        return Err(format!("expected a URL to put paths behind, found a `?` or `#` in `{text}`"));
    }
    Ok(url)
}
