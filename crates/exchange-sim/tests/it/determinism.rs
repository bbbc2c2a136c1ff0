//! Equal seeds and equal calls give equal bytes.

use chrono::Duration;
use exchange_sim::script::Pace;
use exchange_sim::{
    AutomateProcessing, CalendarProcessing, Expect, Fault, Injection, Request, Strikes, script,
};

use crate::client::{BERLIN, call, find, morning, sync};

fn trace(seed: u64) -> Vec<Vec<u8>> {
    let mut world = exchange_sim::World::new(seed, morning());
    let account = exchange_sim::Account::new("svc", "secret").with_rights(exchange_sim::Rights::Full);
    world.add_account(account);
    for alias in ["berlin", "oslo"] {
        let room = exchange_sim::Room::new(alias).processing(CalendarProcessing::preserving());
        world.add_room(room).unwrap();
    }
    script::demo_week(&mut world, morning(), &["berlin", "oslo"]).unwrap();
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
fn the_demo_week_changes_every_room_and_says_how() {
    let mut world = crate::client::world();
    script::demo_week(&mut world, morning(), &["berlin", "oslo", "rome"]).unwrap();
    script::set_pace(&mut world, Pace::Brisk);
    let begun = world.last_change();
    world.advance(morning() + Duration::minutes(20));
    let after: Vec<_> = world.changes_since(begun).collect();
    assert!(after.len() > 400, "about one a second or two: {}", after.len());
    for room in ["berlin", "oslo", "rome"] {
        assert!(after.iter().any(|change| change.room == room));
    }
    assert!(after.windows(2).all(|pair| pair[0].at <= pair[1].at), "in order of time");
    let kinds: std::collections::BTreeSet<String> =
        after.iter().map(|change| format!("{:?}", change.what)).collect();
    assert!(kinds.len() >= 4, "{kinds:?}");
}

#[test]
fn the_demo_week_ends_as_it_says_in_every_mode() {
    let automatic = AutomateProcessing::AutoAccept;
    for (mode, delay) in [(automatic, 0), (automatic, 3), (AutomateProcessing::AutoUpdate, 0)] {
        let mut world = crate::client::world();
        let processing = CalendarProcessing::preserving().deciding(mode).after(Duration::seconds(delay));
        world.set_processing("berlin", processing).unwrap();
        script::demo_week(&mut world, morning(), &["berlin"]).unwrap();
        script::set_pace(&mut world, Pace::Brisk);
        let begun = world.last_change();
        let now = morning() + Duration::minutes(15);
        world.advance(now);
        let reply = world.handle(now, &Request::get("/sim/state")).text();
        let state: serde_json::Value = serde_json::from_str(&reply).unwrap();
        let items = state["rooms"][0]["items"].as_array().unwrap();
        let mut last = std::collections::BTreeMap::new();
        for change in world.changes_since(begun) {
            last.insert(change.meeting, change);
        }
        assert!(last.len() > 20, "{mode:?}: {}", last.len());
        for (meeting, change) in last {
            let item = items.iter().rfind(|item| item["meeting"] == serde_json::json!(meeting));
            let there = item.filter(|item| item["cancelled"] == false && item["response"] == "Accept");
            match &change.expect {
                Expect::Gone { .. } => assert!(there.is_none(), "{change:?}"),
                Expect::Shown { start, subject, .. } | Expect::Moved { start, subject, .. } => {
                    let Some(item) = there else {
                        // An update that waits for its answer.
                        assert_eq!(item.unwrap()["response"], "NoResponseReceived", "{change:?}");
                        continue;
                    };
                    assert_eq!(item["subject"], subject.as_str());
                    let shown: chrono::DateTime<chrono::Utc> =
                        item["start"].as_str().unwrap().parse().unwrap();
                    assert!(item["occurrence"].is_string() || shown == *start, "{change:?}");
                }
            }
        }
    }
}
