//! Keeps the time: asks the NTP servers, hears Exchange's dates, notices steps of the system's clock, and corrects the clock that
//! everybody goes by (rules C1 to C6).

use crate::{
    clocks::{Clocks, Judgement, Said},
    config::{ClockConfig, Config, RoomConfig},
    corrected_clock::{CorrectedClock, Correction, Step},
};
use chrono::TimeDelta;
use control::{ClockReport, ClockState};
use meeting_model::id::{RoomId, ServerId};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};
use subscriber::dated::{Dated, Hears};
use sync_engine::Event;
use tokio::{
    sync::{
        mpsc::{self, UnboundedReceiver, UnboundedSender},
        watch,
    },
    time::{Instant, MissedTickBehavior, interval, sleep_until},
};

/// How often it is looked for a step: noticed within five seconds (rule C6).
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// Replies come by the thousand: what they tell is judged together.
const JUDGE_AFTER: Duration = Duration::from_millis(250);

/// A correction that moves by less wakes nobody: displays change at whole seconds.
const NOTICEABLE: TimeDelta = TimeDelta::milliseconds(50);

/// What the configuration decides of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Timekeeping {
    ntp: Option<ClockConfig>,
    /// The servers of the rooms: most rooms have one.
    servers: BTreeSet<(RoomId, ServerId)>,
}

impl Timekeeping {
    pub(crate) fn of(config: &Config) -> Self {
        let of_room = |room: &RoomConfig| {
            let servers = room.calendars().map(|calendar| (room.id.clone(), calendar.server));
            servers.collect::<Vec<_>>()
        };
        Self { ntp: config.clock.clone(), servers: config.rooms.iter().flat_map(of_room).collect() }
    }
}

/// Keeps the time.
pub(super) struct Timekeeper {
    clock: CorrectedClock,
    clocks: Clocks,
    by: Timekeeping,
    dated: UnboundedReceiver<Dated>,
    told: watch::Sender<ClockReport>,
    said: Said,
    judge_at: Option<Instant>,
}

impl Timekeeper {
    /// Asks every NTP server once, so that nothing is decided by a clock that is known to be wrong. Takes at most a second
    /// and a half. Also gives who is to hear of every dated reply.
    pub(super) async fn begin(config: &Config, clock: CorrectedClock) -> (Self, Arc<Hears>) {
        let by = Timekeeping::of(config);
        let mut clocks = Clocks::new(by.ntp.as_ref(), &clock);
        clocks.measure(1, &clock).await;
        let (hear, dated) = mpsc::unbounded_channel();
        let told = watch::Sender::new(ClockReport::default());
        let mut this = Self { clock, clocks, by, dated, told, said: Said::default(), judge_at: None };
        this.judge();
        // whoever listens may have ended
        (this, Arc::new(move |dated| drop(hear.send(dated))))
    }

    /// What is known of the clocks, told anew when it changes.
    pub(super) fn report(&self) -> watch::Receiver<ClockReport> {
        self.told.subscribe()
    }

    /// Keeps the time until it is aborted. `events` is told where timers have to be looked at.
    pub(super) async fn run(mut self, mut by: watch::Receiver<Timekeeping>, events: UnboundedSender<Event>) {
        let mut looks = interval(LOOK_EVERY);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let ask_at = self.clocks.next().map(|next| self.clock.instant(next));
            let wakes = tokio::select! {
                _ = looks.tick() => self.look(),
                () = at(ask_at) => {
                    self.clocks.ask(&self.clock);
                    false
                }
                answered = self.clocks.answer() => {
                    self.clocks.answered(answered, &self.clock);
                    self.judge()
                }
                Some(dated) = self.dated.recv() => {
                    self.clocks.dated(&dated, &self.clock);
                    self.judge_at = self.judge_at.or_else(|| Some(Instant::now() + JUDGE_AFTER));
                    false
                }
                () = at(self.judge_at) => self.judge(),
                Ok(()) = by.changed() => {
                    self.reconfigure(by.borrow_and_update().clone());
                    self.judge()
                }
            };
            if wakes && events.send(Event::Wake).is_err() {
                return;
            }
        }
    }

    fn reconfigure(&mut self, by: Timekeeping) {
        if by.ntp != self.by.ntp {
            self.clocks.ask_others(by.ntp.as_ref(), &self.clock);
        }
        self.clocks.retain(|server| by.servers.iter().any(|(_, there)| there == server));
        self.by = by;
    }

    /// Whether the system's clock was stepped, or the machine slept: every timer is looked at then.
    fn look(&mut self) -> bool {
        let step = self.clock.look();
        if let Some(Step { by, slept }) = step {
            let (step_ms, slept_ms) = (by.num_milliseconds(), slept.as_millis());
            tracing::warn!(step_ms, slept_ms, "the system's clock was stepped, or the machine slept");
            self.clocks.begin_again(!slept.is_zero(), &self.clock);
        }
        // what ages is judged anew too
        self.judge() | step.is_some()
    }

    /// Judges the clocks and goes by that; whether timers have to be looked at.
    fn judge(&mut self) -> bool {
        self.judge_at = None;
        let Judgement { report, ahead, lingers } = self.clocks.judge_again(&self.clock, &mut self.said);
        let mut of_rooms: BTreeMap<RoomId, TimeDelta> = BTreeMap::new();
        for (room, server) in &self.by.servers {
            if let Some(lingers) = lingers.get(server) {
                // of several clocks the one that is the farthest behind
                of_rooms
                    .entry(room.clone())
                    .and_modify(|most| *most = *lingers.max(most))
                    .or_insert(*lingers);
            }
        }
        let correction = Correction { ahead, lingers: of_rooms };
        let before = self.clock.correction();
        let moved = match (before.ahead, correction.ahead) {
            (Some(before), Some(now)) => (now - before).abs() >= NOTICEABLE,
            (before, now) => before != now,
        };
        let lingers = before.lingers != correction.lingers;
        if moved {
            let ahead_ms = correction.ahead.map(|ahead| ahead.num_milliseconds());
            tracing::info!(ahead_ms, "the clock is corrected");
        }
        self.clock.correct(correction);
        self.tell(report) || moved || lingers
    }

    /// Tells operators; whether what health says of it has changed.
    fn tell(&self, report: ClockReport) -> bool {
        let differs = {
            let before = self.told.borrow();
            if before.state != report.state && report.state == ClockState::Degraded {
                tracing::error!("clocks contradict each other by half a minute or more");
            }
            before.state != report.state || before.warnings != report.warnings
        };
        self.told.send_replace(report);
        differs
    }
}

async fn at(instant: Option<Instant>) {
    match instant {
        Some(instant) => sleep_until(instant).await,
        None => std::future::pending().await,
    }
}
