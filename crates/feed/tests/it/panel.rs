//! What a door panel is told. How it looks and behaves is tested in a browser.

use crate::site::{ADMIN, Site, meeting};
use axum::http::StatusCode;

#[tokio::test]
async fn a_panel_knows_its_room() {
    let site = Site::showing(vec![
        meeting("Weekly staff", "07:30", "08:30"),
        meeting("Merger", "09:00", "10:00").private(),
        meeting("Perhaps", "11:00", "12:00").tentative(),
        meeting("Fair", "00:00", "00:00").all_day("2026-11-22", "2026-11-22"),
    ]);
    let answer = site.get("/rooms/berlin/panel.json").await;
    assert_eq!((answer.status, answer.header("cache-control")), (StatusCode::OK, "no-store"));
    let told: serde_json::Value = serde_json::from_str(answer.text()).unwrap();
    let minute = |text: &str| crate::site::utc(&format!("2026-11-{text}:00Z")).timestamp_millis();
    assert_eq!(told["now"], minute("21T08:00"));
    assert_eq!(told["true_as_of"], minute("21T08:00"));
    assert_eq!(told["offsets"], serde_json::json!([[minute("20T23:00"), 60]]));
    let shown: Vec<_> =
        told["meetings"].as_array().unwrap().iter().map(|meeting| &meeting["title"]).collect();
    assert_eq!(shown, ["Weekly staff", "Private meeting", "Perhaps", "Fair"]);
    // Whole days stand on the room's own dates, though they were made in Tokyo.
    let fair = &told["meetings"][3];
    assert_eq!((&fair["start"], &fair["end"]), (&minute("21T23:00").into(), &minute("22T23:00").into()));
    let held: Vec<_> =
        told["spells"].as_array().unwrap().iter().map(|spell| spell["held"].as_bool().unwrap()).collect();
    assert_eq!(held, [false, false, true, false]);
}

/// A room that is held by what is hidden is busy in every list and bar, without a name.
#[tokio::test]
async fn held_time_is_seen_without_a_name() {
    let site = Site::showing(vec![
        meeting("Perhaps", "12:00", "13:00").tentative(),
        meeting("Secret plan", "07:30", "09:00").awaited(),
        meeting("Another", "08:30", "10:00").awaited(),
    ]);
    let panel = site.get("/rooms/berlin/panel.json").await;
    let told: serde_json::Value = serde_json::from_str(panel.text()).unwrap();
    let listed: Vec<_> = told["meetings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            let minutes = (one["end"].as_i64().unwrap() - one["start"].as_i64().unwrap()) / 60_000;
            (one["unnamed"].as_bool().unwrap(), one["title"].as_str().unwrap(), minutes)
        })
        .collect();
    assert_eq!(listed, [(true, "", 150), (false, "Perhaps", 60)]);
    let entered = site.post("/sign-in", &[], &format!("secret={ADMIN}")).await;
    let cookie = entered.header("set-cookie").split(';').next().unwrap().to_owned();
    for path in ["/", "/admin/rooms/berlin"] {
        let page = site.ask("GET", path, &[("Cookie", &cookie)]).await;
        let page = page.text();
        assert!(page.contains("13:00–14:00, held 08:30–11:00\""), "{path}: {page}");
        assert!(page.contains("class=\"meeting held\"") && !page.contains("Secret plan"), "{path}: {page}");
    }
    let site = Site::showing(vec![meeting("Secret plan", "07:30", "09:00").awaited()]);
    let cookie = site.post("/sign-in", &[], &format!("secret={ADMIN}")).await.header("set-cookie").to_owned();
    let cookie = [("Cookie", cookie.split(';').next().unwrap())];
    let page = site.ask("GET", "/admin/rooms/berlin", &cookie).await;
    assert!(page.text().contains(">held<") && !page.text().contains("No meetings today"), "{}", page.text());
}

#[tokio::test]
async fn a_panel_loads_nothing_from_elsewhere() {
    let site = Site::showing(Vec::new());
    let page = site.get("/rooms/berlin").await;
    let policy = page.header("content-security-policy");
    assert!(policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self'"), "{policy}");
    assert!(!policy.contains("unsafe") && !policy.contains("http"), "{policy}");
    assert!(
        !page.text().contains(" style=") && !page.text().contains("<style") && !page.text().contains("http")
    );
    let mut bytes = page.body.len();
    for (path, kind) in [
        ("/assets/panel.js", "text/javascript"),
        ("/assets/panel.css", "text/css"),
        ("/rooms/worker.js", "text/javascript"),
    ] {
        let asset = site.get(path).await;
        assert!(asset.header("content-type").starts_with(kind), "{path}");
        bytes += asset.body.len();
    }
    assert!(bytes < 50_000, "{bytes} bytes in all");
    assert_eq!(site.get("/assets/..%2Fpanel.css").await.status, StatusCode::NOT_FOUND);
    assert_eq!(site.get("/rooms/paris").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn what_is_sent_is_compressed() {
    let site = Site::showing((0..20).map(|_| meeting("Weekly staff", "07:30", "08:30")).collect());
    for path in [
        "/api/rooms/berlin/meetings",
        "/api/rooms/berlin/calendar.ics",
        "/assets/panel.js",
        "/api/openapi.json",
    ] {
        let plain = site.get(path).await;
        let gzip = site.ask("GET", path, &[("Accept-Encoding", "gzip")]).await;
        assert_eq!(gzip.header("content-encoding"), "gzip", "{path}");
        assert!(gzip.body.len() * 2 < plain.body.len(), "{path}");
        assert_eq!(gzip.header("etag"), plain.header("etag"), "{path}");
    }
    let entered = site.post("/sign-in", &[], &format!("secret={ADMIN}")).await;
    let cookie = entered.header("set-cookie").split(';').next().unwrap();
    let page = site.ask("GET", "/", &[("Cookie", cookie), ("Accept-Encoding", "gzip")]).await;
    assert_eq!((page.status, page.header("content-encoding")), (StatusCode::OK, "gzip"));
}
