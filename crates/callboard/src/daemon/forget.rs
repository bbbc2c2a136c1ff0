//! Forgets what is long past (rule P7).

use crate::config::Config;
use chrono::TimeDelta;
use meeting_model::clock::Clock;
use std::{sync::Arc, time::Duration};
use store::{Prune, WriterHandle};
use tokio::{sync::watch, time::MissedTickBehavior};

/// How often it is looked for something to forget.
const EVERY: Duration = Duration::from_hours(1);

/// How much is forgotten at once, in rows of each kind: no commit waits long for it.
const AT_ONCE: u32 = 500;

/// How long what copies of a meeting taught is kept after the last copy has gone.
const FACTS: TimeDelta = TimeDelta::days(90);

/// How far back any room keeps its meetings.
pub(crate) fn back(config: &Config) -> Duration {
    config.rooms.iter().map(|room| room.settings.back).max().unwrap_or_default()
}

/// Forgets now and every hour what is longer past than `back` says then, until it is aborted.
pub(crate) async fn by_and_by(writer: WriterHandle, clock: Arc<dyn Clock>, back: watch::Receiver<Duration>) {
    let mut hours = tokio::time::interval(EVERY);
    hours.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        hours.tick().await;
        let back = *back.borrow();
        if let Err(error) = once(&writer, &*clock, back).await {
            tracing::warn!(%error, "what is long past could not be forgotten, and is tried again");
        }
    }
}

async fn once(writer: &WriterHandle, clock: &dyn Clock, back: Duration) -> Result<(), store::Error> {
    loop {
        let now = clock.now().wall;
        let prune = Prune { ended_before: now - back, unheld_since: now - FACTS, now, limit: AT_ONCE };
        let pruned = writer.prune(prune).await?;
        tracing::debug!(
            items = pruned.items,
            occurrences = pruned.occurrences,
            facts = pruned.facts,
            "forgotten"
        );
        if !pruned.is_more(AT_ONCE) {
            return Ok(());
        }
    }
}
