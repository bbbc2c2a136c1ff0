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

/// Whether displays can rely on what is served, and how many rooms have not been read yet.
pub(crate) async fn readyz(State(feed): State<Arc<Shared>>) -> Response {
    let (ready, rooms_missing) = {
        let health = feed.health.borrow();
        let untold = feed.rooms.len().saturating_sub(health.rooms.len());
        (untold == 0 && health.is_ready(), untold + health.unread())
    };
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    answer::fresh(status, &Ready { ready, rooms_missing })
}
