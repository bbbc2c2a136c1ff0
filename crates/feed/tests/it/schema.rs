//! Every page against Cisco's own schema, which is not part of the project: without it, or without `xmllint`, these
//! tests say that they are skipped. In CI `xmllint` has to be there.

use crate::site::{Site, key, meeting};
use std::{
    io::Write,
    path::Path,
    process::{Command, Stdio},
};

const SCHEMA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/xsd/phone/CiscoIPPhone.xsd");

/// What is wrong with a document; `None` where it cannot be said.
fn faults(document: &[u8]) -> Option<String> {
    if !Path::new(SCHEMA).exists() {
        println!("skipped: no `CiscoIPPhone.xsd`");
        return None;
    }
    let lint = Command::new("xmllint")
        .args(["--nonet", "--noout", "--schema", SCHEMA, "-"])
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let mut lint = match lint {
        Ok(lint) => lint,
        Err(error) if std::env::var_os("CI").is_some() => panic!("xmllint: {error}"),
        Err(error) => {
            println!("skipped: xmllint: {error}");
            return None;
        }
    };
    lint.stdin.take().unwrap().write_all(document).unwrap();
    let told = lint.wait_with_output().unwrap();
    let text = String::from_utf8_lossy(&told.stderr).into_owned();
    Some(if told.status.success() { String::new() } else { text })
}

#[tokio::test]
async fn every_page_is_valid_whatever_a_meeting_is_called() {
    let titles = [
        "Weekly staff".to_owned(),
        "x".repeat(300),
        "👩‍👩‍👧‍👦".repeat(40),
        "e\u{301}".repeat(200),
        "פגישת צוות שבועית".repeat(5),
        "اجتماع \u{202E}أسبوعي".to_owned(),
        "]]> <![CDATA[ <!-- & &amp; &#0; <b>\"quoted\"</b> 'and' so".to_owned(),
        "\u{0}\u{1}\u{8}\u{B}\u{1F}\u{7F}\u{85}\u{FFFE}\u{FFFF}".to_owned(),
        "line\r\nbreaks\u{2028}and\ttabs".to_owned(),
        "\u{FEFF}\u{200D}\u{301}".to_owned(),
        "Z\u{301}\u{302}\u{303}".to_owned() + &"\u{304}".repeat(100),
        " ".repeat(70),
        "日本語の会議 – “Ausblick” €".to_owned(),
    ];
    let meetings = titles.iter().map(|title| meeting(title, "09:00", "10:00").by(title)).collect();
    let site = Site::showing(meetings);
    let mut paths = vec![
        "/phone/berlin/menu.xml".to_owned(),
        "/phone/oslo/menu.xml".to_owned(),
        "/phone/paris/menu.xml".to_owned(),
        format!("/phone/berlin/meetings/{}.xml", key(99)),
    ];
    paths.extend((0..titles.len()).map(|n| format!("/phone/berlin/meetings/{}.xml", key(n))));
    for path in paths {
        for charset in ["utf-8", "iso-8859-1"] {
            let page = site.ask("GET", &path, &[("Accept-Charset", charset)]).await;
            assert!(page.header("content-type").ends_with(charset));
            let Some(faults) = faults(&page.body) else { return };
            assert_eq!(faults, "", "{path} in {charset}:\n{}", String::from_utf8_lossy(&page.body));
        }
    }
}

#[tokio::test]
async fn a_full_day_is_valid() {
    let meetings = (0..150).map(|n| meeting(&format!("Meeting {n}"), "09:00", "10:00")).collect();
    let page = Site::showing(meetings).get("/phone/berlin/menu.xml").await;
    assert_eq!(page.text().matches("<MenuItem>").count(), 100);
    assert!(matches!(faults(&page.body).as_deref(), None | Some("")));
}

/// The schema does find faults: a title of 33 characters.
#[test]
fn a_page_that_is_too_wide_is_not_valid() {
    let title = "0".repeat(33);
    let page = format!("<CiscoIPPhoneText><Title>{title}</Title><Text>x</Text></CiscoIPPhoneText>");
    if let Some(faults) = faults(page.as_bytes()) {
        assert!(faults.contains("maxLength"), "{faults}");
    }
}
