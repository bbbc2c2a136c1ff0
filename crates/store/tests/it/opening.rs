//! Which files are opened, and which are refused and left as they are.

use crate::sample::take;
use std::{collections::BTreeSet, fs, os::unix::fs::PermissionsExt, path::Path};
use store::{BlockingDisplayReader, Error, NextStep, ReadOnlyStore, Store};
use tempfile::tempdir;

fn refused(path: &Path) -> Error {
    let error = Store::open(path).expect_err("it must be refused");
    assert_eq!(error.next_step(), NextStep::CallOperator);
    error
}

#[test]
fn a_new_file_is_its_owners_alone() {
    let dir = tempdir().unwrap();
    let path = dir.path().join("mirror.db");
    let mut store = Store::open(&path).unwrap();
    take(&mut store, "berlin");
    for name in ["mirror.db", "mirror.db-wal", "mirror.db-shm"] {
        let mode = fs::metadata(dir.path().join(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
}

#[test]
fn a_loose_file_is_tightened() {
    let dir = tempdir().unwrap();
    let path = dir.path().join("mirror.db");
    Store::open(&path).unwrap().close().unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    let _store = Store::open(&path).unwrap();
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn it_opens_again_with_what_it_held() {
    let dir = tempdir().unwrap();
    let path = dir.path().join("mirror.db");
    let mut store = Store::open(&path).unwrap();
    let secret = store.site_secret([1; 32]).unwrap();
    let first = take(&mut store, "berlin");
    store.close().unwrap();
    assert!(!dir.path().join("mirror.db-wal").exists(), "closing folds the log into the file");
    let mut store = Store::open(&path).unwrap();
    assert!(store.site_secret([2; 32]).unwrap() == secret, "the stored secret stays");
    assert_eq!(take(&mut store, "berlin").epoch.0, first.epoch.0 + 1);
}

#[test]
fn a_file_that_is_no_database_is_left_alone() {
    let dir = tempdir().unwrap();
    let path = dir.path().join("notes.txt");
    let text = "not a database, but long enough to be taken for the header of one by somebody in a hurry\n"
        .repeat(9);
    fs::write(&path, &text).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    let error = refused(&path);
    assert!(matches!(error, Error::NotOurs { .. }), "{error}");
    assert!(
        error.to_string().contains("notes.txt`: expected a database of callboard, found something else"),
        "{error}"
    );
    assert_eq!(fs::read_to_string(&path).unwrap(), text);
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o644);
}

#[test]
fn another_programs_database_is_left_alone() {
    let dir = tempdir().unwrap();
    let path = dir.path().join("other.db");
    rusqlite::Connection::open(&path).unwrap().execute_batch("CREATE TABLE song (title TEXT)").unwrap();
    let before = fs::read(&path).unwrap();
    let error = refused(&path);
    assert!(
        error
            .to_string()
            .contains("found another program's tables; move it away and every room is read afresh"),
        "{error}"
    );
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[test]
fn a_newer_schema_is_refused_before_anything_is_written() {
    let dir = tempdir().unwrap();
    let path = dir.path().join("mirror.db");
    Store::open(&path).unwrap().close().unwrap();
    let conn = rusqlite::Connection::open(&path).unwrap();
    conn.execute_batch(
        "INSERT INTO refinery_schema_history VALUES (7001, 'later', '2030-01-01T00:00:00Z', '1');
         PRAGMA wal_checkpoint(TRUNCATE)",
    )
    .unwrap();
    drop(conn);
    let before = fs::read(&path).unwrap();
    let error = refused(&path);
    assert!(matches!(error, Error::NewerSchema { found: 7001, .. }), "{error}");
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[test]
fn a_directory_that_is_missing_or_named_itself_is_said() {
    let dir = tempdir().unwrap();
    let error = refused(&dir.path().join("missing").join("mirror.db"));
    assert!(matches!(error, Error::NoDirectory { .. }), "{error}");
    let error = refused(dir.path());
    assert!(error.to_string().contains("found a directory"), "{error}");
}

#[test]
fn a_directory_that_may_not_be_written_is_said() {
    let dir = tempdir().unwrap();
    fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o500)).unwrap();
    if fs::write(dir.path().join("probe"), "").is_ok() {
        println!("skipped: this user may write anywhere");
        return;
    }
    let error = refused(&dir.path().join("mirror.db"));
    assert!(matches!(error, Error::NoAccess { .. }), "{error}");
}

#[test]
fn a_damaged_file_is_said() {
    let dir = tempdir().unwrap();
    let path = dir.path().join("mirror.db");
    Store::open(&path).unwrap().close().unwrap();
    let mut bytes = fs::read(&path).unwrap();
    bytes[100..].fill(0xff);
    fs::write(&path, bytes).unwrap();
    let error = refused(&path);
    assert!(matches!(error, Error::Damaged { .. }), "{error}");
}

#[test]
fn who_only_reads_makes_no_file() {
    let dir = tempdir().unwrap();
    let path = dir.path().join("mirror.db");
    let error = BlockingDisplayReader::open(&path).expect_err("there is none");
    assert!(matches!(error, Error::NoAccess { .. }), "{error}");
    assert!(!path.exists());
}

#[test]
fn what_is_looked_into_is_ours_of_this_version_and_left_as_it_is() {
    let dir = tempdir().unwrap();
    let path = dir.path().join("mirror.db");
    assert!(ReadOnlyStore::open(&path).unwrap().is_none(), "there is none yet");
    assert!(!path.exists());
    let mut store = Store::open(&path).unwrap();
    let taken = take(&mut store, "berlin");
    let looked = ReadOnlyStore::open(&path).unwrap().expect("while another writes it");
    assert_eq!(looked.room(&taken.room).unwrap(), taken);
    assert_eq!(looked.known(&taken.room).unwrap(), store.known(&taken.room, &BTreeSet::new()).unwrap());
    drop(looked);
    store.close().unwrap();
    let other_version = |change: &str| {
        rusqlite::Connection::open(&path).unwrap().execute_batch(change).unwrap();
        let before = fs::read(&path).unwrap();
        let error = ReadOnlyStore::open(&path).expect_err("its statements are for another schema");
        assert_eq!(error.next_step(), NextStep::CallOperator);
        assert_eq!(fs::read(&path).unwrap(), before);
        error
    };
    let older = other_version("DELETE FROM refinery_schema_history WHERE version > 1");
    assert!(matches!(older, Error::OlderSchema { found: 1, .. }), "{older}");
    let newer = "INSERT INTO refinery_schema_history VALUES (7001, 'later', '2030-01-01T00:00:00Z', '1')";
    assert!(matches!(other_version(newer), Error::NewerSchema { found: 7001, .. }));
}
