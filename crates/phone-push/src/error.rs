//! What can go wrong, by what to do about it. No sentence holds a password, a person or a meeting.

use meeting_model::id::{DeviceId, RoomId};
use std::{error::Error, fmt, time::Duration};

/// Why the devices cannot be set up. The configuration has to be mended.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// The address under which devices reach the feed is not one.
    #[error("public url `{url}`: expected an address like `http://callboard.example.com:8080`")]
    PublicUrl {
        /// What was configured.
        url: String,
    },
    /// A device's address is not one.
    #[error("device `{device}`: expected an address like `{like}`, without name, password or query")]
    DeviceUrl {
        /// Which.
        device: DeviceId,
        /// What such addresses look like.
        like: &'static str,
    },
    /// A phone takes 512 bytes and addresses of 256 characters: Cisco Unified IP Phone Services Application
    /// Development Notes 7.1, chapter 3, and CiscoIPPhone.xsd.
    #[error(
        "room `{room}`: the address of its page does not fit a push to a phone: expected at most {most} {what}, found \
         {found}: shorten the public url or the room's id"
    )]
    TooLong {
        /// Which room.
        room: RoomId,
        /// What is counted.
        what: &'static str,
        /// How many may be.
        most: usize,
        /// How many there are.
        found: usize,
    },
    /// What was given as certificates to trust holds none.
    #[error("device `{device}`: expected certificates in PEM or DER to trust, found none")]
    Certificates {
        /// Whose.
        device: DeviceId,
    },
    /// There is no HTTP client.
    #[error("no http client for devices: check the machine's trusted certificates")]
    Client(#[source] reqwest::Error),
}

/// What a kind of device is called, and what helps where it refuses.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Words {
    /// `phone`.
    pub(crate) what: &'static str,
    /// What to do where it cannot be connected to.
    pub(crate) away: &'static str,
    /// What to do where it says nothing, or hangs up.
    pub(crate) silent: &'static str,
    /// What it refuses by its status 401, and what to do.
    pub(crate) sign_in: &'static str,
    /// What is wrong, and what to do, where it knows no such path.
    pub(crate) not_found: &'static str,
    /// What it answers as a rule.
    pub(crate) expected: &'static str,
    /// What its address should be.
    pub(crate) address_of: &'static str,
}

/// One device, for sentences about it.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    pub(crate) words: &'static Words,
    pub(crate) address: String,
}

impl Place {
    /// What went wrong here.
    pub(crate) fn error(&self, fault: Fault) -> PushError {
        PushError { place: self.clone(), fault }
    }

    /// It answered something that it does not, as a rule.
    pub(crate) fn unexpected(&self, status: u16, found: impl Into<String>) -> PushError {
        self.error(Fault::Unexpected { status, found: found.into() })
    }
}

/// Why a device does not have the present. It is always tried again later; the sentence says who must act meanwhile.
#[derive(Debug)]
pub(crate) struct PushError {
    pub(crate) place: Place,
    pub(crate) fault: Fault,
}

impl fmt::Display for PushError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Words { what, away, silent, sign_in, not_found, expected, address_of } = self.place.words;
        write!(f, "{what} `{}`: {}", self.place.address, self.fault)?;
        match &self.fault {
            Fault::Unreachable(_) => write!(f, ": {away}"),
            Fault::TimedOut(_) | Fault::BrokenOff(_) => write!(f, ": {silent}"),
            Fault::SignInRefused => f.write_str(sign_in),
            Fault::NotFound => f.write_str(not_found),
            Fault::Unexpected { status, found } => write!(
                f,
                "expected {expected}, found {found} (status {status}): check that the address is {address_of}"
            ),
            _ => Ok(()),
        }
    }
}

impl Error for PushError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.fault.source()
    }
}

/// What went wrong.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Fault {
    /// No device of this name was set up.
    #[error("is not configured: run `callboard reload` after a change of its configuration")]
    Unconfigured,
    /// No connection.
    #[error("cannot connect")]
    Unreachable(#[source] Box<dyn Error + Send + Sync>),
    /// Connected, but the answer did not come.
    #[error("no answer within {} s", .0.as_secs_f32())]
    TimedOut(Duration),
    /// Connected, but the exchange broke off.
    #[error("the connection broke off")]
    BrokenOff(#[source] Box<dyn Error + Send + Sync>),
    /// Its certificate is not one that is trusted.
    #[error(
        "its certificate is not trusted: give it one that this machine trusts, or configure `ca_file` or the \
         `fingerprint` of the one it has"
    )]
    Untrusted(#[source] Box<dyn Error + Send + Sync>),
    /// It refuses our name and password.
    #[error("")]
    SignInRefused,
    /// Status 404.
    #[error("")]
    NotFound,
    /// Status 3xx: not followed, since the password would go along. Where to, without path and query.
    #[error("redirects to `{0}`: configure the address that it wants to be spoken to at")]
    Redirected(String),
    /// Status 429 or 503.
    #[error("is busy (status {status}): it is tried again later")]
    Busy {
        /// HTTP status.
        status: u16,
        /// How long it asked us to wait.
        wait: Option<Duration>,
    },
    /// It is another device than the one that was configured, or that was here before.
    #[error(
        "expected `{expected}`, found `{found}` at its address, which is shown nothing: give this device's address, \
         or the new device's name"
    )]
    AnotherDevice {
        /// Whom we meant.
        expected: String,
        /// Who is there.
        found: String,
    },
    /// It does not say who it is, though it was asked for by name.
    #[error(
        "expected it to say in its DeviceInformationX that it is `{expected}`, found {}, so that it is shown nothing: {}",
        of_information(*.status), for_information(*.status)
    )]
    Unidentified {
        /// Whom we meant.
        expected: String,
        /// The HTTP status of what it said.
        status: u16,
    },
    /// Any CiscoIPPhoneError but 4.
    #[error("CiscoIPPhoneError {}", meaning(*.0))]
    PhoneError(u16),
    /// A ResponseItem with a status other than 0.
    #[error(
        "did not open the page, status {status}, `{data}`: check that its firmware supports XML services"
    )]
    NotOpened {
        /// The item's status.
        status: i16,
        /// What the phone says of it.
        data: String,
    },
    /// A command was refused, for this reason in the device's own words.
    #[error("refused the list of meetings, `{0}`: check that our user has the role Admin")]
    Refused(String),
    /// Neither way of giving it a list of meetings is known to it.
    #[error(
        "knows neither `Bookings Put` nor `/bookingsputxml`: check that it is a video endpoint of Cisco's with TC7 or \
         later, and not a Teams room"
    )]
    NoBookings,
    /// There is no WebSocket; it answered with this status.
    #[error(
        "opens no WebSocket (status {0}): set NetworkServices Websocket to FollowHTTPService, or configure `transport = \
         \"http\"`"
    )]
    NoWebSocket(u16),
    /// It answered something that it does not, as a rule.
    #[error("")]
    Unexpected {
        /// HTTP status.
        status: u16,
        /// What it answered.
        found: String,
    },
    /// Whoever answers speaks no MQTT.
    #[error("expected an MQTT broker, found something else at its address: check `url`")]
    NotABroker(#[source] Box<dyn Error + Send + Sync>),
    /// The broker does not take us, for this reason.
    #[error("the broker refused us, {0}: check name, password and what they may publish")]
    BrokerRefused(String),
}

impl PushError {
    /// How long the device asked us to wait.
    pub(crate) fn wait(&self) -> Option<Duration> {
        match self.fault {
            Fault::Busy { wait, .. } => wait,
            _ => None,
        }
    }
}

/// What a phone said in place of its name.
fn of_information(status: u16) -> String {
    if status == 200 { "no name".to_owned() } else { format!("status {status}") }
}

/// What to do about that.
fn for_information(status: u16) -> &'static str {
    match status {
        200 => "check that the address is a Cisco IP phone's",
        401 => "phones ask nobody for a password there: check that the address is a Cisco IP phone's",
        403 | 404 => "enable `Web Access` for it in CUCM",
        _ => "restart it if this stays",
    }
}

/// What the numbers mean: Cisco Unified IP Phone Services Application Development Notes 7.1, chapter 3,
/// "CiscoIPPhoneError".
fn meaning(number: u16) -> String {
    let meaning = match number {
        1 => "it could not parse the request: update its firmware",
        2 => "it could not frame its response: restart it if this stays",
        3 => "it has an internal file error: restart it if this stays",
        _ => "which the guide does not name: look into the phone's own log",
    };
    format!("{number}, {meaning}")
}
