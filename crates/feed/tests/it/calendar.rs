//! Rooms as calendars.

use crate::site::{Site, key, meeting};
use axum::http::StatusCode;

async fn calendar(site: &Site) -> String {
    let answer = site.get("/api/rooms/berlin/calendar.ics").await;
    assert_eq!(answer.header("content-type"), "text/calendar; charset=utf-8");
    assert_eq!(answer.header("true-as-of"), "2026-11-21T08:00:00+00:00");
    answer.text().to_owned()
}

/// One event of a calendar.
fn event(calendar: &str, n: usize) -> Option<Vec<String>> {
    let unfolded = calendar.replace("\r\n ", "");
    let mut events = unfolded.split("BEGIN:VEVENT\r\n").skip(1);
    let found = events.find(|event| event.contains(&format!("UID:{}@callboard\r\n", key(n))))?;
    Some(found.lines().take_while(|line| *line != "END:VEVENT").map(str::to_owned).collect())
}

#[tokio::test]
async fn a_room_is_a_calendar() {
    let site = Site::showing(vec![
        meeting("Weekly; staff, \\ops\nsecond line", "09:00", "10:00").dialled("5551234"),
        meeting("Merger", "11:00", "12:00").private(),
        meeting("Fair", "00:00", "00:00").all_day("2026-11-22", "2026-11-23"),
        meeting("Perhaps", "13:00", "14:00").tentative(),
    ]);
    let text = calendar(&site).await;
    assert_eq!(text.matches("\r\nPRODID:").count(), 1, "{text}");
    assert!(text.starts_with("BEGIN:VCALENDAR\r\n") && text.ends_with("END:VCALENDAR\r\n"), "{text}");
    assert!(text.lines().all(|line| line.len() <= 75), "lines are folded (RFC 5545 §3.1)");
    insta::assert_snapshot!(event(&text, 0).unwrap().join("\n"), @r"
    CLASS:PUBLIC
    DESCRIPTION:Kim Jones
    DTEND:20261121T100000Z
    DTSTAMP:20261121T080000Z
    DTSTART:20261121T090000Z
    LAST-MODIFIED:20261121T080000Z
    LOCATION:Berlin 4
    SEQUENCE:1
    STATUS:CONFIRMED
    SUMMARY:Weekly\; staff\, \\ops second line
    UID:00000000000000000000000000000000@callboard
    CONFERENCE;VALUE=URI:tel:5551234
    ");
    assert!(!text.contains("Merger"));
    let private = event(&text, 1).unwrap();
    assert!(
        private.contains(&"SUMMARY:Private meeting".to_owned())
            && private.contains(&"CLASS:PRIVATE".to_owned())
    );
    let fair = event(&text, 2).unwrap();
    for line in ["DTSTART;VALUE=DATE:20261122", "DTEND;VALUE=DATE:20261124"] {
        assert!(fair.contains(&line.to_owned()), "{fair:?}");
    }
    assert!(event(&text, 3).unwrap().contains(&"STATUS:TENTATIVE".to_owned()));
}

#[tokio::test]
async fn an_event_keeps_its_name_counts_its_changes_and_vanishes() {
    let mut site =
        Site::showing(vec![meeting("Review", "09:00", "10:00"), meeting("Budget", "11:00", "12:00")]);
    let sequence = |text: &str, n| {
        event(text, n)?.into_iter().find_map(|line| line.strip_prefix("SEQUENCE:").map(str::to_owned))
    };
    let before = calendar(&site).await;
    assert_eq!((sequence(&before, 0).as_deref(), sequence(&before, 1).as_deref()), (Some("1"), Some("1")));
    site.commits(1, vec![meeting("Review", "10:00", "11:00"), meeting("Budget", "11:00", "12:00")]);
    let moved = calendar(&site).await;
    assert_eq!((sequence(&moved, 0).as_deref(), sequence(&moved, 1).as_deref()), (Some("2"), Some("1")));
    assert!(event(&moved, 0).unwrap().contains(&"DTSTART:20261121T100000Z".to_owned()));
    site.commits(2, vec![meeting("Review", "10:00", "11:00")]);
    let called_off = calendar(&site).await;
    assert!(event(&called_off, 0).is_some() && event(&called_off, 1).is_none());
}

#[tokio::test]
async fn a_calendar_that_is_known_is_not_sent_again() {
    let site = Site::showing(vec![meeting("Review", "09:00", "10:00")]);
    let path = "/api/rooms/berlin/calendar.ics";
    let tag = site.get(path).await.header("etag").to_owned();
    // A read that found nothing new is not another calendar.
    site.hears(1, "2026-11-21T08:00:01Z");
    assert_eq!(site.ask("GET", path, &[("If-None-Match", &tag)]).await.status, StatusCode::NOT_MODIFIED);
}
