//! `[feed]`: where displays read.

use super::{
    notes::Given,
    secret::{self, SecretSource},
    section::Section,
    value::{one_of, web_url},
};
use meeting_model::availability::Profile;
use std::{net::SocketAddr, path::Path};
use url::Url;

/// Where displays read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeedConfig {
    /// The address and port that is listened on.
    pub listen: SocketAddr,
    /// What devices are told to come back to: scheme, host, port and perhaps a path, without a slash at the end.
    pub public_url: String,
    /// By whose tables presence is told.
    pub presence: Profile,
    /// Where the token is that lets programs and panels read every room; absent where there is none.
    pub token: Option<SecretSource>,
    /// What displays speak, where their room does not say otherwise; absent: English.
    pub language: Option<String>,
}

/// `[feed]` as it was typed.
#[derive(Debug)]
pub(super) struct RawFeed {
    listen: Option<Given<SocketAddr>>,
    pub(super) public_url: Option<Given<Url>>,
    presence: Option<Given<Profile>>,
    token: Option<SecretSource>,
    language: Option<Given<String>>,
}

impl RawFeed {
    pub(super) fn read(section: &mut Section<'_>, base: &Path) -> Self {
        section.require(&["listen", "public_url"]);
        let presence = one_of(&[("imp", Profile::Imp), ("cup-7", Profile::Cup7)]);
        Self {
            listen: section.text("listen", listen),
            public_url: section.text("public_url", public_url),
            presence: section.text("presence", presence),
            token: secret::read_optional(section, "token_file", "token_env", base),
            language: section.text("language", language),
        }
    }

    pub(super) fn meaning(&self) -> Option<FeedConfig> {
        Some(FeedConfig {
            listen: self.listen.as_ref()?.value,
            public_url: without_slash(&self.public_url.as_ref()?.value).to_owned(),
            presence: self.presence.map_or_else(Profile::default, |given| given.value),
            token: self.token.clone(),
            language: self.language.as_ref().map(|given| given.value.clone()),
        })
    }
}

/// What displays can speak.
pub(super) fn language(text: &str) -> Result<String, String> {
    let tag = text.to_lowercase();
    let nearest = std::iter::successors(Some(tag.as_str()), |tag| Some(tag.rsplit_once('-')?.0));
    if nearest.into_iter().any(|tag| feed::languages().any(|spoken| spoken == tag)) {
        return Ok(tag);
    }
    let spoken: Vec<_> = feed::languages().map(|tag| format!("`{tag}`")).collect();
    Err(format!("expected one of {}, found `{text}`", spoken.join(", ")))
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
