//! The daemon as a program of its own, against a stand-in Exchange with many rooms and the default throttling policy of
//! Exchange 2016: how long a start takes, what it costs to sit there, and how soon a change is committed. The account
//! impersonates, so that every group of rooms has a budget of its own: by delegation ten streams, of 2,000 rooms in all, are
//! all that the policy allows.
//!
//! `cargo bench -p end-to-end --bench many_rooms -- --rooms 10000 --idle 120s --changes 500`
//!
//! With `--flight-record "64 MiB"` it tells what the flight recorder costs: once with, once without.

#![expect(clippy::print_stdout, reason = "a benchmark tells its figures")]

use callboard::system_clock::SystemClock;
use chrono::{DateTime, TimeDelta, Utc};
use clap::Parser;
use exchange_sim::{
    Account, CalendarProcessing, Room, ThrottlingPolicy, World,
    server::{self, Running},
};
use meeting_model::clock::Clock;
use std::{
    collections::BTreeSet,
    fmt::Write,
    fs,
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    sync::{Arc, mpsc},
    thread,
    time::Duration,
};

const ACCOUNT: (&str, &str) = ("svc-callboard", "correct horse");

/// What the benchmark is told.
#[derive(Debug, Parser)]
struct Asked {
    /// How many rooms there are
    #[arg(long, default_value_t = 1_000)]
    rooms: usize,
    /// How long the quiet daemon is watched
    #[arg(long, default_value = "60s", value_parser = humantime_serde::re::humantime::parse_duration)]
    idle: Duration,
    /// How many changes are followed, ten a second
    #[arg(long, default_value_t = 300)]
    changes: usize,
    /// Also record the flight, in files of this size: `64 MiB`
    #[arg(long)]
    flight_record: Option<String>,
    /// Given by cargo
    #[arg(long, hide = true)]
    bench: bool,
}

/// A line of the daemon's log that matters here.
enum Said {
    /// A room's revision was committed.
    Committed(String),
    /// The server asked for a pause.
    Paused,
}

fn main() {
    let asked = Asked::parse();
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let clock = SystemClock::start();
    let exchange = runtime.block_on(exchange(&asked, clock));
    let folder = tempfile::tempdir().expect("a temporary folder");
    configure(&asked, &exchange, folder.path());

    let started = clock.now().mono;
    let (mut daemon, said) = daemon(folder.path());
    let (mut read, mut pauses) = (BTreeSet::new(), 0);
    while read.len() < asked.rooms {
        match said.recv_timeout(Duration::from_mins(10)).expect("every room is read in the end") {
            Said::Committed(room) => drop(read.insert(room)),
            Said::Paused => pauses += 1,
        }
    }
    let start = clock.now().mono.saturating_sub(started);
    println!("| {} rooms, all read after | {:.1} s |", asked.rooms, start.as_secs_f64());
    println!("| processor time until then | {:.2} s |", processor_time(&daemon).as_secs_f64());
    println!("| pauses that the server asked for meanwhile | {pauses} |");
    // renewals and the first streams settle
    thread::sleep(Duration::from_secs(20));
    println!(
        "| memory (resident; at its most) | {} MB; {} MB |",
        memory(&daemon, "VmRSS"),
        memory(&daemon, "VmHWM")
    );

    let before = processor_time(&daemon);
    thread::sleep(asked.idle);
    let used = processor_time(&daemon).saturating_sub(before);
    println!(
        "| quiet, over {} s | {:.2} % of a core |",
        asked.idle.as_secs(),
        100.0 * used.as_secs_f64() / asked.idle.as_secs_f64()
    );

    while said.try_recv().is_ok() {}
    let before = processor_time(&daemon);
    changes(&asked, &exchange, &said, clock);
    let used = processor_time(&daemon).saturating_sub(before);
    let each = used / u32::try_from(asked.changes).unwrap_or(u32::MAX).max(1);
    println!("| processor time for each change | {:.1} ms |", 1e3 * each.as_secs_f64());
    tell_of_record(&daemon, folder.path());
    let same = Command::new(env!("CARGO_BIN_EXE_callboard-under-test"))
        .args(["diff", "--all", "--config"])
        .arg(folder.path().join("callboard.toml"))
        .stdout(Stdio::null())
        .status()
        .expect("the program can be started");
    println!("| `diff --all` afterwards | {} |", if same.success() { "empty" } else { "NOT EMPTY" });
    daemon.kill().expect("it can be ended");
    daemon.wait().expect("it has ended");
    runtime.block_on(exchange.shutdown());
    assert!(same.success(), "the mirror differs from the server");
}

/// What the record of the flight has come to, where there is one.
fn tell_of_record(daemon: &Child, folder: &Path) {
    println!("| memory at its most | {} MB |", memory(daemon, "VmHWM"));
    for part in ["flight.before.jsonl", "flight.jsonl"] {
        if let Ok(told) = fs::read(folder.join("state").join(part)) {
            let first = told.split(|byte| *byte == b'\n').next().map_or(0, <[u8]>::len);
            println!("| `{part}`; its first line | {} kB; {} kB |", told.len() / 1000, first / 1000);
        }
    }
}

async fn exchange(asked: &Asked, clock: SystemClock) -> Running {
    let now = clock.now().wall;
    let mut world = World::new(7, now);
    world.add_account(Account::new(ACCOUNT.0, ACCOUNT.1).impersonating());
    world.set_throttling(ThrottlingPolicy {
        max_concurrency: Some(27),
        spending: None,
        ..ThrottlingPolicy::exchange_2016()
    });
    for number in 0..asked.rooms {
        let processing = CalendarProcessing::preserving().after(TimeDelta::zero());
        world.add_room(Room::new(&room(number)).processing(processing)).expect("rooms have different names");
        for day in 0..5 {
            let start = now + TimeDelta::days(day) + TimeDelta::hours(2);
            world
                .book(&room(number), "Daily work", start, start + TimeDelta::hours(1), now)
                .expect("the room is there");
        }
    }
    let told: server::Clock = Arc::new(move || clock.now().wall);
    server::serve(world, "127.0.0.1:0", told).await.expect("a loopback port")
}

fn room(number: usize) -> String {
    format!("room-{number:05}")
}

fn configure(asked: &Asked, exchange: &Running, folder: &Path) {
    use std::os::unix::fs::PermissionsExt;
    let record = asked.flight_record.as_deref().unwrap_or("off");
    let mut text = format!(
        "flight_record = \"{record}\"\nstate_dir = \"state\"\n\n\
         [feed]\nlisten = \"127.0.0.1:0\"\npublic_url = \"http://127.0.0.1:1\"\n\n\
         [exchange.hq]\nprotocol = \"ews\"\nurl = \"{}\"\nusername = \"{}\"\npassword_file = \"password\"\naccess = \"impersonation\"\n",
        exchange.ews_url(),
        ACCOUNT.0,
    );
    for number in 0..asked.rooms {
        let room = room(number);
        write!(
            text,
            "\n[[room]]\nid = \"{room}\"\nmailbox = \"{room}@rooms.example\"\nexchange = \"hq\"\n\
             time_zone = \"Europe/Berlin\"\nacceptance = \"auto-accept\"\n",
        )
        .expect("a string takes all that is written to it");
    }
    fs::write(folder.join("callboard.toml"), text).expect("a temporary file");
    let password = folder.join("password");
    fs::write(&password, ACCOUNT.1).expect("a temporary file");
    fs::set_permissions(&password, fs::Permissions::from_mode(0o600)).expect("a mode");
}

/// The daemon, and what it says.
fn daemon(folder: &Path) -> (Child, mpsc::Receiver<Said>) {
    let mut daemon = Command::new(env!("CARGO_BIN_EXE_callboard-under-test"))
        .args(["daemon", "--config"])
        .arg(folder.join("callboard.toml"))
        .env("NO_COLOR", "1")
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program can be started");
    let log = BufReader::new(daemon.stderr.take().expect("it was piped"));
    let (say, said) = mpsc::channel();
    thread::spawn(move || {
        for line in log.lines().map_while(Result::ok) {
            let heard = if line.contains("committed") {
                line.split("room=")
                    .nth(1)
                    .and_then(|rest| rest.split_whitespace().next())
                    .map(|room| Said::Committed(room.trim_matches('"').to_owned()))
            } else {
                line.contains("the server is in trouble").then_some(Said::Paused)
            };
            if heard.is_some_and(|heard| say.send(heard).is_err()) {
                return;
            }
        }
    });
    (daemon, said)
}

/// Books something in one room after the other, and measures until it is committed.
fn changes(asked: &Asked, exchange: &Running, said: &mpsc::Receiver<Said>, clock: SystemClock) {
    let mut spans = Vec::new();
    for number in 0..asked.changes {
        let room = room((number * 7_919) % asked.rooms);
        let begun = clock.now().mono;
        exchange.with(|world, now: DateTime<Utc>| {
            let start = now + TimeDelta::hours(30);
            world
                .book(&room, "Ad hoc", start, start + TimeDelta::minutes(30), now)
                .expect("the room is there");
        });
        loop {
            match said.recv_timeout(Duration::from_mins(2)).expect("the change is committed in the end") {
                Said::Committed(committed) if committed == room => break,
                _ => {}
            }
        }
        spans.push(clock.now().mono.saturating_sub(begun));
        thread::sleep(Duration::from_millis(100));
    }
    spans.sort_unstable();
    let within = |share: usize| {
        let at = (spans.len() * share).div_ceil(100).saturating_sub(1);
        spans.get(at).map_or(0, Duration::as_millis)
    };
    println!("| {} changes, half of them committed within | {} ms |", spans.len(), within(50));
    println!("| 99 of 100 within; all within | {} ms; {} ms |", within(99), within(100));
}

/// A line of `/proc/PID/status`, in MB.
fn memory(daemon: &Child, name: &str) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", daemon.id())).expect("Linux");
    let line = status.lines().find(|line| line.starts_with(name)).expect("a line of this name");
    line.split_whitespace().nth(1).and_then(|kb| kb.parse::<u64>().ok()).unwrap_or_default() / 1024
}

/// The processor time that the daemon has used, in user and system mode (`proc(5)`, fields 14 and 15 of `stat`).
fn processor_time(daemon: &Child) -> Duration {
    let stat = fs::read_to_string(format!("/proc/{}/stat", daemon.id())).expect("Linux");
    let (_, fields) = stat.rsplit_once(')').expect("a name in brackets");
    let ticks: u64 =
        fields.split_whitespace().skip(11).take(2).filter_map(|ticks| ticks.parse::<u64>().ok()).sum();
    // a hundred to the second on every Linux that this runs on (USER_HZ)
    Duration::from_millis(ticks * 10)
}
