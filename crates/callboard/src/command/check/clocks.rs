//! Whether the clocks agree: what NTP servers say, and what the replies of a check tell of Exchange's.

use super::report::Finding;
use crate::{clocks::Clocks, config::Config, corrected_clock::CorrectedClock};
use control::ClockState;
use meeting_model::id::ServerId;
use std::{collections::BTreeMap, sync::Arc};
use subscriber::{
    Subscriber,
    dated::{Dated, Hears},
};
use tokio::sync::mpsc::{self, UnboundedReceiver};

/// What is heard of the clocks while rooms are asked.
pub(super) struct Listening {
    clock: CorrectedClock,
    clocks: Clocks,
    dated: UnboundedReceiver<Dated>,
}

impl Listening {
    /// From now on.
    pub(super) fn begin(config: &Config, servers: &BTreeMap<ServerId, Subscriber>) -> Self {
        let clock = CorrectedClock::start();
        let (hear, dated) = mpsc::unbounded_channel();
        let hears: Arc<Hears> = Arc::new(move |dated| drop(hear.send(dated)));
        for subscriber in servers.values() {
            subscriber.tell_dates(&hears);
        }
        Self { clocks: Clocks::new(config.clock.as_ref(), &clock), clock, dated }
    }

    /// Asks every NTP server once.
    pub(super) async fn measure(&mut self) {
        self.clocks.measure(1, &self.clock).await;
    }

    /// What deserves attention.
    pub(super) fn findings(mut self) -> Vec<Finding> {
        while let Ok(dated) = self.dated.try_recv() {
            self.clocks.dated(&dated, &self.clock);
        }
        let report = self.clocks.judge(&self.clock).report;
        let is_wrong = report.state == ClockState::Degraded;
        let is_said =
            |server: &str| report.warnings.iter().any(|warning| warning.about.as_deref() == Some(server));
        let silent = report.ntp.iter().filter_map(|source| {
            let trouble = source.trouble.as_ref().filter(|_| !is_said(&source.server))?;
            Some(Finding::warning(format!("NTP server `{}`: {trouble}", source.server)))
        });
        let warnings = report.warnings.iter().map(|warning| match warning.id.as_str() {
            "clock-skew" if is_wrong => Finding::wrong(warning.to_string()),
            _ => Finding::warning(warning.to_string()),
        });
        warnings.chain(silent).collect()
    }
}
