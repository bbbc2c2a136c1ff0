//! `[exchange.NAME]`: one Exchange server.

use super::{
    notes::{Given, Notes},
    section::Section,
    sign_in::{self, Auth, SignInConfig},
    value::{filled, fingerprint, is_loopback, one_of, only, span, web_url},
};
use control::Warning;
use exchange_wire::ews::{Access, Dialect, Version};
use meeting_model::id::ServerId;
use std::{
    path::{Path, PathBuf},
    time::Duration,
};
use subscriber::Fingerprint;
use sync_engine::Notifications;
use url::Url;

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_mins(1);
const HOUR: Duration = Duration::from_hours(1);

/// One Exchange server, spoken to in Exchange Web Services.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerConfig {
    /// The address of its web services.
    pub url: String,
    /// How it is signed in to.
    pub sign_in: SignInConfig,
    /// The schema version to begin with, and how the account reaches the rooms.
    pub dialect: Dialect,
    /// A certificate to trust besides the machine's, PEM or DER.
    pub ca_file: Option<PathBuf>,
    /// The certificate to trust instead of the machine's.
    pub fingerprint: Option<Fingerprint>,
    /// How often a pull subscription is asked for events.
    pub pull_interval: Duration,
    /// How long one answer may take.
    pub request_timeout: Duration,
    /// How changes are heard of; absent: in the best way that the server's version knows.
    pub notifications: Option<Notifications>,
    /// How many rooms may talk to the server at once; absent: as many as the default policy of its version allows.
    pub max_concurrent: Option<usize>,
    /// How often a subscription is renewed, and a room read for changes that no event told of.
    pub renew_every: Duration,
    /// How often a room is compared with what the server itself makes of its calendar.
    pub reconcile_every: Duration,
}

/// `[exchange.NAME]` as it was typed.
#[derive(Debug)]
pub(super) struct RawServer {
    pub(super) name: String,
    url: Option<Given<Url>>,
    auth: Option<Auth>,
    sign_in: Option<SignInConfig>,
    access: Option<Given<Access>>,
    ca_file: Option<Given<String>>,
    fingerprint: Option<Given<Fingerprint>>,
    version: Option<Given<Version>>,
    pull_interval: Option<Given<Duration>>,
    request_timeout: Option<Given<Duration>>,
    max_concurrent: Option<Given<u32>>,
    notifications: Option<Given<Notifications>>,
    renew_every: Option<Given<Duration>>,
    reconcile_every: Option<Given<Duration>>,
}

impl RawServer {
    pub(super) fn read(section: &mut Section<'_>, name: Given<&str>, base: &Path) -> Self {
        section.require(&["protocol", "url"]);
        section.text("protocol", only("ews", "this version speaks Exchange Web Services only"));
        let url = section.text("url", service_url);
        let (auth, sign_in) = sign_in::read(section, url.as_ref().map(|url| &url.value), base);
        let notifications = one_of(&[
            ("streaming", Notifications::Streaming),
            ("pull", Notifications::Pull),
            ("push", Notifications::Push),
        ]);
        let access = one_of(&[("delegate", Access::Delegate), ("impersonation", Access::Impersonation)]);
        let raw = Self {
            name: name.value.to_owned(),
            url,
            auth,
            sign_in,
            access: section.text("access", access),
            ca_file: section.text("ca_file", filled),
            fingerprint: section.text("fingerprint", fingerprint),
            version: section
                .text("version", one_of(&Version::ALL.map(|version| (version.as_str(), version)))),
            pull_interval: section.text("pull_interval", span(SECOND..=5 * MINUTE)),
            request_timeout: section.text("request_timeout", span(SECOND..=10 * MINUTE)),
            max_concurrent: section.number("max_concurrent", 1..=100),
            notifications: section.text("notifications", notifications),
            renew_every: section.text("renew_every", span(MINUTE..=24 * HOUR)),
            reconcile_every: section.text("reconcile_every", span(5 * MINUTE..=7 * 24 * HOUR)),
        };
        raw.agree(section.notes);
        raw
    }

    /// Notes what of this cannot be together.
    fn agree(&self, notes: &mut Notes) {
        if let Some(Given { at, .. }) = self.fingerprint {
            if self.ca_file.is_some() {
                notes.mistake(at, "expected `ca_file` or `fingerprint`, found both");
            }
            if self.url.as_ref().is_some_and(|url| url.value.scheme() == "http") {
                notes.mistake(
                    at,
                    "`fingerprint`: expected `url` by `https`, which shows a certificate, found `http`",
                );
            }
        }
        if let (Some(Auth::OAuth2), Some(Given { value: Access::Delegate, at })) = (self.auth, self.access) {
            notes.mistake(
                at,
                "`access`: expected `impersonation` with `auth = \"oauth2\"`, as an application has no mailbox rights of its \
                 own, found `delegate`",
            );
        }
    }

    /// Where it says that the server pushes.
    pub(super) fn pushes_at(&self) -> Option<usize> {
        self.notifications.filter(|given| given.value == Notifications::Push).map(|given| given.at)
    }

    pub(super) fn meaning(&self, base: &Path) -> Option<(ServerId, ServerConfig)> {
        let or =
            |given: &Option<Given<Duration>>, default| given.as_ref().map_or(default, |given| given.value);
        let config = ServerConfig {
            url: self.url.as_ref()?.value.to_string(),
            sign_in: self.sign_in.clone()?,
            dialect: Dialect {
                version: self.version.map_or_else(Version::default, |given| given.value),
                access: self.access.map_or_else(|| default_access(self.auth), |given| given.value),
            },
            ca_file: self.ca_file.as_ref().map(|given| base.join(&given.value)),
            fingerprint: self.fingerprint.map(|given| given.value),
            pull_interval: or(&self.pull_interval, 15 * SECOND),
            request_timeout: or(&self.request_timeout, MINUTE),
            notifications: self.notifications.map(|given| given.value),
            max_concurrent: self.max_concurrent.map(|given| given.value as usize),
            renew_every: or(&self.renew_every, 20 * MINUTE),
            reconcile_every: or(&self.reconcile_every, HOUR),
        };
        Some((ServerId::new(&self.name), config))
    }

    /// Warns of a password, or at least of meetings, that the network can read.
    pub(super) fn warning(&self) -> Option<Warning> {
        let url = &self.url.as_ref()?.value;
        let (id, what) = match self.auth? {
            Auth::Basic => ("password-in-clear", "the password"),
            Auth::OAuth2 => ("token-in-clear", "the token"),
            Auth::Ntlm | Auth::Negotiate => ("meetings-in-clear", "every meeting"),
        };
        (url.scheme() == "http" && !is_loopback(url)).then(|| Warning {
            id: id.into(),
            about: Some(self.name.clone()),
            sentence: format!("{what} for `{}` crosses the network in clear", self.name),
            remedy: "give its `url` as https, with `ca_file` where its certificate is not publicly trusted"
                .into(),
        })
    }
}

/// An application acts as each room; an account has rights on it.
fn default_access(auth: Option<Auth>) -> Access {
    if auth == Some(Auth::OAuth2) { Access::Impersonation } else { Access::default() }
}

fn service_url(text: &str) -> Result<Url, String> {
    let url = web_url(text)?;
    if url.path() == "/" {
        return Err(format!("expected a path such as `/EWS/Exchange.asmx`, found none in `{text}`"));
    }
    Ok(url)
}
