//! The Exchange servers.

use super::{
    SignedIn,
    layout::{self, Tab},
    said,
};
use crate::{server::Shared, text::one_line};
use axum::{extract::State, response::Response};
use control::{Health, ServerHealth};
use maud::{Markup, html};
use std::sync::Arc;

/// Every server, how it answers, and a button to try it.
pub(crate) async fn page(State(feed): State<Arc<Shared>>, SignedIn(session): SignedIn) -> Response {
    let health = feed.health.borrow().clone();
    let main = html! {
        h1 { "Servers" }
        @if health.servers.is_empty() {
            (layout::empty("No servers yet", "Add an [exchange.NAME] to the configuration and reload."))
        }
        div .cards {
            @for server in &health.servers {
                section .card {
                    div data-live="" id={ "server-" (server.server) } { (card(server, &health)) }
                    (layout::button(&feed, &session, "test", ("server", &server.server), "Test connection"))
                }
            }
        }
    };
    layout::page(&feed, &session, Tab::Servers, "Servers", &main)
}

fn card(server: &ServerHealth, health: &Health) -> Markup {
    let warnings: Vec<_> =
        health.warnings.iter().filter(|warning| warning.about.as_deref() == Some(&server.server)).collect();
    html! {
        h2 { (server.server) " " (said::badge(said::of_server(server.state))) }
        p .faint { @match &server.version { Some(version) => { "Exchange " (one_line(version)) }, None => { "Its version is not known yet." } } }
        @for place in &server.located { p .faint { (one_line(place)) } }
        @if let Some(trouble) = &server.trouble { (said::trouble(trouble)) }
        (said::warnings(&warnings))
    }
}
