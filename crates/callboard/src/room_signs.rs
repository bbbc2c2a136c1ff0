//! What a room's meetings show of how Exchange treats it, in an administrator's words (rules A4, P3 and S6 to S8).

use crate::{cmdlets::quoted, config::ServerConfig};
use chrono::{DateTime, Utc};
use control::Warning;
use exchange_wire::ews::Version;
use meeting_model::{
    clock::Now,
    decision::ServerGeneration,
    id::RoomId,
    known::Known,
    observed::Protocol,
    settings::RoomSettings,
    signs::Signs,
    warning::{self, WarningKind},
};

/// What a room's meetings show.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RoomSigns {
    warnings: Vec<warning::Warning>,
    intent: Option<&'static str>,
    /// When there may be more to warn of, though nothing happens.
    pub due_at: Option<DateTime<Utc>>,
}

impl RoomSigns {
    /// What is known of a room shows.
    pub fn of(known: &Known, settings: &RoomSettings, now: Now) -> Self {
        let items: Vec<_> = known.items.values().collect();
        Self {
            warnings: warning::warnings(known, settings, now),
            intent: Signs::of(&items, &known.facts, settings, now.wall).intent(settings),
            due_at: warning::due_at(known, settings, now),
        }
    }

    /// Whether this is among it.
    pub fn has(&self, kind: WarningKind) -> bool {
        self.warnings.iter().any(|warning| warning.kind == kind)
    }

    /// What is wrong, with the cmdlets of the room's server.
    pub fn warnings(&self, room: &RoomId, mailbox: &str, server: Option<ServerGeneration>) -> Vec<Warning> {
        self.told(false, room, mailbox, server)
    }

    /// What is good to know, and wrong is nothing of it.
    pub fn hints(&self, room: &RoomId, mailbox: &str, server: Option<ServerGeneration>) -> Vec<Warning> {
        self.told(true, room, mailbox, server)
    }

    fn told(
        &self,
        is_hint: bool,
        room: &RoomId,
        mailbox: &str,
        server: Option<ServerGeneration>,
    ) -> Vec<Warning> {
        let wanted = self.warnings.iter().filter(|warning| warning.kind.is_information() == is_hint);
        let told = |warning: &warning::Warning| Warning {
            id: warning.kind.id().to_owned(),
            about: Some(room.to_string()),
            sentence: self.sentence(warning),
            remedy: remedy(warning.kind, mailbox, server),
        };
        wanted.map(told).collect()
    }

    /// Where subjects are stripped it is said where they are taken from instead (rule S8).
    fn sentence(&self, warning: &warning::Warning) -> String {
        let kind = warning.kind;
        let count = match (kind, warning.meetings) {
            (WarningKind::CommentsDeleted, meetings) => format!(" ({meetings} of them)"),
            (_, 1) => " (1 meeting)".to_owned(),
            (_, meetings) => format!(" ({meetings} meetings)"),
        };
        let intent = self.intent.filter(|_| kind == WarningKind::SubjectNotPreserved);
        let intent = intent.map_or_else(String::new, |intent| format!("; {intent}"));
        format!("{}{count}{intent}", kind.sentence())
    }
}

fn remedy(kind: WarningKind, mailbox: &str, server: Option<ServerGeneration>) -> String {
    let otherwise = if kind.is_information() {
        "accept or decline the meetings for the room"
    } else {
        "the AutoAccept agent of Exchange 2003 has no switch for it"
    };
    kind.remedy(server).map_or_else(|| otherwise.to_owned(), |remedy| for_room(remedy, mailbox))
}

/// What to do about a room, with its mailbox in the place of `ROOM`.
pub fn for_room(remedy: &str, mailbox: &str) -> String {
    remedy.replace("ROOM", &quoted(mailbox))
}

/// The booking attendant's generation by a server's version (`15.2.1544`). Absent where that is none.
pub fn generation(version: &str) -> Option<ServerGeneration> {
    let major: u16 = version.split('.').next()?.parse().ok()?;
    Some(match major {
        ..8 => ServerGeneration::Exchange2003,
        8 => ServerGeneration::Exchange2007,
        _ => ServerGeneration::Exchange2010OrLater,
    })
}

/// The booking attendant's generation as far as the configuration tells it: over EWS `version` is set for an Exchange that knows
/// no newer one. WebDAV is what Exchange 2003 and 2007 both speak.
pub fn configured_generation(server: &ServerConfig) -> Option<ServerGeneration> {
    match (server.protocol, server.dialect.version) {
        (Protocol::Webdav, _) => None,
        (Protocol::Ews, Version::Exchange2007Sp1) => Some(ServerGeneration::Exchange2007),
        (Protocol::Ews, _) => Some(ServerGeneration::Exchange2010OrLater),
    }
}
