//! What programs are told.

use crate::site::{Answer, NOW, Site, key, meeting, room, utc};
use axum::http::StatusCode;
use control::ClockState;

fn day() -> Site {
    Site::showing(vec![
        meeting("Weekly staff", "07:30", "08:30"),
        meeting("Merger", "09:00", "10:00").private(),
        meeting("Perhaps lunch", "11:00", "12:00").tentative(),
        meeting("Trade fair", "00:00", "00:00").all_day("2026-11-22", "2026-11-23"),
    ])
}

/// A body of JSON, one field a line.
fn pretty(text: &str) -> String {
    serde_json::to_string_pretty(&serde_json::from_str::<serde_json::Value>(text).unwrap()).unwrap()
}

#[tokio::test]
async fn every_room_is_listed_with_its_state() {
    let site = day();
    site.hears(1, NOW);
    let answer = site.get("/api/rooms").await;
    assert_eq!(answer.status, StatusCode::OK);
    insta::assert_snapshot!(pretty(answer.text()), @r#"
    [
      {
        "at_most_seconds_old": 0,
        "clock_degraded": false,
        "id": "berlin",
        "meetings_url": "http://feed.example.com:8080/api/rooms/berlin/meetings",
        "name": "Berlin, the large one on the fourth floor",
        "rev": 1,
        "state": "live",
        "time_zone": "Europe/Berlin",
        "true_as_of": "2026-11-21T08:00:00Z"
      },
      {
        "at_most_seconds_old": null,
        "clock_degraded": false,
        "id": "oslo",
        "meetings_url": "http://feed.example.com:8080/api/rooms/oslo/meetings",
        "name": "Oslo",
        "rev": 0,
        "state": null,
        "time_zone": "Europe/Oslo",
        "true_as_of": null
      }
    ]
    "#);
}

#[tokio::test]
async fn the_meetings_of_today() {
    insta::assert_snapshot!(pretty(day().get("/api/rooms/berlin/meetings").await.text()), @r#"
    {
      "at_most_seconds_old": 0,
      "clock_degraded": false,
      "from": "2026-11-20T23:00:00Z",
      "meetings": [
        {
          "all_day": null,
          "end": "2026-11-21T08:30:00Z",
          "join": null,
          "key": "00000000000000000000000000000000",
          "location": "Berlin 4",
          "organizer": "Kim Jones",
          "phase": "running",
          "private": false,
          "start": "2026-11-21T07:30:00Z",
          "tentative": false,
          "title": "Weekly staff",
          "true_as_of": "2026-11-21T08:00:00Z"
        },
        {
          "all_day": null,
          "end": "2026-11-21T10:00:00Z",
          "join": null,
          "key": "00000000000000000000000000000001",
          "location": null,
          "organizer": null,
          "phase": "coming",
          "private": true,
          "start": "2026-11-21T09:00:00Z",
          "tentative": false,
          "title": "Private meeting",
          "true_as_of": "2026-11-21T08:00:00Z"
        },
        {
          "all_day": null,
          "end": "2026-11-21T12:00:00Z",
          "join": null,
          "key": "00000000000000000000000000000002",
          "location": "Berlin 4",
          "organizer": "Kim Jones",
          "phase": "coming",
          "private": false,
          "start": "2026-11-21T11:00:00Z",
          "tentative": true,
          "title": "Perhaps lunch",
          "true_as_of": "2026-11-21T08:00:00Z"
        }
      ],
      "occupancy": "occupied",
      "presence": "In a meeting",
      "rev": 1,
      "room": "berlin",
      "time_zone": "Europe/Berlin",
      "to": "2026-11-21T23:00:00Z",
      "true_as_of": "2026-11-21T08:00:00Z",
      "until": "2026-11-21T08:30:00Z",
      "watched": false
    }
    "#);
}

#[tokio::test]
async fn answers_say_what_they_are_and_no_other_site_may_read_them() {
    let answer = day().get("/api/rooms/berlin/meetings").await;
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
    assert_eq!(answer.header("access-control-allow-origin"), "");
}

#[tokio::test]
async fn a_span_lists_what_overlaps_it() {
    let site = day();
    for (query, listed) in [
        ("from=2026-11-21", vec![key(0), key(1), key(2)]),
        ("from=2026-11-21T08:30:00Z&to=2026-11-21T09:00:00Z", vec![]),
        ("from=2026-11-21T08:29:59Z&to=2026-11-21T09:00:01Z", vec![key(0), key(1)]),
        ("from=2026-11-21T12:30:00+02:00&to=2026-11-21T13:30:00%2B02:00", vec![key(2)]),
        // Whole days are listed on their dates, though they began in Tokyo the day before.
        ("from=2026-11-22", vec![key(3)]),
        ("from=2026-11-23", vec![key(3)]),
        ("from=2026-11-24", vec![]),
        ("from=2020-01-01&to=2030-01-01", vec![key(0), key(1), key(2), key(3)]),
    ] {
        let answer = site.get(&format!("/api/rooms/berlin/meetings?{query}")).await;
        let value: serde_json::Value = serde_json::from_str(answer.text()).unwrap();
        let keys: Vec<_> =
            value["meetings"].as_array().unwrap().iter().map(|m| m["key"].as_str().unwrap()).collect();
        assert_eq!(keys, listed, "{query}");
    }
}

#[tokio::test]
async fn mistakes_are_answered_with_a_sentence() {
    let site = day();
    let mut answers = Vec::new();
    for (method, path) in [
        ("GET", "/api/rooms/paris/meetings"),
        ("GET", "/api/rooms/berlin/meetings?from=tomorrow"),
        ("GET", "/api/rooms/berlin/meetings?since=2026-11-21"),
        ("GET", "/api/rooms/berlin/meetings?from=2026-11-21&from=2026-11-22"),
        ("GET", "/api/rooms/berlin"),
        ("POST", "/api/rooms"),
        ("DELETE", "/phone/berlin/menu.xml"),
    ] {
        let answer = site.ask(method, path, &[]).await;
        answers.push(format!("{} {}", answer.status.as_u16(), answer.text()));
    }
    insta::assert_snapshot!(answers.join("\n"), @r#"
    404 {"error":"unknown room `paris`: see `/api/rooms`"}
    400 {"error":"`from`: expected a date like `2026-11-21` or a time like `2026-11-21T09:00:00Z`, found `tomorrow`"}
    400 {"error":"expected `from` and `to`, found `since`"}
    400 {"error":"expected one `from`, found several"}
    404 {"error":"no page `/api/rooms/berlin`: see `/api/rooms`"}
    405 {"error":"expected GET or HEAD, found `POST`"}
    405 {"error":"expected GET or HEAD, found `DELETE`"}
    "#);
}

#[tokio::test]
async fn an_answer_that_is_known_is_not_sent_again() {
    let site = day();
    for path in ["/api/rooms", "/api/rooms/berlin/meetings"] {
        let tag = site.get(path).await.header("etag").to_owned();
        for known in [tag.clone(), tag.replace("W/", ""), format!("\"other\", {tag}"), "*".to_owned()] {
            let again = site.ask("GET", path, &[("If-None-Match", &known)]).await;
            assert_eq!((again.status, again.text()), (StatusCode::NOT_MODIFIED, ""), "{path} {known}");
            assert_eq!(again.header("etag"), tag);
        }
        let other = site.ask("GET", path, &[("If-None-Match", "\"other\"")]).await;
        assert_eq!(other.status, StatusCode::OK);
        // A read that found nothing new makes the same rows younger.
        site.hears(1, "2026-11-21T08:00:01Z");
        let younger = site.ask("GET", path, &[("If-None-Match", &tag)]).await;
        assert_eq!(younger.status, StatusCode::OK, "{path}");
        site.health.send_modify(|health| health.rooms.clear());
    }
}

#[tokio::test]
async fn heads_can_be_asked_for_alone() {
    let site = day();
    for path in ["/api/rooms", "/api/rooms/berlin/meetings", "/phone/berlin/menu.xml", "/livez"] {
        let (whole, head) = (site.get(path).await, site.ask("HEAD", path, &[]).await);
        assert_eq!((head.status, head.text()), (StatusCode::OK, ""), "{path}");
        assert_eq!(head.header("content-type"), whole.header("content-type"));
        assert_eq!(head.header("content-length"), whole.body.len().to_string());
    }
}

#[tokio::test]
async fn a_program_is_told_when_the_store_fails() {
    let site = day();
    site.loses_its_database();
    for path in ["/api/rooms", "/api/rooms/berlin/meetings"] {
        let answer = site.get(path).await;
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(
            answer.text(),
            r#"{"error":"the meetings cannot be read at the moment: try again later"}"#
        );
    }
}

#[tokio::test]
async fn other_rooms_can_be_served_from_one_request_to_the_next() {
    let site = day();
    site.serves(vec![room("oslo", "Oslo, upstairs", "Europe/Oslo")]);
    let rooms = site.get("/api/rooms").await;
    assert!(rooms.text().contains("Oslo, upstairs") && !rooms.text().contains("berlin"), "{}", rooms.text());
    for page in ["/api/rooms/berlin/meetings", "/phone/berlin/menu.xml"] {
        assert_eq!(site.get(page).await.status, StatusCode::NOT_FOUND, "{page}");
    }
    site.serves(vec![room("berlin", "Berlin", "Europe/Berlin")]);
    assert_eq!(site.get("/phone/berlin/menu.xml").await.status, StatusCode::OK);
}

#[tokio::test]
async fn every_answer_says_how_old_it_can_be() {
    let site = Site::new("2026-11-21T07:59:29.5Z", vec![meeting("Weekly staff", "07:30", "08:30")]);
    let meetings: serde_json::Value =
        serde_json::from_str(site.get("/api/rooms/berlin/meetings").await.text()).unwrap();
    let as_of = "2026-11-21T07:59:29.500Z";
    assert_eq!((&meetings["true_as_of"], &meetings["at_most_seconds_old"]), (&as_of.into(), &31.into()));
    assert_eq!(
        (&meetings["meetings"][0]["true_as_of"], &meetings["watched"]),
        (&as_of.into(), &false.into())
    );
    // A stream that says that nothing has changed is heard of in health.
    site.hears(1, NOW);
    let meetings: serde_json::Value =
        serde_json::from_str(site.get("/api/rooms/berlin/meetings").await.text()).unwrap();
    assert_eq!((&meetings["at_most_seconds_old"], &meetings["watched"]), (&0.into(), &true.into()));
}

/// What is documented is there, and what is there is documented.
#[tokio::test]
async fn the_document_lists_what_can_be_asked() {
    let site = day();
    let answer = site.get("/api/openapi.json").await;
    let document: serde_json::Value = serde_json::from_str(answer.text()).unwrap();
    let paths: Vec<_> = document["paths"].as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(
        paths,
        [
            "/api/events",
            "/api/rooms",
            "/api/rooms/{room}/calendar.ics",
            "/api/rooms/{room}/events",
            "/api/rooms/{room}/meetings",
            "/livez",
            "/metrics",
            "/readyz"
        ]
    );
    let served = include_str!("../../src/server.rs").split(".route(\"").skip(1);
    let served = served.filter_map(|route| route.split('"').next()).filter(|path| {
        ["/api/", "/livez", "/metrics", "/readyz"].iter().any(|start| path.starts_with(start))
    });
    let mut served: Vec<_> = served.filter(|path| *path != "/api/openapi.json").collect();
    served.sort_unstable();
    assert_eq!(paths, served);
    for path in paths {
        let answer = site.open(&path.replace("{room}", "berlin"), &[]).await;
        let documented = &document["paths"][path]["get"]["responses"][answer.status().as_str()];
        assert!(documented.is_object(), "{path}: {}", answer.status());
        // Health has heard of no room yet.
        assert_eq!(answer.status() == StatusCode::OK, path != "/readyz", "{path}");
    }
    for path in ["/livez", "/readyz"] {
        assert_eq!(document["paths"][path]["get"]["security"], serde_json::json!([{}]), "{path}");
    }
    let schemas = document["components"]["schemas"].as_object().unwrap();
    let fields =
        |schema: &str| schemas[schema]["properties"].as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    let meetings: serde_json::Value =
        serde_json::from_str(site.get("/api/rooms/berlin/meetings").await.text()).unwrap();
    let sent = |value: &serde_json::Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    let sorted = |mut names: Vec<String>| {
        names.sort_unstable();
        names
    };
    assert_eq!(sorted(fields("MeetingsAnswer")), sorted(sent(&meetings)));
    assert_eq!(sorted(fields("MeetingAnswer")), sorted(sent(&meetings["meetings"][0])));
    for (schema, path) in [("Live", "/livez"), ("Ready", "/readyz")] {
        let told: serde_json::Value = serde_json::from_str(site.get(path).await.text()).unwrap();
        assert_eq!(sorted(fields(schema)), sorted(sent(&told)), "{path}");
    }
    let rooms: serde_json::Value = serde_json::from_str(site.get("/api/rooms").await.text()).unwrap();
    assert_eq!(sorted(fields("RoomAnswer")), sorted(sent(&rooms[0])));
}

#[tokio::test]
async fn c5_a_room_is_taken_and_its_panel_says_so_while_its_meeting_lingers() {
    let site = Site::showing(vec![meeting("Weekly staff", "07:00", "07:50")]);
    let json = async |path: &str| -> serde_json::Value {
        serde_json::from_str(site.get(path).await.text()).unwrap()
    };
    for (lingers, occupancy, presence, until, phase) in [
        (0, "free", "Available", None, "past"),
        (5, "free", "Available", None, "past"),
        (15, "occupied", "In a meeting", Some("2026-11-21T08:05:00Z"), "running"),
    ] {
        site.lingers(lingers);
        let told = json("/api/rooms/berlin/meetings").await;
        assert_eq!(told["occupancy"], occupancy, "{lingers}");
        assert_eq!(told["presence"], presence, "{lingers}");
        assert_eq!(told["until"].as_str(), until, "{lingers}");
        assert_eq!(told["meetings"][0]["phase"], phase, "{lingers}");
        let panel = json("/rooms/berlin/panel.json").await;
        let gone_at = utc("2026-11-21T07:50:00Z") + chrono::TimeDelta::minutes(lingers);
        for shown in [&panel["spells"][0], &panel["meetings"][0]] {
            assert_eq!(shown["end"], gone_at.timestamp_millis(), "{lingers}");
        }
    }
}

#[tokio::test]
async fn c3_every_feed_says_that_a_clock_is_wrong_and_no_longer_than_it_is() {
    let site = Site::showing(vec![meeting("Weekly staff", "07:30", "08:30")]);
    let says = async || {
        let [rooms, meetings, panel, calendar] = [
            "/api/rooms",
            "/api/rooms/berlin/meetings",
            "/rooms/berlin/panel.json",
            "/api/rooms/berlin/calendar.ics",
        ]
        .map(|path| site.get(path));
        let json = |answer: Answer| -> serde_json::Value { serde_json::from_str(answer.text()).unwrap() };
        [
            json(rooms.await).as_array().unwrap().iter().all(|room| room["clock_degraded"] == true),
            json(meetings.await)["clock_degraded"] == true,
            json(panel.await)["clock_degraded"] == true,
            calendar.await.text().contains("\r\nDESCRIPTION:A clock is wrong."),
        ]
    };
    for (clock, said) in [
        (ClockState::Unknown, false),
        (ClockState::Skewed, false),
        (ClockState::Degraded, true),
        (ClockState::Good, false),
    ] {
        site.health.send_modify(|health| health.clock = clock);
        assert_eq!(says().await, [said; 4], "{clock:?}");
    }
}
