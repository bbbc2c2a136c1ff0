//! A room talks to its server: what it says first, and what comes of the answers.

use super::{Conversation, Doing, Need, Outcome, Room, Watch};
use crate::{
    action::Apply,
    back_off::Dice,
    settings::ServerSettings,
    talk::{Said, Start},
};
use chrono::{DateTime, Utc};
use exchange_wire::{
    Error, Request,
    ews::{Mailbox, watch::Watch as Subscription},
};
use meeting_model::{
    clock::{Now, Window},
    observed::{Coverage, Cursor, Observed},
};
use std::time::Duration;

/// How often a room is read for changes where its server refuses subscriptions.
const WITHOUT_SUBSCRIPTION: Duration = Duration::from_mins(1);

/// How old the stored as-of of a quiet room may become: a restart then shows an age that is at most this much too old,
/// and a quiet room costs the disk nothing in between.
const STORE_AS_OF_EVERY: Duration = Duration::from_mins(5);

impl Room {
    /// The span that is stored.
    fn window(&self, wall: DateTime<Utc>) -> Window {
        let settings = &self.plan.settings;
        Window { start: wall - settings.back, end: wall + settings.ahead }
    }

    /// Waits for its turn to talk.
    pub(crate) fn queue_up(&mut self) {
        self.doing = Doing::Queued;
    }

    /// Its turn has come: what to say first, or nothing where the need has gone meanwhile.
    ///
    /// # Errors
    /// Where what the store holds is of no use for the protocol: a cursor of another one.
    pub(crate) fn talk(&mut self, server: &ServerSettings, now: Now) -> Result<Option<Request>, Error> {
        if matches!(self.doing, Doing::Queued) {
            self.doing = Doing::Nothing;
        }
        let Some(need) = self.need(now).filter(|need| *need != Need::Replan) else { return Ok(None) };
        let start = Start {
            dialect: server.dialect,
            mailbox: Mailbox::new(&self.plan.mailbox),
            cursor: self.cursor.as_ref(),
            watch: self.subscription(),
            window: self.window(now.wall),
        };
        let Some((talk, request)) = start.talk(need)? else { return Ok(None) };
        self.doing = Doing::Talking(Box::new(Conversation {
            talk,
            need,
            asked: now.wall,
            version: server.dialect.version,
        }));
        Ok(Some(request))
    }

    fn subscription(&self) -> Option<&Subscription> {
        match &self.watch {
            Watch::Pull { subscription, .. } => Some(subscription),
            Watch::None | Watch::Refused { .. } => None,
        }
    }

    /// Hands out the conversation it is in, to be gone on with.
    pub(crate) fn conversation(&mut self) -> Option<Box<Conversation>> {
        match std::mem::replace(&mut self.doing, Doing::Nothing) {
            Doing::Talking(conversation) => Some(conversation),
            other => {
                self.doing = other;
                None
            }
        }
    }

    /// Goes on with a conversation.
    pub(crate) fn go_on(&mut self, conversation: Box<Conversation>) {
        self.doing = Doing::Talking(conversation);
    }

    /// A conversation is over.
    pub(crate) fn said(
        &mut self,
        conversation: &Conversation,
        said: Said,
        server: &ServerSettings,
        now: Now,
        dice: &mut Dice,
    ) -> Outcome {
        match said {
            Said::Opened(_) => {
                self.opened = true;
                Outcome::Nothing
            }
            Said::Subscribed(subscription) => {
                let ask_at = now.mono + dice.shorten(server.pull_interval, 10);
                self.watch = Watch::Pull { subscription, ask_at };
                // what happened before the subscription stood is found by a read after it
                self.changed = true;
                Outcome::Nothing
            }
            Said::Events { watch, changed, more } => {
                let wait = if more { Duration::ZERO } else { dice.shorten(server.pull_interval, 10) };
                self.watch = Watch::Pull { subscription: watch, ask_at: now.mono + wait };
                self.changed |= changed;
                // while a second look is due, nobody knows how true the mirror is
                if self.second_look_at.is_none() {
                    if !self.changed && !more && self.as_of.is_some() {
                        // nothing happened until now, so the mirror is true until now
                        self.as_of = Some(conversation.asked);
                    }
                    self.well();
                }
                Outcome::Nothing
            }
            Said::Read { observed, cursor } => self.read(conversation, observed, cursor, server, now, dice),
        }
    }

    fn read(
        &mut self,
        conversation: &Conversation,
        observed: Observed,
        cursor: Option<Cursor>,
        server: &ServerSettings,
        now: Now,
        dice: &mut Dice,
    ) -> Outcome {
        // an operator is answered by a complete read only
        let wish = self.resync.take_if(|_| conversation.need == Need::ReadWhole);
        let (ticket, dry_run) = wish.unzip();
        let dry_run = dry_run.unwrap_or(false);
        if !dry_run {
            self.was_read(observed.coverage, server, now, dice);
        }
        if conversation.need == Need::SecondLook {
            self.second_look_at = None;
            if observed.coverage == Coverage::Delta {
                // the two operations disagree: nothing is removed, and the calendar is read whole again
                self.wants_whole = true;
                return Outcome::Nothing;
            }
        }
        self.doing = Doing::Applying;
        Outcome::Apply(Apply {
            room: self.id.clone(),
            observed: Some(observed),
            cursor: cursor.or_else(|| self.cursor.clone()),
            as_of: Some(conversation.asked),
            persist: self.as_of.is_none() || now.mono >= self.as_of_stored + STORE_AS_OF_EVERY,
            ticket,
            dry_run,
        })
    }

    /// What was due is done: a read that is only looked at (a dry run) does none of it.
    fn was_read(&mut self, coverage: Coverage, server: &ServerSettings, now: Now, dice: &mut Dice) {
        self.changed = false;
        self.catch_up_at = now.mono + dice.shorten(self.catch_up_every(server), 4);
        if let Coverage::Complete { .. } = coverage {
            self.reconcile_at = now.mono + dice.shorten(server.reconcile_every, 4);
            self.wants_whole = false;
        }
    }

    fn catch_up_every(&self, server: &ServerSettings) -> Duration {
        match self.watch {
            Watch::Pull { .. } => server.catch_up_every,
            Watch::None | Watch::Refused { .. } => WITHOUT_SUBSCRIPTION,
        }
    }
}
