use super::*;
use std::{collections::BTreeMap, fs, path::Path};

const PEOPLE: [&str; 1] = ["Kim@video.example.com"];

fn rules() -> JoinRules {
    let pattern =
        NumberPattern { label: Some("numero riunione".to_owned()), prefix: "88".to_owned(), digits: 6..=8 };
    JoinRules { domains: vec!["example.com".to_owned()], numbers: vec![pattern], ..JoinRules::default() }
}

fn address(found: Option<&Found>) -> Option<&str> {
    found.map(|found| found.address.as_str())
}

/// Every invitation beside this crate's tests, each with what is found in it.
#[test]
fn f_invitations() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/invitations");
    let mut seen = 0;
    for file in fs::read_dir(&folder).unwrap().map(|file| file.unwrap().path()) {
        if file.extension().is_some_and(|kind| kind == "json") {
            continue;
        }
        let (name, text) = (file.display(), fs::read_to_string(&file).unwrap());
        let expected = fs::read_to_string(file.with_extension("expected.json")).unwrap();
        let expected: BTreeMap<String, String> = serde_json::from_str(&expected).unwrap();
        let is_html = file.extension().is_some_and(|kind| kind == "html");
        let body = if is_html { Body::Html(&text) } else { Body::Text(&text) };
        let invitation = Invitation { body: Some(body), people: &PEOPLE, ..Invitation::default() };
        let join = find(&invitation, &rules());
        for (kind, found) in [("video", &join.video), ("number", &join.number), ("web", &join.web)] {
            assert_eq!(address(found.as_ref()), expected.get(kind).map(String::as_str), "{name}: {kind}");
            assert!(found.as_ref().is_none_or(|found| found.place == Place::Body), "{name}");
        }
        seen += 1;
    }
    assert!(seen >= 20, "{seen}");
}

#[test]
fn f_the_location_comes_before_the_body_and_the_servers_link_before_both() {
    let zoom = "https://zoom.us/j/84512345678";
    let room = "https://acme.webex.com/meet/kim";
    let teams = "https://teams.microsoft.com/l/meetup-join/x/0";
    let (sips, h323) = ("sips:board@partner.example.org; Tower 9", "h323:board@elsewhere.org");
    let by_location = (JoinRule::LocationUri, Place::Location);
    let by_body = (JoinRule::Zoom, Place::Body);
    let id = "84512345678@zoomcrc.com";
    let cases = [
        // (link, location, body, video, rule and place of it, link found)
        (None, Some(room), Some(zoom), "kim@acme.webex.com", (JoinRule::Webex, Place::Location), room),
        (Some(teams), Some("Tower 9"), Some(zoom), id, by_body, teams),
        (Some(zoom), Some(room), None, id, (JoinRule::Zoom, Place::OnlineMeetingUrl), zoom),
        (None, Some(sips), Some(zoom), "board@partner.example.org", by_location, zoom),
        (None, Some("board@vc.example.com"), Some(zoom), "board@vc.example.com", by_location, zoom),
        (None, Some("board@elsewhere.org"), Some(zoom), id, by_body, zoom),
        (None, Some(h323), None, h323, by_location, ""),
    ];
    for (link, location, body, video, by, web) in cases {
        let body = body.map(Body::Text);
        let invitation = Invitation { online_meeting_url: link, location, body, people: &PEOPLE };
        let join = find(&invitation, &rules());
        let found = join.video.as_ref().map(|found| (found.address.as_str(), (found.rule, found.place)));
        assert_eq!(found, Some((video, by)));
        assert_eq!(address(join.web.as_ref()).unwrap_or_default(), web);
    }
}

#[test]
fn f_the_order_is_the_sites_own() {
    let text = "https://zoom.us/j/84512345678 https://acme.webex.com/meet/kim";
    let video = |order: &[JoinRule]| {
        let rules = JoinRules { order: order.to_vec(), ..JoinRules::default() };
        let invitation = Invitation { body: Some(Body::Text(text)), ..Invitation::default() };
        find(&invitation, &rules).video.map(|found| found.rule)
    };
    assert_eq!(video(&JoinRule::ALL), Some(JoinRule::Webex));
    assert_eq!(video(&[JoinRule::Zoom, JoinRule::Webex]), Some(JoinRule::Zoom));
    assert_eq!(video(&[JoinRule::Teams]), None);
    let ids: std::collections::BTreeSet<_> = JoinRule::ALL.map(JoinRule::id).into();
    assert_eq!(ids.len(), JoinRule::ALL.len());
    for rule in JoinRule::ALL {
        assert_eq!(serde_json::to_value(rule).unwrap(), rule.id());
    }
}

#[test]
fn f_what_each_display_dials() {
    let found =
        |address: &str| Some(Found { address: address.to_owned(), rule: JoinRule::Zoom, place: Place::Body });
    let all =
        Join { video: found("1@zoomcrc.com"), number: found("8812345"), web: found("https://zoom.us/j/1") };
    let cases = [
        (all.clone(), [Some("8812345"), Some("1@zoomcrc.com"), Some("1@zoomcrc.com")]),
        (
            Join { video: None, ..all.clone() },
            [Some("8812345"), Some("8812345"), Some("https://zoom.us/j/1")],
        ),
        (Join { number: None, ..all.clone() }, [None, Some("1@zoomcrc.com"), Some("1@zoomcrc.com")]),
        (Join { web: all.web.clone(), ..Join::default() }, [None, None, Some("https://zoom.us/j/1")]),
        (Join::default(), [None, None, None]),
    ];
    for (join, expected) in cases {
        let dialled =
            [Dials::Digits, Dials::Addresses, Dials::Links].map(|dials| address(join.for_display(dials)));
        assert_eq!(dialled, expected);
    }
    assert!(!format!("{all:?}").contains("8812345"));
}

#[test]
fn f_hostile_bodies_cost_little() {
    let wrapped = (0..20).fold("https://zoom.us/j/1".to_owned(), |link, _| {
        let inner: String = url::form_urlencoded::byte_serialize(link.as_bytes()).collect();
        if inner.len() > 4000 {
            link
        } else {
            format!("https://a.safelinks.protection.outlook.com/?url={inner}")
        }
    });
    for body in [
        "<a href=".repeat(200_000),
        "&".repeat(1_000_000),
        "https://zoom.us/j/1 ".repeat(100_000),
        "<style>".repeat(100_000),
        "Video ID:\n".repeat(100_000),
        "@".repeat(500_000),
        "\u{1F469}\u{200D}".repeat(200_000),
        wrapped,
    ] {
        for body in [Body::Text(&body), Body::Html(&body)] {
            let invitation = Invitation { body: Some(body), ..Invitation::default() };
            let join = find(&invitation, &rules());
            assert!(join.number.is_none());
        }
    }
}
