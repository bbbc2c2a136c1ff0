//! The configuration: what an administrator typed, and what it means.
//!
//! Reading goes in two steps: `raw` takes the document apart, key by key, and understands each value on its own; `check`
//! compares them with each other and makes the [`Config`]. Neither stops at a mistake: whoever mends the file is told
//! everything at once, each with its line and column.

mod admin;
mod begun;
mod check;
mod clock;
mod device;
mod error;
mod feed;
mod flight;
mod join;
mod meetings;
mod migrated;
mod notes;
mod notify;
mod push;
mod raw;
mod room;
mod secret;
mod section;
mod server;
mod sign_in;
mod value;
mod window;
mod zone;

pub use admin::AdminConfig;
pub use begun::{Begun, NamedRoom, state_dir};
pub use clock::ClockConfig;
pub use device::{DeviceConfig, KindConfig, PhoneSignInConfig, TrustConfig};
pub use error::{ConfigError, Mistake};
pub use feed::FeedConfig;
pub use flight::FlightConfig;
pub use notify::NotifyConfig;
pub use push::PushConfig;
pub use room::{CalendarConfig, RoomConfig};
pub use secret::{SecretError, SecretSource};
pub use server::{Address, ServerConfig};
pub use sign_in::{AccountConfig, SignInConfig};

use control::Warning;
use meeting_model::{id::ServerId, zone::ZoneDatabase};
use notes::Notes;
use raw::RawConfig;
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

/// What the configuration means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// Where it was read from; absent where it is no file.
    pub file: Option<PathBuf>,
    /// Where the mirror, the lock and the control socket are.
    pub state_dir: PathBuf,
    /// Where displays read.
    pub feed: FeedConfig,
    /// Who may sign in to the administrator's pages.
    pub admin: AdminConfig,
    /// Where Exchange servers send their notifications; absent where they cannot.
    pub push: Option<PushConfig>,
    /// Where Exchange servers send word of WebDAV subscriptions; absent where these are only asked.
    pub notify: Option<NotifyConfig>,
    /// Whether devices are told nothing, and it is only told what they would get.
    pub shadow: bool,
    /// The Exchange servers, by name.
    pub servers: BTreeMap<ServerId, ServerConfig>,
    /// The rooms, in the order they were typed.
    pub rooms: Vec<RoomConfig>,
    /// Who knows the time; absent where nobody was named.
    pub clock: Option<ClockConfig>,
    /// Whether what happens is recorded; absent where it is not.
    pub flight: Option<FlightConfig>,
    /// What is allowed and unwise.
    pub warnings: Vec<Warning>,
}

impl Config {
    /// Reads a configuration file. Relative file names in it start at its own folder.
    ///
    /// # Errors
    /// When the file cannot be read, or with every mistake in it.
    pub fn load(path: &Path, zones: &ZoneDatabase) -> Result<Self, ConfigError> {
        let text = begun::read(path)?;
        let base = path.parent().unwrap_or(Path::new(""));
        let mut config = Self::parse(&text, &path.display().to_string(), base, zones)?;
        config.file = Some(path.to_owned());
        Ok(config)
    }

    /// Understands the text of a configuration file, called `file_name` in mistakes. Relative file names in it start at
    /// `base_dir`. Touches no file.
    ///
    /// # Errors
    /// With every mistake in it.
    pub fn parse(
        text: &str,
        file_name: &str,
        base_dir: &Path,
        zones: &ZoneDatabase,
    ) -> Result<Self, ConfigError> {
        let (document, mut notes) = Notes::parse(text);
        let raw = RawConfig::read(&document, base_dir, &mut notes);
        let config = check::config(raw, text, base_dir, zones, &mut notes);
        let mistakes = notes.into_mistakes(file_name, text);
        match config {
            Some(config) if mistakes.is_empty() => Ok(config),
            _ => Err(ConfigError::Mistakes(mistakes)),
        }
    }

    /// A room that has a calendar on this server, at that calendar. Absent where none has.
    pub fn room_on(&self, server: &ServerId) -> Option<RoomConfig> {
        let calendars =
            self.rooms.iter().flat_map(|room| room.calendars().map(move |calendar| (room, calendar)));
        let mut there = calendars.filter(|(_, calendar)| calendar.server == *server);
        there.next().map(|(room, calendar)| room.at(calendar))
    }

    /// Every password there is, with the server or device it is for.
    pub fn secrets(&self) -> impl Iterator<Item = (&str, &SecretSource)> {
        let servers = self.servers.iter().map(|(id, server)| (id.as_str(), server.sign_in.secret()));
        let tokens = [("[feed]", self.feed.token.as_ref()), ("[admin]", self.admin.token.as_ref())];
        let tokens =
            tokens.into_iter().chain(self.rooms.iter().map(|room| (room.id.as_str(), room.token.as_ref())));
        let tokens = tokens.filter_map(|(about, token)| Some((about, token?)));
        let devices = self.rooms.iter().flat_map(|room| &room.devices);
        servers.chain(tokens).chain(devices.filter_map(|device| Some((device.id.as_str(), device.secret()?))))
    }
}

#[cfg(test)]
mod tests;
