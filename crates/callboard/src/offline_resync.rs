//! Operators' wishes without a daemon: the same engine, which does nothing else, and the store used directly.

use crate::{
    config::Config,
    planning::{self, Applying, Done, Planning},
    site,
    state_dir::{Lock, StateDir},
    system_clock::SystemClock,
};
use anyhow::Context;
use control::{Resynced, RoomReport};
use meeting_model::{
    clock::Clock,
    id::{RoomId, ServerId},
    zone::ZoneDatabase,
};
use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    io,
    time::Duration,
};
use store::{RoomState, Store};
use subscriber::{Addressee, Subscriber};
use sync_engine::{Action, Apply, CallId, Engine, Event, Reply, Ticket, Unreachable, Wish};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// The longest that nothing happens before the engine is asked again.
const LOOK: Duration = Duration::from_secs(4);

/// Wishes under way. The rooms are ours until [`OfflineResync::end`].
pub(crate) struct OfflineResync {
    /// What is in force: rooms that were migrated are read where they were migrated to.
    config: Config,
    taken: Vec<RoomState>,
    clock: SystemClock,
    subscriber: Subscriber,
    store: Store,
    planning: Planning,
    engine: Engine,
    answers: (UnboundedSender<Event>, UnboundedReceiver<Event>),
    /// Who waits for an answer.
    waiting: BTreeMap<Ticket, RoomId>,
    /// Rooms whose calendar came back too empty to be believed: answered when a second look has decided.
    doubted: BTreeSet<RoomId>,
    _lock: Lock,
}

/// An engine that does only what operators wish.
fn passive(config: &Config) -> anyhow::Result<Engine> {
    let seed = getrandom::u64().context("the system has no randomness to give")?;
    Ok(Engine::passive(site::engine(config, [0; 32]), seed))
}

impl OfflineResync {
    /// Opens the mirror and takes the rooms.
    ///
    /// # Errors
    /// Where a password, a certificate or the mirror cannot be used.
    pub(crate) fn begin(
        mut config: Config,
        zones: ZoneDatabase,
        state: &StateDir,
        lock: Lock,
    ) -> anyhow::Result<Self> {
        let mut store = Store::open(&state.database())?;
        config.follow(|room| store.state(room).ok()?.source);
        let taken = store.take(&site::claims(&config))?;
        let clock = SystemClock::start();
        Ok(Self {
            clock,
            subscriber: site::subscriber(&config, clock.now().wall)?,
            planning: Planning::begin(&config, zones, &mut store, &taken)?,
            store,
            engine: passive(&config)?,
            config,
            taken,
            answers: unbounded_channel(),
            waiting: BTreeMap::new(),
            doubted: BTreeSet::new(),
            _lock: lock,
        })
    }

    /// Where a room stood when it was taken.
    pub(crate) fn state(&self, room: &RoomId) -> Option<&RoomState> {
        self.taken.iter().find(|state| state.room == *room)
    }

    /// The configuration in force.
    pub(crate) fn config(&self) -> &Config {
        &self.config
    }

    /// What planning needs.
    pub(crate) fn planning(&self) -> &Planning {
        &self.planning
    }

    /// The mirror.
    pub(crate) fn store(&self) -> &Store {
        &self.store
    }

    /// Has rooms read elsewhere than the configuration says.
    ///
    /// # Errors
    /// Where the system has no randomness to give, or the store cannot be written.
    pub(crate) fn read_elsewhere(&mut self, rooms: &[RoomId], to: &ServerId) -> anyhow::Result<()> {
        for room in self.config.rooms.iter_mut().filter(|room| rooms.contains(&room.id)) {
            room.migrate(to);
        }
        let taken = self.store.equip(&site::claims(&self.config))?;
        self.planning = self.planning.changed(&self.config, &taken);
        self.engine = passive(&self.config)?;
        Ok(())
    }

    /// Does the same to every one of these rooms, and tells each as it is done.
    ///
    /// # Errors
    /// Where it cannot be told.
    pub(crate) fn run(
        &mut self,
        rooms: &[RoomId],
        wish: Wish,
        mut tell: impl FnMut(&RoomReport) -> io::Result<()>,
    ) -> anyhow::Result<()> {
        let runtime = super::command::runtime()?;
        runtime.block_on(async {
            let calendars = rooms.iter().flat_map(|room| self.planning.calendars.of_room(room));
            let wishes = calendars.zip(0..).map(|((room, _), number)| {
                let ticket = Ticket(number);
                self.waiting.insert(ticket, room.clone());
                Event::Wished { room: room.clone(), ticket, wish }
            });
            let mut events: VecDeque<Event> = wishes.collect::<Vec<_>>().into();
            while !self.is_done(&events) {
                let event = match events.pop_front() {
                    Some(event) => event,
                    None => self.next_event().await,
                };
                for action in self.engine.on(event, self.clock.now()) {
                    let (event, report) = self.perform(action);
                    events.extend(event);
                    if let Some(report) = report {
                        tell(&report)?;
                    }
                }
            }
            Ok(())
        })
    }

    /// Whether everybody was answered, and nothing is looked for or read again any more that an answer lacks (rules S4 and T1).
    fn is_done(&self, events: &VecDeque<Event>) -> bool {
        self.waiting.is_empty()
            && self.doubted.is_empty()
            && events.is_empty()
            && !self.engine.is_learning(self.clock.now())
    }

    /// Closes the mirror.
    ///
    /// # Errors
    /// Where it cannot be closed; nothing that was committed is lost by it.
    pub(crate) fn end(self) -> Result<(), store::Error> {
        self.store.close()
    }

    /// An answer of Exchange, or that time has passed.
    async fn next_event(&mut self) -> Event {
        let wake = self.engine.next_wake();
        let now = self.clock.now();
        let sleep = wake.mono.map_or(LOOK, |mono| mono.saturating_sub(now.mono).min(LOOK));
        match tokio::time::timeout(sleep, self.answers.1.recv()).await {
            Ok(Some(event)) => event,
            Ok(None) | Err(_) => Event::Wake,
        }
    }

    /// Does what the engine wants done: what it is to be told of it at once, and what an operator is.
    fn perform(&mut self, action: Action) -> (Option<Event>, Option<RoomReport>) {
        match action {
            Action::Exchange { call, server, at, request, .. } => {
                self.ask(call, |subscriber| async move {
                    subscriber.exchange(Addressee { server: &server, at: at.as_deref() }, &request).await
                });
                (None, None)
            }
            Action::Discover { call, server, ask, .. } => {
                self.ask(call, |subscriber| async move {
                    subscriber.discover(&server, &ask).await.map_err(Into::into)
                });
                (None, None)
            }
            Action::Apply(apply) => {
                let room = apply.room.clone();
                let (result, report) = match self.apply(&apply) {
                    Ok(done) => {
                        let report = self.report(&apply, &done);
                        (Ok(done.applied), report)
                    }
                    Err(error) => {
                        let report = self.answer(apply.ticket, &room, Err(error.to_string()));
                        (Err(planning::not_applied(&error)), report)
                    }
                };
                (Some(Event::Applied { room, result }), report)
            }
            Action::Refuse { ticket, room, sentence } => {
                (None, self.answer(Some(ticket), &room, Err(sentence)))
            }
            // a passive engine has no subscriptions and delivers nothing
            Action::OpenStream { .. }
            | Action::CloseStream { .. }
            | Action::AnswerPush { .. }
            | Action::Deliver(_)
            | Action::Settle(_)
            | Action::Empty { .. } => (None, None),
        }
    }

    /// Asks Exchange, and has the answer told.
    fn ask<F>(&self, call: CallId, ask: impl FnOnce(Subscriber) -> F)
    where
        F: Future<Output = Result<Reply, Unreachable>> + Send + 'static,
    {
        let (asking, answers) = (ask(self.subscriber.clone()), self.answers.0.clone());
        tokio::spawn(async move {
            let result = asking.await;
            // where nobody waits any more, nobody needs to know
            let _ = answers.send(Event::Exchange { call, result });
        });
    }

    fn apply(&mut self, apply: &Apply) -> Result<Done, store::Error> {
        let unknown = || store::Error::UnknownRoom { room: apply.room.clone() };
        let mut applying = Applying::begin(&self.planning, apply).ok_or_else(unknown)?;
        while applying.goes_on() {
            let known = self.store.known(applying.room(), &applying.meetings())?;
            let committed = match applying.plan(known, self.clock.now()) {
                Some((epoch, commit)) => Some(self.store.commit(epoch, &commit)?),
                None => None,
            };
            applying.committed(committed.as_ref());
        }
        Ok(applying.end())
    }

    fn report(&mut self, apply: &Apply, done: &Done) -> Option<RoomReport> {
        let room = &apply.room;
        if done.applied.suspicious && !apply.dry_run {
            self.doubted.insert(room.clone());
            self.waiting.retain(|_, waiting| waiting != room);
            return None;
        }
        // what its meeting requests say of subjects comes after the answer, and is told where it names anything
        let names = !apply.requests.is_empty() && done.told.as_ref().is_ok_and(|told| !told.lines.is_empty());
        if self.doubted.remove(room) || names {
            return Some(self.planning.report(room, done.told.clone()));
        }
        self.answer(apply.ticket, room, done.told.clone())
    }

    fn answer(
        &mut self,
        ticket: Option<Ticket>,
        room: &RoomId,
        result: Result<Resynced, String>,
    ) -> Option<RoomReport> {
        let doubted = self.doubted.remove(room);
        let waited = ticket.and_then(|ticket| self.waiting.remove(&ticket));
        (doubted || waited.is_some()).then(|| self.planning.report(room, result))
    }
}
