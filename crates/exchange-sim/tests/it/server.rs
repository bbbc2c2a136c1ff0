//! A world on a port: the same bytes, at the clock's own time.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use chrono::{DateTime, Utc};
use exchange_sim::server::{Clock, Running, serve};
use exchange_sim::{Fault, Injection};
use serde_json::{Value, json};

use crate::client::{BERLIN, LOGIN, PASSWORD, envelope, get_folder, hours, morning, sync, texts, world};

/// A clock that stands still until it is moved.
#[derive(Clone)]
pub(crate) struct Hands(Arc<AtomicI64>);

impl Hands {
    pub(crate) fn new() -> Self {
        Self(Arc::new(AtomicI64::new(morning().timestamp_millis())))
    }

    fn clock(&self) -> Clock {
        let hands = self.0.clone();
        Arc::new(move || DateTime::<Utc>::from_timestamp_millis(hands.load(Ordering::Relaxed)).unwrap())
    }

    pub(crate) fn forward(&self, seconds: i64) {
        self.0.fetch_add(seconds * 1000, Ordering::Relaxed);
    }
}

pub(crate) async fn serving(hands: &Hands) -> Running {
    serve(world().into_world(), "127.0.0.1:0", hands.clock()).await.unwrap()
}

pub(crate) fn http() -> reqwest::Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().no_proxy().build().unwrap()
}

fn post(client: &reqwest::Client, running: &Running, body: &str) -> reqwest::RequestBuilder {
    client.post(running.ews_url()).basic_auth(LOGIN, Some(PASSWORD)).body(envelope("", body))
}

#[tokio::test]
async fn a_reply_over_http_is_the_worlds_reply() {
    let hands = Hands::new();
    let running = serving(&hands).await;
    let client = http();
    let reply = post(&client, &running, &get_folder(BERLIN)).send().await.unwrap();
    assert_eq!(reply.status(), 200);
    assert_eq!(reply.headers()["date"], "Mon, 02 Mar 2026 08:00:00 GMT");
    let over_http = reply.text().await.unwrap();
    let direct = running.with(|world, now| crate::client::ask(world, now, &get_folder(BERLIN)));
    assert_eq!(over_http, direct);
    let nobody = client.post(running.ews_url()).body("").send().await.unwrap();
    assert_eq!(nobody.status(), 401);
    running.set_reachable(false);
    let hangs = tokio::spawn(post(&client, &running, &get_folder(BERLIN)).send());
    let url = running.ews_url();
    running.shutdown().await;
    assert!(client.get(url).send().await.is_err(), "nobody listens any more");
    let hung = hangs.await.unwrap();
    assert!(hung.is_err() || hung.unwrap().status() == 503);
}

#[tokio::test]
async fn json_commands_move_the_world() {
    let hands = Hands::new();
    let running = serving(&hands).await;
    let client = http();
    let base = format!("http://{}/sim", running.addr());
    let tell = async |path: &str, body: Value| -> (u16, Value) {
        let reply = client.post(format!("{base}/{path}")).body(body.to_string()).send().await.unwrap();
        let status = reply.status().as_u16();
        (status, serde_json::from_str(&reply.text().await.unwrap()).unwrap())
    };
    let meeting = json!({
        "organizer": "kim", "rooms": ["berlin", "oslo"], "subject": "Review",
        "start": hours(1), "end": hours(2), "zone": "W. Europe Standard Time", "repeats": "weekly", "times": 3,
    });
    assert_eq!(tell("meetings", meeting).await, (200, json!({ "meeting": 1 })));
    hands.forward(5);
    assert_eq!(tell("meetings/1/rename", json!({ "subject": "Final" })).await.0, 200);
    hands.forward(5);
    let moved = json!({ "start": hours(30), "end": hours(31), "occurrence": "2026-03-09" });
    assert_eq!(tell("meetings/1/move", moved).await.0, 200);
    assert_eq!(tell("meetings/1/cancel", json!({ "occurrence": "2026-03-16" })).await.0, 200);
    assert_eq!(
        tell(
            "bookings",
            json!({ "room": "rome", "subject": "Cleaning", "start": hours(1), "end": hours(2) })
        )
        .await
        .0,
        200
    );
    assert_eq!(
        tell("rooms", json!({ "alias": "paris", "processing": { "DeleteSubject": false } })).await.0,
        200
    );
    hands.forward(5);
    let state: Value =
        client.get(format!("{base}/state")).send().await.unwrap().text().await.unwrap().parse().unwrap();
    let rooms = state["rooms"].as_array().unwrap();
    assert_eq!(rooms.len(), 4);
    let items = rooms[0]["items"].as_array().unwrap();
    assert_eq!(
        items.iter().map(|item| item["cancelled"].as_bool().unwrap()).collect::<Vec<_>>(),
        [false, false, true]
    );
    assert_eq!(items[0]["subject"], "Final");
    assert_eq!(rooms[0]["items"].as_array().unwrap().len(), rooms[1]["items"].as_array().unwrap().len());
    assert_eq!(rooms[2]["items"][0]["response"], "Organizer");

    let (status, refused) = tell("meetings/9/cancel", json!({})).await;
    assert_eq!(
        (status, refused["error"].as_str().unwrap()),
        (400, "meeting 9 is not in this world: use the handle that `send` gave")
    );
    assert_eq!(tell("bookings", json!({ "rooms": 1 })).await.0, 400);
    assert_eq!(tell("nonsense", json!({})).await.0, 404);

    let fault = json!({ "fault": "service-unavailable", "next": 2, "room": "berlin" });
    assert_eq!(tell("faults", fault).await.0, 200);
    for status in [503, 503, 200] {
        assert_eq!(post(&client, &running, &get_folder(BERLIN)).send().await.unwrap().status(), status);
    }
    running.shutdown().await;
}

#[tokio::test]
async fn the_timer_wakes_the_world_by_itself() {
    let begun = tokio::time::Instant::now();
    let clock: Clock = Arc::new(move || morning() + begun.elapsed());
    let running = serve(world().into_world(), "127.0.0.1:0", clock).await.unwrap();
    running.with(|world, now| {
        let quick = exchange_sim::CalendarProcessing::preserving().after(chrono::Duration::milliseconds(50));
        world.set_processing("berlin", quick).unwrap();
        world.organizer("kim").invites("berlin").at(hours(1), hours(2)).send(now).unwrap();
        assert!(world.next_wake().is_some());
    });
    let accepted = async {
        // Nothing but the server's own timer moves the world here: only its log is looked at.
        while running.peek(|world| world.changes().is_empty()) {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), accepted).await.unwrap();
    running.shutdown().await;
}

#[tokio::test]
async fn broken_bodies_and_closed_doors_reach_the_client() {
    let hands = Hands::new();
    let running = serving(&hands).await;
    let client = http();
    let whole = post(&client, &running, &sync(BERLIN, None, 10)).send().await.unwrap().text().await.unwrap();
    assert_eq!(texts(&whole, "m:ResponseCode"), ["NoError"]);
    running.with(|world, _| world.inject(Injection::of(Fault::ConnectionClosed)).unwrap());
    let broken = async {
        let reply = post(&client, &running, &sync(BERLIN, None, 10)).send().await?;
        reply.text().await
    };
    assert!(broken.await.is_err(), "the body ends before its length");

    running.with(|world, _| world.inject(Injection::of(Fault::ConnectionReset)).unwrap());
    let reset = post(&client, &running, &sync(BERLIN, None, 10)).send().await;
    assert!(reset.is_err(), "not even a status comes");

    running.set_reachable(false);
    let refused = post(&http(), &running, &get_folder(BERLIN)).send().await;
    assert!(refused.is_err());
    running.set_reachable(true);
    assert_eq!(post(&http(), &running, &get_folder(BERLIN)).send().await.unwrap().status(), 200);
    running.shutdown().await;
}

#[tokio::test]
async fn an_outage_ends_by_itself() {
    let hands = Hands::new();
    let running = serving(&hands).await;
    let outage = |span: u64| {
        let url = format!("{}/sim/outage", running.url());
        http().post(url).body(json!({ "for_ms": span }).to_string()).send()
    };
    assert_eq!(outage(0).await.unwrap().status(), 400);
    assert_eq!(outage(3_600_001).await.unwrap().status(), 400, "nobody could end it");
    let begun = tokio::time::Instant::now();
    assert_eq!(outage(400).await.unwrap().status(), 200, "who begins it is answered");
    assert!(post(&http(), &running, &get_folder(BERLIN)).send().await.is_err());
    let back = async {
        while post(&http(), &running, &get_folder(BERLIN)).send().await.is_err() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), back).await.unwrap();
    assert!(begun.elapsed() >= Duration::from_millis(400), "the world's own time stood still");
    running.shutdown().await;
}
