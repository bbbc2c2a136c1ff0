//! A room's meetings in the words of Cisco's video endpoints: "bookings". They take the complete list each time.

pub(crate) mod put;
pub(crate) mod xml;

use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use meeting_model::{
    display::{Displayed, Present},
    join::{Dials, Join, JoinRule},
    withheld::Withheld,
};
use sha2::{Digest, Sha256};

/// The farthest that an endpoint is told of: what Cisco's own TMS pushes.
const HORIZON: TimeDelta = TimeDelta::hours(72);

/// The list is looked at again at least so often: what comes over the horizon is on it then.
const LOOK_AGAIN: TimeDelta = TimeDelta::hours(1);

/// How long before its start a meeting can be joined, in seconds: what TMS allows.
const EARLY_JOIN: u32 = 300;

/// What a device that dials is given: a present, and how those of its meetings are joined of which no display says it.
pub(crate) struct Dialling {
    pub(crate) present: Present,
    pub(crate) withheld: Withheld,
}

/// One meeting as an endpoint lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Booking {
    id: String,
    title: String,
    organizer: Option<String>,
    private: bool,
    pub(crate) start: DateTime<Utc>,
    pub(crate) end: DateTime<Utc>,
    dial: Option<Dial>,
}

/// What its button dials.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Dial {
    number: String,
    protocol: Protocol,
    platform: Option<Platform>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Protocol {
    Sip,
    H323,
    WebRtc,
}

/// Whose meeting it is, for the icon beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Platform {
    GoogleMeet,
    MicrosoftTeams,
    Zoom,
    Webex,
}

impl Platform {
    fn word(self) -> &'static str {
        match self {
            Self::GoogleMeet => "GoogleMeet",
            Self::MicrosoftTeams => "MicrosoftTeams",
            Self::Zoom => "Zoom",
            Self::Webex => "Webex",
        }
    }

    fn of_rule(rule: JoinRule) -> Option<Self> {
        match rule {
            JoinRule::Webex => Some(Self::Webex),
            JoinRule::Teams => Some(Self::MicrosoftTeams),
            JoinRule::Zoom => Some(Self::Zoom),
            JoinRule::GoogleMeet => Some(Self::GoogleMeet),
            _ => None,
        }
    }

    /// By the server's own link, whatever rule took it up.
    fn of_link(link: &str) -> Option<Self> {
        let (_, rest) = link.split_once("://")?;
        let host = rest.split(['/', '?', '#', ':']).next()?;
        let is_of = |domain: &str| {
            host == domain || host.strip_suffix(domain).is_some_and(|above| above.ends_with('.'))
        };
        [
            (Self::MicrosoftTeams, &["teams.microsoft.com", "teams.live.com"][..]),
            (Self::GoogleMeet, &["meet.google.com"]),
            (Self::Webex, &["webex.com"]),
            (Self::Zoom, &["zoom.us", "zoom.com"]),
        ]
        .into_iter()
        .find(|(_, domains)| domains.iter().any(|domain| is_of(domain)))
        .map(|(platform, _)| platform)
    }
}

/// What is coming or runs, in order, as far as the horizon. That is counted from the whole hour: the list changes when what
/// it holds does, and not with every look.
pub(crate) fn of_present(Dialling { present, withheld }: &Dialling, dials: Dials) -> Vec<Booking> {
    listed(present).map(|meeting| booking(meeting, withheld.join(meeting), dials)).collect()
}

fn listed(present: &Present) -> impl Iterator<Item = &Displayed> {
    let horizon = hour(present) + HORIZON;
    present.meetings.iter().filter(move |meeting| meeting.gone_at() > present.now && meeting.start < horizon)
}

fn hour(present: &Present) -> DateTime<Utc> {
    present.now.duration_trunc(LOOK_AGAIN).unwrap_or(present.now)
}

/// A digest of a list, and from when on it is another.
pub(crate) fn showing(dialling: &Dialling, dials: Dials) -> (String, DateTime<Utc>) {
    let (present, bookings) = (&dialling.present, of_present(dialling, dials));
    // the same for every way it may be put: what is remembered of a device does not depend on that
    let digest = Sha256::digest(xml::set(&bookings));
    let ends = listed(present).map(Displayed::gone_at);
    (hex::encode(digest), ends.fold(hour(present) + LOOK_AGAIN, DateTime::min))
}

fn booking(meeting: &Displayed, join: Option<&Join>, dials: Dials) -> Booking {
    Booking {
        id: meeting.key.to_string(),
        title: meeting.title().to_owned(),
        organizer: meeting.organizer().map(str::to_owned),
        private: meeting.is_private(),
        start: meeting.start,
        end: meeting.end,
        dial: join.and_then(|join| dial(join, dials)),
    }
}

/// With WebRTC endpoints know Microsoft Teams and Google Meet; the other links nobody can open there.
fn dial(join: &Join, dials: Dials) -> Option<Dial> {
    let is_link = |address: &str| address.starts_with("https://") || address.starts_with("http://");
    let found = join.for_display(dials)?;
    let link = join.web.as_ref().and_then(|web| Platform::of_link(&web.address));
    let platform = Platform::of_rule(found.rule).or(link);
    if is_link(&found.address) {
        let opens = matches!(platform, Some(Platform::GoogleMeet | Platform::MicrosoftTeams));
        return match (opens, &join.number) {
            (true, _) => Some(Dial { number: found.address.clone(), protocol: Protocol::WebRtc, platform }),
            (false, Some(number)) => {
                Some(Dial { number: number.address.clone(), protocol: Protocol::Sip, platform })
            }
            (false, None) => None,
        };
    }
    Some(match found.address.strip_prefix("h323:") {
        Some(address) => Dial { number: address.to_owned(), protocol: Protocol::H323, platform },
        None => Dial {
            number: found.address.trim_start_matches("sip:").to_owned(),
            protocol: Protocol::Sip,
            platform,
        },
    })
}

/// As both formats write instants.
fn zulu(instant: DateTime<Utc>) -> String {
    instant.format("%Y-%m-%dT%H:%M:%SZ").to_string()
}
