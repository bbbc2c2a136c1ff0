//! What a check found.

use crate::{
    cli::Exit,
    config::{Config, RoomConfig},
};
use meeting_model::zone::ZoneDatabase;
use serde::Serialize;
use sync_engine::next_step;

/// Everything that was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// How many rooms are configured.
    pub configured_rooms: usize,
    /// How many servers are configured.
    pub configured_servers: usize,
    /// How many devices are configured. None of them is asked.
    pub configured_devices: usize,
    /// The release of the zone rules in use.
    pub zone_rules: Option<String>,
    /// What every room was found to be, in the configuration's order. Empty where nobody was asked.
    pub rooms: Vec<RoomFound>,
    /// What deserves attention.
    pub findings: Vec<Finding>,
    /// Whether the configuration has to be changed before anything can be asked.
    #[serde(skip)]
    pub misconfigured: bool,
}

/// One sentence that deserves attention.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// How much.
    pub level: Level,
    /// The room it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub room: Option<String>,
    /// What it is, and what to do about it. It names the room.
    pub sentence: String,
    /// The same without the room, with `ROOM` in the place of its mailbox: rooms that have it in common share a cause.
    #[serde(skip)]
    pub cause: Option<String>,
}

/// How much attention something deserves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// It does not work.
    Wrong,
    /// It works, and shows less than it could.
    Warning,
    /// It is good to know.
    Hint,
}

/// What a room was found to be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RoomFound {
    /// Its id.
    pub room: String,
    /// The mailbox that was asked for, where it has several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mailbox: Option<String>,
    /// Its server.
    pub server: String,
    /// The version of the Exchange that answered.
    pub exchange: Option<String>,
    /// The step that failed; absent where all went well, or where the room was not asked.
    pub failed: Option<Step>,
    /// Whether it was asked.
    pub asked: bool,
    /// What the account may do.
    pub right: Option<Right>,
    /// Whether there can be subscriptions; absent where that is not known.
    pub subscriptions: Option<bool>,
    /// How many items its calendar holds.
    pub items: Option<u32>,
    /// How invitations are answered, as far as its meetings show.
    pub accepting: Option<Accepting>,
    /// What that is taken from.
    pub answers: Option<Answers>,
}

/// How many of a room's meetings, each series once, were answered how.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Answers {
    /// Accepted.
    pub accepted: usize,
    /// Answered tentatively: somebody may still decide.
    pub tentative: usize,
    /// Not answered.
    pub unanswered: usize,
}

/// The steps to a room's calendar, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// Autodiscover says where its web services are.
    Autodiscover,
    /// The server's name resolves.
    Name,
    /// It can be reached.
    Connection,
    /// Its certificate is believed.
    Certificate,
    /// The account can sign in.
    SignIn,
    /// There are Exchange Web Services, and for this account.
    Service,
    /// They answer as they should.
    Answer,
    /// The mailbox exists.
    Mailbox,
    /// Its calendar can be read.
    Calendar,
}

impl Step {
    /// In words.
    pub fn name(self) -> &'static str {
        match self {
            Self::Autodiscover => "autodiscover",
            Self::Name => "name",
            Self::Connection => "connection",
            Self::Certificate => "certificate",
            Self::SignIn => "sign-in",
            Self::Service => "web services",
            Self::Answer => "answer",
            Self::Mailbox => "mailbox",
            Self::Calendar => "calendar",
        }
    }
}

/// What the account may do in a room's mailbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Right {
    /// Act as its owner, by impersonation.
    Impersonation,
    /// Everything: FullAccess or Receive-As. The Inbox can be read.
    FullAccess,
    /// Read the calendar (Reviewer or better on that folder), and nothing else.
    CalendarOnly,
    /// See when it is busy.
    FreeBusyOnly,
}

impl Right {
    /// In words.
    pub fn name(self) -> &'static str {
        match self {
            Self::Impersonation => "impersonation",
            Self::FullAccess => "full access",
            Self::CalendarOnly => "calendar only",
            Self::FreeBusyOnly => "free/busy only",
        }
    }
}

/// How a room's invitations seem to be answered: AutomateProcessing, as far as most of its meetings show it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Accepting {
    /// They are accepted.
    Accepts,
    /// They wait for a delegate.
    WaitsForDelegate,
    /// Nobody answers: it does not accept by itself.
    NobodyAnswers,
}

impl Answers {
    /// How invitations are answered, where most meetings show the same.
    pub fn most(self) -> Option<Accepting> {
        let Self { accepted, tentative, unanswered } = self;
        if accepted > tentative + unanswered {
            Some(Accepting::Accepts)
        } else if tentative > accepted + unanswered {
            Some(Accepting::WaitsForDelegate)
        } else if unanswered > accepted + tentative {
            Some(Accepting::NobodyAnswers)
        } else {
            None
        }
    }

    /// In words, as `78 accepted, 1 tentative`.
    pub fn counted(self) -> String {
        let Self { accepted, tentative, unanswered } = self;
        let said = [(accepted, "accepted"), (tentative, "tentative"), (unanswered, "unanswered")];
        let said = said.iter().filter(|(number, _)| *number > 0);
        said.map(|(number, what)| format!("{number} {what}")).collect::<Vec<_>>().join(", ")
    }
}

impl Finding {
    /// Something that works, and shows less than it could.
    pub fn warning(sentence: impl Into<String>) -> Self {
        Self { level: Level::Warning, room: None, sentence: sentence.into(), cause: None }
    }

    /// Something that does not work.
    pub fn wrong(sentence: impl Into<String>) -> Self {
        Self { level: Level::Wrong, ..Self::warning(sentence) }
    }

    /// Something that is good to know.
    pub fn hint(sentence: impl Into<String>) -> Self {
        Self { level: Level::Hint, ..Self::warning(sentence) }
    }

    /// The same, about a room.
    #[must_use]
    pub fn about(self, room: &RoomConfig) -> Self {
        let named = [room.says(""), next_step::of_room(&room.id, "")];
        let cause = named.iter().find_map(|name| self.sentence.strip_prefix(name.as_str()));
        let cause = cause.map(|cause| {
            cause.replace(&format!("'{}'", room.mailbox), "ROOM").replace(&room.mailbox, "ROOM")
        });
        Self { room: Some(room.id.to_string()), cause, ..self }
    }
}

impl Report {
    pub(super) fn begin(config: &Config, zones: &ZoneDatabase) -> Self {
        Self {
            configured_rooms: config.rooms.len(),
            configured_servers: config.servers.len(),
            configured_devices: config.rooms.iter().map(|room| room.devices.len()).sum(),
            zone_rules: zones.release().map(str::to_owned),
            rooms: Vec::new(),
            findings: Vec::new(),
            misconfigured: false,
        }
    }

    pub(super) fn exit(&self) -> Exit {
        if self.misconfigured {
            Exit::Config
        } else if self.findings.iter().any(|finding| finding.level == Level::Wrong) {
            Exit::Failed
        } else {
            Exit::Done
        }
    }
}
