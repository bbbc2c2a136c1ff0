//! What befalls the program itself: it dies, its disk fails, its clock is set.

use super::Run;
use chrono::TimeDelta;
use sync_engine::{ApplyError, Event};

/// When the program dies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// Now.
    AtOnce,
    /// As it is about to commit something.
    BeforeCommit,
    /// When something is committed, before anybody hears of it.
    AfterCommit,
}

/// What befalls the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mishap {
    /// It dies, and is started again after some time.
    Death {
        /// When.
        when: When,
        /// After how many more commits.
        after: u32,
        /// How long until it is started again.
        away: TimeDelta,
    },
    /// The disk takes nothing, so many times.
    Disk(u32),
    /// Its corrected clock is set by so much.
    Clock(TimeDelta),
}

/// What is to befall the program.
#[derive(Debug, Default)]
pub(super) struct Mishaps {
    death: Option<(When, u32, TimeDelta)>,
    dead: Option<TimeDelta>,
    failing: u32,
}

impl Mishaps {
    /// Whether the program has just died.
    pub(super) fn is_dead(&self) -> bool {
        self.dead.is_some()
    }

    /// A commit is about to be made, or was made.
    ///
    /// # Errors
    /// Where the program dies of it, which nobody hears, or its disk takes nothing.
    pub(super) fn befall(&mut self, moment: When) -> Result<(), ApplyError> {
        let storage = |sentence: &str| Err(ApplyError::Storage(sentence.to_owned()));
        if moment == When::BeforeCommit && self.failing > 0 {
            self.failing -= 1;
            return storage("the disk is full");
        }
        match &mut self.death {
            Some((when, 0, away)) if *when == moment => {
                self.dead = Some(*away);
                self.death = None;
                storage("dead")
            }
            Some((when, after, _)) if *when == moment => {
                *after -= 1;
                Ok(())
            }
            _ => Ok(()),
        }
    }
}

impl Run {
    /// Something befalls the program.
    pub fn befall(&mut self, mishap: Mishap) {
        match mishap {
            Mishap::Death { when: When::AtOnce, away, .. } => {
                self.mishaps.dead = Some(away);
                self.rise();
            }
            Mishap::Death { when, after, away } => self.mishaps.death = Some((when, after, away)),
            Mishap::Disk(times) => self.mishaps.failing = times,
            Mishap::Clock(by) => {
                self.trace.note(self.now, format_args!("clock set by {by}"));
                self.clock_error += by;
                self.witness.iter_mut().for_each(|witness| witness.clock_was_set(by));
                self.hear(Event::Wake);
            }
        }
    }

    /// Whatever was to befall the program does not, and its clock is right again.
    pub fn spare(&mut self) {
        self.mishaps = Mishaps::default();
        let error = -self.clock_error;
        if !error.is_zero() {
            self.befall(Mishap::Clock(error));
        }
    }

    /// The program has died: what it had not committed is gone, and the world goes on until it is started again.
    pub(super) fn rise(&mut self) {
        let Some(away) = self.mishaps.dead.take() else { return };
        self.counts.deaths += 1;
        self.trace.note(self.now, format_args!("dead for {away}"));
        self.break_connections();
        self.now += away;
        self.world.advance(self.now);
        self.look_at_the_world();
        self.restart();
    }
}
