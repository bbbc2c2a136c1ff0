//! What the writer can be asked.

use crate::{
    Changed, Claim, Committed, DeviceState, Error, Prune, Pruned, RoomState, Settlement, commit, device,
    error::Fault,
    history,
    history::{ShownAt, Version},
    known, prune, room, site,
};
use chrono::{DateTime, Utc};
use meeting_model::{
    id::{Epoch, Revision, RoomId},
    identity::MeetingId,
    known::Known,
    plan::Commit,
    privacy::SiteSecret,
};
use rusqlite::Connection;
use std::collections::BTreeSet;
use tokio::sync::oneshot;

/// Where an answer goes.
pub(super) type Reply<T> = oneshot::Sender<Result<T, Error>>;

/// One call of a method of [`Store`](crate::Store), and where its answer goes.
#[derive(Debug)]
pub(super) enum Command {
    SiteSecret([u8; 32], Reply<SiteSecret>),
    Take(Vec<Claim>, Reply<Vec<RoomState>>),
    Equip(Vec<Claim>, Reply<Vec<RoomState>>),
    ForgetOthers(BTreeSet<RoomId>, Reply<Vec<RoomId>>),
    Commit(Epoch, Box<Commit>, Reply<Committed>),
    Settle(Settlement, Reply<DeviceState>),
    Known(RoomId, BTreeSet<MeetingId>, Reply<Known>),
    Devices(Reply<Vec<DeviceState>>),
    ShownAt(RoomId, DateTime<Utc>, Reply<Option<ShownAt>>),
    ShownIn(RoomId, Revision, Reply<Vec<Version>>),
    Prune(Prune, Reply<Pruned>),
    Close,
}

impl Command {
    /// Its turn within a group: rooms, then deliveries, then who only wants to know, then what can wait.
    pub(super) fn turn(&self) -> u8 {
        match self {
            Self::SiteSecret(..)
            | Self::Take(..)
            | Self::Equip(..)
            | Self::ForgetOthers(..)
            | Self::Commit(..) => 0,
            Self::Settle(..) => 1,
            Self::Known(..) | Self::Devices(..) | Self::ShownAt(..) | Self::ShownIn(..) => 2,
            Self::Prune(..) => 3,
            Self::Close => 4,
        }
    }

    /// Carries it out, and keeps the answer back until it is known whether its transaction stands.
    pub(super) fn perform(self, at: Place<'_>) -> Held {
        match self {
            Self::SiteSecret(fresh, reply) => at.hold(reply, |conn| site::secret(conn, fresh)),
            Self::Take(claims, reply) => at.hold(reply, |conn| room::take(conn, &claims)),
            Self::Equip(claims, reply) => at.hold(reply, |conn| room::equip(conn, &claims)),
            Self::ForgetOthers(keep, reply) => at.hold(reply, |conn| room::forget_others(conn, &keep)),
            Self::Commit(epoch, commit, reply) => {
                let mut changed = Vec::new();
                let held = at.hold(reply, |conn| {
                    let committed = commit::apply(conn, epoch, &commit)?;
                    changed = committed.changed(commit.plan.base);
                    Ok(committed)
                });
                Held { changed, ..held }
            }
            Self::Settle(settlement, reply) => at.hold(reply, |conn| device::settle(conn, &settlement)),
            Self::Known(room, meetings, reply) => at.hold(reply, |conn| known::read(conn, &room, &meetings)),
            Self::Devices(reply) => at.hold(reply, device::all),
            Self::ShownAt(room, at_time, reply) => {
                at.hold(reply, |conn| history::shown_at(conn, &room, at_time))
            }
            Self::ShownIn(room, rev, reply) => at.hold(reply, |conn| history::shown_in(conn, &room, rev)),
            Self::Prune(prune, reply) => at.hold(reply, |conn| prune::apply(conn, &prune)),
            Self::Close => Held { failure: None, changed: Vec::new(), tell: Box::new(|_| ()) },
        }
    }
}

/// Where a command is carried out: a connection within a savepoint, or nowhere, for the reason that is given.
pub(super) struct Place<'a> {
    pub(super) conn: Result<&'a Connection, &'a Error>,
    pub(super) database: &'a str,
}

/// Sends an answer: what came of the command, or why its whole transaction failed.
type Tell = Box<dyn FnOnce(Option<&Error>)>;

/// A command that was carried out and whose caller does not know it yet.
pub(super) struct Held {
    /// Why it failed, where it did: its savepoint is to be rolled back.
    pub(super) failure: Option<Error>,
    /// The revisions it made.
    pub(super) changed: Vec<Changed>,
    /// Tells the caller.
    pub(super) tell: Tell,
}

impl Place<'_> {
    fn hold<T: 'static>(self, reply: Reply<T>, work: impl FnOnce(&Connection) -> Result<T, Fault>) -> Held {
        let result = match self.conn {
            Ok(conn) => work(conn).map_err(|fault| fault.at(self.database)),
            Err(error) => Err(error.clone()),
        };
        let failure = result.as_ref().err().cloned();
        // A caller that has gone does not want to know.
        let tell = move |failed: Option<&Error>| drop(reply.send(failed.map_or(result, |e| Err(e.clone()))));
        Held { failure, changed: Vec::new(), tell: Box::new(tell) }
    }
}
