//! Connections, of which anybody may open as many as they like: how many are served at once, and for how long each is waited for.

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{ConnectInfo, Request, State},
    http::StatusCode,
    middleware::{Next, from_fn_with_state},
    response::{IntoResponse, Response},
};
use http_body_util::LengthLimitError;
use hyper::{
    body::Incoming,
    server::conn::http1,
    service::{Service, service_fn},
};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
    service::TowerToHyperService,
};
use std::{error::Error, net::SocketAddr, pin::pin, sync::Arc, time::Duration};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{sleep, timeout},
};

/// How much is taken from whom, and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The most connections at once, those of events included. Others wait until one of them ends.
    pub connections: usize,
    /// How long a request's headers may take, and how long a connection may be idle.
    pub headers_within: Duration,
    /// How long a request's body may take.
    pub body_within: Duration,
    /// The most bytes of a request's line and headers, which are 100 at most; no fewer than 8,192.
    pub head: usize,
    /// The most bytes of a body.
    pub body: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 8_192,
            headers_within: Duration::from_secs(15),
            body_within: Duration::from_secs(10),
            head: 16 << 10,
            body: 64 << 10,
        }
    }
}

/// Serves until `shutdown` ends, and then until every answer that was begun is out.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    limits: Limits,
    shutdown: impl Future<Output = ()> + Send + 'static,
) {
    let router = router.layer(from_fn_with_state(limits, whole));
    let places = Arc::new(Semaphore::new(limits.connections));
    let open = GracefulShutdown::new();
    let mut shutdown = pin!(shutdown);
    loop {
        let accepted = tokio::select! {
            accepted = accept(&listener, &places) => accepted,
            () = &mut shutdown => break,
        };
        match accepted {
            Ok((stream, address, place)) => {
                let service = TowerToHyperService::new(router.clone());
                let from_there = service_fn(move |mut request: hyper::Request<Incoming>| {
                    request.extensions_mut().insert(ConnectInfo(address));
                    service.call(request)
                });
                let connection = http1::Builder::new()
                    .timer(TokioTimer::new())
                    .header_read_timeout(limits.headers_within)
                    .max_buf_size(limits.head)
                    .serve_connection(TokioIo::new(stream), from_there);
                let connection = open.watch(connection);
                tokio::spawn(async move {
                    if let Err(error) = connection.await {
                        tracing::debug!(%error, "a connection has ended");
                    }
                    drop(place);
                });
            }
            // No descriptors, or whoever knocked has gone: there is nothing to do but to wait a little.
            Err(error) => {
                tracing::debug!(%error, "a connection could not be taken");
                sleep(Duration::from_millis(100)).await;
            }
        }
    }
    drop(listener);
    open.shutdown().await;
}

async fn accept(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> std::io::Result<(TcpStream, SocketAddr, OwnedSemaphorePermit)> {
    let place = Arc::clone(places).acquire_owned().await.expect("it is never closed");
    let (stream, address) = listener.accept().await?;
    Ok((stream, address, place))
}

/// Reads a request's body before anybody looks at it: it is small, and whoever sends it slowly is not waited for.
async fn whole(State(limits): State<Limits>, request: Request, next: Next) -> Response {
    let (head, body) = request.into_parts();
    match timeout(limits.body_within, to_bytes(body, limits.body)).await {
        Ok(Ok(body)) => next.run(Request::from_parts(head, Body::from(body))).await,
        Ok(Err(error)) if error.source().is_some_and(<dyn Error>::is::<LengthLimitError>) => {
            refusal(StatusCode::PAYLOAD_TOO_LARGE)
        }
        Ok(Err(_broken)) => refusal(StatusCode::BAD_REQUEST),
        Err(_elapsed) => refusal(StatusCode::REQUEST_TIMEOUT),
    }
}

/// Whoever is refused does not keep a place.
fn refusal(status: StatusCode) -> Response {
    (status, [(axum::http::header::CONNECTION, "close")]).into_response()
}
