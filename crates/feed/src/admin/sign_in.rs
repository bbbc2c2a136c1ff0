//! Signing in and out.

use super::{SignedIn, elsewhere, is_foreign, layout};
use crate::{access::Visitor, server::Shared};
use axum::{
    extract::{Form, Query, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::Response,
};
use maud::html;
use serde::Deserialize;
use std::sync::Arc;

/// Where somebody wanted to go.
#[derive(Deserialize, Default)]
pub(crate) struct Wanted {
    #[serde(default)]
    then: String,
}

/// What somebody typed.
#[derive(Deserialize)]
pub(crate) struct Typed {
    secret: String,
    #[serde(default)]
    then: String,
}

/// What a form of our own carries.
#[derive(Deserialize)]
pub(crate) struct Signed {
    #[serde(default)]
    form_token: String,
}

/// Where one signs in.
pub(crate) async fn page(
    State(feed): State<Arc<Shared>>,
    Query(wanted): Query<Wanted>,
    visitor: Visitor,
) -> Response {
    if visitor.session.is_some() {
        return elsewhere(&format!("{}/", feed.base));
    }
    shown(&feed, StatusCode::OK, &wanted.then, None)
}

/// Signs in.
pub(crate) async fn sign_in(
    State(feed): State<Arc<Shared>>,
    visitor: Visitor,
    headers: HeaderMap,
    Form(Typed { secret, then }): Form<Typed>,
) -> Response {
    let (address, now) = (visitor.from(), feed.clock.now().wall);
    if is_foreign(&headers) {
        return shown(
            &feed,
            StatusCode::FORBIDDEN,
            &then,
            Some("This was sent from a page of another site."),
        );
    }
    if feed.gate.is_shut(address, now) {
        let sentence = "Too many attempts have failed. Wait a minute and try again.";
        return shown(&feed, StatusCode::TOO_MANY_REQUESTS, &then, Some(sentence));
    }
    let Ok(_turn) = feed.gate.one_at_a_time.acquire().await else {
        return shown(&feed, StatusCode::SERVICE_UNAVAILABLE, &then, Some("callboard is stopping."));
    };
    let administrator = feed.administrator.clone();
    let known = tokio::task::spawn_blocking(move || administrator.knows(&secret)).await;
    let Some(by) = known.ok().flatten() else {
        feed.gate.failed(address, now);
        tracing::warn!(%address, "a sign-in was refused");
        return shown(
            &feed,
            StatusCode::UNAUTHORIZED,
            &then,
            Some("That is neither the password nor a token."),
        );
    };
    let cookie = match feed.sessions.open(by, now, feed.is_https) {
        Ok(cookie) => cookie,
        Err(error) => {
            tracing::error!(%error, "the system has no randomness to give");
            return shown(
                &feed,
                StatusCode::SERVICE_UNAVAILABLE,
                &then,
                Some("Nobody can sign in at the moment."),
            );
        }
    };
    tracing::info!(%address, "an administrator has signed in");
    with_cookie(elsewhere(&format!("{}{}", feed.base, ours(&then))), &cookie)
}

/// Signs out.
pub(crate) async fn sign_out(
    State(feed): State<Arc<Shared>>,
    SignedIn(session): SignedIn,
    headers: HeaderMap,
    Form(Signed { form_token }): Form<Signed>,
) -> Response {
    if is_foreign(&headers) || !session.sent(&form_token) {
        return elsewhere(&format!("{}/", feed.base));
    }
    let cookie = feed.sessions.close(&session, feed.is_https);
    with_cookie(elsewhere(&format!("{}/sign-in", feed.base)), &cookie)
}

fn shown(feed: &Shared, status: StatusCode, then: &str, trouble: Option<&str>) -> Response {
    let main = html! {
        main #main .door {
            h1 { "callboard" }
            @if feed.administrator.is_anybody() {
                form method="post" action={ (feed.base) "/sign-in" } {
                    label for="secret" { "Password or token" }
                    input #secret type="password" name="secret" required autocomplete="current-password" autofocus
                        aria-describedby=[trouble.map(|_| "trouble")];
                    input type="hidden" name="then" value=(ours(then));
                    @if let Some(trouble) = trouble { p #trouble .bad role="alert" { (trouble) } }
                    button .strong type="submit" { "Sign in" }
                }
            } @else {
                p { "Nobody can sign in yet. Put the hash of a password into the configuration and reload it:" }
                pre { code { "$ callboard hash-password\n\n[admin]\npassword_hash = \"$argon2id$…\"" } }
            }
        }
    };
    layout::bare(feed, status, "Sign in", &main)
}

/// A page of our own, and no other: what begins with two slashes, or a backslash, is elsewhere.
fn ours(then: &str) -> &str {
    let is_path = then.starts_with('/') && !then.starts_with("//");
    if is_path && !then.contains(['\\', '\r', '\n', '\t']) { then } else { "/" }
}

fn with_cookie(mut response: Response, cookie: &str) -> Response {
    response.headers_mut().extend(HeaderValue::try_from(cookie).map(|cookie| (header::SET_COOKIE, cookie)));
    response
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_sign_in_leads_to_our_own_pages() {
        for (then, place) in [
            ("/admin/rooms/berlin?at=1", "/admin/rooms/berlin?at=1"),
            ("", "/"),
            ("//elsewhere.example", "/"),
            ("/\\elsewhere.example", "/"),
            ("http://elsewhere.example", "/"),
            ("/x\r\nSet-Cookie: a=b", "/"),
        ] {
            assert_eq!(super::ours(then), place);
        }
    }
}
