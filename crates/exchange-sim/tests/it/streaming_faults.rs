//! What goes wrong inside streams, and before them.

use exchange_sim::{Account, Ending, Fault, Injection, Notifying, Request, Rights, Then};

use crate::client::{
    BERLIN, LOGIN, PASSWORD, ask, call, envelope, get_events, hours, morning, seconds, sync, text, texts,
    unsubscribe, world,
};
use crate::streaming::{
    OSLO, book, code, code_of_fault, connect, connected, get_streaming_events, heard, status, stream,
    subscribe_streaming, subscribed,
};

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
fn a_storm_tells_each_event_eight_times() {
    let mut world = world();
    let (_, stream) = connected(&mut world);
    world.inject(Injection::of(Fault::EventStorm)).unwrap();
    book(&mut world, "berlin", seconds(1));
    let (said, then) = heard(&mut world, stream, seconds(1));
    assert_eq!((said[0].matches("<t:CreatedEvent>").count(), then), (8, Then::Open));
    book(&mut world, "berlin", seconds(2));
    assert_eq!(heard(&mut world, stream, seconds(2)).0[0].matches("<t:CreatedEvent>").count(), 1);
}
