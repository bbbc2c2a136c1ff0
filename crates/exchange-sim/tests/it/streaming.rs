//! Streaming subscriptions: what an open reply says, in which shape, and how it ends.

use chrono::{DateTime, Duration, Utc};
use exchange_sim::{
    Account, Chunking, Ending, Fault, Injection, NotificationNamespace, Notifying, Request, Response, Rights,
    Room, ServerProfile, StreamId, Strikes, Then, World,
};

use crate::client::{
    BERLIN, LOGIN, PASSWORD, ask, calendar, call, envelope, get_events, hours, impersonating, morning,
    request, seconds, sync, text, texts, unsubscribe, world,
};
use crate::xsd::Schema;

const OSLO: &str = "oslo@rooms.example";

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

fn subscribed(world: &mut World, now: DateTime<Utc>, address: &str) -> String {
    text(&ask(world, now, &subscribe_streaming(address)), "m:SubscriptionId")
}

fn stream(response: &Response) -> StreamId {
    match response.ending {
        Ending::Stream(stream) => stream,
        _ => panic!("no stream: {}", response.text()),
    }
}

fn connect(world: &mut World, now: DateTime<Utc>, ids: &[&str], minutes: u32) -> StreamId {
    stream(&call(world, now, &get_streaming_events(ids, minutes)))
}

/// The envelopes that a stream has said, and how it goes on.
fn heard(world: &mut World, stream: StreamId, now: DateTime<Utc>) -> (Vec<String>, Then) {
    let said = world.stream_chunks(stream, now);
    let text = String::from_utf8(said.chunks.concat()).unwrap();
    let mut envelopes: Vec<String> = text.split_inclusive("</Envelope>").map(ToOwned::to_owned).collect();
    envelopes.retain(|envelope| !envelope.trim().is_empty());
    (envelopes, said.then)
}

/// A subscription to Berlin with its connection, whose first message was heard.
fn connected(world: &mut World) -> (String, StreamId) {
    let id = subscribed(world, morning(), BERLIN);
    let stream = connect(world, morning(), &[&id], 30);
    let (first, then) = heard(world, stream, morning());
    assert_eq!((status(&first[0]), first.len(), then), ("OK", 1, Then::Open));
    (id, stream)
}

fn status(envelope: &str) -> &str {
    envelope
        .split("<m:ConnectionStatus>")
        .nth(1)
        .map_or("", |rest| rest.split('<').next().unwrap_or_default())
}

fn code(envelope: &str) -> String {
    text(envelope, "m:ResponseCode")
}

fn book(world: &mut World, room: &str, now: DateTime<Utc>) {
    world.book(room, "Cleaning", hours(1), hours(2), now).unwrap();
}

#[test]
fn fact_2_4_1_up_to_200_ids_for_1_to_30_minutes() {
    let mut world = world();
    let id = subscribed(&mut world, morning(), BERLIN);
    for (minutes, status) in [(0, 500), (1, 200), (30, 200), (31, 500)] {
        let reply = call(&mut world, morning(), &get_streaming_events(&[&id], minutes));
        assert_eq!(reply.status, status, "{minutes}");
    }
    assert_eq!(call(&mut world, morning(), &get_streaming_events(&[], 1)).status, 500);
    let ids: Vec<String> = (0..201).map(|_| subscribed(&mut world, morning(), OSLO)).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let full = connect(&mut world, morning(), &ids[..200], 1);
    assert_eq!(status(&heard(&mut world, full, morning()).0[0]), "OK");
    let refused = call(&mut world, morning(), &get_streaming_events(&ids, 1));
    assert_eq!((refused.status, code_of_fault(&refused).as_str()), (500, "ErrorInvalidArgument"));
}

fn code_of_fault(response: &Response) -> String {
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
fn fact_2_4_4_a_stream_can_fall_silent() {
    let mut world = world();
    let (_, stream) = connected(&mut world);
    world.inject(Injection::of(Fault::StreamSilent)).unwrap();
    book(&mut world, "berlin", seconds(1));
    let (said, then) = heard(&mut world, stream, hours(2));
    assert_eq!((said.len(), then), (0, Then::Open), "no events, no heartbeats, no end");
}

#[test]
fn fact_2_4_5_a_clean_close_leaves_the_subscription() {
    let mut world = world();
    let id = subscribed(&mut world, morning(), BERLIN);
    let first = connect(&mut world, morning(), &[&id], 1);
    let (said, then) = heard(&mut world, first, seconds(60));
    assert_eq!((status(said.last().unwrap()), then), ("Closed", Then::Closed));
    let second = connect(&mut world, seconds(61), &[&id], 1);
    book(&mut world, "berlin", seconds(62));
    let (said, _) = heard(&mut world, second, seconds(62));
    assert_eq!(said.iter().map(|envelope| status(envelope)).collect::<Vec<_>>(), ["OK", ""]);
    assert!(said[1].contains("t:CreatedEvent"));
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
fn fact_2_4_7_one_bad_id_spoils_the_connection() {
    let mut world = world();
    let good = subscribed(&mut world, morning(), BERLIN);
    let gone = subscribed(&mut world, morning(), OSLO);
    ask(&mut world, morning(), &unsubscribe(&gone));
    let pull = text(&ask(&mut world, morning(), &crate::client::subscribe(BERLIN, 10)), "m:SubscriptionId");
    for (bad, expected) in [
        ("nonsense", "ErrorInvalidSubscription"),
        (gone.as_str(), "ErrorSubscriptionNotFound"),
        (pull.as_str(), "ErrorInvalidSubscription"),
    ] {
        let stream = connect(&mut world, morning(), &[&good, bad], 30);
        let (said, then) = heard(&mut world, stream, morning());
        assert_eq!((said.len(), then, status(&said[0])), (1, Then::Closed, "Closed"), "{bad}");
        assert_eq!(code(&said[0]), expected);
        assert_eq!(texts(&said[0], "m:SubscriptionId"), [bad], "only the bad one is named");
    }
    let stream = connect(&mut world, morning(), &[&good], 30);
    assert_eq!(status(&heard(&mut world, stream, morning()).0[0]), "OK", "the good one alone works");
}

#[test]
fn fact_2_4_7_a_subscription_is_lost_inside_a_stream() {
    let mut world = world();
    let (berlin, oslo) = (subscribed(&mut world, morning(), BERLIN), subscribed(&mut world, morning(), OSLO));
    let stream = connect(&mut world, morning(), &[&berlin, &oslo], 30);
    heard(&mut world, stream, morning());
    world.inject(Injection::of(Fault::SubscriptionLost).in_room("oslo")).unwrap();
    let (said, then) = heard(&mut world, stream, seconds(45));
    assert_eq!((code(&said[0]).as_str(), then), ("ErrorSubscriptionNotFound", Then::Closed));
    assert_eq!(texts(&said[0], "m:SubscriptionId"), [oslo.as_str()]);
    let again = connect(&mut world, seconds(46), &[&oslo], 30);
    assert_eq!(code(&heard(&mut world, again, seconds(46)).0[0]), "ErrorSubscriptionNotFound");
    let again = connect(&mut world, seconds(46), &[&berlin], 30);
    assert_eq!(status(&heard(&mut world, again, seconds(46)).0[0]), "OK");
}

#[test]
fn fact_2_4_7_a_faulted_subscription_with_an_ok_connection() {
    let mut world = world();
    let (berlin, oslo) = (subscribed(&mut world, morning(), BERLIN), subscribed(&mut world, morning(), OSLO));
    let stream = connect(&mut world, morning(), &[&berlin, &oslo], 30);
    heard(&mut world, stream, morning());
    world.inject(Injection::of(Fault::SubscriptionFaulted).in_room("oslo")).unwrap();
    let (said, then) = heard(&mut world, stream, seconds(180));
    assert_eq!((said.len(), then), (4, Then::Open));
    for envelope in &said {
        assert_eq!((code(envelope).as_str(), status(envelope)), ("ErrorInvalidSubscription", "OK"));
        assert_eq!(texts(envelope, "m:SubscriptionId"), [oslo.as_str()]);
    }
    book(&mut world, "oslo", seconds(181));
    assert!(heard(&mut world, stream, seconds(182)).0.is_empty(), "nothing of the faulted one");
    book(&mut world, "berlin", seconds(183));
    assert_eq!(texts(&heard(&mut world, stream, seconds(183)).0[0], "t:SubscriptionId"), [berlin]);
}

#[test]
fn fact_2_4_7_missed_events_do_not_end_the_subscription() {
    let mut world = world();
    let (id, stream) = connected(&mut world);
    world.inject(Injection::of(Fault::MissedEvents)).unwrap();
    book(&mut world, "berlin", seconds(1));
    let (said, then) = heard(&mut world, stream, seconds(1));
    assert_eq!((said.len(), code(&said[0]).as_str()), (1, "ErrorMissedNotificationEvents"));
    assert_eq!((status(&said[0]), then), ("", Then::Open));
    assert_eq!(texts(&said[0], "m:SubscriptionId"), [id]);
    world.inject(Injection::of(Fault::EventsLost)).unwrap();
    book(&mut world, "berlin", seconds(2));
    assert!(heard(&mut world, stream, seconds(2)).0.is_empty(), "lost, and nothing says so");
    book(&mut world, "berlin", seconds(3));
    assert_eq!(heard(&mut world, stream, seconds(3)).0[0].matches("t:CreatedEvent>").count(), 2);
}

#[test]
fn a_stream_is_cut_in_the_middle_of_an_envelope() {
    for (fault, end) in [(Fault::ConnectionClosed, Then::Broken), (Fault::TruncatedBody, Then::Closed)] {
        let mut world = world();
        let (id, stream) = connected(&mut world);
        world.inject(Injection::of(fault)).unwrap();
        book(&mut world, "berlin", seconds(1));
        let said = world.stream_chunks(stream, seconds(1));
        let text = String::from_utf8(said.chunks.concat()).unwrap();
        assert!(text.contains("<Envelope ") && !text.contains("</Envelope>"));
        assert_eq!(said.then, end);
        let again = connect(&mut world, seconds(2), &[&id], 30);
        assert_eq!(status(&heard(&mut world, again, seconds(2)).0[0]), "OK", "the subscription lives");
    }
}

#[test]
fn other_faults_strike_the_call_and_leave_no_stream() {
    let mut world = world();
    world.set_notifying(Notifying { hanging_connections: 1, ..Notifying::default() });
    let id = subscribed(&mut world, morning(), BERLIN);
    world.inject(Injection::of(Fault::OtherOperation)).unwrap();
    let other = call(&mut world, morning(), &get_streaming_events(&[&id], 30));
    assert_eq!(other.ending, Ending::Whole);
    assert!(other.text().contains("ResolveNamesResponse"));
    world.inject(Injection::of(Fault::ServiceUnavailable)).unwrap();
    assert_eq!(call(&mut world, morning(), &get_streaming_events(&[&id], 30)).status, 503);
    let other = subscribed(&mut world, morning(), OSLO);
    connect(&mut world, morning(), &[&other], 30);
}

#[test]
fn fact_2_4_8_a_second_connection_ends_the_first() {
    let mut world = world();
    let (berlin, first) = connected(&mut world);
    let oslo = subscribed(&mut world, morning(), OSLO);
    let second = connect(&mut world, seconds(1), &[&oslo, &berlin], 30);
    let (said, then) = heard(&mut world, first, seconds(1));
    assert_eq!((code(&said[0]).as_str(), then), ("ErrorNewEventStreamConnectionOpened", Then::Closed));
    assert_eq!((status(&said[0]), texts(&said[0], "m:SubscriptionId")), ("Closed", vec![berlin.clone()]));
    heard(&mut world, second, seconds(1));
    book(&mut world, "berlin", seconds(2));
    assert_eq!(texts(&heard(&mut world, second, seconds(2)).0[0], "t:SubscriptionId"), [berlin]);
}

#[test]
fn fact_2_4_9_fifty_events_wait_and_the_others_are_lost() {
    let mut world = world();
    let id = subscribed(&mut world, morning(), BERLIN);
    for _ in 0..40 {
        book(&mut world, "berlin", seconds(1));
    }
    let stream = connect(&mut world, seconds(2), &[&id], 30);
    let (said, _) = heard(&mut world, stream, seconds(2));
    assert_eq!(said.len(), 2);
    assert_eq!(texts(&said[1], "t:TimeStamp").len(), 50, "of eighty");
    book(&mut world, "berlin", seconds(3));
    assert_eq!(texts(&heard(&mut world, stream, seconds(3)).0[0], "t:TimeStamp").len(), 2);
    world.hang_up(stream, seconds(4));
    book(&mut world, "berlin", seconds(5));
    let stream = connect(&mut world, seconds(6), &[&id], 30);
    assert_eq!(texts(&heard(&mut world, stream, seconds(6)).0[1], "t:TimeStamp").len(), 2);
}

#[test]
fn fact_2_4_9_an_unconnected_subscription_expires() {
    let mut world = world();
    world.set_notifying(Notifying { idle: Duration::minutes(5), ..Notifying::default() });
    let (id, stream) = connected(&mut world);
    let minutes = |minutes| morning() + Duration::minutes(minutes);
    heard(&mut world, stream, minutes(30));
    let again = connect(&mut world, minutes(34), &[&id], 1);
    assert_eq!(status(&heard(&mut world, again, minutes(34)).0[0]), "OK", "four minutes after the end");
    let late = connect(&mut world, minutes(40), &[&id], 1);
    assert_eq!(code(&heard(&mut world, late, minutes(40)).0[0]), "ErrorExpiredSubscription");
    let later = connect(&mut world, minutes(40), &[&id], 1);
    assert_eq!(code(&heard(&mut world, later, minutes(40)).0[0]), "ErrorSubscriptionNotFound");
}

#[test]
fn fact_2_4_9_a_restart_forgets_subscriptions_and_cuts_streams() {
    let mut world = world();
    let (id, stream) = connected(&mut world);
    world.restart_web_services();
    assert_eq!(heard(&mut world, stream, seconds(1)), (Vec::new(), Then::Broken));
    let again = connect(&mut world, seconds(2), &[&id], 1);
    assert_eq!(code(&heard(&mut world, again, seconds(2)).0[0]), "ErrorSubscriptionNotFound");
}

#[test]
fn fact_2_4_10_connections_are_counted_by_budget() {
    let limits =
        [(Notifying::default(), 10), (Notifying::exchange_2013(), 3), (Notifying::exchange_online(), 10)];
    for (notifying, limit) in limits {
        let mut world = world();
        world.set_notifying(notifying);
        let ids: Vec<String> = (0..=limit).map(|_| subscribed(&mut world, morning(), BERLIN)).collect();
        let last = ids.last().unwrap();
        let open: Vec<StreamId> =
            ids[..limit].iter().map(|id| connect(&mut world, morning(), &[id], 30)).collect();
        let refused = call(&mut world, morning(), &get_streaming_events(&[last], 30));
        assert_eq!((refused.status, code_of_fault(&refused).as_str()), (500, "ErrorExceededConnectionCount"));
        assert!(refused.text().contains(&format!("<t:Value Name=\"MaxStreamingConcurrencyLimit\">{limit}<")));
        if let Some(schema) = Schema::find() {
            schema.check("too many connections", &refused.text());
        }
        connect(&mut world, morning(), &[&ids[0]], 30);
        world.hang_up(open[1], seconds(1));
        connect(&mut world, seconds(1), &[last], 30);
    }
}

#[test]
fn fact_2_5_4_impersonating_the_anchor_charges_another_budget() {
    let mut world = world();
    world.set_notifying(Notifying { hanging_connections: 1, ..Notifying::default() });
    let (a, b, c) = (
        subscribed(&mut world, morning(), BERLIN),
        subscribed(&mut world, morning(), BERLIN),
        subscribed(&mut world, morning(), OSLO),
    );
    connect(&mut world, morning(), &[&a], 30);
    let as_anchor = request(&impersonating(BERLIN), &get_streaming_events(&[&b, &c], 30));
    let response = world.handle(morning(), &as_anchor);
    let anchored = stream(&response);
    assert_eq!(status(&heard(&mut world, anchored, morning()).0[0]), "OK");
    assert_eq!(call(&mut world, morning(), &get_streaming_events(&[&c], 30)).status, 500);
}

#[test]
fn fact_2_4_11_what_breaks_on_the_path_is_a_fault_by_rate() {
    let mut world = world();
    let rate =
        Injection::of(Fault::ConnectionClosed).on("GetStreamingEvents").striking(Strikes::PerMille(200));
    world.inject(rate).unwrap();
    let id = subscribed(&mut world, morning(), BERLIN);
    let (mut now, mut broken) = (morning(), 0);
    for _ in 0..100 {
        let stream = connect(&mut world, now, &[&id], 1);
        now += Duration::seconds(61);
        broken += usize::from(heard(&mut world, stream, now).1 == Then::Broken);
    }
    assert!((20..60).contains(&broken), "{broken}");
}

#[test]
fn a_stream_tells_many_rooms_and_only_what_was_asked_for() {
    let mut world = World::new(1, morning());
    world.add_account(Account::new(LOGIN, PASSWORD).with_rights(Rights::Reviewer));
    let aliases: Vec<String> = (0..200).map(|number| format!("room-{number}")).collect();
    for alias in &aliases {
        world.add_room(Room::new(alias)).unwrap();
    }
    let ids: Vec<String> = aliases
        .iter()
        .map(|alias| subscribed(&mut world, morning(), &format!("{alias}@rooms.example")))
        .collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let stream = connect(&mut world, morning(), &ids, 30);
    heard(&mut world, stream, morning());
    world.set_notifying(Notifying { gathering: Duration::seconds(2), ..Notifying::default() });
    for (room, second) in [(7, 0), (3, 0), (150, 1)] {
        book(&mut world, &aliases[room], seconds(second));
    }
    assert!(heard(&mut world, stream, seconds(1)).0.is_empty(), "events gather");
    let (said, _) = heard(&mut world, stream, seconds(4));
    assert_eq!(said.len(), 1, "and are told together");
    let mut told = texts(&said[0], "t:SubscriptionId");
    told.sort();
    let mut expected = vec![ids[3].to_owned(), ids[7].to_owned(), ids[150].to_owned()];
    expected.sort();
    assert_eq!(told, expected);
}

#[test]
fn what_cannot_be_streamed_is_refused() {
    let mut world = world();
    let id = subscribed(&mut world, morning(), BERLIN);
    let poll = ask(&mut world, morning(), &get_events(&id, "AAAA"));
    assert_eq!(code(&poll), "ErrorInvalidPullSubscriptionId");
    world.add_account(Account::new("other", "other").with_rights(Rights::Full));
    let body = envelope("", &get_streaming_events(&[&id], 1));
    let other = Request::post("/EWS/Exchange.asmx", body).basic("other", "other");
    let other = stream(&world.handle(morning(), &other));
    assert_eq!(code(&heard(&mut world, other, morning()).0[0]), "ErrorSubscriptionAccessDenied");
    let old = envelope("", &get_streaming_events(&[&id], 1)).replace("Exchange2013_SP1", "Exchange2010");
    let old = Request::post("/EWS/Exchange.asmx", old).basic(LOGIN, PASSWORD);
    assert_eq!(code_of_fault(&world.handle(morning(), &old)), "ErrorSchemaValidation");
    world.set_notifying(Notifying::exchange_2007());
    assert_eq!(call(&mut world, morning(), &subscribe_streaming(BERLIN)).status, 500);
    assert_eq!(call(&mut world, morning(), &sync(BERLIN, None, 10)).status, 200);
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
