//! How many rooms are committed per second, with every commit on disk (`synchronous = FULL`): one by one, in groups
//! behind the writer, and read back. Prints figures; asserts nothing about time.

#![expect(clippy::print_stdout, reason = "figures are for reading")]
#![expect(clippy::disallowed_methods, reason = "a benchmark measures")]
#![expect(clippy::unwrap_used, reason = "a benchmark may stop")]

#[path = "../tests/it/sample.rs"]
#[expect(dead_code, reason = "the tests use the rest of it")]
mod sample;

use meeting_model::{
    id::{Epoch, RoomId},
    plan::Commit,
};
use std::{collections::BTreeSet, path::Path, time::Instant};
use store::{BlockingDisplayReader, Store, Writer};

const ROOMS: usize = 500;
const MEETINGS: i64 = 40;

fn main() {
    let dir = tempfile::tempdir().unwrap();
    println!("{ROOMS} rooms of {MEETINGS} meetings, synchronous = FULL");
    one_by_one(&dir.path().join("alone.db"));
    in_groups(&dir.path().join("grouped.db"));
}

/// A first read: every meeting is new and open to learn from.
fn first(room: usize) -> Commit {
    let draft = sample::draft(&name(room), 0);
    let full = (0..MEETINGS).fold(draft, |draft, n| {
        let title = format!("meeting {n} of {room}");
        draft.shows(sample::meeting(&title, n * 60)).teaches(&title, meeting_model::item::Sensitivity::Normal)
    });
    full.0
}

/// A change of one meeting.
fn change(room: usize) -> Commit {
    sample::draft(&name(room), 1).shows(sample::meeting(&format!("meeting 0 of {room}"), 15)).0
}

fn name(room: usize) -> String {
    format!("room-{room}")
}

fn one_by_one(path: &Path) {
    let mut store = Store::open(path).unwrap();
    store.take(&(0..ROOMS).map(|room| sample::claim(&name(room))).collect::<Vec<_>>()).unwrap();
    for (what, make) in [("first read", first as fn(usize) -> Commit), ("one change", change)] {
        let commits: Vec<_> = (0..ROOMS).map(make).collect();
        measure(&format!("alone, {what}"), || {
            for commit in &commits {
                store.commit(Epoch(1), commit).unwrap();
            }
        });
    }
    measure("known", || {
        for room in 0..ROOMS {
            store.known(&RoomId::new(name(room)), &BTreeSet::new()).unwrap();
        }
    });
    let reader = BlockingDisplayReader::open(path).unwrap();
    let day = meeting_model::clock::Window { start: sample::at(0), end: sample::at(1440) };
    measure("displayed day", || {
        for room in 0..ROOMS {
            reader.meetings(&RoomId::new(name(room)), day).unwrap();
        }
    });
}

fn in_groups(path: &Path) {
    let writer = Writer::start(Store::open(path).unwrap()).unwrap();
    let handle = writer.handle();
    handle.take((0..ROOMS).map(|room| sample::claim(&name(room))).collect()).wait().unwrap();
    for (what, make) in [("first read", first as fn(usize) -> Commit), ("one change", change)] {
        let commits: Vec<_> = (0..ROOMS).map(make).collect();
        measure(&format!("grouped, {what}"), || {
            let answers: Vec<_> = commits.into_iter().map(|commit| handle.commit(Epoch(1), commit)).collect();
            for answer in answers {
                answer.wait().unwrap();
            }
        });
    }
    writer.close().unwrap();
}

fn measure(what: &str, work: impl FnOnce()) {
    let begun = Instant::now();
    work();
    let elapsed = begun.elapsed();
    let millis = elapsed.as_millis();
    let each = elapsed.as_micros() / ROOMS as u128;
    println!("{what:<22} {millis:>6} ms, {each:>6} us a room, {:>6} rooms/s", 1_000_000 / each.max(1));
}
