//! A feed of two rooms over a store on disk, on 21 November 2026 at nine o'clock in Berlin.

use axum::{
    Extension, Router,
    body::{Body, to_bytes},
    extract::ConnectInfo,
    http::{HeaderMap, Request, StatusCode},
    response::Response,
};
use chrono::{DateTime, TimeDelta, Utc};
use control::{Health, RoomHealth, RoomState};
use feed::{Administrator, Feed, FeedRoom, FeedRooms, FeedSettings, Operator, Token};
use meeting_model::{
    availability::Profile,
    clock::{Clock, Now},
    decision::{Decision, Reason, Rule, Verdict},
    display::{Displayed, PublicKey},
    fact::Facts,
    id::{CalendarName, CalendarNumber, Epoch, ItemId, Revision, RoomId},
    identity::MeetingKey,
    item::{Sensitivity, ShowAs},
    join::{Found, Join, JoinRule, Place},
    known::AcceptanceHistory,
    plan::{Commit, Plan, PlannedOccurrence},
    privacy::{self, Content, Policies},
    settings::Acceptance,
    zone::{RoomZone, ZoneDatabase},
};
use std::{
    collections::BTreeSet,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};
use store::{Changed, Claim, DisplayReader, Store};
use tempfile::TempDir;
use tokio::sync::{broadcast, watch};
use tower::ServiceExt;

pub(crate) const NOW: &str = "2026-11-21T08:00:00Z";

pub(crate) fn utc(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// It stands still; meetings linger for as many minutes as it is told.
#[derive(Clone, Default)]
struct StoppedClock(Arc<AtomicI64>);

impl Clock for StoppedClock {
    fn now(&self) -> Now {
        Now { wall: utc(NOW), mono: Duration::ZERO }
    }

    fn lingers(&self, _room: &RoomId) -> TimeDelta {
        TimeDelta::minutes(self.0.load(Ordering::Relaxed))
    }
}

/// What the site's calendars say of a meeting.
pub(crate) struct Meeting {
    content: Content,
    tentative: bool,
    /// Accepted before the room was switched to a proxy: it is hidden and holds the room (rule A5).
    awaited: bool,
}

/// A meeting of Berlin on 21 November 2026, from and to a time of day in UTC.
pub(crate) fn meeting(title: &str, from: &str, to: &str) -> Meeting {
    let content = Content {
        start: utc(&format!("2026-11-21T{from}:00Z")),
        end: utc(&format!("2026-11-21T{to}:00Z")),
        all_day: None,
        title: title.to_owned(),
        organizer: Some("Kim Jones".to_owned()),
        location: Some("Berlin 4".to_owned()),
        join: Join::default(),
        sensitivity: Sensitivity::Normal,
    };
    Meeting { content, tentative: false, awaited: false }
}

impl Meeting {
    pub(crate) fn private(mut self) -> Self {
        self.content.sensitivity = Sensitivity::Private;
        self
    }

    pub(crate) fn tentative(mut self) -> Self {
        self.tentative = true;
        self
    }

    pub(crate) fn awaited(mut self) -> Self {
        self.awaited = true;
        self
    }

    pub(crate) fn at(mut self, location: &str) -> Self {
        self.content.location = Some(location.to_owned());
        self
    }

    /// Joined by that number.
    pub(crate) fn dialled(mut self, number: &str) -> Self {
        let found = Found { address: number.to_owned(), rule: JoinRule::Number, place: Place::Body };
        self.content.join = Join { number: Some(found), ..Join::default() };
        self
    }

    pub(crate) fn by(mut self, organizer: &str) -> Self {
        self.content.organizer = Some(organizer.to_owned());
        self
    }

    /// Made for whole days in Tokyo, eight hours ahead of Berlin.
    pub(crate) fn all_day(mut self, first: &str, last: &str) -> Self {
        let (first, last) = (first.parse().unwrap(), last.parse().unwrap());
        let tokyo = RoomZone::named(&ZoneDatabase::bundled(), "Asia/Tokyo").unwrap();
        self.content.start = tokyo.midnight(first);
        self.content.end = tokyo.midnight(last) + TimeDelta::days(1);
        self.content.all_day = Some((first, last));
        self
    }
}

/// The name of the n-th meeting in URLs.
pub(crate) fn key(n: usize) -> String {
    format!("{n:032x}")
}

/// A running feed. Its store goes with it.
pub(crate) struct Site {
    pub(crate) router: Router,
    pub(crate) feed: Feed,
    store: Store,
    epoch: Epoch,
    pub(crate) health: watch::Sender<Health>,
    clock: StoppedClock,
    database: TempDir,
}

impl Site {
    /// A site whose room `berlin` was read at `as_of` and shows these meetings; its room `oslo` was never read.
    pub(crate) fn new(as_of: &str, meetings: Vec<Meeting>) -> Self {
        let database = TempDir::new().unwrap();
        let path = database.path().join("callboard.db");
        let mut store = Store::open(&path).unwrap();
        let claim = |room: &str| Claim {
            room: RoomId::new(room),
            devices: BTreeSet::new(),
            calendars: vec![CalendarName::new(room)],
        };
        let states = store.take(&[claim("berlin"), claim("oslo")]).unwrap();
        store.commit(states[0].epoch, &commit(as_of, meetings)).unwrap();
        assert_eq!(states[0].epoch, Epoch(1));
        let (health, heard) = watch::channel(Health::default());
        let rooms = vec![
            room("berlin", "Berlin, the large one on the fourth floor", "Europe/Berlin"),
            room("oslo", "Oslo", "Europe/Oslo"),
        ];
        let reader = DisplayReader::open(&path).unwrap();
        let clock = StoppedClock::default();
        let feed = Feed::new(settings(rooms), reader, Arc::new(clock.clone()), heard).unwrap();
        let router = feed.router().layer(from_there([127, 0, 0, 1]));
        Self { router, feed, store, epoch: states[0].epoch, health, clock, database }
    }

    /// Asked by somebody at that address from now on.
    pub(crate) fn asked_from(mut self, address: [u8; 4]) -> Self {
        self.router = self.feed.router().layer(from_there(address));
        self
    }

    /// Does what administrators ask.
    pub(crate) fn operated_by(self, operator: impl Operator) -> Self {
        let _ = self.feed.clone().operated_by(Arc::new(operator));
        self
    }

    /// Berlin shows these meetings from now on, in place of those before.
    pub(crate) fn commits(&mut self, base: i64, meetings: Vec<Meeting>) {
        let mut commit = commit(NOW, meetings);
        commit.plan.base = Revision(base);
        commit.plan.removed_occurrences = (0..100).map(meeting_key).collect();
        let kept: BTreeSet<_> = commit.plan.occurrences.iter().map(|one| one.key.clone()).collect();
        commit.plan.removed_occurrences.retain(|key| !kept.contains(key));
        self.store.commit(self.epoch, &commit).unwrap();
    }

    /// Tells whoever listens of changes that are sent here.
    pub(crate) fn hears_of_changes(&self) -> broadcast::Sender<Changed> {
        let changes = broadcast::Sender::new(16);
        tokio::spawn(self.feed.clone().tell(changes.subscribe()));
        changes
    }

    /// An answer that may go on for ever.
    pub(crate) async fn open(&self, path: &str, headers: &[(&str, &str)]) -> Response {
        let mut request = Request::builder().uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap()
    }

    /// What is answered to a form.
    pub(crate) async fn post(&self, path: &str, headers: &[(&str, &str)], form: &str) -> Answer {
        let mut request = Request::builder().method("POST").uri(path);
        request = request.header("content-type", "application/x-www-form-urlencoded");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = self.router.clone().oneshot(request.body(Body::from(form.to_owned())).unwrap()).await;
        Answer::of(response.unwrap()).await
    }

    /// Is reached by that URL from now on.
    pub(crate) fn is_reached_by(&self, public_url: &str) {
        let rooms = vec![room("berlin", "Berlin", "Europe/Berlin")];
        let settings = FeedSettings { public_url: public_url.to_owned(), ..settings(rooms) };
        self.feed.replace(FeedRooms::new(settings).unwrap());
    }

    /// Lets administrators in by this token alone from now on.
    pub(crate) fn lets_in_by(&self, token: &str) {
        let administrator = Administrator::new(None, Some(Token::new(token).unwrap())).unwrap();
        let rooms = vec![room("berlin", "Berlin", "Europe/Berlin")];
        let settings = FeedSettings { administrator, ..settings(rooms) };
        self.feed.replace(FeedRooms::new(settings).unwrap());
    }

    /// Serves these rooms and no others from now on.
    pub(crate) fn serves(&self, rooms: Vec<FeedRoom>) {
        self.feed.replace(FeedRooms::new(settings(rooms)).unwrap());
    }

    /// A site that shows these meetings and is up to date.
    pub(crate) fn showing(meetings: Vec<Meeting>) -> Self {
        Self::new(NOW, meetings)
    }

    /// Says how the room `berlin` is.
    pub(crate) fn hears(&self, rev: i64, as_of: &str) {
        let berlin = RoomHealth {
            room: "berlin".to_owned(),
            state: RoomState::Live,
            rev,
            as_of: Some(utc(as_of)),
            trouble: Some("a trouble for administrators".to_owned()),
            retry_at: None,
            told_by: None,
            mailboxes: Vec::new(),
        };
        self.health.send_modify(|health| health.rooms = vec![berlin]);
    }

    /// Meetings stay past their end for so long from now on: Exchange's clock is behind.
    pub(crate) fn lingers(&self, minutes: i64) {
        self.clock.0.store(minutes, Ordering::Relaxed);
    }

    /// Takes the database away.
    pub(crate) fn loses_its_database(&self) {
        for file in std::fs::read_dir(self.database.path()).unwrap() {
            std::fs::write(file.unwrap().path(), "not a database at all, by no means, never").unwrap();
        }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, &[]).await
    }

    pub(crate) async fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = self.router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        Answer::of(response).await
    }
}

/// As a server says of a connection.
fn from_there(address: [u8; 4]) -> Extension<ConnectInfo<SocketAddr>> {
    Extension(ConnectInfo(SocketAddr::from((address, 40_000))))
}

/// A room of the feed.
pub(crate) fn room(id: &str, name: &str, zone: &str) -> FeedRoom {
    FeedRoom {
        id: RoomId::new(id),
        name: name.to_owned(),
        zone: RoomZone::named(&ZoneDatabase::bundled(), zone).unwrap(),
        language: None,
        tokens: vec![Token::new(&format!("token-of-room-{id}")).unwrap()],
        devices: vec![if id == "berlin" { "10.0.0.9" } else { "10.0.0.10" }.to_owned()],
    }
}

/// What an administrator of the site signs in with.
pub(crate) const ADMIN: &str = "token-of-the-administrator";

fn settings(rooms: Vec<FeedRoom>) -> FeedSettings {
    FeedSettings {
        public_url: "http://feed.example.com:8080/".to_owned(),
        back: Duration::from_hours(7 * 24),
        ahead: Duration::from_hours(60 * 24),
        presence: Profile::Imp,
        tokens: vec![Token::new("token-of-all-rooms").unwrap()],
        administrator: Administrator::new(None, Some(Token::new(ADMIN).unwrap())).unwrap(),
        rooms,
    }
}

/// What the feed answered.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    async fn of(response: Response) -> Self {
        let (head, body) = response.into_parts();
        let body = to_bytes(body, usize::MAX).await.unwrap().to_vec();
        Self { status: head.status, headers: head.headers, body }
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    /// Status, headers and body, to be looked at.
    pub(crate) fn whole(&self) -> String {
        let mut headers: Vec<_> =
            self.headers.keys().map(|name| format!("{name}: {}", self.header(name.as_str()))).collect();
        headers.sort_unstable();
        format!("{}\n{}\n\n{}", self.status, headers.join("\n"), self.text())
    }
}

fn commit(as_of: &str, meetings: Vec<Meeting>) -> Commit {
    let plan = Plan {
        room: RoomId::new("berlin"),
        base: Revision(0),
        calendar: CalendarNumber::default(),
        items: Vec::new(),
        removed_items: Vec::new(),
        occurrences: (0..).zip(meetings).map(|(n, meeting)| occurrence(n, meeting)).collect(),
        removed_occurrences: Vec::new(),
        learned: Facts::default(),
        tombstones: Vec::new(),
        removed_tombstones: Vec::new(),
        acceptance: AcceptanceHistory { mode: Acceptance::AutoAccept, switched_to_proxy: None },
        planned_with: "test".to_owned(),
        read_with: None,
        changes: Vec::new(),
        dials_otherwise: false,
        replan_at: None,
        forgotten_before: DateTime::UNIX_EPOCH,
        suspicious: false,
        settings_changed: true,
    };
    Commit { plan, cursor: None, source: None, as_of: Some(utc(as_of)), now: utc(NOW) }
}

fn meeting_key(n: usize) -> MeetingKey {
    MeetingKey::new(format!("meeting-{n}/single"))
}

fn occurrence(n: usize, meeting: Meeting) -> PlannedOccurrence {
    let (start, end) = (meeting.content.start, meeting.content.end);
    let displayed: Displayed =
        privacy::display(PublicKey::new(key(n)), meeting.content, Policies::default(), meeting.tentative);
    let (verdict, rule) = match (meeting.awaited, meeting.tentative) {
        (true, _) => (Verdict::Hidden(Reason::AwaitingReacceptance), Rule::A5),
        (false, true) => (Verdict::ShownTentative, Rule::A6),
        (false, false) => (Verdict::Shown, Rule::A6),
    };
    PlannedOccurrence {
        key: meeting_key(n),
        item_id: ItemId::new(format!("item-{n}")),
        original_start: start,
        start,
        end,
        decision: Decision { verdict, rule },
        settling_since: None,
        accepted_seen: None,
        show_as: ShowAs::Busy,
        join: Join::default(),
        displayed: Some(displayed).filter(|_| !meeting.awaited),
    }
}
