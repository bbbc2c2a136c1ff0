//! The configuration file: an administrator's, who may mistype anything.

use callboard::config::{Config, ConfigError};
use meeting_model::zone::ZoneDatabase;
use std::{path::Path, sync::LazyLock};

static ZONES: LazyLock<ZoneDatabase> = LazyLock::new(ZoneDatabase::bundled);

/// It is understood, or every mistake is told at its place; either without touching a file.
pub(crate) fn text(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    match Config::parse(&text, "callboard.toml", Path::new("/nonexistent"), &ZONES) {
        Ok(config) => drop(config.secrets().count()),
        Err(ConfigError::Mistakes(mistakes)) => {
            assert!(!mistakes.is_empty(), "refused without a mistake");
            for mistake in mistakes {
                let said = mistake.to_string();
                assert!(said.starts_with("callboard.toml"), "{said}");
            }
        }
        Err(error) => panic!("{error}"),
    }
}
