//! For programs: rooms and their meetings as JSON, as calendars, and as events.

pub(crate) mod answer;
mod calendar;
mod changes;
mod documented;
mod meetings;
mod readable;
mod rooms;
mod span;

use crate::{admin, server::Shared};
use axum::{
    extract::State,
    http::{HeaderMap, Method, StatusCode, Uri, header},
    response::Response,
};
pub(crate) use calendar::calendar;
pub(crate) use changes::{events, room_events};
pub(crate) use documented::openapi;
pub(crate) use meetings::meetings;
pub(crate) use readable::Readable;
pub(crate) use rooms::rooms;
use std::sync::Arc;

/// Whatever else is asked for, by programs or by people.
pub(crate) async fn no_such_page(State(feed): State<Arc<Shared>>, uri: Uri, headers: HeaderMap) -> Response {
    if is_for_people(&uri, &headers) {
        return admin::no_such_page(&feed);
    }
    let sentence = format!("no page `{}`: see `/api/rooms`", uri.path());
    answer::refusal(StatusCode::NOT_FOUND, &sentence)
}

/// Whether a page is asked for by somebody who looks at it.
fn is_for_people(uri: &Uri, headers: &HeaderMap) -> bool {
    let accepted = headers.get(header::ACCEPT).and_then(|accepted| accepted.to_str().ok());
    let is_for_programs = ["/api/", "/phone/"].iter().any(|start| uri.path().starts_with(start));
    !is_for_programs && accepted.is_some_and(|accepted| accepted.contains("text/html"))
}

/// Whatever else is asked to be done.
pub(crate) async fn read_only(method: Method) -> Response {
    answer::refusal(StatusCode::METHOD_NOT_ALLOWED, &format!("expected GET or HEAD, found `{method}`"))
}
