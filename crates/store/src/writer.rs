//! A thread that owns a store and takes the same values as commands.

mod command;
mod group;

use crate::{
    Changed, Claim, Committed, DeviceState, Error, Prune, Pruned, RoomState, Settlement, ShownAt, Store,
    Version,
};
use chrono::{DateTime, Utc};
use command::{Command, Reply};
use meeting_model::{
    id::{Epoch, Revision, RoomId},
    identity::MeetingId,
    known::Known,
    plan::Commit,
    privacy::SiteSecret,
};
use std::{
    collections::BTreeSet,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    thread::{self, JoinHandle},
};
use tokio::sync::{broadcast, mpsc, oneshot};

/// How many commands share one transaction at most.
const GROUP: usize = 64;

/// How many changes a reader may lag behind before it has to look at every room again.
const CHANGES: usize = 1024;

/// A thread that owns a [`Store`]. What is queued when it looks, at most 64 commands, goes into one transaction, each in
/// a savepoint of its own: one that fails rolls back alone. Room commits go before settlements, settlements before
/// reading, reading before pruning; callers hear after COMMIT.
///
/// Dropping it does what [`Writer::close`] does, and logs what went wrong.
#[derive(Debug)]
pub struct Writer {
    handle: WriterHandle,
    thread: Option<JoinHandle<Result<(), Error>>>,
}

/// Where commands for a [`Writer`] go. Cheap to clone.
///
/// A command is queued, in order, when its method is called, and carried out whether or not its [`Answer`] is awaited.
/// The queue needs no bound of its own: a room has one commit under way, a device one settlement.
#[derive(Debug, Clone)]
pub struct WriterHandle {
    commands: mpsc::UnboundedSender<Command>,
    changes: broadcast::Sender<Changed>,
}

/// The answer to a command: await it, or [`wait`](Answer::wait) for it where nothing is async.
#[derive(Debug)]
#[must_use = "the command is carried out, and whether it worked is told here"]
pub struct Answer<T>(oneshot::Receiver<Result<T, Error>>);

impl Writer {
    /// Starts the thread.
    ///
    /// # Errors
    ///
    /// [`Error::NoThread`].
    pub fn start(store: Store) -> Result<Self, Error> {
        let (commands, queue) = mpsc::unbounded_channel();
        let (changes, _) = broadcast::channel(CHANGES);
        let handle = WriterHandle { commands, changes: changes.clone() };
        let thread = thread::Builder::new()
            .name("store-writer".to_owned())
            .spawn(move || run(store, queue, &changes))
            .map_err(|error| Error::NoThread { source: Arc::new(error) })?;
        Ok(Self { handle, thread: Some(thread) })
    }

    /// Where its commands go.
    pub fn handle(&self) -> WriterHandle {
        self.handle.clone()
    }

    /// Carries out what is queued, folds the write-ahead log into the file, closes it and ends the thread. Commands that
    /// come later hear [`Error::Closed`]. Blocks for as long as that takes.
    ///
    /// # Errors
    ///
    /// As [`Store::close`]; nothing that was committed is lost by it.
    pub fn close(mut self) -> Result<(), Error> {
        self.end()
    }

    fn end(&mut self) -> Result<(), Error> {
        let Some(thread) = self.thread.take() else { return Ok(()) };
        // Where the thread has ended before, nobody listens; joining tells how it ended.
        drop(self.handle.commands.send(Command::Close));
        thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        if thread::panicking() {
            return;
        }
        if let Err(error) = self.end() {
            tracing::warn!(error = &error as &dyn std::error::Error, "closing the database failed");
        }
    }
}

/// The thread: takes what is queued, never waiting for more, until it is told to close.
fn run(
    mut store: Store,
    mut queue: mpsc::UnboundedReceiver<Command>,
    changes: &broadcast::Sender<Changed>,
) -> Result<(), Error> {
    let mut open = true;
    while open && let Some(first) = queue.blocking_recv() {
        let mut group = vec![first];
        while group.len() < GROUP
            && let Ok(next) = queue.try_recv()
        {
            group.push(next);
        }
        open = store.perform(group, changes);
    }
    store.close()
}

impl WriterHandle {
    /// As [`Store::site_secret`].
    pub fn site_secret(&self, fresh: [u8; 32]) -> Answer<SiteSecret> {
        self.ask(|reply| Command::SiteSecret(fresh, reply))
    }

    /// As [`Store::take`].
    pub fn take(&self, claims: Vec<Claim>) -> Answer<Vec<RoomState>> {
        self.ask(|reply| Command::Take(claims, reply))
    }

    /// As [`Store::equip`].
    pub fn equip(&self, claims: Vec<Claim>) -> Answer<Vec<RoomState>> {
        self.ask(|reply| Command::Equip(claims, reply))
    }

    /// As [`Store::forget_others`].
    pub fn forget_others(&self, keep: BTreeSet<RoomId>) -> Answer<Vec<RoomId>> {
        self.ask(|reply| Command::ForgetOthers(keep, reply))
    }

    /// As [`Store::commit`]. Every revision it makes is broadcast to [`changes`](Self::changes) before it is answered.
    pub fn commit(&self, epoch: Epoch, commit: Commit) -> Answer<Committed> {
        self.ask(|reply| Command::Commit(epoch, Box::new(commit), reply))
    }

    /// As [`Store::settle`].
    pub fn settle(&self, settlement: Settlement) -> Answer<DeviceState> {
        self.ask(|reply| Command::Settle(settlement, reply))
    }

    /// As [`Store::known`].
    pub fn known(&self, room: RoomId, meetings: BTreeSet<MeetingId>) -> Answer<Known> {
        self.ask(|reply| Command::Known(room, meetings, reply))
    }

    /// As [`Store::devices`].
    pub fn devices(&self) -> Answer<Vec<DeviceState>> {
        self.ask(Command::Devices)
    }

    /// As [`Store::shown_at`].
    pub fn shown_at(&self, room: RoomId, at: DateTime<Utc>) -> Answer<Option<ShownAt>> {
        self.ask(|reply| Command::ShownAt(room, at, reply))
    }

    /// As [`Store::shown_in`].
    pub fn shown_in(&self, room: RoomId, rev: Revision) -> Answer<Vec<Version>> {
        self.ask(|reply| Command::ShownIn(room, rev, reply))
    }

    /// As [`Store::prune`].
    pub fn prune(&self, prune: Prune) -> Answer<Pruned> {
        self.ask(|reply| Command::Prune(prune, reply))
    }

    /// Every new revision of every room from now on, told after it is on disk. A receiver that lags has to look at every
    /// room again.
    pub fn changes(&self) -> broadcast::Receiver<Changed> {
        self.changes.subscribe()
    }

    fn ask<T>(&self, command: impl FnOnce(Reply<T>) -> Command) -> Answer<T> {
        let (reply, answer) = oneshot::channel();
        // Where nobody listens any more the command is dropped with its reply, and the answer is `Closed`.
        drop(self.commands.send(command(reply)));
        Answer(answer)
    }
}

impl<T> Answer<T> {
    /// Blocks until the answer is there. Not for async code: await it there.
    ///
    /// # Errors
    ///
    /// What the method of [`Store`] would have said, or [`Error::Closed`].
    pub fn wait(self) -> Result<T, Error> {
        self.0.blocking_recv().unwrap_or(Err(Error::Closed))
    }
}

impl<T> Future for Answer<T> {
    type Output = Result<T, Error>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        Poll::Ready(ready!(Pin::new(&mut self.0).poll(cx)).unwrap_or(Err(Error::Closed)))
    }
}
