//! The world: rooms, people, accounts, meetings and what is due, moved on by being told the time.

mod attendant;
mod booking;
mod change;
mod draft;
mod held;
mod invitation;
mod mailbox;
mod organizer;
mod proxy;
mod push;
mod release;
mod stream;
mod time;
mod wording;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use chrono::{DateTime, Utc};

pub use self::change::{Change, Expect, What};
pub(crate) use self::draft::{Audience, Disposal, Draft};
pub use self::held::Held;
pub use self::invitation::{Invitation, Organizer};
pub use self::proxy::Answer;
pub(crate) use self::push::Push;
pub use self::push::{Post, PostId};
pub use self::stream::{Chunks, StreamId, Then};

use self::attendant::Settle;
use self::change::{Changes, Place, Seen};
pub(crate) use self::mailbox::Directory;
use self::push::Posts;
use self::release::Release;
use self::stream::Streams;
use self::time::Time;
use crate::account::{Account, Rights};
use crate::autodiscover::Autodiscover;
use crate::dice::Dice;
use crate::fault::Faults;
use crate::item::Mailbox;
use crate::meeting::{Meeting, MeetingHandle};
use crate::notifying::Notifying;
use crate::room::{MailboxKind, Room, capitalised};
use crate::script::Script;
use crate::sign_in::Door;
use crate::subscription::{Listener, SubscriptionKey, Subscriptions};
use crate::throttle::Throttle;
use crate::{CalendarProcessing, Request, Response, ServerProfile, SimError, Zone};

/// The domain of people who are named by alias alone.
const PEOPLE: &str = "people.example";

/// A room's place in its world.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct RoomNumber(pub(crate) u32);

impl RoomNumber {
    fn index(self) -> usize {
        usize::try_from(self.0).unwrap_or(usize::MAX)
    }
}

/// What is due at an instant.
#[derive(Debug, Clone)]
enum Task {
    Settle(Settle),
    Release(Release),
    Script,
    Stream(StreamId),
    Push(SubscriptionKey),
    Notify(u32),
}

/// A whole Exchange organization of rooms, decided by a seed and by what it is told.
///
/// It has no clock and performs no I/O: [`World::handle`] answers a request at an instant, and
/// [`World::advance`] does what has become due. Equal seeds and equal calls give equal bytes.
#[derive(Debug)]
pub struct World {
    pub(crate) dice: Dice,
    pub(crate) now: DateTime<Utc>,
    time: Time,
    /// Marks ids and watermarks as this world's own.
    pub(crate) tag: u32,
    pub(crate) rooms: Vec<Room>,
    /// Aliases and addresses, in lower case.
    names: BTreeMap<String, RoomNumber>,
    people: BTreeMap<String, Mailbox>,
    pub(crate) accounts: BTreeMap<String, Account>,
    pub(crate) autodiscover: Autodiscover,
    pub(crate) directory: Directory,
    /// Where somebody checked in, and to which start.
    claimed: BTreeSet<(RoomNumber, MeetingHandle, DateTime<Utc>)>,
    pub(crate) meetings: BTreeMap<MeetingHandle, Meeting>,
    pub(crate) zones: BTreeMap<String, Zone>,
    pub(crate) faults: Faults,
    pub(crate) profile: ServerProfile,
    /// Mailboxes on a server of another version.
    pub(crate) mailbox_servers: BTreeMap<RoomNumber, ServerProfile>,
    pub(crate) throttle: Throttle,
    pub(crate) sign_in: Door,
    /// How many calls were answered: each has an id of its own.
    pub(crate) answered: u64,
    pub(crate) subscriptions: Subscriptions,
    pub(crate) notifying: Notifying,
    /// How often mailboxes moved to the next server.
    pub(crate) failed_over: BTreeMap<RoomNumber, u32>,
    streams: Streams,
    posts: Posts,
    /// Rooms in which something may have happened that nobody was told of yet.
    touched: BTreeSet<RoomNumber>,
    pub(crate) script: Option<Script>,
    agenda: BTreeMap<(DateTime<Utc>, u64), Task>,
    tasks: u64,
    changes: Changes,
    /// What the subjects of cancelled meetings begin with.
    pub(crate) cancelled_prefix: String,
    /// Requests that nobody has answered say `Unknown` in place of `NoResponseReceived`.
    pub(crate) unanswered_is_unknown: bool,
    /// Bodies come as HTML, whatever was asked for.
    pub(crate) bodies_are_html: bool,
    /// What rooms were last seen to show.
    seen: BTreeMap<Place, Seen>,
    pub(crate) webdav: crate::webdav::Store,
    /// For how long the server shall not be reached from now on.
    pub(crate) outage: Option<Duration>,
}

impl World {
    /// An empty world at an instant.
    pub fn new(seed: u64, now: DateTime<Utc>) -> Self {
        let mut dice = Dice::new(seed);
        let tag = u32::from_be_bytes(dice.bytes());
        Self {
            dice,
            now,
            time: Time::default(),
            tag,
            rooms: Vec::new(),
            names: BTreeMap::new(),
            people: BTreeMap::new(),
            accounts: BTreeMap::new(),
            autodiscover: Autodiscover::default(),
            directory: Directory::default(),
            claimed: BTreeSet::new(),
            meetings: BTreeMap::new(),
            zones: BTreeMap::new(),
            faults: Faults::default(),
            profile: ServerProfile::default(),
            mailbox_servers: BTreeMap::new(),
            throttle: Throttle::default(),
            sign_in: Door::default(),
            answered: 0,
            subscriptions: Subscriptions::default(),
            notifying: Notifying::default(),
            failed_over: BTreeMap::new(),
            streams: Streams::default(),
            posts: Posts::default(),
            touched: BTreeSet::new(),
            script: None,
            agenda: BTreeMap::new(),
            tasks: 0,
            changes: Changes::default(),
            cancelled_prefix: "Canceled:".to_owned(),
            unanswered_is_unknown: false,
            bodies_are_html: false,
            seen: BTreeMap::new(),
            webdav: crate::webdav::Store::default(),
            outage: None,
        }
    }

    /// Adds a room.
    ///
    /// # Errors
    ///
    /// [`SimError::RoomExists`] when its alias or address is taken.
    pub fn add_room(&mut self, room: Room) -> Result<(), SimError> {
        let address = room.mailbox.address.to_lowercase();
        if self.names.contains_key(&room.alias) || self.names.contains_key(&address) {
            return Err(SimError::RoomExists(room.alias));
        }
        let number = RoomNumber(u32::try_from(self.rooms.len()).unwrap_or(u32::MAX));
        self.directory.accept_mail_for(&address);
        self.names.insert(room.alias.clone(), number);
        self.names.insert(address, number);
        self.learn_zone(&room.zone.clone());
        self.rooms.push(room);
        Ok(())
    }

    /// Adds an account that may sign in; one of the same login is replaced.
    pub fn add_account(&mut self, account: Account) {
        self.accounts.insert(account.login.clone(), account);
    }

    /// Gives an account rights in one room. An unknown account is added without a password, so it cannot sign in.
    ///
    /// # Errors
    ///
    /// [`SimError::UnknownRoom`].
    pub fn grant(&mut self, login: &str, room: &str, rights: Rights) -> Result<(), SimError> {
        let room = self.room_number(room)?;
        let account = self.accounts.entry(login.to_lowercase()).or_insert_with(|| Account::new(login, ""));
        account.rights.insert(room, rights);
        Ok(())
    }

    /// Changes how a room treats requests, from now on: what lies in its calendar stays as it is.
    ///
    /// # Errors
    ///
    /// [`SimError::UnknownRoom`].
    pub fn set_processing(&mut self, room: &str, processing: CalendarProcessing) -> Result<(), SimError> {
        let number = self.room_number(room)?;
        if let Some(room) = self.room_mut(number) {
            room.processing = processing;
        }
        Ok(())
    }

    /// How a room treats requests.
    ///
    /// # Errors
    ///
    /// [`SimError::UnknownRoom`].
    pub fn processing(&self, room: &str) -> Result<CalendarProcessing, SimError> {
        self.named_room(room).map(|room| room.processing)
    }

    /// The aliases of the rooms, in the order they were added.
    pub fn rooms(&self) -> impl Iterator<Item = &str> {
        self.rooms.iter().filter(|room| room.kind == MailboxKind::Room).map(|room| room.alias.as_str())
    }

    /// The primary address of a room.
    ///
    /// # Errors
    ///
    /// [`SimError::UnknownRoom`].
    pub fn address(&self, room: &str) -> Result<&str, SimError> {
        self.named_room(room).map(|room| room.mailbox.address.as_str())
    }

    /// Answers one HTTP request.
    pub fn handle(&mut self, now: DateTime<Utc>, request: &Request) -> Response {
        self.advance(now);
        let path = request.path.split('?').next().unwrap_or_default().to_ascii_lowercase();
        let response = match path.as_str() {
            "/ews/exchange.asmx" => crate::ews::handle(self, request),
            page if crate::webdav::serves(page) => crate::webdav::handle(self, request),
            control if control == "/sim" || control.starts_with("/sim/") => {
                crate::control::handle(self, request)
            }
            page => self.other_page(page, request).unwrap_or_else(|| {
                let pages = "no such page: Exchange Web Services are at /EWS/Exchange.asmx";
                Response::new(404, "text/plain", pages)
            }),
        };
        if self.profile == ServerProfile::Other {
            return response;
        }
        let date = now + self.date_offset();
        response.header("Date", date.format("%a, %d %b %Y %H:%M:%S GMT").to_string())
    }

    fn other_page(&mut self, page: &str, request: &Request) -> Option<Response> {
        let token = crate::sign_in::bearer::handle(self, page, request);
        token.or_else(|| crate::autodiscover::handle(self, page, request))
    }

    /// Does what is due up to `now`, each thing at its own instant. Time never goes back.
    pub fn advance(&mut self, now: DateTime<Utc>) {
        self.tell_listeners();
        while let Some(entry) = self.agenda.first_entry().filter(|entry| entry.key().0 <= now) {
            let ((at, _), task) = entry.remove_entry();
            self.now = self.now.max(at);
            match task {
                Task::Settle(settle) => self.settle(&settle, at),
                Task::Release(release) => self.release(&release, at),
                Task::Script => self.play(at),
                Task::Stream(stream) => self.wake_stream(stream, at),
                Task::Push(key) => self.push(key, at),
                Task::Notify(id) => self.notify(id, at),
            }
            self.tell_listeners();
        }
        self.now = self.now.max(now);
    }

    /// When [`World::advance`] has something to do next.
    pub fn next_wake(&self) -> Option<DateTime<Utc>> {
        if self.touched.is_empty() {
            return self.agenda.first_key_value().map(|((at, _), _)| *at);
        }
        Some(self.now)
    }

    pub(crate) fn wake_script(&mut self, at: DateTime<Utc>) {
        self.schedule(at, Task::Script);
    }

    pub(crate) fn room_number(&self, name: &str) -> Result<RoomNumber, SimError> {
        let number = self.names.get(&name.to_lowercase()).copied();
        number.ok_or_else(|| SimError::UnknownRoom(name.to_owned()))
    }

    pub(crate) fn room(&self, number: RoomNumber) -> Option<&Room> {
        self.rooms.get(number.index())
    }

    pub(crate) fn named_room(&self, name: &str) -> Result<&Room, SimError> {
        let number = self.room_number(name)?;
        self.room(number).ok_or_else(|| SimError::UnknownRoom(name.to_owned()))
    }

    pub(crate) fn room_mut(&mut self, number: RoomNumber) -> Option<&mut Room> {
        if !self.subscriptions.listeners(number).is_empty() || self.is_told_of(number) {
            self.touched.insert(number);
        }
        self.rooms.get_mut(number.index())
    }

    /// A person by alias or address, made up on first mention: `kim` is Kim, `kim@people.example`.
    fn person(&mut self, alias: &str) -> Mailbox {
        let key = alias.to_lowercase();
        let made_up = || match alias.split_once('@') {
            Some((local, _)) => Mailbox { name: capitalised(local), address: key.clone() },
            None => Mailbox { name: capitalised(alias), address: format!("{key}@{PEOPLE}") },
        };
        self.people.entry(key.clone()).or_insert_with(made_up).clone()
    }

    fn learn_zone(&mut self, zone: &Zone) {
        self.zones.entry(zone.id().to_owned()).or_insert_with(|| zone.clone());
    }

    /// What happened in rooms reaches those who listen to them.
    fn tell_listeners(&mut self) {
        for room in std::mem::take(&mut self.touched) {
            for (key, listener) in self.subscriptions.listeners(room) {
                match listener {
                    Listener::Stream(stream) => self.stream_hears(stream),
                    Listener::Push => self.push_hears(key),
                }
            }
            self.webdav_hears(room);
        }
    }

    pub(crate) fn notify_at(&mut self, id: u32, at: DateTime<Utc>) {
        self.schedule(at, Task::Notify(id));
    }

    fn schedule(&mut self, at: DateTime<Utc>, task: Task) {
        self.tasks += 1;
        self.agenda.insert((at, self.tasks), task);
    }
}
