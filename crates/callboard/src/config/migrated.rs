//! Rooms that were migrated while their line in the file still names the server that they left.
//!
//! A migration goes before the line that it found, and before no other: whoever changes the line afterwards, to the new server
//! or to a third one, is obeyed. So a start or a reload never takes a room back to where it came from.

use super::{Config, RoomConfig};
use control::Warning;
use meeting_model::{
    id::{RoomId, ServerId},
    observed::Source,
};

impl RoomConfig {
    /// Where its calendar is read.
    pub fn source(&self) -> Source {
        Source { server: self.server.clone(), migrated_from: self.migrated_from.clone() }
    }

    /// Where the file says that its calendar is.
    pub fn written(&self) -> &ServerId {
        self.migrated_from.as_ref().unwrap_or(&self.server)
    }

    /// Has it read elsewhere than the file says.
    pub fn migrate(&mut self, to: &ServerId) {
        let written = self.written().clone();
        self.migrated_from = (written != *to).then_some(written);
        self.server = to.clone();
    }

    fn passed_over(&self) -> Option<Warning> {
        let from = self.migrated_from.as_ref()?;
        let to = &self.server;
        Some(Warning {
            id: "migrated".into(),
            about: Some(self.id.to_string()),
            sentence: format!(
                "it was migrated from `{from}` to `{to}` and is read there; its line `exchange = \"{from}\"` is passed over"
            ),
            remedy: format!("change that line to `exchange = \"{to}\"`"),
        })
    }
}

impl Config {
    /// Has rooms read where they were migrated to, as long as their lines name the server that they left. `sources` says where
    /// rooms were read until now.
    pub fn follow(&mut self, sources: impl Fn(&RoomId) -> Option<Source>) {
        for room in &mut self.rooms {
            let Some(Source { server, migrated_from: Some(from) }) = sources(&room.id) else { continue };
            if room.server != from {
                continue;
            }
            if self.servers.contains_key(&server) {
                room.migrate(&server);
            } else {
                self.warnings.push(Warning {
                    id: "migrated".into(),
                    about: Some(room.id.to_string()),
                    sentence: format!(
                        "it was migrated to `{server}`, which is not configured any more, and is read from `{from}` again"
                    ),
                    remedy: format!("configure [exchange.{server}] again"),
                });
            }
        }
    }

    /// What an administrator should know of rooms that are not read where the file says.
    pub fn passed_over(&self) -> impl Iterator<Item = Warning> {
        self.rooms.iter().filter_map(RoomConfig::passed_over)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use meeting_model::zone::ZoneDatabase;
    use std::path::Path;

    const LEGACY: &str = "exchange = \"legacy\"";

    fn config(change: impl Fn(&str) -> String) -> Config {
        let text = format!(
            "state_dir = \"s\"\n[feed]\nlisten = \"127.0.0.1:1\"\npublic_url = \"http://a.example.com\"\n\
             [exchange.legacy]\nprotocol = \"webdav\"\nurl = \"https://a.example.com/exchange/\"\nusername = \"u\"\n\
             password_env = \"P\"\n\
             [exchange.hq]\nprotocol = \"ews\"\nurl = \"https://a.example.com/EWS/Exchange.asmx\"\nusername = \"u\"\n\
             password_env = \"P\"\n\
             [[room]]\nid = \"r\"\nmailbox = \"r@example.com\"\n{LEGACY}\ntime_zone = \"Europe/Berlin\"\n\
             acceptance = \"proxy\"\n"
        );
        Config::parse(&change(&text), "c.toml", Path::new(""), &ZoneDatabase::bundled()).unwrap()
    }

    fn to(server: &str) -> impl Fn(&RoomId) -> Option<Source> {
        let migrated_from = (server != "legacy").then(|| ServerId::new("legacy"));
        let source = Source { server: ServerId::new(server), migrated_from };
        move |_| Some(source.clone())
    }

    fn followed(mut config: Config, server: &str) -> (String, Vec<String>) {
        config.follow(to(server));
        let warnings = config.passed_over().chain(config.warnings.clone()).map(|warning| warning.to_string());
        (config.rooms[0].server.to_string(), warnings.collect())
    }

    #[test]
    fn a_migration_goes_before_the_line_it_found_and_says_so() {
        let (server, warnings) = followed(config(str::to_owned), "hq");
        assert_eq!(server, "hq");
        assert_eq!(
            warnings.first().map(String::as_str),
            Some(
                "migrated (r): it was migrated from `legacy` to `hq` and is read there; its line `exchange = \"legacy\"` is \
                 passed over; change that line to `exchange = \"hq\"`"
            )
        );
    }

    #[test]
    fn a_line_that_was_changed_since_is_obeyed() {
        let changed = config(|text| text.replace(LEGACY, "exchange = \"hq\""));
        let (server, warnings) = followed(changed, "hq");
        assert_eq!((server.as_str(), warnings.iter().any(|one| one.contains("migrated"))), ("hq", false));
        let (server, _) = followed(config(str::to_owned), "legacy");
        assert_eq!(server, "legacy", "nobody migrated it");
    }

    #[test]
    fn a_server_that_is_gone_is_not_followed() {
        let (server, warnings) = followed(config(str::to_owned), "elsewhere");
        assert_eq!(server, "legacy");
        assert!(warnings.iter().any(|one| one.contains("not configured any more")), "{warnings:?}");
    }

    #[test]
    fn a_room_that_is_migrated_back_is_read_where_the_file_says() {
        let mut config = config(str::to_owned);
        config.follow(to("hq"));
        config.rooms[0].migrate(&ServerId::new("legacy"));
        assert_eq!(config.rooms[0].migrated_from, None);
        assert_eq!(config.passed_over().count(), 0);
    }
}
