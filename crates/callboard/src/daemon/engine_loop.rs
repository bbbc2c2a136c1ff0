//! The loop: events into the engine, actions out of it, one after the other.

use super::{health, perform::Performer, reload::Change};
use crate::{corrected_clock::CorrectedClock, flight::Recorder, site};
use chrono::{DateTime, Utc};
use control::{ClockReport, Health, ServerState, Warning};
use meeting_model::{clock::Clock, id::DeviceId};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};
use sync_engine::{Action, Engine, Event};
use tokio::{
    sync::{mpsc, oneshot, watch},
    time::Instant,
};

/// The longest sleep towards a wall-clock time: a step of the clock is noticed within it (rule C6).
const CLOCK_CHECK: Duration = Duration::from_secs(4);

/// How long after a change health is told anew, at the soonest: with ten thousand rooms there is always a change, and telling
/// takes milliseconds.
const HEALTH_EVERY: Duration = Duration::from_millis(200);

/// Telling health takes at most this part of the time.
const HEALTH_SHARE: u32 = 100;

/// How long subscriptions may take to be given back at the end.
const FAREWELL: Duration = Duration::from_secs(3);

/// The engine's loop.
pub(super) struct Loop {
    pub(super) engine: Engine,
    pub(super) recorder: Option<Recorder>,
    pub(super) performer: Performer,
    pub(super) clock: CorrectedClock,
    pub(super) clocks: watch::Receiver<ClockReport>,
    pub(super) heard: mpsc::UnboundedReceiver<Event>,
    pub(super) changes: mpsc::UnboundedReceiver<Change>,
    pub(super) tell_health: watch::Sender<Health>,
    pub(super) started: DateTime<Utc>,
    pub(super) warnings: Vec<Warning>,
    /// Who waits until the engine knows of the change that was just made.
    pub(super) changed: Option<oneshot::Sender<BTreeSet<DeviceId>>>,
}

impl Loop {
    /// Runs until it is told to stop, and says goodbye. `end_feed` is dropped behind the last commit: displays are served
    /// until then.
    pub(super) async fn run(
        mut self,
        first: Vec<Action>,
        mut stopped: oneshot::Receiver<()>,
        end_feed: oneshot::Sender<()>,
    ) {
        self.perform(first);
        let mut health_at: Option<Instant> = None;
        let mut pause = HEALTH_EVERY;
        loop {
            let wake = self.next_wake();
            let event = tokio::select! {
                biased;
                _ = &mut stopped => break,
                () = sleep_until(health_at) => {
                    health_at = None;
                    let begun = Instant::now();
                    self.publish_health();
                    pause = HEALTH_EVERY.max(begun.elapsed() * HEALTH_SHARE);
                    continue;
                }
                Some(change) = self.changes.recv() => self.change(change),
                Some(event) = self.heard.recv() => event,
                () = sleep_until(Some(wake)) => Event::Wake,
            };
            health_at = health_at.or_else(|| Some(Instant::now() + pause));
            let actions = self.hear(event);
            self.perform(actions);
            if let Some(done) = self.changed.take() {
                // whoever hears of the change finds it in health
                self.publish_health();
                let leaving = self.engine.leaving().map(|(device, _)| device.clone()).collect();
                let _ = done.send(leaving);
            }
        }
        self.say_goodbye().await;
        drop(end_feed);
    }

    /// Tells the engine what happened, and whoever records it.
    fn hear(&mut self, event: Event) -> Vec<Action> {
        let now = self.clock.now();
        let Some(recorder) = &mut self.recorder else { return self.engine.on(event, now) };
        let told = event.clone();
        let actions = self.engine.on(event, now);
        recorder.heard(told, now, &actions);
        actions
    }

    /// Takes what actions are performed with from now on; what the engine is to be told of it.
    fn change(&mut self, change: Change) -> Event {
        let Change { event, equipment, warnings, done } = change;
        equipment.put_into(&mut self.performer);
        self.warnings = warnings;
        self.changed = Some(done);
        event
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
        let expiring = site::certificate_warnings(&self.performer.subscriber, now.wall);
        let of_rooms = self.performer.signs.warnings(&self.engine);
        let (clock, of_clocks) = {
            let clocks = self.clocks.borrow();
            (clocks.state, clocks.warnings.clone())
        };
        let warnings = [self.warnings.as_slice(), &of_clocks, &expiring, &of_rooms].concat();
        let health = Health {
            clock,
            ..health::of(&self.engine, &self.performer.planning.accounts, self.started, &warnings, now)
        };
        log_turns(&self.tell_health.borrow(), &health);
        self.tell_health.send_if_modified(|told| {
            let differs = *told != health;
            *told = health;
            differs
        });
    }

    /// Gives the subscriptions back, as far as servers answer in time.
    async fn say_goodbye(&mut self) {
        let farewells = self.hear(Event::Stop);
        self.perform(farewells);
        let said = async {
            while !self.engine.is_at_rest() {
                let Some(event) = self.heard.recv().await else { break };
                let actions = self.hear(event);
                self.perform(actions);
            }
        };
        if tokio::time::timeout(FAREWELL, said).await.is_err() {
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

/// Logs what has gone wrong and what is well again since health was last told: once each, not with every attempt.
fn log_turns(before: &Health, now: &Health) {
    let servers = before.servers.iter().map(|server| (server.server.as_str(), &server.trouble)).collect();
    for is in &now.servers {
        match (trouble_in(&servers, &is.server), &is.trouble) {
            (None, Some(trouble)) if is.state == ServerState::SignInRefused => {
                tracing::error!(server = is.server, trouble, "the server refuses to sign us in");
            }
            (None, Some(trouble)) => tracing::warn!(server = is.server, trouble, "the server is in trouble"),
            (Some(_), None) => tracing::info!(server = is.server, "the server is well again"),
            _ => {}
        }
        for located in is.located.iter().filter(|located| !was_located(before, &is.server, located)) {
            tracing::info!(server = is.server, located, "web services were found");
        }
    }
    let of_server = now.servers.iter().any(|server| server.trouble.is_some());
    let rooms = before.rooms.iter().map(|room| (room.room.as_str(), &room.trouble)).collect();
    for is in &now.rooms {
        match (trouble_in(&rooms, &is.room), &is.trouble) {
            // what a server's trouble does to its rooms is said once, of the server
            (None, Some(trouble)) if !of_server => {
                tracing::warn!(room = is.room, trouble, "the room is in trouble");
            }
            (Some(_), None) => tracing::info!(room = is.room, "the room is well again"),
            _ => {}
        }
    }
    for is in now.warnings.iter().filter(|is| !before.warnings.contains(is)) {
        tracing::warn!(warning = %is, "this deserves attention");
    }
    let is_same = |was: &Warning, is: &Warning| (&was.id, &was.about) == (&is.id, &is.about);
    for was in before.warnings.iter().filter(|was| !now.warnings.iter().any(|is| is_same(was, is))) {
        tracing::info!(warning = was.id, about = was.about, "this deserves attention no longer");
    }
    let devices = before.devices.iter().map(|device| (device.device.as_str(), &device.trouble)).collect();
    for is in &now.devices {
        match (trouble_in(&devices, &is.device), &is.trouble) {
            (None, Some(trouble)) => tracing::warn!(device = is.device, trouble, "the device is in trouble"),
            (Some(_), None) => tracing::info!(device = is.device, "the device is well again"),
            _ => {}
        }
    }
}

/// Whether that was known of the server when health was last told.
fn was_located(before: &Health, server: &str, located: &String) -> bool {
    before.servers.iter().any(|was| was.server == server && was.located.contains(located))
}

/// What was wrong with it when health was last told; nothing of what was not there.
fn trouble_in<'a>(before: &BTreeMap<&str, &'a Option<String>>, name: &str) -> Option<&'a str> {
    before.get(name).and_then(|trouble| trouble.as_deref())
}
