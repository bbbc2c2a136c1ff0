//! What programs are answered.

use crate::{access::Visitor, room::Room, server::Shared};
use axum::{
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Utc};
use serde::Serialize;
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

/// Why there is no answer.
#[derive(Serialize, ToSchema)]
pub(crate) struct Refusal<'a> {
    /// In one sentence.
    error: &'a str,
}

/// What tells an answer from another one: weak, for the same answer may be compressed or not (RFC 9110 §8.8.1). A digest,
/// since an answer changes with the time of day and with every read of the calendar, not with the revision alone.
pub(crate) struct Tag(String);

impl Tag {
    /// Of a value.
    pub(crate) fn of(value: &impl Serialize) -> Self {
        Self::of_bytes(&json(value))
    }

    /// Of what is sent.
    pub(crate) fn of_bytes(bytes: &[u8]) -> Self {
        Self(format!("\"{}\"", hex::encode(Sha256::digest(bytes))))
    }

    /// Whether a reader has it already: RFC 9110 §13.1.2.
    fn is_known(&self, headers: &HeaderMap) -> bool {
        let listed = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
        let mut tags =
            listed.flat_map(|value| value.split(',')).map(|tag| tag.trim().trim_start_matches("W/"));
        tags.any(|tag| tag == self.0 || tag == "*")
    }
}

/// What is true now. A reader who has the very same already is told so: status 304.
pub(crate) fn tagged(headers: &HeaderMap, tag: &Tag, value: &impl Serialize) -> Response {
    tagged_bytes(headers, tag, "application/json", || json(value))
}

/// The same, of whatever type.
pub(crate) fn tagged_bytes(
    headers: &HeaderMap,
    tag: &Tag,
    content_type: &'static str,
    body: impl FnOnce() -> Vec<u8>,
) -> Response {
    let mut response = if tag.is_known(headers) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        with_body(content_type, body())
    };
    response
        .headers_mut()
        .extend(HeaderValue::try_from(format!("W/{}", tag.0)).map(|tag| (header::ETAG, tag)));
    kept(response, "no-cache")
}

/// What is not worth a tag.
pub(crate) fn fresh(status: StatusCode, value: &impl Serialize) -> Response {
    let mut response = with_body("application/json", json(value));
    *response.status_mut() = status;
    kept(response, "no-store")
}

/// Why there is no answer, in one sentence.
pub(crate) fn refusal(status: StatusCode, error: &str) -> Response {
    fresh(status, &Refusal { error })
}

/// Every room that may be read by whoever asks.
///
/// # Errors
///
/// With the answer to somebody who may read none.
pub(crate) async fn readable_rooms<'a>(
    feed: &'a Shared,
    visitor: &Visitor,
) -> Result<Vec<&'a Room>, Response> {
    if visitor.sees_all(feed) {
        return Ok(feed.rooms.values().map(AsRef::as_ref).collect());
    }
    let mut readable = Vec::new();
    for room in feed.rooms.values() {
        if visitor.may_read(feed, room).await {
            readable.push(room.as_ref());
        }
    }
    if readable.is_empty() { Err(unwelcome(visitor)) } else { Ok(readable) }
}

/// The answer to somebody who may not read every room.
pub(crate) fn not_for_all(feed: &Shared, visitor: &Visitor) -> Option<Response> {
    (!visitor.sees_all(feed)).then(|| unwelcome(visitor))
}

/// The answer to somebody who may not read what was asked for.
pub(super) fn unwelcome(visitor: &Visitor) -> Response {
    if visitor.is_known() {
        return refusal(StatusCode::FORBIDDEN, "this token is not for what was asked for");
    }
    let sentence = "expected a token, as `Authorization: Bearer` or `?token=` in the URL";
    let mut response = refusal(StatusCode::UNAUTHORIZED, sentence);
    response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    response
}

/// An age in seconds, rounded up: what is true as of then is at most that old.
pub(crate) fn age(as_of: DateTime<Utc>, now: DateTime<Utc>) -> i64 {
    let milliseconds = (now - as_of).num_milliseconds().max(0);
    milliseconds / 1000 + i64::from(milliseconds % 1000 > 0)
}

fn json(value: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(value).expect("plain data has a JSON form")
}

fn with_body(content_type: &'static str, body: Vec<u8>) -> Response {
    ([(header::CONTENT_TYPE, content_type), (header::X_CONTENT_TYPE_OPTIONS, "nosniff")], body)
        .into_response()
}

fn kept(mut response: Response, how: &'static str) -> Response {
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static(how));
    response
}

/// The store cannot be read. What is wrong with it is the administrator's business.
pub(crate) fn unreadable(error: &store::Error) -> Response {
    tracing::warn!(%error, "cannot read what to show");
    refusal(StatusCode::SERVICE_UNAVAILABLE, "the meetings cannot be read at the moment: try again later")
}
