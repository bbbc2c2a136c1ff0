//! From what was read to what is committed: the join of the engine's wish, the model's plan and the store.

use crate::config::Config;
use anyhow::Context;
use control::{DiffKind, DiffLine, Resynced};
use meeting_model::{
    clock::Now,
    id::{Epoch, RoomId},
    identity::MeetingId,
    known::Known,
    observed::Observed,
    plan::{self, Change, ChangeKind, Commit, Plan, Site},
    privacy::SiteSecret,
    settings::RoomSettings,
    zone::ZoneDatabase,
};
use std::collections::{BTreeMap, BTreeSet};
use store::{RoomState, Store};
use sync_engine::{Applied, Apply, ApplyError};

/// What planning needs besides what is known and read.
#[derive(Debug)]
pub struct Planning {
    /// The site's secret.
    pub secret: SiteSecret,
    /// The rules of all zones.
    pub zones: ZoneDatabase,
    /// How each room is treated.
    pub settings: BTreeMap<RoomId, RoomSettings>,
    /// In which epoch each room is ours.
    pub epochs: BTreeMap<RoomId, Epoch>,
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
            settings: config.rooms.iter().map(|room| (room.id.clone(), room.settings.clone())).collect(),
            epochs: taken.iter().map(|room| (room.room.clone(), room.epoch)).collect(),
        })
    }

    /// The meetings whose facts the plan will need, besides those of what is known.
    pub fn meetings(apply: &Apply) -> BTreeSet<MeetingId> {
        apply.observed.as_ref().map(Observed::meeting_ids).unwrap_or_default()
    }

    /// Plans. Nothing for a room that is not configured.
    pub fn plan(&self, apply: &Apply, known: &Known, now: Now) -> Option<Plan> {
        let settings = self.settings.get(&apply.room)?;
        let site = Site { secret: &self.secret, zones: &self.zones };
        Some(plan::plan(&apply.room, known, apply.observed.as_ref(), settings, site, now))
    }

    /// What is to be committed of a plan. Nothing where that would change nothing: then the cursor waits in the engine for
    /// the next rows.
    pub fn commit(apply: &Apply, plan: &Plan, now: Now) -> Option<Commit> {
        let nothing_new = plan.is_empty() && !(apply.persist && apply.observed.is_some());
        if apply.dry_run || nothing_new {
            return None;
        }
        // the cursor moves only with the rows it covers: of a read that is not believed, neither is kept
        let believed = !plan.suspicious;
        Some(Commit {
            plan: plan.clone(),
            cursor: apply.cursor.clone().filter(|_| believed),
            as_of: apply.as_of.filter(|_| believed),
            now: now.wall,
        })
    }
}

/// What an operator is told of a read that was too empty to be believed.
pub const NOT_BELIEVED: &str = "its calendar came back empty while meetings are shown; nothing was removed, and a second read by \
     another operation decides, a minute later";

/// What the engine is told of a plan. `committed` is what the store said of it, where anything was stored.
pub fn applied(plan: &Plan, committed: Option<&store::Committed>) -> Applied {
    Applied {
        rev: committed.map_or(plan.base, |committed| committed.rev),
        display_changed: plan.changes_display() || committed.is_some_and(|done| !done.masked.is_empty()),
        replan_at: plan.replan_at,
        suspicious: plan.suspicious,
        replan: committed.map(|done| done.replan.clone()).unwrap_or_default(),
    }
}

/// What the engine is told of a failed commit.
pub fn not_applied(error: &store::Error) -> ApplyError {
    match error {
        store::Error::Fenced { .. } => ApplyError::Fenced,
        other => ApplyError::Storage(other.to_string()),
    }
}

/// What an operator is told of a plan.
pub fn resynced(plan: &Plan, known: &Known, committed: Option<&store::Committed>, dry_run: bool) -> Resynced {
    let mut shown: BTreeMap<_, bool> =
        known.occurrences.values().map(|one| (&one.key, one.decision.is_shown())).collect();
    shown.extend(plan.occurrences.iter().map(|one| (&one.key, one.decision.is_shown())));
    for key in &plan.removed_occurrences {
        shown.remove(key);
    }
    Resynced {
        rev: committed.map_or(plan.base, |committed| committed.rev).0,
        applied: !dry_run,
        shown: shown.values().filter(|shown| **shown).count(),
        lines: plan.changes.iter().map(line).collect(),
    }
}

fn line(change: &Change) -> DiffLine {
    let why = match &change.decision {
        Some(decision) => decision.sentence().to_string(),
        None => "it is no longer in the room's calendar".to_owned(),
    };
    DiffLine {
        kind: match change.kind {
            ChangeKind::Added => DiffKind::Added,
            ChangeKind::Changed => DiffKind::Changed,
            ChangeKind::Removed => DiffKind::Removed,
        },
        start: change.displayed.start,
        end: change.displayed.end,
        title: change.displayed.title.clone(),
        rule: change.decision.map(|decision| decision.rule.to_string()),
        why,
    }
}
