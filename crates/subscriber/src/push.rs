//! Listens for what Exchange sends to push subscriptions (SendNotification, [MS-OXWSNTIF] 3.1.4.5), over plain HTTP.
//!
//! Anybody can connect, so that nothing is taken on trust: a request is a POST to a path that holds a token, of limited
//! size, in limited time, on one of a limited number of connections. Whether the token is one that was given away is for
//! whoever takes the message to say.

mod connection;

use connection::Connection;
use std::{io, net::SocketAddr, sync::Arc, time::Duration};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpListener,
    sync::{Semaphore, mpsc, oneshot},
};

/// What Exchange sent.
#[derive(Debug)]
pub struct Pushed {
    /// The last segment of the path it was sent to: `/ews-push/{token}`.
    pub token: String,
    /// The body.
    pub body: Vec<u8>,
    /// Takes the answer. Where none is given in time, Exchange is told to send again later (status 503).
    pub answer: oneshot::Sender<Answer>,
}

/// What Exchange is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// The body, XML.
    pub body: Vec<u8>,
}

/// How much is taken from whom, and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The most bytes of a request's line and headers, which are 100 at most; no fewer than 8,192.
    pub head: usize,
    /// The most bytes of a body.
    pub body: usize,
    /// How long a request's headers may take, and how long a connection may be idle.
    pub headers_within: Duration,
    /// How long a request's body may take.
    pub body_within: Duration,
    /// How long an answer is waited for.
    pub answer_within: Duration,
    /// The most connections at once. Others wait until one of them ends.
    pub connections: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            head: 16 << 10,
            body: 1 << 20,
            headers_within: Duration::from_secs(10),
            body_within: Duration::from_secs(20),
            answer_within: Duration::from_secs(20),
            connections: 256,
        }
    }
}

/// Serves one connection to its end, whoever is at the other, and hands on what is sent.
pub async fn serve(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send,
    limits: Limits,
    pushed: mpsc::Sender<Pushed>,
) {
    Connection { limits, pushed }.serve(stream).await;
}

/// Listens at one address.
#[derive(Debug)]
pub struct Listener {
    socket: TcpListener,
    limits: Limits,
}

impl Listener {
    /// Binds an address.
    ///
    /// # Errors
    /// Where it cannot be listened at.
    pub async fn bind(address: SocketAddr, limits: Limits) -> io::Result<Self> {
        Ok(Self { socket: TcpListener::bind(address).await?, limits })
    }

    /// The address that was bound.
    ///
    /// # Errors
    /// Where the system does not say.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.socket.local_addr()
    }

    /// Hands on what is sent, until nobody takes it any more.
    pub async fn serve(self, pushed: mpsc::Sender<Pushed>) {
        let places = Arc::new(Semaphore::new(self.limits.connections));
        let connection = Connection { limits: self.limits, pushed: pushed.clone() };
        loop {
            let place = Arc::clone(&places).acquire_owned().await.expect("it is never closed");
            let accepted = tokio::select! {
                accepted = self.socket.accept() => accepted,
                () = pushed.closed() => return,
            };
            match accepted {
                Ok((stream, _)) => {
                    let connection = connection.clone();
                    tokio::spawn(async move {
                        connection.serve(stream).await;
                        drop(place);
                    });
                }
                // No descriptors, or whoever knocked has gone: there is nothing to do but to wait a little.
                Err(error) => {
                    tracing::debug!(%error, "push connection not accepted");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            }
        }
    }
}
