//! The stand-in Exchange with its rooms, their phones, and the daemon as a program of its own.

use crate::{
    organizers::room,
    usage::{self, Usage},
};
use callboard::{control_client, state_dir::StateDir, system_clock::SystemClock};
use chrono::TimeDelta;
use control::{Health, Message, Request};
use end_to_end::free_address;
use exchange_sim::{
    Account, CalendarProcessing, Room, ThrottlingPolicy, World,
    phone::Phone,
    server::{self, Phones, Ports, Running},
};
use meeting_model::clock::Clock;
use std::{
    fmt::Write,
    fs,
    net::SocketAddr,
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Child, Command, Stdio},
    sync::Arc,
    thread,
    time::Duration,
};
use tempfile::TempDir;
use tokio::runtime::Runtime;

const ACCOUNT: (&str, &str) = ("svc-callboard", "correct horse");

/// So long it may take until everything is as it should be.
const PATIENCE: Duration = Duration::from_mins(10);

/// The daemon, which ends with whoever started it, also where that panics.
struct Daemon(Child);

impl Drop for Daemon {
    fn drop(&mut self) {
        // one that has ended by itself is told of before
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Everybody who takes part.
pub(crate) struct Site {
    runtime: Runtime,
    clock: SystemClock,
    exchange: Running,
    phones: Phones,
    phone_names: Vec<String>,
    feed: SocketAddr,
    http: reqwest::Client,
    folder: TempDir,
    daemon: Daemon,
}

impl Site {
    /// Everybody is there, and the daemon was started.
    pub(crate) fn open(rooms: usize, phones: usize, clock: SystemClock) -> Self {
        let runtime = Runtime::new().expect("a runtime");
        let told: server::Clock = Arc::new(move || clock.now().wall);
        let served = server::serve(world(rooms, clock), "127.0.0.1:0", Arc::clone(&told));
        let exchange = runtime.block_on(served).expect("a loopback port");
        let phone_names: Vec<String> = (0..phones.min(rooms)).map(room).collect();
        let all = phone_names.iter().map(|name| Phone::new(name, ACCOUNT.0, ACCOUNT.1)).collect();
        let phones = runtime.block_on(Phones::serve(all, Ports::Each, told)).expect("loopback ports");
        let folder = tempfile::tempdir().expect("a temporary folder");
        let feed = free_address();
        configure(rooms, &exchange, &phones, feed, folder.path());
        let daemon = start(folder.path());
        let http = reqwest::Client::builder().no_proxy().build().expect("an HTTP client");
        Self { runtime, clock, exchange, phones, phone_names, feed, http, folder, daemon }
    }

    /// The stand-in Exchange.
    pub(crate) fn exchange(&self) -> &Running {
        &self.exchange
    }

    /// Another tenth of the phones is off, another one slow.
    pub(crate) fn switch_phones(&self, turn: u32) {
        for (number, name) in self.phone_names.iter().enumerate() {
            let which = (number + turn as usize) % 10;
            self.phones.switch(name, |switches| {
                switches.off = which == 0;
                switches.slow = if which == 1 { Duration::from_secs(20) } else { Duration::ZERO };
            });
        }
    }

    /// Every phone works.
    pub(crate) fn mend_phones(&self) {
        for name in &self.phone_names {
            self.phones.switch(name, |switches| {
                switches.off = false;
                switches.slow = Duration::ZERO;
            });
        }
    }

    /// What the daemon uses now.
    pub(crate) fn usage(&self, at: Duration) -> Usage {
        let pid = self.daemon.0.id();
        let metrics = self.metrics();
        Usage {
            at,
            memory: usage::status(pid, "VmRSS"),
            descriptors: usage::metric(&metrics, "open_files"),
            threads: usage::status(pid, "Threads"),
            tasks: usage::metric(&metrics, "tasks"),
            database: usage::size(&self.folder.path().join("state")),
        }
    }

    fn metrics(&self) -> String {
        let url = format!("http://{}/metrics", self.feed);
        let asked = async { self.http.get(url).send().await?.error_for_status()?.text().await };
        self.runtime.block_on(asked).expect("the feed answers all the time")
    }

    /// Waits until every room was read.
    pub(crate) fn until_read(&mut self) {
        self.until("every room read", |health| health.is_ready() && health.unread() == 0);
    }

    /// Waits until no room and no device is in trouble, and no delivery is due.
    pub(crate) fn until_well(&mut self) {
        self.until("everything well", |health| {
            health.rooms.iter().all(|room| room.trouble.is_none())
                && health
                    .devices
                    .iter()
                    .all(|device| device.trouble.is_none() && device.acknowledged >= device.wanted)
        });
    }

    fn until(&mut self, what: &str, is_so: impl Fn(&Health) -> bool) {
        let until = self.clock.now().mono + PATIENCE;
        while !self.health().as_ref().is_some_and(&is_so) {
            let ended = self.daemon.0.try_wait().expect("it is ours");
            assert!(ended.is_none(), "the daemon ended: {ended:?}\n{}", self.log());
            assert!(self.clock.now().mono < until, "not {what}: {:?}", self.health());
            thread::sleep(Duration::from_millis(250));
        }
    }

    fn health(&self) -> Option<Health> {
        let socket = StateDir::new(self.folder.path().join("state")).control_socket();
        let mut told = None;
        let asked = control_client::ask(&socket, &Request::Status, |message| {
            if let Message::Status(health) = message {
                told = Some(health);
            }
        });
        asked.ok().and(told)
    }

    /// How many revisions were committed, of all rooms together.
    pub(crate) fn revisions(&self) -> i64 {
        self.health().map_or(0, |health| health.rooms.iter().map(|room| room.rev).sum())
    }

    /// Where the mirror differs from the server, in the words of the program's own `diff --all`; nothing where they are equal.
    pub(crate) fn differences(&self) -> Option<String> {
        let mut diff = Command::new(env!("CARGO_BIN_EXE_callboard-under-test"));
        diff.args(["diff", "--all", "--config"]).arg(self.folder.path().join("callboard.toml"));
        let ended = diff.output().expect("the program can be started");
        let said = || [ended.stdout.as_slice(), &ended.stderr].map(String::from_utf8_lossy).concat();
        (!ended.status.success()).then(said)
    }

    /// What the daemon said.
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).expect("the log")
    }

    /// Ends everybody.
    pub(crate) fn close(self) {
        drop(self.daemon);
        self.runtime.block_on(self.phones.shutdown());
        self.runtime.block_on(self.exchange.shutdown());
    }
}

/// Rooms with a series of ten days each, under the default policy of Exchange 2016 without its long run.
fn world(rooms: usize, clock: SystemClock) -> World {
    let now = clock.now().wall;
    let mut world = World::new(7, now);
    world.add_account(Account::new(ACCOUNT.0, ACCOUNT.1).impersonating());
    world.set_throttling(ThrottlingPolicy {
        max_concurrency: Some(27),
        spending: None,
        ..ThrottlingPolicy::exchange_2016()
    });
    for number in 0..rooms {
        let room = room(number);
        let processing = CalendarProcessing::preserving().after(TimeDelta::zero());
        world.add_room(Room::new(&room).processing(processing)).expect("rooms have different names");
        let start = now + TimeDelta::hours(2);
        let invitation = world.organizer("kim").invites(&room).to("Daily work").daily().times(10);
        invitation.at(start, start + TimeDelta::hours(1)).send(now).expect("the room is there");
    }
    world
}

fn configure(rooms: usize, exchange: &Running, phones: &Phones, feed: SocketAddr, folder: &Path) {
    let mut text = format!(
        "state_dir = \"state\"\n\n[feed]\nlisten = \"{feed}\"\npublic_url = \"http://{feed}\"\n\n\
         [exchange.hq]\nprotocol = \"ews\"\nurl = \"{}\"\nusername = \"{}\"\npassword_file = \"password\"\n\
         access = \"impersonation\"\n",
        exchange.ews_url(),
        ACCOUNT.0,
    );
    for number in 0..rooms {
        let room = room(number);
        write!(
            text,
            "\n[[room]]\nid = \"{room}\"\nmailbox = \"{room}@rooms.example\"\nexchange = \"hq\"\n\
             time_zone = \"Europe/Berlin\"\nacceptance = \"auto-accept\"\n",
        )
        .expect("a string takes all that is written to it");
        if let Some(phone) = phones.base_url(&room) {
            write!(
                text,
                "\n[[room.device]]\nkind = \"cisco-ip-phone\"\nurl = \"{phone}/CGI/Execute\"\nusername = \"{}\"\n\
                 password_file = \"password\"\n",
                ACCOUNT.0,
            )
            .expect("a string takes all that is written to it");
        }
    }
    fs::write(folder.join("callboard.toml"), text).expect("a temporary file");
    let password = folder.join("password");
    fs::write(&password, ACCOUNT.1).expect("a temporary file");
    fs::set_permissions(&password, fs::Permissions::from_mode(0o600)).expect("a mode");
}

/// The daemon; what it logs goes to a file.
fn start(folder: &Path) -> Daemon {
    let log = fs::File::create(folder.join("log")).expect("a temporary file");
    let started = Command::new(env!("CARGO_BIN_EXE_callboard-under-test"))
        .args(["daemon", "--config"])
        .arg(folder.join("callboard.toml"))
        .env("NO_COLOR", "1")
        .stdout(Stdio::null())
        .stderr(log)
        .spawn()
        .expect("the program can be started");
    Daemon(started)
}
