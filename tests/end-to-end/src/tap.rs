//! A tap on a line: carries bytes between two programs as they come, and keeps a copy.
//!
//! It works below HTTP, so that answers that break off break off here as well.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

/// A tap on a line.
#[derive(Debug)]
pub struct Tap {
    addr: SocketAddr,
    lines: Arc<Mutex<Vec<Line>>>,
    serving: JoinHandle<()>,
}

/// What was said on one connection.
#[derive(Debug, Default)]
struct Line {
    asked: Vec<u8>,
    answered: Vec<u8>,
}

/// A request with its answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exchange {
    /// The first line of the request: `GET /livez HTTP/1.1`.
    pub request: String,
    /// The body of the request.
    pub sent: Vec<u8>,
    /// The status code; nothing where no whole answer came.
    pub status: Option<u16>,
    /// The body of the answer.
    pub got: Vec<u8>,
}

/// One direction of a line.
#[derive(Clone, Copy)]
enum Direction {
    Asking,
    Answering,
}

impl Tap {
    /// Puts a tap in front of an address, on a port of its own.
    pub async fn before(upstream: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a loopback port is free");
        let addr = listener.local_addr().expect("a listener has an address");
        let lines: Arc<Mutex<Vec<Line>>> = Arc::default();
        let serving = tokio::spawn(serve(listener, upstream, Arc::clone(&lines)));
        Self { addr, lines, serving }
    }

    /// Where it listens.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Takes no further connection: whoever tries is refused.
    pub fn close(&self) {
        self.serving.abort();
    }

    /// How many requests have been begun.
    pub fn count(&self) -> usize {
        let lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        lines.iter().map(|line| messages(&line.asked).len()).sum()
    }

    /// Everything that was asked so far with what was answered, connection after connection.
    pub fn heard(&self) -> Vec<Exchange> {
        let lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        lines.iter().flat_map(exchanges).collect()
    }

    /// Every byte that was answered, as text.
    pub fn answers(&self) -> String {
        let lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        lines.iter().map(|line| String::from_utf8_lossy(&line.answered).into_owned()).collect()
    }
}

impl Drop for Tap {
    fn drop(&mut self) {
        self.close();
    }
}

async fn serve(listener: TcpListener, upstream: SocketAddr, lines: Arc<Mutex<Vec<Line>>>) {
    while let Ok((near, _)) = listener.accept().await {
        // whoever cannot be reached behind the tap cannot be reached through it
        let Ok(far) = TcpStream::connect(upstream).await else { continue };
        let number = {
            let mut lines = lines.lock().unwrap_or_else(PoisonError::into_inner);
            lines.push(Line::default());
            lines.len() - 1
        };
        for stream in [&near, &far] {
            // it only costs time where it fails
            let _ = stream.set_nodelay(true);
        }
        let (near_reads, near_writes) = near.into_split();
        let (far_reads, far_writes) = far.into_split();
        tokio::spawn(carry(near_reads, far_writes, Arc::clone(&lines), number, Direction::Asking));
        tokio::spawn(carry(far_reads, near_writes, Arc::clone(&lines), number, Direction::Answering));
    }
}

/// Carries one direction until either end has had enough; then the other end hears of it.
async fn carry(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    lines: Arc<Mutex<Vec<Line>>>,
    number: usize,
    direction: Direction,
) {
    let mut buffer = vec![0; 16 << 10];
    while let Ok(count) = from.read(&mut buffer).await {
        let Some(bytes) = buffer.get(..count).filter(|bytes| !bytes.is_empty()) else { break };
        if let Some(line) = lines.lock().unwrap_or_else(PoisonError::into_inner).get_mut(number) {
            match direction {
                Direction::Asking => line.asked.extend_from_slice(bytes),
                Direction::Answering => line.answered.extend_from_slice(bytes),
            }
        }
        if to.write_all(bytes).await.is_err() {
            break;
        }
    }
    let _ = to.shutdown().await;
}

fn exchanges(line: &Line) -> Vec<Exchange> {
    let mut answers = messages(&line.answered).into_iter();
    let asked = messages(&line.asked).into_iter();
    asked
        .map(|(request, sent)| {
            let answer = answers.next();
            let status = answer.as_ref().and_then(|(first, _)| first.split(' ').nth(1)?.parse().ok());
            Exchange { request, sent, status, got: answer.map(|(_, body)| body).unwrap_or_default() }
        })
        .collect()
}

/// The whole messages in what was said: first line and body (RFC 9112; nobody here sends chunks).
fn messages(mut bytes: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    while let Some((head, rest)) = split_head(bytes) {
        let length = head.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
        });
        let Some((body, next)) = rest.split_at_checked(length.unwrap_or(0)) else { break };
        found.push((head.lines().next().unwrap_or_default().to_owned(), body.to_vec()));
        bytes = next;
    }
    found
}

fn split_head(bytes: &[u8]) -> Option<(String, &[u8])> {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
    let (head, rest) = bytes.split_at_checked(end + 4)?;
    Some((String::from_utf8_lossy(head).into_owned(), rest))
}
