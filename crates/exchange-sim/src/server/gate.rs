//! Connections that are refused, and bodies that break off.

use std::future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use axum::body::Body;
use axum::serve::Listener;
use tokio::io::{AsyncRead, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::io::ReaderStream;

/// Whether a server can be reached.
#[derive(Debug, Clone)]
pub(super) struct Gate(Arc<AtomicBool>);

impl Gate {
    pub(super) fn open() -> Self {
        Self(Arc::new(AtomicBool::new(true)))
    }

    pub(super) fn set_open(&self, open: bool) {
        self.0.store(open, Ordering::Relaxed);
    }

    fn is_open(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// Waits for ever when the gate is closed: whoever asked on an open connection is not answered.
    pub(super) async fn pass(&self) {
        if !self.is_open() {
            future::pending::<()>().await;
        }
    }

    pub(super) fn guard(&self, listener: TcpListener) -> Guarded {
        Guarded { listener, gate: self.clone() }
    }
}

/// A listener whose connections are closed as they come while its gate is closed.
pub(super) struct Guarded {
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
