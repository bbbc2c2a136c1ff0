//! Streaming subscriptions: what an open reply says, in which shape, and how it ends.

use chrono::{DateTime, Duration, Utc};
use exchange_sim::{
    Chunking, Ending, Fault, Injection, NotificationNamespace, Notifying, Request, Response, ServerProfile,
    StreamId, Then, World,
};

use crate::client::{
    BERLIN, LOGIN, PASSWORD, ask, calendar, call, envelope, hours, morning, seconds, text, world,
};
use crate::xsd::Schema;

pub(crate) const OSLO: &str = "oslo@rooms.example";

pub(crate) fn subscribe_streaming(address: &str) -> String {
    format!(
        "<m:Subscribe><m:StreamingSubscriptionRequest><t:FolderIds>{}</t:FolderIds><t:EventTypes>\
         <t:EventType>CreatedEvent</t:EventType><t:EventType>ModifiedEvent</t:EventType>\
         <t:EventType>MovedEvent</t:EventType><t:EventType>DeletedEvent</t:EventType></t:EventTypes>\
         </m:StreamingSubscriptionRequest></m:Subscribe>",
        calendar(address)
    )
}

pub(crate) fn get_streaming_events(ids: &[&str], minutes: u32) -> String {
    let ids = ids.join("</t:SubscriptionId><t:SubscriptionId>");
    let ids = if ids.is_empty() { ids } else { format!("<t:SubscriptionId>{ids}</t:SubscriptionId>") };
    format!(
        "<m:GetStreamingEvents><m:SubscriptionIds>{ids}</m:SubscriptionIds>\
         <m:ConnectionTimeout>{minutes}</m:ConnectionTimeout></m:GetStreamingEvents>"
    )
}

pub(crate) fn subscribed(world: &mut World, now: DateTime<Utc>, address: &str) -> String {
    text(&ask(world, now, &subscribe_streaming(address)), "m:SubscriptionId")
}

pub(crate) fn stream(response: &Response) -> StreamId {
    match response.ending {
        Ending::Stream(stream) => stream,
        _ => panic!("no stream: {}", response.text()),
    }
}

pub(crate) fn connect(world: &mut World, now: DateTime<Utc>, ids: &[&str], minutes: u32) -> StreamId {
    stream(&call(world, now, &get_streaming_events(ids, minutes)))
}

/// The envelopes that a stream has said, and how it goes on.
pub(crate) fn heard(world: &mut World, stream: StreamId, now: DateTime<Utc>) -> (Vec<String>, Then) {
    let said = world.stream_chunks(stream, now);
    let text = String::from_utf8(said.chunks.concat()).unwrap();
    let mut envelopes: Vec<String> = text.split_inclusive("</Envelope>").map(ToOwned::to_owned).collect();
    envelopes.retain(|envelope| !envelope.trim().is_empty());
    (envelopes, said.then)
}

/// A subscription to Berlin with its connection, whose first message was heard.
pub(crate) fn connected(world: &mut World) -> (String, StreamId) {
    let id = subscribed(world, morning(), BERLIN);
    let stream = connect(world, morning(), &[&id], 30);
    let (first, then) = heard(world, stream, morning());
    assert_eq!((status(&first[0]), first.len(), then), ("OK", 1, Then::Open));
    (id, stream)
}

pub(crate) fn status(envelope: &str) -> &str {
    envelope
        .split("<m:ConnectionStatus>")
        .nth(1)
        .map_or("", |rest| rest.split('<').next().unwrap_or_default())
}

pub(crate) fn code(envelope: &str) -> String {
    text(envelope, "m:ResponseCode")
}

pub(crate) fn book(world: &mut World, room: &str, now: DateTime<Utc>) {
    world.book(room, "Cleaning", hours(1), hours(2), now).unwrap();
}

pub(crate) fn code_of_fault(response: &Response) -> String {
    let text = response.text();
    let rest = text.split("<e:ResponseCode").nth(1).unwrap();
    rest.split(['>', '<']).nth(1).unwrap().to_owned()
}

#[test]
fn fact_2_4_2_chunks_are_not_messages() {
    let mut world = world();
    let (_, stream) = connected(&mut world);
    let (mut whole, mut cut, mut declared, mut joined) = (0, 0, 0, 0);
    for second in 1..200 {
        book(&mut world, "berlin", seconds(2 * second));
        // Two messages wait in every other round, so that they may share a chunk.
        if second % 2 == 0 {
            book(&mut world, "berlin", seconds(2 * second) + Duration::milliseconds(500));
        }
        let said = world.stream_chunks(stream, seconds(2 * second + 1));
        let text = String::from_utf8(said.chunks.concat()).unwrap();
        assert_eq!(text.matches("<Envelope ").count(), text.matches("</Envelope>").count());
        declared += text.matches("<?xml").count();
        for chunk in &said.chunks {
            let chunk = String::from_utf8_lossy(chunk);
            let (starts, ends) = (chunk.matches("<Envelope ").count(), chunk.matches("</Envelope>").count());
            match (starts, ends) {
                (1, 1) => whole += 1,
                (2.., _) | (_, 2..) => joined += 1,
                _ => cut += 1,
            }
        }
    }
    assert!(whole > 20 && cut > 50 && joined > 5, "{whole} whole, {cut} cut, {joined} joined");
    assert!((20..120).contains(&declared), "{declared} with a declaration");

    world.set_notifying(Notifying { chunking: Chunking::Whole, ..Notifying::default() });
    for second in 400..420 {
        book(&mut world, "berlin", seconds(second));
        for chunk in world.stream_chunks(stream, seconds(second)).chunks {
            let chunk = String::from_utf8(chunk).unwrap();
            assert!(chunk.ends_with("</Envelope>") && chunk.matches("</Envelope>").count() == 1);
        }
    }
}

#[test]
fn fact_2_4_2_the_shape_is_that_of_exchange() {
    let mut world = world();
    let (_, stream) = connected(&mut world);
    book(&mut world, "berlin", seconds(1));
    let (told, _) = heard(&mut world, stream, seconds(2));
    let told = told[0].trim_start_matches("<?xml version=\"1.0\" encoding=\"utf-8\"?>");
    assert!(told.starts_with(
        "<Envelope xmlns=\"http://schemas.xmlsoap.org/soap/envelope/\">\
         <soap11:Header xmlns:soap11=\"http://schemas.xmlsoap.org/soap/envelope/\">"
    ));
    assert!(told.contains("<soap11:Body xmlns:soap11="));
}

#[test]
fn fact_2_4_3_ok_first_closed_last_and_nothing_between() {
    let mut world = world();
    let id = subscribed(&mut world, morning(), BERLIN);
    let stream = connect(&mut world, morning(), &[&id], 1);
    book(&mut world, "berlin", seconds(10));
    let (said, then) = heard(&mut world, stream, seconds(61));
    let statuses: Vec<&str> = said.iter().map(|envelope| status(envelope)).collect();
    assert_eq!(statuses, ["OK", "", "OK", "Closed"]);
    assert_eq!(then, Then::Closed);
    assert_eq!(world.stream_chunks(stream, seconds(62)).then, Then::Broken, "it is gone");
}

#[test]
fn fact_2_4_4_heartbeats_come_45_seconds_after_the_last_message() {
    let mut world = world();
    let (_, stream) = connected(&mut world);
    assert_eq!(world.next_wake(), Some(seconds(45)));
    assert!(heard(&mut world, stream, seconds(44)).0.is_empty());
    assert_eq!(status(&heard(&mut world, stream, seconds(45)).0[0]), "OK");
    book(&mut world, "berlin", seconds(60));
    assert_eq!(heard(&mut world, stream, seconds(60)).0.len(), 1);
    assert!(heard(&mut world, stream, seconds(104)).0.is_empty(), "45 s after the notification");
    assert_eq!(heard(&mut world, stream, seconds(105)).0.len(), 1);

    world.set_notifying(Notifying { heartbeat: Duration::seconds(10), ..Notifying::default() });
    heard(&mut world, stream, seconds(150));
    assert_eq!(heard(&mut world, stream, seconds(190)).0.len(), 4);
}

#[test]
fn fact_2_4_6_the_namespace_is_a_switch() {
    let schema = Schema::find();
    for (namespace, prefix) in [(NotificationNamespace::Messages, "m"), (NotificationNamespace::Types, "t")] {
        let mut world = world();
        world.set_notifying(Notifying { namespace, ..Notifying::default() });
        let (id, stream) = connected(&mut world);
        book(&mut world, "berlin", seconds(1));
        let (told, _) = heard(&mut world, stream, seconds(1));
        assert!(
            told[0].contains(&format!("<m:Notifications><{prefix}:Notification><t:SubscriptionId>{id}<"))
        );
        let refused = connect(&mut world, seconds(2), &["nonsense"], 1);
        let (refused, _) = heard(&mut world, refused, seconds(2));
        let ids =
            format!("<m:ErrorSubscriptionIds><{prefix}:SubscriptionId>nonsense</{prefix}:SubscriptionId>");
        assert!(refused[0].contains(&ids));
        if let Some(schema) = schema.as_ref().filter(|_| prefix == "t") {
            schema.check("a notification", &told[0]);
            schema.check("a refusal", &refused[0]);
        }
    }
}

/// Every message of a stream is valid but for the namespace that Exchange gives to two elements.
#[test]
fn what_streams_say_is_valid() {
    let Some(schema) = Schema::find() else { return };
    let mut world = world();
    let (id, stream) = connected(&mut world);
    let booking = world.book("berlin", "Cleaning", hours(1), hours(2), seconds(1)).unwrap();
    world.organizer("kim").invites("berlin").at(hours(1), hours(2)).send(seconds(2)).unwrap();
    world.advance(seconds(9));
    world.delete_from("berlin", booking, seconds(10)).unwrap();
    world.advance(seconds(10));
    world.inject(Injection::of(Fault::MissedEvents)).unwrap();
    book(&mut world, "berlin", seconds(11));
    world.inject(Injection::of(Fault::SubscriptionFaulted)).unwrap();
    world.advance(seconds(100));
    let second = connect(&mut world, seconds(100), &[&id], 30);
    let refused = connect(&mut world, seconds(100), &[&id, "nonsense"], 30);
    let mut said = heard(&mut world, stream, seconds(100)).0;
    said.extend(heard(&mut world, second, seconds(100)).0);
    said.extend(heard(&mut world, refused, seconds(100)).0);
    let codes: Vec<String> = said.iter().map(|envelope| code(envelope)).collect();
    for wanted in ["NoError", "ErrorMissedNotificationEvents", "ErrorNewEventStreamConnectionOpened"] {
        assert!(codes.iter().any(|code| code == wanted), "{wanted} in {codes:?}");
    }
    let all = said.concat();
    for wanted in ["t:CreatedEvent", "t:ModifiedEvent", "t:MovedEvent", "t:DeletedEvent"] {
        assert!(all.contains(wanted), "{wanted}");
    }
    for envelope in said {
        let as_schema = envelope
            .replace("m:Notification>", "t:Notification>")
            .replace("m:SubscriptionId>", "t:SubscriptionId>");
        schema.check("a stream", &as_schema);
    }
}

#[test]
fn equal_seeds_stream_equal_bytes() {
    let day = || {
        let mut world = world();
        let (_, stream) = connected(&mut world);
        let mut bytes = Vec::new();
        for minute in 1..20 {
            book(&mut world, "berlin", seconds(60 * minute));
            bytes.push(world.stream_chunks(stream, seconds(60 * minute + 30)));
        }
        bytes
    };
    assert_eq!(day(), day());
}

#[test]
fn a_stream_tells_the_version_of_its_server() {
    let versions = [
        (ServerProfile::Exchange2010Sp1, "MajorVersion=\"14\""),
        (ServerProfile::Exchange2013, "MajorVersion=\"15\" MinorVersion=\"0\""),
        (ServerProfile::default(), "MajorVersion=\"15\" MinorVersion=\"2\""),
    ];
    for (profile, version) in versions {
        let mut world = world();
        world.set_profile(profile);
        let as_2010 = |body: &str| {
            let body = envelope("", body).replace("Exchange2013_SP1", "Exchange2010_SP1");
            Request::post("/EWS/Exchange.asmx", body).basic(LOGIN, PASSWORD)
        };
        let subscribed = world.handle(morning(), &as_2010(&subscribe_streaming(BERLIN))).text();
        let id = text(&subscribed, "m:SubscriptionId");
        let open = stream(&world.handle(morning(), &as_2010(&get_streaming_events(&[&id], 30))));
        let (said, _) = heard(&mut world, open, morning());
        assert!(said[0].contains(&format!("<ServerVersionInfo {version}")), "{}", said[0]);
    }
}
