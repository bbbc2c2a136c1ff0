//! One Exchange server: how many rooms may talk to it at once, and when none may.
//!
//! A server that has not answered properly since its last trouble is asked by one room at a time: a wrong password
//! is then tried once and not by every room, and a server that comes back is not met by all of them in one moment.

use crate::{
    back_off::{BackOff, Dice},
    next_step::NextStep,
    settings::ServerSettings,
};
use exchange_wire::ews::Version;
use meeting_model::id::RoomId;
use std::{
    collections::{BTreeSet, VecDeque},
    time::Duration,
};

const DOWN: BackOff = BackOff { first: Duration::from_secs(2), most: Duration::from_mins(1) };

/// After a second refusal in a row nothing is sent for this long: a lock-out policy counts refusals, usually five in
/// half an hour.
const SIGN_IN_WAIT: Duration = Duration::from_mins(15);

/// How long a mistake in the configuration is left alone before the server is asked again: an administrator mends
/// it on either side.
pub(crate) const FIX_WAIT: Duration = Duration::from_mins(2);

/// How a server answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
#[derive(Debug)]
pub struct Server {
    pub(crate) settings: ServerSettings,
    standing: Standing,
    trouble: Option<String>,
    version: Option<String>,
    talking: usize,
    closed_until: Option<Duration>,
    failures: u32,
    queue: VecDeque<RoomId>,
    queued: BTreeSet<RoomId>,
}

impl Server {
    pub(crate) fn new(settings: ServerSettings) -> Self {
        Self {
            settings,
            standing: Standing::Unknown,
            trouble: None,
            version: None,
            talking: 0,
            closed_until: None,
            failures: 0,
            queue: VecDeque::new(),
            queued: BTreeSet::new(),
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
        self.closed_until
    }

    /// Queues a room that has something to ask. Once is enough.
    pub(crate) fn enqueue(&mut self, room: &RoomId) {
        if self.queued.insert(room.clone()) {
            self.queue.push_back(room.clone());
        }
    }

    /// The next room that may talk now. Whoever takes it says [`hang_up`](Self::hang_up) afterwards.
    pub(crate) fn next_room(&mut self, now: Duration) -> Option<RoomId> {
        if self.closed_until.is_some_and(|until| now < until) || self.talking >= self.limit() {
            return None;
        }
        let room = self.queue.pop_front()?;
        self.queued.remove(&room);
        self.talking += 1;
        Some(room)
    }

    fn limit(&self) -> usize {
        if self.standing == Standing::Up { self.settings.max_concurrent.max(1) } else { 1 }
    }

    /// One room has finished talking.
    pub(crate) fn hang_up(&mut self) {
        self.talking = self.talking.saturating_sub(1);
    }

    /// It answered as Exchange does.
    pub(crate) fn answered(&mut self, version: Option<String>) {
        self.standing = Standing::Up;
        self.trouble = None;
        self.closed_until = None;
        self.failures = 0;
        if version.is_some() {
            self.version = version;
        }
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
            NextStep::RetryAfter(wait) => (Standing::BackingOff, wait),
            NextStep::Reauthenticate if self.failures < 2 => {
                (Standing::SignInRefused, dice.shorten(Duration::from_secs(10), 4))
            }
            NextStep::Reauthenticate => (Standing::SignInRefused, dice.shorten(SIGN_IN_WAIT, 10)),
            NextStep::FixConfig | NextStep::SpeakOlder => (Standing::Down, dice.shorten(FIX_WAIT, 4)),
            _ => (Standing::Down, DOWN.wait(self.failures, dice)),
        };
        self.standing = standing;
        self.trouble = Some(trouble);
        self.closed_until = Some(now + wait);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use exchange_wire::ews::Dialect;

    fn server() -> Server {
        Server::new(ServerSettings {
            dialect: Dialect::default(),
            pull_interval: Duration::from_secs(15),
            catch_up_every: Duration::from_mins(20),
            reconcile_every: Duration::from_hours(6),
            max_concurrent: 3,
        })
    }

    fn takes(server: &mut Server, now: u64) -> usize {
        for n in 0..5 {
            server.enqueue(&RoomId::new(format!("room-{n}")));
        }
        std::iter::from_fn(|| server.next_room(Duration::from_secs(now))).count()
    }

    #[test]
    fn one_room_talks_until_the_server_has_answered() {
        let mut server = server();
        assert_eq!(takes(&mut server, 0), 1);
        server.answered(None);
        assert_eq!(takes(&mut server, 0), 2, "three at once, one of them still talking");
    }

    #[test]
    fn a_second_refusal_of_the_password_ends_the_trying_for_a_quarter_of_an_hour() {
        let mut server = server();
        let mut dice = Dice::new(1);
        server.failed(NextStep::Reauthenticate, "refused".into(), Duration::ZERO, &mut dice);
        assert_eq!(takes(&mut server, 1), 0);
        assert_eq!(takes(&mut server, 11), 1);
        server.hang_up();
        server.failed(NextStep::Reauthenticate, "refused".into(), Duration::from_secs(11), &mut dice);
        assert_eq!(takes(&mut server, 600), 0);
        assert_eq!(takes(&mut server, 1_000), 1);
    }

    #[test]
    fn a_server_is_asked_in_older_words_until_it_knows_them_or_there_are_none() {
        let mut server = server();
        assert_eq!(server.settings.dialect.version, Version::Exchange2010Sp1);
        assert!(server.speak_older(Version::Exchange2010Sp1));
        assert_eq!(server.settings.dialect.version, Version::Exchange2010);
        assert!(server.speak_older(Version::Exchange2010Sp1), "another room, asked before that");
        assert_eq!(server.settings.dialect.version, Version::Exchange2010);
        assert!(server.speak_older(Version::Exchange2010));
        assert!(!server.speak_older(Version::Exchange2007Sp1));
    }

    #[test]
    fn a_server_that_names_a_wait_is_left_alone_for_just_that() {
        let mut server = server();
        let mut dice = Dice::new(1);
        server.answered(None);
        let wait = NextStep::RetryAfter(Duration::from_secs(30));
        server.failed(wait, "busy".into(), Duration::ZERO, &mut dice);
        assert_eq!(takes(&mut server, 29), 0);
        assert_eq!(takes(&mut server, 30), 1);
    }
}
