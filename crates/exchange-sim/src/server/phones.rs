//! Phones on loopback ports: they take pushes, and get the pages they are told to show.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::extract::State;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

use super::gate::Gate;
use super::{Clock, carried, read};
use crate::Response;
use crate::phone::{Fetch, Phone, Screen, Shown, Switches};

/// How phones are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ports {
    /// Each has a port of its own, as each real phone has an address.
    Each,
    /// All have one port; a phone's name is the first part of the path.
    Shared,
}

/// One phone with what serves it.
struct Line {
    phone: Mutex<Phone>,
    gate: Gate,
    base: String,
}

impl Line {
    fn with<R>(&self, tell: impl FnOnce(&mut Phone) -> R) -> R {
        tell(&mut self.phone.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// What the phones of one bank share.
struct Bank {
    lines: BTreeMap<String, Arc<Line>>,
    clock: Clock,
    http: reqwest::Client,
    changed: watch::Sender<u64>,
    stop: CancellationToken,
    tasks: TaskTracker,
}

/// Phones being served. Dropping it ends the serving.
pub struct Phones {
    bank: Arc<Bank>,
    stop: DropGuard,
}

/// Why phones could not be served.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PhonesError {
    /// No port could be listened on.
    #[error("phones: no loopback port could be listened on")]
    Listen(#[from] std::io::Error),
    /// The HTTP client could not be set up.
    #[error("phones: the client that gets their pages could not be set up")]
    Client(#[from] reqwest::Error),
}

impl Phones {
    /// Serves phones on ports of the loopback address.
    ///
    /// # Errors
    ///
    /// When no port is free, or no HTTP client can be set up.
    pub async fn serve(phones: Vec<Phone>, ports: Ports, clock: Clock) -> Result<Self, PhonesError> {
        // Another part of the program may have chosen already, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http =
            reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().build()?;
        let shared = match ports {
            Ports::Each => None,
            Ports::Shared => Some(TcpListener::bind("127.0.0.1:0").await?),
        };
        let shared_addr = shared.as_ref().map(TcpListener::local_addr).transpose()?;
        let stop = CancellationToken::new();
        let (mut lines, mut listeners) = (BTreeMap::new(), Vec::new());
        for phone in phones {
            let gate = Gate::new(&stop);
            let base = if let Some(addr) = shared_addr {
                format!("http://{addr}/{}", phone.name)
            } else {
                let listener = TcpListener::bind("127.0.0.1:0").await?;
                let addr: SocketAddr = listener.local_addr()?;
                listeners.push((phone.name.clone(), listener));
                format!("http://{addr}")
            };
            lines.insert(phone.name.clone(), Arc::new(Line { phone: Mutex::new(phone), gate, base }));
        }
        let (changed, _) = watch::channel(0);
        let tasks = TaskTracker::new();
        let bank = Arc::new(Bank { lines, clock, http, changed, stop: stop.clone(), tasks });
        for (name, listener) in listeners {
            if let Some(line) = bank.lines.get(&name).cloned() {
                let gate = line.gate.clone();
                let router = Router::new().fallback(at_own_port).with_state((Arc::clone(&bank), line));
                bank.tasks.spawn(gate.serve(listener, router));
            }
        }
        if let Some(listener) = shared {
            let router = Router::new().fallback(at_shared_port).with_state(Arc::clone(&bank));
            bank.tasks.spawn(Gate::new(&stop).serve(listener, router));
        }
        Ok(Self { bank, stop: stop.drop_guard() })
    }

    /// The address of a phone, without the path of what is asked of it.
    pub fn base_url(&self, phone: &str) -> Option<&str> {
        self.bank.lines.get(phone).map(|line| line.base.as_str())
    }

    /// What a phone shows now.
    pub fn screen(&self, phone: &str) -> Option<Screen> {
        self.bank.lines.get(phone).map(|line| line.with(|phone| phone.screen().clone()))
    }

    /// What a phone has shown so far, with instants.
    pub fn history(&self, phone: &str) -> Vec<Shown> {
        self.bank.lines.get(phone).map(|line| line.with(|phone| phone.history().to_vec())).unwrap_or_default()
    }

    /// How many pushes a phone carried out.
    pub fn pushes(&self, phone: &str) -> u64 {
        self.bank.lines.get(phone).map_or(0, |line| line.with(|phone| phone.pushes()))
    }

    /// Changes how a phone behaves; a name that is none of them changes nothing.
    pub fn switch(&self, phone: &str, change: impl FnOnce(&mut Switches)) {
        let Some(line) = self.bank.lines.get(phone) else { return };
        let fetch = line.with(|phone| {
            let fetch = phone.switch(change);
            line.gate.set_open(!phone.switches.off);
            fetch
        });
        self.bank.clone().get(line, fetch);
    }

    /// A counter that goes up whenever any phone shows something else.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.bank.changed.subscribe()
    }

    /// Waits until a phone shows what is asked for; for ever, if it never does.
    pub async fn until(&self, phone: &str, shows: impl Fn(&Screen) -> bool) -> Screen {
        let mut changes = self.changes();
        loop {
            if let Some(screen) = self.screen(phone).filter(&shows) {
                return screen;
            }
            if changes.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    }

    /// Ends the serving.
    pub async fn shutdown(self) {
        drop(self.stop);
        self.bank.tasks.close();
        self.bank.tasks.wait().await;
    }
}

impl Bank {
    async fn answer(self: Arc<Self>, line: Arc<Line>, request: crate::Request) -> Response {
        let (off, slow) = line.with(|phone| (phone.switches.off, phone.switches.slow));
        if off {
            std::future::pending::<()>().await;
        }
        tokio::time::sleep(slow).await;
        let (response, fetch) = line.with(|phone| phone.handle(&request));
        self.get(&line, fetch);
        response
    }

    /// Gets a page, and whatever it refreshes to, for as long as the phone wants it.
    fn get(self: Arc<Self>, line: &Arc<Line>, fetch: Option<Fetch>) {
        let Some(mut next) = fetch else { return };
        let (line, bank) = (Arc::clone(line), Arc::clone(&self));
        let stop = self.stop.clone();
        self.tasks.spawn(stop.run_until_cancelled_owned(async move {
            loop {
                tokio::time::sleep(next.after).await;
                if !line.with(|phone| phone.still_wants(&next)) {
                    return;
                }
                let Some(following) = bank.get_once(&line, &next).await else { return };
                next = following;
            }
        }));
    }

    async fn get_once(&self, line: &Line, fetch: &Fetch) -> Option<Fetch> {
        let mut request = self.http.get(&fetch.url);
        for (name, value) in Phone::REQUEST_HEADERS {
            request = request.header(name, value);
        }
        let response = request.send().await.ok()?.error_for_status().ok()?;
        let refresh =
            response.headers().get("Refresh").and_then(|value| value.to_str().ok()).map(ToOwned::to_owned);
        let body = response.bytes().await.ok()?;
        let now = (self.clock)();
        let before = line.with(|phone| phone.history().len());
        let following = line.with(|phone| phone.show(now, fetch, refresh.as_deref(), &body));
        if line.with(|phone| phone.history().len()) > before {
            self.changed.send_modify(|count| *count += 1);
        }
        following
    }
}

async fn at_own_port(
    State((bank, line)): State<(Arc<Bank>, Arc<Line>)>,
    request: axum::extract::Request,
) -> axum::response::Response {
    match read(request).await {
        Some(request) => carried(bank.answer(line, request).await),
        None => carried(Response::empty(413)),
    }
}

async fn at_shared_port(
    State(bank): State<Arc<Bank>>,
    request: axum::extract::Request,
) -> axum::response::Response {
    let Some(mut request) = read(request).await else { return carried(Response::empty(413)) };
    let (name, rest) = request.path.trim_start_matches('/').split_once('/').unwrap_or_default();
    let Some(line) = bank.lines.get(name).cloned() else { return carried(Response::empty(404)) };
    request.path = format!("/{rest}");
    carried(bank.answer(line, request).await)
}
