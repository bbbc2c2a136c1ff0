//! Connections to streaming subscriptions: how many, how long, and what is lost between two of them.

use chrono::Duration;
use exchange_sim::{Account, Fault, Injection, Notifying, Rights, Room, StreamId, Strikes, Then, World};

use crate::client::{BERLIN, LOGIN, PASSWORD, call, impersonating, morning, request, seconds, texts, world};
use crate::streaming::{
    OSLO, book, code, code_of_fault, connect, connected, get_streaming_events, heard, status, stream,
    subscribed,
};
use crate::xsd::Schema;

#[test]
fn fact_2_4_1_up_to_200_ids_for_1_to_30_minutes() {
    let mut world = world();
    let id = subscribed(&mut world, morning(), BERLIN);
    for (minutes, status) in [(0, 500), (1, 200), (30, 200), (31, 500)] {
        let reply = call(&mut world, morning(), &get_streaming_events(&[&id], minutes));
        assert_eq!(reply.status, status, "{minutes}");
    }
    assert_eq!(call(&mut world, morning(), &get_streaming_events(&[], 1)).status, 500);
    let unprefixed = get_streaming_events(&[&id], 1).replace("t:SubscriptionId>", "SubscriptionId>");
    assert_eq!(code_of_fault(&call(&mut world, morning(), &unprefixed)), "ErrorSchemaValidation");
    let ids: Vec<String> = (0..201).map(|_| subscribed(&mut world, morning(), OSLO)).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let full = connect(&mut world, morning(), &ids[..200], 1);
    assert_eq!(status(&heard(&mut world, full, morning()).0[0]), "OK");
    let refused = call(&mut world, morning(), &get_streaming_events(&ids, 1));
    assert_eq!((refused.status, code_of_fault(&refused).as_str()), (500, "ErrorInvalidArgument"));
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
