//! `[exchange.NAME]`: one Exchange server.

use super::{
    notes::Given,
    secret::{self, SecretSource},
    section::Section,
    value::{filled, is_loopback, one_of, only, span, web_url},
};
use control::Warning;
use exchange_wire::ews::{Access, Dialect, Version};
use meeting_model::id::ServerId;
use std::{
    path::{Path, PathBuf},
    time::Duration,
};
use url::Url;

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_mins(1);
const HOUR: Duration = Duration::from_hours(1);

/// One Exchange server, spoken to in Exchange Web Services and signed in to with Basic authentication (RFC 7617).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerConfig {
    /// The address of its web services.
    pub url: String,
    /// Who signs in.
    pub username: String,
    /// Where that account's password is.
    pub password: SecretSource,
    /// The schema version to begin with, and how that account reaches the rooms.
    pub dialect: Dialect,
    /// A certificate to trust besides the machine's, PEM or DER.
    pub ca_file: Option<PathBuf>,
    /// How often a pull subscription is asked for events.
    pub pull_interval: Duration,
    /// How long one answer may take.
    pub request_timeout: Duration,
    /// How many rooms may talk to the server at once.
    pub max_concurrent: usize,
    /// How often a room is read for changes that no event told of.
    pub catch_up_every: Duration,
    /// How often a room is read whole and compared.
    pub reconcile_every: Duration,
}

/// `[exchange.NAME]` as it was typed.
#[derive(Debug)]
pub(super) struct RawServer {
    pub(super) name: String,
    url: Option<Given<Url>>,
    username: Option<Given<String>>,
    password: Option<SecretSource>,
    access: Option<Given<Access>>,
    ca_file: Option<Given<String>>,
    version: Option<Given<Version>>,
    pull_interval: Option<Given<Duration>>,
    request_timeout: Option<Given<Duration>>,
    max_concurrent: Option<Given<u32>>,
    catch_up_every: Option<Given<Duration>>,
    reconcile_every: Option<Given<Duration>>,
}

impl RawServer {
    pub(super) fn read(section: &mut Section<'_>, name: Given<&str>, base: &Path) -> Self {
        section.require(&["protocol", "url", "username"]);
        section.text("protocol", only("ews", "this version speaks Exchange Web Services only"));
        section.text("auth", only("basic", "this version signs in with Basic only"));
        let access = one_of(&[("delegate", Access::Delegate), ("impersonation", Access::Impersonation)]);
        Self {
            name: name.value.to_owned(),
            url: section.text("url", service_url),
            username: section.text("username", filled),
            password: secret::read(section, base),
            access: section.text("access", access),
            ca_file: section.text("ca_file", filled),
            version: section
                .text("version", one_of(&Version::ALL.map(|version| (version.as_str(), version)))),
            pull_interval: section.text("pull_interval", span(SECOND..=5 * MINUTE)),
            request_timeout: section.text("request_timeout", span(SECOND..=10 * MINUTE)),
            max_concurrent: section.number("max_concurrent", 1..=100),
            catch_up_every: section.text("catch_up_every", span(MINUTE..=24 * HOUR)),
            reconcile_every: section.text("reconcile_every", span(5 * MINUTE..=7 * 24 * HOUR)),
        }
    }

    pub(super) fn meaning(&self, base: &Path) -> Option<(ServerId, ServerConfig)> {
        let or =
            |given: &Option<Given<Duration>>, default| given.as_ref().map_or(default, |given| given.value);
        let config = ServerConfig {
            url: self.url.as_ref()?.value.to_string(),
            username: self.username.as_ref()?.value.clone(),
            password: self.password.clone()?,
            dialect: Dialect {
                version: self.version.map_or_else(Version::default, |given| given.value),
                access: self.access.map_or_else(Access::default, |given| given.value),
            },
            ca_file: self.ca_file.as_ref().map(|given| base.join(&given.value)),
            pull_interval: or(&self.pull_interval, 15 * SECOND),
            request_timeout: or(&self.request_timeout, MINUTE),
            max_concurrent: self.max_concurrent.map_or(8, |given| given.value as usize),
            catch_up_every: or(&self.catch_up_every, 20 * MINUTE),
            reconcile_every: or(&self.reconcile_every, 6 * HOUR),
        };
        Some((ServerId::new(&self.name), config))
    }

    /// Warns of a password that the network can read.
    pub(super) fn warning(&self) -> Option<Warning> {
        let url = &self.url.as_ref()?.value;
        (url.scheme() == "http" && !is_loopback(url)).then(|| Warning {
            id: "password-in-clear".into(),
            about: Some(self.name.clone()),
            sentence: format!("the password for `{}` crosses the network in clear", self.name),
            remedy: "give its `url` as https, with `ca_file` where its certificate is not publicly trusted"
                .into(),
        })
    }
}

fn service_url(text: &str) -> Result<Url, String> {
    let url = web_url(text)?;
    if url.path() == "/" {
        return Err(format!("expected a path such as `/EWS/Exchange.asmx`, found none in `{text}`"));
    }
    Ok(url)
}
