//! A flight record that somebody sends us.

use crate::said::fits_a_log;
use callboard::flight::{NoRecord, replay};
use meeting_model::zone::ZoneDatabase;
use std::{error::Error, sync::LazyLock};

static ZONES: LazyLock<ZoneDatabase> = LazyLock::new(ZoneDatabase::bundled);

/// It is replayed or refused, and tells the terminal nothing but lines.
pub(crate) fn file(bytes: &[u8]) {
    let mut told = Vec::new();
    match replay(bytes, &ZONES, true, &mut told) {
        Ok(replayed) => assert!(replayed.differing <= replayed.events),
        Err(NoRecord::Io(error)) => panic!("it is neither read nor written: {error}"),
        Err(refused) => {
            fits_a_log(&refused.to_string());
            let source = refused.source().map(ToString::to_string).unwrap_or_default();
            assert!(!source.contains(char::is_control));
            fits_a_log(&source);
        }
    }
    let told = String::from_utf8(told).unwrap();
    assert!(!told.contains(|c: char| c.is_control() && c != '\n'), "a terminal obeys this: {told:?}");
}
