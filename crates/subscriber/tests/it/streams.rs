//! Answers that go on, and answers that do not come.

use crate::server::{Step, account, hq, reply, request, start, subscriber};
use insta::assert_snapshot;
use std::time::Duration;
use subscriber::{SignIn, Subscriber, Trust};

fn by_basic(url: &str) -> Subscriber {
    subscriber(url, SignIn::Basic(account()), Trust::System)
}

const CHUNKED: &[u8] = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

#[tokio::test]
async fn the_body_comes_as_it_is_sent_until_it_ends() {
    let running = start(None, |_| {
        vec![
            Step::Say(CHUNKED.into()),
            Step::Say(b"4\r\n<one\r\n".into()),
            Step::Say(b"2\r\n/>\r\n0\r\n\r\n".into()),
        ]
    })
    .await;
    let mut opened =
        by_basic(&running.plain()).open(&hq(), &request(), Duration::from_secs(20)).await.unwrap();
    assert_eq!(opened.status, 200);
    assert!(opened.headers.iter().any(|(name, value)| name == "transfer-encoding" && value == "chunked"));
    let mut body = Vec::new();
    while let Some(chunk) = opened.next().await.unwrap() {
        body.extend(chunk);
    }
    assert_eq!(body, b"<one/>");
}

#[tokio::test]
async fn a_stream_has_a_connection_of_its_own() {
    let running = start(None, |_| reply("200 OK", &[], "<answer/>")).await;
    let subscriber = by_basic(&running.plain());
    subscriber.exchange(&hq(), &request()).await.unwrap();
    let mut opened = subscriber.open(&hq(), &request(), Duration::from_secs(20)).await.unwrap();
    while opened.next().await.unwrap().is_some() {}
    subscriber.exchange(&hq(), &request()).await.unwrap();
    let connections: Vec<_> = running.heard().iter().map(|heard| heard.connection).collect();
    assert_eq!(connections, [1, 2, 1]);
}

#[tokio::test]
async fn silence_ends_a_stream_before_and_after_it_has_begun() {
    let silence = Duration::from_millis(400);
    let running = start(None, |heard| match heard.body.as_str() {
        "begun" => vec![Step::Say(CHUNKED.into()), Step::Say(b"1\r\n \r\n".into()), Step::Hang],
        _ => vec![Step::Hang],
    })
    .await;
    let subscriber = by_basic(&running.plain());
    let before = subscriber.open(&hq(), &request(), silence).await.unwrap_err();
    let mut begun = request();
    begun.body = "begun".into();
    let mut opened = subscriber.open(&hq(), &begun, silence).await.unwrap();
    assert_eq!(opened.next().await.unwrap().unwrap(), b" ");
    let after = opened.next().await.unwrap_err();
    assert_eq!(before, after);
    assert!(!after.whole_server);
    assert_snapshot!(running.sentence(&after.sentence), @"server `hq` at `127.0.0.1:PORT`: expected a sign of life of GetFolder within 0 s, found silence; it is asked again; if this goes on, look for a proxy on the way that holds answers back");
}

#[tokio::test]
async fn an_answer_that_breaks_off_and_one_that_is_not_there() {
    let running = start(None, |_| vec![Step::Say(CHUNKED.into()), Step::Close]).await;
    let subscriber = by_basic(&running.plain());
    let unreachable = subscriber.exchange(&hq(), &request()).await.unwrap_err();
    assert!(!unreachable.whole_server);
    assert_snapshot!(running.sentence(&unreachable.sentence), @"server `hq` at `127.0.0.1:PORT`: the answer to GetFolder broke off: unexpected EOF during chunk size line; it is asked again; if this goes on, look at what stands between, and whether the port in `url` wants `https://`");
    let mut opened = subscriber.open(&hq(), &request(), Duration::from_secs(20)).await.unwrap();
    let unreachable = opened.next().await.unwrap_err();
    assert_snapshot!(running.sentence(&unreachable.sentence), @"server `hq` at `127.0.0.1:PORT`: the answer to GetFolder broke off: unexpected EOF during chunk size line; it is asked again; if this goes on, look at what stands between, and whether the port in `url` wants `https://`");
}

#[tokio::test]
async fn nobody_is_there() {
    // it is held, so that nobody else can listen there, and does not itself
    let held = tokio::net::TcpSocket::new_v4().unwrap();
    held.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let gone = held.local_addr().unwrap().port();
    let subscriber = by_basic(&format!("http://127.0.0.1:{gone}/EWS/Exchange.asmx"));
    let unreachable = subscriber.exchange(&hq(), &request()).await.unwrap_err();
    assert!(unreachable.whole_server);
    assert_snapshot!(unreachable.sentence.replace(&gone.to_string(), "PORT"), @"server `hq` at `127.0.0.1:PORT`: no connection: Connection refused (os error 111); check `url`, that the server runs, and that no firewall stands between");
}
