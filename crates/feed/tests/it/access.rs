//! Who may see what.

use crate::site::{Site, key, meeting};
use axum::http::StatusCode;

const ELSEWHERE: [u8; 4] = [192, 0, 2, 7];

fn site() -> Site {
    Site::showing(vec![meeting("Weekly staff", "07:30", "08:30")])
}

const OF_BERLIN: [&str; 5] = [
    "/api/rooms/berlin/meetings",
    "/api/rooms/berlin/calendar.ics",
    "/api/rooms",
    "/rooms/berlin",
    "/rooms/berlin/panel.json",
];

#[tokio::test]
async fn somebody_from_elsewhere_sees_nothing() {
    let site = site().asked_from(ELSEWHERE);
    for path in OF_BERLIN {
        let answer = site.get(path).await;
        assert_eq!(
            (answer.status, answer.header("www-authenticate")),
            (StatusCode::UNAUTHORIZED, "Bearer"),
            "{path}"
        );
        assert!(!answer.text().contains("Weekly") && !answer.text().contains("Berlin"), "{path}");
    }
    for path in ["/phone/berlin/menu.xml".to_owned(), format!("/phone/berlin/meetings/{}.xml", key(0))] {
        let answer = site.get(&path).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN);
        assert!(answer.text().contains("<CiscoIPPhoneText>") && !answer.text().contains("Weekly"), "{path}");
    }
    // Whoever looks at it reads what to do, on a page.
    let browser = [("Accept", "text/html,*/*;q=0.8")];
    for (path, status, said) in [
        ("/rooms/berlin", StatusCode::UNAUTHORIZED, "open this address with ?token="),
        ("/rooms/nonsense", StatusCode::UNAUTHORIZED, "open this address with ?token="),
        ("/rooms/berlin?token=wrong", StatusCode::FORBIDDEN, "not for this room"),
    ] {
        let page = site.ask("GET", path, &browser).await;
        assert_eq!(
            (page.status, page.header("content-type")),
            (status, "text/html; charset=utf-8"),
            "{path}"
        );
        assert!(page.text().contains(said) && page.text().contains("<h1>"), "{path}: {}", page.text());
    }
    // Which rooms there are is nobody's business.
    let (here, nowhere) =
        (site.get("/api/rooms/berlin/meetings").await, site.get("/api/rooms/x/meetings").await);
    assert_eq!(here.whole(), nowhere.whole());
}

#[tokio::test]
async fn a_token_opens_its_rooms_and_no_others() {
    let site = site().asked_from(ELSEWHERE);
    for (token, own, other) in [
        ("token-of-all-rooms", StatusCode::OK, StatusCode::OK),
        ("token-of-room-berlin", StatusCode::OK, StatusCode::FORBIDDEN),
        ("token-of-room-oslo", StatusCode::FORBIDDEN, StatusCode::OK),
        ("token-of-nobody-here", StatusCode::FORBIDDEN, StatusCode::FORBIDDEN),
    ] {
        for (path, expected) in [("/api/rooms/berlin/meetings", own), ("/api/rooms/oslo/meetings", other)] {
            let bearer = [("Authorization", format!("Bearer {token}"))];
            let bearer: Vec<_> = bearer.iter().map(|(name, value)| (*name, value.as_str())).collect();
            assert_eq!(site.ask("GET", path, &bearer).await.status, expected, "{token} {path}");
            assert_eq!(site.get(&format!("{path}?token={token}")).await.status, expected, "{token} {path}");
        }
    }
    let listed = site.get("/api/rooms?token=token-of-room-oslo").await;
    assert!(listed.text().contains("oslo") && !listed.text().contains("berlin"), "{}", listed.text());
}

#[tokio::test]
async fn a_phone_is_known_by_its_address() {
    for (address, berlin, oslo) in [
        ([10, 0, 0, 9], StatusCode::OK, StatusCode::FORBIDDEN),
        ([10, 0, 0, 10], StatusCode::FORBIDDEN, StatusCode::OK),
        ([127, 0, 0, 1], StatusCode::OK, StatusCode::OK),
    ] {
        let site = site().asked_from(address);
        assert_eq!(site.get("/phone/berlin/menu.xml").await.status, berlin, "{address:?}");
        assert_eq!(site.get("/phone/oslo/menu.xml").await.status, oslo, "{address:?}");
    }
}

/// What a proxy says of whom it asks for is not believed, and its own address is not theirs.
#[tokio::test]
async fn a_proxy_lets_nobody_in() {
    for address in [[127, 0, 0, 1], [10, 0, 0, 9]] {
        let site = site().asked_from(address);
        let through = [("X-Forwarded-For", "10.0.0.9")];
        assert_eq!(site.ask("GET", "/phone/berlin/menu.xml", &through).await.status, StatusCode::FORBIDDEN);
        assert_eq!(site.ask("GET", "/api/rooms", &through).await.status, StatusCode::UNAUTHORIZED);
    }
}

/// The feed speaks http alone: https is a proxy's, and this machine's requests may be anybody's.
#[tokio::test]
async fn behind_https_this_machine_needs_a_token_too() {
    let site = site();
    site.is_reached_by("https://feed.example.com");
    assert_eq!(site.get("/api/rooms").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(site.get("/phone/berlin/menu.xml").await.status, StatusCode::FORBIDDEN);
    assert_eq!(site.get("/api/rooms?token=token-of-all-rooms").await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_phones_pages_carry_its_token_on() {
    let site = site().asked_from(ELSEWHERE);
    let menu = site.get("/phone/berlin/menu.xml?token=token-of-room-berlin").await;
    assert_eq!(menu.status, StatusCode::OK);
    let page = format!(
        "http://feed.example.com:8080/phone/berlin/meetings/{}.xml?token=token-of-room-berlin",
        key(0)
    );
    assert!(menu.text().contains(&page), "{}", menu.text());
    assert!(
        menu.text().contains("/menu.xml?day=2026-11-22&amp;token=token-of-room-berlin"),
        "{}",
        menu.text()
    );
    assert!(menu.header("refresh").ends_with("/menu.xml?token=token-of-room-berlin"));
    // One that opens nothing is not carried anywhere.
    let inside = site.asked_from([10, 0, 0, 9]);
    let menu = inside.get("/phone/berlin/menu.xml?token=%3Cscript%3E").await;
    assert!(!menu.text().contains("script") && !menu.text().contains("token="), "{}", menu.text());
}
