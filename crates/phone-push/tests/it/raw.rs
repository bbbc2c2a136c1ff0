//! A device that is a socket: one answer for everybody who asks.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpSocket, TcpStream},
    sync::mpsc,
    task::JoinHandle,
};

/// What a device does with whoever connects.
#[derive(Debug, Clone)]
pub(crate) enum Does {
    /// Reads a request and gives this answer, byte by byte as it stands here.
    Answers(Vec<u8>),
    /// Reads a request, begins an answer with this, and says this again and again, as long as anybody listens.
    Floods(&'static [u8], Vec<u8>),
    /// Reads a request, begins an answer with this, and then says one byte after the other.
    Drips(&'static [u8]),
    /// Reads and says nothing.
    Hangs,
    /// Hangs up without having read what was sent, which the other side sees as a reset.
    Resets,
}

/// A device on a free port of this machine. It is gone when it is dropped.
pub(crate) struct Raw {
    port: u16,
    does: Arc<Mutex<Does>>,
    requests: mpsc::UnboundedReceiver<String>,
    serving: JoinHandle<()>,
}

impl Raw {
    pub(crate) async fn answering(answer: &str) -> Self {
        Self::start(Does::Answers(answer.as_bytes().to_vec())).await
    }

    pub(crate) async fn start(does: Does) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (heard, requests) = mpsc::unbounded_channel();
        let does = Arc::new(Mutex::new(does));
        let doing = Arc::clone(&does);
        let serving = tokio::spawn(async move {
            let mut hanging = Vec::new();
            loop {
                let (mut socket, _) = listener.accept().await.unwrap();
                let does = doing.lock().unwrap().clone();
                match does {
                    Does::Resets => drop(socket.readable().await),
                    Does::Hangs => hanging.push(socket),
                    Does::Floods(head, piece) => {
                        let _ = read_request(&mut socket).await;
                        tokio::spawn(async move {
                            let mut listens = socket.write_all(head).await;
                            while listens.is_ok() {
                                listens = socket.write_all(&piece).await;
                            }
                        });
                    }
                    Does::Drips(head) => {
                        let _ = read_request(&mut socket).await;
                        tokio::spawn(async move {
                            let mut listens = socket.write_all(head).await;
                            while listens.is_ok() {
                                tokio::time::sleep(Duration::from_millis(10)).await;
                                listens = socket.write_all(b"x").await;
                            }
                        });
                    }
                    Does::Answers(answer) => {
                        heard.send(read_request(&mut socket).await).unwrap();
                        // The client may have heard enough and hung up.
                        drop(socket.write_all(&answer).await);
                    }
                }
            }
        });
        Self { port, does, requests, serving }
    }

    /// It answers otherwise from now on.
    pub(crate) fn answer(&self, answer: &str) {
        *self.does.lock().unwrap() = Does::Answers(answer.as_bytes().to_vec());
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// The next POST, as it came.
    pub(crate) async fn post(&mut self) -> String {
        loop {
            let request = self.requests.recv().await.unwrap();
            if request.starts_with("POST ") {
                return request;
            }
        }
    }

    /// How many POSTs have come that nobody has asked for.
    pub(crate) fn posts(&mut self) -> usize {
        std::iter::from_fn(|| self.requests.try_recv().ok())
            .filter(|request| request.starts_with("POST "))
            .count()
    }
}

impl Drop for Raw {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

/// An answer with this body.
pub(crate) fn ok(body: &str) -> String {
    format!("HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: {}\r\n\r\n{body}", body.len())
}

/// An address of this machine that nobody listens at, nor can while the socket is held, which itself does not.
pub(crate) fn nobody() -> (TcpSocket, SocketAddr) {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let address = socket.local_addr().unwrap();
    (socket, address)
}

/// Head and body, the body as long as the head says; of what is no HTTP whatever comes at once.
async fn read_request(socket: &mut TcpStream) -> String {
    let mut request = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&request).into_owned();
        if !request.is_empty() && !text.starts_with("POST") && !text.starts_with("GET") {
            return text;
        }
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| line.strip_prefix("Content-Length: "));
            if body.len() >= length.map_or(0, |length| length.parse().unwrap()) {
                return text;
            }
        }
        if socket.read_buf(&mut request).await.unwrap_or_default() == 0 {
            return text;
        }
    }
}
