//! What replies tell of the servers' clocks (rule C2).

use hyper_util::client::legacy::connect::HttpInfo;
use meeting_model::id::ServerId;
use reqwest::{Response, header::DATE};
use std::{
    fmt,
    sync::{Arc, OnceLock},
};
use tokio::time::Instant;

/// The front-end server that took a request, by the name it gives itself. Exchange 2013 and later say it.
const FRONT_END: &str = "x-feserver";

/// The most that is kept of a name.
const LONGEST_NAME: usize = 64;

/// When a reply came, and what it says of the time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dated {
    /// The server's name in the configuration.
    pub server: ServerId,
    /// The name that the front-end server gives itself, where it gives one.
    pub front_end: Option<String>,
    /// Both ends of the connection that it came by.
    pub connection: String,
    /// Its `Date`, as it stands there (RFC 9110 §6.6.1).
    pub date: String,
    /// When the request began to be sent, or the connection for it to be made.
    pub sent: Instant,
    /// When the head of the reply had come.
    pub received: Instant,
}

/// Who hears of every reply that has a `Date`.
pub type Hears = dyn Fn(Dated) + Send + Sync;

/// Hands on what replies tell, once somebody hears it.
#[derive(Clone, Default)]
pub(crate) struct Ear(Arc<OnceLock<Arc<Hears>>>);

impl Ear {
    /// From now on this one hears. Whoever was first stays.
    pub(crate) fn open(&self, hears: Arc<Hears>) {
        let _ = self.0.set(hears);
    }

    /// Hands on what a reply tells that has just begun to arrive.
    pub(crate) fn hear(&self, server: &str, response: &Response, sent: Instant) {
        let received = Instant::now();
        let Some(hears) = self.0.get() else { return };
        let header = |name| response.headers().get(name).and_then(|value| value.to_str().ok());
        let Some(date) = header(DATE.as_str()) else { return };
        hears(Dated {
            server: ServerId::new(server),
            front_end: header(FRONT_END).map(|name| name.chars().take(LONGEST_NAME).collect()),
            connection: connection(response),
            date: date.to_owned(),
            sent,
            received,
        });
    }
}

impl fmt::Debug for Ear {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ear").field("open", &self.0.get().is_some()).finish()
    }
}

/// Both ends of a reply's connection.
fn connection(response: &Response) -> String {
    let info = response.extensions().get::<HttpInfo>();
    info.map(|info| format!("{} ({})", info.remote_addr(), info.local_addr().port())).unwrap_or_default()
}
