//! What the engine is told of the site.

use exchange_wire::{
    autodiscover::Policy,
    calendar::Calendar,
    ews::{self, Dialect},
    webdav,
};
use meeting_model::{
    id::{CalendarName, DeviceId, RoomId, ServerId},
    settings::RoomSettings,
    zone::{RoomZone, ZoneDatabase},
};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, fmt, sync::LazyLock, time::Duration};

/// The servers and rooms there are.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Site {
    /// By name.
    pub servers: BTreeMap<ServerId, ServerSettings>,
    /// By id.
    pub rooms: BTreeMap<RoomId, RoomPlan>,
}

/// Who signs in: the account's name. Servers with the same account share its guard against lock-out.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct AccountId(String);

impl AccountId {
    /// Takes a name; case does not tell accounts apart.
    pub fn new(name: &str) -> Self {
        Self(name.to_lowercase())
    }
}

/// How one Exchange server is to be talked to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServerSettings {
    /// Schema version and way of access.
    pub dialect: Dialect,
    /// How its mailboxes are reached over WebDAV; absent: Exchange Web Services are spoken.
    pub webdav: Option<Webdav>,
    /// Where its address is not known: how it is looked for. Each of its rooms is then asked where its own mailbox is.
    pub autodiscover: Option<Policy>,
    /// Who signs in.
    pub account: AccountId,
    /// How changes are heard of; absent: in the best way that the server's version knows.
    pub notifications: Option<Notifications>,
    /// Where the server can push to, or over WebDAV send word to by UDP; absent where it cannot.
    pub push: Option<PushSettings>,
    /// How often a pull subscription is asked for events.
    pub pull_interval: Duration,
    /// How often a subscription is renewed. Every renewal is followed by a read of what changed, so that a lost
    /// notification is found by then.
    pub renew_every: Duration,
    /// How often a room is compared with what the server itself makes of its calendar.
    pub reconcile_every: Duration,
    /// How many rooms may talk to the server at once; absent: as many as the default policy of its version allows.
    pub max_concurrent: Option<usize>,
}

impl ServerSettings {
    /// The calendar of a mailbox on it, in the protocol that it speaks.
    pub(crate) fn calendar(&self, mailbox: &str) -> Calendar {
        match &self.webdav {
            None => Calendar::Ews(self.dialect, ews::Mailbox::new(mailbox)),
            Some(Webdav { directory, session }) => {
                Calendar::Webdav(webdav::Mailbox::new(directory, mailbox, *session))
            }
        }
    }
}

/// How mailboxes are reached over WebDAV.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Webdav {
    /// The path that they lie below: `/exchange/`.
    pub directory: String,
    /// What carries the sign-in.
    pub session: webdav::Session,
}

/// How changes are heard of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Notifications {
    /// On connections that stay open, since Exchange 2010 SP1.
    Streaming,
    /// By asking.
    Pull,
    /// By the server's sending them to us.
    Push,
}

/// Where a server can push to.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PushSettings {
    /// The address of our listener as the server sees it, without a slash at the end; a path of its own for each subscription
    /// is added to it.
    pub url: String,
    /// Makes those paths unguessable.
    pub secret: [u8; 32],
}

impl fmt::Debug for PushSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PushSettings").field("url", &self.url).finish_non_exhaustive()
    }
}

/// One room: where it lives and what hangs on it. Of a room with several calendars every one is looked after as a room of its
/// own: the first under the room's own id and with its devices, the others under ids that belong to them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoomPlan {
    /// The room that shows it, where that shows several calendars. Absent where it shows this one.
    pub part_of: Option<PartOf>,
    /// Its Exchange server.
    pub server: ServerId,
    /// Its SMTP address.
    pub mailbox: String,
    /// How it is treated.
    pub settings: RoomSettings,
    /// Its devices.
    pub devices: Vec<DeviceSettings>,
}

/// One of several calendars of a room.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartOf {
    /// The room that shows it.
    pub room: RoomId,
    /// What operators call it: its mailbox, and its server where the others are elsewhere.
    pub name: String,
}

impl RoomPlan {
    /// What stands in its place while a room is read back that was written down: see [`Engine::resume`](crate::Engine::resume).
    pub(crate) fn absent() -> Self {
        static ABSENT: LazyLock<RoomPlan> = LazyLock::new(|| {
            let zone = RoomZone::named(&ZoneDatabase::bundled(), "Etc/UTC").expect("every database has UTC");
            RoomPlan {
                part_of: None,
                server: ServerId::new(""),
                mailbox: String::new(),
                settings: RoomSettings::usual(zone, ""),
                devices: Vec::new(),
            }
        });
        ABSENT.clone()
    }

    /// Where its calendar lies.
    pub fn calendar(&self) -> CalendarName {
        CalendarName::of(&self.server, &self.mailbox)
    }

    /// The room that shows it, of which the engine calls this calendar `id`.
    pub fn shown_by<'a>(&'a self, id: &'a RoomId) -> &'a RoomId {
        self.part_of.as_ref().map_or(id, |part| &part.room)
    }

    /// What operators call it, where its room has several.
    pub fn of_several(&self) -> Option<&str> {
        self.part_of.as_ref().map(|part| part.name.as_str())
    }
}

/// One device of a room.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceSettings {
    /// Its id.
    pub id: DeviceId,
    /// Where it is: two devices at one address are one and the same thing.
    pub address: String,
}
