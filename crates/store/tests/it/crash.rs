//! What is on disk when the program is killed: the last commit that was answered, whole.

use crate::sample::{claim, draft, meeting, room};
use meeting_model::id::Epoch;
use std::{
    collections::BTreeSet,
    env,
    io::{BufRead, BufReader},
    path::Path,
    process::{Command, Stdio},
};
use store::{Store, Writer};
use tempfile::tempdir;

const FILE: &str = "CALLBOARD_CRASH_TEST_FILE";

/// Not a test by itself: the program that [`a_killed_program_leaves_whole_commits`] starts and kills. Revision `n` holds
/// `n` meetings.
#[test]
#[ignore = "started by another test"]
fn commits_until_it_is_killed() {
    let Ok(path) = env::var(FILE) else { return };
    let writer = Writer::start(Store::open(Path::new(&path)).unwrap()).unwrap();
    let handle = writer.handle();
    handle.take(vec![claim("berlin")]).wait().unwrap();
    for base in 0.. {
        let item = meeting(&format!("m{base}"), base);
        let commit = draft("berlin", base).shows(item).reads_to(&(base + 1).to_be_bytes());
        let committed = handle.commit(Epoch(1), commit.0).wait().unwrap();
        println!("\ncommitted {}", committed.rev);
    }
}

#[test]
fn a_killed_program_leaves_whole_commits() {
    let dir = tempdir().unwrap();
    let path = dir.path().join("mirror.db");
    let mut child = Command::new(env::current_exe().unwrap())
        .args(["--exact", "crash::commits_until_it_is_killed", "--ignored", "--nocapture"])
        .env(FILE, &path)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    let mut revisions = lines.filter_map(|line| line.strip_prefix("committed ")?.parse::<i64>().ok());
    let told = revisions.nth(30).unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    let last = revisions.last().unwrap_or(told);

    let mut store = Store::open(&path).unwrap();
    let known = store.known(&room("berlin"), &BTreeSet::new()).unwrap();
    assert!(known.rev.0 >= last, "told {last}, found {}", known.rev);
    let held = usize::try_from(known.rev.0).unwrap();
    assert_eq!((known.items.len(), known.occurrences.len()), (held, held));
    let state = store.take(&[claim("berlin")]).unwrap().remove(0);
    assert_eq!(state.calendars[0].cursor.as_ref().unwrap().bytes, known.rev.0.to_be_bytes());
    assert_eq!(store.devices().unwrap()[0].wanted, known.rev);
}
