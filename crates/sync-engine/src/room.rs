//! One room: what is known of it, and what it needs next.
//!
//! There is no state to be in. `Room::need` looks at what is known (was the calendar opened, is there a subscription,
//! is there a cursor, has anything changed) and names the next step; whatever is lost, the step that regains it is the
//! next one. So a restart, a lost subscription, a refused cursor and an operator's wish all take the same road.

mod as_of;
mod day;
mod gathering;
mod location;
mod outcome;
mod reconfigured;
mod seeking;
mod talking;
mod waking;
mod watching;
mod wishes;

pub(crate) use location::Whereabouts;
pub use watching::ToldBy;
pub(crate) use watching::Way;

use crate::{
    action::{Apply, Ticket, Wish},
    back_off::Dice,
    event::RoomStart,
    next_step,
    server::Urgency,
    settings::{RoomPlan, ServerSettings},
    talk::Talk,
};
use as_of::AsOf;
use chrono::{DateTime, Utc};
use exchange_wire::ews::{Version, get_folder::Probe};
use gathering::Gathering;
use location::Location;
use meeting_model::{
    clock::{Now, Window},
    compare::View,
    id::{Revision, RoomId},
    observed::Cursor,
};
use seeking::Seeking;
use serde::{Deserialize, Serialize};
use std::time::Duration;
use watching::Watch;

/// Over how long it is spread what the rooms of a group do because of something that has happened to all of them: reads when
/// their connection stands again, subscriptions when all are lost.
const SPREAD: Duration = Duration::from_secs(5);

/// One room.
#[derive(Debug, Serialize, Deserialize)]
pub struct Room {
    pub(crate) id: RoomId,
    #[serde(skip, default = "RoomPlan::absent")]
    pub(crate) plan: RoomPlan,
    rev: Revision,
    as_of: AsOf,
    cursor: Option<Cursor>,
    /// Until when what is known of its calendar reaches, where its server tells of a window and never of what lies beyond.
    reach: Option<DateTime<Utc>>,
    location: Location,
    opened: bool,
    watch: Watch,
    make_do_until: Option<Duration>,
    look_at: Duration,
    probe: Option<Probe>,
    change_at: Option<Duration>,
    gathering: Gathering,
    wants_whole: bool,
    /// What the server makes of its calendar, where that differed: until it was read.
    #[serde(default)]
    differed: Option<View>,
    second_look_at: Option<Duration>,
    catch_up_at: Duration,
    reconcile_at: Duration,
    replan: bool,
    replan_at: Option<DateTime<Utc>>,
    midnight: Option<DateTime<Utc>>,
    has_series: bool,
    seeking: Seeking,
    wish: Option<(Ticket, Wish)>,
    doing: Doing,
    blocked_until: Option<Duration>,
    failures: u32,
    trouble: Option<String>,
    given_up: bool,
    passive: bool,
    /// What is known of it may be older than what its devices show: it was not read since the mirror was restored.
    restored: bool,
}

/// What a room is doing.
#[derive(Debug, Serialize, Deserialize)]
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

/// A conversation under way.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Conversation {
    pub(crate) talk: Talk,
    need: Need,
    way: Option<Way>,
    asked: DateTime<Utc>,
    window: Window,
    pub(crate) version: Version,
}

/// What a room needs next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Need {
    /// To plan again without asking anybody: an update has settled, a day has begun, a fact was learned.
    Replan,
    /// To be told where its web services are.
    Locate,
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
    /// What the server makes of the calendar, to be compared with.
    Compare,
    /// The requests of meetings whose subject was never seen.
    SeekRequests,
    /// The events of its subscription.
    Ask,
    /// More time for its subscription.
    Renew,
    /// A look at its folder, as no subscription tells of changes.
    Look,
}

impl Need {
    /// Whether it is met by reading what has changed.
    fn reads(self) -> bool {
        matches!(self, Self::ReadWhole | Self::ReadChanges)
    }
}

/// What a room that has talked wants done.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// Nothing more now.
    Nothing,
    /// Its plan made and committed.
    Apply(Box<Apply>),
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
    pub(crate) fn new(id: RoomId, plan: RoomPlan, server: &ServerSettings) -> Self {
        Self {
            id,
            plan,
            rev: Revision::default(),
            as_of: AsOf::default(),
            cursor: None,
            reach: None,
            location: Location::of(server.autodiscover.is_some()),
            opened: false,
            watch: Watch::None,
            make_do_until: None,
            look_at: Duration::ZERO,
            probe: None,
            change_at: None,
            gathering: Gathering::default(),
            wants_whole: false,
            differed: None,
            second_look_at: None,
            catch_up_at: Duration::ZERO,
            reconcile_at: Duration::ZERO,
            replan: false,
            replan_at: None,
            midnight: None,
            has_series: false,
            seeking: Seeking::default(),
            wish: None,
            doing: Doing::Nothing,
            blocked_until: None,
            failures: 0,
            trouble: None,
            given_up: false,
            passive: false,
            restored: false,
        }
    }

    /// Takes up what the store holds. Settings may have changed since: the room is planned again, which costs nothing
    /// where they have not.
    pub(crate) fn start(&mut self, start: RoomStart, server: &ServerSettings, now: Now, dice: &mut Dice) {
        self.rev = start.rev;
        self.as_of = AsOf::restored(start.as_of, now.wall);
        self.cursor = start.cursor;
        self.reach = start.as_of.filter(|_| server.webdav.is_some()).map(|at| self.window(at).end);
        self.restored = start.restored;
        self.replan = start.as_of.is_some() && self.is_first();
        self.change_at = Some(now.mono);
        self.midnight = self.next_midnight(now.wall);
        self.catch_up_at = now.mono + dice.shorten(server.renew_every, 2);
        self.reconcile_at = now.mono + dice.shorten(server.reconcile_every, 2);
    }

    /// It does only what operators wish.
    pub(crate) fn be_passive(&mut self) {
        self.passive = true;
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
        self.as_of.at()
    }

    /// What is wrong with it, and what to do.
    pub fn trouble(&self) -> Option<&str> {
        self.trouble.as_deref()
    }

    /// When it is tried again, in monotonic time, where something is wrong.
    pub fn blocked_until(&self) -> Option<Duration> {
        self.blocked_until
    }

    /// Whether another program has taken it over.
    pub(crate) fn is_given_up(&self) -> bool {
        self.given_up
    }

    /// Whether it looks for subjects in its mailbox (rule S4) or is read again because it differed (rule T1), or is about to.
    pub(crate) fn is_learning(&self, now: Duration) -> bool {
        match &self.doing {
            Doing::Nothing | Doing::Queued => {
                (self.differed.is_some() || self.seeking.is_due(now)) && !self.given_up
            }
            Doing::Talking(conversation) => conversation.seeks() || self.differed.is_some(),
            Doing::Applying => true,
        }
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
        } else if self.as_of().is_none() || self.cursor.is_none() {
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
        let need = match self.wish {
            Some((_, Wish::Resync | Wish::DryRun)) => Some(Need::ReadWhole),
            Some((_, Wish::Compare)) => Some(Need::Compare),
            None if self.blocked_until.is_some_and(|until| now.mono < until) => None,
            None => self.need_of_server(now.mono),
        };
        need.map(|need| if self.must_be_located() { Need::Locate } else { need })
    }

    fn need_of_server(&self, now: Duration) -> Option<Need> {
        let due = |at: Duration| at <= now;
        if self.passive {
            let second_look = self.second_look_at.is_some_and(due).then_some(Need::SecondLook);
            let seeks = || self.seeking.is_due(now).then_some(Need::SeekRequests);
            return second_look.or(self.wants_whole.then_some(Need::ReadWhole)).or_else(seeks);
        }
        if !self.opened {
            return Some(Need::Open);
        }
        if self.needs_subscription(now) {
            return Some(Need::Subscribe);
        }
        match self.second_look_at {
            Some(at) if due(at) => return Some(Need::SecondLook),
            Some(_) if self.cursor.is_none() => return None,
            _ => {}
        }
        if self.cursor.is_none() || self.wants_whole {
            return Some(Need::ReadWhole);
        }
        if self.change_at.is_some_and(due) || due(self.catch_up_at) {
            return Some(Need::ReadChanges);
        }
        if self.seeking.is_due(now) {
            return Some(Need::SeekRequests);
        }
        if due(self.reconcile_at) {
            return Some(Need::Compare);
        }
        match self.watch {
            Watch::Pull { renew_at: Some(at), .. } if due(at) => Some(Need::Renew),
            Watch::Pull { ask_at, .. } if due(ask_at) => Some(Need::Ask),
            _ if self.must_look() && due(self.look_at) => Some(Need::Look),
            _ => None,
        }
    }

    /// How urgent a need is.
    pub(crate) fn urgency(&self, need: Need, now: Duration) -> Urgency {
        match need {
            Need::Locate | Need::ReadWhole | Need::Compare if self.wish.is_some() => Urgency::Operator,
            // who knows where to ask goes first
            Need::Locate | Need::Compare | Need::SeekRequests => Urgency::Background,
            Need::ReadChanges if self.change_at.is_none_or(|at| at > now) => Urgency::Background,
            Need::ReadChanges | Need::SecondLook => Urgency::Change,
            Need::Replan
            | Need::ReadWhole
            | Need::Open
            | Need::Subscribe
            | Need::Ask
            | Need::Renew
            | Need::Look => Urgency::Watch,
        }
    }

    /// Whether it is its room's only calendar, or the first of them: who plans the room where nothing was read.
    pub(crate) fn is_first(&self) -> bool {
        self.shown_by() == &self.id
    }

    /// The room that shows it.
    pub fn shown_by(&self) -> &RoomId {
        self.plan.shown_by(&self.id)
    }

    /// What is wrong with it, in an operator's words.
    pub(crate) fn says(&self, sentence: &str) -> String {
        next_step::of_calendar(self.shown_by(), self.plan.of_several(), sentence)
    }
}
