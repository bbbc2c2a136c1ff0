//! The daemon as a program of its own, for half an hour: a thousand rooms in a stand-in Exchange, two hundred changes a minute, a
//! new fault every minute, outages, and phones that come and go. Its memory, file descriptors, threads, tasks and database are
//! measured every five seconds; after the warm-up none of them may rise by more than its bound, and at the end the mirror
//! equals the server.
//!
//! `cargo bench -p end-to-end --bench soak -- --plot docs/soak.svg`

#![expect(clippy::print_stdout, reason = "a benchmark tells its figures")]

mod bounds;
mod faults;
mod organizers;
mod plot;
mod site;
mod usage;

use bounds::Measure;
use callboard::system_clock::SystemClock;
use clap::Parser;
use faults::Faults;
use humantime_serde::re::humantime::parse_duration;
use meeting_model::clock::Clock;
use organizers::Organizers;
use site::Site;
use std::{
    fs::File,
    io::Write,
    path::{Path, PathBuf},
    thread,
    time::Duration,
};
use usage::Usage;

/// How often the daemon is measured.
const RHYTHM: Duration = Duration::from_secs(5);

/// For so long the daemon may learn, open and cache: what it uses then is what it is held to.
const WARM_UP_SHARE: u32 = 3;

/// What the soak is told.
#[derive(Debug, Parser)]
struct Asked {
    /// How many rooms there are
    #[arg(long, default_value_t = 1_000)]
    rooms: usize,
    /// How many of them have a phone
    #[arg(long, default_value_t = 100)]
    phones: usize,
    /// How many changes organizers make in a minute
    #[arg(long, default_value_t = 200)]
    changes: u32,
    /// For how long
    #[arg(long = "for", default_value = "30m", value_parser = parse_duration)]
    span: Duration,
    /// Where the plot is written, seen from the repository's root
    #[arg(long)]
    plot: Option<PathBuf>,
    /// Given by cargo
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() {
    let asked = Asked::parse();
    // before the half hour, and not after it
    let mut plotted = asked
        .plot
        .as_deref()
        .map(|path| File::create(of_repository(path)).expect("the plot's file can be written"));
    let clock = SystemClock::start();
    let mut site = Site::open(asked.rooms, asked.phones, clock);
    let started = clock.now().mono;
    site.until_read();
    println!("| {} rooms, all read after | {:.1} s |", asked.rooms, elapsed(clock, started).as_secs_f64());

    let (series, used) = soak(&asked, &mut site, clock);
    let healed = clock.now().mono;
    site.until_well();
    println!("| well again, after the last fault | {:.1} s |", elapsed(clock, healed).as_secs_f64());
    println!("| changes that organizers made | {} |", used.changes);
    println!("| faults, outages | {}, {} |", used.faults, used.outages);
    println!("| revisions committed | {} |", site.revisions());
    let differences = site.differences();
    println!("| `diff --all` afterwards | {} |", differences.as_deref().unwrap_or("empty"));
    let panicked = site.log().contains("panicked");

    let warm = asked.span / WARM_UP_SHARE;
    let broken: Vec<String> = Measure::ALL
        .iter()
        .filter_map(|measure| {
            let found = measure.found(&series, warm);
            println!("{}", measure.row(&found));
            measure.broken(&found, used.changes)
        })
        .collect();
    site.close();
    if let Some(file) = &mut plotted {
        file.write_all(plot::svg(&series, warm).as_bytes()).expect("the plot's file can be written");
    }
    assert_eq!(differences, None, "the mirror differs from the server");
    assert!(!panicked, "something panicked");
    assert!(broken.is_empty(), "{}", broken.join("; "));
}

/// A path, seen from the repository's root: a benchmark is run in the folder of its crate.
fn of_repository(path: &Path) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)
}

/// What was done to the daemon.
struct Done {
    changes: u32,
    faults: u32,
    outages: u32,
}

/// Changes calendars and breaks things, and measures what the daemon uses meanwhile.
fn soak(asked: &Asked, site: &mut Site, clock: SystemClock) -> (Vec<Usage>, Done) {
    let pause = Duration::from_mins(1) / asked.changes.max(1);
    let mut organizers = Organizers::new(asked.rooms);
    let mut faults = Faults::new(asked.span);
    let mut series = Vec::new();
    let (begun, mut measured) = (clock.now().mono, Duration::ZERO);
    let mut changes = 0;
    loop {
        let passed = elapsed(clock, begun);
        if passed >= asked.span {
            break;
        }
        while pause * changes <= passed {
            site.exchange().with(|world, now| organizers.change(world, now));
            changes += 1;
        }
        faults.go_on(site, passed);
        if measured <= passed {
            series.push(site.usage(passed));
            measured += RHYTHM;
        }
        thread::sleep(Duration::from_millis(20));
    }
    Faults::end(site);
    (series, Done { changes, faults: faults.set, outages: faults.outages })
}

fn elapsed(clock: SystemClock, since: Duration) -> Duration {
    clock.now().mono.saturating_sub(since)
}
