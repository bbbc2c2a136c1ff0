//! Who has the configuration in force changed.

use control::Reloaded;
use meeting_model::id::{RoomId, ServerId};
use std::collections::BTreeMap;
use tokio::sync::{mpsc, oneshot};

/// Whoever has the configuration read again is told what has changed, or every mistake.
type Answer = oneshot::Sender<Result<Reloaded, Vec<String>>>;

/// What the configuration in force is to be changed by.
pub(in crate::daemon) enum Asked {
    /// What the file says now.
    Reread {
        /// Tell what it would change, and change nothing.
        dry_run: bool,
        /// For whoever asked.
        answer: Answer,
    },
    /// Rooms that are read elsewhere from now on.
    Move(BTreeMap<RoomId, ServerId>, oneshot::Sender<Result<(), Vec<String>>>),
}

/// Has the configuration read again. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Reloads(mpsc::UnboundedSender<Asked>);

impl Reloads {
    pub(in crate::daemon) fn new() -> (Self, mpsc::UnboundedReceiver<Asked>) {
        let (ask, asked) = mpsc::unbounded_channel();
        (Self(ask), asked)
    }

    /// Reads the configuration again and changes what it changes; or, for a `dry_run`, tells what it would change.
    ///
    /// # Errors
    /// With every mistake: nothing was changed then.
    pub async fn reload(&self, dry_run: bool) -> Result<Reloaded, Vec<String>> {
        self.ask(|answer| Asked::Reread { dry_run, answer }).await
    }

    /// Has rooms read elsewhere than the configuration says. They show what they show until they were read there.
    ///
    /// # Errors
    /// With what is wrong: nothing was changed then.
    pub(crate) async fn read_elsewhere(&self, rooms: BTreeMap<RoomId, ServerId>) -> Result<(), Vec<String>> {
        self.ask(|answer| Asked::Move(rooms, answer)).await
    }

    async fn ask<T>(
        &self,
        asked: impl FnOnce(oneshot::Sender<Result<T, Vec<String>>>) -> Asked,
    ) -> Result<T, Vec<String>> {
        let (answer, told) = oneshot::channel();
        let gone = || Err(vec!["the daemon is stopping, and reads no configuration any more".to_owned()]);
        if self.0.send(asked(answer)).is_err() {
            return gone();
        }
        told.await.unwrap_or_else(|_| gone())
    }
}
