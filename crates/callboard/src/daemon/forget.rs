//! Forgets what is long past (rule P7).

use crate::{config::Config, corrected_clock::CorrectedClock};
use chrono::TimeDelta;
use control::ClockReport;
use meeting_model::{clock::Clock, settings::RoomSettings};
use std::time::Duration;
use store::{Prune, WriterHandle};
use tokio::{sync::watch, time::MissedTickBehavior};

/// How often it is looked for something to forget.
const EVERY: Duration = Duration::from_hours(1);

/// How much is forgotten at once, in rows of each kind: no commit waits long for it.
const AT_ONCE: u32 = 500;

/// How long what copies of a meeting taught is kept after the last copy has gone.
const FACTS: TimeDelta = TimeDelta::days(90);

/// How long somebody is waited for who confirms the time: a clock that is far ahead would have everything forgotten.
const WITNESS_WITHIN: Duration = Duration::from_hours(1);

/// How long any room keeps something.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Keeps {
    /// Its meetings, after their end.
    back: Duration,
    /// Their names.
    names: Duration,
}

/// How long the rooms keep what.
pub(crate) fn keeps(config: &Config) -> Keeps {
    let longest = |span: fn(&RoomSettings) -> Duration| {
        config.rooms.iter().map(|room| span(&room.settings)).max().unwrap_or_default()
    };
    Keeps { back: longest(|room| room.back), names: longest(|room| room.forget_after) }
}

/// Forgets now and every hour what is longer past than `keeps` says then, until it is aborted.
pub(crate) async fn by_and_by(
    writer: WriterHandle,
    clock: CorrectedClock,
    mut clocks: watch::Receiver<ClockReport>,
    keeps: watch::Receiver<Keeps>,
) {
    let mut hours = tokio::time::interval(EVERY);
    hours.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        hours.tick().await;
        let witness = clocks.wait_for(|clocks| clocks.ahead_us.is_some() || !clocks.exchange.is_empty());
        // without any, this machine's clock is all there is
        let _ = tokio::time::timeout(WITNESS_WITHIN, witness).await.is_ok();
        let keeps = *keeps.borrow();
        if let Err(error) = once(&writer, &clock, keeps).await {
            tracing::warn!(%error, "what is long past could not be forgotten, and is tried again");
        }
    }
}

async fn once(writer: &WriterHandle, clock: &CorrectedClock, keeps: Keeps) -> Result<(), store::Error> {
    loop {
        let now = clock.now().wall - clock.longest_linger();
        let prune = Prune {
            ended_before: now - keeps.back,
            names_before: now - keeps.names,
            unheld_since: now - FACTS,
            now,
            limit: AT_ONCE,
        };
        let pruned = writer.prune(prune).await?;
        tracing::debug!(
            items = pruned.items,
            occurrences = pruned.occurrences,
            facts = pruned.facts,
            history = pruned.history,
            "forgotten"
        );
        if !pruned.is_more(AT_ONCE) {
            return Ok(());
        }
    }
}
