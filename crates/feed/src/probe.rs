//! For whoever watches the daemon.

use crate::{api::answer, server::Shared};
use axum::{extract::State, http::StatusCode, response::Response};
use serde::Serialize;
use std::sync::Arc;
use utoipa::ToSchema;

/// That the program serves.
#[derive(Serialize, ToSchema)]
pub(crate) struct Live {
    /// Always: that it answers says so.
    live: bool,
}

/// Whether displays can rely on what is served.
#[derive(Serialize, ToSchema)]
pub(crate) struct Ready {
    /// Whether every room that can be read was read.
    ready: bool,
    /// How many rooms have not been read yet.
    rooms_missing: usize,
}

/// Whether the program serves: that it answers says so.
#[utoipa::path(
    get,
    path = "/livez",
    responses((status = 200, description = "it serves", body = Live)),
    security(()),
)]
pub(crate) async fn livez() -> Response {
    answer::fresh(StatusCode::OK, &Live { live: true })
}

/// Whether displays can rely on what is served, and how many rooms have not been read yet.
#[utoipa::path(
    get,
    path = "/readyz",
    responses(
        (status = 200, description = "every room that can be read was read", body = Ready),
        (status = 503, description = "a room is still to be read", body = Ready),
    ),
    security(()),
)]
pub(crate) async fn readyz(State(feed): State<Arc<Shared>>) -> Response {
    let (ready, rooms_missing) = {
        let health = feed.health.borrow();
        let untold = feed.rooms.len().saturating_sub(health.rooms.len());
        (untold == 0 && health.is_ready(), untold + health.unread())
    };
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    answer::fresh(status, &Ready { ready, rooms_missing })
}
