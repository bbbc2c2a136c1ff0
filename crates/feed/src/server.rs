//! The routes, and what all of them share.

use crate::{
    api,
    error::Error,
    phone, probe,
    room::{Links, Room},
};
use axum::{Router, extract::FromRef, routing::get};
use control::Health;
use meeting_model::{clock::Clock, id::RoomId, zone::RoomZone};
use std::{
    collections::BTreeMap,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};
use store::DisplayReader;
use tokio::{net::TcpListener, sync::watch};

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
}

/// The rooms of a feed, with the addresses of their pages.
pub struct FeedRooms {
    rooms: BTreeMap<RoomId, Room>,
    back: Duration,
    ahead: Duration,
}

impl FeedRooms {
    /// These rooms.
    ///
    /// # Errors
    ///
    /// When the public URL is not one, or makes addresses that are too long for a phone.
    pub fn new(settings: FeedSettings) -> Result<Self, Error> {
        let FeedSettings { public_url, back, ahead, rooms } = settings;
        let rooms = rooms
            .into_iter()
            .map(|FeedRoom { id, name, zone }| {
                let links = Links::new(&public_url, &id)?;
                Ok((id.clone(), Room { id, name, zone, links }))
            })
            .collect::<Result<_, Error>>()?;
        Ok(Self { rooms, back, ahead })
    }
}

/// Read-only HTTP over what may be displayed. Cheap to clone: the clones are one feed.
#[derive(Clone)]
pub struct Feed(Arc<RwLock<Arc<Shared>>>);

/// What every route can see, for as long as it answers one request.
pub(crate) struct Shared {
    pub(crate) rooms: BTreeMap<RoomId, Room>,
    pub(crate) back: Duration,
    pub(crate) ahead: Duration,
    pub(crate) reader: DisplayReader,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) health: watch::Receiver<Health>,
}

impl FromRef<Feed> for Arc<Shared> {
    fn from_ref(feed: &Feed) -> Self {
        feed.present()
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
        let FeedRooms { rooms, back, ahead } = FeedRooms::new(settings)?;
        let shared = Shared { rooms, back, ahead, reader, clock, health };
        Ok(Self(Arc::new(RwLock::new(Arc::new(shared)))))
    }

    /// Serves these rooms from now on, and no others.
    pub fn replace(&self, rooms: FeedRooms) {
        let FeedRooms { rooms, back, ahead } = rooms;
        let present = self.present();
        let shared = Shared {
            rooms,
            back,
            ahead,
            reader: present.reader.clone(),
            clock: Arc::clone(&present.clock),
            health: present.health.clone(),
        };
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(shared);
    }

    fn present(&self) -> Arc<Shared> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// All routes.
    pub fn router(&self) -> Router {
        Router::new()
            .route("/phone/{room}/menu.xml", get(phone::menu))
            .route("/phone/{room}/meetings/{file}", get(phone::meeting))
            .route("/api/rooms", get(api::rooms))
            .route("/api/rooms/{room}/meetings", get(api::meetings))
            .route("/livez", get(probe::livez))
            .route("/readyz", get(probe::readyz))
            .fallback(api::no_such_page)
            .method_not_allowed_fallback(api::read_only)
            .with_state(self.clone())
    }
}

/// Serves until `shutdown` ends, and then until every answer that was begun is out.
///
/// # Errors
///
/// When the listener fails for good.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    axum::serve(listener, router).with_graceful_shutdown(shutdown).await
}
