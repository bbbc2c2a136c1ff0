//! What has to be typed for a room.

use super::directory::Room;
use crate::config::Begun;
use meeting_model::id::ServerId;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// The longest id.
const LONGEST: usize = 64;

/// Letters that have a usual spelling in others.
const SPELLED: [(char, &str); 12] = [
    ('ä', "ae"),
    ('ö', "oe"),
    ('ü', "ue"),
    ('ß', "ss"),
    ('æ', "ae"),
    ('ø', "oe"),
    ('å', "aa"),
    ('é', "e"),
    ('è', "e"),
    ('ê', "e"),
    ('ç', "c"),
    ('ñ', "n"),
];

/// Blocks for rooms that come beside those that are configured.
#[derive(Debug)]
pub(super) struct Blocks {
    /// Ids that are taken.
    ids: BTreeSet<String>,
    /// Configured rooms, by their addresses in lower case.
    configured: BTreeMap<String, String>,
}

/// A room that a directory knows.
#[derive(Debug, Serialize)]
pub(super) struct Found {
    /// The id that it has in the configuration, or would have.
    id: String,
    name: String,
    mailbox: String,
    /// The server's name in the configuration.
    exchange: String,
    /// The list that holds it; nothing where it was found by its name.
    list: Option<String>,
    /// Whether the configuration has it.
    is_configured: bool,
}

impl Blocks {
    pub(super) fn beside(config: &Begun) -> Self {
        let mailboxes = config.rooms.iter().flat_map(|room| {
            room.mailboxes.iter().map(|(mailbox, _)| (mailbox.to_lowercase(), room.id.clone()))
        });
        Self {
            ids: config.rooms.iter().map(|room| room.id.clone()).collect(),
            configured: mailboxes.collect(),
        }
    }

    /// A room with the id that it has, or would have.
    pub(super) fn found(&mut self, server: &ServerId, room: &Room) -> Found {
        let address = &room.entry.address;
        let name = room.entry.name.as_deref().unwrap_or(address);
        let configured = self.configured.get(&address.to_lowercase()).cloned();
        Found {
            is_configured: configured.is_some(),
            id: configured.unwrap_or_else(|| self.id(name, address)),
            name: name.to_owned(),
            mailbox: address.clone(),
            exchange: server.to_string(),
            list: room.list.clone(),
        }
    }

    /// An id made from the name, else from the address, which no other room has.
    fn id(&mut self, name: &str, address: &str) -> String {
        let local = address.split('@').next().unwrap_or_default();
        let words = [name, local, "room"].into_iter().map(slug).find(|slug| !slug.is_empty());
        let words = words.unwrap_or_default();
        let numbered = (2..).map(|number: u32| {
            let number = format!("-{number}");
            format!("{}{number}", words.get(..LONGEST - number.len()).unwrap_or(&words))
        });
        let free = std::iter::once(words.clone()).chain(numbered).find(|id| !self.ids.contains(id));
        let id = free.unwrap_or_default();
        self.ids.insert(id.clone());
        id
    }
}

impl Found {
    /// What has to be typed, or a comment for a room that is configured already.
    pub(super) fn block(&self) -> String {
        let Self { id, name, mailbox, exchange, list, is_configured } = self;
        let from = list.as_ref().map(|list| format!(" in list {}", comment(list))).unwrap_or_default();
        if *is_configured {
            return format!("# {}{from} is configured already, as `{id}`\n\n", comment(name));
        }
        format!(
            "# {}{from}\n[[room]]\nid = {}\nname = {}\nmailbox = {}\nexchange = {}\n\
             # the zone that the room's walls stand in, as \"Europe/Berlin\"\n# time_zone = \"\"\n\
             # \"proxy\" where people accept for it\nacceptance = \"auto-accept\"\n\n",
            comment(name),
            quoted(id),
            quoted(name),
            quoted(mailbox),
            quoted(exchange),
        )
    }
}

/// The words of a name in the characters of ids.
fn slug(name: &str) -> String {
    let mut spelled = String::new();
    for character in name.chars().flat_map(char::to_lowercase) {
        match SPELLED.iter().find(|(letter, _)| *letter == character) {
            Some((_, others)) => spelled.push_str(others),
            None => spelled.push(character),
        }
    }
    let words = spelled.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let slug = words.collect::<Vec<_>>().join("-");
    slug.get(..LONGEST).unwrap_or(&slug).trim_end_matches('-').to_owned()
}

/// A TOML string.
fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

/// Words on the line of a comment.
fn comment(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use exchange_wire::ews::EmailAddress;
    use meeting_model::zone::ZoneDatabase;
    use std::path::Path;

    fn room(name: Option<&str>, address: &str) -> Room {
        let entry = EmailAddress {
            name: name.map(str::to_owned),
            address: address.to_owned(),
            mailbox_type: Some("Mailbox".to_owned()),
        };
        Room { entry, list: Some("Häuser\n# x".to_owned()) }
    }

    fn blocks() -> Blocks {
        Blocks {
            ids: BTreeSet::from(["berlin".to_owned()]),
            configured: BTreeMap::from([("berlin@example.com".to_owned(), "berlin".to_owned())]),
        }
    }

    #[test]
    fn ids_are_made_from_names_and_are_unique() {
        let long = "Room ".repeat(30);
        let (stem, second) = (slug(&long), format!("{}-2", slug(&long).split_at(62).0));
        let mut blocks = blocks();
        for (name, address, expected) in [
            ("Conf Room 3/101 (16) AV", "cf3101@example.com", "conf-room-3-101-16-av"),
            ("Berlin", "b2@example.com", "berlin-2"),
            ("BERLIN", "b3@example.com", "berlin-3"),
            ("Großer Saal Köln", "k@example.com", "grosser-saal-koeln"),
            ("会議室", "kaigi.1@example.com", "kaigi-1"),
            ("会議室", "会議@example.com", "room"),
            ("会議室", "会議@example.net", "room-2"),
            (&long, "l1@example.com", &stem),
            (&long, "l2@example.com", &second),
        ] {
            assert_eq!(blocks.id(name, address), expected, "{name}");
            assert!(expected.len() <= LONGEST);
        }
    }

    #[test]
    fn a_script_is_told_the_same() {
        let mut blocks = blocks();
        let room = room(Some("Oslo"), "oslo@example.com");
        let found = [
            blocks.found(&ServerId::new("hq"), &room),
            blocks.found(&ServerId::new("hq"), &self::room(None, "berlin@example.com")),
        ];
        insta::assert_snapshot!(serde_json::to_string(&found).unwrap(), @r#"[{"id":"oslo","name":"Oslo","mailbox":"oslo@example.com","exchange":"hq","list":"Häuser\n# x","is_configured":false},{"id":"berlin","name":"berlin@example.com","mailbox":"berlin@example.com","exchange":"hq","list":"Häuser\n# x","is_configured":true}]"#);
    }

    #[test]
    fn a_block_lacks_nothing_but_the_zone() {
        let server = ServerId::new("hq");
        let mut blocks = blocks();
        assert_eq!(
            blocks.found(&server, &room(Some("Berlin"), "Berlin@Example.com")).block(),
            "# Berlin in list Häuser # x is configured already, as `berlin`\n\n"
        );
        let mut text = String::from(
            "state_dir = \"s\"\n[feed]\nlisten = \"127.0.0.1:1\"\npublic_url = \"http://a.example.com\"\n[exchange.hq]\n\
             protocol = \"ews\"\nurl = \"https://a.example.com/EWS/Exchange.asmx\"\nusername = \"u\"\npassword_file = \"p\"\n",
        );
        for (name, address) in
            [(Some("A \"quoted\" \\ name\n"), "a~#%+&|*/!'@example.com"), (None, "b@example.com")]
        {
            text += &blocks.found(&server, &room(name, address)).block();
        }
        let zones = ZoneDatabase::bundled();
        let parse = |text: &str| Config::parse(text, "c.toml", Path::new(""), &zones);
        let mistakes = parse(&text).unwrap_err().to_string();
        assert_eq!(mistakes.matches("time_zone").count(), 2, "{mistakes}");
        let config = parse(&text.replace("# time_zone = \"\"", "time_zone = \"Europe/Berlin\"")).unwrap();
        let rooms: Vec<_> =
            config.rooms.iter().map(|room| (room.id.as_str(), room.mailbox.as_str())).collect();
        assert_eq!(rooms, [("a-quoted-name", "a~#%+&|*/!'@example.com"), ("b-example-com", "b@example.com")]);
    }
}
