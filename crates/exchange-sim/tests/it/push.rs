//! Push subscriptions: what is posted, when, and what an answer does.

use chrono::{DateTime, Duration, Utc};
use exchange_sim::{Notifying, Post, PushPrefix, Request, World};

use crate::client::{
    BERLIN, LOGIN, PASSWORD, ask, calendar, call, envelope, hours, morning, seconds, text, texts, world,
};
use crate::xsd::Schema;

const URL: &str = "http://127.0.0.1:9/listener/5f0c";

fn subscribe_push(address: &str, minutes: u32, url: &str) -> String {
    format!(
        "<m:Subscribe><m:PushSubscriptionRequest><t:FolderIds>{}</t:FolderIds><t:EventTypes>\
         <t:EventType>CreatedEvent</t:EventType><t:EventType>ModifiedEvent</t:EventType></t:EventTypes>\
         <t:StatusFrequency>{minutes}</t:StatusFrequency><t:URL>{url}</t:URL>\
         </m:PushSubscriptionRequest></m:Subscribe>",
        calendar(address)
    )
}

fn result(status: &str) -> String {
    format!(
        "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Body><m:SendNotificationResult \
         xmlns:m=\"http://schemas.microsoft.com/exchange/services/2006/messages\">\
         <m:SubscriptionStatus>{status}</m:SubscriptionStatus></m:SendNotificationResult></s:Body></s:Envelope>"
    )
}

fn subscribed(world: &mut World, minutes: u32) -> (String, String) {
    let reply = ask(world, morning(), &subscribe_push(BERLIN, minutes, URL));
    (text(&reply, "m:SubscriptionId"), text(&reply, "m:Watermark"))
}

/// The only post that is due.
fn post(world: &mut World, now: DateTime<Utc>) -> Post {
    let mut posts = world.posts(now);
    assert_eq!(posts.len(), 1, "at {now}");
    posts.remove(0)
}

fn confirm(world: &mut World, post: &Post, now: DateTime<Utc>) {
    world.posted(post.id, now, Some((200, result("OK").as_bytes())));
}

#[test]
fn fact_2_3_1_the_answer_decides() {
    let no_result =
        "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Body/></s:Envelope>";
    let (ok, unsubscribe, other) = (result("OK"), result("Unsubscribe"), result("Perhaps"));
    // What is answered, and after how many seconds the next post comes.
    let table = [
        ("OK", Some((200, ok.as_str())), Some(600)),
        ("Unsubscribe", Some((200, &unsubscribe)), None),
        ("another word", Some((200, &other)), Some(30)),
        ("another envelope", Some((200, no_result)), Some(30)),
        ("no XML", Some((200, "OK")), Some(30)),
        ("202", Some((202, &ok)), Some(30)),
        ("500", Some((500, &ok)), Some(30)),
        ("no answer", None, Some(30)),
    ];
    for (what, answer, next) in table {
        let mut world = world();
        subscribed(&mut world, 10);
        let first = post(&mut world, morning());
        let answer = answer.map(|(status, body)| (status, body.as_bytes()));
        world.posted(first.id, morning(), answer);
        assert_eq!(world.next_wake(), next.map(seconds), "{what}");
    }
}

#[test]
fn fact_2_3_1_the_prefix_is_a_switch() {
    let schema = Schema::find();
    for push_prefix in [PushPrefix::Soap11, PushPrefix::S, PushPrefix::Soap] {
        let mut world = world();
        world.set_notifying(Notifying { push_prefix, ..Notifying::default() });
        let (id, watermark) = subscribed(&mut world, 30);
        let status = post(&mut world, morning());
        assert_eq!(status.url, URL);
        let prefix = push_prefix.as_str();
        assert!(status.body.contains(&format!("<{prefix}:Envelope xmlns:{prefix}=")));
        assert_eq!(text(&status.body, "t:SubscriptionId"), id);
        assert_eq!(text(&status.body, "t:PreviousWatermark"), watermark);
        confirm(&mut world, &status, morning());
        world.book("berlin", "Cleaning", hours(1), hours(2), seconds(1)).unwrap();
        let events = post(&mut world, seconds(1));
        assert!(events.body.contains("<t:CreatedEvent><t:Watermark>"));
        if let Some(schema) = &schema {
            schema.check("a status", &status.body);
            schema.check("events", &events.body);
        }
    }
}

#[test]
fn fact_2_3_2_retries_double_until_the_status_frequency() {
    let table: [(u32, &[i64]); 3] =
        [(30, &[30, 60, 120, 240, 480, 960]), (1, &[30, 60]), (5, &[30, 60, 120, 240])];
    for (minutes, waits) in table {
        let mut world = world();
        let (id, _) = subscribed(&mut world, minutes);
        let mut now = morning();
        for wait in waits {
            let failed = post(&mut world, now);
            world.posted(failed.id, now, None);
            now += Duration::seconds(*wait);
            assert!(world.posts(now - Duration::seconds(1)).is_empty());
        }
        let last = post(&mut world, now);
        world.posted(last.id, now, None);
        assert!(world.posts(now + Duration::days(1)).is_empty(), "given up after {minutes} minutes");
        let gone = ask(&mut world, now + Duration::days(1), &crate::client::unsubscribe(&id));
        assert_eq!(text(&gone, "m:ResponseCode"), "ErrorSubscriptionNotFound");
    }
}

#[test]
fn fact_2_3_2_nothing_is_lost_between_retries() {
    let mut world = world();
    let (_, watermark) = subscribed(&mut world, 30);
    let status = post(&mut world, morning());
    world.book("berlin", "Cleaning", hours(1), hours(2), seconds(1)).unwrap();
    assert!(world.posts(seconds(2)).is_empty(), "one post at a time");
    world.posted(status.id, seconds(3), Some((500, b"")));
    world.book("berlin", "Cleaning", hours(3), hours(4), seconds(4)).unwrap();
    assert!(world.posts(seconds(32)).is_empty(), "events do not hurry a retry");
    let both = post(&mut world, seconds(33));
    assert_eq!(both.body.matches("<t:CreatedEvent>").count(), 2);
    assert_eq!(text(&both.body, "t:PreviousWatermark"), watermark);
    let reached = texts(&both.body, "t:Watermark").pop().unwrap();
    confirm(&mut world, &both, seconds(33));
    let ping = post(&mut world, seconds(33 + 1800));
    assert!(ping.body.contains("<t:StatusEvent>"));
    assert_ne!(text(&ping.body, "t:PreviousWatermark"), watermark);
    assert_ne!(reached, watermark);
}

#[test]
fn fact_2_3_3_an_idle_subscription_is_pinged() {
    let mut world = world();
    subscribed(&mut world, 5);
    let mut now = morning();
    for _ in 0..3 {
        let ping = post(&mut world, now);
        assert!(ping.body.contains("<t:StatusEvent><t:Watermark>"));
        confirm(&mut world, &ping, now);
        assert!(world.posts(now + Duration::seconds(299)).is_empty());
        now += Duration::minutes(5);
    }
    let ping = post(&mut world, now);
    confirm(&mut world, &ping, now);
    let event = now + Duration::minutes(3);
    world.book("berlin", "Cleaning", hours(1), hours(2), event).unwrap();
    let events = post(&mut world, event);
    assert!(!events.body.contains("StatusEvent"));
    confirm(&mut world, &events, event);
    assert!(world.posts(event + Duration::seconds(299)).is_empty(), "five minutes after the last post");
    post(&mut world, event + Duration::minutes(5));
}

#[test]
fn fact_2_3_4_the_first_notification_comes_at_once() {
    let mut world = world();
    subscribed(&mut world, 30);
    assert!(post(&mut world, morning()).body.contains("<t:StatusEvent>"));

    let (_, watermark) = subscribed(&mut world, 30);
    world.book("berlin", "Cleaning", hours(1), hours(2), seconds(1)).unwrap();
    world.posts(seconds(1));
    let since = subscribe_push(BERLIN, 30, URL).replace(
        "<t:StatusFrequency>",
        &format!("<t:Watermark>{watermark}</t:Watermark><t:StatusFrequency>"),
    );
    ask(&mut world, seconds(2), &since);
    assert!(post(&mut world, seconds(2)).body.contains("<t:CreatedEvent>"), "what happened since");
}

#[test]
fn fact_2_3_6_push_works_on_2007_where_streaming_does_not() {
    let mut world = world();
    world.set_notifying(Notifying { delegates: true, ..Notifying::exchange_2007() });
    let old = |body: &str| {
        let body = envelope("", body).replace("Exchange2013_SP1", "Exchange2007_SP1");
        Request::post("/EWS/Exchange.asmx", body).basic(LOGIN, PASSWORD)
    };
    let push = world.handle(morning(), &old(&subscribe_push(BERLIN, 30, URL)));
    assert_eq!(text(&push.text(), "m:ResponseCode"), "NoError");
    let streaming = world.handle(morning(), &old(&crate::streaming::subscribe_streaming(BERLIN)));
    assert_eq!(streaming.status, 500);
}

#[test]
fn fifty_events_a_post() {
    let mut world = world();
    subscribed(&mut world, 30);
    let status = post(&mut world, morning());
    for _ in 0..30 {
        world.book("berlin", "Cleaning", hours(1), hours(2), seconds(1)).unwrap();
    }
    confirm(&mut world, &status, seconds(2));
    for (events, more) in [(50, "true"), (10, "false")] {
        let page = post(&mut world, seconds(2));
        assert_eq!(
            (texts(&page.body, "t:TimeStamp").len(), text(&page.body, "t:MoreEvents")),
            (events, more.into())
        );
        confirm(&mut world, &page, seconds(2));
    }
}

#[test]
fn bad_push_requests_are_refused() {
    let mut world = world();
    for url in ["ftp://127.0.0.1/", "http://", "listener", ""] {
        let refused = call(&mut world, morning(), &subscribe_push(BERLIN, 30, url));
        assert!(refused.text().contains("ErrorInvalidPushSubscriptionUrl"), "{url}");
    }
    for minutes in [0, 1441] {
        assert_eq!(call(&mut world, morning(), &subscribe_push(BERLIN, minutes, URL)).status, 500);
    }
    assert!(world.posts(morning()).is_empty());
}

#[test]
fn fact_2_3_5_nothing_but_address_and_id_says_whose_a_post_is() {
    let mut world = world();
    let mut expected = Vec::new();
    for (room, secret) in [(BERLIN, "5f0c"), ("oslo@rooms.example", "77ab")] {
        let url = format!("http://127.0.0.1:9/listener/{secret}");
        let reply = ask(&mut world, morning(), &subscribe_push(room, 30, &url));
        expected.push((url, text(&reply, "m:SubscriptionId")));
    }
    let posts = world.posts(morning());
    let told = posts.iter().map(|post| (post.url.clone(), text(&post.body, "t:SubscriptionId")));
    assert_eq!(told.collect::<Vec<_>>(), expected);
    for post in posts {
        for word in ["berlin", "oslo", LOGIN, PASSWORD] {
            assert!(!post.body.contains(word), "{word}: {}", post.body);
        }
    }
}
