//! Every room, and how current it is.

use super::answer::{self, Refusal};
use crate::{
    access::Visitor,
    room::{self, Room},
    server::Shared,
};
use axum::{extract::State, http::HeaderMap, response::Response};
use chrono::{DateTime, Utc};
use control::{ClockState, Health, RoomState};
use serde::Serialize;
use std::{collections::BTreeMap, sync::Arc};
use store::RoomMeta;
use utoipa::ToSchema;

/// A room.
#[derive(Serialize, ToSchema)]
pub(crate) struct RoomAnswer<'a> {
    id: &'a str,
    name: &'a str,
    /// The zone its walls stand in: an IANA name.
    time_zone: &'a str,
    /// What is shown changes only with it. Null where the room has never been held.
    rev: Option<i64>,
    /// What is shown is true as of then. Null before the first read.
    true_as_of: Option<DateTime<Utc>>,
    /// How old the truth can be at most, in seconds: rounded up.
    at_most_seconds_old: Option<i64>,
    /// Null before anybody has looked at the room.
    #[schema(value_type = Option<String>, pattern = "^(subscribing|reading|live|backing-off)$")]
    state: Option<RoomState>,
    /// Whether a clock is wrong by half a minute or more: the same for every room.
    clock_degraded: bool,
    meetings_url: &'a str,
}

/// Every room that the token is for, in order of id.
#[utoipa::path(
    get,
    path = "/api/rooms",
    responses(
        (status = 200, description = "the rooms", body = [RoomAnswer<'_>]),
        (status = 304, description = "nothing has changed since the answer whose ETag was sent in If-None-Match"),
        (status = 401, description = "a token is needed", body = Refusal<'_>),
        (status = 503, description = "the rooms cannot be read at the moment", body = Refusal<'_>),
    ),
)]
pub(crate) async fn rooms(State(feed): State<Arc<Shared>>, visitor: Visitor, headers: HeaderMap) -> Response {
    let readable = match answer::readable_rooms(&feed, &visitor).await {
        Ok(readable) => readable,
        Err(refusal) => return refusal,
    };
    let stored = match feed.reader.rooms().await {
        Ok(stored) => stored,
        Err(error) => return answer::unreadable(&error),
    };
    let stored: BTreeMap<_, _> =
        stored.into_iter().map(|meta| feed.current(meta)).map(|meta| (meta.room.clone(), meta)).collect();
    let mut rooms: Vec<_> = {
        let health = feed.health.borrow();
        readable.into_iter().map(|room| of_room(room, stored.get(&room.id), &health)).collect()
    };
    // An age is another one each second, and makes no other answer.
    let tag = answer::Tag::of(&rooms);
    let now = feed.clock.now().wall;
    for room in &mut rooms {
        room.at_most_seconds_old = room.true_as_of.map(|as_of| answer::age(as_of, now));
    }
    answer::tagged(&headers, &tag, &rooms)
}

fn of_room<'a>(room: &'a Room, meta: Option<&RoomMeta>, health: &Health) -> RoomAnswer<'a> {
    RoomAnswer {
        id: room.id.as_str(),
        name: &room.name,
        time_zone: room.zone.name(),
        rev: meta.map(|meta| meta.rev.0),
        true_as_of: meta.and_then(|meta| meta.as_of),
        at_most_seconds_old: None,
        state: room::of_room(health, &room.id).map(|health| health.state),
        clock_degraded: health.clock == ClockState::Degraded,
        meetings_url: &room.links.api_meetings,
    }
}
