//! The routes, and what all of them share.

use crate::{
    access::{Addresses, Names, Token},
    admin::{
        self, Answers, ClockLog, Gate,
        session::{Administrator, Sessions},
    },
    api,
    error::Error,
    events::Events,
    fetched::Listener,
    language::Language,
    metrics,
    operator::Operator,
    panel,
    phone::{self, KeptMenus},
    probe,
    room::{self, Links, Room},
};
use axum::{
    Router,
    extract::FromRef,
    routing::{get, post},
};
use control::Health;
use meeting_model::{availability::Profile, clock::Clock, id::RoomId, zone::RoomZone};
use std::{
    collections::BTreeMap,
    sync::{Arc, OnceLock, PoisonError, RwLock},
    time::Duration,
};
use store::{Changed, DisplayReader};
use tokio::sync::{broadcast, watch};
use tower_http::compression::CompressionLayer;

/// The longest token (see [`Token::new`]) with what stands before it in a URL: `?token=`.
const TOKEN_IN_URL: usize = 64;

/// What the feed is told of the site.
#[derive(Debug, Clone)]
pub struct FeedSettings {
    /// Where phones and programs reach the feed: `http://callboard.example.com:8080`, perhaps with a path that a proxy
    /// takes off.
    pub public_url: String,
    /// How far back meetings are stored.
    pub back: Duration,
    /// How far ahead meetings are stored.
    pub ahead: Duration,
    /// By whose tables presence is told.
    pub presence: Profile,
    /// Whoever shows one of these may read every room.
    pub tokens: Vec<Token>,
    /// Who may sign in to the administrator's pages.
    pub administrator: Administrator,
    /// Every configured room.
    pub rooms: Vec<FeedRoom>,
}

/// A room as it is configured.
#[derive(Debug, Clone)]
pub struct FeedRoom {
    /// Its name in addresses.
    pub id: RoomId,
    /// Its name for people.
    pub name: String,
    /// The zone its walls stand in.
    pub zone: RoomZone,
    /// What its displays speak: a tag such as `de` (RFC 5646). Absent: English.
    pub language: Option<String>,
    /// Whoever shows one of these may read it.
    pub tokens: Vec<Token>,
    /// The hosts of its devices, names or addresses: whoever asks from there may read it.
    pub devices: Vec<String>,
}

/// The rooms of a feed, with the addresses of their pages, and who may read them.
pub struct FeedRooms {
    rooms: BTreeMap<RoomId, Arc<Room>>,
    back: Duration,
    ahead: Duration,
    presence: Profile,
    tokens: Vec<Token>,
    administrator: Administrator,
    is_https: bool,
    base: String,
}

impl FeedRooms {
    /// These rooms.
    ///
    /// # Errors
    ///
    /// When the public URL is not one, or makes addresses that are too long for a phone, or a language is not spoken.
    pub fn new(settings: FeedSettings) -> Result<Self, Error> {
        let FeedSettings { public_url, back, ahead, presence, tokens, administrator, rooms } = settings;
        let rooms = rooms
            .into_iter()
            .map(|room| Ok((room.id.clone(), Arc::new(served(room, &public_url, !tokens.is_empty())?))))
            .collect::<Result<_, Error>>()?;
        let is_https = public_url.starts_with("https:");
        let base = room::base(&public_url);
        Ok(Self { rooms, back, ahead, presence, tokens, administrator, is_https, base })
    }
}

fn served(room: FeedRoom, public_url: &str, has_tokens: bool) -> Result<Room, Error> {
    let FeedRoom { id, name, zone, language, tokens, devices } = room;
    let language = match language {
        None => Language::default(),
        Some(tag) => Language::named(&tag).ok_or_else(|| Error::Language {
            found: tag,
            known: Language::tags().map(|tag| format!("`{tag}`")).collect::<Vec<_>>().join(", "),
        })?,
    };
    let token_length = if has_tokens || !tokens.is_empty() { TOKEN_IN_URL } else { 0 };
    let links = Links::new(public_url, &id, token_length)?;
    Ok(Room { id, name, zone, language, links, tokens, devices: Addresses::new(&devices) })
}

/// Read-only HTTP over what may be displayed. Cheap to clone: the clones are one feed.
#[derive(Clone)]
pub struct Feed(Arc<RwLock<Arc<Shared>>>);

/// What every route can see, for as long as it answers one request.
pub(crate) struct Shared {
    pub(crate) rooms: BTreeMap<RoomId, Arc<Room>>,
    pub(crate) back: Duration,
    pub(crate) ahead: Duration,
    pub(crate) presence: Profile,
    pub(crate) tokens: Vec<Token>,
    pub(crate) administrator: Administrator,
    pub(crate) is_https: bool,
    /// What a proxy takes off paths.
    pub(crate) base: String,
    pub(crate) menus: KeptMenus,
    kept: Kept,
}

/// What stays when other rooms are served.
#[derive(Clone)]
pub(crate) struct Kept {
    pub(crate) reader: DisplayReader,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) health: watch::Receiver<Health>,
    pub(crate) names: Arc<Names>,
    pub(crate) sessions: Arc<Sessions>,
    pub(crate) gate: Arc<Gate>,
    pub(crate) events: Arc<Events>,
    pub(crate) answers: Arc<Answers>,
    pub(crate) clock_log: Arc<ClockLog>,
    /// Absent where nobody does what administrators ask.
    pub(crate) operator: Arc<OnceLock<Arc<dyn Operator>>>,
    /// Absent where nobody wants to hear which pages devices fetch.
    pub(crate) listener: Listener,
}

impl std::ops::Deref for Shared {
    type Target = Kept;

    fn deref(&self) -> &Kept {
        &self.kept
    }
}

impl Shared {
    fn new(rooms: FeedRooms, kept: Kept) -> Self {
        let FeedRooms { rooms, back, ahead, presence, tokens, administrator, is_https, base } = rooms;
        let menus = KeptMenus::default();
        Self { rooms, back, ahead, presence, tokens, administrator, is_https, base, menus, kept }
    }
}

impl FromRef<Feed> for Arc<Shared> {
    fn from_ref(feed: &Feed) -> Self {
        feed.shared()
    }
}

impl Feed {
    /// A feed of these rooms.
    ///
    /// # Errors
    ///
    /// As [`FeedRooms::new`].
    pub fn new(
        settings: FeedSettings,
        reader: DisplayReader,
        clock: Arc<dyn Clock>,
        health: watch::Receiver<Health>,
    ) -> Result<Self, Error> {
        let rooms = FeedRooms::new(settings)?;
        let kept = Kept {
            reader,
            clock,
            events: Arc::new(Events::new(health.clone())),
            health,
            names: Arc::default(),
            sessions: Arc::default(),
            gate: Arc::default(),
            answers: Arc::default(),
            clock_log: Arc::default(),
            operator: Arc::default(),
            listener: Listener::default(),
        };
        Ok(Self(Arc::new(RwLock::new(Arc::new(Shared::new(rooms, kept))))))
    }

    /// The same, with somebody who does what administrators ask.
    #[must_use]
    pub fn operated_by(self, operator: Arc<dyn Operator>) -> Self {
        // Nobody but whoever made the feed can have said so before.
        let _ = self.shared().operator.set(operator);
        self
    }

    /// Tells whoever listens of every change that is heard of, and keeps an eye on the clock, until no more changes come.
    pub async fn tell(self, mut changes: broadcast::Receiver<Changed>) {
        let events = Arc::clone(&self.shared().events);
        let mut looks = tokio::time::interval(admin::CLOCK_EVERY);
        loop {
            let heard = tokio::select! {
                heard = changes.recv() => heard,
                _ = looks.tick() => {
                    admin::look_at_clock(&self.shared()).await;
                    continue;
                }
            };
            match heard {
                Ok(changed) => events.tell(&changed),
                Err(broadcast::error::RecvError::Lagged(_)) => events.forget(),
                Err(broadcast::error::RecvError::Closed) => return,
            }
        }
    }

    /// Serves these rooms from now on, and no others.
    pub fn replace(&self, rooms: FeedRooms) {
        let kept = self.shared().kept.clone();
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(Shared::new(rooms, kept));
    }

    pub(crate) fn shared(&self) -> Arc<Shared> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// All routes.
    pub fn router(&self) -> Router {
        let api = Router::new()
            .route("/api/rooms", get(api::rooms))
            .route("/api/rooms/{room}/meetings", get(api::meetings))
            .route("/api/rooms/{room}/calendar.ics", get(api::calendar))
            .route("/api/rooms/{room}/events", get(api::room_events))
            .route("/api/events", get(api::events))
            .route("/api/openapi.json", get(api::openapi))
            .route("/rooms/worker.js", get(panel::worker))
            .route("/rooms/{room}", get(panel::page))
            .route("/rooms/{room}/panel.json", get(panel::state))
            .route("/assets/{file}", get(panel::asset))
            .layer(CompressionLayer::new());
        let admin = Router::new()
            .route("/", get(admin::overview))
            .route("/sign-in", get(admin::sign_in_page).post(admin::sign_in))
            .route("/sign-out", post(admin::sign_out))
            .route("/admin/rooms/{room}", get(admin::room))
            .route("/admin/servers", get(admin::servers))
            .route("/admin/clock", get(admin::clock))
            .route("/admin/ask", post(admin::ask))
            .route("/admin/answers/{number}", get(admin::answer))
            // Nobody learns a form's token from a page's size: no other site's request carries a session.
            .layer(CompressionLayer::new());
        Router::new()
            .route("/phone/{room}/menu.xml", get(phone::menu))
            .route("/phone/{room}/meetings/{file}", get(phone::meeting))
            .route("/livez", get(probe::livez))
            .route("/readyz", get(probe::readyz))
            .route("/metrics", get(metrics::metrics))
            .merge(api)
            .merge(admin)
            .fallback(api::no_such_page)
            .method_not_allowed_fallback(api::read_only)
            .with_state(self.clone())
    }
}
