//! `callboard diff`: what is mirrored against what the servers make of the calendars; changes nothing.

use super::resync_room::{chosen, wish_for};
use crate::{
    cli::{Diff, Exit},
    command::Terminal,
    config::Config,
};
use meeting_model::zone::ZoneDatabase;
use sync_engine::Wish;

/// Compares the rooms that were asked for.
///
/// # Errors
/// Where the mirror or the socket cannot be used, or the differences not be written. A room that cannot be compared, or that
/// differs, is no error: it is told, and the exit code says so.
pub fn run(
    asked: &Diff,
    config: &Config,
    zones: ZoneDatabase,
    terminal: &mut Terminal<'_>,
) -> anyhow::Result<Exit> {
    match chosen(&asked.rooms, asked.all, config, terminal)? {
        Ok(rooms) => wish_for(config, zones, rooms, Wish::Compare, terminal),
        Err(exit) => Ok(exit),
    }
}
