//! What administrators see, and can do.

use crate::site::{ADMIN, Answer, NOW, Site, meeting, room, utc};
use axum::http::StatusCode;
use chrono::TimeDelta;
use control::{
    DeviceHealth, MailboxHealth, Message, Request, RoomReport, RoomState, ServerHealth, ServerState, Warning,
};
use feed::{FeedRoom, Operator};
use meeting_model::id::RoomId;
use std::sync::{Arc, Mutex};
use tokio::sync::mpsc;

/// Writes down what it is asked for, and tells a little.
#[derive(Clone, Default)]
struct Clerk(Arc<Mutex<Vec<Request>>>);

impl Operator for Clerk {
    fn ask(&self, request: Request) -> mpsc::UnboundedReceiver<Message> {
        let (tell, told) = mpsc::unbounded_channel();
        if let Request::Resync { rooms, .. } = &request {
            let result = Err("the mailbox is <b>gone</b>".to_owned());
            tell.send(Message::Room(RoomReport { room: rooms[0].clone(), mailbox: None, result })).unwrap();
            tell.send(Message::Progress { done: 1, total: 1 }).unwrap();
            tell.send(Message::Done { failed: 1 }).unwrap();
        }
        self.0.lock().unwrap().push(request);
        told
    }
}

fn site() -> (Site, Clerk) {
    let clerk = Clerk::default();
    let site = Site::showing(vec![
        meeting("Weekly staff", "07:30", "08:30"),
        meeting("Merger", "09:00", "10:00").private(),
    ]);
    site.hears(1, NOW);
    (site.operated_by(clerk.clone()), clerk)
}

/// Signs in; the cookie.
pub(crate) async fn sign_in(site: &Site) -> String {
    let answer = site.post("/sign-in", &[], &format!("secret={ADMIN}&then=/admin/servers")).await;
    assert_eq!((answer.status, answer.header("location")), (StatusCode::SEE_OTHER, "/admin/servers"));
    let cookie = answer.header("set-cookie");
    assert!(cookie.contains("HttpOnly; SameSite=Strict"), "{cookie}");
    cookie.split(';').next().unwrap().to_owned()
}

fn form_token(page: &Answer) -> String {
    let (_, rest) = page.text().split_once(r#"name="form_token" value=""#).unwrap();
    rest.split('"').next().unwrap().to_owned()
}

#[tokio::test]
async fn nobody_sees_anything_without_signing_in() {
    let (site, clerk) = site();
    for path in ["/", "/admin/rooms/berlin", "/admin/servers", "/admin/clock", "/admin/answers/1"] {
        let answer = site.get(path).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{path}");
        assert!(answer.header("location").starts_with("/sign-in?then=%2F"), "{}", answer.header("location"));
        assert_eq!(answer.text(), "");
    }
    let cookie = [("Cookie", "callboard=0000000000000000000000000000000000000000000000000000000000000000")];
    assert_eq!(site.ask("GET", "/", &cookie).await.status, StatusCode::SEE_OTHER);
    assert_eq!(
        site.post("/admin/ask", &cookie, "ask=resync&room=berlin").await.status,
        StatusCode::SEE_OTHER
    );
    assert!(clerk.0.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_sign_in_lasts_as_long_as_what_it_was_made_with() {
    let (site, _) = site();
    let cookie = sign_in(&site).await;
    let cookie = [("Cookie", cookie.as_str())];
    for (token, status) in [(ADMIN, StatusCode::OK), ("another-token-of-theirs", StatusCode::SEE_OTHER)] {
        site.lets_in_by(token);
        assert_eq!(site.ask("GET", "/", &cookie).await.status, status, "{token}");
    }
}

#[tokio::test]
async fn a_wrong_password_is_refused_and_then_has_to_wait() {
    let (site, _) = site();
    for _ in 0..5 {
        let refused = site.post("/sign-in", &[], "secret=wrong").await;
        assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
        assert!(
            refused.text().contains("neither the password nor a token")
                && refused.header("set-cookie").is_empty()
        );
    }
    let form = format!("secret={ADMIN}");
    assert_eq!(site.post("/sign-in", &[], &form).await.status, StatusCode::TOO_MANY_REQUESTS);
    let other = site.asked_from([192, 0, 2, 9]);
    assert_eq!(other.post("/sign-in", &[], &form).await.status, StatusCode::SEE_OTHER);
    let foreign = [("Sec-Fetch-Site", "cross-site")];
    assert_eq!(other.post("/sign-in", &foreign, &form).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn rooms_are_listed_searched_and_filtered() {
    let (site, _) = site();
    let cookie = sign_in(&site).await;
    let get = async |path: &str| site.ask("GET", path, &[("Cookie", &cookie)]).await.text().to_owned();
    let all = get("/").await;
    for shown in ["Berlin, the large one", "Oslo", "a trouble for administrators", "Private meeting"] {
        assert!(all.contains(shown), "{shown}");
    }
    assert!(all.contains("08:30–09:30 Weekly staff") && !all.contains("Merger"));
    for (query, berlin, oslo) in [
        ("q=large+FOURTH", true, false),
        ("q=oslo", false, true),
        ("q=administrators", true, false),
        ("show=trouble", true, false),
        ("show=stale", false, true),
        ("show=devices", false, false),
        ("show=nonsense&page=99", true, true),
        ("q=%3Cscript%3E", false, false),
    ] {
        let found = get(&format!("/?{query}")).await;
        let has = |room: &str| found.contains(&format!("href=\"/admin/rooms/{room}\""));
        assert_eq!((has("berlin"), has("oslo")), (berlin, oslo), "{query}");
        assert!(!found.contains("<script>"), "{query}");
    }
}

/// Two thousand rooms are a page of a hundred, and any of them is found by a few letters.
#[tokio::test]
async fn a_large_site_is_paged_and_searched() {
    let (site, _) = site();
    let pattern = room("pattern", "Pattern", "Europe/Berlin");
    let named = |n: usize| {
        let id = RoomId::new(format!("room-{n:04}"));
        FeedRoom { name: format!("Tower {}, room {n}", n % 7), id, ..pattern.clone() }
    };
    site.serves((0..2000).map(named).collect());
    let cookie = sign_in(&site).await;
    let get = async |path: &str| site.ask("GET", path, &[("Cookie", &cookie)]).await.text().to_owned();
    for (path, rows, said) in [
        ("/", 100, "2000 rooms, page 1 of 20"),
        ("/?page=19", 100, "2000 rooms, page 20 of 20"),
        ("/?q=1234", 1, "1 room<"),
        ("/?q=room-19+tower", 100, "100 rooms<"),
    ] {
        let page = get(path).await;
        assert_eq!(page.matches("<th scope=\"row\"").count(), rows, "{path}");
        assert!(page.contains(said), "{path}");
    }
}

#[tokio::test]
async fn every_mailbox_of_a_room_says_what_is_wrong_with_it() {
    let (site, _) = site();
    site.health.send_modify(|health| {
        let room = health.rooms.iter_mut().find(|room| room.room == "berlin").unwrap();
        room.trouble = Some("west: no such mailbox".to_owned());
        room.mailboxes = ["west: no such mailbox", "east: it may not be read"]
            .map(|trouble| MailboxHealth {
                mailbox: trouble.split(':').next().unwrap().to_owned(),
                state: RoomState::BackingOff,
                told_by: None,
                as_of: None,
                trouble: Some(trouble.to_owned()),
                retry_at: None,
            })
            .into();
    });
    let cookie = sign_in(&site).await;
    for path in ["/", "/admin/rooms/berlin", "/?show=trouble&q=may+not+be+read"] {
        let page = site.ask("GET", path, &[("Cookie", &cookie)]).await.text().to_owned();
        for trouble in ["west: no such mailbox", "east: it may not be read"] {
            assert_eq!(page.matches(trouble).count(), 1, "{path}: {trouble}");
        }
    }
}

#[tokio::test]
async fn a_device_says_when_it_last_answered_and_is_not_well_before_its_room_was_read() {
    let (site, _) = site();
    let device = |device: &str, answered_at| DeviceHealth {
        device: device.to_owned(),
        room: "berlin".to_owned(),
        wanted: 1,
        acknowledged: 1,
        answered_at,
        attempts: 0,
        trouble: None,
    };
    let answered_at = utc(NOW) - TimeDelta::minutes(4);
    site.health.send_modify(|health| {
        health.devices = vec![device("berlin/phone", Some(answered_at)), device("berlin/silent", None)];
    });
    let cookie = sign_in(&site).await;
    let page = site.ask("GET", "/admin/rooms/berlin", &[("Cookie", &cookie)]).await.text().to_owned();
    let rows: Vec<_> = page.split("<th scope=\"row\">").skip(1).collect();
    for (row, (device, said)) in
        rows.iter().zip([("phone", ">4 min ago<"), ("silent", "none since the start")])
    {
        assert!(row.contains(device) && row.contains(said), "{device}: {row}");
    }
    assert_eq!(rows.len(), 2);
    assert_eq!(page.matches(">well<").count(), 2, "{page}");

    site.health.send_modify(|health| {
        health.rooms.iter_mut().for_each(|room| room.as_of = None);
    });
    let page = site.ask("GET", "/admin/rooms/berlin", &[("Cookie", &cookie)]).await.text().to_owned();
    assert_eq!(page.matches(">waits for its room<").count(), 2, "{page}");
    assert!(page.contains("Not read yet: ") && !page.contains(">well<"), "{page}");
}

#[tokio::test]
async fn warnings_servers_and_clock_say_what_to_do() {
    let (site, _) = site();
    site.health.send_modify(|health| {
        health.warnings.push(Warning {
            id: "password-in-clear".to_owned(),
            about: Some("hq".to_owned()),
            sentence: "the password crosses the network in clear".to_owned(),
            remedy: "give its url as https".to_owned(),
        });
        health.servers.push(ServerHealth {
            server: "hq".to_owned(),
            state: ServerState::SignInRefused,
            version: Some("15.2.1544".to_owned()),
            trouble: Some("the password is refused".to_owned()),
            located: Vec::new(),
        });
    });
    let cookie = sign_in(&site).await;
    for (path, said) in [
        ("/", vec!["1 warning", "give its url as https"]),
        (
            "/admin/servers",
            vec![
                "Exchange 15.2.1544",
                "sign-in refused",
                "the password is refused",
                "Test connection",
                "give its url as https",
            ],
        ),
        ("/admin/clock", vec!["Nobody looks at the clock"]),
        ("/admin/rooms/berlin", vec!["Resync", "Compare with Exchange", "08:30–09:30", "revision 1"]),
    ] {
        let page = site.ask("GET", path, &[("Cookie", &cookie)]).await;
        for said in said {
            assert!(page.text().contains(said), "{path}: {said}");
        }
        assert!(page.header("content-security-policy").contains("frame-ancestors 'none'"));
        assert!(
            !page.text().contains("<style")
                && !page.text().contains(" style=")
                && !page.text().contains("onclick")
        );
    }
    for (path, status, said) in [
        ("/admin/rooms/paris", StatusCode::NOT_FOUND, "No such room"),
        ("/admin/rooms/berlin?at=nonsense", StatusCode::BAD_REQUEST, "Expected <code>at</code> as a moment"),
        ("/admin/rooms/berlin?page=-1", StatusCode::BAD_REQUEST, "and <code>page</code> as a number"),
        ("/?page=nonsense", StatusCode::BAD_REQUEST, "Expected <code>page</code> as a number"),
        ("/admin/answers/nonsense", StatusCode::NOT_FOUND, "Forgotten"),
    ] {
        let page = site.ask("GET", path, &[("Cookie", &cookie)]).await;
        assert_eq!(page.status, status, "{path}");
        assert!(page.text().contains(said) && page.text().contains("Sign out"), "{path}: {}", page.text());
    }
}

/// People who are astray are told so on a page, programs in JSON.
#[tokio::test]
async fn an_address_that_leads_nowhere_says_so() {
    let (site, _) = site();
    let browser = [("Accept", "text/html,application/xhtml+xml,*/*;q=0.8")];
    for (path, headers, kind) in [
        ("/admin/nonsense", &browser[..], "text/html; charset=utf-8"),
        ("/admin/nonsense", &[], "application/json"),
        ("/api/nonsense", &browser, "application/json"),
    ] {
        let answer = site.ask("GET", path, headers).await;
        assert_eq!((answer.status, answer.header("content-type")), (StatusCode::NOT_FOUND, kind), "{path}");
        assert_eq!(answer.text().contains("nonsense"), kind == "application/json", "{path}");
    }
}

#[tokio::test]
async fn a_button_asks_and_a_page_tells_what_came_of_it() {
    let (site, clerk) = site();
    let cookie = sign_in(&site).await;
    let headers = [("Cookie", cookie.as_str())];
    let token = form_token(&site.ask("GET", "/admin/rooms/berlin", &headers).await);
    clerk.0.lock().unwrap().clear();
    let asked =
        site.post("/admin/ask", &headers, &format!("form_token={token}&ask=resync&room=berlin")).await;
    assert_eq!((asked.status, asked.header("location")), (StatusCode::SEE_OTHER, "/admin/answers/1"));
    let request = Request::Resync { rooms: vec!["berlin".to_owned()], dry_run: false };
    assert_eq!(*clerk.0.lock().unwrap(), [request]);
    let page = loop {
        let page = site.ask("GET", "/admin/answers/1", &headers).await;
        if !page.text().contains("data-running") {
            break page;
        }
        tokio::task::yield_now().await;
    };
    assert!(page.text().contains("berlin: the mailbox is &lt;b&gt;gone&lt;/b&gt;"), "{}", page.text());
    assert_eq!(page.header("refresh"), "");
    assert_eq!(site.ask("GET", "/admin/answers/2", &headers).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_form_of_somebody_else_does_nothing() {
    let (site, clerk) = site();
    let (mine, other) = (sign_in(&site).await, sign_in(&site).await);
    let token = form_token(&site.ask("GET", "/admin/servers", &[("Cookie", &other)]).await);
    for (headers, form) in [
        (vec![("Cookie", mine.as_str())], "ask=resync&room=berlin".to_owned()),
        (vec![("Cookie", mine.as_str())], format!("form_token={token}&ask=resync&room=berlin")),
        (
            vec![("Cookie", other.as_str()), ("Origin", "http://elsewhere.example"), ("Host", "feed")],
            format!("form_token={token}&ask=resync&room=berlin"),
        ),
        (
            vec![("Cookie", other.as_str()), ("Sec-Fetch-Site", "same-site")],
            format!("form_token={token}&ask=resync&room=berlin"),
        ),
    ] {
        assert_eq!(
            site.post("/admin/ask", &headers, &form).await.status,
            StatusCode::FORBIDDEN,
            "{headers:?}"
        );
    }
    let headers = [("Cookie", other.as_str())];
    let nothing =
        site.post("/admin/ask", &headers, &format!("form_token={token}&ask=delete&room=berlin")).await;
    assert_eq!(nothing.status, StatusCode::BAD_REQUEST);
    assert!(clerk.0.lock().unwrap().is_empty());
    // Signing out ends one session, and not the other's.
    let out = site.post("/sign-out", &headers, &format!("form_token={token}")).await;
    assert!(out.header("set-cookie").contains("Max-Age=0"));
    assert_eq!(site.ask("GET", "/", &headers).await.status, StatusCode::SEE_OTHER);
    assert_eq!(site.ask("GET", "/", &[("Cookie", &mine)]).await.status, StatusCode::OK);
}
