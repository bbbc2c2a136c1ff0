//! What watchers are told.

use crate::site::{NOW, Site, utc};
use control::{Health, RoomHealth, RoomState};

#[tokio::test]
async fn a_site_is_ready_when_every_room_was_read() {
    let site = Site::showing(Vec::new());
    let told = async |site: &Site| {
        let answer = site.get("/readyz").await;
        format!("{} {}", answer.status.as_u16(), answer.text())
    };
    assert_eq!(told(&site).await, r#"503 {"ready":false,"rooms_missing":2}"#);
    site.hears(1, NOW);
    assert_eq!(told(&site).await, r#"503 {"ready":false,"rooms_missing":1}"#);
    let oslo = |health: &mut Health, as_of| {
        health.rooms.retain(|room| room.room != "oslo");
        health.rooms.push(RoomHealth {
            room: "oslo".to_owned(),
            state: RoomState::Reading,
            rev: 0,
            as_of,
            trouble: None,
            retry_at: None,
            told_by: None,
            mailboxes: Vec::new(),
        });
    };
    site.health.send_modify(|health| oslo(health, None));
    assert_eq!(told(&site).await, r#"503 {"ready":false,"rooms_missing":1}"#);
    site.health.send_modify(|health| oslo(health, Some(utc(NOW))));
    assert_eq!(told(&site).await, r#"200 {"ready":true,"rooms_missing":0}"#);
}

#[tokio::test]
async fn a_site_lives_while_it_answers() {
    let site = Site::showing(Vec::new());
    site.loses_its_database();
    let answer = site.get("/livez").await;
    assert_eq!((answer.status.as_u16(), answer.text()), (200, r#"{"live":true}"#));
}
