//! The feed on a socket.

use crate::site::Site;
use feed::Limits;
use std::{net::SocketAddr, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::oneshot,
};

#[tokio::test]
async fn serves_until_it_is_told_to_stop() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let router = Site::showing(Vec::new()).router;
    let serving = tokio::spawn(feed::serve(listener, router, Limits::default(), async {
        stopped.await.unwrap();
    }));

    let mut socket = TcpStream::connect(address).await.unwrap();
    socket.write_all(b"GET /livez HTTP/1.1\r\nHost: feed\r\nConnection: close\r\n\r\n").await.unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");

    stop.send(()).unwrap();
    serving.await.unwrap();
}

/// A feed with these limits, for as long as the test runs.
async fn serving(limits: Limits) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = Site::showing(Vec::new()).router;
    tokio::spawn(feed::serve(listener, router, limits, std::future::pending()));
    address
}

/// The status that is answered to some bytes, after which the connection is ended; nothing where nothing is answered.
async fn status(address: SocketAddr, bytes: &[u8]) -> String {
    let mut socket = TcpStream::connect(address).await.unwrap();
    socket.write_all(bytes).await.unwrap();
    let mut answer = Vec::new();
    // who is refused in the middle of a sentence may be hung up on
    let _ = socket.read_to_end(&mut answer).await;
    String::from_utf8_lossy(answer.get(9..12).unwrap_or_default()).into_owned()
}

/// How long who is slow is waited for, where nobody who is quick comes.
const QUICK: Duration = Duration::from_millis(50);

/// The same where somebody does, on a machine that does other things.
const QUICK_ENOUGH: Duration = Duration::from_millis(500);

#[tokio::test]
async fn whoever_is_slow_is_let_go() {
    let address = serving(Limits { headers_within: QUICK, ..Limits::default() }).await;
    assert_eq!(status(address, b"GET /livez HTTP/1.1\r\nHos").await, "");
    assert_eq!(status(address, b"").await, "");
    let address = serving(Limits { body_within: QUICK, ..Limits::default() }).await;
    let begun = b"POST /sign-in HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\ns";
    assert_eq!(status(address, begun).await, "408");
}

#[tokio::test]
async fn what_is_too_much_is_refused() {
    let address = serving(Limits { body: 10, ..Limits::default() }).await;
    let long = b"POST /sign-in HTTP/1.1\r\nHost: h\r\nContent-Length: 11\r\n\r\nsecret=1234";
    assert_eq!(status(address, long).await, "413");
    for flood in ["X-Flood: x\r\n".repeat(100), format!("X-Flood: {}\r\n", "x".repeat(16 << 10))] {
        let flood = format!("GET /livez HTTP/1.1\r\nHost: h\r\n{flood}\r\n");
        assert_eq!(status(address, flood.as_bytes()).await, "431");
    }
}

/// What this process has in RAM, in KB.
fn memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|found| found.starts_with("VmRSS")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// How many are slow at once: a process may have 1,024 files, and here both ends are in one.
const SLOW: usize = 300;

#[tokio::test]
async fn whoever_begins_long_headers_and_does_not_end_them_costs_little() {
    let address = serving(Limits { headers_within: QUICK_ENOUGH, ..Limits::default() }).await;
    let before = memory();
    let begun = format!("GET /livez HTTP/1.1\r\nHost: h\r\nX-Flood: {}", "x".repeat(15 << 10));
    let mut sockets = Vec::new();
    for _ in 0..SLOW {
        let mut socket = TcpStream::connect(address).await.unwrap();
        socket.write_all(begun.as_bytes()).await.unwrap();
        sockets.push(socket);
    }
    // whoever comes after them is served
    let asked = b"GET /livez HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
    assert_eq!(status(address, asked).await, "200");
    let grown = memory().saturating_sub(before);
    println!("{} KB for each of them", grown / SLOW as u64);
    assert!(grown < 64 << 10, "{grown} KB more");
    for mut socket in sockets {
        assert_eq!(socket.read(&mut [0]).await.unwrap_or_default(), 0, "they are let go");
    }
}

#[tokio::test]
async fn more_connections_than_agreed_wait() {
    let limits = Limits { connections: 1, headers_within: QUICK_ENOUGH, ..Limits::default() };
    let address = serving(limits).await;
    let holding = TcpStream::connect(address).await.unwrap();
    // it is heard once the one that says nothing has been let go
    let asked = b"GET /livez HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
    assert_eq!(status(address, asked).await, "200");
    drop(holding);
}
