//! One Exchange server: how many rooms may talk to it at once, and when none may.
//!
//! A server that has not answered properly since its last trouble is asked by one room at a time: a server that comes back is
//! not met by all of them in one moment. How careful we are with name and password is the account's matter.

mod allowance;
mod queue;
#[cfg(test)]
mod tests;

pub(crate) use queue::Urgency;

use crate::{
    back_off::{BackOff, Dice},
    next_step::NextStep,
    settings::{Notifications, ServerSettings},
};
use allowance::Allowance;
use exchange_wire::{
    autodiscover::Trail,
    ews::{Dialect, Version},
};
use meeting_model::id::RoomId;
use queue::Queue;
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

const DOWN: BackOff = BackOff { first: Duration::from_secs(2), most: Duration::from_mins(1) };

/// How long a mistake in the configuration is left alone before the server is asked again: an administrator mends
/// it on either side.
pub(crate) const FIX_WAIT: Duration = Duration::from_mins(2);

/// What the default throttling policy of Exchange 2010 allows at once (`EWSMaxConcurrency`), and that of its successors.
const CONCURRENT_2010: usize = 10;
const CONCURRENT_LATER: usize = 27;

/// After so many failures in a row, Autodiscover is asked whether it has moved.
const MOVED_AFTER: u32 = 3;

/// How many pull subscriptions of a server are asked in a second, all rooms together: where ten thousand rooms make do with
/// asking, each is asked less often.
const ASKED_A_SECOND: u32 = 20;

/// How a server answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Standing {
    /// Nothing was asked of it.
    Unknown,
    /// It answers.
    Up,
    /// It asked us to wait.
    BackingOff,
    /// It refused name and password.
    SignInRefused,
    /// It does not answer, or not as an Exchange server does.
    Down,
}

/// One Exchange server.
#[derive(Debug, Serialize, Deserialize)]
pub struct Server {
    pub(crate) settings: ServerSettings,
    /// What its settings said of its schema version, before it was found to be older.
    configured: Dialect,
    standing: Standing,
    trouble: Option<String>,
    version: Option<String>,
    talking: usize,
    allowance: Allowance,
    closed_until: Option<Duration>,
    /// Until when it wants to be left alone itself.
    paused_until: Option<Duration>,
    failures: u32,
    queue: Queue,
    asking: BTreeSet<RoomId>,
    /// Where its web services were found, and whom Autodiscover asked for that.
    found: BTreeMap<String, Trail>,
}

impl Server {
    pub(crate) fn new(settings: ServerSettings) -> Self {
        Self {
            allowance: Allowance::new(settings.max_concurrent.unwrap_or(CONCURRENT_LATER)),
            configured: settings.dialect,
            settings,
            standing: Standing::Unknown,
            trouble: None,
            version: None,
            talking: 0,
            closed_until: None,
            paused_until: None,
            failures: 0,
            queue: Queue::default(),
            asking: BTreeSet::new(),
            found: BTreeMap::new(),
        }
    }

    /// How it answers.
    pub fn standing(&self) -> Standing {
        self.standing
    }

    /// What is wrong, and what to do.
    pub fn trouble(&self) -> Option<&str> {
        self.trouble.as_deref()
    }

    /// The version it told, as `15.2.1544`.
    pub fn version(&self) -> Option<&str> {
        self.version.as_deref()
    }

    /// When it may be asked again, in monotonic time, where it must not be asked now.
    pub fn closed_until(&self) -> Option<Duration> {
        self.closed_until.max(self.paused_until)
    }

    /// Where Autodiscover says that its web services are, and who was asked for that.
    pub fn found(&self) -> impl Iterator<Item = (&str, &Trail)> {
        self.found.iter().map(|(url, trail)| (url.as_str(), trail))
    }

    /// Web services of it were found. That is as good as an answer of theirs, unless there was trouble with them.
    pub(crate) fn found_at(&mut self, url: &str, trail: Trail) {
        self.found.insert(url.to_owned(), trail);
        if self.standing == Standing::Unknown {
            self.standing = Standing::Up;
        }
    }

    /// Whether it has failed so often in a row that it may be found elsewhere.
    pub(crate) fn keeps_failing(&self) -> bool {
        self.failures >= MOVED_AFTER
    }

    /// Whether it must not be asked now.
    pub(crate) fn is_closed(&self, now: Duration) -> bool {
        self.closed_until().is_some_and(|until| now < until)
    }

    /// How changes are heard of: as configured, else in the best way that it knows. Streams came with Exchange 2010 SP1; where
    /// the version is not known, the schema version that it takes decides.
    pub fn notifications(&self) -> Notifications {
        if self.settings.webdav.is_some() {
            return Notifications::Pull;
        }
        if let Some(configured) = self.settings.notifications {
            return configured;
        }
        let knows_streams = self.version_number().is_none_or(|version| version >= (14, 1));
        if knows_streams && self.settings.dialect.version >= Version::Exchange2010Sp1 {
            Notifications::Streaming
        } else if self.settings.push.is_some() {
            Notifications::Push
        } else {
            Notifications::Pull
        }
    }

    /// Major and minor version, as it told them.
    fn version_number(&self) -> Option<(u32, u32)> {
        let mut parts = self.version.as_deref()?.split('.').map(str::parse);
        Some((parts.next()?.ok()?, parts.next()?.ok()?))
    }

    /// Its settings are others from now on. What was found out of its schema version stays, where that is configured as before.
    pub(crate) fn resettle(&mut self, settings: ServerSettings) {
        let found = (self.configured == settings.dialect).then_some(self.settings.dialect);
        self.configured = settings.dialect;
        self.settings = settings;
        if let Some(dialect) = found {
            self.settings.dialect = dialect;
        }
    }

    /// How often a pull subscription is asked, with as many as there are.
    pub(crate) fn pull_interval(&self) -> Duration {
        let asking = u32::try_from(self.asking.len()).unwrap_or(u32::MAX);
        self.settings.pull_interval.max(Duration::from_secs(1) * asking / ASKED_A_SECOND)
    }

    /// Whether a room asks its subscription.
    pub(crate) fn is_asked_by(&mut self, room: &RoomId, asks: bool) {
        if !asks {
            self.asking.remove(room);
        } else if !self.asking.contains(room) {
            self.asking.insert(room.clone());
        }
    }

    /// A room has something to ask.
    pub(crate) fn enqueue(&mut self, room: &RoomId, urgency: Urgency) {
        self.queue.enter(room, urgency);
    }

    /// A room has nothing to ask any more.
    pub(crate) fn dequeue(&mut self, room: &RoomId) {
        self.queue.leave(room);
    }

    /// The next room that may talk now. Whoever takes it says [`hang_up`](Self::hang_up) afterwards.
    pub(crate) fn next_room(&mut self, now: Duration) -> Option<RoomId> {
        if self.is_full(now) {
            return None;
        }
        let room = self.queue.next()?;
        self.talking += 1;
        Some(room)
    }

    /// Takes a turn to talk on nobody's behalf, where there is one. Whoever gets it says [`hang_up`](Self::hang_up) afterwards.
    pub(crate) fn take_turn(&mut self, now: Duration) -> bool {
        let free = !self.is_full(now);
        self.talking += usize::from(free);
        free
    }

    /// Whether it was in trouble, may be asked again, and nobody is asking or about to.
    pub(crate) fn owes_proof(&self, now: Duration) -> bool {
        self.trouble.is_some() && !self.is_closed(now) && self.talking == 0 && self.queue.is_empty()
    }

    fn is_full(&self, now: Duration) -> bool {
        self.is_closed(now) || self.talking >= self.limit()
    }

    fn limit(&self) -> usize {
        if self.standing == Standing::Up { self.allowance.now(self.most()) } else { 1 }
    }

    fn most(&self) -> usize {
        let by_version = || match self.version_number() {
            Some((major, _)) if major >= 15 => CONCURRENT_LATER,
            _ => CONCURRENT_2010,
        };
        self.settings.max_concurrent.unwrap_or_else(by_version)
    }

    /// One room has finished talking.
    pub(crate) fn hang_up(&mut self) {
        self.talking = self.talking.saturating_sub(1);
    }

    /// Somebody may have mended it: it is asked now, by one room. A pause that it asked for itself is kept.
    pub(crate) fn try_again(&mut self) {
        if self.standing == Standing::Down {
            self.closed_until = None;
        }
    }

    /// It answered as Exchange does. What was asked before it wanted a pause, and is answered meanwhile, ends no pause.
    pub(crate) fn answered(&mut self, version: Option<String>, now: Duration) {
        if version.is_some() {
            self.version = version;
        }
        if self.paused_until.is_some_and(|until| now < until) {
            return;
        }
        self.standing = Standing::Up;
        self.trouble = None;
        self.closed_until = None;
        self.paused_until = None;
        self.failures = 0;
        self.allowance.answered(self.most());
    }

    /// It refuses the schema version: from now on it is asked in the next older one. Says whether there is one.
    ///
    /// Several rooms may meet the refusal before the first of them has told; only what was asked in the present version
    /// counts.
    pub(crate) fn speak_older(&mut self, refused: Version) -> bool {
        if refused != self.settings.dialect.version {
            return true;
        }
        let older = refused.older();
        if let Some(older) = older {
            self.settings.dialect.version = older;
        }
        older.is_some()
    }

    /// No request to it can succeed now.
    pub(crate) fn failed(&mut self, step: NextStep, trouble: String, now: Duration, dice: &mut Dice) {
        self.failures += 1;
        let (standing, wait) = match step {
            NextStep::RetryAfter(wait) => {
                self.allowance.halve();
                self.paused_until = self.paused_until.max(Some(now + wait));
                (Standing::BackingOff, Duration::ZERO)
            }
            NextStep::Reauthenticate => (Standing::SignInRefused, Duration::ZERO),
            NextStep::FixConfig | NextStep::SpeakOlder => (Standing::Down, dice.shorten(FIX_WAIT, 4)),
            _ => (Standing::Down, DOWN.wait(self.failures, dice)),
        };
        self.standing = standing;
        self.trouble = Some(trouble);
        self.closed_until = Some(now + wait);
    }
}
