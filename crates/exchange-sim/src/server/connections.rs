//! Connections being served: each has a number, and can be broken off.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::Router;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::Service as _;

use super::gate::Gate;

/// The connection that a request came on.
#[derive(Debug, Clone)]
pub(super) struct Connection {
    pub(super) number: u64,
    /// Cancelled, it is closed at once, whatever is being said.
    pub(super) broken: CancellationToken,
}

/// What serves the connections of one listener.
pub(super) struct Connections {
    pub(super) gate: Gate,
    pub(super) stop: CancellationToken,
    /// Answers with TLS, if there is one.
    pub(super) tls: Option<TlsAcceptor>,
    pub(super) router: Router,
    /// Is told the number of each connection that was closed.
    pub(super) closed: Box<dyn Fn(u64) + Send + Sync>,
}

impl Connections {
    /// Serves until the stop: then open connections are closed, whatever is being asked on them.
    pub(super) async fn serve(self, listener: TcpListener) {
        let (serving, tasks) = (Arc::new(self), TaskTracker::new());
        let numbers = AtomicU64::new(1);
        loop {
            let accepted = tokio::select! {
                accepted = listener.accept() => accepted,
                () = serving.stop.cancelled() => break,
            };
            let Ok((stream, _)) = accepted else {
                // Out of descriptors, most likely: connections that end give some back.
                tokio::time::sleep(std::time::Duration::from_millis(50)).await;
                continue;
            };
            if serving.gate.is_open() {
                let number = numbers.fetch_add(1, Ordering::Relaxed);
                tasks.spawn(Arc::clone(&serving).accepted(stream, number));
            }
        }
        tasks.close();
        tasks.wait().await;
    }

    async fn accepted(self: Arc<Self>, stream: TcpStream, number: u64) {
        // Without it small replies wait for an acknowledgement; it only costs time when it fails.
        let _ = stream.set_nodelay(true);
        match &self.tls {
            None => self.answer(stream, number).await,
            Some(tls) => {
                let shaken = tokio::select! {
                    shaken = tls.accept(stream) => shaken,
                    () = self.stop.cancelled() => return,
                };
                match shaken {
                    Ok(stream) => self.answer(stream, number).await,
                    Err(error) => {
                        let error: &dyn std::error::Error = &error;
                        tracing::debug!(error, "tls handshake failed");
                    }
                }
            }
        }
        (self.closed)(number);
    }

    async fn answer(&self, stream: impl AsyncRead + AsyncWrite + Unpin, number: u64) {
        let connection = Connection { number, broken: CancellationToken::new() };
        let broken = connection.broken.clone();
        let service = service_fn(move |mut request: hyper::Request<hyper::body::Incoming>| {
            request.extensions_mut().insert(connection.clone());
            self.router.clone().call(request)
        });
        // A server that is not Exchange sends no `Date`, so none is added to what the world says.
        let mut http = hyper::server::conn::http1::Builder::new();
        let mut serving =
            std::pin::pin!(http.auto_date_header(false).serve_connection(TokioIo::new(stream), service));
        let ended = tokio::select! {
            ended = serving.as_mut() => ended,
            () = broken.cancelled() => return,
            () = self.stop.cancelled() => {
                serving.as_mut().graceful_shutdown();
                serving.await
            }
        };
        if let Err(error) = ended {
            let error: &dyn std::error::Error = &error;
            tracing::debug!(error, "connection ended");
        }
    }
}
