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
    Reply, Request,
    ews::{
        Mailbox,
        read::{Limits, Outcome, Read, Step},
    },
};
use meeting_model::{
    clock::{Clock, Window},
    id::{RoomId, ServerId},
    zone::ZoneDatabase,
};
use std::time::Duration;
use store::Store;
use subscriber::Subscriber;
use sync_engine::{Apply, next_step};

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
    _lock: Lock,
}

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

    /// Holds one conversation to its end.
    fn read_whole(
        &self,
        room: &RoomId,
        dry_run: bool,
        begin: impl FnOnce(exchange_wire::ews::Dialect, Mailbox, Window, Limits) -> (Read, Request),
    ) -> Result<Apply, String> {
        let configured = self.config.rooms.iter().find(|one| one.id == *room);
        let configured = configured.ok_or_else(|| format!("room `{room}` is not configured"))?;
        let server = self.config.servers.get(&configured.server);
        let server = server.ok_or_else(|| format!("server `{}` is not configured", configured.server))?;
        let asked = self.clock.now().wall;
        let settings = &configured.settings;
        let window = Window { start: asked - settings.back, end: asked + settings.ahead };
        let mailbox = Mailbox::new(&configured.mailbox);
        let begun = begin(server.dialect, mailbox, window, Limits::default());
        let Outcome { observed, cursor } = self.converse(&configured.server, begun)?;
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

    fn converse(&self, server: &ServerId, begun: (Read, Request)) -> Result<Outcome, String> {
        let (mut read, mut request) = begun;
        loop {
            let reply = self.runtime.block_on(self.subscriber.exchange(server, &request));
            let reply = reply.map_err(|silence| next_step::of_silence(&silence).sentence)?;
            let reply = Reply { status: reply.status, headers: &reply.headers, body: &reply.body };
            match read.on_reply(&reply).map_err(|error| next_step::of_error(&error).sentence)? {
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
