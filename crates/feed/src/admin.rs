//! The administrator's pages: rooms, warnings, servers and clock, and what can be done about them.
//!
//! Every page is made here and works without any script; the one there is keeps them current. A page changes nothing but by a
//! form, and a form counts only from whoever is signed in and was given it (CSRF).

mod answers;
mod clock;
mod gate;
mod layout;
mod overview;
mod page_of_room;
mod said;
mod servers;
pub(crate) mod session;
mod sign_in;
mod timeline;

pub(crate) use answers::{Answers, answer, ask};
pub(crate) use clock::{
    ClockLog, EVERY as CLOCK_EVERY, look as look_at_clock, page as clock, report as clock_report,
};
pub(crate) use gate::Gate;
pub(crate) use layout::{no_such_page, unwelcome};
pub(crate) use overview::page as overview;
pub(crate) use page_of_room::page as room;
pub(crate) use servers::page as servers;
pub(crate) use sign_in::{page as sign_in_page, sign_in, sign_out};

use crate::{access::Visitor, server::Feed};
use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use session::Session;
use url::form_urlencoded;

/// An administrator who is signed in. Whoever is not is sent to sign in first.
pub(crate) struct SignedIn(pub(crate) Session);

impl FromRequestParts<Feed> for SignedIn {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, feed: &Feed) -> Result<Self, Response> {
        let Ok(visitor) = <Visitor as FromRequestParts<Feed>>::from_request_parts(parts, feed).await;
        let shared = feed.shared();
        visitor.session.map(Self).ok_or_else(|| {
            let wanted = parts.uri.path_and_query().map_or("/", axum::http::uri::PathAndQuery::as_str);
            let wanted: String = form_urlencoded::byte_serialize(wanted.as_bytes()).collect();
            elsewhere(&format!("{}/sign-in?then={wanted}", shared.base))
        })
    }
}

/// Sends somebody to another page, which they fetch (RFC 9110 §15.4.4).
fn elsewhere(place: &str) -> Response {
    let mut response = StatusCode::SEE_OTHER.into_response();
    if let Ok(place) = HeaderValue::try_from(place) {
        response.headers_mut().insert(header::LOCATION, place);
    }
    response
}

/// Whether a browser says that a page of another site sent this (Fetch Metadata §2.4, and RFC 6454 §7 of those before it).
fn is_foreign(headers: &HeaderMap) -> bool {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(site) = header("sec-fetch-site") {
        return !matches!(site, "same-origin" | "none");
    }
    match (header("origin"), header("host")) {
        (Some(origin), Some(host)) => origin.split_once("://").is_none_or(|(_, of)| of != host),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_of_other_sites_are_told_apart() {
        for (sent, foreign) in [
            (vec![], false),
            (vec![("sec-fetch-site", "same-origin")], false),
            (
                vec![("sec-fetch-site", "cross-site"), ("origin", "http://feed:8480"), ("host", "feed:8480")],
                true,
            ),
            (vec![("sec-fetch-site", "same-site")], true),
            (vec![("origin", "http://feed:8480"), ("host", "feed:8480")], false),
            (vec![("origin", "http://elsewhere.example"), ("host", "feed:8480")], true),
            (vec![("origin", "null"), ("host", "feed:8480")], true),
        ] {
            let headers = sent.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()));
            assert_eq!(is_foreign(&headers.collect::<HeaderMap>()), foreign, "{sent:?}");
        }
    }
}
