//! The devices as they are configured.

use meeting_model::id::RoomId;
use secrecy::SecretString;
use std::time::Duration;
use sync_engine::timetable::Reminders;

/// One device as it is configured.
#[derive(Debug, Clone)]
pub struct DeviceTarget {
    /// Whose meetings it shows.
    pub room: RoomId,
    /// When people in front of it are reminded; absent where they are not, or where the device does that by itself.
    pub reminders: Option<Reminders>,
    /// What it is, and how it is spoken to.
    pub kind: DeviceKind,
}

/// What a device is, and with that how it is spoken to.
#[derive(Debug, Clone)]
pub enum DeviceKind {
    /// A Cisco IP phone, under CUCM or on its own (SPA, MPP).
    CiscoIpPhone(Phone),
    /// A Cisco video endpoint with RoomOS, CE or TC.
    RoomOs(Endpoint),
    /// A Cisco video endpoint in provisioning mode TMS, which asks us.
    Tms(Poller),
    /// A program that takes POSTs.
    Webhook(Hook),
    /// A topic of an MQTT broker.
    Mqtt(Broker),
}

/// Who signs in, and with which password.
#[derive(Debug, Clone)]
pub struct Account {
    /// Who.
    pub username: String,
    /// With which password.
    pub password: SecretString,
}

/// A Cisco IP phone.
#[derive(Debug, Clone)]
pub struct Phone {
    /// Its address, `http` or `https`: `http://10.0.1.100/CGI/Execute`; without a path that one is meant.
    pub url: String,
    /// How it is signed in to.
    pub sign_in: PhoneSignIn,
    /// Its device name, `SEP` and its MAC address, or that address alone. Where it is given, whatever else is at its
    /// address is shown nothing; where it is not, whatever is there first counts as it.
    pub name: Option<String>,
}

/// How a phone is signed in to.
#[derive(Debug, Clone)]
pub enum PhoneSignIn {
    /// RFC 7617: under CUCM, whose user has to be associated with the phone.
    Basic(Account),
    /// RFC 7616: a phone on its own, with "CISCO XML EXE Auth Mode" set to a credential.
    Digest(Account),
    /// Not at all: a phone on its own with that set to "Trusted".
    None,
}

/// A Cisco video endpoint.
#[derive(Debug, Clone)]
pub struct Endpoint {
    /// Its address, `http` or `https`, without a path.
    pub url: String,
    /// A local user with the role Admin.
    pub account: Account,
    /// How commands travel.
    pub transport: Transport,
    /// Whose certificate it may show.
    pub trust: Trust,
}

/// How commands travel to a video endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    /// `POST /putxml`, one connection a command. The device calls back by HttpFeedback.
    Http,
    /// JSON-RPC over a WebSocket that stays open. The device calls back on it.
    WebSocket,
}

/// Whose certificate a device may show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trust {
    /// Whoever the machine's own authorities vouch for.
    System,
    /// These authorities as well, in PEM or DER.
    Authorities(Vec<u8>),
    /// The one certificate with this SHA-256 digest; nothing else of it is looked at.
    Pinned([u8; 32]),
}

/// A Cisco video endpoint that asks us.
#[derive(Debug, Clone)]
pub struct Poller {
    /// Its MAC address or its serial number: what it says it is.
    pub identity: String,
    /// The last part of the path that it asks at, so that nobody else is answered.
    pub token: SecretString,
}

/// A program that takes POSTs.
#[derive(Debug, Clone)]
pub struct Hook {
    /// Its address, `http` or `https`.
    pub url: String,
    /// What the POSTs are signed with.
    pub secret: SecretString,
    /// Whose certificate it may show.
    pub trust: Trust,
}

/// A topic of an MQTT broker.
#[derive(Debug, Clone)]
pub struct Broker {
    /// The broker: `mqtt://host:1883`, or `mqtts://host:8883` with TLS.
    pub url: String,
    /// The topic whose retained message is what the room shows.
    pub topic: String,
    /// Who signs in, where anybody has to.
    pub account: Option<Account>,
    /// Whose certificate it may show.
    pub trust: Trust,
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
