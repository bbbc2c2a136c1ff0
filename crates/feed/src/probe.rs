//! For whoever watches the daemon.

use crate::{api::answer, server::Shared};
use axum::{extract::State, http::StatusCode, response::Response};
use serde::Serialize;
use std::sync::Arc;

#[derive(Serialize)]
struct Live {
    live: bool,
}

#[derive(Serialize)]
struct Ready {
    ready: bool,
    /// How many rooms have not been read yet.
    rooms_missing: usize,
}

/// Whether the program serves: that it answers says so.
pub(crate) async fn livez() -> Response {
    answer::fresh(StatusCode::OK, &Live { live: true })
}

/// Whether every room has been read once, and how many have not.
pub(crate) async fn readyz(State(feed): State<Arc<Shared>>) -> Response {
    let rooms_missing = {
        let health = feed.health.borrow();
        let was_read = |id: &str| health.rooms.iter().any(|room| room.room == id && room.as_of.is_some());
        feed.rooms.keys().filter(|id| !was_read(id.as_str())).count()
    };
    let ready = rooms_missing == 0;
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    answer::fresh(status, &Ready { ready, rooms_missing })
}
