//! A world on a loopback port.
//!
//! Everything is decided in [`World`]; here bytes are carried to it and back, and it is told the time.

mod bodies;
mod broker;
mod connections;
mod datagrams;
mod endpoints;
mod gate;
mod hook;
mod phones;
mod posts;
mod tls;

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Extension, State};
use chrono::{DateTime, Utc};
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

pub use self::broker::Broker;
pub use self::endpoints::{Endpoints, EndpointsError};
pub use self::hook::Hook;
pub use self::phones::{Phones, PhonesError, Ports};
pub use self::tls::ServeTlsError;

use self::bodies::Bodies;
use self::connections::{Connection, Connections};
use self::datagrams::Datagrams;
use self::gate::Gate;
use self::posts::Poster;
use self::tls::Identity;
use crate::http::Ending;
use crate::{Request, Response, World};

/// Where a server has the time from: the system's clock, or a test's.
pub type Clock = Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>;

/// The largest request that is read, in bytes.
const LARGEST_REQUEST: usize = 32 << 20;

/// What the parts of a server share.
struct Shared {
    world: Mutex<World>,
    clock: Clock,
    gate: Gate,
    bodies: Bodies,
    poster: Poster,
    datagrams: Datagrams,
    /// Something was done to the world: it may have to wake earlier.
    touched: Notify,
}

impl Shared {
    fn with<R>(self: &Arc<Self>, tell: impl FnOnce(&mut World, DateTime<Utc>) -> R) -> R {
        let told = self.at_present(tell);
        self.touched.notify_one();
        told
    }

    /// The same, from the task that keeps the time itself.
    fn at_present<R>(self: &Arc<Self>, tell: impl FnOnce(&mut World, DateTime<Utc>) -> R) -> R {
        let mut world = self.world.lock().unwrap_or_else(PoisonError::into_inner);
        let now = (self.clock)() + world.lead();
        world.advance(now);
        let told = tell(&mut world, now);
        // A command may have moved the time.
        let now = now.max(world.now);
        self.poster.carry(self, &mut world, now);
        self.datagrams.carry(&mut world, now);
        if self.gate.is_open() {
            self.bodies.carry(&mut world, now);
        }
        told
    }
}

/// A world being served. Dropping it ends the serving.
pub struct Running {
    addr: SocketAddr,
    ca: Option<String>,
    shared: Arc<Shared>,
    tasks: TaskTracker,
    stop: DropGuard,
}

/// Serves a world on an address, such as `127.0.0.1:0`.
///
/// # Errors
///
/// When the address cannot be listened on.
pub async fn serve(world: World, addr: &str, clock: Clock) -> std::io::Result<Running> {
    start(world, addr, clock, None).await
}

/// Serves a world with TLS, with a certificate made for it: clients trust it by [`Running::ca_certificate`].
///
/// # Errors
///
/// When the address cannot be listened on, or no certificate can be made.
pub async fn serve_tls(mut world: World, addr: &str, clock: Clock) -> Result<Running, ServeTlsError> {
    let identity = Identity::new()?;
    world.set_certificate(identity.sha256);
    Ok(start(world, addr, clock, Some(identity)).await?)
}

async fn start(
    world: World,
    addr: &str,
    clock: Clock,
    identity: Option<Identity>,
) -> std::io::Result<Running> {
    let listener = TcpListener::bind(addr).await?;
    let addr = listener.local_addr()?;
    let stop = CancellationToken::new();
    let gate = Gate::new(&stop);
    let tasks = TaskTracker::new();
    let shared = Arc::new(Shared {
        world: Mutex::new(world),
        clock,
        gate: gate.clone(),
        bodies: Bodies::new(),
        poster: Poster::new(&tasks, &stop)?,
        datagrams: Datagrams::new(&tasks),
        touched: Notify::new(),
    });
    let router = Router::new().fallback(answer).with_state(Arc::clone(&shared));
    let told = Arc::clone(&shared);
    let (tls, ca) = identity.map(|identity| (identity.acceptor, identity.ca)).unzip();
    let connections = Connections {
        router: gate.clone().guarding(router),
        gate,
        stop: stop.clone(),
        tls,
        closed: Box::new(move |number| told.with(|world, _| world.connection_closed(number))),
    };
    tasks.spawn(connections.serve(listener));
    tasks.spawn(stop.clone().run_until_cancelled_owned(keep_time(Arc::clone(&shared))));
    tasks.spawn(break_off(Arc::clone(&shared), stop.clone()));
    tasks.close();
    Ok(Running { addr, ca, shared, tasks, stop: stop.drop_guard() })
}

impl Running {
    /// Where it listens.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// The address of the server, without a slash at its end.
    pub fn url(&self) -> String {
        let scheme = if self.ca.is_some() { "https" } else { "http" };
        format!("{scheme}://{}", self.addr)
    }

    /// The address of Exchange Web Services.
    pub fn ews_url(&self) -> String {
        format!("{}/EWS/Exchange.asmx", self.url())
    }

    /// The certificate, in PEM, of the authority that vouches for a server with TLS.
    pub fn ca_certificate(&self) -> Option<&str> {
        self.ca.as_deref()
    }

    /// Says something to the world, or asks it, at the clock's present.
    pub fn with<R>(&self, tell: impl FnOnce(&mut World, DateTime<Utc>) -> R) -> R {
        self.shared.with(tell)
    }

    /// Looks at the world as it is, without telling it the time.
    pub fn peek<R>(&self, look: impl FnOnce(&World) -> R) -> R {
        look(&self.shared.world.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Makes the server unreachable, or reachable again: connections are closed as they come, and what is
    /// asked on open ones is never answered.
    pub fn set_reachable(&self, reachable: bool) {
        self.shared.gate.set_open(reachable);
        self.shared.touched.notify_one();
    }

    /// Ends the serving: open connections are closed, whatever is being asked on them.
    pub async fn shutdown(self) {
        drop(self.stop);
        self.tasks.wait().await;
    }
}

/// Tells the world the time whenever something is due.
async fn keep_time(shared: Arc<Shared>) {
    loop {
        let (wake, now) = shared.at_present(|world, now| (world.next_wake(), now));
        match wake {
            None => shared.touched.notified().await,
            Some(at) => {
                let wait = (at - now).to_std().unwrap_or(Duration::ZERO);
                tokio::select! {
                    () = tokio::time::sleep(wait) => {}
                    () = shared.touched.notified() => {}
                }
            }
        }
    }
}

/// Bodies that stay open end with the serving.
async fn break_off(shared: Arc<Shared>, stop: CancellationToken) {
    stop.cancelled().await;
    shared.bodies.stop();
}

async fn answer(
    State(shared): State<Arc<Shared>>,
    Extension(connection): Extension<Connection>,
    request: axum::extract::Request,
) -> axum::response::Response {
    match read(request).await {
        Some(request) => {
            let request = request.on_connection(connection.number);
            let (response, said, outage) = shared.with(|world, now| {
                let response = world.handle(now, &request);
                let said = match response.ending {
                    Ending::Stream(stream) => Some((stream, shared.bodies.open(stream))),
                    _ => None,
                };
                (response, said, world.outage.take())
            });
            if let Some(span) = outage {
                tokio::spawn(out_of_reach(Arc::clone(&shared), span));
            }
            tracing::debug!(
                method = request.method,
                path = request.path,
                status = response.status,
                "answered"
            );
            tokio::time::sleep(response.delay).await;
            if response.ending == Ending::ClosedAfter(0) {
                connection.broken.cancel();
            }
            let body = said.map(|(stream, said)| bodies::lasting(Arc::clone(&shared), stream, said));
            carried_with(response, body)
        }
        None => carried(Response::new(413, "text/plain", "the request is too large")),
    }
}

/// Nobody reaches the server for a span of real time, whatever the world's own clock says.
async fn out_of_reach(shared: Arc<Shared>, span: Duration) {
    shared.gate.set_open(false);
    tokio::select! {
        () = tokio::time::sleep(span) => {}
        () = shared.gate.stopped() => {}
    }
    shared.gate.set_open(true);
    shared.touched.notify_one();
}

/// A request as a plain value; nothing when its body is too large or breaks off.
async fn read(request: axum::extract::Request) -> Option<Request> {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, LARGEST_REQUEST).await.ok()?;
    let headers = parts.headers.iter().map(|(name, value)| {
        (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
    });
    Some(Request {
        method: parts.method.as_str().to_owned(),
        path: parts.uri.to_string(),
        headers: headers.collect(),
        body: body.to_vec(),
        connection: 0,
    })
}

/// A plain reply put on the wire.
fn carried(response: Response) -> axum::response::Response {
    carried_with(response, None)
}

/// A reply put on the wire, its body perhaps one that stays open.
fn carried_with(response: Response, open: Option<Body>) -> axum::response::Response {
    let mut builder = axum::http::Response::builder().status(response.status);
    for (name, value) in &response.headers {
        builder = builder.header(name, value);
    }
    let built = match response.ending {
        Ending::Stream(_) => builder.body(open.unwrap_or_default()),
        Ending::Whole => builder.body(Body::from(response.body)),
        Ending::ClosedAfter(bytes) => {
            let length = response.body.len();
            builder.header("Content-Length", length).body(gate::cut(response.body, bytes))
        }
    };
    built.unwrap_or_default()
}
