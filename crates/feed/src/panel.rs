//! A room's door panel: one page that a tablet shows all day.
//!
//! The page is the same for every room and moment; what it shows it fetches, a few days at once, so that it goes on by
//! itself while nobody answers. It needs nothing of a browser that tablets of 2014 do not have.

mod state;

use crate::{
    api::{Readable, answer},
    text::one_line,
};
use axum::{
    extract::Path,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use maud::{DOCTYPE, html};
pub(crate) use state::state;

/// What the pages are made of besides themselves.
const ASSETS: [(&str, &str, &str); 5] = [
    ("icon.svg", "image/svg+xml", include_str!("../static/icon.svg")),
    ("panel.js", "text/javascript; charset=utf-8", include_str!("../static/panel.js")),
    ("panel.css", "text/css; charset=utf-8", include_str!("../static/panel.css")),
    ("admin.js", "text/javascript; charset=utf-8", include_str!("../static/admin.js")),
    ("admin.css", "text/css; charset=utf-8", include_str!("../static/admin.css")),
];

/// Nothing but our own scripts, styles and answers; no frame around it (Content Security Policy Level 3).
pub(crate) const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
     img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// The page of a room.
pub(crate) async fn page(Readable { feed, room }: Readable) -> Response {
    let (base, id) = (&feed.base, room.links.segment());
    let page = html! {
        (DOCTYPE)
        html lang=(room.language.tag) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (one_line(&room.name)) }
                link rel="icon" href={ (base) "/assets/icon.svg" };
                link rel="stylesheet" href={ (base) "/assets/panel.css" };
                script src={ (base) "/assets/panel.js" } defer {}
            }
            body data-room=(room.id)
                data-state={ (base) "/rooms/" (id) "/panel.json" }
                data-events={ (base) "/api/rooms/" (id) "/events" }
                data-worker={ (base) "/rooms/worker.js" } {
                header {
                    h1 #room { (one_line(&room.name)) }
                    p #date {}
                    p #clock {}
                }
                main {
                    div .status {
                        p #state { (room.language.panel.loading()) }
                        p #until {}
                    }
                    p #notice role="alert" {}
                    div .parts {
                        div .part.is-empty #now-part { h2 #now-title {} ul #now {} }
                        div .part #next-part { h2 #next-title {} ul #next {} }
                    }
                    div .day { div #bar role="img" aria-label="" {} }
                    p .spoken #spoken role="status" {}
                }
            }
        }
    };
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-cache"),
    ];
    (headers, page.into_string()).into_response()
}

/// A script or a style.
pub(crate) async fn asset(Path(file): Path<String>, headers: HeaderMap) -> Response {
    match ASSETS.iter().find(|(name, _, _)| *name == file) {
        Some((_, content_type, text)) => sent(&headers, content_type, text),
        None => answer::refusal(StatusCode::NOT_FOUND, &format!("no asset `{file}`")),
    }
}

/// What keeps the panel's page in a browser. Where it lies decides which pages it may keep.
pub(crate) async fn worker(headers: HeaderMap) -> Response {
    sent(&headers, "text/javascript; charset=utf-8", include_str!("../static/panel-worker.js"))
}

fn sent(headers: &HeaderMap, content_type: &'static str, text: &'static str) -> Response {
    let tag = answer::Tag::of_bytes(text.as_bytes());
    answer::tagged_bytes(headers, &tag, content_type, || text.as_bytes().to_vec())
}

#[cfg(test)]
mod tests {
    /// What a tablet loads: the page itself is below 2 kB.
    #[test]
    fn a_panel_is_below_50_kilobytes() {
        let panel = super::ASSETS.iter().filter(|(name, _, _)| name.starts_with("panel"));
        let worker = include_str!("../static/panel-worker.js").len();
        let bytes: usize = panel.map(|(_, _, text)| text.len()).sum::<usize>() + worker;
        assert!(bytes < 45_000, "{bytes} bytes");
    }

    /// Tablets beside doors have browsers of 2014 that are never updated: what is younger than ES5 stops the whole script.
    #[test]
    fn a_panel_needs_no_young_browser() {
        let script = super::ASSETS.iter().find(|(name, _, _)| *name == "panel.js").map(|(_, _, text)| *text);
        let words = |line: &str| line.split("//").next().unwrap_or_default().to_owned();
        for line in script.unwrap().lines().map(words) {
            for young in [
                "=>", "`", "?.", "??", "let ", "const ", "class ", "async ", "await ", "...", "Promise",
                "fetch(",
            ] {
                assert!(!line.contains(young), "`{young}` in {line}");
            }
        }
    }
}
