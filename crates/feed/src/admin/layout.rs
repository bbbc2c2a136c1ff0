//! What all pages share.

use super::{said, session::Session};
use crate::{panel::POLICY, server::Shared, text::one_line};
use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use maud::{DOCTYPE, Markup, html};

/// The pages that the top of each leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tab {
    Rooms,
    Servers,
    Clock,
}

/// A page for whoever is signed in.
pub(super) fn page(feed: &Shared, session: &Session, tab: Tab, title: &str, main: &Markup) -> Response {
    let base = &feed.base;
    let link = |to: Tab, path: &str, name: &str| {
        html! { a href={ (base) (path) } aria-current=[(to == tab).then_some("page")] { (name) } }
    };
    let top = html! {
        header .top {
            a .brand href={ (base) "/" } { "callboard" }
            nav aria-label="Pages" {
                (link(Tab::Rooms, "/", "Rooms"))
                (link(Tab::Servers, "/admin/servers", "Servers"))
                (link(Tab::Clock, "/admin/clock", "Clock"))
            }
            form method="post" action={ (base) "/sign-out" } {
                (form_token(session))
                button .quiet type="submit" { "Sign out" }
            }
        }
    };
    bare(feed, StatusCode::OK, title, &html! { (top) main #main { (main) } })
}

/// A page for anybody.
pub(super) fn bare(feed: &Shared, status: StatusCode, title: &str, body: &Markup) -> Response {
    let base = &feed.base;
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (one_line(title)) " · callboard" }
                link rel="icon" href={ (base) "/assets/icon.svg" };
                link rel="stylesheet" href={ (base) "/assets/admin.css" };
                script src={ (base) "/assets/admin.js" } defer {}
            }
            body data-base=(base) { (body) }
        }
    };
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (status, headers, page.into_string()).into_response()
}

/// What shows that a form is ours.
pub(super) fn form_token(session: &Session) -> Markup {
    html! { input type="hidden" name="form_token" value=(session.form_token()); }
}

/// A form that is one button.
pub(super) fn button(feed: &Shared, session: &Session, ask: &str, about: (&str, &str), name: &str) -> Markup {
    let (kind, value) = about;
    html! {
        form .inline method="post" action={ (feed.base) "/admin/ask" } {
            (form_token(session))
            input type="hidden" name="ask" value=(ask);
            input type="hidden" name=(kind) value=(value);
            button type="submit" { (name) }
        }
    }
}

/// Where one leads from page to page, with how many things there are in all.
pub(super) fn pager(
    name: &str,
    number: &str,
    page: usize,
    pages: usize,
    link: impl Fn(usize) -> String,
) -> Markup {
    html! {
        nav .pager aria-label=(name) {
            @if page > 0 { a href=(link(page - 1)) { "Previous" } }
            span { (number) @if pages > 1 { ", page " (page + 1) " of " (pages) } }
            @if pages > 2 {
                @for to in 0..pages {
                    @if to == page { span aria-current="page" { (to + 1) } }
                    @else if is_near(to, page, pages) { a href=(link(to)) aria-label={ "Page " (to + 1) } { (to + 1) } }
                    @else if is_near(to + 1, page, pages) { span aria-hidden="true" { "…" } }
                }
            }
            @if page + 1 < pages { a href=(link(page + 1)) { "Next" } }
        }
    }
}

/// Whether the pager leads from a page to another one directly: to its neighbours, the first and the last.
fn is_near(to: usize, page: usize, pages: usize) -> bool {
    to == 0 || to + 1 >= pages || to.abs_diff(page) <= 2
}

/// The page of an address that asks for what cannot be told.
pub(super) fn misdirected(feed: &Shared, session: &Session, expected: &str) -> Response {
    let main = html! {
        p { a href={ (feed.base) "/" } { "All rooms" } }
        (alone("This address is not understood", expected))
    };
    let mut response = page(feed, session, Tab::Rooms, "This address is not understood", &main);
    *response.status_mut() = StatusCode::BAD_REQUEST;
    response
}

/// The page of an address that leads nowhere, for whoever reads pages: it says nothing of the site.
pub(crate) fn no_such_page(feed: &Shared) -> Response {
    let main = html! {
        main #main {
            p { a href={ (feed.base) "/" } { "All rooms" } }
            (alone("No such page", "Nothing is at this address: check how it is written."))
        }
    };
    bare(feed, StatusCode::NOT_FOUND, "No such page", &main)
}

/// The page of a room for whoever may not see it: it does not say whether there is such a room.
pub(crate) fn unwelcome(feed: &Shared, is_known: bool) -> Response {
    let (status, title, sentence) = if is_known {
        (
            StatusCode::FORBIDDEN,
            "This token is not for this room",
            "Open the panel with the token of its room.",
        )
    } else {
        let how =
            "Whoever looks after callboard has it: open this address with ?token= and the token behind it.";
        (StatusCode::UNAUTHORIZED, "This panel needs its room's token", how)
    };
    let main = html! {
        main #main {
            (alone(title, sentence))
            p { a href={ (feed.base) "/sign-in" } { "Sign in as an administrator" } }
        }
    };
    let mut response = bare(feed, status, title, &main);
    if !is_known {
        response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    response
}

/// A part of a page in which there is nothing to see, and why.
pub(super) fn empty(title: &str, sentence: &str) -> Markup {
    html! { div .empty { h2 { (title) } p { (said::sentence(sentence)) } } }
}

/// The same, where it is all that a page has.
pub(super) fn alone(title: &str, sentence: &str) -> Markup {
    html! { div .empty { h1 { (title) } p { (said::sentence(sentence)) } } }
}
