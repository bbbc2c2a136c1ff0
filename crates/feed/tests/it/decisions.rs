//! Why a room shows what it shows, as an administrator reads it.

use crate::{
    admin::sign_in,
    site::{NOW, Site},
};
use control::{Explained, ExplainedMeeting, Message, OnDevice, Request};
use feed::Operator;
use tokio::sync::mpsc;

/// Tells the same of every room.
struct Explainer(Explained);

impl Operator for Explainer {
    fn ask(&self, _request: Request) -> mpsc::UnboundedReceiver<Message> {
        let (tell, told) = mpsc::unbounded_channel();
        tell.send(Message::Explained(Box::new(self.0.clone()))).unwrap();
        told
    }
}

fn explained(title: &str, start: &str, end: &str) -> ExplainedMeeting {
    let at = |time: &str| format!("2026-11-{time}:00Z").parse().unwrap();
    ExplainedMeeting {
        key: title.to_owned(),
        start: at(start),
        end: at(end),
        title: Some(title.to_owned()),
        concealed: false,
        fate: "shown".to_owned(),
        rule: Some("A6".to_owned()),
        why: "the room accepted it".to_owned(),
        all_day: None,
        decided: Some(at("20T10:00")),
        subject: Some("subject from the copy in room `oslo`".to_owned()),
        join: Some(("teams".to_owned(), "body".to_owned())),
        zone_stands_in: false,
        written: Some(at("20T09:59")),
        seen: Some(at("21T08:00")),
        gone: None,
        devices: vec![
            OnDevice {
                device: "berlin/phone".to_owned(),
                has_it: true,
                since: Some(at("20T10:01")),
                trouble: None,
            },
            OnDevice {
                device: "berlin/panel".to_owned(),
                has_it: false,
                since: None,
                trouble: Some("no answer: restart it".to_owned()),
            },
        ],
        remedy: Some("accept it".to_owned()),
        mailbox: None,
    }
}

/// The page says what the command says; what runs or is to come first, and what has ended where one asks for it.
#[tokio::test]
async fn decisions_are_listed_from_now_on_and_searched() {
    let many = (0..60).map(|n| explained(&format!("Call {n}"), "25T09:00", "25T10:00"));
    let told = Explained {
        room: "berlin".to_owned(),
        at: NOW.parse().unwrap(),
        rev: 1,
        as_of: None,
        unread: false,
        troubles: Vec::new(),
        warnings: Vec::new(),
        notes: Vec::new(),
        meetings: [
            explained("Ended", "20T09:00", "20T10:00"),
            explained("Runs", "21T07:30", "21T08:30"),
            explained("<Comes>", "22T23:00", "23T01:00"),
            explained("Late", "23T22:00", "23T23:00"),
            explained("Night", "23T22:00", "24T01:00"),
        ]
        .into_iter()
        .chain(many)
        .collect(),
    };
    let site = Site::showing(Vec::new()).operated_by(Explainer(told));
    let cookie = sign_in(&site).await;
    let get = async |query: &str| {
        let page = site.ask("GET", &format!("/admin/rooms/berlin?{query}"), &[("Cookie", &cookie)]).await;
        page.text().split_once("id=\"decided\"").unwrap().1.to_owned()
    };
    let page = get("").await;
    for said in [
        "64 of 65 meetings, page 1 of 4",
        "<span>Sat 21 Nov</span> <span>08:30–09:30</span> <span class=\"badge idle\">now</span>",
        "<span>Mon 23 Nov</span> <span>00:00–02:00</span>",
        "<span>Mon 23 Nov</span> <span>23:00–24:00</span>",
        "<span>Mon 23 Nov</span> <span>23:00–Tue 24 Nov 02:00</span>",
        "<bdi>&lt;Comes&gt;</bdi>",
        "subject from the copy in room <code>oslo</code> · join address by <code>teams</code> from the body",
        "To do: accept it",
        "decided 20 Nov 11:00 · written 20 Nov 10:59 · last seen 09:00",
        "1 of 2 have it",
        "berlin/phone since 20 Nov 11:01",
        "berlin/panel: not yet",
    ] {
        assert!(page.contains(said), "{said}: {page}");
    }
    for (query, rows, first) in [
        ("", 20, "Runs"),
        ("page=1", 20, "Call 16"),
        ("page=99", 4, "Call 56"),
        ("show=past", 1, "Ended"),
        ("show=all", 20, "Ended"),
        ("show=nonsense&q=CALL+5", 15, "Call 5"),
        ("q=a6+accepted+runs", 1, "Runs"),
    ] {
        let page = get(query).await;
        assert_eq!(page.matches("<th scope=\"row\"").count(), rows, "{query}");
        assert!(page.split_once("<bdi>").unwrap().1.starts_with(&format!("{first}<")), "{query}");
    }
    assert!(get("q=nothing").await.contains("Nothing is found among 65 meetings"));
}
