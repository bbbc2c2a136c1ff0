//! JSON-RPC over a WebSocket that stays open (RoomOS, "xAPI over WebSocket"; JSON-RPC 2.0; RFC 6455).
//!
//! It is opened when there is something to say. When it ends the endpoint may have restarted: the engine is told that it may
//! have lost its list, and whatever is said to it then opens another.

use crate::{
    error::{Fault, Place, PushError},
    http::LONGEST_ANSWER,
    target::{Account, HttpSettings},
};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use futures_util::{SinkExt, StreamExt};
use reqwest::Url;
use rustls::{ClientConfig, pki_types::ServerName};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use std::{collections::BTreeMap, io, sync::Arc, time::Duration};
use sync_engine::Event;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    sync::{Mutex, mpsc, oneshot},
    time::{Instant, MissedTickBehavior, interval, sleep, timeout},
};
use tokio_rustls::TlsConnector;
use tokio_tungstenite::{
    WebSocketStream, client_async_with_config,
    tungstenite::{
        Error as WsError, Message, client::IntoClientRequest, http::HeaderValue, protocol::WebSocketConfig,
    },
};

/// How often an endpoint is asked whether it is there; one that says nothing for twice as long is not.
const PING: Duration = Duration::from_secs(30);

/// The most that waits to be sent: a list of meetings has some 100 KB, and every ping of the endpoint's wants an answer, read or not.
const MOST_UNSENT: usize = 4 << 20;

/// For so long nothing is read of an endpoint that says that it lost its list: it may say so again and again.
const AFTER_EVENT: Duration = Duration::from_millis(20);

/// Bytes in both directions.
trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// The socket of one endpoint, open or not.
pub(super) struct WebSocket {
    place: Place,
    base: Url,
    account: Account,
    tls: Arc<ClientConfig>,
    settings: HttpSettings,
    /// Whom to tell when it ends, or when the endpoint calls, and what.
    telling: Option<(mpsc::UnboundedSender<Event>, Event)>,
    session: Mutex<Option<mpsc::Sender<Call>>>,
}

/// One request, and who waits for its answer.
struct Call {
    method: &'static str,
    params: Value,
    answer: oneshot::Sender<Value>,
}

impl WebSocket {
    pub(super) fn new(
        place: Place,
        base: Url,
        account: Account,
        tls: Arc<ClientConfig>,
        settings: HttpSettings,
    ) -> Self {
        Self { place, base, account, tls, settings, telling: None, session: Mutex::default() }
    }

    /// The same, with an event for when the endpoint may have lost its list.
    pub(super) fn telling(self, events: mpsc::UnboundedSender<Event>, forgot: Event) -> Self {
        Self { telling: Some((events, forgot)), ..self }
    }

    /// The whole response to a request.
    pub(super) async fn ask(&self, method: &'static str, params: Value) -> Result<Value, PushError> {
        let (answer, answered) = oneshot::channel();
        let call = Call { method, params, answer };
        let session = self.session().await?;
        let asked = async {
            session.send(call).await.map_err(|_closed| ())?;
            answered.await.map_err(|_closed| ())
        };
        match timeout(self.settings.total_timeout, asked).await {
            Ok(Ok(response)) => Ok(response),
            Ok(Err(())) => {
                let ended = io::Error::new(io::ErrorKind::ConnectionAborted, "it was closed");
                Err(self.place.error(Fault::BrokenOff(Box::new(ended))))
            }
            Err(_elapsed) => {
                // whatever it is that hangs, the next request has a connection of its own
                *self.session.lock().await = None;
                Err(self.place.error(Fault::TimedOut(self.settings.total_timeout)))
            }
        }
    }

    async fn session(&self) -> Result<mpsc::Sender<Call>, PushError> {
        let mut session = self.session.lock().await;
        if let Some(open) = session.as_ref().filter(|open| !open.is_closed()) {
            return Ok(open.clone());
        }
        let socket = self.open().await?;
        let (calls, called) = mpsc::channel(16);
        tokio::spawn(carry(socket, called, self.telling.clone(), self.settings.total_timeout));
        *session = Some(calls.clone());
        Ok(calls)
    }

    async fn open(&self) -> Result<WebSocketStream<Box<dyn Stream>>, PushError> {
        let connected = timeout(self.settings.connect_timeout, self.connect()).await;
        let late = |_| Err(io::Error::from(io::ErrorKind::TimedOut));
        let stream = connected.unwrap_or_else(late).map_err(|error| self.place.error(unconnected(error)))?;
        let bounds = WebSocketConfig::default()
            .max_message_size(Some(LONGEST_ANSWER))
            .max_frame_size(Some(LONGEST_ANSWER))
            .max_write_buffer_size(MOST_UNSENT);
        let shaking = client_async_with_config(self.request()?, stream, Some(bounds));
        let shaking = timeout(self.settings.total_timeout, shaking).await;
        let (socket, _) = shaking
            .map_err(|_elapsed| self.place.error(Fault::TimedOut(self.settings.total_timeout)))?
            .map_err(|error| self.no_socket(error))?;
        Ok(socket)
    }

    async fn connect(&self) -> io::Result<Box<dyn Stream>> {
        let host = self.base.host_str().unwrap_or_default();
        let port = self.base.port_or_known_default().unwrap_or(443);
        let tcp = TcpStream::connect((host.trim_matches(['[', ']']), port)).await?;
        if self.base.scheme() == "http" {
            return Ok(Box::new(tcp));
        }
        let name =
            ServerName::try_from(host.trim_matches(['[', ']']).to_owned()).map_err(io::Error::other)?;
        Ok(Box::new(TlsConnector::from(Arc::clone(&self.tls)).connect(name, tcp).await?))
    }

    /// The credentials go along as the name of a sub-protocol.
    fn request(&self) -> Result<tokio_tungstenite::tungstenite::handshake::client::Request, PushError> {
        let mut url = self.base.clone();
        url.set_path("/ws");
        let url = url.as_str().replacen("http", "ws", 1);
        let credentials = format!("{}:{}", self.account.username, self.account.password.expose_secret());
        let protocol = format!("auth-{}", BASE64_URL_SAFE_NO_PAD.encode(credentials));
        let mut request = url.into_client_request().map_err(|error| self.no_socket(error))?;
        let mut protocol = HeaderValue::try_from(protocol).expect("base64 fits a header");
        protocol.set_sensitive(true);
        request.headers_mut().insert("Sec-WebSocket-Protocol", protocol);
        Ok(request)
    }

    fn no_socket(&self, error: WsError) -> PushError {
        match error {
            WsError::Http(response) => match response.status().as_u16() {
                401 | 403 => self.place.error(Fault::SignInRefused),
                status => self.place.error(Fault::NoWebSocket(status)),
            },
            error => self.place.error(Fault::BrokenOff(Box::new(error))),
        }
    }
}

fn unconnected(error: io::Error) -> Fault {
    let refused = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
    match refused {
        Some(rustls::Error::InvalidCertificate(_)) => Fault::Untrusted(Box::new(error)),
        _ => Fault::Unreachable(Box::new(error)),
    }
}

/// Carries requests out and answers in, until either side has gone, or does not take within `sends_within` what is said to it; where
/// it was the endpoint, somebody is told.
async fn carry(
    mut socket: WebSocketStream<Box<dyn Stream>>,
    mut calls: mpsc::Receiver<Call>,
    telling: Option<(mpsc::UnboundedSender<Event>, Event)>,
    sends_within: Duration,
) {
    let tell = || {
        if let Some((events, event)) = &telling {
            // where the loop has ended, nobody needs to know any more
            let _ = events.send(event.clone());
        }
    };
    let mut waiting: BTreeMap<String, oneshot::Sender<Value>> = BTreeMap::new();
    let (mut next_id, mut heard_at) = (0_u64, Instant::now());
    let mut pings = interval(PING);
    pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let message = tokio::select! {
            call = calls.recv() => {
                let Some(Call { method, params, answer }) = call else { break };
                next_id += 1;
                let id = next_id.to_string();
                let request = json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params });
                waiting.insert(id, answer);
                Message::text(request.to_string())
            }
            _ = pings.tick() => {
                if heard_at.elapsed() > 2 * PING {
                    return tell();
                }
                Message::Ping(Vec::new().into())
            }
            heard = socket.next() => {
                let Some(Ok(message)) = heard else { return tell() };
                heard_at = Instant::now();
                if hear(&message, &mut waiting) == Heard::Event {
                    tell();
                    sleep(AFTER_EVENT).await;
                }
                continue;
            }
        };
        if !matches!(timeout(sends_within, socket.send(message)).await, Ok(Ok(()))) {
            return tell();
        }
    }
    // whoever does not take it is left
    let _ = timeout(sends_within, socket.close(None)).await;
}

/// What a message was.
#[derive(Debug, PartialEq, Eq)]
enum Heard {
    /// An answer, or nothing of interest.
    Nothing,
    /// What was subscribed to has happened.
    Event,
}

fn hear(message: &Message, waiting: &mut BTreeMap<String, oneshot::Sender<Value>>) -> Heard {
    let Message::Text(text) = message else { return Heard::Nothing };
    let Ok(response) = serde_json::from_str::<Value>(text) else { return Heard::Nothing };
    let id = response.get("id").map(|id| id.as_str().map_or_else(|| id.to_string(), str::to_owned));
    if let Some(answer) = id.and_then(|id| waiting.remove(&id)) {
        // whoever asked may have gone
        let _ = answer.send(response);
        return Heard::Nothing;
    }
    let is_event = response.get("method").and_then(Value::as_str) == Some("xFeedback/Event");
    if is_event { Heard::Event } else { Heard::Nothing }
}
