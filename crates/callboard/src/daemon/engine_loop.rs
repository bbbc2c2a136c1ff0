//! The loop: events into the engine, actions out of it, one after the other.

use super::{health, perform::Performer};
use crate::system_clock::SystemClock;
use chrono::{DateTime, Utc};
use control::{Health, Warning};
use meeting_model::clock::Clock;
use std::time::Duration;
use sync_engine::{Action, Engine, Event};
use tokio::{
    sync::{mpsc, oneshot, watch},
    time::Instant,
};

/// The longest sleep towards a wall-clock time: a step of the clock is noticed within it (rule C6).
const CLOCK_CHECK: Duration = Duration::from_secs(4);

/// How long after a change health is told anew.
const HEALTH_EVERY: Duration = Duration::from_millis(200);

/// How long subscriptions may take to be given back at the end.
const FAREWELL: Duration = Duration::from_secs(3);

/// The engine's loop.
pub(super) struct Loop {
    pub(super) engine: Engine,
    pub(super) performer: Performer,
    pub(super) clock: SystemClock,
    pub(super) heard: mpsc::UnboundedReceiver<Event>,
    pub(super) tell_health: watch::Sender<Health>,
    pub(super) started: DateTime<Utc>,
    pub(super) warnings: Vec<Warning>,
}

impl Loop {
    /// Runs until it is told to stop, and says goodbye.
    pub(super) async fn run(mut self, first: Vec<Action>, mut stopped: oneshot::Receiver<()>) {
        self.perform(first);
        let mut health_at: Option<Instant> = None;
        loop {
            let wake = self.next_wake();
            let event = tokio::select! {
                biased;
                _ = &mut stopped => break,
                () = sleep_until(health_at) => {
                    health_at = None;
                    self.publish_health();
                    continue;
                }
                Some(event) = self.heard.recv() => event,
                () = sleep_until(Some(wake)) => Event::Wake,
            };
            health_at = health_at.or_else(|| Some(Instant::now() + HEALTH_EVERY));
            let actions = self.engine.on(event, self.clock.now());
            self.perform(actions);
        }
        self.say_goodbye().await;
    }

    fn perform(&self, actions: Vec<Action>) {
        for action in actions {
            self.performer.perform(action);
        }
    }

    fn next_wake(&self) -> Instant {
        let wake = self.engine.next_wake();
        let now = self.clock.now();
        let mono = wake.mono.map(|mono| mono.saturating_sub(now.mono));
        let wall = wake.wall.map(|wall| (wall - now.wall).to_std().unwrap_or_default());
        let sleep = mono.into_iter().chain(wall).fold(CLOCK_CHECK, Duration::min);
        self.clock.instant(now.mono + sleep)
    }

    fn publish_health(&self) {
        let now = self.clock.now();
        let health = health::of(&self.engine, self.started, &self.warnings, now);
        self.tell_health.send_if_modified(|told| {
            let differs = *told != health;
            *told = health;
            differs
        });
    }

    /// Gives the subscriptions back, as far as servers answer in time.
    async fn say_goodbye(&mut self) {
        let farewells = self.engine.on(Event::Stop, self.clock.now());
        let exchanges = farewells.iter().filter(|action| matches!(action, Action::Exchange { .. })).count();
        self.perform(farewells);
        let answered = async {
            let mut answers = 0;
            while answers < exchanges {
                match self.heard.recv().await {
                    Some(Event::Exchange { .. }) => answers += 1,
                    Some(_) => {}
                    None => break,
                }
            }
        };
        if tokio::time::timeout(FAREWELL, answered).await.is_err() {
            tracing::debug!("not every subscription was given back in time");
        }
    }
}

async fn sleep_until(at: Option<Instant>) {
    match at {
        Some(at) => tokio::time::sleep_until(at).await,
        None => std::future::pending().await,
    }
}
