//! A program on a loopback port that takes signed posts, as a door sign's does.

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::Value;
use sha2::Sha256;
use std::io;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_util::sync::{CancellationToken, DropGuard};

/// What was posted, and what it must be signed with.
struct Posted {
    secret: String,
    documents: watch::Sender<Vec<Value>>,
}

/// A program that takes signed posts. Dropping it ends it.
pub struct Hook {
    url: String,
    posted: Arc<Posted>,
    _guard: DropGuard,
}

impl Hook {
    /// Takes posts that are signed with this secret, and refuses all others.
    ///
    /// # Errors
    ///
    /// When no port is free.
    pub async fn serve(secret: &str) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}/rooms", listener.local_addr()?);
        let posted =
            Arc::new(Posted { secret: secret.to_owned(), documents: watch::Sender::new(Vec::new()) });
        let stop = CancellationToken::new();
        let router = Router::new().route("/rooms", axum::routing::post(take)).with_state(Arc::clone(&posted));
        let ends = stop.clone().cancelled_owned();
        tokio::spawn(async move {
            // It never fails: it goes on accepting.
            let _ = axum::serve(listener, router).with_graceful_shutdown(ends).await;
        });
        Ok(Self { url, posted, _guard: stop.drop_guard() })
    }

    /// Where it takes posts.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// What was posted so far, the first one first.
    pub fn documents(&self) -> Vec<Value> {
        self.posted.documents.borrow().clone()
    }

    /// The same, told anew with every post.
    pub fn watch(&self) -> watch::Receiver<Vec<Value>> {
        self.posted.documents.subscribe()
    }
}

async fn take(State(posted): State<Arc<Posted>>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let signed =
        text("Callboard-Signature").strip_prefix("sha256=").and_then(|signature| hex::decode(signature).ok());
    let Ok(mac) = Hmac::<Sha256>::new_from_slice(posted.secret.as_bytes()) else {
        return StatusCode::FORBIDDEN;
    };
    let mac = mac.chain_update(text("Callboard-Timestamp")).chain_update(".").chain_update(&body);
    if mac.verify_slice(&signed.unwrap_or_default()).is_err() {
        return StatusCode::FORBIDDEN;
    }
    let Ok(document) = serde_json::from_slice(&body) else { return StatusCode::BAD_REQUEST };
    posted.documents.send_modify(|documents| documents.push(document));
    StatusCode::NO_CONTENT
}
