//! Phones: what goes over the wire, and what is made of the answer.

use crate::{
    device, present, raw,
    raw::Raw,
    sentence,
    stage::{self, Stage},
    withheld,
};
use insta::assert_snapshot;
use meeting_model::id::{DeviceId, Revision};
use phone_push::{Account, DeviceKind, HttpSettings, Phone, PhoneSignIn, SetupError};
use std::{
    io::Write,
    process::{Command, Stdio},
    time::Duration,
};
use sync_engine::{Delivered, Page};

const OPENED: &str = r#"<?xml version="1.0" encoding="iso-8859-1"?><CiscoIPPhoneResponse><ResponseItem Status="0" Data="" URL="http://feed.example.com/phone/berlin/menu.xml"/><ResponseItem Status="0" Data="" URL=""/></CiscoIPPhoneResponse>"#;

fn account() -> Account {
    Account { username: "pusher".to_owned(), password: "open sesame".into() }
}

pub(crate) fn phone_at(url: &str) -> DeviceKind {
    DeviceKind::CiscoIpPhone(Phone {
        url: url.to_owned(),
        sign_in: PhoneSignIn::Basic(account()),
        name: None,
    })
}

fn at(url: &str) -> Result<Stage, SetupError> {
    Stage::of(phone_at(url))
}

/// Delivers to a phone that gives this answer, and returns what became of it and the push that the phone was sent.
async fn deliver(answer: &str) -> (Delivered, String) {
    let mut phone = Raw::answering(answer).await;
    let delivered = at(&phone.url()).unwrap().deliver(None).await;
    let push = if matches!(&delivered, Delivered::Failed { sentence, .. } if sentence.contains("broke off")) {
        String::new()
    } else {
        phone.post().await
    };
    (delivered, push)
}

#[tokio::test]
async fn a_delivery_is_a_form_with_one_field_sent_whole() {
    let (delivered, request) = deliver(&raw::ok(OPENED)).await;
    let Delivered::Told { page, digest, next_change, answered: true, .. } = delivered else {
        panic!("{delivered:?}")
    };
    assert_eq!(page, Page { rev: Revision(7), at: present().now });
    assert_eq!((digest, next_change), (present().digest(), stage::at("2026-11-21T08:50:00Z")));
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    let mut lines: Vec<&str> = head.lines().filter(|line| !line.starts_with("Host: 127.0.0.1:")).collect();
    lines[1..].sort_unstable();
    insta::assert_snapshot!(lines.join("\n"), @"
    POST /CGI/Execute HTTP/1.1
    Accept: */*
    Authorization: Basic cHVzaGVyOm9wZW4gc2VzYW1l
    Connection: close
    Content-Length: 199
    Content-Type: application/x-www-form-urlencoded
    User-Agent: callboard/0.1.0
    ");
    insta::assert_snapshot!(body, @"XML=%3CCiscoIPPhoneExecute%3E%3CExecuteItem+Priority%3D%222%22+URL%3D%22http%3A%2F%2Ffeed.example.com%2Fphone%2Fberlin%2Fmenu.xml%3Fdevice%3Dtoken-of-berlin-phone%22%2F%3E%3C%2FCiscoIPPhoneExecute%3E");
    assert!(head.contains(&format!("Content-Length: {}", body.len())));
}

#[tokio::test]
async fn a_phone_that_leaves_is_told_to_close_its_page() {
    let error = |number: u16| raw::ok(&format!("<CiscoIPPhoneError Number=\"{number}\"/>"));
    let not_opened = raw::ok(&OPENED.replace("Status=\"0\"", "Status=\"6\""));
    for (answer, refused) in [
        (raw::ok(OPENED), None),
        (not_opened, None),
        (error(4), Some("refused our name and password")),
        (error(3), Some("internal file error")),
    ] {
        let mut phone = Raw::answering(&answer).await;
        let emptied = at(&phone.url()).unwrap().push.empty(&device()).await;
        match refused {
            None => assert_eq!(emptied, Ok(()), "{answer}"),
            Some(why) => assert!(emptied.unwrap_err().sentence.contains(why), "{answer}"),
        }
        let request = phone.post().await;
        let (_, body) = request.split_once("\r\n\r\n").unwrap();
        assert_eq!(
            body,
            "XML=%3CCiscoIPPhoneExecute%3E%3CExecuteItem+Priority%3D%222%22+URL%3D%22Init%3AServices%22%2F%3E\
             %3C%2FCiscoIPPhoneExecute%3E"
        );
    }
}

#[tokio::test]
async fn a_phone_is_told_at_the_path_that_was_configured() {
    for (configured, asked) in
        [("", "/CGI/Execute"), ("/CGI/Execute", "/CGI/Execute"), ("/desk/7", "/desk/7")]
    {
        let mut phone = Raw::answering(&raw::ok(OPENED)).await;
        at(&format!("{}{configured}", phone.url())).unwrap().deliver(None).await;
        let request = phone.post().await;
        assert!(request.starts_with(&format!("POST {asked} HTTP/1.1\r\n")), "{configured}: {request}");
    }
}

#[tokio::test]
async fn an_equal_present_is_not_sent_again() {
    // Nobody is there to be asked.
    let (_held, nobody) = raw::nobody();
    let stage = at(&format!("http://{nobody}")).unwrap();
    let delivered = stage.deliver(Some(&present().digest())).await;
    assert!(matches!(delivered, Delivered::Acknowledged { sent: false, .. }), "{delivered:?}");
    let delivered = stage.deliver(Some("another")).await;
    assert!(matches!(delivered, Delivered::Failed { .. }), "{delivered:?}");
}

#[tokio::test]
async fn a_reminder_waits_for_a_busy_phone_and_goes_out_though_it_has_the_page() {
    let mut phone = Raw::answering(&raw::ok(OPENED)).await;
    let stage = at(&phone.url()).unwrap();
    let mut present = present();
    present.now = stage::at("2026-11-21T08:50:00Z");
    let has = present.digest();
    let since = Some(stage::at("2026-11-21T08:00:00Z"));
    let delivered = stage.push.deliver(&device(), &present, &withheld(), Some(&has), since).await;
    let Delivered::Told { next_change, .. } = delivered else { panic!("{delivered:?}") };
    assert_eq!(next_change, stage::at("2026-11-21T09:00:00Z"), "and another when it starts");
    assert!(phone.post().await.contains("Priority%3D%221%22"));
    let again = stage.push.deliver(&device(), &present, &withheld(), Some(&has), Some(present.now)).await;
    assert!(matches!(again, Delivered::Acknowledged { sent: false, .. }), "{again:?}");
}

#[tokio::test]
async fn another_phone_at_the_address_is_shown_nothing() {
    let information = |name: &str| {
        raw::ok(&format!("<DeviceInformation><HostName>SEP{name}</HostName></DeviceInformation>"))
    };
    let mut phone = Raw::answering(&information("0003E369A125")).await;
    let named = |name: &str| {
        let sign_in = PhoneSignIn::Basic(account());
        Stage::of(DeviceKind::CiscoIpPhone(Phone { url: phone.url(), sign_in, name: Some(name.to_owned()) }))
            .unwrap()
    };
    let (ours, another) = (named("00:03:e3:69:a1:25"), named("SEP001122334455"));
    let refused = sentence(&another.deliver(None).await);
    assert_snapshot!(refused, @"phone `http://DEVICE`: expected `001122334455`, found `0003E369A125` at its address, which is shown nothing: give this device's address, or the new device's name");
    assert_eq!(another.push.empty(&device()).await, Ok(()), "nothing of ours was ever there");
    let unnamed = at(&phone.url()).unwrap();
    for stage in [&ours, &unnamed] {
        // It is let through to the push, which this phone answers wrongly.
        assert!(sentence(&stage.deliver(None).await).contains("expected a CiscoIPPhoneResponse"));
    }
    phone.answer(&information("001122334455"));
    assert_snapshot!(sentence(&unnamed.deliver(None).await), @"phone `http://DEVICE`: expected `0003E369A125`, found `001122334455` at its address, which is shown nothing: give this device's address, or the new device's name");
    let mut told = Vec::new();
    for answer in [
        "404 Not Found",
        "401 Unauthorized",
        "500 Oops",
        "302 Found\r\nLocation: https://elsewhere/",
        "503 Busy",
    ] {
        phone.answer(&format!("HTTP/1.1 {answer}\r\nContent-Length: 0\r\n\r\n"));
        told.push(sentence(&ours.deliver(None).await));
    }
    phone.answer(&raw::ok("<html/>"));
    told.push(sentence(&ours.deliver(None).await));
    assert_snapshot!(told.join("\n"), @"
    phone `http://DEVICE`: expected it to say in its DeviceInformationX that it is `0003E369A125`, found status 404, so that it is shown nothing: enable `Web Access` for it in CUCM
    phone `http://DEVICE`: expected it to say in its DeviceInformationX that it is `0003E369A125`, found status 401, so that it is shown nothing: phones ask nobody for a password there: check that the address is a Cisco IP phone's
    phone `http://DEVICE`: expected it to say in its DeviceInformationX that it is `0003E369A125`, found status 500, so that it is shown nothing: restart it if this stays
    phone `http://DEVICE`: redirects to `https://elsewhere`: configure the address that it wants to be spoken to at
    phone `http://DEVICE`: is busy (status 503): it is tried again later
    phone `http://DEVICE`: expected it to say in its DeviceInformationX that it is `0003E369A125`, found no name, so that it is shown nothing: check that the address is a Cisco IP phone's
    ");
    let posts = phone.posts();
    assert_eq!(posts, 2, "only what was ours was pushed to");
}

#[tokio::test]
async fn a_phone_without_cucm_is_signed_in_to_as_it_wants() {
    let challenge = "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Digest realm=\"SPA\", nonce=\"n1\", qop=\"auth\", algorithm=MD5\r\n\
                     Content-Length: 0\r\n\r\n";
    let of = |url: String, sign_in| {
        Stage::of(DeviceKind::CiscoIpPhone(Phone { url, sign_in, name: None })).unwrap()
    };
    let mut phone = Raw::answering(challenge).await;
    let delivered = of(phone.url(), PhoneSignIn::Digest(account())).deliver(None).await;
    assert!(sentence(&delivered).contains("refused our name and password"), "also the second time");
    assert!(!phone.post().await.contains("Authorization"), "the first time it is asked what it wants");
    let signed = phone.post().await;
    assert!(
        signed.contains(
            "Authorization: Digest username=\"pusher\", realm=\"SPA\", nonce=\"n1\", uri=\"/CGI/Execute\""
        ),
        "{signed}"
    );
    let mut trusting = Raw::answering(&raw::ok(OPENED)).await;
    let delivered = of(trusting.url(), PhoneSignIn::None).deliver(None).await;
    assert!(matches!(delivered, Delivered::Told { .. }), "{delivered:?}");
    assert!(!trusting.post().await.contains("Authorization"));
}

#[tokio::test]
async fn every_refusal_says_what_to_do() {
    let status = |line: &str, headers: &str| format!("HTTP/1.1 {line}\r\n{headers}Content-Length: 0\r\n\r\n");
    let error = |number: u16| raw::ok(&format!(r#"<CiscoIPPhoneError Number="{number}"/>"#));
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
        raw::ok(&format!("<CiscoIPPhoneResponse>{item}</CiscoIPPhoneResponse>")),
        raw::ok(html),
        raw::ok(&"x".repeat(1 << 20)),
        "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n<CiscoIPPhoneRes".to_owned(),
        "220 mail.example.com ESMTP\r\n".to_owned(),
    ];
    let mut sentences = Vec::new();
    for answer in &answers {
        sentences.push(sentence(&deliver(answer).await.0));
    }
    insta::assert_snapshot!(sentences.join("\n"), @"
    phone `http://DEVICE`: refused our name and password: check them, check in CUCM that the user is associated with this device, and that the phone reaches its Authentication URL
    phone `http://DEVICE`: refused our name and password: check them, check in CUCM that the user is associated with this device, and that the phone reaches its Authentication URL
    phone `http://DEVICE`: has no `/CGI/Execute`: enable `Web Access` for it in CUCM, and check that the address is a Cisco IP phone's
    phone `http://DEVICE`: redirects to `https://phone.example.com`: configure the address that it wants to be spoken to at
    phone `http://DEVICE`: is busy (status 503): it is tried again later
    phone `http://DEVICE`: expected a CiscoIPPhoneResponse, found an error (status 500): check that the address is a Cisco IP phone's
    phone `http://DEVICE`: CiscoIPPhoneError 1, it could not parse the request: update its firmware
    phone `http://DEVICE`: CiscoIPPhoneError 2, it could not frame its response: restart it if this stays
    phone `http://DEVICE`: CiscoIPPhoneError 3, it has an internal file error: restart it if this stays
    phone `http://DEVICE`: refused our name and password: check them, check in CUCM that the user is associated with this device, and that the phone reaches its Authentication URL
    phone `http://DEVICE`: CiscoIPPhoneError 9, which the guide does not name: look into the phone's own log
    phone `http://DEVICE`: did not open the page, status 6, `URI not found`: check that its firmware supports XML services
    phone `http://DEVICE`: expected a CiscoIPPhoneResponse, found `html` (status 200): check that the address is a Cisco IP phone's
    phone `http://DEVICE`: expected a CiscoIPPhoneResponse, found no document (status 200): check that the address is a Cisco IP phone's
    phone `http://DEVICE`: the connection broke off: restart it if this stays (end of file before message length reached)
    phone `http://DEVICE`: the connection broke off: restart it if this stays (invalid HTTP version parsed)
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
async fn a_device_that_nobody_knows_is_named() {
    let stranger = DeviceId::new("oslo/cisco-ip-phone@phone");
    let delivered =
        at("http://10.0.1.100").unwrap().push.deliver(&stranger, &present(), &withheld(), None, None).await;
    let Delivered::Failed { sentence, .. } = delivered else { panic!("{delivered:?}") };
    assert_snapshot!(sentence, @"device `oslo/cisco-ip-phone@phone`: is not configured: run `callboard reload` after a change of its configuration");
}

#[test]
fn addresses_that_cannot_be_meant_are_refused() {
    let refused = |url: &str| at(url).err().unwrap().to_string();
    assert_snapshot!(refused("10.0.1.100"), @"device `berlin/phone`: expected an address like `http://10.0.1.100/CGI/Execute`, without name, password or query");
    for url in ["ftp://phone", "http://pusher:secret@phone", "http://phone?x=y"] {
        assert_eq!(refused(url), refused("10.0.1.100"), "{url}");
    }
    let nowhere = stage::push(Vec::new(), "feed.example.com", HttpSettings::default()).0;
    assert_snapshot!(nowhere.err().unwrap(), @"public url `feed.example.com`: expected an address like `http://callboard.example.com:8080`");
}

/// The document of a delivery against Cisco's own schema, which is not part of the project.
#[tokio::test]
async fn the_document_is_valid() {
    let (_, request) = deliver(&raw::ok(OPENED)).await;
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
