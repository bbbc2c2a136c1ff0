//! What listeners hear.

use crate::site::{NOW, Site};
use axum::body::{Body, BodyDataStream};
use futures_util::StreamExt;
use meeting_model::id::{Revision, RoomId};
use store::Changed;
use tokio::sync::broadcast;

/// Somebody who listens.
struct Ear(BodyDataStream);

impl Ear {
    async fn of(site: &Site, path: &str, last: &str) -> Self {
        let response = site.open(path, &[("Last-Event-ID", last), ("Accept-Encoding", "gzip")]).await;
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        assert!(!response.headers().contains_key("content-encoding"), "events come at once");
        let body: Body = response.into_body();
        Self(body.into_data_stream())
    }

    /// The next event: its name, data and id.
    async fn hear(&mut self) -> (String, String, String) {
        let chunk = self.0.next().await.unwrap().unwrap();
        let text = String::from_utf8(chunk.to_vec()).unwrap();
        let field = |name: &str| {
            let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
            line.unwrap_or_default().to_owned()
        };
        (field("event"), field("data"), field("id"))
    }
}

async fn change(site: &Site, changes: &broadcast::Sender<Changed>, room: &str, rev: i64) -> String {
    let mut ear = Ear::of(site, "/api/events", "").await;
    ear.hear().await;
    changes.send(Changed { room: RoomId::new(room), rev: Revision(rev) }).unwrap();
    let (event, data, id) = ear.hear().await;
    assert_eq!((event.as_str(), data), ("changed", format!(r#"{{"room":"{room}","rev":{rev}}}"#)));
    id
}

#[tokio::test]
async fn whoever_comes_back_hears_what_they_missed() {
    let site = Site::showing(Vec::new());
    let changes = site.hears_of_changes();
    let first = change(&site, &changes, "berlin", 2).await;
    change(&site, &changes, "oslo", 5).await;
    let last = change(&site, &changes, "berlin", 3).await;

    let mut ear = Ear::of(&site, "/api/events", &first).await;
    assert_eq!(ear.hear().await.1, r#"{"room":"oslo","rev":5}"#);
    assert_eq!(
        ear.hear().await,
        ("changed".to_owned(), r#"{"room":"berlin","rev":3}"#.to_owned(), last.clone())
    );
    let mut of_room = Ear::of(&site, "/api/rooms/berlin/events", &first).await;
    assert_eq!(of_room.hear().await.1, r#"{"room":"berlin","rev":3}"#);
    // Of another run, of no run, and from the future: everything is to be read anew.
    for unknown in ["0123456789abcdef-1", "", "nonsense", &format!("{first}9999")] {
        let (event, data, id) = Ear::of(&site, "/api/events", unknown).await.hear().await;
        assert_eq!((event.as_str(), data.as_str(), id), ("reset", "{}", last.clone()), "{unknown}");
    }
}

#[tokio::test]
async fn listeners_hear_of_rooms_they_may_see() {
    let site = Site::showing(Vec::new()).asked_from([192, 0, 2, 7]);
    let changes = site.hears_of_changes();
    let mut ear = Ear::of(&site, "/api/events?token=token-of-room-oslo", "").await;
    ear.hear().await;
    for (room, rev) in [("berlin", 2), ("oslo", 7)] {
        changes.send(Changed { room: RoomId::new(room), rev: Revision(rev) }).unwrap();
    }
    assert_eq!(ear.hear().await.1, r#"{"room":"oslo","rev":7}"#);
    assert_eq!(site.open("/api/events", &[]).await.status(), 401);
}

#[tokio::test]
async fn listening_ends_with_the_program() {
    let site = Site::showing(Vec::new());
    let mut ear = Ear::of(&site, "/api/events", "").await;
    ear.hear().await;
    site.hears(1, NOW);
    drop(site);
    assert!(ear.0.next().await.is_none());
}
