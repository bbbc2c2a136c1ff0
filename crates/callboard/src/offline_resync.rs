//! A resync without a daemon: the store is used directly, one room after the other.

use crate::{
    config::Config,
    planning::{self, Planning},
    site,
    state_dir::{Lock, StateDir},
    system_clock::SystemClock,
};
use control::{Resynced, RoomReport};
use exchange_wire::{
    Request,
    ews::{
        Dialect, Mailbox,
        read::{Limits, Outcome, Read, Step},
    },
};
use meeting_model::{
    clock::{Clock, Window},
    id::{RoomId, ServerId},
    zone::ZoneDatabase,
};
use std::{collections::BTreeMap, time::Duration};
use store::Store;
use subscriber::Subscriber;
use sync_engine::{
    Apply, NextStep, Scope,
    next_step::{self, Verdict},
};

/// How long is waited before the second read of a calendar that came back empty.
const SECOND_LOOK: Duration = Duration::from_mins(1);

/// A resync under way. The rooms are ours until [`OfflineResync::end`].
pub(crate) struct OfflineResync<'a> {
    config: &'a Config,
    clock: SystemClock,
    runtime: tokio::runtime::Runtime,
    subscriber: Subscriber,
    store: Store,
    planning: Planning,
    servers: BTreeMap<ServerId, Found>,
    _lock: Lock,
}

/// What a server was found to be.
struct Found {
    /// How it is asked: with the schema version that it takes.
    dialect: Dialect,
    /// Why it is not asked any more.
    closed: Option<String>,
}

/// How a read begins.
type Begin = fn(Dialect, Mailbox, Window, Limits) -> (Read, Request);

impl<'a> OfflineResync<'a> {
    /// Opens the mirror and takes the rooms.
    ///
    /// # Errors
    /// Where a password, a certificate or the mirror cannot be used.
    pub(crate) fn begin(
        config: &'a Config,
        zones: ZoneDatabase,
        state: &StateDir,
        lock: Lock,
    ) -> anyhow::Result<Self> {
        let mut store = Store::open(&state.database())?;
        let taken = store.take(&site::claims(config))?;
        let planning = Planning::begin(config, zones, &mut store, &taken)?;
        Ok(Self {
            config,
            clock: SystemClock::start(),
            runtime: super::command::runtime()?,
            subscriber: site::subscriber(config)?,
            store,
            planning,
            servers: config
                .servers
                .iter()
                .map(|(id, server)| (id.clone(), Found { dialect: server.dialect, closed: None }))
                .collect(),
            _lock: lock,
        })
    }

    /// Reads one room whole, and applies the difference unless it is only to be told.
    pub(crate) fn room(&mut self, room: &RoomId, dry_run: bool) -> RoomReport {
        RoomReport { room: room.to_string(), result: self.resync(room, dry_run) }
    }

    /// Closes the mirror.
    ///
    /// # Errors
    /// Where it cannot be closed; nothing that was committed is lost by it.
    pub(crate) fn end(self) -> Result<(), store::Error> {
        self.store.close()
    }

    fn resync(&mut self, room: &RoomId, dry_run: bool) -> Result<Resynced, String> {
        let apply = self.read_whole(room, dry_run, Read::complete)?;
        let (resynced, suspicious) = self.apply(&apply)?;
        if !suspicious {
            return Ok(resynced);
        }
        self.runtime.block_on(tokio::time::sleep(SECOND_LOOK));
        let confirmed = self.read_whole(room, dry_run, Read::confirm_empty)?;
        let (resynced, _) = self.apply(&confirmed)?;
        Ok(resynced)
    }

    /// Reads one room, in an older schema version where its server refuses a newer one, as the daemon does. A server that has
    /// failed as a whole is not asked again: a wrong password would count towards a lock-out with every room.
    fn read_whole(&mut self, room: &RoomId, dry_run: bool, begin: Begin) -> Result<Apply, String> {
        let unknown = || format!("room `{room}` is not configured");
        let configured = self.config.rooms.iter().find(|one| one.id == *room).ok_or_else(unknown)?;
        let server = self.servers.get(&configured.server).ok_or_else(unknown)?;
        if let Some(closed) = &server.closed {
            return Err(format!("not asked, as its server has failed for another room: {closed}"));
        }
        let mut dialect = server.dialect;
        let asked = self.clock.now().wall;
        let settings = &configured.settings;
        let window = Window { start: asked - settings.back, end: asked + settings.ahead };
        let read = loop {
            let mailbox = Mailbox::new(&configured.mailbox);
            let read = self.converse(&configured.server, begin(dialect, mailbox, window, Limits::default()));
            match (&read, dialect.version.older()) {
                (Err(verdict), Some(older)) if verdict.step == NextStep::SpeakOlder => {
                    dialect.version = older;
                }
                _ => break read,
            }
        };
        let failed = read.as_ref().err().filter(|verdict| verdict.scope == Scope::Server);
        let closed = failed.map(|verdict| verdict.sentence.clone());
        self.servers.insert(configured.server.clone(), Found { dialect, closed });
        let Outcome { observed, cursor } = read.map_err(|verdict| verdict.sentence)?;
        Ok(Apply {
            room: room.clone(),
            observed: Some(observed),
            cursor,
            as_of: Some(asked),
            persist: true,
            ticket: None,
            dry_run,
        })
    }

    /// Holds one conversation to its end.
    fn converse(&self, server: &ServerId, begun: (Read, Request)) -> Result<Outcome, Verdict> {
        let (mut read, mut request) = begun;
        loop {
            let reply = self.runtime.block_on(self.subscriber.exchange(server, &request));
            let reply = reply.map_err(|silence| next_step::of_silence(&silence))?;
            let reply = reply.as_wire();
            match read.on_reply(&reply).map_err(|error| next_step::of_error(&error))? {
                Step::Send(further, next) => (read, request) = (*further, next),
                Step::Done(outcome) => return Ok(outcome),
            }
        }
    }

    fn apply(&mut self, apply: &Apply) -> Result<(Resynced, bool), String> {
        let failed = |error: store::Error| error.to_string();
        let known = self.store.known(&apply.room, &Planning::meetings(apply)).map_err(failed)?;
        let now = self.clock.now();
        let unknown = || format!("room `{}` is not configured", apply.room);
        let plan = self.planning.plan(apply, &known, now).ok_or_else(unknown)?;
        let epoch = *self.planning.epochs.get(&apply.room).ok_or_else(unknown)?;
        let committed = match Planning::commit(apply, &plan, now) {
            Some(commit) => Some(self.store.commit(epoch, &commit).map_err(failed)?),
            None => None,
        };
        Ok((planning::resynced(&plan, &known, committed.as_ref(), apply.dry_run), plan.suspicious))
    }
}
