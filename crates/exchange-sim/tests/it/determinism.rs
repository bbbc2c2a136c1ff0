//! Equal seeds and equal calls give equal bytes.

use chrono::Duration;
use exchange_sim::{Fault, Injection, Request, Strikes, script};

use crate::client::{BERLIN, call, find, morning, sync};

fn trace(seed: u64) -> Vec<Vec<u8>> {
    let mut world = exchange_sim::World::new(seed, morning());
    let account = exchange_sim::Account::new("svc", "secret").with_rights(exchange_sim::Rights::Full);
    world.add_account(account);
    for alias in ["berlin", "oslo"] {
        let room = exchange_sim::Room::new(alias).processing(exchange_sim::CalendarProcessing::preserving());
        world.add_room(room).unwrap();
    }
    script::demo_day(&mut world, morning(), &["berlin", "oslo"]).unwrap();
    world.inject(Injection::of(Fault::ServerBusy).striking(Strikes::PerMille(200))).unwrap();
    let mut bytes = Vec::new();
    for minute in 0..30 {
        let now = morning() + Duration::minutes(minute);
        bytes.push(call(&mut world, now, &sync(BERLIN, None, 512)).body);
        bytes.push(
            call(&mut world, now, &find(BERLIN, "2026-03-02T00:00:00Z", "2026-03-03T00:00:00Z", None)).body,
        );
        bytes.push(world.handle(now, &Request::get("/sim/state")).body);
    }
    bytes
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    let first = trace(7);
    assert_eq!(first, trace(7));
    assert_ne!(first, trace(8));
}

#[test]
fn the_demo_day_changes_every_room_and_says_how() {
    let mut world = crate::client::world();
    script::demo_day(&mut world, morning(), &["berlin", "oslo", "rome"]).unwrap();
    let begun = world.changes().len();
    world.advance(morning() + Duration::minutes(20));
    let after = &world.changes()[begun..];
    assert!(after.len() > 400, "about one a second or two: {}", after.len());
    for room in ["berlin", "oslo", "rome"] {
        assert!(after.iter().any(|change| change.room == room));
    }
    assert!(after.windows(2).all(|pair| pair[0].at <= pair[1].at), "in order of time");
    let kinds: std::collections::BTreeSet<String> =
        after.iter().map(|change| format!("{:?}", change.what)).collect();
    assert!(kinds.len() >= 4, "{kinds:?}");
}
