//! From what was read to what is committed: the join of the engine's wish, the model's plan and the store.

mod applying;
mod calendars;
mod told;

pub use applying::{Applying, Done};
pub use calendars::{Calendar, Calendars, claims, further, starts};

use crate::{
    cmdlets::{Accounts, Concerned},
    config::Config,
    site,
};
use anyhow::Context;
use control::{Resynced, RoomReport};
use meeting_model::{
    id::{Epoch, RoomId},
    observed::Source,
    plan::Site,
    privacy::SiteSecret,
    settings::RoomSettings,
    zone::ZoneDatabase,
};
use std::collections::BTreeMap;
use store::{RoomState, Store};
use sync_engine::ApplyError;

/// What planning needs besides what is known and read.
#[derive(Debug)]
pub struct Planning {
    /// The site's secret.
    pub secret: SiteSecret,
    /// The rules of all zones.
    pub zones: ZoneDatabase,
    /// How each room is treated.
    pub settings: BTreeMap<RoomId, RoomSettings>,
    /// Where each room's calendar is.
    pub sources: BTreeMap<RoomId, Source>,
    /// In which epoch each room is ours.
    pub epochs: BTreeMap<RoomId, Epoch>,
    /// The rooms' calendars.
    pub calendars: Calendars,
    /// Who signs in where, for what is said of it.
    pub accounts: Accounts,
}

impl Planning {
    /// For the configured rooms as they were taken from the store, which keeps its secret or takes a fresh one.
    ///
    /// # Errors
    /// Where the system has no randomness to give, or the store cannot be written.
    pub fn begin(
        config: &Config,
        zones: ZoneDatabase,
        store: &mut Store,
        taken: &[RoomState],
    ) -> anyhow::Result<Self> {
        let mut fresh = [0; 32];
        getrandom::fill(&mut fresh).context("the system has no randomness to give")?;
        Ok(Self {
            secret: store.site_secret(fresh)?,
            zones,
            settings: settings(config),
            sources: sources(config),
            epochs: taken.iter().map(|room| (room.room.clone(), room.epoch)).collect(),
            calendars: Calendars::default().changed(&site::plans(config), taken),
            accounts: Accounts::of(config),
        })
    }

    /// For other rooms, of which these were taken or changed just now and the others are held as they were.
    #[must_use]
    pub fn changed(&self, config: &Config, taken: &[RoomState]) -> Self {
        let settings = settings(config);
        let held = self.epochs.iter().map(|(room, epoch)| (room.clone(), *epoch));
        let now_held = taken.iter().map(|room| (room.room.clone(), room.epoch));
        let epochs = held.chain(now_held).filter(|(room, _)| settings.contains_key(room)).collect();
        let sources = sources(config);
        let calendars = self.calendars.changed(&site::plans(config), taken);
        Self {
            secret: self.secret.clone(),
            zones: self.zones.clone(),
            settings,
            sources,
            epochs,
            calendars,
            accounts: Accounts::of(config),
        }
    }

    /// What an operator is told of a calendar.
    pub(crate) fn report(&self, id: &RoomId, result: Result<Resynced, String>) -> RoomReport {
        let report = self.calendars.report(id, result);
        let Some(Calendar { room, mailbox, .. }) = self.calendars.of(id) else { return report };
        let account = self.sources.get(room).and_then(|source| self.accounts.at(&source.server));
        let concerned = Concerned { room, mailbox, account };
        RoomReport { result: report.result.map_err(|sentence| concerned.named(&sentence)), ..report }
    }

    /// What all rooms share.
    pub fn site(&self) -> Site<'_> {
        Site { secret: &self.secret, zones: &self.zones }
    }

    /// Whose a calendar is, how its room is treated and in which epoch that is ours. Nothing where none is configured.
    fn of(&self, id: &RoomId) -> Option<(&Calendar, &RoomSettings, Epoch)> {
        let calendar = self.calendars.of(id)?;
        Some((calendar, self.settings.get(&calendar.room)?, *self.epochs.get(&calendar.room)?))
    }
}

fn settings(config: &Config) -> BTreeMap<RoomId, RoomSettings> {
    config.rooms.iter().map(|room| (room.id.clone(), room.settings.clone())).collect()
}

fn sources(config: &Config) -> BTreeMap<RoomId, Source> {
    config.rooms.iter().map(|room| (room.id.clone(), room.source())).collect()
}

/// What the engine is told of a failed commit.
pub fn not_applied(error: &store::Error) -> ApplyError {
    match error {
        store::Error::Fenced { .. } => ApplyError::Fenced,
        other => ApplyError::Storage(other.to_string()),
    }
}
