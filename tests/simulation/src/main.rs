//! Plays scenarios drawn from seeds, and says what they broke.

use clap::Parser;
use simulation::{
    Played, Violation,
    campaign::{self, Tally},
    play,
    scenario::{Scenario, Size},
    shrink,
};
use std::{
    io::{self, Write},
    num::NonZeroUsize,
    ops::Range,
    process::ExitCode,
    sync::Mutex,
    time::{Duration, Instant},
};

/// The engine, the wire, the model and the store against a stand-in Exchange, under simulated time.
#[derive(Debug, Parser)]
#[command(name = "simulation")]
struct Arguments {
    /// The seeds to play: one, or the first and the one behind the last, as 1..1000.
    #[arg(long, value_parser = seeds, default_value = "0..100")]
    seeds: Range<u64>,
    /// For how many days things happen.
    #[arg(long, default_value_t = Size::default().days)]
    days: u32,
    /// In how many rooms.
    #[arg(long, default_value_t = Size::default().rooms)]
    rooms: usize,
    /// How much organizers do, a room and day.
    #[arg(long, default_value_t = Size::default().acts)]
    acts: u32,
    /// How many faults befall the site a day.
    #[arg(long, default_value_t = Size::default().faults)]
    faults: u32,
    /// Ask subscriptions that have to be asked every so many seconds; as each seed says, unless given.
    #[arg(long)]
    pull: Option<u64>,
    /// Renew subscriptions, and read rooms, every so many minutes; as the product does by itself, unless given.
    #[arg(long)]
    renew: Option<u64>,
    /// Compare rooms with the server's own expansion every so many hours; as each seed says, unless given.
    #[arg(long)]
    reconcile: Option<u64>,
    /// Whether answers and notifications may come late, and word is sent by UDP; as each seed says, unless given.
    #[arg(long)]
    late: Option<bool>,
    /// How many threads play, each a seed at a time.
    #[arg(long, default_value = "1")]
    threads: NonZeroUsize,
    /// Stop after so many minutes, though there are seeds left.
    #[arg(long)]
    minutes: Option<u64>,
    /// Write down what happens: of one seed.
    #[arg(long)]
    trace: bool,
    /// Tell what was broken as it is, without leaving out what it does not need.
    #[arg(long)]
    unshrunk: bool,
}

impl Arguments {
    /// What a seed needs to be played as it was: it says nothing by itself.
    fn options(&self) -> String {
        let Self { days, rooms, acts, faults, .. } = self;
        let drawn = [("pull", self.pull), ("renew", self.renew), ("reconcile", self.reconcile)];
        let given = drawn.iter().filter_map(|(name, value)| value.map(|value| format!(" --{name} {value}")));
        let late = self.late.map(|late| format!(" --late {late}")).unwrap_or_default();
        let given = given.collect::<String>();
        format!("--days {days} --rooms {rooms} --acts {acts} --faults {faults}{given}{late}")
    }

    fn size(&self) -> Size {
        let Self { days, rooms, acts, faults, late, .. } = *self;
        let pull = self.pull.map(Duration::from_secs);
        let renew = self.renew.map(Duration::from_mins);
        let reconcile = self.reconcile.map(Duration::from_hours);
        Size { days, rooms, acts, faults, pull, renew, reconcile, late }
    }
}

fn seeds(text: &str) -> Result<Range<u64>, String> {
    let number = |text: &str| text.parse::<u64>().map_err(|error| format!("expected a number: {error}"));
    match text.split_once("..") {
        Some((first, end)) => Ok(number(first)?..number(end)?),
        None => number(text).map(|seed| seed..seed.saturating_add(1)),
    }
    .and_then(|seeds| if seeds.is_empty() { Err("these are no seeds".to_owned()) } else { Ok(seeds) })
}

fn main() -> io::Result<ExitCode> {
    let arguments = Arguments::parse();
    let mut out = io::stdout();
    if arguments.trace && arguments.seeds.end - arguments.seeds.start > 1 {
        writeln!(io::stderr(), "expected one seed with `--trace`, found {:?}", arguments.seeds)?;
        return Ok(ExitCode::from(2));
    }
    if arguments.trace {
        let scenario = Scenario::of(arguments.seeds.start, arguments.size());
        let Played { trace, violation, .. } = play(&scenario, true);
        write!(out, "{}", trace.text())?;
        let Some(Violation { rule, told, .. }) = violation else { return Ok(ExitCode::SUCCESS) };
        writeln!(out, "{rule}: {told}")?;
        return Ok(ExitCode::FAILURE);
    }
    // what panics is told with its seed
    shrink::note_panics();
    let (tally, took) = played(&arguments);
    let seconds = took.as_secs_f64();
    writeln!(
        out,
        "{} in {seconds:.1} s: {:.0} exchanges and {:.0} room-days a second",
        told(&tally),
        per_second(tally.counts.exchanges, seconds),
        per_second(tally.room_days, seconds),
    )?;
    for (seed, violation) in &tally.broken {
        writeln!(out, "seed {seed}: {}: {}", violation.rule, violation.told)?;
    }
    if let Some((seed, violation)) = tally.broken.first().filter(|_| !arguments.unshrunk) {
        let scenario = Scenario::of(*seed, arguments.size());
        let shrunk = shrink::shrink(&scenario, violation.clone());
        writeln!(out, "\n{}\n{}", shrunk.told(), shrunk.trace())?;
        writeln!(out, "again: cargo run --release -p simulation -- --seeds {seed} {}", arguments.options())?;
    }
    Ok(if tally.broken.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

#[expect(clippy::disallowed_methods, reason = "how fast it is, is a matter of real time")]
fn played(arguments: &Arguments) -> (Tally, Duration) {
    let began = Instant::now();
    let told = Mutex::new((began, 0));
    let limit = arguments.minutes.map(Duration::from_mins);
    let heard = |tally: &Tally| {
        let Ok(mut told) = told.lock() else { return false };
        // whoever has closed standard error does not want to know
        for (seed, violation) in tally.broken.iter().skip(told.1) {
            let _ = writeln!(io::stderr(), "seed {seed}: {}: {}", violation.rule, violation.told);
        }
        told.1 = tally.broken.len();
        if told.0.elapsed() >= Duration::from_secs(10) {
            told.0 = Instant::now();
            let _ = writeln!(io::stderr(), "{} s: {}", began.elapsed().as_secs(), self::told(tally));
        }
        limit.is_none_or(|limit| began.elapsed() < limit)
    };
    let tally = campaign::run(arguments.seeds.clone(), arguments.size(), arguments.threads.get(), &heard);
    (tally, began.elapsed())
}

/// How much was played, and what broke a rule.
fn told(tally: &Tally) -> String {
    let Tally { seeds, room_days, counts, broken } = tally;
    format!("{seeds} seeds, {room_days} room-days, {counts}; {} broke a rule", broken.len())
}

fn per_second(count: u64, seconds: f64) -> f64 {
    u32::try_from(count).map_or(f64::INFINITY, f64::from) / seconds
}
