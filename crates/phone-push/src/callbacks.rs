//! The routes that devices call back on.
//!
//! | route | who calls | what for |
//! |---|---|---|
//! | `GET /authenticate` | phones that have us as their Authentication URL | whether a push's credentials are right |
//! | `POST /device/{token}/feedback` | video endpoints, by HttpFeedback | to say that they have lost their list |
//! | `POST /tms/{token}` | video endpoints in provisioning mode TMS | their meetings |

use crate::{
    target::{Account, Poller},
    tms::{Asking, Tms},
};
use axum::{
    Router,
    body::Bytes,
    extract::{DefaultBodyLimit, Path, Query, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use meeting_model::id::DeviceId;
use secrecy::ExposeSecret;
use sha2::{Digest, Sha256};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};
use sync_engine::Event;
use tokio::sync::{Semaphore, mpsc::UnboundedSender};

/// The longest body that is read, in bytes: a PostEvent has some 700.
const LONGEST_BODY: usize = 64 * 1024;

/// How many wrong passwords are answered at once, and how long each takes: whoever guesses is slow.
const WRONG_AT_ONCE: usize = 4;
const WRONG_TAKES: Duration = Duration::from_secs(1);

/// The devices that may call.
#[derive(Default)]
pub(crate) struct Callers {
    /// Every device by the name that it is told.
    tokens: BTreeMap<Known, DeviceId>,
    /// What phones are pushed to with.
    accounts: BTreeSet<Known>,
    /// Every endpoint that asks, by its token and what it says it is.
    pollers: BTreeMap<Known, (DeviceId, Arc<Tms>)>,
}

impl Callers {
    /// A device calls itself so.
    pub(crate) fn is_called(&mut self, token: &str, device: DeviceId) {
        self.tokens.insert(Known::of(&[token]), device);
    }

    /// A phone is pushed to with this account, and asks us whether it is right where we are its Authentication URL.
    pub(crate) fn is_pushed_with(&mut self, account: &Account) {
        self.accounts.insert(Known::of(&[&account.username, account.password.expose_secret()]));
    }

    /// An endpoint asks for its meetings.
    pub(crate) fn asks(&mut self, device: DeviceId, Poller { identity, token }: &Poller, answers: Arc<Tms>) {
        let known = Known::of(&[token.expose_secret(), &plain(identity)]);
        self.pollers.insert(known, (device, answers));
    }

    /// The endpoint that asks, at the path that only it knows.
    fn poller(&self, asking: &Asking, token: &str) -> Option<&(DeviceId, Arc<Tms>)> {
        asking.identities().find_map(|identity| self.pollers.get(&Known::of(&[token, &plain(identity)])))
    }
}

/// A secret, as far as it is needed to know it again: its digest. Whoever guesses chooses no digest, so that how long it takes to
/// find one among thousands tells nothing of them.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Known([u8; 32]);

impl Known {
    fn of(parts: &[&str]) -> Self {
        let mut hash = Sha256::new();
        for part in parts {
            hash.update(part.len().to_be_bytes());
            hash.update(part);
        }
        Self(hash.finalize().into())
    }
}

/// The routes, for whichever devices there are at the time. Cheap to clone: the clones are one.
#[derive(Clone)]
pub struct Callbacks {
    callers: Arc<RwLock<Arc<Callers>>>,
    events: UnboundedSender<Event>,
    wrong: Arc<Semaphore>,
}

impl Callbacks {
    /// Routes that tell the engine of what they hear. Nobody may call yet: see [`Callbacks::replace`].
    pub fn new(events: UnboundedSender<Event>) -> Self {
        Self { callers: Arc::default(), events, wrong: Arc::new(Semaphore::new(WRONG_AT_ONCE)) }
    }

    /// From now on these devices may call, and no others.
    pub fn replace(&self, phones: &crate::PhonePush) {
        *self.callers.write().unwrap_or_else(PoisonError::into_inner) = phones.callers();
    }

    /// The device that was told this token.
    pub fn device(&self, token: &str) -> Option<DeviceId> {
        self.callers().tokens.get(&Known::of(&[token])).cloned()
    }

    /// All routes.
    pub fn router(&self) -> Router {
        Router::new()
            .route("/authenticate", get(authenticate))
            .route("/device/{token}/feedback", post(feedback))
            .route("/tms/{token}", post(post_event))
            .layer(DefaultBodyLimit::max(LONGEST_BODY))
            .with_state(self.clone())
    }

    fn callers(&self) -> Arc<Callers> {
        Arc::clone(&self.callers.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn tell(&self, event: Event) {
        // where the loop has ended, nobody needs to know any more
        let _ = self.events.send(event);
    }
}

/// A MAC address or a serial number, however it is written.
fn plain(identity: &str) -> String {
    identity.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_uppercase()
}

/// A phone passes on what it was pushed with, and takes the push where the body is exactly `AUTHORIZED` (Cisco Unified IP Phone
/// Services Application Development Notes 7.1, chapter 5).
async fn authenticate(
    State(callbacks): State<Callbacks>,
    Query(asked): Query<Vec<(String, String)>>,
) -> Response {
    let value = |name: &str| {
        let found = asked.iter().find(|(given, _)| given.eq_ignore_ascii_case(name));
        found.map_or("", |(_, value)| value.as_str())
    };
    let (user, password) = (value("UserID"), value("Password"));
    if callbacks.callers().accounts.contains(&Known::of(&[user, password])) {
        return ([(header::CONTENT_TYPE, "text/html")], "AUTHORIZED").into_response();
    }
    let Ok(_permit) = callbacks.wrong.try_acquire() else {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    };
    tokio::time::sleep(WRONG_TAKES).await;
    ([(header::CONTENT_TYPE, "text/html")], "UN-AUTHORIZED").into_response()
}

/// An endpoint posts what it was registered for, and nothing else was.
async fn feedback(State(callbacks): State<Callbacks>, Path(token): Path<String>, body: Bytes) -> StatusCode {
    let Some(device) = callbacks.device(&token) else { return StatusCode::NOT_FOUND };
    if String::from_utf8_lossy(&body).contains("SyncRequired") {
        tracing::debug!(%device, "the endpoint has lost its list");
        callbacks.tell(Event::Forgot { device });
    }
    StatusCode::OK
}

async fn post_event(State(callbacks): State<Callbacks>, Path(token): Path<String>, body: Bytes) -> Response {
    let Some(asking) = Asking::parse(&body) else { return StatusCode::BAD_REQUEST.into_response() };
    let callers = callbacks.callers();
    let Some((device, answers)) = callers.poller(&asking, &token) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let Some((answer, page)) = answers.answer() else {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    };
    callbacks.tell(Event::Fetched { device: device.clone(), page });
    ([(header::CONTENT_TYPE, "text/xml; charset=utf-8")], answer).into_response()
}
