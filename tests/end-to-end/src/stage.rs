//! A site that is there: the stand-in Exchange, the rooms' phones, the configuration, and the daemon between them.

use crate::{
    address::free_address,
    patience::until,
    plan::{Plan, PlannedMeeting, PlannedRoom, span},
    schema,
    tap::Tap,
};
use callboard::{
    config::Config, control_client, daemon::Daemon, state_dir::StateDir, system_clock::SystemClock,
};
use chrono::{DateTime, DurationRound, TimeDelta, Timelike, Utc};
use control::{Health, Message, Request};
use exchange_sim::{
    Account, Answer, CalendarProcessing, MeetingHandle, Rights, Room, StoreVersion, WebdavManners, World,
    phone::{Phone, Screen},
    server::{self, Phones, Ports, Running},
};
use meeting_model::{
    clock::Clock,
    zone::{RoomZone, ZoneDatabase},
};
use serde::Deserialize;
use std::{
    collections::BTreeMap,
    fmt::Write,
    fs,
    net::SocketAddr,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    sync::Arc,
};
use tempfile::TempDir;

/// The account the program signs in with, at Exchange and at the phones.
pub const ACCOUNT: &str = "svc-callboard";

/// What it signs in to Exchange with.
pub const PASSWORD: &str = "correct horse";

/// What it signs in to the phones with.
pub const PHONE_PASSWORD: &str = "battery staple";

/// A site that is there. Its daemon, where one was started, ends with [`Stage::close`].
pub struct Stage {
    /// What the program and Exchange say to each other.
    pub ews: Tap,
    /// What is read from the feed, by phones and by the test.
    pub feed: Tap,
    exchange: Running,
    phones: Phones,
    meetings: BTreeMap<String, MeetingHandle>,
    now: DateTime<Utc>,
    zone: RoomZone,
    folder: TempDir,
    http: reqwest::Client,
    daemon: Option<Daemon>,
}

/// A meeting as a room shows it, or should.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
pub struct Row {
    /// When it starts.
    pub start: DateTime<Utc>,
    /// When it ends.
    pub end: DateTime<Utc>,
    /// What it is called there.
    pub title: String,
}

/// A room of `GET /sim/state`, as far as it matters here.
#[derive(Deserialize)]
struct TrueRoom {
    alias: String,
    items: Vec<TrueItem>,
}

#[derive(Deserialize)]
struct TrueItem {
    start: DateTime<Utc>,
    end: DateTime<Utc>,
    subject: String,
    sensitivity: String,
    response: String,
    cancelled: bool,
}

impl Stage {
    pub(crate) async fn set(plan: &Plan) -> Self {
        // somebody in this process may have done so already, which is as good
        let _ = rustls::crypto::ring::default_provider().install_default();
        let clock = SystemClock::start();
        let now = clock.now().wall;
        let base = now.duration_trunc(TimeDelta::minutes(1)).expect("a minute has a beginning");
        let (world, meetings) = world(plan, base, now);
        let told: server::Clock = Arc::new(move || clock.now().wall);
        let exchange = server::serve(world, "127.0.0.1:0", Arc::clone(&told)).await.expect("a loopback port");
        let phones = plan.rooms.iter().map(|room| Phone::new(&room.alias, ACCOUNT, PHONE_PASSWORD)).collect();
        let phones = Phones::serve(phones, Ports::Each, told).await.expect("loopback ports");
        let listen = free_address();
        let stage = Self {
            ews: Tap::before(exchange.addr()).await,
            feed: Tap::before(listen).await,
            exchange,
            phones,
            meetings,
            now: base,
            zone: RoomZone::named(&ZoneDatabase::system(), &morning(now)).expect("a zone of the database"),
            folder: tempfile::tempdir().expect("a temporary folder"),
            http: reqwest::Client::builder().no_proxy().build().expect("an HTTP client"),
            daemon: None,
        };
        stage.write_secret("password", PASSWORD);
        stage.write_secret("phone-password", PHONE_PASSWORD);
        fs::write(stage.config(), stage.configuration(plan, listen)).expect("a temporary file");
        stage
    }

    /// The configuration, as an administrator would type it.
    fn configuration(&self, plan: &Plan, listen: SocketAddr) -> String {
        let mut text = format!(
            "state_dir = \"state\"\n\n[feed]\nlisten = \"{listen}\"\npublic_url = \"http://{}\"\n\n\
             [exchange.hq]\nprotocol = \"ews\"\nurl = \"http://{}/EWS/Exchange.asmx\"\n\
             username = \"{ACCOUNT}\"\npassword_file = \"password\"\npull_interval = \"1s\"\n",
            self.feed.addr(),
            self.ews.addr(),
        );
        for PlannedRoom { alias, .. } in &plan.rooms {
            let phone = self.phones.base_url(alias).expect("every room has a phone");
            write!(
                text,
                "\n[[room]]\nid = \"{alias}\"\nmailbox = \"{alias}@rooms.example\"\nexchange = \"hq\"\n\
                 time_zone = \"{}\"\nacceptance = \"auto-accept\"\n\n[[room.device]]\n\
                 kind = \"cisco-ip-phone\"\nurl = \"{phone}/CGI/Execute\"\nusername = \"{ACCOUNT}\"\n\
                 password_file = \"phone-password\"\n",
                self.zone.name(),
            )
            .expect("a string takes all that is written to it");
        }
        text
    }

    /// The stand-in Exchange.
    pub fn exchange(&self) -> &Running {
        &self.exchange
    }

    /// The rooms' phones, by the rooms' names.
    pub fn phones(&self) -> &Phones {
        &self.phones
    }

    /// A meeting of the plan.
    pub fn meeting(&self, subject: &str) -> MeetingHandle {
        *self.meetings.get(subject).unwrap_or_else(|| panic!("`{subject}` is not in the plan"))
    }

    /// The instant that is so far from now: `+2h`, `-30m`. Now is the whole minute in which the stage was set.
    pub fn at(&self, offset: &str) -> DateTime<Utc> {
        self.now + span(offset)
    }

    /// The configuration file.
    pub fn config(&self) -> PathBuf {
        self.folder.path().join("callboard.toml")
    }

    /// A folder for whatever a test wants to keep.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The program's state directory.
    pub fn state_dir(&self) -> StateDir {
        StateDir::new(self.folder.path().join("state"))
    }

    /// Changes the configuration, or what it names, as an administrator would.
    pub fn reconfigure(&self, change: impl FnOnce(String) -> String) {
        let text = fs::read_to_string(self.config()).expect("the configuration");
        fs::write(self.config(), change(text)).expect("the configuration");
    }

    /// Has every room read over WebDAV, by a server `legacy` whose configuration ends with this; its address is `exchange`.
    pub fn read_over_webdav(&self, store: StoreVersion, exchange: SocketAddr, more: &str) {
        self.exchange.with(|world, _| {
            world.set_webdav(Some(WebdavManners::of(store)));
        });
        let legacy = format!(
            "\n[exchange.legacy]\nprotocol = \"webdav\"\nurl = \"http://{exchange}/exchange/\"\n\
             username = \"{ACCOUNT}\"\npassword_file = \"password\"\n{more}"
        );
        self.reconfigure(|text| text.replace("exchange = \"hq\"", "exchange = \"legacy\"") + &legacy);
    }

    /// Writes the file that holds the password for Exchange, `password`, or for the phones, `phone-password`.
    pub fn write_secret(&self, file: &str, password: &str) {
        let path = self.folder.path().join(file);
        fs::write(&path, password).expect("a temporary file");
        fs::set_permissions(path, fs::Permissions::from_mode(0o600)).expect("our own file");
    }

    /// Starts the daemon in this process, and waits until it has read every room.
    pub async fn start(&mut self) {
        self.start_unread().await;
        let mut health = self.daemon.as_ref().expect("it was started").health();
        let ready = health.wait_for(Health::is_ready);
        tokio::time::timeout(crate::patience::PATIENCE, ready)
            .await
            .expect("rooms are read")
            .expect("it runs");
    }

    /// Starts the daemon in this process.
    pub async fn start_unread(&mut self) {
        let zones = ZoneDatabase::system();
        let config = Config::load(&self.config(), &zones).expect("the configuration has no mistakes");
        self.daemon = Some(Daemon::start(&config, zones).await.expect("the daemon starts"));
    }

    /// Stops the daemon of this process.
    pub async fn stop(&mut self) {
        if let Some(daemon) = self.daemon.take() {
            daemon.stop().await.expect("the daemon stops");
        }
    }

    /// How everything is, in the words of whatever daemon runs here; nothing where none answers.
    pub async fn status(&self) -> Option<Health> {
        let socket = self.state_dir().control_socket();
        let asked = tokio::task::spawn_blocking(move || {
            let mut told = None;
            let answer = control_client::ask(&socket, &Request::Status, |message| {
                if let Message::Status(health) = message {
                    told = Some(health);
                }
            });
            answer.ok().and(told)
        });
        asked.await.expect("asking does not panic")
    }

    /// Waits until what the daemon says of itself is so.
    pub async fn until_status(&self, what: &str, is_so: impl Fn(&Health) -> bool) -> Health {
        until(what, async || self.status().await.filter(&is_so)).await
    }

    /// What a page of the feed says; nothing where nobody serves it.
    pub async fn get(&self, path: &str) -> Option<String> {
        let url = format!("http://{}{path}", self.feed.addr());
        let answer = self.http.get(url).send().await.ok()?.error_for_status().ok()?;
        answer.text().await.ok()
    }

    /// What the feed says a room shows, a day back and three weeks ahead, in order.
    pub async fn rows(&self, room: &str) -> Option<Vec<Row>> {
        #[derive(Deserialize)]
        struct Meetings {
            meetings: Vec<Row>,
        }
        let (from, to) = (self.at("-1d").date_naive(), self.at("+21d").date_naive());
        let text = self.get(&format!("/api/rooms/{room}/meetings?from={from}&to={to}")).await?;
        let Meetings { meetings: mut rows } =
            serde_json::from_str(&text).expect("JSON of the documented form");
        rows.sort();
        Some(rows)
    }

    /// What Exchange says each room should show of the same days.
    pub async fn truth(&self) -> BTreeMap<String, Vec<Row>> {
        #[derive(Deserialize)]
        struct State {
            rooms: Vec<TrueRoom>,
        }
        let State { rooms } = serde_json::from_value(self.state().await).expect("the stand-in's state");
        let rows = |room: &TrueRoom| {
            let shown = room.items.iter().filter(|item| item.is_shown());
            let mut rows: Vec<Row> = shown.map(TrueItem::row).collect();
            rows.sort();
            rows
        };
        rooms.iter().map(|room| (room.alias.clone(), rows(room))).collect()
    }

    /// How many subscriptions Exchange keeps for us.
    pub async fn subscriptions(&self) -> u64 {
        let state = self.state().await;
        state.get("subscriptions").and_then(serde_json::Value::as_u64).expect("a number")
    }

    async fn state(&self) -> serde_json::Value {
        let url = format!("http://{}/sim/state", self.exchange.addr());
        let answer = self.http.get(url).send().await.expect("the stand-in answers");
        serde_json::from_slice(&answer.bytes().await.expect("a whole answer")).expect("JSON")
    }

    /// The line with which a phone shows a meeting that is still to come.
    pub fn line(&self, row: &Row) -> String {
        let time = |instant| self.zone.local(instant).format("%H:%M");
        format!("{}-{} {}", time(row.start), time(row.end), row.title)
    }

    /// Waits until a room's phone shows just these lines.
    pub async fn until_phone(&self, room: &str, lines: &[String]) -> Screen {
        let shows = async || self.phones.screen(room).filter(|screen| screen.lines == lines);
        until(&format!("{lines:?} on the phone of `{room}`"), shows).await
    }

    /// The lines that a room's phone should show, by what Exchange says.
    pub async fn phone_truth(&self, room: &str) -> Vec<String> {
        let midnight = self.zone.midnight(self.zone.local(self.now).date() + TimeDelta::days(1));
        let truth = self.truth().await.remove(room).expect("the room is there");
        let today = truth.iter().filter(|row| row.start > self.now && row.start < midnight);
        let lines: Vec<String> = today.map(|row| self.line(row)).collect();
        if lines.is_empty() { vec!["No meetings today".to_owned()] } else { lines }
    }

    /// Ends everything, and holds what was said against the schemas.
    pub async fn close(mut self) {
        self.stop().await;
        let Self { ews, feed, .. } = &self;
        // a handshake begins without a body, and WebDAV has no schema
        let asked = ews.heard().into_iter().filter(|exchange| !exchange.request.contains(" /exchange/"));
        let asked = asked.map(|exchange| exchange.sent).filter(|sent| !sent.is_empty());
        schema::validate(schema::EWS, asked);
        let pages = feed.heard().into_iter().filter(|page| page.request.contains("/phone/"));
        schema::validate(schema::PHONE, pages.filter(|page| page.status.is_some()).map(|page| page.got));
        self.phones.shutdown().await;
        self.exchange.shutdown().await;
    }
}

impl TrueItem {
    fn is_shown(&self) -> bool {
        !self.cancelled && matches!(self.response.as_str(), "Accept" | "Organizer")
    }

    fn row(&self) -> Row {
        let masked = matches!(self.sensitivity.as_str(), "Private" | "Confidential");
        let title = if masked { "Private meeting" } else { &self.subject };
        Row { start: self.start, end: self.end, title: title.to_owned() }
    }
}

/// The world of a plan, with its meetings by their subjects.
fn world(plan: &Plan, base: DateTime<Utc>, now: DateTime<Utc>) -> (World, BTreeMap<String, MeetingHandle>) {
    let mut world = World::new(1, now);
    world.add_account(Account::new(ACCOUNT, PASSWORD).with_rights(Rights::Reviewer));
    let mut meetings = BTreeMap::new();
    for room in &plan.rooms {
        let at_once = CalendarProcessing::preserving().after(TimeDelta::zero());
        world.add_room(Room::new(&room.alias).processing(at_once)).expect("rooms have different names");
        for meeting in &room.meetings {
            let handle = send(&mut world, &room.alias, meeting, base, now);
            let before = meetings.insert(meeting.subject.clone(), handle);
            assert!(before.is_none(), "meetings of a plan have different subjects");
        }
    }
    (world, meetings)
}

fn send(
    world: &mut World,
    room: &str,
    meeting: &PlannedMeeting,
    base: DateTime<Utc>,
    now: DateTime<Utc>,
) -> MeetingHandle {
    let start = base + meeting.from;
    // people who have something to hide are told apart
    let organizer = if meeting.private { "lee" } else { "kim" };
    let mut invitation = world.organizer(organizer).invites(room).to(&meeting.subject);
    invitation = invitation.at(start, start + meeting.length);
    if meeting.private {
        invitation = invitation.private();
    }
    if let Some(days) = meeting.days {
        invitation = invitation.daily().times(days);
    }
    let handle = invitation.send(now).expect("a room of the world");
    if meeting.tentative {
        world.answer(room, handle, Answer::Tentative, now).expect("a meeting of the room");
    }
    handle
}

/// This machine's clock.
pub(crate) fn now() -> DateTime<Utc> {
    SystemClock::start().now().wall
}

/// A zone in which it is seven or eight in the morning: the day lies ahead, whenever a test runs.
fn morning(now: DateTime<Utc>) -> String {
    let east = match 7 - i64::from(now.hour()) {
        ahead @ -12.. => ahead,
        behind => behind + 24,
    };
    // in these names the sign says how far Greenwich is (POSIX)
    format!("Etc/GMT{:+}", -east).replace("+0", "")
}
