//! Connections that are refused, servers that stop, and bodies that break off.

use std::future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use axum::serve::Listener;
use tokio::io::{AsyncRead, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::io::ReaderStream;
use tokio_util::sync::CancellationToken;

/// Whether a server can be reached, and until when it serves.
#[derive(Debug, Clone)]
pub(super) struct Gate {
    open: Arc<AtomicBool>,
    stop: CancellationToken,
}

impl Gate {
    /// An open gate of a server that serves until it is stopped.
    pub(super) fn new(stop: &CancellationToken) -> Self {
        Self { open: Arc::new(AtomicBool::new(true)), stop: stop.clone() }
    }

    pub(super) fn set_open(&self, open: bool) {
        self.open.store(open, Ordering::Relaxed);
    }

    pub(super) fn is_open(&self) -> bool {
        self.open.load(Ordering::Relaxed)
    }

    /// Comes when the server stops.
    pub(super) async fn stopped(&self) {
        self.stop.cancelled().await;
    }

    /// The router behind this gate.
    pub(super) fn guarding(self, router: Router) -> Router {
        router.layer(from_fn_with_state(self, pass))
    }

    /// Serves until the stop: then open connections are closed, whatever is being asked on them.
    pub(super) async fn serve(self, listener: TcpListener, router: Router) {
        let stop = self.stop.clone().cancelled_owned();
        let guarded = Guarded { listener, gate: self.clone() };
        let router = self.guarding(router);
        // It never fails: it goes on accepting.
        let _ = axum::serve(guarded, router).with_graceful_shutdown(stop).await;
    }
}

/// Lets a request through an open gate; whoever asks at a closed one is not answered.
async fn pass(State(gate): State<Gate>, request: Request, next: Next) -> Response {
    let answer = async {
        if !gate.is_open() {
            future::pending::<()>().await;
        }
        next.run(request).await
    };
    tokio::select! {
        response = answer => response,
        () = gate.stop.cancelled() => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}

/// A listener whose connections are closed as they come while its gate is closed.
struct Guarded {
    listener: TcpListener,
    gate: Gate,
}

impl Listener for Guarded {
    type Io = TcpStream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (TcpStream, SocketAddr) {
        loop {
            let (stream, addr) = Listener::accept(&mut self.listener).await;
            if self.gate.is_open() {
                // Without it small replies wait for an acknowledgement; it only costs time when it fails.
                let _ = stream.set_nodelay(true);
                return (stream, addr);
            }
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

/// A body of which only the first bytes come before the connection breaks.
pub(super) fn cut(mut body: Vec<u8>, bytes: usize) -> Body {
    body.truncate(bytes);
    Body::from_stream(ReaderStream::new(Cut(io::Cursor::new(body))))
}

struct Cut(io::Cursor<Vec<u8>>);

impl AsyncRead for Cut {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.0).poll_read(context, buffer);
        if buffer.filled().len() == before {
            return Poll::Ready(Err(io::Error::from(io::ErrorKind::ConnectionReset)));
        }
        read
    }
}
