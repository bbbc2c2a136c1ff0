//! What a phone is told.

use crate::site::{Answer, NOW, Site, key, meeting};
use axum::http::StatusCode;

fn day() -> Site {
    Site::showing(vec![
        meeting("Early birds", "06:00", "07:00"),
        meeting("Weekly staff & ops", "07:30", "08:30"),
        meeting("Merger with Initech", "09:00", "10:00").private(),
        meeting("Perhaps lunch", "11:00", "12:00").tentative(),
        meeting("Köln – “Ausblick” 👩‍👩‍👧 2027", "13:00", "13:30"),
        meeting("Trade fair", "00:00", "00:00").all_day("2026-11-21", "2026-11-22"),
        meeting("Tomorrow", "00:00", "00:00").all_day("2026-11-22", "2026-11-22"),
        meeting("Night shift", "22:00", "22:30"),
    ])
}

#[tokio::test]
async fn the_menu_of_a_day() {
    insta::assert_snapshot!(day().get("/phone/berlin/menu.xml").await.whole(), @r#"
    200 OK
    cache-control: no-store
    content-length: 1547
    content-type: text/xml; charset=utf-8
    expires: Thu, 01 Jan 1970 00:00:00 GMT
    refresh: 300; url=http://feed.example.com:8080/phone/berlin/menu.xml
    x-content-type-options: nosniff

    <?xml version="1.0" encoding="utf-8"?>
    <CiscoIPPhoneMenu>
     <Title>Berlin, the large one on the fo…</Title>
     <Prompt>Sat 21 Nov 2026</Prompt>
     <SoftKeyItem>
      <Name>Select</Name>
      <Position>1</Position>
      <URL>SoftKey:Select</URL>
     </SoftKeyItem>
     <SoftKeyItem>
      <Name>Update</Name>
      <Position>2</Position>
      <URL>http://feed.example.com:8080/phone/berlin/menu.xml</URL>
     </SoftKeyItem>
     <SoftKeyItem>
      <Name>Next Day</Name>
      <Position>3</Position>
      <URL>http://feed.example.com:8080/phone/berlin/menu.xml?day=2026-11-22</URL>
     </SoftKeyItem>
     <SoftKeyItem>
      <Name>Exit</Name>
      <Position>4</Position>
      <URL>SoftKey:Exit</URL>
     </SoftKeyItem>
     <MenuItem>
      <Name>Now 08:30-09:30 Weekly staff &amp; ops</Name>
      <URL>http://feed.example.com:8080/phone/berlin/meetings/00000000000000000000000000000001.xml</URL>
     </MenuItem>
     <MenuItem>
      <Name>All day Trade fair</Name>
      <URL>http://feed.example.com:8080/phone/berlin/meetings/00000000000000000000000000000005.xml</URL>
     </MenuItem>
     <MenuItem>
      <Name>10:00-11:00 Private meeting</Name>
      <URL>http://feed.example.com:8080/phone/berlin/meetings/00000000000000000000000000000002.xml</URL>
     </MenuItem>
     <MenuItem>
      <Name>14:00-14:30 Köln – “Ausblick” 👩‍👩‍👧 2027</Name>
      <URL>http://feed.example.com:8080/phone/berlin/meetings/00000000000000000000000000000004.xml</URL>
     </MenuItem>
     <MenuItem>
      <Name>23:00-23:30 Night shift</Name>
      <URL>http://feed.example.com:8080/phone/berlin/meetings/00000000000000000000000000000007.xml</URL>
     </MenuItem>
    </CiscoIPPhoneMenu>
    "#);
}

#[tokio::test]
async fn the_menu_of_an_old_phone() {
    let old = [("Accept-Charset", "iso-8859-1, utf-8;q=0.8")];
    let answer = day().ask("GET", "/phone/berlin/menu.xml", &old).await;
    assert_eq!(answer.header("content-type"), "text/xml; charset=iso-8859-1");
    let text: String = answer.body.iter().map(|byte| char::from(*byte)).collect();
    assert!(text.starts_with(r#"<?xml version="1.0" encoding="iso-8859-1"?>"#), "{text}");
    assert!(text.contains("14:00-14:30 Köln - &quot;Ausblick&quot; ? 2027"), "{text}");
    assert!(text.contains("<Title>Berlin, the large one on the...</Title>"), "{text}");
}

#[tokio::test]
async fn one_meeting() {
    let path = format!("/phone/berlin/meetings/{}.xml", key(1));
    insta::assert_snapshot!(day().get(&path).await.whole(), @r#"
    200 OK
    cache-control: no-store
    content-length: 612
    content-type: text/xml; charset=utf-8
    expires: Thu, 01 Jan 1970 00:00:00 GMT
    refresh: 300; url=http://feed.example.com:8080/phone/berlin/meetings/00000000000000000000000000000001.xml
    x-content-type-options: nosniff

    <?xml version="1.0" encoding="utf-8"?>
    <CiscoIPPhoneText>
     <Title>Weekly staff &amp; ops</Title>
     <Prompt>08:30-09:30</Prompt>
     <SoftKeyItem>
      <Name>Back</Name>
      <Position>1</Position>
      <URL>http://feed.example.com:8080/phone/berlin/menu.xml</URL>
     </SoftKeyItem>
     <SoftKeyItem>
      <Name>Update</Name>
      <Position>2</Position>
      <URL>SoftKey:Update</URL>
     </SoftKeyItem>
     <SoftKeyItem>
      <Name>Exit</Name>
      <Position>3</Position>
      <URL>SoftKey:Exit</URL>
     </SoftKeyItem>
     <Text>Weekly staff &amp; ops
    Sat 21 Nov 2026, 08:30-09:30
    In progress
    Organizer: Kim Jones
    Location: Berlin 4</Text>
    </CiscoIPPhoneText>
    "#);
}

#[tokio::test]
async fn a_private_meeting_says_nothing_of_itself() {
    let site = day();
    let page = site.get(&format!("/phone/berlin/meetings/{}.xml", key(2))).await;
    assert!(
        page.text().contains("<Text>Private meeting\nSat 21 Nov 2026, 10:00-11:00</Text>"),
        "{}",
        page.text()
    );
    for path in ["/phone/berlin/menu.xml", "/api/rooms/berlin/meetings", "/api/rooms"] {
        let answer = site.get(path).await;
        assert_eq!(answer.status, StatusCode::OK);
        for hidden in ["Merger", "Initech"] {
            assert!(!answer.text().contains(hidden), "{path}");
        }
    }
}

#[tokio::test]
async fn a_meeting_that_a_phone_may_not_see_is_not_there() {
    let site = day();
    let gone = site.get(&format!("/phone/berlin/meetings/{}.xml", key(99))).await;
    insta::assert_snapshot!(gone.whole(), @r#"
    200 OK
    cache-control: no-store
    content-length: 439
    content-type: text/xml; charset=utf-8
    expires: Thu, 01 Jan 1970 00:00:00 GMT
    x-content-type-options: nosniff

    <?xml version="1.0" encoding="utf-8"?>
    <CiscoIPPhoneText>
     <Title>Berlin, the large one on the fo…</Title>
     <SoftKeyItem>
      <Name>Back</Name>
      <Position>1</Position>
      <URL>http://feed.example.com:8080/phone/berlin/menu.xml</URL>
     </SoftKeyItem>
     <SoftKeyItem>
      <Name>Exit</Name>
      <Position>2</Position>
      <URL>SoftKey:Exit</URL>
     </SoftKeyItem>
     <Text>This meeting is no longer in the room&apos;s calendar.</Text>
    </CiscoIPPhoneText>
    "#);
    for path in [
        format!("/phone/berlin/meetings/{}.xml", key(3)),
        "/phone/berlin/meetings/%00".to_owned(),
        "/phone/berlin/meetings/..%2F..%2Fmenu.xml".to_owned(),
    ] {
        assert_eq!(site.get(&path).await.text(), gone.text(), "{path}");
    }
    let elsewhere = site.get(&format!("/phone/oslo/meetings/{}.xml", key(1))).await;
    assert!(elsewhere.text().contains("no longer"), "{}", elsewhere.text());
}

#[tokio::test]
async fn an_unknown_room_is_a_page_too() {
    let site = day();
    let menu = site.get("/phone/paris/menu.xml").await;
    insta::assert_snapshot!(menu.whole(), @r#"
    404 Not Found
    cache-control: no-store
    content-length: 278
    content-type: text/xml; charset=utf-8
    expires: Thu, 01 Jan 1970 00:00:00 GMT
    x-content-type-options: nosniff

    <?xml version="1.0" encoding="utf-8"?>
    <CiscoIPPhoneText>
     <Title>callboard</Title>
     <SoftKeyItem>
      <Name>Exit</Name>
      <Position>1</Position>
      <URL>SoftKey:Exit</URL>
     </SoftKeyItem>
     <Text>No such room: check the address of this phone&apos;s page.</Text>
    </CiscoIPPhoneText>
    "#);
    let meeting = site.get(&format!("/phone/paris/meetings/{}.xml", key(1))).await;
    assert_eq!(meeting.whole(), menu.whole());
}

#[tokio::test]
async fn a_page_says_how_old_it_is() {
    let prompt = |answer: &Answer| {
        let (_, rest) = answer.text().split_once("<Prompt>").unwrap();
        rest.split_once("</Prompt>").unwrap().0.to_owned()
    };
    let old = "2026-11-21T07:12:59Z";
    let site = Site::new(old, vec![meeting("Weekly", "10:00", "11:00")]);
    assert_eq!(prompt(&site.get("/phone/berlin/menu.xml").await), "Sat 21 Nov, as of 08:12");
    assert_eq!(prompt(&site.get(&format!("/phone/berlin/meetings/{}.xml", key(0))).await), "as of 08:12");
    assert_eq!(prompt(&site.get("/phone/oslo/menu.xml").await), "Sat 21 Nov, not read yet");
    // Health speaks of other rows than those that were found.
    site.hears(2, NOW);
    assert_eq!(prompt(&site.get("/phone/berlin/menu.xml").await), "Sat 21 Nov, as of 08:12");
    // A later read found the same rows.
    site.hears(1, NOW);
    assert_eq!(prompt(&site.get("/phone/berlin/menu.xml").await), "Sat 21 Nov 2026");
    assert_eq!(prompt(&site.get(&format!("/phone/berlin/meetings/{}.xml", key(0))).await), "11:00-12:00");
}

#[tokio::test]
async fn a_phone_is_told_when_the_store_fails() {
    let site = day();
    site.loses_its_database();
    insta::assert_snapshot!(site.get("/phone/berlin/menu.xml").await.whole(), @r#"
    503 Service Unavailable
    cache-control: no-store
    content-length: 320
    content-type: text/xml; charset=utf-8
    expires: Thu, 01 Jan 1970 00:00:00 GMT
    refresh: 60; url=http://feed.example.com:8080/phone/berlin/menu.xml
    x-content-type-options: nosniff

    <?xml version="1.0" encoding="utf-8"?>
    <CiscoIPPhoneText>
     <Title>Berlin, the large one on the fo…</Title>
     <SoftKeyItem>
      <Name>Exit</Name>
      <Position>1</Position>
      <URL>SoftKey:Exit</URL>
     </SoftKeyItem>
     <Text>The meetings cannot be read at the moment. This page tries again by itself.</Text>
    </CiscoIPPhoneText>
    "#);
    let path = format!("/phone/berlin/meetings/{}.xml", key(1));
    assert_eq!(site.get(&path).await.status, StatusCode::SERVICE_UNAVAILABLE);
}

/// From a meeting of another day one comes back to that day, and from there to today.
#[tokio::test]
async fn another_day_is_come_back_to() {
    let site = day();
    let menu = site.get("/phone/berlin/menu.xml?day=2026-11-22").await;
    let root = "http://feed.example.com:8080/phone/berlin";
    let meeting = format!("{root}/meetings/{}.xml?day=2026-11-22", key(6));
    assert!(menu.text().contains(&format!("<URL>{meeting}</URL>")), "{}", menu.text());
    let path = meeting.strip_prefix("http://feed.example.com:8080").unwrap();
    let page = site.get(path).await;
    let back =
        format!("<Name>Back</Name>\n  <Position>1</Position>\n  <URL>{root}/menu.xml?day=2026-11-22</URL>");
    assert!(page.text().contains(&back), "{}", page.text());
    assert_eq!(page.header("refresh"), format!("300; url={meeting}"));
}

#[tokio::test]
async fn what_is_no_day_is_said_to_be_none() {
    let site = day();
    let today = site.get("/phone/berlin/menu.xml").await;
    for (asked, status, said) in [
        ("2026-11-21", StatusCode::OK, "Sat 21 Nov 2026"),
        ("2026-11-15", StatusCode::OK, "Sun 15 Nov 2026"),
        ("2027-01-19", StatusCode::OK, "Tue 19 Jan 2027"),
        ("2026-11-14", StatusCode::OK, "The calendar is not read that far."),
        ("2027-01-20", StatusCode::OK, "The calendar is not read that far."),
        ("%2B262142-12-31", StatusCode::OK, "The calendar is not read that far."),
        ("2026-02-30", StatusCode::BAD_REQUEST, "There is no such day."),
        ("nonsense", StatusCode::BAD_REQUEST, "There is no such day."),
        ("", StatusCode::BAD_REQUEST, "There is no such day."),
    ] {
        let page = site.get(&format!("/phone/berlin/menu.xml?day={asked}")).await;
        assert_eq!(page.status, status, "{asked}");
        assert!(page.text().contains(&format!(">{said}<")), "{asked}: {}", page.text());
        assert_eq!(page.text() == today.text(), asked == "2026-11-21", "{asked}");
        // Nobody is left there: a key leads to today.
        let key = "<URL>http://feed.example.com:8080/phone/berlin/menu.xml</URL>";
        assert!(page.text().contains(key), "{asked}: {}", page.text());
    }
}
