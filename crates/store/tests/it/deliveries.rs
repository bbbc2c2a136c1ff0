//! Deliveries are a state: what a device should show, and what it has confirmed.

use crate::sample::{at, claim, device, draft, meeting, take};
use meeting_model::id::{Epoch, Revision};
use std::collections::BTreeSet;
use store::{Claim, DeviceState, Error, Outcome, Settlement, Store};

fn berlin() -> (Store, Epoch) {
    let mut store = Store::open_in_memory().unwrap();
    let epoch = take(&mut store, "berlin").epoch;
    (store, epoch)
}

fn acknowledged(epoch: Epoch, rev: i64) -> Settlement {
    let outcome = Outcome::Acknowledged { digest: format!("digest {rev}") };
    Settlement { device: device("berlin"), epoch, rev: Revision(rev), outcome, now: at(rev) }
}

fn failed(epoch: Epoch, rev: i64, not_before: i64) -> Settlement {
    let outcome = Outcome::Failed { attempts: 3, not_before: at(not_before), error: "no route".to_owned() };
    Settlement { outcome, ..acknowledged(epoch, rev) }
}

/// The devices that have not confirmed what they should show.
fn behind(store: &Store) -> Vec<DeviceState> {
    let devices = store.devices().unwrap().into_iter();
    devices.filter(|device| device.acknowledged.is_none_or(|rev| rev < device.wanted)).collect()
}

#[test]
fn a_change_of_the_display_is_wanted_until_it_is_acknowledged() {
    let (mut store, epoch) = berlin();
    draft("berlin", 0).shows(meeting("budget", 0)).commit(&mut store, epoch);
    assert_eq!(behind(&store)[0].wanted, Revision(1));
    let state = store.settle(&acknowledged(epoch, 1)).unwrap();
    assert_eq!((state.acknowledged, state.digest.as_deref()), (Some(Revision(1)), Some("digest 1")));
    assert!(behind(&store).is_empty());
    draft("berlin", 1).hides(meeting("maybe", 60)).commit(&mut store, epoch);
    assert!(behind(&store).is_empty(), "nothing on the display changed");
    draft("berlin", 2).shows(meeting("review", 90)).commit(&mut store, epoch);
    assert_eq!(behind(&store)[0].wanted, Revision(3));
}

#[test]
fn a_failure_waits_and_an_answer_ends_it() {
    let (mut store, epoch) = berlin();
    draft("berlin", 0).shows(meeting("budget", 0)).commit(&mut store, epoch);
    let state = store.settle(&failed(epoch, 1, 10)).unwrap();
    assert_eq!((state.attempts, state.acknowledged), (3, None));
    assert_eq!((state.not_before, state.last_error.as_deref()), (Some(at(10)), Some("no route")));
    let state = store.settle(&acknowledged(epoch, 1)).unwrap();
    assert_eq!((state.attempts, state.not_before, state.last_error), (0, None, None));
}

#[test]
fn what_a_device_shows_is_certain_only_where_nothing_may_have_been_under_way_to_it() {
    let (mut store, epoch) = berlin();
    draft("berlin", 0).shows(meeting("budget", 0)).commit(&mut store, epoch);
    store.settle(&acknowledged(epoch, 1)).unwrap();
    let certain = |store: &Store| store.devices().unwrap()[0].certain_digest().map(str::to_owned);
    assert_eq!(certain(&store).as_deref(), Some("digest 1"));
    store.settle(&failed(epoch, 1, 10)).unwrap();
    assert_eq!(certain(&store), None, "it failed: who knows what it took");
    store.settle(&acknowledged(epoch, 1)).unwrap();
    draft("berlin", 1).shows(meeting("review", 90)).commit(&mut store, epoch);
    assert_eq!(certain(&store), None, "it should show another revision, and may");
}

#[test]
fn the_acknowledged_revision_only_moves_forward() {
    let (mut store, epoch) = berlin();
    for (base, name) in [(0, "budget"), (1, "review")] {
        draft("berlin", base).shows(meeting(name, 0)).commit(&mut store, epoch);
    }
    let latest = store.settle(&acknowledged(epoch, 2)).unwrap();
    assert_eq!(store.settle(&acknowledged(epoch, 1)).unwrap(), latest, "a late answer");
    assert_eq!(store.settle(&failed(epoch, 1, 10)).unwrap(), latest, "a late failure");
    let error = store.settle(&acknowledged(epoch, 3)).unwrap_err();
    assert!(matches!(error, Error::Conflict { .. }), "no room has reached it: {error}");
    assert_eq!(store.devices().unwrap(), [latest]);
}

#[test]
fn an_older_answer_leaves_the_newer_revision_to_be_confirmed() {
    let (mut store, epoch) = berlin();
    for (base, name) in [(0, "budget"), (1, "review")] {
        draft("berlin", base).shows(meeting(name, 0)).commit(&mut store, epoch);
    }
    store.settle(&acknowledged(epoch, 1)).unwrap();
    assert_eq!(behind(&store)[0].acknowledged, Some(Revision(1)));
}

#[test]
fn who_lost_the_room_cannot_settle() {
    let (mut store, epoch) = berlin();
    take(&mut store, "berlin");
    let error = store.settle(&acknowledged(epoch, 0)).unwrap_err();
    assert!(matches!(error, Error::Fenced { .. }), "{error}");
    let stranger = Settlement { device: device("stranger"), ..acknowledged(epoch, 0) };
    assert!(matches!(store.settle(&stranger), Err(Error::UnknownDevice { .. })));
}

#[test]
fn taking_a_room_keeps_its_devices_adds_new_ones_and_forgets_the_rest() {
    let (mut store, epoch) = berlin();
    draft("berlin", 0).shows(meeting("budget", 0)).commit(&mut store, epoch);
    store.settle(&acknowledged(epoch, 1)).unwrap();
    let both = Claim { devices: BTreeSet::from([device("berlin"), device("panel")]), ..claim("berlin") };
    store.take(&[both]).unwrap();
    let late: Vec<_> = behind(&store).into_iter().map(|state| (state.device, state.wanted)).collect();
    assert_eq!(late, [(device("panel"), Revision(1))], "the old one has confirmed, the new one has not");
    store.take(&[claim("berlin")]).unwrap();
    assert_eq!(store.devices().unwrap().len(), 1);
}
