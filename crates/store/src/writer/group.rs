//! Group commit: many commands, one transaction, one savepoint each.

use super::command::{Command, Held, Place};
use crate::{Changed, Error, Store, error::Fault};
use rusqlite::{Connection, Transaction, TransactionBehavior};
use tokio::sync::broadcast;

impl Store {
    /// Carries a group out, then tells everybody. Whether to go on.
    pub(super) fn perform(&mut self, mut group: Vec<Command>, changes: &broadcast::Sender<Changed>) -> bool {
        let go_on = !group.iter().any(|command| matches!(command, Command::Close));
        group.sort_by_key(Command::turn);
        let (held, failure) = in_one_transaction(&mut self.conn, &self.database, group);
        if failure.is_none() {
            for changed in held.iter().flat_map(|held| &held.changed) {
                // Without readers there is nobody to tell.
                drop(changes.send(changed.clone()));
            }
        }
        for held in held {
            (held.tell)(failure.as_ref());
        }
        go_on
    }
}

/// Carries commands out; what was held of each, and why the transaction as a whole failed, where it did.
fn in_one_transaction(
    conn: &mut Connection,
    database: &str,
    group: Vec<Command>,
) -> (Vec<Held>, Option<Error>) {
    let refuse = |error: &Error, command: Command| command.perform(Place { conn: Err(error), database });
    let mut tx = match conn.transaction_with_behavior(TransactionBehavior::Immediate) {
        Ok(tx) => tx,
        Err(error) => {
            let error = Fault::from(error).at(database);
            let held = group.into_iter().map(|command| refuse(&error, command)).collect();
            return (held, Some(error));
        }
    };
    let mut failure = None;
    let mut all = Vec::with_capacity(group.len());
    for command in group {
        let held = match &failure {
            Some(error) => refuse(error, command),
            None => in_savepoint(&mut tx, database, command, &mut failure),
        };
        all.push(held);
    }
    if failure.is_none() {
        failure = tx.commit().map_err(|error| Fault::from(error).at(database)).err();
    }
    (all, failure)
}

/// Carries one command out. `failure` is set where the whole transaction is lost with it.
fn in_savepoint(
    tx: &mut Transaction<'_>,
    database: &str,
    command: Command,
    failure: &mut Option<Error>,
) -> Held {
    let savepoint = match tx.savepoint() {
        Ok(savepoint) => savepoint,
        Err(error) => {
            let error = failure.insert(Fault::from(error).at(database));
            return command.perform(Place { conn: Err(error), database });
        }
    };
    let held = command.perform(Place { conn: Ok(&savepoint), database });
    if held.failure.is_none() {
        *failure = savepoint.commit().map_err(|error| Fault::from(error).at(database)).err();
    } else if savepoint.is_autocommit() {
        // After some failures, a full disk among them, SQLite has rolled everything back itself.
        failure.clone_from(&held.failure);
    }
    // Where it failed, dropping the savepoint rolls it back.
    held
}
