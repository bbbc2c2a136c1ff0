//! `[exchange.NAME]`: one Exchange server.

use super::{
    notes::{Given, Notes},
    section::Section,
    sign_in::{self, Auth, SignInConfig},
    value::{domain, filled, fingerprint, is_loopback, one_of, span, web_url},
};
use control::Warning;
use exchange_wire::{
    autodiscover::Policy,
    ews::{Access, Dialect, Version},
};
use meeting_model::{id::ServerId, observed::Protocol};
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

/// One Exchange server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerConfig {
    /// What it is spoken to in.
    pub protocol: Protocol,
    /// Where its web services are, or its mailboxes over WebDAV.
    pub address: Address,
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

/// Where a server's web services are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Address {
    /// Here.
    Url(String),
    /// Where Autodiscover says, of each of its rooms.
    Autodiscover(Policy),
}

impl Address {
    /// The address, where it is configured.
    pub fn url(&self) -> Option<&str> {
        match self {
            Self::Url(url) => Some(url),
            Self::Autodiscover(_) => None,
        }
    }

    /// How it is looked for, where it is not.
    pub fn autodiscover(&self) -> Option<&Policy> {
        match self {
            Self::Url(_) => None,
            Self::Autodiscover(policy) => Some(policy),
        }
    }
}

/// `url` as it was typed.
#[derive(Debug, Clone)]
pub(super) enum RawAddress {
    Url(Url),
    Autodiscover,
}

impl RawAddress {
    fn is_http(&self) -> bool {
        matches!(self, Self::Url(url) if url.scheme() == "http")
    }
}

/// `[exchange.NAME]` as it was typed.
#[derive(Debug)]
pub(super) struct RawServer {
    pub(super) name: String,
    protocol: Protocol,
    url: Option<Given<RawAddress>>,
    autodiscover_domains: Option<Given<Vec<Given<String>>>>,
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
        let protocols = one_of(&[("ews", Protocol::Ews), ("webdav", Protocol::Webdav)]);
        let protocol = section.text("protocol", protocols).map_or(Protocol::Ews, |given| given.value);
        let url = section.text("url", address);
        let autodiscover_domains = section.texts("autodiscover_domains", domain);
        let (auth, sign_in) = sign_in::read(section, url.as_ref().map(|url| &url.value), base);
        let notifications = one_of(&[
            ("streaming", Notifications::Streaming),
            ("pull", Notifications::Pull),
            ("push", Notifications::Push),
        ]);
        let access = one_of(&[("delegate", Access::Delegate), ("impersonation", Access::Impersonation)]);
        let raw = Self {
            name: name.value.to_owned(),
            protocol,
            url,
            autodiscover_domains,
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
        self.agree_on_protocol(notes);
        if let Some(Given { at, .. }) = self.fingerprint {
            if self.ca_file.is_some() {
                notes.mistake(at, "expected `ca_file` or `fingerprint`, found both");
            }
            if self.url.as_ref().is_some_and(|url| url.value.is_http()) {
                notes.mistake(
                    at,
                    "`fingerprint`: expected `url` by `https`, which shows a certificate, found `http`",
                );
            }
        }
        if let (Some(Given { at, .. }), Some(Given { value: RawAddress::Url(_), .. })) =
            (&self.autodiscover_domains, &self.url)
        {
            notes.mistake(
                *at,
                "`autodiscover_domains`: expected `url = \"autodiscover\"` with it, found an address",
            );
        }
        if let (Some(Auth::OAuth2), Some(Given { value: Access::Delegate, at })) = (self.auth, self.access) {
            notes.mistake(
                at,
                "`access`: expected `impersonation` with `auth = \"oauth2\"`, as an application has no mailbox rights of its \
                 own, found `delegate`",
            );
        }
    }

    /// Notes what the protocol does not know.
    fn agree_on_protocol(&self, notes: &mut Notes) {
        let at = |given: Option<usize>, sentence: &str, notes: &mut Notes| {
            if let Some(at) = given {
                notes.mistake(at, sentence);
            }
        };
        let url = self.url.as_ref();
        if self.protocol == Protocol::Ews {
            if self.auth == Some(Auth::Form) {
                let sentence =
                    "`auth`: expected `form` with `protocol = \"webdav\"` only, found it with `ews`";
                at(url.map(|url| url.at), sentence, notes);
            }
            return;
        }
        let only_ews = "`protocol = \"webdav\"`";
        let found = url.filter(|url| matches!(url.value, RawAddress::Autodiscover)).map(|url| url.at);
        at(
            found,
            "`url`: expected an address such as `https://server/exchange/` with `protocol = \"webdav\"`, found `autodiscover`",
            notes,
        );
        for (name, given) in
            [("access", self.access.map(|given| given.at)), ("version", self.version.map(|given| given.at))]
        {
            at(
                given,
                &format!("`{name}`: expected with `protocol = \"ews\"` only, found with {only_ews}"),
                notes,
            );
        }
        let other =
            self.notifications.filter(|given| given.value != Notifications::Pull).map(|given| given.at);
        at(
            other,
            "`notifications`: expected `pull` with `protocol = \"webdav\"`, which knows nothing else",
            notes,
        );
        if self.auth == Some(Auth::OAuth2) {
            let sentence = "`auth`: expected `basic`, `form`, `ntlm` or `negotiate` with `protocol = \"webdav\"`, found `oauth2`";
            at(url.map(|url| url.at), sentence, notes);
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
            protocol: self.protocol,
            address: match &self.url.as_ref()?.value {
                RawAddress::Url(url) => Address::Url(url.to_string()),
                RawAddress::Autodiscover => Address::Autodiscover(self.policy()),
            },
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
            renew_every: or(
                &self.renew_every,
                match self.protocol {
                    Protocol::Ews => 20 * MINUTE,
                    Protocol::Webdav => 40 * MINUTE,
                },
            ),
            reconcile_every: or(&self.reconcile_every, HOUR),
        };
        Some((ServerId::new(&self.name), config))
    }

    fn policy(&self) -> Policy {
        let domains = self.autodiscover_domains.iter().flat_map(|given| &given.value);
        Policy { domains: domains.map(|given| given.value.clone()).collect() }
    }

    /// Warns of a password, or at least of meetings, that the network can read.
    pub(super) fn warning(&self) -> Option<Warning> {
        let RawAddress::Url(url) = &self.url.as_ref()?.value else { return None };
        let (id, what) = match self.auth? {
            Auth::Basic | Auth::Form => ("password-in-clear", "the password"),
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

/// The address of web services, or that Autodiscover tells it.
fn address(text: &str) -> Result<RawAddress, String> {
    if text == "autodiscover" {
        return Ok(RawAddress::Autodiscover);
    }
    let url = web_url(text)?;
    if url.path() == "/" {
        return Err(format!(
            "expected a path such as `/EWS/Exchange.asmx`, or `/exchange/` over WebDAV, found none in `{text}`"
        ));
    }
    Ok(RawAddress::Url(url))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Config, ConfigError};
    use insta::assert_snapshot;
    use meeting_model::zone::ZoneDatabase;

    fn parse(server: &str) -> Result<Config, ConfigError> {
        let text = format!(
            "state_dir = \"s\"\n[feed]\nlisten = \"127.0.0.1:1\"\npublic_url = \"http://a.example.com\"\n[[room]]\nid = \"r\"\n\
             mailbox = \"r@example.com\"\nexchange = \"hq\"\ntime_zone = \"Europe/Berlin\"\nacceptance = \"proxy\"\n\
             [exchange.hq]\nprotocol = \"ews\"\n{server}"
        );
        Config::parse(&text, "c.toml", Path::new(""), &ZoneDatabase::bundled())
    }

    #[test]
    fn a_server_may_be_looked_for_in_the_domains_that_are_given() {
        let config = parse(
            "url = \"autodiscover\"\nautodiscover_domains = [\"Example.mail.onmicrosoft.com\"]\nusername = \"u\"\n\
             password_env = \"P\"\n",
        )
        .unwrap();
        let policy = Policy { domains: vec!["example.mail.onmicrosoft.com".to_owned()] };
        let server = &config.servers[&ServerId::new("hq")];
        assert_eq!(server.address, Address::Autodiscover(policy));
        assert!(config.warnings.iter().all(|warning| warning.id != "password-in-clear"));
    }

    #[test]
    fn what_does_not_go_with_looking_for_it_is_told() {
        let mistakes = |server: &str| parse(server).unwrap_err().to_string();
        assert_snapshot!(mistakes("url = \"https://a.example.com/EWS/Exchange.asmx\"\nautodiscover_domains = [\"com\", \"co.uk\"]\nusername = \"u\"\npassword_env = \"P\"\n"), @"
        c.toml:14:25: `autodiscover_domains`: expected a domain such as `example.mail.onmicrosoft.com`, found `com`
        c.toml:14:32: `autodiscover_domains`: expected a domain such as `example.mail.onmicrosoft.com`, found `co.uk`
        ");
        assert_snapshot!(mistakes("url = \"https://a.example.com/EWS/Exchange.asmx\"\nautodiscover_domains = [\"example.com\"]\nusername = \"u\"\npassword_env = \"P\"\n"), @r#"c.toml:14:24: `autodiscover_domains`: expected `url = "autodiscover"` with it, found an address"#);
        assert_snapshot!(mistakes("url = \"autodiscover\"\nauth = \"oauth2\"\ntenant = \"t\"\nclient_id = \"c\"\nclient_secret_env = \"S\"\n"), @"c.toml:11:1: missing key `scope` in [exchange.hq]: without an address it is not known what tokens are for");
    }
}
