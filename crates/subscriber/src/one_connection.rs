//! A client that has one connection in its life.
//!
//! NTLM and Negotiate sign a connection in: the next message must cross the same one. The HTTP library makes another
//! whenever the first is not back in its pool at once, so it is told that there is no other.

use reqwest::ClientBuilder;
use std::{
    error::Error,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};
use tower::{Layer, Service};

/// How long a second connection is put off, in which the first returns to the pool if it lives.
const GRACE: Duration = Duration::from_millis(250);

/// The client's one connection is gone.
#[derive(Debug, thiserror::Error)]
#[error("the connection is gone")]
pub(crate) struct ConnectionGone;

/// Builds a client that makes one connection.
pub(crate) fn with_one_connection(client: ClientBuilder) -> ClientBuilder {
    client.pool_max_idle_per_host(1).pool_idle_timeout(None).connector_layer(Once::default())
}

#[derive(Debug, Clone, Default)]
struct Once {
    made: Arc<AtomicBool>,
}

impl<S> Layer<S> for Once {
    type Service = ConnectOnce<S>;

    fn layer(&self, connect: S) -> ConnectOnce<S> {
        ConnectOnce { connect, made: Arc::clone(&self.made) }
    }
}

#[derive(Debug, Clone)]
struct ConnectOnce<S> {
    connect: S,
    made: Arc<AtomicBool>,
}

type BoxError = Box<dyn Error + Send + Sync>;

impl<S, Target> Service<Target> for ConnectOnce<S>
where
    S: Service<Target, Error = BoxError>,
    S::Future: Send + 'static,
{
    type Response = S::Response;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.connect.poll_ready(context)
    }

    fn call(&mut self, target: Target) -> Self::Future {
        if self.made.swap(true, Ordering::Relaxed) {
            return Box::pin(async {
                tokio::time::sleep(GRACE).await;
                Err(ConnectionGone.into())
            });
        }
        Box::pin(self.connect.call(target))
    }
}
