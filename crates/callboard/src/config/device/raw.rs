//! `[[room.device]]` as it was typed: which keys there are depends on the kind.

use super::{DeviceConfig, KindConfig, PhoneSignInConfig, TrustConfig};
use crate::config::{
    notes::Given,
    secret::{self, SecretSource},
    section::Section,
    sign_in::AccountConfig,
    value::{filled, fingerprint, one_of, span, web_url},
};
use meeting_model::id::{DeviceId, RoomId};
use phone_push::{Transport, phone_name};
use std::{
    path::{Path, PathBuf},
    time::Duration,
};
use subscriber::Fingerprint;
use sync_engine::timetable::Reminders;
use url::{Host, Url};

/// The kinds there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Word {
    CiscoIpPhone,
    RoomOs,
    Tms,
    Webhook,
    Mqtt,
}

const WORDS: [(&str, Word); 5] = [
    ("cisco-ip-phone", Word::CiscoIpPhone),
    ("cisco-roomos", Word::RoomOs),
    ("cisco-tms", Word::Tms),
    ("webhook", Word::Webhook),
    ("mqtt", Word::Mqtt),
];

/// The keys that a device of some kind has, besides [`SECRETS`].
const EVERY_KEY: [&str; 11] = [
    "auth",
    "ca_file",
    "fingerprint",
    "identity",
    "name",
    "remind_before",
    "reminders",
    "topic",
    "transport",
    "url",
    "username",
];

/// The keys that name where a device's secret is.
const SECRETS: [(&str, &str); 3] =
    [("password_file", "password_env"), ("token_file", "token_env"), ("secret_file", "secret_env")];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum PhoneAuth {
    Basic,
    Digest,
    None,
}

/// `[[room.device]]` as it was typed.
#[derive(Debug)]
pub(in crate::config) struct RawDevice {
    kind: Option<Given<Word>>,
    pub(in crate::config) url: Option<Given<Url>>,
    identity: Option<Given<String>>,
    topic: Option<Given<String>>,
    name: Option<Given<String>>,
    auth: PhoneAuth,
    username: Option<Given<String>>,
    secret: Option<SecretSource>,
    transport: Transport,
    trust: Option<TrustConfig>,
    reminders: Option<Reminders>,
}

impl RawDevice {
    pub(in crate::config) fn read(section: &mut Section<'_>, base: &Path) -> Self {
        section.require(&["kind"]);
        let kind = section.text("kind", one_of(&WORDS));
        let mut raw = Self {
            url: None,
            identity: None,
            topic: None,
            name: None,
            auth: PhoneAuth::Basic,
            username: None,
            secret: None,
            transport: Transport::Http,
            trust: None,
            reminders: None,
            kind,
        };
        let Some(kind) = raw.kind.as_ref().map(|kind| kind.value) else {
            pass_over(section);
            return raw;
        };
        match kind {
            Word::CiscoIpPhone => raw.read_phone(section, base),
            Word::RoomOs => raw.read_endpoint(section, base),
            Word::Tms => {
                section.require(&["identity"]);
                raw.identity = section.text("identity", filled);
                raw.secret = secret::read(section, "token_file", "token_env", base);
            }
            Word::Webhook => {
                section.require(&["url"]);
                raw.url = section.text("url", web_url);
                raw.secret = secret::read(section, "secret_file", "secret_env", base);
                raw.trust = trust(section, base);
                raw.reminders = reminders(section);
            }
            Word::Mqtt => raw.read_topic(section, base),
        }
        raw
    }

    fn read_phone(&mut self, section: &mut Section<'_>, base: &Path) {
        section.require(&["url"]);
        let auth =
            one_of(&[("basic", PhoneAuth::Basic), ("digest", PhoneAuth::Digest), ("none", PhoneAuth::None)]);
        self.url = section.text("url", web_url);
        self.name = section.text("name", filled);
        self.auth = section.text("auth", auth).map_or(PhoneAuth::Basic, |given| given.value);
        if self.auth != PhoneAuth::None {
            self.read_account(section, base);
        }
        self.reminders = reminders(section);
    }

    fn read_endpoint(&mut self, section: &mut Section<'_>, base: &Path) {
        section.require(&["url"]);
        let transport = one_of(&[("http", Transport::Http), ("websocket", Transport::WebSocket)]);
        self.url = section.text("url", web_url);
        self.transport = section.text("transport", transport).map_or(Transport::Http, |given| given.value);
        self.read_account(section, base);
        self.trust = trust(section, base);
    }

    fn read_topic(&mut self, section: &mut Section<'_>, base: &Path) {
        section.require(&["url", "topic"]);
        self.url = section.text("url", broker_url);
        self.topic = section.text("topic", topic);
        if ["username", "password_file", "password_env", "password"].iter().any(|key| section.holds(key)) {
            self.read_account(section, base);
        }
        self.trust = trust(section, base);
        self.reminders = reminders(section);
    }

    fn read_account(&mut self, section: &mut Section<'_>, base: &Path) {
        section.require(&["username"]);
        self.username = section.text("username", filled);
        self.secret = secret::read(section, "password_file", "password_env", base);
    }

    /// The key that tells which device it is, and where in the text it stands.
    pub(in crate::config) fn told_by(&self) -> Option<(&'static str, usize)> {
        let identity = self.identity.as_ref().map(|identity| ("identity", identity.at));
        let topic = || self.topic.as_ref().map(|topic| ("topic", topic.at));
        identity.or_else(topic).or_else(|| self.url.as_ref().map(|url| ("url", url.at)))
    }

    /// Whether it fetches pages or calls back from another machine.
    pub(in crate::config) fn calls_from(&self) -> Option<&Url> {
        let calls = matches!(self.kind.as_ref()?.value, Word::CiscoIpPhone | Word::RoomOs);
        self.url.as_ref().filter(|_| calls).map(|url| &url.value)
    }

    /// Its id in a room.
    pub(in crate::config) fn id(&self, room: &RoomId) -> Option<DeviceId> {
        let kind = self.kind.as_ref()?.value;
        let (word, _) = WORDS.iter().find(|(_, one)| *one == kind)?;
        let place = match kind {
            Word::Tms => plain(&self.identity.as_ref()?.value),
            Word::CiscoIpPhone | Word::RoomOs => self.host()?,
            Word::Webhook => {
                format!("{}{}", self.host()?, self.url.as_ref()?.value.path().trim_end_matches('/'))
            }
            Word::Mqtt => format!("{}/{}", self.host()?, self.topic.as_ref()?.value),
        };
        Some(DeviceId::new(format!("{room}/{word}@{place}")))
    }

    /// Host and, where it is not the scheme's own, port.
    fn host(&self) -> Option<String> {
        let url = &self.url.as_ref()?.value;
        let port = url.port().map_or_else(String::new, |port| format!(":{port}"));
        Some(format!("{}{port}", url.host_str()?))
    }

    /// By what it is known to be the device of another room as well: its place and, of a phone, its name. What shows
    /// meetings itself is at a place of its own, however that is written: by `http` or `https`, with the scheme's own port
    /// or none. Behind another port, or another path of a proxy, is another device.
    pub(in crate::config) fn known_by(&self, room: &RoomId) -> Vec<(&'static str, Given<String>)> {
        let Some((key, at)) = self.told_by() else { return Vec::new() };
        let place = self.screen().or_else(|| self.address(room));
        let name =
            self.name.as_ref().map(|name| ("name", Given { value: phone_name(&name.value), at: name.at }));
        place.map(|value| (key, Given { value, at })).into_iter().chain(name).collect()
    }

    /// Where a phone or an endpoint is.
    fn screen(&self) -> Option<String> {
        let url = self.calls_from()?;
        let host = match url.host()? {
            Host::Domain(name) => name.trim_end_matches('.').to_owned(),
            Host::Ipv4(address) => address.to_string(),
            Host::Ipv6(address) => address.to_canonical().to_string(),
        };
        let port = match url.port_or_known_default() {
            None | Some(80 | 443) => String::new(),
            Some(port) => format!(":{port}"),
        };
        let path = match url.path().trim_end_matches('/') {
            "" | "/CGI/Execute" => "",
            _ if self.kind.as_ref()?.value == Word::RoomOs => "",
            path => path,
        };
        Some(format!("{host}{port}{path}"))
    }

    /// What tells it from every other device. A phone or an endpoint shows one room. A webhook's address may stand in many rooms:
    /// every post names its room, and one program for a whole building is how they are mostly received, so that nobody is
    /// warned of it.
    pub(in crate::config) fn address(&self, room: &RoomId) -> Option<String> {
        let kind = self.kind.as_ref()?.value;
        if kind == Word::Tms {
            return Some(plain(&self.identity.as_ref()?.value));
        }
        let url = &self.url.as_ref()?.value;
        let port = url.port_or_known_default().unwrap_or(if url.scheme() == "mqtts" { 8883 } else { 1883 });
        let host = format!("{}:{port}", url.host_str()?);
        Some(match kind {
            Word::CiscoIpPhone if url.path() == "/" => format!("{host}/CGI/Execute"),
            Word::CiscoIpPhone => format!("{host}{}", url.path()),
            Word::RoomOs | Word::Tms => host,
            Word::Webhook => format!("{host}{} for {room}", url.path()),
            Word::Mqtt => format!("{host}/{}", self.topic.as_ref()?.value),
        })
    }

    pub(in crate::config) fn meaning(&self, room: &RoomId) -> Option<DeviceConfig> {
        let url = || self.url.as_ref().map(|url| url.value.clone());
        let trust = || self.trust.clone();
        let kind = match self.kind.as_ref()?.value {
            Word::CiscoIpPhone => KindConfig::CiscoIpPhone {
                url: url()?,
                sign_in: match self.auth {
                    PhoneAuth::Basic => PhoneSignInConfig::Basic(self.account()?),
                    PhoneAuth::Digest => PhoneSignInConfig::Digest(self.account()?),
                    PhoneAuth::None => PhoneSignInConfig::None,
                },
                name: self.name.as_ref().map(|name| name.value.clone()),
            },
            Word::RoomOs => KindConfig::RoomOs {
                url: url()?,
                account: self.account()?,
                transport: self.transport,
                trust: trust()?,
            },
            Word::Tms => KindConfig::Tms {
                identity: self.identity.as_ref()?.value.clone(),
                token: self.secret.clone()?,
            },
            Word::Webhook => {
                KindConfig::Webhook { url: url()?, secret: self.secret.clone()?, trust: trust()? }
            }
            Word::Mqtt => KindConfig::Mqtt {
                url: url()?,
                topic: self.topic.as_ref()?.value.clone(),
                account: self.account(),
                trust: trust()?,
            },
        };
        Some(DeviceConfig {
            id: self.id(room)?,
            address: self.address(room)?,
            reminders: self.reminders,
            kind,
        })
    }

    fn account(&self) -> Option<AccountConfig> {
        let username = self.username.as_ref()?.value.clone();
        Some(AccountConfig { username, password: self.secret.clone()? })
    }
}

/// Of a kind that is mistyped, or not said, nobody knows which keys belong.
fn pass_over(section: &mut Section<'_>) {
    for key in EVERY_KEY {
        section.pass_over(key);
    }
    for (file_key, environment_key) in SECRETS {
        for key in [file_key, environment_key] {
            section.pass_over(key);
        }
        secret::refuse_itself(section, file_key, environment_key);
    }
}

/// A MAC address or a serial number without what separates its digits.
fn plain(identity: &str) -> String {
    identity.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_uppercase()
}

/// Nothing where there is a mistake.
fn trust(section: &mut Section<'_>, base: &Path) -> Option<TrustConfig> {
    let file: Option<Given<PathBuf>> = section.text("ca_file", |text| Ok(base.join(filled(text)?)));
    let pinned: Option<Given<Fingerprint>> = section.text("fingerprint", fingerprint);
    match (file, pinned) {
        (None, None) => Some(TrustConfig::System),
        (Some(file), None) => Some(TrustConfig::File(file.value)),
        (None, Some(pinned)) => Some(TrustConfig::Pinned(pinned.value)),
        (Some(_), Some(pinned)) => {
            section.notes.mistake(pinned.at, "expected `ca_file` or `fingerprint`, found both");
            None
        }
    }
}

fn reminders(section: &mut Section<'_>) -> Option<Reminders> {
    let wanted = section.switch("reminders").is_none_or(|given| given.value);
    let before = section.text("remind_before", span(Duration::from_mins(1)..=Duration::from_hours(24)));
    let before = before.map_or_else(Reminders::default, |given| Reminders { before: given.value });
    wanted.then_some(before)
}

fn broker_url(text: &str) -> Result<Url, String> {
    let like = "a broker such as `mqtt://broker.example.com:1883` or `mqtts://broker.example.com`";
    match Url::parse(text) {
        Ok(url) if !matches!(url.scheme(), "mqtt" | "mqtts") || url.host_str().is_none_or(str::is_empty) => {
            Err(format!("expected {like}, found `{text}`"))
        }
        Ok(url) if !url.username().is_empty() || url.password().is_some() => Err(format!(
            "expected {like}, found a name or password in it: give them as `username` and `password_file`"
        )),
        Ok(url) => Ok(url),
        Err(_) => Err(format!("expected {like}, found `{text}`")),
    }
}

/// A topic that can be published to (MQTT 3.1.1 §4.7).
fn topic(text: &str) -> Result<String, String> {
    let fits = (1..=65_000).contains(&text.len()) && !text.contains(['+', '#', '\0']);
    if fits {
        Ok(text.to_owned())
    } else {
        Err(format!("expected a topic without `+` and `#`, found `{text}`"))
    }
}
