//! Section F of the rules: the address to join a meeting by, read out of its invitation.
//!
//! Three places are searched, the surest first: the server's own link (JoinOnlineMeetingUrl), the location, the body. In each
//! the rules are tried in the order of [`JoinRules::order`], and the first that finds an address wins. What can be dialled
//! differs by display, so the three kinds of address are found independently: a video address, a number and a link.
//!
//! Nothing is looked up, and nothing is guessed from how many digits a number has: labels tell which number is which.

mod address;
mod labels;
mod platform;
mod text;

use address::Token;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::{fmt, ops::RangeInclusive};
use text::Text;

/// Raised whenever a rule finds something else than it did, so that calendars are read for it again.
const RULES: u32 = 2;

/// What an invitation says of how to join.
#[derive(Clone, Copy, Default)]
pub struct Invitation<'a> {
    /// JoinOnlineMeetingUrl (EWS, since Exchange 2013).
    pub online_meeting_url: Option<&'a str>,
    /// The location text.
    pub location: Option<&'a str>,
    /// The body.
    pub body: Option<Body<'a>>,
    /// The addresses of its organizer and attendees: never one to join by.
    pub people: &'a [&'a str],
}

/// A body as it was sent.
#[derive(Clone, Copy)]
pub enum Body<'a> {
    /// Plain text.
    Text(&'a str),
    /// HTML.
    Html(&'a str),
}

/// How to look for addresses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JoinRules {
    /// The rules in their order. One that is not named is not used.
    pub order: Vec<JoinRule>,
    /// The site's own domains: only addresses of these are taken from a body by their scheme alone. Subdomains count.
    pub domains: Vec<String>,
    /// The site's numbers.
    pub numbers: Vec<NumberPattern>,
}

impl Default for JoinRules {
    fn default() -> Self {
        Self { order: JoinRule::ALL.to_vec(), domains: Vec::new(), numbers: Vec::new() }
    }
}

impl JoinRules {
    /// A digest of what addresses are looked for with, in hex. Where it differs from what a room was read with, the room is
    /// read again: bodies are not kept.
    pub fn digest(&self) -> String {
        // Plain data without maps has one form in JSON.
        hex::encode(Sha256::digest(serde_json::to_vec(&(RULES, self)).unwrap_or_default()))
    }
}

/// A number that a site dials meetings by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NumberPattern {
    /// What stands before it in its line, in any case; absent: nothing has to.
    pub label: Option<String>,
    /// What it begins with, perhaps nothing.
    pub prefix: String,
    /// How many digits it has, its prefix counted.
    pub digits: RangeInclusive<usize>,
}

/// A rule that finds addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum JoinRule {
    /// The server's own link, as it is.
    OnlineMeetingUrl,
    /// `sip:`, `sips:` or `h323:` in the location, or an address of the site's domains.
    LocationUri,
    /// Webex: personal rooms, access codes, addresses.
    Webex,
    /// Teams: its link, and the video id of an interop gateway.
    Teams,
    /// Zoom: its link, and the address of its room connector.
    Zoom,
    /// Pexip: its web app's links.
    Pexip,
    /// Google Meet: its link.
    GoogleMeet,
    /// A number of the site's.
    Number,
    /// `sip:`, `sips:` or `h323:` in the body, of the site's domains.
    BodyUri,
}

impl JoinRule {
    /// Every rule, in the order they are tried in unless a site says otherwise.
    pub const ALL: [Self; 9] = [
        Self::OnlineMeetingUrl,
        Self::LocationUri,
        Self::Webex,
        Self::Teams,
        Self::Zoom,
        Self::Pexip,
        Self::GoogleMeet,
        Self::Number,
        Self::BodyUri,
    ];

    /// What it is called, as `google-meet`.
    pub fn id(self) -> &'static str {
        match self {
            Self::OnlineMeetingUrl => "online-meeting-url",
            Self::LocationUri => "location-uri",
            Self::Webex => "webex",
            Self::Teams => "teams",
            Self::Zoom => "zoom",
            Self::Pexip => "pexip",
            Self::GoogleMeet => "google-meet",
            Self::Number => "number",
            Self::BodyUri => "body-uri",
        }
    }
}

/// Where an address was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Place {
    /// The server's own link.
    OnlineMeetingUrl,
    /// The location.
    Location,
    /// The body.
    Body,
}

impl Place {
    /// What it is called, as `body`.
    pub fn id(self) -> &'static str {
        match self {
            Self::OnlineMeetingUrl => "online-meeting-url",
            Self::Location => "location",
            Self::Body => "body",
        }
    }
}

/// An address, and how it was found. Its `Debug` does not tell it: it may be a name.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// What to dial or to open.
    pub address: String,
    /// The rule that found it.
    pub rule: JoinRule,
    /// Where it was found.
    pub place: Place,
}

impl fmt::Debug for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Found").field("rule", &self.rule).field("place", &self.place).finish_non_exhaustive()
    }
}

/// How a meeting can be joined.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Join {
    /// A SIP address (`user@host`, RFC 3261 §19.1) or an H.323 one (`h323:...`, RFC 3508).
    pub video: Option<Found>,
    /// Digits.
    pub number: Option<Found>,
    /// A link.
    pub web: Option<Found>,
}

/// What a display can dial.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dials {
    /// A classic phone: digits only.
    Digits,
    /// A video endpoint: addresses and digits.
    Addresses,
    /// A video endpoint with a browser (WebRTC): links, too. An address comes before a link.
    Links,
}

impl Join {
    /// Whether there is no way.
    pub fn is_empty(&self) -> bool {
        self.video.is_none() && self.number.is_none() && self.web.is_none()
    }

    /// What a display is to dial. Absent where it can dial none of what was found: then the meeting shows without a join
    /// button.
    pub fn for_display(&self, dials: Dials) -> Option<&Found> {
        match dials {
            Dials::Digits => self.number.as_ref(),
            Dials::Addresses => self.video.as_ref().or(self.number.as_ref()),
            Dials::Links => self.video.as_ref().or(self.web.as_ref()).or(self.number.as_ref()),
        }
    }
}

/// Looks for the addresses to join a meeting by.
pub fn find(invitation: &Invitation<'_>, rules: &JoinRules) -> Join {
    let body = invitation.body.map(Text::of_body).unwrap_or_default();
    let places = [
        (Place::OnlineMeetingUrl, invitation.online_meeting_url.map(Text::of).unwrap_or_default()),
        (Place::Location, invitation.location.map(Text::of).unwrap_or_default()),
        (Place::Body, body.clone()),
    ];
    let mut join = Join::default();
    for (place, text) in places {
        for rule in &rules.order {
            let search = Search { place, text: &text, body: &body, rules, people: invitation.people };
            let Hits { video, number, web } = search.by(*rule);
            let found = |address| Found { address, rule: *rule, place };
            join.video = join.video.or_else(|| video.map(found));
            join.number = join.number.or_else(|| number.map(found));
            join.web = join.web.or_else(|| web.map(found));
        }
    }
    join
}

/// What one rule found in one place.
#[derive(Default)]
struct Hits {
    video: Option<String>,
    number: Option<String>,
    web: Option<String>,
}

/// One rule's look at one place.
struct Search<'a> {
    place: Place,
    text: &'a Text,
    /// Labels stand in the body, wherever the link is.
    body: &'a Text,
    rules: &'a JoinRules,
    people: &'a [&'a str],
}

impl Search<'_> {
    fn by(&self, rule: JoinRule) -> Hits {
        match (rule, self.place) {
            (JoinRule::OnlineMeetingUrl, Place::OnlineMeetingUrl) => {
                Hits { web: self.text.links.first().map(ToString::to_string), ..Hits::default() }
            }
            (JoinRule::LocationUri, Place::Location) => {
                let meant = |token: &Token| token.scheme.is_some() || self.is_ours(token);
                Hits { video: self.address(meant), ..Hits::default() }
            }
            (JoinRule::BodyUri, Place::Body) => {
                let meant = |token: &Token| token.scheme.is_some() && self.is_ours(token);
                Hits { video: self.address(meant), ..Hits::default() }
            }
            (JoinRule::Webex, _) => platform::webex(self),
            (JoinRule::Teams, _) => platform::teams(self),
            (JoinRule::Zoom, _) => platform::zoom(self),
            (JoinRule::Pexip, _) => platform::pexip(self),
            (JoinRule::GoogleMeet, _) => platform::google_meet(self),
            (JoinRule::Number, Place::Location | Place::Body) => Hits {
                number: self.rules.numbers.iter().find_map(|pattern| self.number(pattern)),
                ..Hits::default()
            },
            _ => Hits::default(),
        }
    }

    /// The first address of this place that is meant, and is nobody's.
    fn address(&self, meant: impl Fn(&Token) -> bool) -> Option<String> {
        let mut addresses = self.text.addresses.iter();
        addresses.find(|token| meant(token) && !self.is_a_person(token)).map(Token::dialled)
    }

    fn is_ours(&self, token: &Token) -> bool {
        self.rules.domains.iter().any(|domain| token.is_of(domain))
    }

    fn is_a_person(&self, token: &Token) -> bool {
        self.people.iter().any(|person| person.eq_ignore_ascii_case(&token.address()))
    }

    fn number(&self, pattern: &NumberPattern) -> Option<String> {
        let label = pattern.label.as_deref().map(labels::folded);
        self.text.lines.iter().find_map(|line| {
            let line = labels::folded(line);
            let rest = match &label {
                Some(label) => line.split_once(label.as_str())?.1,
                None => &line,
            };
            let words = rest.split(|c: char| !c.is_alphanumeric());
            let mut numbers = words.filter(|word| word.bytes().all(|byte| byte.is_ascii_digit()));
            numbers
                .find(|digits| digits.starts_with(&pattern.prefix) && pattern.digits.contains(&digits.len()))
                .filter(|digits| !digits.is_empty())
                .map(str::to_owned)
        })
    }
}

#[cfg(test)]
mod tests;
