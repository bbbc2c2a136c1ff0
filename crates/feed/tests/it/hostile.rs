//! Every page with every hostile string: as a title, an organizer, a location, what a room is called, and what Exchange, its
//! front ends and devices have said that administrators read.

use crate::site::{ADMIN, Answer, NOW, Site, key, meeting, room, utc};
use axum::body::Body;
use control::{
    ClockReport, ClockState, DeviceHealth, ExchangeClock, Explained, ExplainedMeeting, Message, NtpSource,
    NtpVerdict, OnDevice, Request, RoomHealth, RoomState, ServerHealth, ServerState, Warning,
};
use feed::Operator;
use futures_util::StreamExt;
use meeting_model::id::{Revision, RoomId};
use quick_xml::{Reader, events::Event};
use store::Changed;
use tokio::sync::mpsc;

/// What a calendar may hold to break what shows it.
fn hostile() -> Vec<String> {
    let listed = include_str!("../../../../fixtures/hostile.json");
    let mut all: Vec<String> = serde_json::from_str(listed).unwrap();
    all.push("x".repeat(10_000));
    all.push("]]><b>&".repeat(1_500));
    all.push("👩‍👩‍👧".repeat(2_000));
    all
}

/// Servers answer with a hostile name whatever is asked of the clocks, and every explanation quotes one.
struct Timekeeper(String);

impl Operator for Timekeeper {
    fn ask(&self, _request: Request) -> mpsc::UnboundedReceiver<Message> {
        let Self(text) = self;
        let (tell, told) = mpsc::unbounded_channel();
        let source = NtpSource {
            server: "192.0.2.1".to_owned(),
            address: None,
            offset_us: None,
            age_us: None,
            delay_us: None,
            jitter_us: None,
            stratum: None,
            reach: 0,
            verdict: NtpVerdict::Silent,
            trouble: Some(text.clone()),
        };
        let exchange = ExchangeClock {
            server: "hq".to_owned(),
            front_end: text.clone(),
            ahead_us: 45_000_000,
            uncertainty_us: 1,
            readings: 1,
            age_us: 0,
            state: ClockState::Degraded,
        };
        let report = ClockReport {
            state: ClockState::Degraded,
            ahead_us: None,
            uncertainty_us: None,
            age_us: None,
            ntp: vec![source],
            exchange: vec![exchange],
            warnings: vec![warning(text)],
        };
        tell.send(Message::Clock(Box::new(report))).unwrap();
        tell.send(Message::Explained(Box::new(explained(text)))).unwrap();
        told
    }
}

fn explained(text: &str) -> Explained {
    let said = || Some(text.to_owned());
    let meeting = ExplainedMeeting {
        key: text.to_owned(),
        start: utc(NOW),
        end: utc(NOW),
        title: said(),
        concealed: false,
        fate: "hidden".to_owned(),
        rule: None,
        why: text.to_owned(),
        all_day: None,
        decided: None,
        subject: said(),
        join: said().zip(said()),
        zone_stands_in: true,
        written: None,
        seen: None,
        gone: None,
        devices: vec![OnDevice { device: text.to_owned(), has_it: false, since: None, trouble: said() }],
        remedy: said(),
        mailbox: said(),
    };
    let (room, meetings) = ("berlin".to_owned(), vec![meeting]);
    let (troubles, warnings, notes) = (Vec::new(), Vec::new(), Vec::new());
    let (at, as_of, unread) = (utc(NOW), None, false);
    Explained { room, at, rev: 1, as_of, unread, troubles, warnings, notes, meetings }
}

fn warning(text: &str) -> Warning {
    let (about, sentence, remedy) = (Some(text.to_owned()), text.to_owned(), text.to_owned());
    Warning { id: "clock-skew".into(), about, sentence, remedy }
}

/// Everything is in trouble, and whoever is to blame has said so.
fn is_in_trouble(site: &Site, text: &str) {
    site.health.send_modify(|health| {
        let trouble = Some(text.to_owned());
        health.servers = vec![ServerHealth {
            server: "hq".to_owned(),
            state: ServerState::BackingOff,
            version: trouble.clone(),
            trouble: trouble.clone(),
            located: vec![text.to_owned()],
        }];
        health.rooms = vec![RoomHealth {
            room: "berlin".to_owned(),
            state: RoomState::BackingOff,
            rev: 1,
            as_of: Some(utc(NOW)),
            retry_at: Some(utc(NOW)),
            told_by: None,
            trouble: trouble.clone(),
            mailboxes: Vec::new(),
        }];
        health.devices = vec![DeviceHealth {
            device: "berlin/cisco-ip-phone@10.0.0.9".to_owned(),
            room: "berlin".to_owned(),
            wanted: 2,
            acknowledged: 1,
            answered_at: None,
            attempts: 3,
            trouble,
        }];
        health.warnings = vec![warning(text)];
    });
}

async fn outputs(text: &str) -> Vec<(String, Answer)> {
    let mut meetings = vec![meeting(text, "07:30", "08:30").by(text).at(text)];
    meetings.push(meeting(text, "09:00", "10:00").by(text).at(text).tentative());
    meetings.push(meeting(text, "00:00", "00:00").all_day("2026-11-21", "2026-11-21"));
    let site = Site::showing(meetings).operated_by(Timekeeper(text.to_owned()));
    site.serves(vec![room("berlin", text, "Europe/Berlin")]);
    is_in_trouble(&site, text);
    let cookie = site.post("/sign-in", &[], &format!("secret={ADMIN}")).await.header("set-cookie").to_owned();
    let cookie = cookie.split(';').next().unwrap();
    let mut paths: Vec<String> = [
        "/phone/berlin/menu.xml",
        "/phone/berlin/menu.xml?day=2026-11-22",
        "/api/rooms",
        "/api/rooms/berlin/meetings",
        "/api/rooms/berlin/calendar.ics",
        "/rooms/berlin",
        "/rooms/berlin/panel.json",
        "/",
        "/admin/rooms/berlin",
        "/admin/servers",
        "/admin/clock",
        "/metrics",
        "/livez",
        "/readyz",
    ]
    .map(str::to_owned)
    .into();
    paths.extend((0..3).map(|n| format!("/phone/berlin/meetings/{}.xml", key(n))));
    let mut asked: String = url::form_urlencoded::byte_serialize(text.as_bytes()).collect();
    asked.truncate(5_000);
    // What somebody asks for comes back to them, too.
    paths.extend([
        format!("/?q={asked}"),
        format!("/sign-in?then={asked}"),
        format!("/api/rooms/berlin/meetings?from={asked}"),
        format!("/phone/berlin/menu.xml?day={asked}&token={asked}"),
    ]);
    let mut answers = Vec::new();
    for path in paths {
        let cookie: &[_] = if path.starts_with("/sign-in") { &[] } else { &[("Cookie", cookie)] };
        for charset in ["utf-8", "iso-8859-1"] {
            let headers = [cookie, &[("Accept-Charset", charset)]].concat();
            answers.push((path.clone(), site.ask("GET", &path, &headers).await));
        }
    }
    answers
}

#[tokio::test]
async fn no_output_breaks_whatever_a_meeting_is_called() {
    for text in hostile() {
        for (path, answer) in outputs(&text).await {
            let place = format!("{path} with {:?}", text.chars().take(40).collect::<String>());
            // not ready is an answer, too
            assert!(answer.status.as_u16() < 500 || path == "/readyz", "{place}: {}", answer.status);
            for (name, value) in &answer.headers {
                assert!(!value.as_bytes().contains(&b'\n'), "{place}: {name}");
            }
            match answer.header("content-type").split(';').next().unwrap() {
                "text/xml" => is_xml(&answer, &place),
                "application/json" => {
                    drop(serde_json::from_slice::<serde_json::Value>(&answer.body).expect(&place));
                }
                "text/calendar" => is_calendar(answer.text(), &place),
                "text/html" => is_inert(answer.text(), &place),
                "application/openmetrics-text" => are_numbers(answer.text(), &place),
                other => panic!("{place}: {other}"),
            }
        }
    }
}

fn is_xml(answer: &Answer, place: &str) {
    let text: String = match std::str::from_utf8(&answer.body) {
        Ok(text) if answer.header("content-type").ends_with("utf-8") => text.to_owned(),
        _ => answer.body.iter().map(|byte| char::from(*byte)).collect(),
    };
    assert!(
        !text.chars().any(|c| (c.is_control() && c != '\n') || matches!(c, '\u{202A}'..='\u{202E}')),
        "{place}"
    );
    let mut reader = Reader::from_str(&text);
    let mut elements = 0;
    loop {
        match reader.read_event().unwrap_or_else(|error| panic!("{place}: {error}")) {
            Event::Eof => break,
            Event::Start(start) => {
                let known = [
                    "CiscoIPPhoneMenu",
                    "CiscoIPPhoneText",
                    "Title",
                    "Prompt",
                    "SoftKeyItem",
                    "Name",
                    "Position",
                    "URL",
                    "MenuItem",
                    "Text",
                ];
                assert!(known.contains(&start.name().as_ref()), "{place}: {start:?}");
                elements += 1;
            }
            Event::CData(_) | Event::Comment(_) | Event::PI(_) | Event::DocType(_) => {
                panic!("{place}: forged")
            }
            _ => {}
        }
    }
    assert!(elements > 3, "{place}");
}

/// Every line begins with a property that we write, and no event is forged.
fn is_calendar(text: &str, place: &str) {
    for line in text.split("\r\n").filter(|line| !line.is_empty() && !line.starts_with(' ')) {
        let name = line.split([':', ';']).next().unwrap();
        let known = [
            "BEGIN",
            "END",
            "VERSION",
            "PRODID",
            "CALSCALE",
            "NAME",
            "X-WR-CALNAME",
            "TIMEZONE-ID",
            "X-WR-TIMEZONE",
            "REFRESH-INTERVAL",
            "X-PUBLISHED-TTL",
            "UID",
            "DTSTAMP",
            "LAST-MODIFIED",
            "SEQUENCE",
            "DTSTART",
            "DTEND",
            "SUMMARY",
            "STATUS",
            "CLASS",
            "LOCATION",
            "DESCRIPTION",
        ];
        assert!(known.contains(&name), "{place}: {line:?}");
        assert!(line.len() <= 75 && !line.contains(char::is_control), "{place}: {line:?}");
    }
    assert_eq!(text.matches("BEGIN:VEVENT\r\n").count(), 3, "{place}");
}

/// What a page holds of a script is one that we serve, and no attribute of its elements acts.
fn is_inert(text: &str, place: &str) {
    assert_eq!(text.matches("<script").count(), 1, "{place}");
    assert!(text.contains("<script src=\"/assets/"), "{place}");
    for forged in ["<img", "<b>", "<!--", "onmouseover=\"", "href=\"javascript"] {
        assert!(!text.contains(forged), "{place}: {forged}");
    }
    assert!(!text.contains('\0') && !text.contains('\u{202E}'), "{place}");
}

/// Lines of numbers (OpenMetrics 1.0), none of which is forged.
fn are_numbers(text: &str, place: &str) {
    for line in text.lines().filter(|line| !line.starts_with("# ")) {
        let is_sample =
            line.starts_with("callboard_") && line.rsplit(' ').next().unwrap().parse::<f64>().is_ok();
        assert!(is_sample && !line.contains(char::is_control), "{place}: {line:?}");
    }
}

#[tokio::test]
async fn no_event_breaks_whatever_a_room_is_called() {
    let site = Site::showing(Vec::new());
    let changes = site.hears_of_changes();
    let body: Body = site.open("/api/events", &[]).await.into_body();
    let mut events = body.into_data_stream();
    events.next().await.unwrap().unwrap();
    for text in hostile() {
        changes.send(Changed { room: RoomId::new(text.as_str()), rev: Revision(2) }).unwrap();
        let chunk = events.next().await.unwrap().unwrap();
        let event = std::str::from_utf8(&chunk).unwrap();
        let field = |name: &str| event.lines().find_map(|line| line.strip_prefix(name));
        assert_eq!(field("event: "), Some("changed"), "{event}");
        let data: serde_json::Value = serde_json::from_str(field("data: ").unwrap()).unwrap();
        assert_eq!(data["room"], text);
        assert_eq!(event.trim_end().lines().count(), 3, "{event:?}");
    }
}
