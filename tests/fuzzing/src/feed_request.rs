//! Whatever may be asked of the feed.

use axum::{
    Extension, Router,
    body::Body,
    extract::ConnectInfo,
    http::{HeaderName, HeaderValue, Method, Request, StatusCode, Uri},
};
use chrono::{DateTime, TimeDelta};
use control::Health;
use feed::{Administrator, Feed, FeedRoom, FeedSettings, Token};
use meeting_model::{
    availability::Profile,
    clock::{Clock, Now},
    id::{CalendarName, RoomId},
    zone::{RoomZone, ZoneDatabase},
};
use std::{
    collections::BTreeSet,
    net::SocketAddr,
    sync::{Arc, OnceLock},
    time::Duration,
};
use store::{Claim, DisplayReader, Store};
use tempfile::TempDir;
use tokio::{
    runtime::{Builder, Runtime},
    sync::watch,
};
use tower::ServiceExt;

struct Stopped;

impl Clock for Stopped {
    fn now(&self) -> Now {
        Now { wall: DateTime::UNIX_EPOCH + TimeDelta::days(20_000), mono: Duration::ZERO }
    }
}

/// A feed of one room, made once.
struct Site {
    runtime: Runtime,
    router: Router,
    _folder: TempDir,
    _health: watch::Sender<Health>,
}

fn site() -> &'static Site {
    static SITE: OnceLock<Site> = OnceLock::new();
    SITE.get_or_init(|| {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("callboard.db");
        let room = RoomId::new("berlin");
        let calendars = vec![CalendarName::new("hq/berlin@example.com")];
        let claim = Claim { room: room.clone(), devices: BTreeSet::new(), calendars };
        Store::open(&path).unwrap().take(&[claim]).unwrap();
        let (said, health) = watch::channel(Health::default());
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        let _inside = runtime.enter();
        let reader = DisplayReader::open(&path).unwrap();
        let feed = Feed::new(settings(room), reader, Arc::new(Stopped), health).unwrap();
        let here = ConnectInfo(SocketAddr::from(([127, 0, 0, 1], 40_000)));
        Site { router: feed.router().layer(Extension(here)), runtime, _folder: folder, _health: said }
    })
}

fn settings(room: RoomId) -> FeedSettings {
    FeedSettings {
        public_url: "http://feed.example.com:8080/".to_owned(),
        back: Duration::from_hours(7 * 24),
        ahead: Duration::from_hours(60 * 24),
        presence: Profile::Imp,
        tokens: vec![Token::new("token-of-all-rooms").unwrap()],
        administrator: Administrator::new(None, Some(Token::new("token-of-the-administrator").unwrap()))
            .unwrap(),
        rooms: vec![FeedRoom {
            id: room,
            name: "Berlin".to_owned(),
            zone: RoomZone::named(&ZoneDatabase::bundled(), "Europe/Berlin").unwrap(),
            language: None,
            tokens: Vec::new(),
            devices: Vec::new(),
        }],
    }
}

/// A request as its lines say it: the first is the method and the path, then headers, then an empty line and the body.
pub(crate) fn request(bytes: &[u8]) {
    let Some(request) = written(bytes) else { return };
    let site = site();
    let answered = site.router.clone().oneshot(request);
    let status = site.runtime.block_on(answered).unwrap().status();
    assert!(!status.is_server_error() || status == StatusCode::SERVICE_UNAVAILABLE, "answered with {status}");
}

/// The request that lines say.
pub(crate) fn written(bytes: &[u8]) -> Option<Request<Body>> {
    let (head, body) = match bytes.windows(2).position(|pair| pair == b"\n\n") {
        Some(at) => (&bytes[..at], &bytes[at + 2..]),
        None => (bytes, &[][..]),
    };
    let mut lines = head.split(|byte| *byte == b'\n');
    let mut first = lines.next()?.splitn(2, |byte| *byte == b' ');
    let method = Method::from_bytes(first.next()?).ok()?;
    let uri = Uri::try_from(first.next()?).ok().filter(|uri| uri.path().starts_with('/'))?;
    let mut request = Request::new(Body::from(body.to_vec()));
    (*request.method_mut(), *request.uri_mut()) = (method, uri);
    for line in lines {
        let mut parts = line.splitn(2, |byte| *byte == b':');
        let name = HeaderName::from_bytes(parts.next()?).ok()?;
        let value = HeaderValue::from_bytes(parts.next()?.trim_ascii()).ok()?;
        request.headers_mut().append(name, value);
    }
    Some(request)
}
