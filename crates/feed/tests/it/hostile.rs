//! Every output with every hostile string: as a title, an organizer, a location, and what a room is called.

use crate::site::{ADMIN, Answer, Site, key, meeting, room};
use quick_xml::{Reader, events::Event};

/// What a calendar may hold to break what shows it.
fn hostile() -> Vec<String> {
    let mut all: Vec<String> = [
        "]]>",
        "<script>alert(1)</script>",
        "</title></svg><script>alert(1)</script>",
        "\" onmouseover=\"alert(1)",
        "' autofocus onfocus='alert(1)",
        "&amp;&#0;&lt;&nosuch;",
        "<!--",
        "--><img src=x onerror=alert(1)>",
        "\u{202E}txt.exe\u{202C}",
        "\u{2067}\u{2066}isolated",
        "👩‍👩‍👧‍👦🏳️‍🌈🇩🇪",
        "nul\u{0}nul",
        "one\r\nBEGIN:VEVENT\r\nUID:forged",
        "one\r\n\r\nHTTP/1.1 200 OK\r\nSet-Cookie: forged=1",
        "data: {}\n\nevent: forged",
        "\u{FEFF}\u{FFFE}\u{FFFF}\u{1}\u{1B}[31m",
        "javascript:alert(1)",
        "{{7*7}} ${7*7} %s %n",
        "Z\u{351}\u{36B}\u{343}\u{32A}\u{302}",
    ]
    .map(str::to_owned)
    .into();
    all.push("x".repeat(10_000));
    all.push("]]><b>&".repeat(1_500));
    all.push("👩‍👩‍👧".repeat(2_000));
    all
}

async fn outputs(text: &str) -> Vec<(String, Answer)> {
    let mut meetings = vec![meeting(text, "07:30", "08:30").by(text).at(text)];
    meetings.push(meeting(text, "09:00", "10:00").by(text).at(text).tentative());
    meetings.push(meeting(text, "00:00", "00:00").all_day("2026-11-21", "2026-11-21"));
    let site = Site::showing(meetings);
    site.serves(vec![room("berlin", text, "Europe/Berlin")]);
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
        "/livez",
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
            assert!(answer.status.as_u16() < 500, "{place}: {}", answer.status);
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
