//! What a configuration says that is only begun, or that has mistakes elsewhere: which servers there are, which rooms are named
//! already, and where a daemon that runs on it has its state.

use super::{ConfigError, ServerConfig, notes::Notes, raw::RawConfig, section::Section, server::RawServer};
use meeting_model::id::ServerId;
use std::{
    collections::BTreeMap,
    fs,
    io::ErrorKind,
    path::{Path, PathBuf},
};
use toml::{Spanned, de::DeTable};

/// Where the state is of which no file says where: where the service unit and the example have it.
const STATE_DIR: &str = "/var/lib/callboard";

/// Every key beside the servers.
const OTHERS: [&str; 11] = [
    "state_dir",
    "flight_record",
    "feed",
    "admin",
    "push",
    "notify",
    "window",
    "clock",
    "meetings",
    "join",
    "room",
];

/// The servers of a configuration, and the rooms that are named already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Begun {
    /// The Exchange servers, by name.
    pub servers: BTreeMap<ServerId, ServerConfig>,
    /// The rooms as far as they were typed.
    pub rooms: Vec<NamedRoom>,
}

/// A room as far as it was typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedRoom {
    /// Its id.
    pub id: String,
    /// The addresses of its mailboxes, each with its server where that was typed.
    pub mailboxes: Vec<(String, Option<ServerId>)>,
}

impl Begun {
    /// Reads a configuration file of which only `[exchange.NAME]` must be there and right.
    ///
    /// # Errors
    /// When the file cannot be read, or with every mistake about its servers.
    pub fn load(path: &Path) -> Result<Self, ConfigError> {
        let base = path.parent().unwrap_or(Path::new(""));
        Self::parse(&read(path)?, &path.display().to_string(), base)
    }

    /// Understands the text of such a file.
    ///
    /// # Errors
    /// With every mistake about its servers.
    pub(super) fn parse(text: &str, file_name: &str, base: &Path) -> Result<Self, ConfigError> {
        let (document, mut notes) = Notes::parse(text);
        let servers = servers(&document, base, &mut notes);
        let servers: Option<_> = servers.iter().map(|server| server.meaning(base)).collect();
        let mistakes = notes.into_mistakes(file_name, text);
        match servers {
            Some(servers) if mistakes.is_empty() => Ok(Self { servers, rooms: rooms(&document, base) }),
            _ => Err(ConfigError::Mistakes(mistakes)),
        }
    }

    /// A mailbox on this server. Absent where none is named.
    pub fn mailbox_on(&self, server: &ServerId) -> Option<&str> {
        let mut all = self.rooms.iter().flat_map(|room| &room.mailboxes);
        all.find(|(_, on)| on.as_ref() == Some(server)).map(|(mailbox, _)| mailbox.as_str())
    }
}

/// Where a daemon has its state that runs on this file, whatever else is wrong with it.
pub fn state_dir(path: &Path) -> PathBuf {
    let base = path.parent().unwrap_or(Path::new(""));
    read(path)
        .ok()
        .and_then(|text| typed_state_dir(&text))
        .map_or_else(|| STATE_DIR.into(), |typed| base.join(typed))
}

fn typed_state_dir(text: &str) -> Option<String> {
    let (document, _) = Notes::parse(text);
    let (_, typed) = document.get_ref().iter().find(|(key, _)| key.get_ref() == "state_dir")?;
    typed.get_ref().as_str().filter(|typed| !typed.is_empty()).map(str::to_owned)
}

/// The text of a configuration file.
pub(super) fn read(path: &Path) -> Result<String, ConfigError> {
    fs::read_to_string(path).map_err(|source| match source.kind() {
        ErrorKind::NotFound => ConfigError::Missing { path: path.to_owned() },
        _ => ConfigError::Unreadable { path: path.to_owned(), source },
    })
}

fn servers(document: &Spanned<DeTable<'_>>, base: &Path, notes: &mut Notes) -> Vec<RawServer> {
    Section::document(document, notes, |top| {
        top.require_table("exchange", "[exchange.NAME]");
        for other in OTHERS {
            top.pass_over(other);
        }
        top.named_tables("exchange", |section, name| RawServer::read(section, name, base))
    })
}

/// The rooms, whatever is wrong with them.
fn rooms(document: &Spanned<DeTable<'_>>, base: &Path) -> Vec<NamedRoom> {
    let raw = RawConfig::read(document, base, &mut Notes::default());
    let named = raw.rooms.iter().filter_map(|room| {
        let mailboxes = room.calendars().map(|(mailbox, exchange)| {
            let server = exchange.or(room.exchange.as_ref()).map(|given| ServerId::new(&given.value));
            (mailbox.value.to_owned(), server)
        });
        Some(NamedRoom { id: room.id.as_ref()?.value.clone(), mailboxes: mailboxes.collect() })
    });
    named.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SERVER: &str = "[exchange.hq]\nprotocol = \"ews\"\nurl = \"https://a.example.com/EWS/Exchange.asmx\"\n\
                          username = \"u\"\npassword_env = \"P\"\n";

    fn begun(text: &str) -> Result<Begun, String> {
        Begun::parse(text, "c.toml", Path::new("")).map_err(|mistakes| mistakes.to_string())
    }

    #[test]
    fn servers_alone_are_enough_and_rooms_are_known_as_far_as_they_were_typed() {
        let begun = begun(&format!(
            "{SERVER}[[room]]\nid = \"berlin\"\nmailbox = \"b@example.com\"\n[[room]]\nid = \"oslo\"\nexchange = \"hq\"\n\
             mailboxes = [\"o@example.com\", {{ mailbox = \"p@example.com\", exchange = \"lab\" }}]\n"
        ));
        let Begun { servers, rooms } = begun.clone().unwrap();
        assert_eq!(servers.keys().map(ServerId::as_str).collect::<Vec<_>>(), ["hq"]);
        let named: Vec<_> = rooms.iter().map(|room| (room.id.as_str(), room.mailboxes.len())).collect();
        assert_eq!(named, [("berlin", 1), ("oslo", 2)]);
        let on = |server| begun.as_ref().unwrap().mailbox_on(&ServerId::new(server));
        assert_eq!((on("hq"), on("lab"), on("other")), (Some("o@example.com"), Some("p@example.com"), None));
    }

    #[test]
    fn what_is_wrong_with_servers_is_told_and_nothing_else() {
        insta::assert_snapshot!(begun("state_dir = 5\n").unwrap_err(), @"c.toml:1:1: missing [exchange.NAME]");
        let mistyped = format!("{}[feed]\nlisten = 5\n", SERVER.replace("username", "usrname"));
        insta::assert_snapshot!(begun(&mistyped).unwrap_err(), @"c.toml:4:1: unknown key `usrname` in [exchange.hq]: did you mean `username`?");
        let example = include_str!("../../../../config/example.toml");
        assert!(begun(example).is_ok_and(|begun| begun.servers.len() > 1), "no key of it is unknown");
    }

    #[test]
    fn the_state_is_found_behind_any_mistake() {
        for (text, expected) in [
            ("state_dir = \"/srv/state\"\nnonsense\n[feed", Some("/srv/state")),
            ("state_dir = \"\"\n", None),
            ("state_dir = 5\n", None),
            ("", None),
        ] {
            assert_eq!(typed_state_dir(text).as_deref(), expected, "{text}");
        }
        assert_eq!(state_dir(Path::new("/no/such/file.toml")), Path::new(STATE_DIR));
    }
}
