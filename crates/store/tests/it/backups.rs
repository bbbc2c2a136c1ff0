//! Copies: of a mirror that is written meanwhile, and in the place of one.

use crate::sample::{at, claim, device, draft, meeting, room, take};
use meeting_model::id::Revision;
use std::{
    collections::BTreeSet,
    fs::{self, File},
    path::{Path, PathBuf},
};
use store::{Copied, Error, NextStep, Outcome, Settlement, Store, back_up, restore};
use tempfile::{TempDir, tempdir};

/// A mirror with one room that shows one meeting, which its device has.
fn mirror() -> (TempDir, PathBuf, Store) {
    let dir = tempdir().unwrap();
    let path = dir.path().join("mirror.db");
    let mut store = Store::open(&path).unwrap();
    let epoch = take(&mut store, "berlin").epoch;
    draft("berlin", 0).shows(meeting("budget", 0)).reads_to(b"here").commit(&mut store, epoch);
    let outcome = Outcome::Acknowledged { digest: "seen".to_owned() };
    let settled = Settlement { device: device("berlin"), epoch, rev: Revision(1), outcome, now: at(1) };
    store.settle(&settled).unwrap();
    (dir, path, store)
}

fn empty(dir: &TempDir, name: &str) -> PathBuf {
    let path = dir.path().join(name);
    File::create(&path).unwrap();
    path
}

fn names(dir: &Path) -> BTreeSet<String> {
    fs::read_dir(dir).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap()).collect()
}

#[test]
fn a_mirror_is_copied_while_it_is_written_and_the_copy_is_one_file() {
    let (dir, path, mut store) = mirror();
    let copy = empty(&dir, "copy");
    let copied = back_up(&path, &copy, at(5)).unwrap();
    let expected = Copied { rooms: 1, occurrences: 1, as_of: Some(at(0)), taken: Some(at(5)) };
    assert_eq!(copied, expected);
    let epoch = take(&mut store, "berlin").epoch;
    draft("berlin", 1).drops("budget").commit(&mut store, epoch);
    assert!(names(dir.path()).iter().filter(|name| name.starts_with("copy")).eq(["copy"]));

    let error = Store::open(&copy).unwrap_err();
    assert!(error.to_string().contains("it is a backup") && error.next_step() == NextStep::CallOperator);
}

#[test]
fn nothing_that_was_forgotten_is_in_a_copy() {
    let (dir, path, mut store) = mirror();
    let epoch = take(&mut store, "berlin").epoch;
    let mut gone = draft("berlin", 1).drops("budget");
    gone.0.plan.forgotten_before = at(600);
    gone.commit(&mut store, epoch);
    let copy = empty(&dir, "copy");
    back_up(&path, &copy, at(5)).unwrap();
    let holds = |path: &Path| fs::read(path).unwrap().windows(6).any(|six| six == b"budget");
    store.close().unwrap();
    assert!(holds(&path), "a mirror's free pages hold what was there");
    let of_facts = |store: Store| store.known(&room("berlin"), &BTreeSet::new()).unwrap().facts.len();
    assert_eq!(of_facts(Store::open(&path).unwrap()), 0, "nothing else keeps the name");
    assert!(!holds(&copy));
}

#[test]
fn a_restored_mirror_trusts_no_cursor_and_nothing_of_devices_and_repeats_no_revision() {
    let (dir, path, mut store) = mirror();
    let copy = empty(&dir, "copy");
    back_up(&path, &copy, at(5)).unwrap();
    let mut revisions = Vec::new();
    for (number, minutes) in [(1, 10), (2, 20)] {
        let restored = empty(&dir, &format!("restored-{number}"));
        assert_eq!(restore(&copy, &restored, at(minutes)).unwrap().taken, Some(at(5)));
        let mut again = Store::open(&restored).unwrap();
        let state = again.take(&[claim("berlin")]).unwrap().remove(0);
        let [calendar] = state.calendars.try_into().unwrap();
        assert_eq!((calendar.cursor, calendar.as_of, calendar.restored), (None, Some(at(0)), true));
        let known = again.known(&room("berlin"), &BTreeSet::new()).unwrap();
        assert_eq!((known.items.len(), known.occurrences.len()), (1, 1));
        let [device] = again.devices().unwrap().try_into().unwrap();
        assert_eq!((device.acknowledged, device.digest, device.wanted), (None, None, state.rev));
        let epoch = state.epoch;
        let committed = draft("berlin", state.rev.0).drops("budget").commit(&mut again, epoch);
        revisions.extend([state.rev, committed.rev]);
        assert!(epoch.0 > take(&mut store, "berlin").epoch.0, "who held a room before holds it no more");
    }
    assert!(revisions.is_sorted() && revisions[0] > Revision(1), "{revisions:?}");
    assert_eq!(revisions.iter().collect::<BTreeSet<_>>().len(), 4, "{revisions:?}");
}

#[test]
fn what_is_damaged_is_neither_copied_nor_restored() {
    let (dir, path, store) = mirror();
    let copy = empty(&dir, "copy");
    back_up(&path, &copy, at(5)).unwrap();
    store.close().unwrap();
    for (number, file) in [path.clone(), copy.clone()].into_iter().enumerate() {
        let mut bytes = fs::read(&file).unwrap();
        let half = bytes.len() / 2;
        bytes[half..].fill(0x5a);
        fs::write(&file, bytes).unwrap();
        let target = empty(&dir, &format!("target-{number}"));
        let error =
            if file == path { back_up(&file, &target, at(9)) } else { restore(&file, &target, at(9)) };
        let error = error.unwrap_err();
        assert!(matches!(error, Error::Damaged { .. }), "{error}");
        assert!(error.to_string().contains(&file.display().to_string()), "{error}");
    }
}

#[test]
fn what_is_not_ours_is_not_restored() {
    let dir = tempdir().unwrap();
    let target = empty(&dir, "target");
    let nothing = empty(&dir, "nothing");
    let notes = dir.path().join("notes");
    fs::write(&notes, "a list of songs\n".repeat(99)).unwrap();
    for file in [&nothing, &notes] {
        assert!(matches!(restore(file, &target, at(0)), Err(Error::NotOurs { .. })), "{}", file.display());
    }
    assert_eq!(fs::metadata(&target).unwrap().len(), 0);
}
