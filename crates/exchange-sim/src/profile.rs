//! Which server a world is: the versions of Exchange, and a server that is not Exchange.

mod habits;

use std::str::FromStr;

pub(crate) use self::habits::Habits;

use crate::world::RoomNumber;
use crate::{Notifying, SimError, ThrottlingPolicy, World};

/// Every version of the schema, the oldest first ([MS-OXWSCDATA] ExchangeVersionType).
const SCHEMAS: [&str; 18] = [
    "Exchange2007",
    "Exchange2007_SP1",
    "Exchange2010",
    "Exchange2010_SP1",
    "Exchange2010_SP2",
    "Exchange2013",
    "Exchange2013_SP1",
    "Exchange2015",
    "Exchange2016",
    "V2015_10_05",
    "V2016_01_06",
    "V2016_04_13",
    "V2016_07_13",
    "V2016_10_10",
    "V2017_01_07",
    "V2017_04_14",
    "V2017_07_11",
    "V2018_01_08",
];

/// A server by its version.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum ServerProfile {
    /// Exchange 2007 SP1, 8.1: no streams, no room lists, no time zone of its own for a request, no throttling.
    Exchange2007Sp1,
    /// Exchange 2010 SP1, 14.1: the oldest change comes first, ten calls at a time.
    Exchange2010Sp1,
    /// Exchange 2013 CU23, 15.0.
    Exchange2013,
    /// Exchange 2016 CU23, 15.1.
    Exchange2016,
    /// Exchange 2019 CU14, 15.2.
    #[default]
    Exchange2019,
    /// Exchange Server Subscription Edition, 15.2.
    SubscriptionEdition,
    /// Exchange Online, 15.20, for a tenant without Exchange Web Services: whoever signs in is answered 403.
    ExchangeOnlineEwsOff,
    /// A server that is not Exchange and says that it is 15.0.847: no watermarks, series that are not expanded,
    /// sync states that are never wrong, faults with status 200.
    Other,
}

/// The numbers of a server's version, as its replies tell them (`ServerVersionInfo`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ServerVersion {
    /// 8 is 2007, 14 is 2010, 15 is 2013 and later.
    pub major: u32,
    /// With 15: 0 is 2013, 1 is 2016, 2 is 2019 and the Subscription Edition, 20 is Exchange Online.
    pub minor: u32,
    /// The build.
    pub major_build: u32,
    /// The update of the build.
    pub minor_build: u32,
    /// The name of the schema, where the server tells one.
    pub schema: Option<&'static str>,
}

impl ServerProfile {
    /// All profiles by name.
    pub const NAMES: [(&'static str, Self); 8] = [
        ("exchange-2007-sp1", Self::Exchange2007Sp1),
        ("exchange-2010-sp1", Self::Exchange2010Sp1),
        ("exchange-2013", Self::Exchange2013),
        ("exchange-2016", Self::Exchange2016),
        ("exchange-2019", Self::Exchange2019),
        ("subscription-edition", Self::SubscriptionEdition),
        ("exchange-online-ews-off", Self::ExchangeOnlineEwsOff),
        ("other", Self::Other),
    ];

    /// What its replies say of its version.
    pub fn version(self) -> ServerVersion {
        let (numbers, schema) = match self {
            Self::Exchange2007Sp1 => ([8, 1, 240, 5], None),
            Self::Exchange2010Sp1 => ([14, 1, 218, 15], Some("Exchange2010_SP1")),
            Self::Exchange2013 => ([15, 0, 1497, 2], Some("V2_23")),
            Self::Exchange2016 => ([15, 1, 2507, 6], Some("V2017_07_11")),
            Self::Exchange2019 => ([15, 2, 1544, 4], Some("V2017_07_11")),
            Self::SubscriptionEdition => ([15, 2, 2562, 17], Some("V2017_07_11")),
            Self::ExchangeOnlineEwsOff => ([15, 20, 9228, 0], Some("V2018_01_08")),
            Self::Other => ([15, 0, 847, 4040], Some("V2017_07_11")),
        };
        let [major, minor, major_build, minor_build] = numbers;
        ServerVersion { major, minor, major_build, minor_build, schema }
    }

    /// What it lets one account or mailbox use.
    pub fn throttling(self) -> ThrottlingPolicy {
        match self {
            Self::Exchange2007Sp1 | Self::Other => ThrottlingPolicy::unlimited(),
            Self::Exchange2010Sp1 => ThrottlingPolicy::exchange_2010(),
            Self::Exchange2013 => ThrottlingPolicy::exchange_2013(),
            Self::Exchange2016
            | Self::Exchange2019
            | Self::SubscriptionEdition
            | Self::ExchangeOnlineEwsOff => ThrottlingPolicy::exchange_2016(),
        }
    }

    /// How it tells of changes.
    pub fn notifying(self) -> Notifying {
        match self {
            Self::Exchange2007Sp1 => Notifying::exchange_2007(),
            Self::Exchange2013 => Notifying::exchange_2013(),
            Self::ExchangeOnlineEwsOff => Notifying::exchange_online(),
            Self::Other => Notifying::other(),
            _ => Notifying::default(),
        }
    }

    /// The newest version of the schema that it takes.
    fn newest_schema(self) -> &'static str {
        match self {
            Self::Exchange2007Sp1 => "Exchange2007_SP1",
            Self::Exchange2010Sp1 => "Exchange2010_SP1",
            Self::Exchange2013 => "Exchange2013_SP1",
            Self::Exchange2016 | Self::Exchange2019 | Self::SubscriptionEdition | Self::Other => {
                "V2017_07_11"
            }
            Self::ExchangeOnlineEwsOff => "V2018_01_08",
        }
    }

    /// The oldest version of the schema that reaches a mailbox of it through a server of another version.
    fn oldest_schema(self) -> &'static str {
        match self {
            Self::Exchange2007Sp1 | Self::Other => "Exchange2007",
            Self::Exchange2010Sp1 => "Exchange2010",
            _ => "Exchange2013",
        }
    }

    /// Whether it takes requests of a version of the schema. The other server does not look at it.
    pub(crate) fn takes(self, schema: &str) -> bool {
        let checked = self.habits().checks_schemas;
        !checked || place(schema).is_some_and(|asked| Some(asked) <= place(self.newest_schema()))
    }

    /// Whether it has an operation at all.
    pub(crate) fn has(self, operation: &str) -> bool {
        match operation {
            "GetServerTimeZones" => self >= Self::Exchange2010Sp1 && self != Self::Other,
            // 2010 SP2
            "GetPasswordExpirationDate" => self >= Self::Exchange2013 && self != Self::Other,
            "GetRoomLists" | "GetRooms" | "GetStreamingEvents" => self >= Self::Exchange2010Sp1,
            _ => true,
        }
    }

    /// Whether it reads the zone of a request (2010 and later).
    pub(crate) fn knows_time_zone_context(self) -> bool {
        self >= Self::Exchange2010Sp1 && self != Self::Other
    }

    /// Whether SyncFolderItems tells the newest change first (2010 SP2 and later).
    pub(crate) fn newest_first(self) -> bool {
        self >= Self::Exchange2013
    }
}

/// Where a version of the schema stands among all.
fn place(schema: &str) -> Option<usize> {
    SCHEMAS.iter().position(|known| *known == schema)
}

impl FromStr for ServerProfile {
    type Err = SimError;

    fn from_str(name: &str) -> Result<Self, SimError> {
        let known = Self::NAMES.iter().find(|(candidate, _)| *candidate == name);
        known.map(|(_, profile)| *profile).ok_or_else(|| SimError::UnknownProfile(name.to_owned()))
    }
}

impl World {
    /// Makes the server another one from now on, with what that one lets accounts use. What lies in the mailboxes
    /// stays, as it does when a server is replaced by another.
    pub fn set_profile(&mut self, profile: ServerProfile) {
        self.profile = profile;
        self.throttle.set_policy(profile.throttling());
        self.set_notifying(profile.notifying());
    }

    /// Which server it is.
    pub fn profile(&self) -> ServerProfile {
        self.profile
    }

    /// Puts one mailbox on a server of another version, behind the one that is asked: requests in a version of the
    /// schema that is older than the mailbox's server, or that it does not take yet, fail for it alone.
    ///
    /// # Errors
    ///
    /// [`SimError::UnknownRoom`].
    pub fn set_mailbox_server(&mut self, room: &str, server: ServerProfile) -> Result<(), SimError> {
        let room = self.room_number(room)?;
        self.mailbox_servers.insert(room, server);
        Ok(())
    }

    /// The error, if any, that a mailbox's own server gives to a version of the schema.
    pub(crate) fn mailbox_refuses(&self, room: RoomNumber, schema: &str) -> Option<&'static str> {
        let server = self.mailbox_servers.get(&room)?;
        if !server.takes(schema) {
            return Some("ErrorIncorrectSchemaVersion");
        }
        let outdated = place(schema) < place(server.oldest_schema());
        outdated.then_some("ErrorInvalidSchemaVersionForMailboxVersion")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_server_takes_what_is_no_newer_than_itself() {
        let table = [
            (ServerProfile::Exchange2007Sp1, "Exchange2007_SP1", "Exchange2010"),
            (ServerProfile::Exchange2010Sp1, "Exchange2010_SP1", "Exchange2010_SP2"),
            (ServerProfile::Exchange2013, "Exchange2013_SP1", "Exchange2015"),
            (ServerProfile::Exchange2016, "V2017_07_11", "V2018_01_08"),
            (ServerProfile::SubscriptionEdition, "Exchange2007", "V2018_01_08"),
            (ServerProfile::ExchangeOnlineEwsOff, "V2018_01_08", "V2099_01_01"),
        ];
        for (profile, taken, refused) in table {
            assert!(profile.takes(taken), "{profile:?}");
            assert!(!profile.takes(refused), "{profile:?}");
        }
        assert!(ServerProfile::Other.takes("V2099_01_01"));
    }

    #[test]
    fn names_are_read_back() {
        for (name, profile) in ServerProfile::NAMES {
            assert_eq!(name.parse(), Ok(profile));
        }
        assert!("exchange-2003".parse::<ServerProfile>().is_err());
    }
}
