//! What may be displayed, as feeds read it.

use crate::sample::{at, draft, meeting, open, room, take};
use meeting_model::{
    clock::Window,
    display::{Displayed, PublicKey, Words},
    id::Revision,
    item::Sensitivity,
    join::{Found, Join, JoinRule, Place},
    privacy::MASK,
};
use std::path::PathBuf;
use store::{BlockingDisplayReader, DialReader, DisplayReader, Error, Store};
use tempfile::{TempDir, tempdir};

fn file() -> (TempDir, PathBuf, Store) {
    let dir = tempdir().unwrap();
    let path = dir.path().join("mirror.db");
    let store = Store::open(&path).unwrap();
    (dir, path, store)
}

fn join() -> Join {
    let found =
        |address: &str| Some(Found { address: address.to_owned(), rule: JoinRule::Zoom, place: Place::Body });
    Join { video: found("1@zoomcrc.com"), number: None, web: found("https://zoom.us/j/1") }
}

fn window(from: i64, to: i64) -> Window {
    Window { start: at(from), end: at(to) }
}

#[test]
fn a_window_lists_what_overlaps_it_in_order() {
    let (_dir, path, mut store) = file();
    let epoch = take(&mut store, "berlin").epoch;
    let mut point = meeting("point", 60);
    point.end = point.start;
    let commit = draft("berlin", 0)
        .shows(point)
        .shows(meeting("third", 45))
        .shows(meeting("second", 15))
        .shows(meeting("first", 0))
        .hides(meeting("hidden", 15));
    commit.commit(&mut store, epoch);
    let reader = BlockingDisplayReader::open(&path).unwrap();
    let cases: &[(i64, i64, &[&str])] = &[
        (0, 100, &["first", "second", "third", "point"]),
        (30, 45, &["second"]),
        (45, 46, &["third"]),
        (60, 61, &["third", "point"]),
        (59, 60, &["third"]),
        (75, 100, &[]),
        (-10, 0, &[]),
    ];
    for (from, to, expected) in cases {
        let (meta, shown) = reader.meetings(&room("berlin"), window(*from, *to)).unwrap();
        let titles: Vec<_> = shown.iter().map(Displayed::title).collect();
        assert_eq!(&titles, expected, "{from}..{to}");
        assert_eq!((meta.rev, meta.as_of), (Revision(1), Some(at(0))));
    }
}

#[test]
fn every_field_comes_back() {
    let (_dir, path, mut store) = file();
    let epoch = take(&mut store, "berlin").epoch;
    let mut whole = open(&room("berlin"), &meeting("budget", 0));
    whole.all_day = Some((at(0).date_naive(), at(1440).date_naive()));
    whole.tentative = true;
    let title = "🗓 Haushalt – \u{5ea}\u{5e7}\u{5e6}\u{5d9}\u{5d1}".to_owned();
    whole.words = Words::Open {
        title,
        organizer: Some("Kim".to_owned()),
        location: Some("9".to_owned()),
        join: join(),
    };
    draft("berlin", 0).decides(meeting("budget", 0), Some(whole.clone())).commit(&mut store, epoch);
    let reader = BlockingDisplayReader::open(&path).unwrap();
    assert!(reader.meeting(&room("berlin"), &whole.key).unwrap() == Some(whole));
    assert_eq!(reader.meeting(&room("berlin"), &PublicKey::new("00")).unwrap(), None);
}

#[test]
fn a_secret_taught_by_another_room_is_masked_for_the_reader_at_once() {
    let (_dir, path, mut store) = file();
    let reader = BlockingDisplayReader::open(&path).unwrap();
    for name in ["berlin", "paris"] {
        let epoch = take(&mut store, name).epoch;
        draft(name, 0).shows(meeting("merger", 0)).commit(&mut store, epoch);
    }
    let lesson = draft("berlin", 1).hides(meeting("merger", 0)).teaches("merger", Sensitivity::Confidential);
    lesson.commit(&mut store, meeting_model::id::Epoch(1));
    let (meta, shown) = reader.meetings(&room("paris"), window(0, 100)).unwrap();
    assert_eq!(meta.rev, Revision(2));
    let seen: Vec<_> =
        shown.iter().map(|m| (m.title(), m.organizer(), m.location(), m.is_private())).collect();
    assert_eq!(seen, [(MASK, None, None, true)]);
    let text = serde_json::to_string(&shown).unwrap();
    assert!(!text.contains("merger") && !text.contains("Kim") && !text.contains("Berlin"), "{text}");
}

/// Rule P1: one row says that there is a meeting, and only whoever reads for a device that dials learns how it is joined.
#[tokio::test]
async fn how_a_hidden_meeting_is_joined_is_read_for_devices_that_dial() {
    let (_dir, path, mut store) = file();
    let epoch = take(&mut store, "berlin").epoch;
    let hidden = |name: &str, tentative| {
        let words = Words::Private { organizer: None };
        Some(Displayed { words, tentative, ..open(&room("berlin"), &meeting(name, 0)) })
    };
    let mut draft = draft("berlin", 0)
        .decides(meeting("merger", 0), hidden("merger", false))
        .decides(meeting("perhaps", 0), hidden("perhaps", true))
        .hides(meeting("declined", 0));
    for occurrence in &mut draft.0.plan.occurrences {
        occurrence.join = join();
    }
    draft.commit(&mut store, epoch);
    let displays = BlockingDisplayReader::open(&path).unwrap();
    let (_, shown) = displays.meetings(&room("berlin"), window(0, 100)).unwrap();
    assert_eq!(shown.iter().filter_map(Displayed::join).count(), 0);
    assert!(!serde_json::to_string(&shown).unwrap().contains("zoom"));

    let dials = DialReader::open(&path).unwrap();
    let withheld = dials.withheld(room("berlin"), window(0, 100)).await.unwrap();
    let joins: Vec<_> = shown.iter().map(|one| (one.tentative, withheld.join(one).cloned())).collect();
    assert_eq!(joins.iter().filter(|(tentative, join)| *tentative == join.is_none()).count(), 2, "{joins:?}");
    assert!(joins.contains(&(false, Some(join()))));
    let elsewhere = dials.withheld(room("berlin"), window(100, 200)).await.unwrap();
    assert_eq!(elsewhere, meeting_model::withheld::Withheld::default());
}

#[tokio::test]
async fn async_readers_share_a_few_connections() {
    let (_dir, path, mut store) = file();
    let epoch = take(&mut store, "berlin").epoch;
    draft("berlin", 0).shows(meeting("budget", 0)).commit(&mut store, epoch);
    let reader = DisplayReader::open(&path).unwrap();
    assert_eq!(reader.rooms().await.unwrap(), [reader.room(room("berlin")).await.unwrap()]);
    let mut readings = tokio::task::JoinSet::new();
    for n in 0..40 {
        let reader = reader.clone();
        let reading = readings.spawn(async move { reader.meetings(room("berlin"), window(0, 100)).await });
        if n % 4 == 0 {
            reading.abort();
        }
    }
    while let Some(reading) = readings.join_next().await {
        match reading {
            Ok(answer) => assert_eq!(answer.unwrap().1.len(), 1),
            Err(aborted) => assert!(aborted.is_cancelled()),
        }
    }
    let key = open(&room("berlin"), &meeting("budget", 0)).key;
    assert!(reader.meeting(room("berlin"), key).await.unwrap().is_some(), "no connection was lost");
    assert!(matches!(reader.room(room("nowhere")).await, Err(Error::UnknownRoom { .. })));
}
