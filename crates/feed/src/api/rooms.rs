//! Every room, and how current it is.

use super::answer;
use crate::server::Shared;
use axum::{extract::State, http::HeaderMap, response::Response};
use chrono::{DateTime, Utc};
use control::RoomState;
use serde::Serialize;
use std::{collections::BTreeMap, sync::Arc};

#[derive(Serialize)]
struct RoomAnswer<'a> {
    id: &'a str,
    name: &'a str,
    time_zone: &'a str,
    /// Absent where the room has never been held.
    rev: Option<i64>,
    /// Absent before the first read.
    as_of: Option<DateTime<Utc>>,
    /// Absent before the engine has looked at the room.
    state: Option<RoomState>,
    meetings_url: &'a str,
}

/// Every configured room, in order of id.
pub(crate) async fn rooms(State(feed): State<Arc<Shared>>, headers: HeaderMap) -> Response {
    let stored = match feed.reader.rooms().await {
        Ok(stored) => stored,
        Err(error) => return answer::unreadable(&error),
    };
    let stored: BTreeMap<_, _> =
        stored.into_iter().map(|meta| feed.current(meta)).map(|meta| (meta.room.clone(), meta)).collect();
    let states: BTreeMap<String, RoomState> = {
        let health = feed.health.borrow();
        health.rooms.iter().map(|room| (room.room.clone(), room.state)).collect()
    };
    let rooms: Vec<_> = feed
        .rooms
        .values()
        .map(|room| {
            let meta = stored.get(&room.id);
            RoomAnswer {
                id: room.id.as_str(),
                name: &room.name,
                time_zone: room.zone.name(),
                rev: meta.map(|meta| meta.rev.0),
                as_of: meta.and_then(|meta| meta.as_of),
                state: states.get(room.id.as_str()).copied(),
                meetings_url: &room.links.api_meetings,
            }
        })
        .collect();
    answer::tagged(&headers, &rooms)
}
