//! Changes as they are committed (Server-Sent Events).

use super::{
    answer::{self, Refusal},
    readable::Readable,
};
use crate::{access::Visitor, events::Heard, server::Shared};
use axum::{
    extract::State,
    http::HeaderMap,
    response::{IntoResponse, Response},
};
use std::{collections::BTreeSet, sync::Arc};

/// A change of any room that the token is for: an event `changed` with `{"room", "rev"}`. An event `reset` says that
/// everything is to be read anew: it is the first of all, and comes where events were missed. Whoever comes back with
/// `Last-Event-ID` is told what they missed.
#[utoipa::path(
    get,
    path = "/api/events",
    params(("Last-Event-ID" = Option<String>, Header, description = "the last event that was heard")),
    responses(
        (status = 200, description = "events, without end", content_type = "text/event-stream", body = String),
        (status = 401, description = "a token is needed", body = Refusal<'_>),
    ),
)]
pub(crate) async fn events(
    State(feed): State<Arc<Shared>>,
    visitor: Visitor,
    headers: HeaderMap,
) -> Response {
    let heard = if visitor.sees_all(&feed) {
        Heard::All
    } else {
        match answer::readable_rooms(&feed, &visitor).await {
            Ok(rooms) => Heard::Rooms(rooms.into_iter().map(|room| room.id.clone()).collect()),
            Err(refusal) => return refusal,
        }
    };
    feed.events.listen(heard, last_id(&headers)).into_response()
}

/// A change of one room. As `/api/events`.
#[utoipa::path(
    get,
    path = "/api/rooms/{room}/events",
    params(
        ("room" = String, Path, description = "the room's id"),
        ("Last-Event-ID" = Option<String>, Header, description = "the last event that was heard"),
    ),
    responses(
        (status = 200, description = "events, without end", content_type = "text/event-stream", body = String),
        (status = 401, description = "a token is needed", body = Refusal<'_>),
        (status = 403, description = "the token is another room's", body = Refusal<'_>),
        (status = 404, description = "there is no such room", body = Refusal<'_>),
    ),
)]
pub(crate) async fn room_events(Readable { feed, room }: Readable, headers: HeaderMap) -> Response {
    let heard = Heard::Rooms(BTreeSet::from([room.id.clone()]));
    feed.events.listen(heard, last_id(&headers)).into_response()
}

fn last_id(headers: &HeaderMap) -> Option<&str> {
    headers.get("last-event-id")?.to_str().ok()
}
