//! What can go wrong, by what to do about it. No sentence holds a password, a person or a meeting.

use meeting_model::id::{DeviceId, RoomId};
use std::time::Duration;

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
    #[error(
        "device `{device}`: expected an address like `http://10.0.1.100/CGI/Execute`, without name, password or query"
    )]
    DeviceUrl {
        /// Which.
        device: DeviceId,
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
    /// There is no HTTP client.
    #[error("no http client for devices: check the machine's trusted certificates")]
    Client(#[source] reqwest::Error),
}

/// Why a device does not have the present. It is always tried again later; the sentence says who must act meanwhile.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PushError {
    /// No device of this name was set up.
    #[error(
        "device `{device}` is not configured: run `callboard reload` after a change of its configuration"
    )]
    Unconfigured {
        /// Which.
        device: DeviceId,
    },
    /// No connection.
    #[error("phone `{phone}`: cannot connect: check its power, its network and its address")]
    Unreachable {
        /// Its address.
        phone: String,
        /// What the network said.
        #[source]
        source: reqwest::Error,
    },
    /// Connected, but the answer did not come.
    #[error("phone `{phone}`: no answer within {} ms: restart it if this stays", after.as_millis())]
    TimedOut {
        /// Its address.
        phone: String,
        /// How long it was waited for.
        after: Duration,
    },
    /// Connected, but the exchange broke off.
    #[error("phone `{phone}`: the connection broke off: restart it if this stays")]
    BrokenOff {
        /// Its address.
        phone: String,
        /// What the network said.
        #[source]
        source: reqwest::Error,
    },
    /// Status 401 or 403, or CiscoIPPhoneError 4.
    #[error(
        "phone `{phone}`: refused our name and password: check them, check in CUCM that the user is associated with \
         this device, and that the phone reaches its Authentication URL"
    )]
    SignInRefused {
        /// Its address.
        phone: String,
    },
    /// Status 404.
    #[error(
        "phone `{phone}`: has no `/CGI/Execute`: enable `Web Access` for it in CUCM, and check that the address is a \
         Cisco IP phone's"
    )]
    NoExecute {
        /// Its address.
        phone: String,
    },
    /// Status 3xx: not followed, since the password would go along.
    #[error(
        "phone `{phone}`: redirects to `{location}`: configure the address that it wants to be spoken to at"
    )]
    Redirected {
        /// Its address.
        phone: String,
        /// Where to, without path and query.
        location: String,
    },
    /// Status 429 or 503.
    #[error("phone `{phone}`: is busy (status {status}): it is tried again later")]
    Busy {
        /// Its address.
        phone: String,
        /// HTTP status.
        status: u16,
        /// How long it asked us to wait.
        wait: Option<Duration>,
    },
    /// Any CiscoIPPhoneError but 4.
    #[error("phone `{phone}`: CiscoIPPhoneError {number}, {}", meaning(*number))]
    Rejected {
        /// Its address.
        phone: String,
        /// The error's number.
        number: u16,
    },
    /// A ResponseItem with a status other than 0.
    #[error(
        "phone `{phone}`: did not open the page, status {status}, `{data}`: check that its firmware supports XML services"
    )]
    NotOpened {
        /// Its address.
        phone: String,
        /// The item's status.
        status: i16,
        /// What the phone says of it.
        data: String,
    },
    /// Something that no phone answers.
    #[error(
        "phone `{phone}`: expected a CiscoIPPhoneResponse, found {found} (status {status}): check that the address is \
         a Cisco IP phone's"
    )]
    NotAPhone {
        /// Its address.
        phone: String,
        /// HTTP status.
        status: u16,
        /// What it answered.
        found: String,
    },
}

impl PushError {
    /// How long the device asked us to wait.
    pub(crate) fn wait(&self) -> Option<Duration> {
        match self {
            Self::Busy { wait, .. } => *wait,
            _ => None,
        }
    }
}

/// What the numbers mean: Cisco Unified IP Phone Services Application Development Notes 7.1, chapter 3,
/// "CiscoIPPhoneError".
fn meaning(number: u16) -> &'static str {
    match number {
        1 => "it could not parse the request: update its firmware",
        2 => "it could not frame its response: restart it if this stays",
        3 => "it has an internal file error: restart it if this stays",
        _ => "which the guide does not name: look into the phone's own log",
    }
}
