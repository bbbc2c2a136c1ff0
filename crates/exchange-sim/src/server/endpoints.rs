//! Video endpoints on loopback ports: they take lists of meetings, or ask for them.

use super::{carried, read};
use crate::Response;
use crate::endpoint::{Endpoint, Listed};
use crate::xml::Xml;
use axum::Router;
use axum::extract::State;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::IntoResponse as _;
use base64::Engine as _;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::{broadcast, watch};
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

/// One endpoint with what serves it.
struct Line {
    endpoint: Mutex<Endpoint>,
    base: String,
    /// What it says on its WebSockets.
    says: broadcast::Sender<String>,
    changed: watch::Sender<u64>,
    stop: CancellationToken,
}

impl Line {
    fn with<R>(&self, tell: impl FnOnce(&mut Endpoint) -> R) -> R {
        let mut endpoint = self.endpoint.lock().unwrap_or_else(PoisonError::into_inner);
        let puts = endpoint.puts();
        let told = tell(&mut endpoint);
        if endpoint.puts() != puts {
            self.changed.send_modify(|count| *count += 1);
        }
        told
    }
}

/// Video endpoints being served. Dropping it ends the serving.
pub struct Endpoints {
    lines: BTreeMap<String, Arc<Line>>,
    http: reqwest::Client,
    changed: watch::Sender<u64>,
    stop: CancellationToken,
    tasks: TaskTracker,
    _guard: DropGuard,
}

/// Why endpoints could not be served.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EndpointsError {
    /// No port could be listened on.
    #[error("endpoints: no loopback port could be listened on")]
    Listen(#[from] std::io::Error),
    /// The HTTP client could not be set up.
    #[error("endpoints: the client that they call back with could not be set up")]
    Client(#[from] reqwest::Error),
}

impl Endpoints {
    /// Serves endpoints on ports of the loopback address, each on its own.
    ///
    /// # Errors
    ///
    /// When no port is free, or no HTTP client can be set up.
    pub async fn serve(endpoints: Vec<Endpoint>) -> Result<Self, EndpointsError> {
        // Another part of the program may have chosen already, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http =
            reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().build()?;
        let stop = CancellationToken::new();
        let (tasks, changed) = (TaskTracker::new(), watch::Sender::new(0));
        let mut lines = BTreeMap::new();
        for endpoint in endpoints {
            let listener = TcpListener::bind("127.0.0.1:0").await?;
            let line = Arc::new(Line {
                base: format!("http://{}", listener.local_addr()?),
                says: broadcast::Sender::new(16),
                changed: changed.clone(),
                stop: stop.clone(),
                endpoint: Mutex::new(endpoint),
            });
            lines.insert(line.with(|endpoint| endpoint.name.clone()), Arc::clone(&line));
            let router = Router::new().fallback(answer).with_state(line);
            let ends = stop.clone().cancelled_owned();
            tasks.spawn(async move {
                // It never fails: it goes on accepting.
                let _ = axum::serve(listener, router).with_graceful_shutdown(ends).await;
            });
        }
        let guard = stop.clone().drop_guard();
        Ok(Self { lines, http, changed, stop, tasks, _guard: guard })
    }

    /// The address of an endpoint.
    pub fn base_url(&self, endpoint: &str) -> Option<&str> {
        self.lines.get(endpoint).map(|line| line.base.as_str())
    }

    /// The meetings on an endpoint's list.
    pub fn list(&self, endpoint: &str) -> Vec<Listed> {
        self.lines
            .get(endpoint)
            .map(|line| line.with(|endpoint| endpoint.list().to_vec()))
            .unwrap_or_default()
    }

    /// How often an endpoint's list was replaced.
    pub fn puts(&self, endpoint: &str) -> u64 {
        self.lines.get(endpoint).map_or(0, |line| line.with(|endpoint| endpoint.puts()))
    }

    /// Waits until an endpoint lists what is asked for; for ever, if it never does.
    pub async fn until(&self, endpoint: &str, lists: impl Fn(&[Listed]) -> bool) -> Vec<Listed> {
        let mut changes = self.changed.subscribe();
        loop {
            let list = self.list(endpoint);
            if lists(&list) {
                return list;
            }
            if changes.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    }

    /// An endpoint restarts: its list is gone, and it says so wherever it was asked to.
    pub async fn restart(&self, endpoint: &str) {
        let Some(line) = self.lines.get(endpoint) else { return };
        let callback = line.with(Endpoint::restart);
        // where nobody has a WebSocket open, nobody hears it there
        let _ = line.says.send(Endpoint::event().to_string());
        if let Some((url, body)) = callback {
            let _ = self.http.post(url).header(header::CONTENT_TYPE, "text/xml").body(body).send().await;
        }
    }

    /// Has an endpoint ask at an address for its meetings, again and again, as in provisioning mode TMS.
    pub fn ask(&self, endpoint: &str, mac_address: &str, url: &str, every: Duration) {
        let Some(line) = self.lines.get(endpoint).cloned() else { return };
        let (http, url, body) = (self.http.clone(), url.to_owned(), post_event(endpoint, mac_address));
        self.tasks.spawn(self.stop.clone().run_until_cancelled_owned(async move {
            loop {
                let asking =
                    http.post(&url).header(header::CONTENT_TYPE, "text/xml").body(body.clone()).send();
                if let Ok(answer) = asking.await
                    && let Ok(body) = answer.bytes().await
                {
                    line.with(|endpoint| endpoint.take_answer(&body));
                }
                tokio::time::sleep(every).await;
            }
        }));
    }

    /// Ends the serving.
    pub async fn shutdown(self) {
        self.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }
}

/// A PostEvent (namespace `http://www.tandberg.net/2004/11/SystemManagementService/`).
fn post_event(name: &str, mac_address: &str) -> String {
    let mut xml = Xml::document();
    let soap = [("xmlns:env", "http://schemas.xmlsoap.org/soap/envelope/")];
    let service = [("xmlns", "http://www.tandberg.net/2004/11/SystemManagementService/")];
    xml.element("env:Envelope", &soap, |xml| {
        xml.within("env:Body", |xml| {
            xml.element("PostEvent", &service, |xml| {
                xml.within("Identification", |xml| {
                    xml.leaf("SystemName", name);
                    xml.leaf("MACAddress", mac_address);
                });
                xml.leaf("Event", "Beat");
            });
        });
    });
    xml.finish()
}

async fn answer(
    State(line): State<Arc<Line>>,
    socket: Result<WebSocketUpgrade, axum::extract::ws::rejection::WebSocketUpgradeRejection>,
    request: axum::extract::Request,
) -> axum::response::Response {
    if let Ok(socket) = socket {
        return open(line, socket, request.headers());
    }
    match read(request).await {
        Some(request) => carried(line.with(|endpoint| endpoint.handle(&request))),
        None => carried(Response::empty(413)),
    }
}

/// The credentials are in the name of a sub-protocol.
fn open(line: Arc<Line>, socket: WebSocketUpgrade, headers: &HeaderMap) -> axum::response::Response {
    let protocol = headers.get(header::SEC_WEBSOCKET_PROTOCOL).and_then(|value| value.to_str().ok());
    let Some(protocol) = protocol.map(str::to_owned) else { return StatusCode::UNAUTHORIZED.into_response() };
    let token = protocol.strip_prefix("auth-").unwrap_or_default();
    let credentials = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(token).unwrap_or_default();
    let credentials = String::from_utf8(credentials).unwrap_or_default();
    let (user, password) = credentials.split_once(':').unwrap_or_default();
    if !line.with(|endpoint| endpoint.admits(user, password)) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    socket.protocols([protocol]).on_upgrade(move |socket| talk(line, socket))
}

async fn talk(line: Arc<Line>, mut socket: WebSocket) {
    let mut says = line.says.subscribe();
    loop {
        let text = tokio::select! {
            heard = socket.recv() => match heard {
                Some(Ok(Message::Text(text))) => match serde_json::from_str(&text) {
                    Ok(request) => line.with(|endpoint| endpoint.call(&request)).to_string(),
                    Err(_) => continue,
                },
                Some(Ok(Message::Close(_)) | Err(_)) | None => return,
                Some(Ok(_)) => continue,
            },
            () = line.stop.cancelled() => return,
            said = says.recv() => match said {
                Ok(text) => text,
                Err(_) => return,
            },
        };
        if socket.send(Message::Text(text.into())).await.is_err() {
            return;
        }
    }
}
