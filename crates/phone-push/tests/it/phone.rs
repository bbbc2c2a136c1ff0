//! A phone: one socket, one answer for everybody who asks.

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::mpsc,
    task::JoinHandle,
};

/// A phone on a free port of this machine. It is gone when it is dropped.
pub(crate) struct Phone {
    port: u16,
    requests: mpsc::UnboundedReceiver<String>,
    serving: JoinHandle<()>,
}

impl Phone {
    /// A phone that reads a request and gives this answer, byte by byte as it stands here.
    pub(crate) async fn answering(answer: &str) -> Self {
        Self::start(Some(answer.to_owned())).await
    }

    /// A phone that reads a request and says nothing.
    pub(crate) async fn silent() -> Self {
        Self::start(None).await
    }

    async fn start(answer: Option<String>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (heard, requests) = mpsc::unbounded_channel();
        let serving = tokio::spawn(async move {
            loop {
                let (mut socket, _) = listener.accept().await.unwrap();
                heard.send(read_request(&mut socket).await).unwrap();
                match &answer {
                    // The client may have heard enough and hung up.
                    Some(answer) => drop(socket.write_all(answer.as_bytes()).await),
                    None => std::future::pending().await,
                }
            }
        });
        Self { port, requests, serving }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The next request, as it came.
    pub(crate) async fn request(mut self) -> String {
        self.requests.recv().await.unwrap()
    }
}

impl Drop for Phone {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

/// An answer with this body.
pub(crate) fn ok(body: &str) -> String {
    format!("HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: {}\r\n\r\n{body}", body.len())
}

/// Head and body, the body as long as the head says.
async fn read_request(socket: &mut TcpStream) -> String {
    let mut request = Vec::new();
    loop {
        let text = String::from_utf8(request.clone()).unwrap();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| line.strip_prefix("Content-Length: "));
            if body.len() >= length.map_or(0, |length| length.parse().unwrap()) {
                return text;
            }
        }
        assert_ne!(socket.read_buf(&mut request).await.unwrap(), 0, "hung up in the middle of a request");
    }
}
