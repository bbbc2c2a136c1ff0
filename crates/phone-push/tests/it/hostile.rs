//! Every kind of device is given every hostile string: as a title, an organizer, a location, and what its room is called.

use crate::{
    device, present,
    stage::{self, Stage, meeting},
};
use exchange_sim::{
    endpoint::{self, Knows, Listed},
    server::{Broker, Endpoints, Hook},
};
use meeting_model::{
    display::{Present, Words},
    join::Join,
    withheld::Withheld,
};
use phone_push::{DeviceKind, HttpSettings, Poller, Transport, Trust};
use serde_json::Value;
use std::time::Duration;
use sync_engine::Delivered;

/// What a calendar may hold to break what shows it.
fn hostile() -> Vec<String> {
    let listed = include_str!("../../../../fixtures/hostile.json");
    let mut all: Vec<String> = serde_json::from_str(listed).unwrap();
    all.extend(["x".repeat(10_000), "]]><b>&".repeat(1_500), "\u{1F469}\u{200D}\u{1F467}".repeat(2_000)]);
    all
}

/// A day of them: one meeting each.
fn day() -> Present {
    let one = |(number, text): (usize, String)| {
        let words = Words::Open {
            title: text.clone(),
            organizer: Some(text.clone()),
            location: Some(text),
            join: Join::default(),
        };
        meeting(&format!("{number:02}"), "2026-11-21T09:00:00Z", "2026-11-21T10:00:00Z", words)
    };
    let meetings = hostile().into_iter().enumerate().map(one).collect();
    Present { room_name: hostile().concat(), meetings, ..present() }
}

async fn told(stage: &Stage) {
    let delivered = stage.push.deliver(&device(), &day(), &Withheld::default(), None, None).await;
    assert!(matches!(delivered, Delivered::Acknowledged { sent: true, .. }), "{delivered:?}");
}

/// What is left of a text where neither controls nor white space count: XML holds the ones not, and changes the other.
fn bare(text: &str) -> String {
    let is_bare = |c: &char| !c.is_control() && !c.is_whitespace() && !matches!(c, '\u{fffe}' | '\u{ffff}');
    text.chars().filter(is_bare).collect()
}

fn are_listed(list: &[Listed], how: &str) {
    assert_eq!(list.len(), hostile().len(), "{how}");
    for (text, listed) in hostile().iter().zip(list) {
        assert_eq!(bare(&listed.title), bare(text), "{how}");
        assert_eq!(bare(&listed.organizer), bare(text), "{how}");
    }
}

fn are_told(document: &Value, how: &str) {
    assert_eq!(document["name"], hostile().concat(), "{how}");
    let meetings = document["meetings"].as_array().unwrap();
    assert_eq!(meetings.len(), hostile().len(), "{how}");
    for (text, meeting) in hostile().iter().zip(meetings) {
        for field in ["title", "organizer", "location"] {
            assert_eq!(meeting[field], *text, "{how}: {field}");
        }
    }
}

#[tokio::test]
async fn no_endpoint_is_broken_whatever_a_meeting_is_called() {
    for (transport, put) in [(Transport::Http, true), (Transport::WebSocket, true), (Transport::Http, false)]
    {
        let how = format!("{transport:?}, {put}");
        let endpoint = endpoint::Endpoint::new("berlin", "admin", "open sesame")
            .with_software("RoomOS 11.14.5.0", Knows { put, put_xml: !put });
        let endpoints = Endpoints::serve(vec![endpoint]).await.unwrap();
        let url = endpoints.base_url("berlin").unwrap();
        told(&Stage::of(crate::endpoints::kind(url, transport, "open sesame", Trust::System)).unwrap()).await;
        are_listed(&endpoints.list("berlin"), &how);
    }
}

#[tokio::test]
async fn no_endpoint_that_asks_is_broken_either() {
    let (token, identity) = ("open-sesame".into(), "00:11:22:33:44:55".to_owned());
    let target = stage::target(DeviceKind::Tms(Poller { identity: identity.clone(), token }));
    let (push, callbacks, _events) =
        stage::push(vec![(device(), target)], "http://feed.example.com", HttpSettings::default());
    push.unwrap().deliver(&device(), &day(), &Withheld::default(), None, None).await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/tms/open-sesame", listener.local_addr().unwrap());
    tokio::spawn(axum::serve(listener, callbacks.router()).into_future());
    let endpoints = Endpoints::serve(vec![endpoint::Endpoint::new("berlin", "", "")]).await.unwrap();
    endpoints.ask("berlin", &identity, &url, Duration::from_mins(1));
    are_listed(&endpoints.until("berlin", |list| !list.is_empty()).await, "asked");
}

#[tokio::test]
async fn no_program_is_told_anything_else_than_what_a_meeting_is_called() {
    let hook = Hook::serve("open sesame").await.unwrap();
    let (url, trust) = (hook.url().to_owned(), Trust::System);
    told(
        &Stage::of(DeviceKind::Webhook(phone_push::Hook { url, secret: "open sesame".into(), trust }))
            .unwrap(),
    )
    .await;
    are_told(&hook.documents()[0], "webhook");

    let broker = Broker::serve().await.unwrap();
    let (url, topic, trust) = (broker.url().to_owned(), "rooms/berlin".to_owned(), Trust::System);
    told(&Stage::of(DeviceKind::Mqtt(phone_push::Broker { url, topic, account: None, trust })).unwrap())
        .await;
    are_told(&serde_json::from_slice(&broker.retained("rooms/berlin").unwrap()).unwrap(), "broker");
}
