//! For programs: rooms and their meetings as JSON, as calendars, and as events.

pub(crate) mod answer;
mod calendar;
mod changes;
mod documented;
mod meetings;
mod readable;
mod rooms;
mod span;

use axum::{
    http::{Method, StatusCode, Uri},
    response::Response,
};
pub(crate) use calendar::calendar;
pub(crate) use changes::{events, room_events};
pub(crate) use documented::openapi;
pub(crate) use meetings::meetings;
pub(crate) use readable::Readable;
pub(crate) use rooms::rooms;

/// Whatever else is asked for.
pub(crate) async fn no_such_page(uri: Uri) -> Response {
    let sentence = format!("no page `{}`: see `/api/rooms`", uri.path());
    answer::refusal(StatusCode::NOT_FOUND, &sentence)
}

/// Whatever else is asked to be done.
pub(crate) async fn read_only(method: Method) -> Response {
    answer::refusal(StatusCode::METHOD_NOT_ALLOWED, &format!("expected GET or HEAD, found `{method}`"))
}
