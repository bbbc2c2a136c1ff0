//! Over HTTP: replies that stay open, and posts that the server makes.

use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::routing::post;
use exchange_sim::server::Running;
use exchange_sim::{Chunking, Fault, Injection, Notifying};
use reqwest::Response;
use tokio::sync::mpsc;

use crate::client::{BERLIN, LOGIN, PASSWORD, calendar, envelope, hours, text};
use crate::server::{Hands, http, serving};
use crate::streaming::{get_streaming_events, subscribe_streaming};

async fn ask(running: &Running, body: &str) -> Response {
    let request = http().post(running.ews_url()).basic_auth(LOGIN, Some(PASSWORD));
    request.body(envelope("", body)).send().await.unwrap()
}

/// A connection to one subscription.
async fn connected(running: &Running) -> (String, Response) {
    let subscribed = ask(running, &subscribe_streaming(BERLIN)).await.text().await.unwrap();
    let id = text(&subscribed, "m:SubscriptionId");
    let stream = ask(running, &get_streaming_events(&[&id], 1)).await;
    assert_eq!(stream.status(), 200);
    assert_eq!(stream.headers()["content-type"], "text/xml; charset=utf-8");
    (id, stream)
}

/// The next envelope of a stream; nothing at its end.
async fn next(stream: &mut Response) -> Result<Option<String>, reqwest::Error> {
    let mut read = Vec::new();
    while let Some(chunk) = stream.chunk().await? {
        read.extend_from_slice(&chunk);
        if read.ends_with(b"</Envelope>") {
            return Ok(Some(String::from_utf8(read).unwrap()));
        }
    }
    assert!(read.is_empty(), "the end is not in the middle of an envelope");
    Ok(None)
}

fn book(running: &Running) {
    running.with(|world, now| world.book("berlin", "Cleaning", hours(1), hours(2), now).unwrap());
}

#[tokio::test]
async fn a_stream_is_carried_chunk_by_chunk_until_it_closes() {
    let hands = Hands::new();
    let running = serving(&hands).await;
    let (_, mut stream) = connected(&running).await;
    assert_eq!(text(&next(&mut stream).await.unwrap().unwrap(), "m:ConnectionStatus"), "OK");
    book(&running);
    let told = next(&mut stream).await.unwrap().unwrap();
    assert!(told.contains("<t:CreatedEvent>"));
    hands.forward(45);
    running.with(|_, _| ());
    assert_eq!(text(&next(&mut stream).await.unwrap().unwrap(), "m:ConnectionStatus"), "OK");
    hands.forward(15);
    running.with(|_, _| ());
    assert_eq!(text(&next(&mut stream).await.unwrap().unwrap(), "m:ConnectionStatus"), "Closed");
    assert_eq!(next(&mut stream).await.unwrap(), None, "and an orderly end");
    running.shutdown().await;
}

#[tokio::test]
async fn a_client_that_goes_away_frees_its_connection() {
    let hands = Hands::new();
    let running = serving(&hands).await;
    running.with(|world, _| {
        world.set_notifying(Notifying { hanging_connections: 1, ..Notifying::default() });
    });
    let (_, stream) = connected(&running).await;
    let subscribed = ask(&running, &subscribe_streaming(BERLIN)).await.text().await.unwrap();
    let other = get_streaming_events(&[&text(&subscribed, "m:SubscriptionId")], 1);
    assert_eq!(ask(&running, &other).await.status(), 500, "one is open");
    drop(stream);
    let noticed = async {
        while ask(&running, &other).await.status() != 200 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), noticed).await.unwrap();
    running.shutdown().await;
}

#[tokio::test]
async fn streams_break_when_they_are_cut_and_when_the_server_stops() {
    let hands = Hands::new();
    let running = serving(&hands).await;
    running.with(|world, _| {
        world.set_notifying(Notifying { chunking: Chunking::Whole, ..Notifying::default() });
    });
    let (id, mut cut) = connected(&running).await;
    next(&mut cut).await.unwrap();
    running.with(|world, _| world.inject(Injection::of(Fault::ConnectionClosed)).unwrap());
    book(&running);
    assert!(next(&mut cut).await.is_err());

    let mut stopped = ask(&running, &get_streaming_events(&[&id], 1)).await;
    next(&mut stopped).await.unwrap();
    running.shutdown().await;
    let rest = async {
        while next(&mut stopped).await?.is_some() {}
        Ok::<(), reqwest::Error>(())
    };
    assert!(rest.await.is_err(), "no orderly end");
}

#[tokio::test]
async fn nothing_is_carried_while_the_server_cannot_be_reached() {
    let hands = Hands::new();
    let running = serving(&hands).await;
    let (_, mut stream) = connected(&running).await;
    next(&mut stream).await.unwrap();
    running.set_reachable(false);
    book(&running);
    assert_eq!(running.peek(|world| world.ready_streams().len()), 1, "it is said, and not carried");
    running.set_reachable(true);
    assert!(next(&mut stream).await.unwrap().unwrap().contains("<t:CreatedEvent>"));
    running.shutdown().await;
}

/// A listener that gives every post to the test, and answers `OK` until it is told to answer otherwise.
async fn listener() -> (String, mpsc::UnboundedReceiver<String>) {
    let (posts, received) = mpsc::unbounded_channel();
    let answer = async |State(posts): State<mpsc::UnboundedSender<String>>, body: String| {
        let status = if body.contains("MovedEvent") { "Unsubscribe" } else { "OK" };
        posts.send(body).unwrap();
        let result = format!(
            "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Body>\
             <m:SendNotificationResult \
             xmlns:m=\"http://schemas.microsoft.com/exchange/services/2006/messages\">\
             <m:SubscriptionStatus>{status}</m:SubscriptionStatus></m:SendNotificationResult></s:Body>\
             </s:Envelope>"
        );
        ([("Content-Type", "text/xml; charset=utf-8")], result)
    };
    let router = Router::new().route("/listener", post(answer)).with_state(posts);
    let socket = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/listener", socket.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(socket, router).await });
    (url, received)
}

#[tokio::test]
async fn notifications_are_posted_and_answered() {
    let hands = Hands::new();
    let running = serving(&hands).await;
    let (url, mut received) = listener().await;
    let subscribe = format!(
        "<m:Subscribe><m:PushSubscriptionRequest><t:FolderIds>{}</t:FolderIds><t:EventTypes>\
         <t:EventType>CreatedEvent</t:EventType><t:EventType>MovedEvent</t:EventType></t:EventTypes>\
         <t:StatusFrequency>1</t:StatusFrequency><t:URL>{url}</t:URL></m:PushSubscriptionRequest></m:Subscribe>",
        calendar(BERLIN)
    );
    let subscribed = ask(&running, &subscribe).await.text().await.unwrap();
    let first = received.recv().await.unwrap();
    assert_eq!(text(&first, "t:SubscriptionId"), text(&subscribed, "m:SubscriptionId"));
    assert!(first.contains("StatusEvent"));
    book(&running);
    assert!(received.recv().await.unwrap().contains("<t:CreatedEvent>"));
    running.with(|world, now| {
        world.organizer("kim").invites("berlin").at(hours(1), hours(2)).send(now).unwrap();
    });
    assert!(received.recv().await.unwrap().contains("<t:CreatedEvent>"));
    hands.forward(5);
    running.with(|_, _| ());
    assert!(received.recv().await.unwrap().contains("<t:MovedEvent>"), "declined, as the room is taken");
    let state = format!("http://{}/sim/state", running.addr());
    let unsubscribed = async {
        while !http().get(&state).send().await.unwrap().text().await.unwrap().contains("\"subscriptions\":0")
        {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), unsubscribed).await.unwrap();
    running.shutdown().await;
}
