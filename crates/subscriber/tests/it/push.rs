//! The listener, as a server that pushes and as somebody who means ill.

use std::{net::SocketAddr, time::Duration};
use subscriber::push::{Answer, Limits, Listener, Pushed};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::mpsc,
};

/// How long who is slow is waited for, where nobody who is quick comes.
const QUICK: Duration = Duration::from_millis(50);

/// The same where somebody does, on a machine that does other things.
const QUICK_ENOUGH: Duration = Duration::from_millis(500);

async fn listener(limits: Limits) -> (SocketAddr, mpsc::Receiver<Pushed>) {
    let listener = Listener::bind("127.0.0.1:0".parse().unwrap(), limits).await.unwrap();
    let address = listener.address().unwrap();
    let (sender, receiver) = mpsc::channel(1);
    tokio::spawn(listener.serve(sender));
    (address, receiver)
}

/// Sends some bytes, and gives what comes back until the connection is closed.
async fn say(address: SocketAddr, bytes: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(bytes.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    // who is refused in the middle of a sentence may be hung up on
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8(answer).unwrap()
}

fn post(path: &str, body: &str) -> String {
    let length = body.len();
    format!("POST {path} HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}")
}

fn status(answer: &str) -> &str {
    answer.get(9..12).unwrap_or("none")
}

#[tokio::test]
async fn what_is_pushed_is_handed_on_and_answered() {
    let (address, mut pushed) = listener(Limits::default()).await;
    let asked = tokio::spawn(async move { say(address, &post("/ews-push/tOken-1", "<event/>")).await });
    let Pushed { token, body, answer } = pushed.recv().await.unwrap();
    assert_eq!((token.as_str(), body.as_slice()), ("tOken-1", b"<event/>".as_slice()));
    answer.send(Answer { status: 200, body: b"<ok/>".to_vec() }).unwrap();
    let answer = asked.await.unwrap();
    assert_eq!(status(&answer), "200");
    assert!(answer.contains("content-type: text/xml; charset=utf-8\r\n"), "{answer}");
    assert!(answer.ends_with("\r\n\r\n<ok/>"), "{answer}");
}

#[tokio::test]
async fn anything_else_is_refused_and_handed_to_nobody() {
    let limits = Limits { body: 10, ..Limits::default() };
    let (address, mut pushed) = listener(limits).await;
    let long = "x".repeat(11);
    for (request, expected) in [
        (post("/", "x"), "404"),
        (post("/ews-push/", "x"), "404"),
        (post("/ews-push/a/b", "x"), "404"),
        (post("/ews-push/a", "x").replace("POST", "GET"), "405"),
        (post("/ews-push/a", &long), "413"),
        (post("/ews-push/a", "x").replace("Host: h", &format!("Host: {}", "h".repeat(16 << 10))), "431"),
        (post("/ews-push/a", "x").replace("Host: h", &("X-Flood: x\r\n".repeat(100) + "Host: h")), "431"),
        ("nonsense\r\n\r\n".into(), "400"),
    ] {
        assert_eq!(status(&say(address, &request).await), expected, "{request}");
    }
    assert!(pushed.try_recv().is_err());
}

#[tokio::test]
async fn whoever_is_slow_is_let_go() {
    let (address, _pushed) = listener(Limits { headers_within: QUICK, ..Limits::default() }).await;
    assert_eq!(status(&say(address, "POST /ews-push/a HTTP/1.1\r\nHos").await), "none");
    let (address, _pushed) = listener(Limits { body_within: QUICK, ..Limits::default() }).await;
    let begun = "POST /ews-push/a HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: 9\r\n\r\n<";
    assert_eq!(status(&say(address, begun).await), "408");
}

#[tokio::test]
async fn without_an_answer_the_server_is_told_to_come_again() {
    let limits = Limits { answer_within: QUICK, ..Limits::default() };
    let (address, mut pushed) = listener(limits).await;
    // nobody takes it
    assert_eq!(status(&say(address, &post("/ews-push/a", "x")).await), "503");
    // there is no room for another
    assert_eq!(status(&say(address, &post("/ews-push/b", "x")).await), "503");
    // it is taken and thrown away
    assert_eq!(pushed.recv().await.unwrap().token, "a");
    let asked = tokio::spawn(async move { say(address, &post("/ews-push/c", "x")).await });
    drop(pushed.recv().await.unwrap());
    assert_eq!(status(&asked.await.unwrap()), "503");
}

#[tokio::test]
async fn more_connections_than_agreed_wait() {
    let limits = Limits { connections: 1, headers_within: QUICK_ENOUGH, ..Limits::default() };
    let (address, mut pushed) = listener(limits).await;
    let holding = TcpStream::connect(address).await.unwrap();
    let asked = tokio::spawn(async move { say(address, &post("/ews-push/a", "x")).await });
    // It is heard once the one that says nothing has been let go.
    let Pushed { answer, .. } = pushed.recv().await.unwrap();
    answer.send(Answer { status: 200, body: Vec::new() }).unwrap();
    assert_eq!(status(&asked.await.unwrap()), "200");
    drop(holding);
}

#[tokio::test]
async fn it_ends_when_nobody_takes_anything_any_more() {
    let listener = Listener::bind("127.0.0.1:0".parse().unwrap(), Limits::default()).await.unwrap();
    let (sender, receiver) = mpsc::channel(1);
    let serving = tokio::spawn(listener.serve(sender));
    drop(receiver);
    serving.await.unwrap();
}
