//! What programs are answered.

use axum::{
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use sha2::{Digest, Sha256};

#[derive(Serialize)]
struct Refusal<'a> {
    error: &'a str,
}

/// What is true now. A reader who has the very same already is told so: status 304, RFC 9110 §13.1.2.
///
/// The tag is a digest of the answer, since an answer changes with the time of day and with every read of the
/// calendar, not with the revision alone.
pub(crate) fn tagged(headers: &HeaderMap, value: &impl Serialize) -> Response {
    let body = json(value);
    let tag = format!("\"{}\"", hex::encode(Sha256::digest(&body)));
    let has_it = headers
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|listed| listed.trim().trim_start_matches("W/"))
        .any(|listed| listed == tag || listed == "*");
    let mut response = if has_it { StatusCode::NOT_MODIFIED.into_response() } else { with_body(body) };
    response.headers_mut().extend(HeaderValue::try_from(tag).map(|tag| (header::ETAG, tag)));
    kept(response, "no-cache")
}

/// What is not worth a tag.
pub(crate) fn fresh(status: StatusCode, value: &impl Serialize) -> Response {
    let mut response = with_body(json(value));
    *response.status_mut() = status;
    kept(response, "no-store")
}

/// Why there is no answer, in one sentence.
pub(crate) fn refusal(status: StatusCode, error: &str) -> Response {
    fresh(status, &Refusal { error })
}

fn json(value: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(value).expect("plain data has a JSON form")
}

fn with_body(body: Vec<u8>) -> Response {
    ([(header::CONTENT_TYPE, "application/json"), (header::X_CONTENT_TYPE_OPTIONS, "nosniff")], body)
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
