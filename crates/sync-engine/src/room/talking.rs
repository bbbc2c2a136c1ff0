//! A room talks to its server: what it says first, and what comes of the answers.

use super::{Conversation, Doing, Need, Outcome, Room, Watch, Way};
use crate::{
    action::{Apply, Wish},
    back_off::Dice,
    server::Server,
    settings::ServerSettings,
    talk::{ReadOrViewed, Said, Saying, Start},
};
use chrono::{DateTime, Utc};
use exchange_wire::Error;
use meeting_model::{
    clock::{Now, Window},
    observed::Coverage,
};
use std::time::Duration;

impl Conversation {
    /// Whether its end answers an operator.
    pub(crate) fn meets_wishes(&self) -> bool {
        matches!(self.need, Need::Locate | Need::ReadWhole | Need::Compare)
    }

    /// Whether it asks where the room's web services are.
    pub(crate) fn locates(&self) -> bool {
        self.need == Need::Locate
    }

    /// Whether it only asks what the server makes of the calendar.
    pub(crate) fn compares(&self) -> bool {
        self.need == Need::Compare
    }

    /// Whether it only looks for meeting requests.
    pub(crate) fn seeks(&self) -> bool {
        self.need == Need::SeekRequests
    }

    /// Whether its end is what an operator wants: an operator who wants a calendar read whole is answered by that alone.
    fn meets(&self, wish: Wish) -> bool {
        match wish {
            Wish::Resync | Wish::DryRun => self.need == Need::ReadWhole,
            Wish::Compare => self.need == Need::Compare,
        }
    }

    /// Whether it asks for a subscription on a stream.
    pub(crate) fn wants_stream(&self) -> bool {
        matches!(self.way, Some(Way::Stream { .. }))
    }
}

impl Room {
    /// The span that is stored.
    pub(super) fn window(&self, wall: DateTime<Utc>) -> Window {
        let settings = &self.plan.settings;
        Window { start: wall - settings.back, end: wall + settings.ahead }
    }

    /// The span to ask for. What has come into the window since the last read is nothing that a mirror of windows could have.
    fn window_for(&self, need: Need, wall: DateTime<Utc>) -> Window {
        let window = self.window(wall);
        let reach = self.reach.filter(|_| need == Need::Compare);
        Window { end: reach.map_or(window.end, |reach| window.end.min(reach)), ..window }
    }

    /// Waits for its turn to talk.
    pub(crate) fn queue_up(&mut self) {
        self.doing = Doing::Queued;
    }

    /// Its turn has come: what to say first, or nothing where the need has gone meanwhile. Where a subscription is what it
    /// needs, `way` says of which kind.
    ///
    /// # Errors
    /// Where what the store holds is of no use for the protocol: a cursor of another one.
    pub(crate) fn talk(
        &mut self,
        server: &ServerSettings,
        way: Option<Way>,
        now: Now,
    ) -> Result<Option<Saying>, Error> {
        if matches!(self.doing, Doing::Queued) {
            self.doing = Doing::Nothing;
        }
        let Some(need) = self.need(now).filter(|need| *need != Need::Replan) else { return Ok(None) };
        let window = self.window_for(need, now.wall);
        let start = Start {
            calendar: server.calendar(&self.plan.mailbox),
            autodiscover: server.autodiscover.as_ref(),
            mailbox: &self.plan.mailbox,
            cursor: self.cursor.as_ref(),
            watch: self.subscription(),
            way: way.as_ref(),
            then_view: matches!(self.wish, Some((_, Wish::Resync))),
            has_series: self.has_series,
            unnamed: self.seeking.batch(),
            window,
            join: &self.plan.settings.join,
        };
        let Some((talk, saying)) = start.talk(need)? else {
            if need == Need::SeekRequests {
                self.seeking.sought();
            }
            return Ok(None);
        };
        if need.reads() {
            // what is told of from now on may come too late for this read
            self.change_at = None;
            self.gathering.read(now.mono);
        }
        self.doing = Doing::Talking(Box::new(Conversation {
            talk,
            need,
            way: way.filter(|_| need == Need::Subscribe),
            asked: now.wall,
            window,
            version: server.dialect.version,
        }));
        Ok(Some(saying))
    }

    /// Whether it is being talked to about a push subscription on this path.
    pub(super) fn is_asking_for_push(&self, path: &str) -> bool {
        match &self.doing {
            Doing::Talking(conversation) => {
                matches!(&conversation.way, Some(Way::Push { token, .. }) if token == path)
            }
            _ => false,
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
        conversation: &mut Conversation,
        said: Said,
        server: &Server,
        now: Now,
        dice: &mut Dice,
    ) -> Outcome {
        let pull_interval = server.pull_interval();
        let server = &server.settings;
        match said {
            // the engine has taken note of it
            Said::Located(..) => Outcome::Nothing,
            Said::Opened(_) => {
                self.opened = true;
                Outcome::Nothing
            }
            Said::Subscribed(subscription) => {
                if let Some(way) = conversation.way.take() {
                    self.subscribed(subscription, way, server, pull_interval, now.mono, dice);
                }
                self.well();
                Outcome::Nothing
            }
            Said::Renewed(watch) => {
                self.renewed(watch, now.mono, dice);
                self.well();
                Outcome::Nothing
            }
            Said::Looked(looked) => {
                self.looked(looked.probe, conversation.asked, now.mono, dice);
                self.well();
                Outcome::Nothing
            }
            Said::Events { watch, changed, more } => {
                let wait = if more { Duration::ZERO } else { dice.shorten(pull_interval, 10) };
                if let Watch::Pull { subscription, ask_at, .. } = &mut self.watch {
                    *subscription = watch;
                    *ask_at = now.mono + wait;
                }
                if changed {
                    self.told_of_change(now.mono);
                } else if !more {
                    self.told_of_nothing(conversation.asked);
                }
                // while a second look is due, nobody knows how true the mirror is
                if self.second_look_at.is_none() {
                    self.well();
                }
                Outcome::Nothing
            }
            Said::Sought(requests) => {
                self.seeking.sought();
                if requests.is_empty() {
                    return Outcome::Nothing;
                }
                Outcome::Apply(Box::new(Apply { requests, ..self.replan(now) }))
            }
            Said::Read(said) => self.read(conversation, said, server, now, dice),
        }
    }

    fn read(
        &mut self,
        conversation: &Conversation,
        said: ReadOrViewed,
        server: &ServerSettings,
        now: Now,
        dice: &mut Dice,
    ) -> Outcome {
        let ReadOrViewed { read, view, view_failed } = said;
        let wish = self.wish.take_if(|(_, wish)| conversation.meets(*wish));
        let (ticket, wish) = wish.unzip();
        let dry_run = matches!(wish, Some(Wish::DryRun | Wish::Compare));
        if view.is_some() && !dry_run {
            self.reconcile_at = now.mono + dice.shorten(server.reconcile_every, 4);
        }
        let (observed, cursor) = read.map(|read| (read.observed, read.cursor)).unzip();
        if dry_run {
            self.change_at = Some(now.mono);
        } else if let Some(observed) = &observed {
            self.reach = server.webdav.is_some().then_some(conversation.window.end);
            self.was_read(observed.coverage, server, now, dice);
        }
        if conversation.need == Need::SecondLook {
            self.second_look_at = None;
            if observed.as_ref().is_some_and(|observed| observed.coverage == Coverage::Delta) {
                // the two operations disagree: nothing is removed, and the calendar is read whole again
                self.wants_whole = true;
                return Outcome::Nothing;
            }
        }
        let is_whole = conversation.need == Need::ReadWhole && observed.is_some() && !dry_run;
        self.doing = Doing::Applying;
        Outcome::Apply(Box::new(Apply {
            room: self.id.clone(),
            differed: self.differed.take_if(|_| is_whole),
            as_of: observed.is_some().then_some(conversation.asked),
            observed,
            view,
            view_failed,
            requests: Vec::new(),
            cursor: cursor.flatten().or_else(|| self.cursor.clone()),
            persist: self.as_of.is_to_be_stored(now.mono),
            ticket,
            dry_run,
        }))
    }

    /// A conversation has failed: what it was to read is still to be read. What a subscription was asked for is so too: what it
    /// tells has left its queue, whether the answer arrives or not, and whoever asks again is told what came after.
    pub(crate) fn not_read(&mut self, conversation: &Conversation, now: Duration) {
        if conversation.need.reads() || conversation.need == Need::Ask {
            self.change_at = Some(now);
        }
    }

    /// The comparison has failed. What is mirrored is not in doubt by that: it is tried again when the next is due.
    pub(crate) fn not_compared(&mut self, server: &ServerSettings, now: Duration, dice: &mut Dice) {
        self.reconcile_at = now + dice.shorten(server.reconcile_every, 4);
    }

    /// Its mailbox cannot be searched for meeting requests. Nothing is in doubt by that: perhaps later it can.
    pub(crate) fn not_sought(&mut self, now: Duration, dice: &mut Dice) {
        self.seeking.put_off(now, dice);
    }

    /// What was due is done: a read that is only looked at (a dry run) does none of it.
    fn was_read(&mut self, coverage: Coverage, server: &ServerSettings, now: Now, dice: &mut Dice) {
        self.catch_up_at = now.mono + dice.shorten(self.catch_up_every(server), 4);
        if let Coverage::Complete { .. } = coverage {
            self.wants_whole = false;
        }
    }

    /// How long the word of a subscription is trusted. A stream's renewal makes its rooms read by itself.
    fn catch_up_every(&self, server: &ServerSettings) -> Duration {
        match self.watch {
            Watch::Stream { .. } => server.renew_every * 3 / 2,
            _ => server.renew_every,
        }
    }
}
