//! Masked replies: they say the same, and nothing of people and meetings.

use exchange_wire::mask::Mask;
use std::{fs, path::Path};

fn stand_in(text: &[u8]) -> String {
    format!(
        "{:08x}",
        text.iter().fold(7_u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(u32::from(*byte)))
    )
}

fn masked(text: &str) -> String {
    String::from_utf8(Mask::whole(text.as_bytes(), &stand_in)).unwrap()
}

#[test]
fn what_nobody_knows_gives_way_and_what_the_protocol_needs_stays() {
    for (text, expected) in [
        ("<t:Subject>Budget &amp; more</t:Subject>", "<t:Subject>~S</t:Subject>"),
        ("<t:Start>2026-03-02T09:00:00Z</t:Start>", "<t:Start>2026-03-02T09:00:00Z</t:Start>"),
        (r#"<t:ItemId Id="AAMk" ChangeKey='c'/>"#, r#"<t:ItemId Id="AAMk" ChangeKey="c"/>"#),
        (r#"<m:New a="Kim > Lee">Kim</m:New>"#, r#"<m:New a="~S">~S</m:New>"#),
        ("<Subject><![CDATA[Budget]]></Subject>", "<Subject>~S</Subject>"),
        ("<!-- Kim --><Body> <b>Budget</b> Kim</Body>", "<Body> <b>~S</b>~S</Body>"),
        (
            r#"<Value Name="BackOffMilliseconds">5000</Value>"#,
            r#"<Value Name="BackOffMilliseconds">5000</Value>"#,
        ),
        (
            "<a:href>/exchange/berlin/Calendar/Budget.EML</a:href>",
            "<a:href>/exchange/berlin/Calendar/~S</a:href>",
        ),
        ("<h1>you are locked out, Kim</h1>", "<h1>~S locked out</h1>"),
        ("<!DOCTYPE html><html>", "<!DOCTYPE html><html>"),
        ("Budget", "~S"),
        ("<Start>2026</Start><Subject>Bud", "<Start>2026</Start><Subject>~S"),
        ("<Start>2026</Start><Subject a='Bud", "<Start>2026</Start><"),
    ] {
        let masked = masked(text);
        let found = masked.split('~').enumerate().map(|(number, part)| match number {
            0 => part.to_owned(),
            _ => format!("~S{}", &part[8..]),
        });
        assert_eq!(found.collect::<String>(), expected, "{masked}");
    }
}

#[test]
fn what_is_no_markup_gives_way_wherever_it_stands() {
    for (text, expected) in [
        ("Kim Lee <kim@example.com>", "~S<_S>"),
        ("<Kim@x:Start>Lee</Kim@x:Start>", "<_S>~S</_S>"),
        (r#"<p Kim@x:Id="Lee" &:dt="Lee" xmlns:Kim@x="Lee"/>"#, r#"<p _S="~S" _S="~S" _S="~S"/>"#),
        (r#"<Kim@x:Value Name="Lee"/>"#, r#"<_S Name="~S"/>"#),
        ("<p>Kim</p Lee>", "<p>~S</_S>"),
        (r#"<p Kim a@b="x" Lee='y'/>"#, r#"<p _S="~S" Lee="~S"/>"#),
        (r#"<p xmlns:a="urn:x" xmlnsKim="Lee">"#, r#"<p xmlns:a="urn:x" xmlnsKim="~S">"#),
        (
            "<?xml version='1.0' encoding='utf-8' note='Kim Lee'?>",
            r#"<?xml version="1.0" encoding="utf-8"?>"#,
        ),
        (r#"<!DOCTYPE Kim "xhtml"><!DOCTYPE HTML>"#, "<!DOCTYPE other><!DOCTYPE html>"),
        ("<INPUT TYPE=password NAME=Kim>", r#"<INPUT says="~ password">"#),
        (r#"<form action="/Logon?Kim"/>"#, r#"<form action="~S" says="~ logon"/>"#),
    ] {
        let masked = Mask::whole(text.as_bytes(), &|_| "S".to_owned());
        assert_eq!(String::from_utf8(masked).unwrap(), expected);
    }
}

#[test]
fn equal_texts_stay_equal_and_others_differ() {
    let said = |text| masked(&format!("<Subject>{text}</Subject>"));
    assert_eq!(said("Budget"), said("Budget"));
    assert_ne!(said("Budget"), said("Review"));
}

#[test]
fn wherever_it_is_cut_the_same_comes_out_and_tags_at_once() {
    let text = "<?xml version=\"1.0\"?><a:E xmlns:a=\"urn:x\"><Subject>Budget</Subject><UID>9</UID><!-- x -->\
                <![CDATA[Kim]]><Start>2026</Start></a:E>";
    let whole = Mask::whole(text.as_bytes(), &stand_in);
    for cut in 0..text.len() {
        let mut mask = Mask::default();
        let mut pieces = mask.take(&text.as_bytes()[..cut], &stand_in);
        pieces.extend(mask.take(&text.as_bytes()[cut..], &stand_in));
        assert!(pieces.ends_with(b"</a:E>"), "cut at {cut}");
        pieces.extend(mask.end(&stand_in));
        assert_eq!(pieces, whole, "cut at {cut}");
    }
}

#[test]
fn no_recorded_reply_keeps_a_subject_a_person_a_place_or_a_text() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures");
    let (mut looked_at, mut hidden) = (0, 0);
    for dialect in ["ews", "webdav"] {
        for file in fs::read_dir(folder.join(dialect)).unwrap() {
            let path = file.unwrap().path();
            if path.extension().is_none_or(|extension| extension != "xml") {
                continue;
            }
            let text = fs::read_to_string(&path).unwrap();
            let masked = masked(&text);
            for secret in secrets(&text) {
                let place = path.display();
                assert!(!masked.contains(&format!(">{secret}<")), "{place} tells `{secret}`");
                hidden += 1;
            }
            looked_at += 1;
        }
    }
    assert!(looked_at > 50 && hidden > 50, "{looked_at} replies with {hidden} texts");
}

/// The texts of elements that hold what is nobody's business.
fn secrets(text: &str) -> Vec<&str> {
    const PRIVATE: [&str; 16] = [
        "Subject",
        "Name",
        "EmailAddress",
        "Location",
        "Body",
        "DisplayName",
        "MessageText",
        "UID",
        "subject",
        "location",
        "textdescription",
        "organizer",
        "to",
        "cc",
        "uid",
        "displayname",
    ];
    let elements = text.split('<').filter_map(|tag| tag.split_once('>'));
    let of_people = elements.filter(|(name, _)| {
        let name = name.split_whitespace().next().unwrap_or_default();
        PRIVATE.contains(&name.rsplit(':').next().unwrap_or_default())
    });
    of_people.map(|(_, text)| text).filter(|text| !text.trim().is_empty()).collect()
}
