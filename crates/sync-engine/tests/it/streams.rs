//! Groups of rooms whose changes are told on one connection.

mod storms;

use crate::bench::{Bench, healthy, site};
use exchange_wire::Operation;
use std::{collections::BTreeSet, time::Duration};
use sync_engine::{
    Action, ConnectionId, Event, Notifications, Reply, StreamHeard, Unreachable, room::Standing,
};

/// What one stream was asked to tell of.
struct Opened {
    connection: ConnectionId,
    body: String,
    affinity: Option<String>,
}

impl Bench {
    /// An engine of that many rooms that are told of changes on streams, each subscribed under its own id.
    fn streaming(rooms: usize) -> Self {
        let mut site = site(rooms);
        for server in site.servers.values_mut() {
            server.notifications = Some(Notifications::Streaming);
        }
        Self::of(site)
    }

    /// Answers everything but streams, and takes out what streams were asked for. Each room's subscription is called as the
    /// room.
    fn streams(&mut self) -> Vec<Opened> {
        let mut streams = Vec::new();
        loop {
            let asked = self.asked();
            let more = !asked.is_empty();
            for (room, operation, call) in asked {
                let subscription = format!("<SubscriptionId>{room}</SubscriptionId>");
                let text = healthy(operation).replace("<SubscriptionId>s</SubscriptionId>", &subscription);
                self.answer(call, 200, &text);
            }
            self.todo.retain(|action| match action {
                Action::OpenStream { connection, request, .. } => {
                    assert_eq!(request.operation, Operation::GetStreamingEvents);
                    let (body, affinity) = (request.body.clone(), request.affinity.clone());
                    streams.push(Opened { connection: *connection, body, affinity });
                    false
                }
                _ => true,
            });
            if !self.serve_actions() && !more {
                return streams;
            }
        }
    }

    /// Lets the rooms subscribe until every one has its place on a stream.
    fn until_streams(&mut self) -> Vec<Opened> {
        let mut streams = Vec::new();
        while self.elapsed < Duration::from_secs(15) {
            streams.extend(self.streams());
            self.pass(Duration::from_secs(1));
        }
        streams
    }

    /// Lets the rooms subscribe; the last stream that has this one.
    fn stream_of(&mut self, room: &str) -> Opened {
        self.until_streams().into_iter().rfind(|stream| stream.body.contains(room)).unwrap()
    }

    /// The next stream that this room is on.
    fn next_stream_of(&mut self, room: &str, within: Duration) -> Opened {
        let end = self.elapsed + within;
        loop {
            if let Some(stream) = self.streams().into_iter().find(|stream| stream.body.contains(room)) {
                return stream;
            }
            assert!(self.elapsed < end, "no stream for {room} within {within:?}");
            self.pass(Duration::from_secs(1));
        }
    }

    fn hear(&mut self, connection: ConnectionId, heard: StreamHeard) {
        self.on(Event::Stream { connection, heard });
    }

    fn tell(&mut self, connection: ConnectionId, message: &str) {
        let text = format!(
            "<Envelope><Body><GetStreamingEventsResponse><ResponseMessages>{message}</ResponseMessages>\
             </GetStreamingEventsResponse></Body></Envelope>"
        );
        self.hear(connection, StreamHeard::Bytes(text.into_bytes()));
    }

    /// A connection that stands, and all that follows from it.
    fn live(&mut self, connection: ConnectionId) {
        self.hear(connection, StreamHeard::Opened);
        self.tell(connection, OK);
        self.settle(Duration::from_secs(8));
    }

    fn standing(&self, room: &str) -> Standing {
        self.engine.rooms().find(|(id, _)| id.as_str() == room).unwrap().1.standing()
    }

    fn closed(&mut self) -> Vec<ConnectionId> {
        let mut closed = Vec::new();
        self.todo.retain(|action| match action {
            Action::CloseStream { connection } => {
                closed.push(*connection);
                false
            }
            _ => true,
        });
        closed
    }

    /// Which rooms read changes while this time passes.
    fn reads(&mut self, span: Duration) -> BTreeSet<String> {
        let (end, mut reads) = (self.elapsed + span, BTreeSet::new());
        while self.elapsed < end {
            for (room, operation, call) in self.asked() {
                if operation == Operation::SyncFolderItems {
                    reads.insert(room.to_string());
                }
                self.answer(call, 200, &healthy(operation));
            }
            self.serve_actions();
            self.pass(Duration::from_millis(100));
        }
        reads
    }
}

const OK: &str = "<m ResponseClass='Success'><ResponseCode>NoError</ResponseCode>\
    <ConnectionStatus>OK</ConnectionStatus></m>";

const CLOSED: &str = "<m ResponseClass='Success'><ResponseCode>NoError</ResponseCode>\
    <ConnectionStatus>Closed</ConnectionStatus></m>";

fn changed(subscription: &str) -> String {
    format!(
        "<m ResponseClass='Success'><ResponseCode>NoError</ResponseCode><Notifications><Notification>\
         <SubscriptionId>{subscription}</SubscriptionId><ModifiedEvent/></Notification></Notifications></m>"
    )
}

fn failure(code: &str, lost: &[&str]) -> String {
    let ids: Vec<_> = lost.iter().map(|id| format!("<SubscriptionId>{id}</SubscriptionId>")).collect();
    let ids = format!("<ErrorSubscriptionIds>{}</ErrorSubscriptionIds>", ids.concat());
    let ids = if lost.is_empty() { "" } else { &ids };
    format!("<m ResponseClass='Error'><ResponseCode>{code}</ResponseCode>{ids}</m>")
}

#[test]
fn rooms_of_a_server_share_a_connection_and_its_anchor() {
    let mut bench = Bench::streaming(6);
    let streams = bench.until_streams();
    let of = |room: &str| streams.iter().rfind(|stream| stream.body.contains(room)).unwrap();
    let (lab, hq) = (of(">room-0<"), of(">room-5<"));
    assert_eq!(lab.affinity.as_deref(), Some("room-0@example.com"));
    for n in 1..6 {
        assert!(hq.body.contains(&format!("<t:SubscriptionId>room-{n}</t:SubscriptionId>")));
    }
    assert!(hq.body.contains("<m:ConnectionTimeout>30</m:ConnectionTimeout>"));
}

#[test]
fn a_connection_has_two_hundred_subscriptions_at_most() {
    let mut bench = Bench::streaming(452);
    let mut sizes: Vec<usize> = bench
        .until_streams()
        .iter()
        .map(|stream| stream.body.matches("<t:SubscriptionId>").count())
        .collect();
    sizes.sort_unstable();
    assert_eq!(sizes[sizes.len() - 2..], [200, 200], "{sizes:?}");
}

#[test]
fn a_change_that_is_told_of_is_read_at_once_and_by_that_room_alone() {
    let mut bench = Bench::streaming(4);
    let stream = bench.stream_of("room-2");
    bench.live(stream.connection);
    assert_eq!(bench.standing("room-2"), Standing::Live);
    bench.tell(stream.connection, &changed("room-2"));
    let asked = bench.asked();
    assert_eq!(asked.len(), 1);
    assert_eq!((asked[0].0.as_str(), asked[0].1), ("room-2", Operation::SyncFolderItems));
}

#[test]
fn what_is_told_of_while_a_room_is_read_is_read_again() {
    let mut bench = Bench::streaming(2);
    let stream = bench.stream_of("room-1");
    bench.live(stream.connection);
    bench.tell(stream.connection, &changed("room-1"));
    let (_, operation, call) = bench.asked().pop().unwrap();
    bench.elapsed += Duration::from_millis(300);
    bench.tell(stream.connection, &changed("room-1"));
    bench.elapsed += Duration::from_secs(3);
    bench.answer(call, 200, &healthy(operation));
    bench.serve_actions();
    assert_eq!(bench.asked().len(), 1, "the second change may not be in the first answer");
}

#[test]
fn a_connection_is_renewed_with_the_same_subscriptions_and_every_room_is_read_afterwards() {
    let mut bench = Bench::streaming(5);
    let stream = bench.stream_of("room-1");
    bench.live(stream.connection);
    let start = bench.elapsed;
    let renewed = loop {
        let streams = bench.streams();
        if let Some(renewed) = streams.into_iter().find(|stream| stream.body.contains("room-1")) {
            break renewed;
        }
        assert!(bench.elapsed < start + Duration::from_mins(20), "not renewed");
        bench.tell(stream.connection, OK);
        bench.pass(Duration::from_secs(40));
    };
    assert!(bench.elapsed >= start + Duration::from_mins(14));
    assert_eq!(renewed.body, stream.body);
    assert_eq!(bench.closed().last(), Some(&stream.connection));
    bench.hear(renewed.connection, StreamHeard::Opened);
    bench.tell(renewed.connection, OK);
    let all: BTreeSet<String> = (1..5).map(|n| format!("room-{n}")).collect();
    assert_eq!(bench.reads(Duration::from_secs(6)), all);
}

#[test]
fn a_clean_close_is_followed_by_another_connection_and_a_read_of_each_room() {
    let mut bench = Bench::streaming(3);
    let stream = bench.stream_of("room-1");
    bench.live(stream.connection);
    bench.tell(stream.connection, CLOSED);
    let again = bench.next_stream_of("room-1", Duration::from_secs(2));
    assert_eq!(again.body, stream.body);
    bench.hear(again.connection, StreamHeard::Opened);
    bench.tell(again.connection, OK);
    assert_eq!(bench.reads(Duration::from_secs(6)).len(), 2);
}

#[test]
fn silence_ends_a_connection_and_its_rooms_look_for_themselves_meanwhile() {
    let mut bench = Bench::streaming(3);
    let stream = bench.stream_of("room-1");
    bench.live(stream.connection);
    let fell = bench.elapsed;
    let again = bench.next_stream_of("room-1", Duration::from_secs(110));
    assert!(bench.elapsed >= fell + Duration::from_secs(90));
    assert_eq!(bench.closed().last(), Some(&stream.connection));
    let sentence = "no connection".to_owned();
    let gone = Err(Unreachable { whole_server: false, refusals: 0, sentence });
    bench.hear(again.connection, StreamHeard::Ended(gone));
    let reads = bench.reads(Duration::from_secs(61));
    assert!(reads.contains("room-1") && reads.contains("room-2"), "each looks after a minute at the latest");
}

#[test]
fn a_lost_subscription_is_taken_anew_and_the_others_go_on() {
    let mut bench = Bench::streaming(4);
    let stream = bench.stream_of("room-1");
    bench.live(stream.connection);
    bench.tell(stream.connection, &failure("ErrorSubscriptionNotFound", &["room-2"]));
    let (room, operation, _) = bench.asked().pop().unwrap();
    assert_eq!((room.as_str(), operation), ("room-2", Operation::Subscribe));
    let again = bench.next_stream_of("room-1", Duration::from_secs(2));
    assert!(again.body.contains("room-1") && again.body.contains("room-3") && !again.body.contains("room-2"));
}

#[test]
fn a_group_that_is_lost_as_a_whole_does_not_subscribe_in_one_moment() {
    let mut bench = Bench::streaming(30);
    let stream = bench.stream_of("room-1");
    bench.live(stream.connection);
    bench.streams();
    bench.tell(stream.connection, &failure("ErrorSubscriptionNotFound", &[]));
    let lost = bench.elapsed;
    let mut subscribed = Vec::new();
    while subscribed.len() < 29 {
        for (room, operation, call) in bench.asked() {
            if operation == Operation::Subscribe {
                subscribed.push(bench.elapsed.saturating_sub(lost));
            }
            let subscription = format!("<SubscriptionId>{room}</SubscriptionId>");
            let text = healthy(operation).replace("<SubscriptionId>s</SubscriptionId>", &subscription);
            bench.answer(call, 200, &text);
        }
        bench.serve_actions();
        bench.pass(Duration::from_millis(50));
    }
    let moments: BTreeSet<_> = subscribed.iter().collect();
    assert!(moments.len() > 20, "{moments:?}");
    assert!(*moments.last().unwrap() <= &Duration::from_secs(5), "{moments:?}");
}

#[test]
fn a_heartbeat_says_nothing_of_a_room_that_has_joined_since_the_connection_was_opened() {
    let mut bench = Bench::streaming(4);
    let stream = bench.stream_of("room-1");
    bench.live(stream.connection);
    bench.tell(stream.connection, &failure("ErrorSubscriptionNotFound", &["room-2"]));
    let (_, operation, call) = bench.asked().pop().unwrap();
    bench.answer(call, 200, &healthy(operation).replace("<SubscriptionId>s<", "<SubscriptionId>anew<"));
    bench.streams();
    let as_of = |bench: &Bench, room: &str| {
        bench.engine.rooms().find(|(id, _)| id.as_str() == room).unwrap().1.as_of().unwrap()
    };
    let read = as_of(&bench, "room-2");
    bench.elapsed += Duration::from_millis(500);
    bench.tell(stream.connection, OK);
    assert_eq!(as_of(&bench, "room-1"), bench.wall(), "nothing else has happened there");
    assert_eq!(as_of(&bench, "room-2"), read, "its subscription is on no connection yet");
}

#[test]
fn where_no_more_connections_are_allowed_rooms_ask_instead() {
    let mut bench = Bench::streaming(2);
    let stream = bench.stream_of("room-1");
    bench.hear(stream.connection, StreamHeard::Opened);
    bench.tell(stream.connection, &failure("ErrorExceededConnectionCount", &[]));
    bench.serve();
    bench.pass(Duration::from_secs(16));
    let asked: Vec<_> = bench
        .asked()
        .into_iter()
        .filter(|(room, operation, _)| room.as_str() == "room-1" && *operation == Operation::GetEvents)
        .collect();
    assert_eq!(asked.len(), 1);
    assert_eq!(bench.trouble("room-1"), None);
}

#[test]
fn a_server_that_knows_no_streams_is_asked_instead() {
    let mut bench = Bench::streaming(1);
    let mut kinds = Vec::new();
    for _ in 0..30 {
        let subscribes: Vec<String> = bench
            .todo
            .iter()
            .filter_map(|action| match action {
                Action::Exchange { request, .. } if request.operation == Operation::Subscribe => {
                    Some(request.body.clone())
                }
                _ => None,
            })
            .collect();
        for (_, operation, call) in bench.asked() {
            let text = match subscribes.first() {
                Some(body) if operation == Operation::Subscribe && body.contains("Streaming") => {
                    kinds.push("streaming");
                    healthy(operation).replace("Success", "Error").replace("NoError", "ErrorInvalidOperation")
                }
                Some(_) if operation == Operation::Subscribe => {
                    kinds.push("pull");
                    healthy(operation)
                }
                _ => healthy(operation),
            };
            bench.answer(call, 200, &text);
        }
        bench.serve_actions();
        bench.pass(Duration::from_secs(1));
    }
    assert_eq!(kinds, ["streaming", "streaming", "pull"]);
    assert_eq!(bench.trouble("room-0"), None);
}

#[test]
fn a_refused_sign_in_on_a_stream_counts_as_one() {
    let mut bench = Bench::streaming(2);
    let stream = bench.stream_of("room-1");
    let refused = Reply { status: 401, headers: Vec::new(), body: Vec::new() };
    bench.hear(stream.connection, StreamHeard::Refused(refused));
    assert!(bench.trouble("room-1").unwrap().contains("name and password"));
    let asked: Vec<_> = bench.asked().into_iter().filter(|(room, ..)| room.as_str() == "room-1").collect();
    assert_eq!(asked, [], "nobody hurries to the next refusal");
}

#[test]
fn connections_are_given_up_at_the_end() {
    let mut bench = Bench::streaming(2);
    let streams = bench.until_streams();
    bench.on(Event::Stop);
    let closed: BTreeSet<_> = bench.closed().into_iter().collect();
    assert_eq!(closed, streams.iter().map(|stream| stream.connection).collect());
}
