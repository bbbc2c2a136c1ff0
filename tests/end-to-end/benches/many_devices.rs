//! The daemon with two thousand phones, a tenth of them dead: half of those refuse connections, half take them and never answer.
//! How soon the others show a change, from the booking in the stand-in Exchange to the page on the phone.
//!
//! `cargo bench -p end-to-end --bench many_devices -- --rooms 20 --phones 100`

#![expect(clippy::print_stdout, reason = "a benchmark tells its figures")]

use callboard::{config::Config, daemon::Daemon, system_clock::SystemClock};
use chrono::{DateTime, TimeDelta, Utc};
use clap::Parser;
use exchange_sim::{
    Account, CalendarProcessing, Rights, Room, World,
    phone::Phone,
    server::{self, Phones, Ports, Running},
};
use meeting_model::{clock::Clock, zone::ZoneDatabase};
use std::{fmt::Write, fs, path::Path, sync::Arc, time::Duration};
use tokio::time::{sleep, timeout};

const ACCOUNT: (&str, &str) = ("svc-callboard", "correct horse");

/// So long a change may take before the benchmark gives up.
const PATIENCE: Duration = Duration::from_mins(2);

/// What the benchmark is told.
#[derive(Debug, Parser)]
struct Asked {
    /// How many rooms there are
    #[arg(long, default_value_t = 20)]
    rooms: usize,
    /// How many phones each room has; every tenth is dead
    #[arg(long, default_value_t = 100)]
    phones: usize,
    /// Given by cargo
    #[arg(long, hide = true)]
    bench: bool,
}

/// Everybody who takes part.
struct Stage {
    asked: Asked,
    exchange: Running,
    phones: Phones,
    clock: SystemClock,
}

#[tokio::main]
async fn main() {
    let asked = Asked::parse();
    let folder = tempfile::tempdir().expect("a temporary folder");
    let stage = Stage::set(asked).await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a loopback port");
    let feed = format!("http://{}", listener.local_addr().expect("it is bound"));
    let zones = ZoneDatabase::system();
    let text = stage.configuration(folder.path(), &feed);
    let config = Config::parse(&text, "benchmark", folder.path(), &zones).expect("no mistakes");
    let daemon = Daemon::start_on(listener, &config, zones).await.expect("it starts");
    stage.until_all_show("Daily work").await;
    stage.kill();

    let mut spans = Vec::new();
    for room in 0..stage.asked.rooms {
        spans.extend(stage.change(&[room], &format!("Change {room}")).await);
    }
    tell("one room after the other", spans);
    let all: Vec<usize> = (0..stage.asked.rooms).collect();
    tell("all rooms at once", stage.change(&all, "Everybody").await);
    daemon.stop().await.expect("it stops");
    stage.phones.shutdown().await;
    stage.exchange.shutdown().await;
}

impl Stage {
    async fn set(asked: Asked) -> Self {
        let clock = SystemClock::start();
        let told: server::Clock = Arc::new(move || clock.now().wall);
        let now = clock.now().wall;
        let mut world = World::new(7, now);
        world.add_account(Account::new(ACCOUNT.0, ACCOUNT.1).with_rights(Rights::Reviewer));
        for number in 0..asked.rooms {
            let processing = CalendarProcessing::preserving().after(TimeDelta::zero());
            world
                .add_room(Room::new(&room(number)).processing(processing))
                .expect("rooms have different names");
            let start = now + TimeDelta::minutes(20);
            world
                .book(&room(number), "Daily work", start, start + TimeDelta::minutes(30), now)
                .expect("it is there");
        }
        let exchange = server::serve(world, "127.0.0.1:0", Arc::clone(&told)).await.expect("a loopback port");
        let all = (0..asked.rooms).flat_map(|number| (0..asked.phones).map(move |phone| name(number, phone)));
        let phones = all.map(|name| Phone::new(&name, ACCOUNT.0, ACCOUNT.1)).collect();
        let phones = Phones::serve(phones, Ports::Each, told).await.expect("loopback ports: see `ulimit -n`");
        Self { asked, exchange, phones, clock }
    }

    fn configuration(&self, folder: &Path, feed: &str) -> String {
        use std::os::unix::fs::PermissionsExt;
        let password = folder.join("password");
        fs::write(&password, ACCOUNT.1).expect("a temporary file");
        fs::set_permissions(&password, fs::Permissions::from_mode(0o600)).expect("a mode");
        let mut text = format!(
            "state_dir = \"state\"\n[feed]\nlisten = \"127.0.0.1:0\"\npublic_url = \"{feed}\"\n[exchange.hq]\nprotocol = \"ews\"\n\
             url = \"{}\"\nusername = \"{}\"\npassword_file = \"password\"\n",
            self.exchange.ews_url(),
            ACCOUNT.0,
        );
        for number in 0..self.asked.rooms {
            let room = room(number);
            write!(
                text,
                "[[room]]\nid = \"{room}\"\nmailbox = \"{room}@rooms.example\"\nexchange = \"hq\"\n\
                 time_zone = \"{}\"\nacceptance = \"auto-accept\"\n",
                self.zone(),
            )
            .expect("a string takes all that is written to it");
            for phone in 0..self.asked.phones {
                write!(
                    text,
                    "[[room.device]]\nkind = \"cisco-ip-phone\"\nurl = \"{}/CGI/Execute\"\nusername = \"{}\"\n\
                     password_file = \"password\"\n",
                    self.phones.base_url(&name(number, phone)).expect("it is served"),
                    ACCOUNT.0,
                )
                .expect("a string takes all that is written to it");
            }
        }
        text
    }

    /// A zone in which the day is young, whenever this runs.
    fn zone(&self) -> String {
        use chrono::Timelike;
        let east = match 7 - i64::from(self.clock.now().wall.hour()) {
            ahead @ -12.. => ahead,
            behind => behind + 24,
        };
        // in these names the sign says how far Greenwich is (POSIX)
        format!("Etc/GMT{:+}", -east).replace("+0", "")
    }

    fn alive(&self, number: usize) -> impl Iterator<Item = String> + '_ {
        (0..self.asked.phones).filter(|phone| !is_dead(*phone)).map(move |phone| name(number, phone))
    }

    async fn until_all_show(&self, title: &str) {
        for number in 0..self.asked.rooms {
            for phone in (0..self.asked.phones).map(|phone| name(number, phone)) {
                let shown = self.phones.until(&phone, |screen| screen.says(title));
                timeout(PATIENCE, shown).await.expect("every phone shows the day in the end");
            }
        }
    }

    /// Every tenth phone dies.
    fn kill(&self) {
        for number in 0..self.asked.rooms {
            for phone in (0..self.asked.phones).filter(|phone| is_dead(*phone)) {
                let hangs = (number + phone / 10) % 2 == 0;
                self.phones.switch(&name(number, phone), |switches| {
                    switches.off = !hangs;
                    switches.slow = if hangs { Duration::from_hours(1) } else { Duration::ZERO };
                });
            }
        }
    }

    /// Books something in these rooms, and measures until each phone that lives shows it.
    async fn change(&self, rooms: &[usize], title: &str) -> Vec<TimeDelta> {
        let begun = self.exchange.with(|world, now: DateTime<Utc>| {
            let start = now + TimeDelta::hours(1);
            for number in rooms {
                let end = start + TimeDelta::minutes(10);
                world.book(&room(*number), title, start, end, now).expect("the room is there");
            }
            now
        });
        let mut spans = Vec::new();
        for phone in rooms.iter().flat_map(|number| self.alive(*number)) {
            let shown = self.phones.until(&phone, |screen| screen.says(title));
            timeout(PATIENCE, shown).await.expect("every phone that lives shows it in the end");
            let first = self.phones.history(&phone).into_iter().find(|shown| shown.screen.says(title));
            spans.push(first.expect("it has just shown it").at - begun);
        }
        sleep(Duration::from_millis(500)).await;
        spans
    }
}

fn is_dead(phone: usize) -> bool {
    phone % 10 == 9
}

fn room(number: usize) -> String {
    format!("room-{number:02}")
}

fn name(room: usize, phone: usize) -> String {
    format!("SEP{room:06}{phone:06}")
}

fn tell(what: &str, mut spans: Vec<TimeDelta>) {
    spans.sort_unstable();
    let within = |share: usize| {
        let at = (spans.len() * share).div_ceil(100).saturating_sub(1);
        spans.get(at).map_or(0, TimeDelta::num_milliseconds)
    };
    println!(
        "| {what}: {} phones, half within; 99 of 100 within; all within | {} ms; {} ms; {} ms |",
        spans.len(),
        within(50),
        within(99),
        within(100)
    );
}
