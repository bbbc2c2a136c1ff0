//! The flight recorder: however changes are told, the latest of what happened is there and leads to the same again.

use super::{at, morning_of};
use callboard::flight::{Replayed, replay};
use chrono::TimeDelta;
use exchange_sim::{
    Fault, Injection, StoreVersion, WebdavManners, WebdavSignIn,
    script::{self, Pace},
};
use meeting_model::zone::ZoneDatabase;
use simulation::{Run, Site};
use std::{fs, path::Path, time::Duration};
use sync_engine::Notifications;

/// As little as will do for two rooms, whatever Exchange answers.
const MOST: u64 = 512 << 10;

/// The ways of hearing of changes, in either protocol.
fn sites() -> Vec<(String, Site)> {
    let rooms = || Site::new(3).rooms(&["berlin", "oslo"]);
    let mut sites: Vec<_> = [Notifications::Streaming, Notifications::Push]
        .map(|way| (format!("{way:?}"), rooms().told_by(way)))
        .into();
    let manners = |version| WebdavManners { rows: 25, ..WebdavManners::of(version) };
    let asking = WebdavManners { sign_in: WebdavSignIn::Forms, ..manners(StoreVersion::Exchange2007) };
    sites.push(("WebDAV, asking".to_owned(), rooms().over_webdav(asking)));
    let told = rooms().over_webdav(manners(StoreVersion::Exchange2003)).told_by_word();
    sites.push(("WebDAV, told by UDP".to_owned(), told));
    sites
}

/// Both parts of a record, as far as there are two: together they are never longer than they may be.
fn parts(path: &Path) -> Vec<String> {
    let parts = [path.with_extension("before.jsonl"), path.to_owned()];
    let parts: Vec<String> = parts.iter().filter_map(|part| fs::read_to_string(part).ok()).collect();
    let length = parts.iter().map(String::len).sum::<usize>();
    assert!(length as u64 <= MOST, "{length} bytes");
    parts
}

/// What a part says, which must be what happened, and nobody's secret.
fn replayed(name: &str, part: &str) -> String {
    for secret in ["Review", "Stand-up", "Customer", "kim", "berlin.phones", "svc-callboard"] {
        assert!(!part.contains(secret), "{name}: {secret}");
    }
    let mut told = Vec::new();
    let replayed = replay(part.as_bytes(), &ZoneDatabase::bundled(), true, &mut told);
    let told = String::from_utf8(told).unwrap();
    let Replayed { differing, .. } = replayed.unwrap_or_else(|error| panic!("{name}: {error:?}"));
    assert_eq!(differing, 0, "{name}: {told}");
    told
}

fn live(run: &mut Run, path: &Path) {
    let now = run.now();
    script::demo_week(&mut run.world, now, &["berlin", "oslo"]).unwrap();
    script::set_pace(&mut run.world, Pace::Brisk);
    for fault in [Fault::ServerBusy, Fault::SubscriptionLost, Fault::InvalidSyncState, Fault::TruncatedBody] {
        run.inject(Injection::of(fault).next(2));
        run.pass(Duration::from_millis(8_003));
        parts(path);
    }
}

#[test]
fn however_changes_are_told_the_latest_is_there_and_leads_to_the_same_again() {
    let directory = tempfile::tempdir().unwrap();
    let mut conversations = 0;
    for (number, (name, site)) in sites().into_iter().enumerate() {
        let path = directory.path().join(format!("{number}.jsonl"));
        let mut run = morning_of(site.recorded(&path, MOST));
        live(&mut run, &path);
        let parts = parts(&path);
        assert_eq!(parts.len(), 2, "{name}: it has turned");
        for part in &parts {
            replayed(&name, part);
            let first = part.lines().next().unwrap();
            conversations += usize::from(first.contains("\"Talking\""));
        }
    }
    assert!(conversations > 0, "no part begins in the middle of a conversation");
}

#[test]
fn what_happens_after_weeks_is_there() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("flight.jsonl");
    let (hours, day) = (Duration::from_hours(8), Duration::from_hours(24));
    let site = Site::new(3).rooms(&["berlin", "oslo"]).every(hours, hours, day).told_by(Notifications::Pull);
    let mut run = morning_of(site.recorded(&path, MOST));
    for _ in 0..3 * 7 {
        run.pass(day);
    }
    let now = run.now();
    let start = now + TimeDelta::hours(3);
    run.world
        .organizer("kim")
        .invites("oslo")
        .to("Late")
        .at(start, start + TimeDelta::hours(1))
        .send(now)
        .unwrap();
    run.pass(Duration::from_mins(1));
    let told = replayed("weeks", parts(&path).last().unwrap());
    assert!(told.contains(" rooms, from the middle of its work\n"), "it has turned meanwhile");
    let day = (at(0) + TimeDelta::weeks(3)).format("%Y-%m-%d ").to_string();
    assert!(told.lines().any(|line| line.starts_with(&day) && line.contains("applied oslo")), "{told}");
}
