//! What became of a room's plans and conversations.

use super::{Doing, Room, SPREAD, Watch, seeking::Seeking};
use crate::{
    action::Apply,
    back_off::{BackOff, Dice},
    event::Applied,
    next_step::NextStep,
    server::FIX_WAIT,
};
use meeting_model::{clock::Now, id::Revision};
use std::time::Duration;

const TROUBLE: BackOff = BackOff { first: Duration::from_secs(2), most: Duration::from_mins(5) };

/// How long after a read that was too empty to be believed the second one is made.
const SECOND_LOOK: Duration = Duration::from_mins(1);

/// How long after a read what is about to be rewritten is read once more (rule S5): the attendant takes seconds.
const REWRITTEN: Duration = Duration::from_secs(10);

impl Room {
    /// Whether its devices are to be told nothing of it yet: before it was read, and before it was read again where it was
    /// restored.
    pub(crate) fn keeps_quiet(&self) -> bool {
        self.as_of().is_none() || self.restored
    }

    /// What to apply for a replan.
    pub(crate) fn replan(&mut self, now: Now) -> Apply {
        self.replan = false;
        self.replan_at = None;
        self.midnight = self.next_midnight(now.wall);
        self.doing = Doing::Applying;
        Apply {
            room: self.id.clone(),
            observed: None,
            view: None,
            differed: None,
            view_failed: None,
            requests: Vec::new(),
            cursor: None,
            as_of: self.as_of.mended(),
            persist: self.as_of.mended().is_some(),
            ticket: None,
            dry_run: false,
        }
    }

    /// A plan was committed, or found to change nothing.
    pub(crate) fn applied(&mut self, apply: &Apply, applied: &Applied, now: Now) {
        self.doing = Doing::Nothing;
        self.rev = self.rev.max(applied.rev);
        if apply.dry_run {
            return;
        }
        self.replan_at = applied.replan_at.filter(|_| self.is_first());
        self.has_series = applied.has_series;
        self.seeking.lacks(&applied.unnamed);
        self.wants_whole |= applied.reread;
        if apply.view.is_some() {
            self.well();
        }
        self.differed = apply.view.as_ref().filter(|_| applied.reread).cloned();
        if apply.observed.is_none() {
            if apply.persist {
                self.as_of.was_stored(now.mono);
            }
            return;
        }
        self.well();
        if applied.suspicious {
            // nothing was removed, so the cursor stays with the rows it covers
            self.second_look_at = Some(now.mono + SECOND_LOOK);
            self.trouble = Some(format!(
                "its calendar came back empty while meetings are shown; nothing was removed, and a second read decides in {} s",
                SECOND_LOOK.as_secs()
            ));
            return;
        }
        if applied.read_again {
            self.told_of_change_at(now.mono + REWRITTEN);
        }
        self.cursor.clone_from(&apply.cursor);
        self.as_of.note(apply.as_of);
        self.restored = false;
        if apply.persist {
            self.as_of.was_stored(now.mono);
        }
    }

    /// Another calendar of its room's was read, and the room planned with that.
    pub(crate) fn planned_by_another(&mut self, applied: &Applied) {
        self.rev = self.rev.max(applied.rev);
        self.replan_at = self.replan_at.into_iter().chain(applied.replan_at).min();
        self.has_series |= applied.has_series;
    }

    /// What it displays was masked by another room's commit, which knew of a secret: planning it again will find nothing to
    /// change.
    pub(crate) fn was_masked(&mut self, rev: Revision) {
        self.rev = self.rev.max(rev);
    }

    /// A plan could not be stored: the read that made it is made again.
    pub(crate) fn not_applied(&mut self, sentence: String, now: Duration, dice: &mut Dice) {
        self.doing = Doing::Nothing;
        self.change_at = Some(now);
        self.seeking = Seeking::default();
        self.replan = false;
        self.block(sentence, None, now, dice);
    }

    /// Another program has taken the room: let it go.
    pub(crate) fn give_up(&mut self, sentence: String) {
        self.doing = Doing::Nothing;
        self.given_up = true;
        self.trouble = Some(sentence);
    }

    /// Only this room is in trouble.
    pub(crate) fn failed(&mut self, step: NextStep, sentence: String, now: Duration, dice: &mut Dice) {
        match step {
            NextStep::Resubscribe => {
                self.watch = Watch::None;
                // once at once; a subscription that is lost again and again is waited for
                if self.failures == 0 {
                    self.failures = 1;
                } else {
                    self.block(sentence, None, now, dice);
                }
            }
            NextStep::DoWithoutSubscription => {
                self.watch = Watch::Refused { again_at: now + Duration::from_hours(1) };
                self.look_at = now;
                self.probe = None;
            }
            NextStep::ResyncFromScratch if self.cursor.is_some() => self.cursor = None,
            NextStep::RetryAfter(wait) => self.block(sentence, Some(wait), now, dice),
            NextStep::FixConfig => self.block(sentence, Some(dice.shorten(FIX_WAIT, 4)), now, dice),
            _ => self.block(sentence, None, now, dice),
        }
    }

    /// It waits a little, by chance: others have lost the same in the same moment.
    pub(crate) fn spread(&mut self, now: Duration, dice: &mut Dice) {
        self.blocked_until = self.blocked_until.max(Some(now + dice.shorten(SPREAD, 1)));
    }

    fn block(&mut self, sentence: String, wait: Option<Duration>, now: Duration, dice: &mut Dice) {
        self.failures += 1;
        self.trouble = Some(sentence);
        self.blocked_until = Some(now + wait.unwrap_or_else(|| TROUBLE.wait(self.failures, dice)));
    }

    pub(super) fn well(&mut self) {
        self.failures = 0;
        self.trouble = None;
        self.blocked_until = None;
    }
}
