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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Claim, Committed, DeviceState, Outcome, Prune, Pruned, RoomState, Settlement};
    use chrono::DateTime;
    use meeting_model::{
        id::{CalendarName, CalendarNumber, DeviceId, Epoch, ItemId, Revision, RoomId},
        known::AcceptanceHistory,
        plan::{Commit, Plan},
        settings::Acceptance,
    };
    use std::{
        collections::{BTreeMap, BTreeSet},
        sync::{
            Arc,
            atomic::{AtomicUsize, Ordering},
        },
    };
    use tokio::sync::oneshot::{self, Receiver};

    type Told<T> = Receiver<Result<T, Error>>;

    fn take(room: &str) -> (Command, Told<Vec<RoomState>>) {
        let (reply, told) = oneshot::channel();
        let claim = Claim {
            room: RoomId::new(room),
            devices: BTreeSet::from([DeviceId::new(room)]),
            calendars: vec![CalendarName::new(room)],
        };
        (Command::Take(vec![claim], reply), told)
    }

    fn settle(device: &str) -> (Command, Told<DeviceState>) {
        let (reply, told) = oneshot::channel();
        let outcome = Outcome::Acknowledged { digest: "d".to_owned() };
        let device = DeviceId::new(device);
        (
            Command::Settle(
                Settlement { device, epoch: Epoch(1), rev: Revision(0), outcome, now: DateTime::UNIX_EPOCH },
                reply,
            ),
            told,
        )
    }

    /// A commit that changes a room: an item that nobody held is gone.
    fn commit(room: &str) -> (Command, Told<Committed>) {
        let (reply, told) = oneshot::channel();
        let plan = Plan {
            room: RoomId::new(room),
            base: Revision(0),
            calendar: CalendarNumber::default(),
            items: Vec::new(),
            removed_items: vec![ItemId::new("gone")],
            occurrences: Vec::new(),
            removed_occurrences: Vec::new(),
            learned: BTreeMap::new(),
            tombstones: Vec::new(),
            removed_tombstones: Vec::new(),
            acceptance: AcceptanceHistory { mode: Acceptance::AutoAccept, switched_to_proxy: None },
            planned_with: String::new(),
            read_with: None,
            changes: Vec::new(),
            dials_otherwise: false,
            replan_at: None,
            forgotten_before: DateTime::UNIX_EPOCH,
            suspicious: false,
            settings_changed: false,
        };
        let commit = Commit { plan, cursor: None, source: None, as_of: None, now: DateTime::UNIX_EPOCH };
        (Command::Commit(Epoch(1), Box::new(commit), reply), told)
    }

    fn devices() -> (Command, Told<Vec<DeviceState>>) {
        let (reply, told) = oneshot::channel();
        (Command::Devices(reply), told)
    }

    fn prune() -> (Command, Told<Pruned>) {
        let (reply, told) = oneshot::channel();
        let never = DateTime::UNIX_EPOCH;
        let prune =
            Prune { ended_before: never, names_before: never, unheld_since: never, now: never, limit: 1 };
        (Command::Prune(prune, reply), told)
    }

    /// A store that counts its COMMITs, and refuses them where it is told to.
    fn counting(refuse: bool) -> (Store, Arc<AtomicUsize>) {
        let mut store = Store::open_in_memory().unwrap();
        let commits = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&commits);
        let hook = move || {
            counter.fetch_add(1, Ordering::SeqCst);
            refuse
        };
        store.conn.commit_hook(Some(hook)).unwrap();
        (store, commits)
    }

    fn perform(store: &mut Store, group: Vec<Command>) -> bool {
        store.perform(group, &broadcast::channel(1).0)
    }

    #[test]
    fn one_that_fails_rolls_back_alone_within_one_transaction() {
        let (mut store, commits) = counting(false);
        let ((a, mut a_told), (bad, mut bad_told), (b, mut b_told)) =
            (take("a"), settle("nobody"), take("b"));
        assert!(perform(&mut store, vec![a, bad, b]));
        assert!(a_told.try_recv().unwrap().is_ok() && b_told.try_recv().unwrap().is_ok());
        assert!(matches!(bad_told.try_recv().unwrap(), Err(Error::UnknownDevice { .. })));
        assert_eq!(commits.load(Ordering::SeqCst), 1);
        assert_eq!(store.devices().unwrap().len(), 2);
    }

    #[test]
    fn rooms_go_before_deliveries_and_deliveries_before_questions() {
        let (mut store, _) = counting(false);
        let ((p, _p), (d, mut asked), (s, mut settled), (t, _t)) =
            (prune(), devices(), settle("a"), take("a"));
        assert!(perform(&mut store, vec![p, d, s, t]));
        let state = settled.try_recv().unwrap().unwrap();
        assert_eq!(state.acknowledged, Some(Revision(0)));
        assert_eq!(asked.try_recv().unwrap().unwrap(), [state]);
    }

    #[test]
    fn a_commit_that_fails_is_told_to_everybody_and_to_no_reader() {
        for refused in [true, false] {
            let (mut store, _) = counting(refused);
            let (changes, mut heard) = broadcast::channel(1);
            let ((t, mut taken), (c, mut committed), (d, mut asked)) = (take("a"), commit("a"), devices());
            assert!(store.perform(vec![d, t, c], &changes));
            assert_eq!(taken.try_recv().unwrap().is_err(), refused);
            assert_eq!(committed.try_recv().unwrap().is_err(), refused);
            assert_eq!(asked.try_recv().unwrap().is_err(), refused, "what it saw was never stored");
            assert_eq!(heard.try_recv().is_err(), refused);
            store.conn.commit_hook(None::<fn() -> bool>).unwrap();
            assert_eq!(store.devices().unwrap().is_empty(), refused);
        }
    }

    #[test]
    fn a_full_disk_is_said_and_the_store_goes_on() {
        let (mut store, _) = counting(false);
        let pages: i64 = store.conn.query_row("PRAGMA page_count", [], |row| row.get(0)).unwrap();
        store.conn.pragma_update(None, "max_page_count", pages).unwrap();
        let long = "x".repeat(100_000);
        let ((small, _small), (big, mut told)) = (take("a"), take(&long));
        assert!(perform(&mut store, vec![small, big]));
        assert!(matches!(told.try_recv().unwrap(), Err(Error::Full { .. })));
        store.conn.pragma_update(None, "max_page_count", pages + 1000).unwrap();
        let (again, mut told) = take(&long);
        assert!(perform(&mut store, vec![again]));
        assert!(told.try_recv().unwrap().is_ok());
    }

    #[test]
    fn another_programs_transaction_is_waited_for_and_then_said() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("mirror.db");
        let mut store = Store::open(&path).unwrap();
        store.conn.busy_timeout(std::time::Duration::ZERO).unwrap();
        let other = Connection::open(&path).unwrap();
        other.execute_batch("BEGIN IMMEDIATE").unwrap();
        let ((a, mut a_told), (b, mut b_told)) = (take("a"), take("b"));
        assert!(perform(&mut store, vec![a, b]));
        assert!(matches!(a_told.try_recv().unwrap(), Err(Error::Busy { .. })));
        assert!(matches!(b_told.try_recv().unwrap(), Err(Error::Busy { .. })));
        other.execute_batch("COMMIT").unwrap();
        let (again, mut told) = take("a");
        assert!(!perform(&mut store, vec![again, Command::Close]), "the last group");
        assert!(told.try_recv().unwrap().is_ok());
    }
}
