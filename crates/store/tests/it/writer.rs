//! The store behind its writer: commands in, answers out.

use crate::sample::{at, claim, device, draft, meeting, open, room};
use meeting_model::id::{Epoch, Revision};
use std::collections::BTreeSet;
use store::{BlockingDisplayReader, Changed, Error, Outcome, Prune, Settlement, Store, Writer};
use tempfile::tempdir;
use tokio::sync::broadcast::error::TryRecvError;

#[test]
fn every_method_answers_as_the_store_does() {
    let writer = Writer::start(Store::open_in_memory().unwrap()).unwrap();
    let handle = writer.handle();
    assert!(handle.site_secret([1; 32]).wait().unwrap() == handle.site_secret([2; 32]).wait().unwrap());
    let epoch = handle.take(vec![claim("berlin"), claim("paris")]).wait().unwrap()[0].epoch;
    handle.equip(vec![claim("berlin")]).wait().unwrap();
    assert!(matches!(handle.equip(vec![claim("rome")]).wait(), Err(Error::UnknownRoom { .. })));
    assert_eq!(handle.forget_others(BTreeSet::from([room("berlin")])).wait().unwrap(), [room("paris")]);
    let commit = draft("berlin", 0).shows(meeting("budget", 0)).0;
    assert_eq!(handle.commit(epoch, commit).wait().unwrap().rev, Revision(1));
    assert_eq!(handle.known(room("berlin"), BTreeSet::new()).wait().unwrap().rev, Revision(1));
    let outcome = Outcome::Acknowledged { digest: "d".to_owned() };
    let settlement = Settlement { device: device("berlin"), epoch, rev: Revision(1), outcome, now: at(0) };
    assert_eq!(handle.settle(settlement).wait().unwrap().acknowledged, Some(Revision(1)));
    assert_eq!(handle.devices().wait().unwrap().len(), 1);
    let prune =
        Prune { ended_before: at(31), names_before: at(31), unheld_since: at(0), now: at(31), limit: 10 };
    assert_eq!(handle.prune(prune).wait().unwrap().items, 1);
    writer.close().unwrap();
}

#[tokio::test]
async fn of_many_commits_the_bad_ones_fail_alone() {
    let writer = Writer::start(Store::open_in_memory().unwrap()).unwrap();
    let handle = writer.handle();
    let names: Vec<_> = (0..150).map(|n| format!("room-{n}")).collect();
    handle.take(names.iter().map(|name| claim(name)).collect()).await.unwrap();
    // Of every three: one is right, one is against another revision, one is refused half-way.
    let answers: Vec<_> = names
        .iter()
        .enumerate()
        .map(|(n, name)| {
            let twin = open(&room(name), &meeting("budget", 0));
            let commit = draft(name, i64::from(n % 3 == 1)).shows(meeting("budget", 0));
            let twice = if n % 3 == 2 { commit.decides(meeting("review", 0), Some(twin)) } else { commit };
            handle.commit(Epoch(1), twice.0)
        })
        .collect();
    for (n, answer) in answers.into_iter().enumerate() {
        let answer = answer.await;
        match n % 3 {
            0 => assert_eq!(answer.unwrap().rev, Revision(1)),
            1 => assert!(matches!(answer, Err(Error::Conflict { .. })), "{answer:?}"),
            _ => assert!(matches!(answer, Err(Error::Refused { .. })), "{answer:?}"),
        }
    }
    for (n, name) in names.iter().enumerate() {
        let known = handle.known(room(name), BTreeSet::new()).await.unwrap();
        assert_eq!((known.rev.0, known.items.len()), if n % 3 == 0 { (1, 1) } else { (0, 0) }, "{name}");
    }
}

#[tokio::test]
async fn readers_hear_of_every_revision_after_it_can_be_read() {
    let dir = tempdir().unwrap();
    let path = dir.path().join("mirror.db");
    let writer = Writer::start(Store::open(&path).unwrap()).unwrap();
    let handle = writer.handle();
    handle.take(vec![claim("berlin")]).await.unwrap();
    let mut changes = handle.changes();
    let reader = BlockingDisplayReader::open(&path).unwrap();
    drop(handle.commit(Epoch(1), draft("berlin", 0).shows(meeting("budget", 0)).0));
    let changed = changes.recv().await.unwrap();
    assert_eq!(changed, Changed { room: room("berlin"), rev: Revision(1) });
    assert_eq!(reader.room(&room("berlin")).unwrap().rev, Revision(1), "nobody waited for the answer");
    handle.commit(Epoch(1), draft("berlin", 1).0).await.unwrap();
    assert_eq!(changes.try_recv(), Err(TryRecvError::Empty), "nothing changed");
}

#[test]
fn closing_carries_out_what_is_queued_and_refuses_the_rest() {
    let dir = tempdir().unwrap();
    let path = dir.path().join("mirror.db");
    let writer = Writer::start(Store::open(&path).unwrap()).unwrap();
    let handle = writer.handle();
    let queued: Vec<_> = (0..200).map(|n| handle.take(vec![claim(&format!("room-{n}"))])).collect();
    writer.close().unwrap();
    assert!(queued.into_iter().all(|answer| answer.wait().is_ok()));
    assert!(matches!(handle.devices().wait(), Err(Error::Closed)));
    assert!(!dir.path().join("mirror.db-wal").exists(), "the log is folded into the file");
    assert_eq!(Store::open(&path).unwrap().devices().unwrap().len(), 200);
}

#[test]
fn a_writer_that_is_dropped_has_stored_what_was_queued() {
    let dir = tempdir().unwrap();
    let path = dir.path().join("mirror.db");
    let writer = Writer::start(Store::open(&path).unwrap()).unwrap();
    drop(writer.handle().take(vec![claim("berlin")]));
    drop(writer);
    assert_eq!(Store::open(&path).unwrap().devices().unwrap().len(), 1);
}
