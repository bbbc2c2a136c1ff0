//! The document of what programs can ask (OpenAPI 3.1).

use super::{
    answer::{self, Refusal, Tag},
    calendar, changes, meetings, rooms,
};
use crate::{
    metrics,
    probe::{self, Live, Ready},
};
use axum::{http::HeaderMap, response::Response};
use std::sync::LazyLock;
use utoipa::{
    Modify, OpenApi,
    openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme},
};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "callboard",
        description = "What rooms show: read-only. What is private stays so for every reader. Programs of this machine \
                       need no token."
    ),
    paths(
        rooms::rooms,
        meetings::meetings,
        calendar::calendar,
        changes::events,
        changes::room_events,
        metrics::metrics,
        probe::livez,
        probe::readyz,
    ),
    components(schemas(rooms::RoomAnswer<'_>, meetings::MeetingsAnswer<'_>, Refusal<'_>, Live, Ready)),
    modifiers(&Tokens),
    security(("bearer" = []), ("token" = [])),
)]
struct Documented;

/// How a token is shown.
struct Tokens;

impl Modify for Tokens {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let components = document.components.get_or_insert_default();
        let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
        components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
        let in_url = ApiKey::Query(ApiKeyValue::new("token"));
        components.add_security_scheme("token", SecurityScheme::ApiKey(in_url));
    }
}

static DOCUMENT: LazyLock<utoipa::openapi::OpenApi> = LazyLock::new(Documented::openapi);

/// The document itself: it says nothing of any room, and anybody may read it.
pub(crate) async fn openapi(headers: HeaderMap) -> Response {
    answer::tagged(&headers, &Tag::of(&*DOCUMENT), &*DOCUMENT)
}
