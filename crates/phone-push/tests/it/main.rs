//! Deliveries to a phone that is a socket: what goes over the wire, and what is made of the answer.
#![expect(clippy::unwrap_used, reason = "a test may stop")]

mod phone;

use chrono::{DateTime, Utc};
use meeting_model::{
    display::Present,
    id::{DeviceId, Revision, RoomId},
    zone::{RoomZone, ZoneDatabase},
};
use phone::Phone;
use phone_push::{DeviceKind, DeviceTarget, HttpSettings, PhonePush, SetupError};
use std::{
    io::Write,
    net::{SocketAddr, TcpListener},
    process::{Command, Stdio},
    time::Duration,
};
use sync_engine::Delivered;

const OPENED: &str = r#"<?xml version="1.0" encoding="iso-8859-1"?><CiscoIPPhoneResponse><ResponseItem Status="0" Data="" URL="http://feed.example.com/phone/berlin/menu.xml"/><ResponseItem Status="0" Data="" URL=""/></CiscoIPPhoneResponse>"#;

fn device() -> DeviceId {
    DeviceId::new("berlin/cisco-ip-phone@10.0.1.100")
}

fn present() -> Present {
    Present {
        room: RoomId::new("berlin"),
        room_name: "Berlin".to_owned(),
        rev: Revision(7),
        now: at("2026-11-21T08:00:00Z"),
        zone: RoomZone::named(&ZoneDatabase::bundled(), "Europe/Berlin").unwrap(),
        meetings: Vec::new(),
    }
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// An address of this machine that nobody listens at.
fn free_address() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

fn push_to(url: &str, settings: HttpSettings) -> Result<PhonePush, SetupError> {
    // A second installation fails, and the first one stands.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let target = DeviceTarget {
        kind: DeviceKind::CiscoIpPhone,
        room: RoomId::new("berlin"),
        url: url.to_owned(),
        username: "pusher".to_owned(),
        password: "open sesame".into(),
    };
    PhonePush::new(vec![(device(), target)], "http://feed.example.com", settings)
}

/// Delivers to a phone that gives this answer, and returns what became of it and what the phone was sent.
async fn deliver(answer: &str) -> (Delivered, String) {
    let phone = Phone::answering(answer).await;
    let push = push_to(&phone.url(), HttpSettings::default()).unwrap();
    let delivered = push.deliver(&device(), &present(), None).await;
    (delivered, phone.request().await)
}

/// The sentence of a failure, with the phone's address in place of its changing port.
fn sentence(delivered: &Delivered) -> String {
    let Delivered::Failed { rev, sentence, .. } = delivered else { panic!("{delivered:?}") };
    assert_eq!(*rev, Revision(7));
    assert!(!sentence.contains("sesame"));
    let (before, rest) = sentence.split_once("127.0.0.1:").unwrap();
    format!("{before}PHONE{}", rest.trim_start_matches(|c: char| c.is_ascii_digit()))
}

#[tokio::test]
async fn a_delivery_is_a_form_with_one_field_sent_whole() {
    let (delivered, request) = deliver(&phone::ok(OPENED)).await;
    assert_eq!(
        delivered,
        Delivered::Acknowledged {
            rev: Revision(7),
            digest: present().digest(),
            sent: true,
            next_change: at("2026-11-21T23:00:00Z"),
        }
    );
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    let mut lines: Vec<&str> = head.lines().filter(|line| !line.starts_with("Host: 127.0.0.1:")).collect();
    lines[1..].sort_unstable();
    insta::assert_snapshot!(lines.join("\n"), @"
    POST /CGI/Execute HTTP/1.1
    Accept: */*
    Authorization: Basic cHVzaGVyOm9wZW4gc2VzYW1l
    Connection: close
    Content-Length: 166
    Content-Type: application/x-www-form-urlencoded
    User-Agent: callboard/0.1.0
    ");
    insta::assert_snapshot!(body, @"XML=%3CCiscoIPPhoneExecute%3E%3CExecuteItem+Priority%3D%221%22+URL%3D%22http%3A%2F%2Ffeed.example.com%2Fphone%2Fberlin%2Fmenu.xml%22%2F%3E%3C%2FCiscoIPPhoneExecute%3E");
    assert!(head.contains(&format!("Content-Length: {}", body.len())));
}

#[tokio::test]
async fn a_phone_that_leaves_is_told_to_close_its_page() {
    let error = |number: u16| phone::ok(&format!("<CiscoIPPhoneError Number=\"{number}\"/>"));
    let not_opened = phone::ok(&OPENED.replace("Status=\"0\"", "Status=\"6\""));
    for (answer, refused) in [
        (phone::ok(OPENED), None),
        (not_opened, None),
        (error(4), Some("refused our name and password")),
        (error(3), Some("internal file error")),
    ] {
        let phone = Phone::answering(&answer).await;
        let push = push_to(&phone.url(), HttpSettings::default()).unwrap();
        let emptied = push.empty(&device()).await;
        match refused {
            None => assert_eq!(emptied, Ok(()), "{answer}"),
            Some(why) => assert!(emptied.unwrap_err().sentence.contains(why), "{answer}"),
        }
        let request = phone.request().await;
        let (_, body) = request.split_once("\r\n\r\n").unwrap();
        assert_eq!(
            body,
            "XML=%3CCiscoIPPhoneExecute%3E%3CExecuteItem+Priority%3D%221%22+URL%3D%22Init%3AServices%22%2F%3E\
             %3C%2FCiscoIPPhoneExecute%3E"
        );
    }
}

#[tokio::test]
async fn a_phone_is_told_at_the_path_that_was_configured() {
    for (configured, asked) in
        [("", "/CGI/Execute"), ("/CGI/Execute", "/CGI/Execute"), ("/desk/7", "/desk/7")]
    {
        let phone = Phone::answering(&phone::ok(OPENED)).await;
        let push = push_to(&format!("{}{configured}", phone.url()), HttpSettings::default()).unwrap();
        push.deliver(&device(), &present(), None).await;
        let request = phone.request().await;
        assert!(request.starts_with(&format!("POST {asked} HTTP/1.1\r\n")), "{configured}: {request}");
    }
}

#[tokio::test]
async fn an_equal_present_is_not_sent_again() {
    // Nobody is there to be asked.
    let push = push_to(&format!("http://{}", free_address()), HttpSettings::default()).unwrap();
    let digest = present().digest();
    let delivered = push.deliver(&device(), &present(), Some(&digest)).await;
    assert!(matches!(delivered, Delivered::Acknowledged { sent: false, .. }), "{delivered:?}");
    let delivered = push.deliver(&device(), &present(), Some("another")).await;
    assert!(matches!(delivered, Delivered::Failed { .. }), "{delivered:?}");
}

#[tokio::test]
async fn every_refusal_says_what_to_do() {
    let status = |line: &str, headers: &str| format!("HTTP/1.1 {line}\r\n{headers}Content-Length: 0\r\n\r\n");
    let error = |number: u16| phone::ok(&format!(r#"<CiscoIPPhoneError Number="{number}"/>"#));
    let item = r#"<ResponseItem Status="6" Data="URI not found" URL="x"/>"#;
    let html = "<html><body>Cisco</body></html>";
    let answers = [
        status("401 Unauthorized", "WWW-Authenticate: Basic realm=\"x\"\r\n"),
        status("403 Forbidden", ""),
        status("404 Not Found", ""),
        status("302 Found", "Location: https://user:secret@phone.example.com/CGI/Execute?x=y\r\n"),
        status("503 Service Unavailable", ""),
        status("500 Internal Server Error", ""),
        error(1),
        error(2),
        error(3),
        error(4),
        error(9),
        phone::ok(&format!("<CiscoIPPhoneResponse>{item}</CiscoIPPhoneResponse>")),
        phone::ok(html),
        phone::ok(&"x".repeat(1 << 20)),
        "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n<CiscoIPPhoneRes".to_owned(),
        "220 mail.example.com ESMTP\r\n".to_owned(),
    ];
    let mut sentences = Vec::new();
    for answer in &answers {
        sentences.push(sentence(&deliver(answer).await.0));
    }
    insta::assert_snapshot!(sentences.join("\n"), @"
    phone `http://PHONE`: refused our name and password: check them, check in CUCM that the user is associated with this device, and that the phone reaches its Authentication URL
    phone `http://PHONE`: refused our name and password: check them, check in CUCM that the user is associated with this device, and that the phone reaches its Authentication URL
    phone `http://PHONE`: has no `/CGI/Execute`: enable `Web Access` for it in CUCM, and check that the address is a Cisco IP phone's
    phone `http://PHONE`: redirects to `https://phone.example.com`: configure the address that it wants to be spoken to at
    phone `http://PHONE`: is busy (status 503): it is tried again later
    phone `http://PHONE`: expected a CiscoIPPhoneResponse, found an error (status 500): check that the address is a Cisco IP phone's
    phone `http://PHONE`: CiscoIPPhoneError 1, it could not parse the request: update its firmware
    phone `http://PHONE`: CiscoIPPhoneError 2, it could not frame its response: restart it if this stays
    phone `http://PHONE`: CiscoIPPhoneError 3, it has an internal file error: restart it if this stays
    phone `http://PHONE`: refused our name and password: check them, check in CUCM that the user is associated with this device, and that the phone reaches its Authentication URL
    phone `http://PHONE`: CiscoIPPhoneError 9, which the guide does not name: look into the phone's own log
    phone `http://PHONE`: did not open the page, status 6, `URI not found`: check that its firmware supports XML services
    phone `http://PHONE`: expected a CiscoIPPhoneResponse, found `html` (status 200): check that the address is a Cisco IP phone's
    phone `http://PHONE`: expected a CiscoIPPhoneResponse, found no document (status 200): check that the address is a Cisco IP phone's
    phone `http://PHONE`: the connection broke off: restart it if this stays (end of file before message length reached)
    phone `http://PHONE`: the connection broke off: restart it if this stays (invalid HTTP version parsed)
    ");
}

#[tokio::test]
async fn a_busy_phone_says_how_long_to_wait() {
    let answer = "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 120\r\nContent-Length: 0\r\n\r\n";
    let (delivered, _) = deliver(answer).await;
    assert!(
        matches!(delivered, Delivered::Failed { wait: Some(wait), .. } if wait == Duration::from_mins(2)),
        "{delivered:?}"
    );
}

#[tokio::test]
async fn a_phone_that_never_answers_is_given_up() {
    let phone = Phone::silent().await;
    let settings = HttpSettings { total_timeout: Duration::from_millis(50), ..HttpSettings::default() };
    let delivered = push_to(&phone.url(), settings).unwrap().deliver(&device(), &present(), None).await;
    insta::assert_snapshot!(sentence(&delivered), @"phone `http://PHONE`: no answer within 50 ms: restart it if this stays");
}

#[tokio::test]
async fn a_phone_that_is_not_there_is_named() {
    let push = push_to(&format!("http://{}", free_address()), HttpSettings::default()).unwrap();
    insta::assert_snapshot!(sentence(&push.deliver(&device(), &present(), None).await), @"phone `http://PHONE`: cannot connect: check its power, its network and its address (Connection refused (os error 111))");
    let stranger = push.deliver(&DeviceId::new("oslo/cisco-ip-phone@phone"), &present(), None).await;
    let Delivered::Failed { sentence, .. } = stranger else { panic!("{stranger:?}") };
    insta::assert_snapshot!(sentence, @"device `oslo/cisco-ip-phone@phone` is not configured: run `callboard reload` after a change of its configuration");
}

#[tokio::test]
async fn addresses_that_cannot_be_meant_are_refused() {
    let refused = |url: &str| push_to(url, HttpSettings::default()).err().unwrap().to_string();
    insta::assert_snapshot!(refused("10.0.1.100"), @"device `berlin/cisco-ip-phone@10.0.1.100`: expected an address like `http://10.0.1.100/CGI/Execute`, without name, password or query");
    for url in ["ftp://phone", "http://pusher:secret@phone", "http://phone?x=y"] {
        assert_eq!(refused(url), refused("10.0.1.100"), "{url}");
    }
    let nowhere = PhonePush::new(Vec::new(), "feed.example.com", HttpSettings::default());
    insta::assert_snapshot!(nowhere.err().unwrap(), @"public url `feed.example.com`: expected an address like `http://callboard.example.com:8080`");
}

/// The document of a delivery against Cisco's own schema, which is not part of the project.
#[tokio::test]
async fn the_document_is_valid() {
    let (_, request) = deliver(&phone::ok(OPENED)).await;
    let body = request.split_once("\r\n\r\n").unwrap().1;
    let form = format!("http://form/?{body}").parse::<reqwest::Url>().unwrap();
    let fields: Vec<_> = form.query_pairs().collect();
    assert_eq!(fields.len(), 1);
    assert_eq!(fields[0].0, "XML");
    let schema = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/xsd/phone/CiscoIPPhone.xsd");
    if !std::path::Path::new(schema).exists() {
        println!("skipped: no `CiscoIPPhone.xsd`");
        return;
    }
    let lint = Command::new("xmllint")
        .args(["--nonet", "--noout", "--schema", schema, "-"])
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let mut lint = match lint {
        Ok(lint) => lint,
        Err(error) if std::env::var_os("CI").is_some() => panic!("xmllint: {error}"),
        Err(error) => return println!("skipped: xmllint: {error}"),
    };
    lint.stdin.take().unwrap().write_all(fields[0].1.as_bytes()).unwrap();
    let told = lint.wait_with_output().unwrap();
    assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
}
