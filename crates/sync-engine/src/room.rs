//! One room: what is known of it, and what it needs next.
//!
//! There is no state to be in. `Room::need` looks at what is known (was the calendar opened, is there a subscription,
//! is there a cursor, has anything changed) and names the next step; whatever is lost, the step that regains it is the
//! next one. So a restart, a lost subscription, a refused cursor and an operator's wish all take the same road.

use crate::{
    action::{Apply, Ticket},
    back_off::{BackOff, Dice},
    event::{Applied, RoomStart},
    next_step::NextStep,
    server::FIX_WAIT,
    settings::{RoomPlan, ServerSettings},
    talk::{Said, Start, Talk},
};
use chrono::{DateTime, Utc};
use exchange_wire::{
    Error, Request,
    ews::{Mailbox, Version, watch::Watch as Subscription},
};
use meeting_model::{
    clock::{Now, Window},
    id::{Revision, RoomId},
    observed::{Coverage, Cursor, Observed},
};
use std::time::Duration;

const TROUBLE: BackOff = BackOff { first: Duration::from_secs(2), most: Duration::from_mins(5) };

/// How long after a read that was too empty to be believed the second one is made.
const SECOND_LOOK: Duration = Duration::from_mins(1);

/// How often a room is read for changes where its server refuses subscriptions.
const WITHOUT_SUBSCRIPTION: Duration = Duration::from_mins(1);

/// How old the stored as-of of a quiet room may become: a restart then shows an age that is at most this much too old,
/// and a quiet room costs the disk nothing in between.
const STORE_AS_OF_EVERY: Duration = Duration::from_mins(5);

/// One room.
#[derive(Debug)]
pub struct Room {
    pub(crate) id: RoomId,
    pub(crate) plan: RoomPlan,
    rev: Revision,
    as_of: Option<DateTime<Utc>>,
    as_of_stored: Duration,
    cursor: Option<Cursor>,
    opened: bool,
    watch: Watch,
    changed: bool,
    wants_whole: bool,
    second_look_at: Option<Duration>,
    catch_up_at: Duration,
    reconcile_at: Duration,
    replan: bool,
    replan_at: Option<DateTime<Utc>>,
    midnight: Option<DateTime<Utc>>,
    resync: Option<(Ticket, bool)>,
    doing: Doing,
    blocked_until: Option<Duration>,
    failures: u32,
    trouble: Option<String>,
    given_up: bool,
}

/// How a room hears of changes.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Watch {
    /// It does not.
    None,
    /// By asking a pull subscription.
    Pull { subscription: Subscription, ask_at: Duration },
    /// By reading every now and then, as its server refuses subscriptions; asked for one again at this time.
    Refused { again_at: Duration },
}

/// What a room is doing.
#[derive(Debug)]
enum Doing {
    /// Nothing: it waits for its next need.
    Nothing,
    /// It waits for its turn to talk. Planning goes on meanwhile: a room keeps the right day while Exchange is away.
    Queued,
    /// It talks to its server.
    Talking(Box<Conversation>),
    /// Its plan is being committed.
    Applying,
}

#[derive(Debug)]
pub(crate) struct Conversation {
    pub(crate) talk: Talk,
    need: Need,
    asked: DateTime<Utc>,
    pub(crate) version: Version,
}

/// What a room needs next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Need {
    /// To plan again without asking anybody: an update has settled, a day has begun, a fact was learned.
    Replan,
    /// To see whether its calendar can be read.
    Open,
    /// A subscription.
    Subscribe,
    /// A complete read.
    ReadWhole,
    /// A read of what changed.
    ReadChanges,
    /// A second look at a calendar that seems too empty.
    SecondLook,
    /// The events of its subscription.
    Ask,
}

/// What a room that has talked wants done.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// Nothing more now.
    Nothing,
    /// Its plan made and committed.
    Apply(Apply),
}

/// How a room is, for health.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It is being opened or subscribed to.
    Subscribing,
    /// It is being read, or was never read whole.
    Reading,
    /// A change is seen.
    Live,
    /// Something is wrong, and it is tried again.
    BackingOff,
}

impl Room {
    pub(crate) fn new(id: RoomId, plan: RoomPlan) -> Self {
        Self {
            id,
            plan,
            rev: Revision::default(),
            as_of: None,
            as_of_stored: Duration::ZERO,
            cursor: None,
            opened: false,
            watch: Watch::None,
            changed: false,
            wants_whole: false,
            second_look_at: None,
            catch_up_at: Duration::ZERO,
            reconcile_at: Duration::ZERO,
            replan: false,
            replan_at: None,
            midnight: None,
            resync: None,
            doing: Doing::Nothing,
            blocked_until: None,
            failures: 0,
            trouble: None,
            given_up: false,
        }
    }

    /// Takes up what the store holds. Settings may have changed since: the room is planned again, which costs nothing
    /// where they have not.
    pub(crate) fn start(&mut self, start: RoomStart, server: &ServerSettings, now: Now, dice: &mut Dice) {
        self.rev = start.rev;
        self.as_of = start.as_of;
        self.cursor = start.cursor;
        self.replan = start.as_of.is_some();
        self.changed = true;
        self.midnight = Some(self.next_midnight(now.wall));
        self.catch_up_at = now.mono + dice.shorten(server.catch_up_every, 2);
        self.reconcile_at = now.mono + dice.shorten(server.reconcile_every, 2);
    }

    /// Its id.
    pub fn id(&self) -> &RoomId {
        &self.id
    }

    /// Its revision.
    pub fn rev(&self) -> Revision {
        self.rev
    }

    /// As of when its mirror is true. Absent before the first read.
    pub fn as_of(&self) -> Option<DateTime<Utc>> {
        self.as_of
    }

    /// What is wrong with it, and what to do.
    pub fn trouble(&self) -> Option<&str> {
        self.trouble.as_deref()
    }

    /// When it is tried again, in monotonic time, where something is wrong.
    pub fn blocked_until(&self) -> Option<Duration> {
        self.blocked_until
    }

    /// Where it lives.
    pub fn plan(&self) -> &RoomPlan {
        &self.plan
    }

    /// How it is.
    pub fn standing(&self) -> Standing {
        if self.trouble.is_some() || self.given_up {
            Standing::BackingOff
        } else if !self.opened || self.watch == Watch::None {
            Standing::Subscribing
        } else if self.as_of.is_none() || self.cursor.is_none() {
            Standing::Reading
        } else {
            Standing::Live
        }
    }

    /// What it needs now; nothing while it is doing something or must wait.
    pub(crate) fn need(&self, now: Now) -> Option<Need> {
        if !matches!(self.doing, Doing::Nothing | Doing::Queued) || self.given_up {
            return None;
        }
        let clock_says = [self.replan_at, self.midnight].into_iter().flatten().any(|at| at <= now.wall);
        if self.replan || clock_says {
            return Some(Need::Replan);
        }
        if matches!(self.doing, Doing::Queued) {
            return None;
        }
        if self.resync.is_some() {
            return Some(Need::ReadWhole);
        }
        if self.blocked_until.is_some_and(|until| now.mono < until) {
            return None;
        }
        self.need_of_server(now.mono)
    }

    fn need_of_server(&self, now: Duration) -> Option<Need> {
        let due = |at: Duration| at <= now;
        if !self.opened {
            return Some(Need::Open);
        }
        match self.watch {
            Watch::None => return Some(Need::Subscribe),
            Watch::Refused { again_at } if due(again_at) => return Some(Need::Subscribe),
            _ => {}
        }
        match self.second_look_at {
            Some(at) if due(at) => return Some(Need::SecondLook),
            Some(_) if self.cursor.is_none() => return None,
            _ => {}
        }
        if self.cursor.is_none() || self.wants_whole || due(self.reconcile_at) {
            return Some(Need::ReadWhole);
        }
        if self.changed || due(self.catch_up_at) {
            return Some(Need::ReadChanges);
        }
        match self.watch {
            Watch::Pull { ask_at, .. } if due(ask_at) => Some(Need::Ask),
            _ => None,
        }
    }

    /// The next monotonic time at which it will need something though nothing happens.
    pub(crate) fn next_mono(&self, now: Now) -> Option<Duration> {
        if !matches!(self.doing, Doing::Nothing) || self.given_up {
            return None;
        }
        if let Some(until) = self.blocked_until.filter(|until| now.mono < *until) {
            return Some(until);
        }
        let ask = match self.watch {
            Watch::None => None,
            Watch::Pull { ask_at, .. } => Some(ask_at),
            Watch::Refused { again_at } => Some(again_at),
        };
        [Some(self.catch_up_at), Some(self.reconcile_at), self.second_look_at, ask]
            .into_iter()
            .flatten()
            .filter(|at| *at > now.mono)
            .min()
    }

    /// The next wall-clock time at which it will need something though nothing happens.
    pub(crate) fn next_wall(&self) -> Option<DateTime<Utc>> {
        if !matches!(self.doing, Doing::Nothing | Doing::Queued) || self.given_up {
            return None;
        }
        [self.replan_at, self.midnight].into_iter().flatten().min()
    }

    fn next_midnight(&self, wall: DateTime<Utc>) -> DateTime<Utc> {
        meeting_model::day::local_day(&self.plan.settings.zone, wall).window.end
    }

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
                if !changed && !more && self.as_of.is_some() {
                    // nothing happened until now, so the mirror is true until now
                    self.as_of = Some(conversation.asked);
                }
                self.well();
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
        self.catch_up_at = now.mono + dice.shorten(self.catch_up_every(server), 4);
        if let Coverage::Complete { .. } = observed.coverage {
            self.reconcile_at = now.mono + dice.shorten(server.reconcile_every, 4);
            self.wants_whole = false;
        }
        if conversation.need == Need::SecondLook {
            self.second_look_at = None;
            if observed.coverage == Coverage::Delta {
                // the two operations disagree: nothing is removed, and the calendar is read whole again
                self.wants_whole = true;
                return Outcome::Nothing;
            }
        }
        self.changed = false;
        let (ticket, dry_run) = self.resync.take().unzip();
        self.doing = Doing::Applying;
        Outcome::Apply(Apply {
            room: self.id.clone(),
            observed: Some(observed),
            cursor: cursor.or_else(|| self.cursor.clone()),
            as_of: Some(conversation.asked),
            persist: self.as_of.is_none() || now.mono >= self.as_of_stored + STORE_AS_OF_EVERY,
            ticket,
            dry_run: dry_run.unwrap_or(false),
        })
    }

    fn catch_up_every(&self, server: &ServerSettings) -> Duration {
        match self.watch {
            Watch::Pull { .. } => server.catch_up_every,
            Watch::None | Watch::Refused { .. } => WITHOUT_SUBSCRIPTION,
        }
    }

    /// What to apply for a replan.
    pub(crate) fn replan(&mut self, now: Now) -> Apply {
        self.replan = false;
        self.replan_at = None;
        self.midnight = Some(self.next_midnight(now.wall));
        self.doing = Doing::Applying;
        Apply {
            room: self.id.clone(),
            observed: None,
            cursor: None,
            as_of: None,
            persist: false,
            ticket: None,
            dry_run: false,
        }
    }

    /// A plan was committed, or found to change nothing.
    pub(crate) fn applied(&mut self, apply: &Apply, applied: &Applied, now: Now) {
        self.doing = Doing::Nothing;
        self.rev = applied.rev;
        if apply.dry_run {
            return;
        }
        self.replan_at = applied.replan_at;
        if apply.observed.is_none() {
            return;
        }
        self.well();
        if applied.suspicious {
            // nothing was removed, so the cursor stays with the rows it covers
            self.second_look_at = Some(now.mono + SECOND_LOOK);
            self.trouble = Some(format!(
                "room `{}`: its calendar came back empty while meetings are shown; nothing was removed, and a second read decides in {} s",
                self.id,
                SECOND_LOOK.as_secs()
            ));
            return;
        }
        self.cursor.clone_from(&apply.cursor);
        self.as_of = apply.as_of;
        if apply.persist {
            self.as_of_stored = now.mono;
        }
    }

    /// A plan could not be stored: the read that made it is made again.
    pub(crate) fn not_applied(&mut self, sentence: String, now: Duration, dice: &mut Dice) {
        self.doing = Doing::Nothing;
        self.changed = true;
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
                self.failures += 1;
                if self.failures > 1 {
                    self.block(sentence, None, now, dice);
                }
            }
            NextStep::DoWithoutSubscription => {
                self.watch = Watch::Refused { again_at: now + Duration::from_hours(1) };
                self.catch_up_at = now;
            }
            NextStep::ResyncFromScratch if self.cursor.is_some() => self.cursor = None,
            NextStep::RetryAfter(wait) => self.block(sentence, Some(wait), now, dice),
            NextStep::FixConfig => self.block(sentence, Some(dice.shorten(FIX_WAIT, 4)), now, dice),
            _ => self.block(sentence, None, now, dice),
        }
    }

    fn block(&mut self, sentence: String, wait: Option<Duration>, now: Duration, dice: &mut Dice) {
        self.failures += 1;
        self.trouble = Some(sentence);
        self.blocked_until = Some(now + wait.unwrap_or_else(|| TROUBLE.wait(self.failures, dice)));
    }

    fn well(&mut self) {
        self.failures = 0;
        self.trouble = None;
        self.blocked_until = None;
    }

    /// An operator wants it read whole.
    pub(crate) fn wish_resync(&mut self, ticket: Ticket, dry_run: bool) -> Option<Ticket> {
        self.resync.replace((ticket, dry_run)).map(|(before, _)| before)
    }

    /// Takes back an operator's wish that cannot be met now.
    pub(crate) fn take_wish(&mut self) -> Option<Ticket> {
        self.resync.take().map(|(ticket, _)| ticket)
    }

    /// Another room has learned something of a meeting that this one holds too.
    pub(crate) fn wish_replan(&mut self) {
        self.replan = true;
    }

    /// Its subscription, to be given back.
    pub(crate) fn take_subscription(&mut self) -> Option<Subscription> {
        match std::mem::replace(&mut self.watch, Watch::None) {
            Watch::Pull { subscription, .. } => Some(subscription),
            Watch::None | Watch::Refused { .. } => None,
        }
    }
}
