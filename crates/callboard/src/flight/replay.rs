//! Tells the engine once more what it was told.

use super::{
    foreign::{is_within_reason, printable, say},
    told,
    written::{Beginning, Begun, FORMAT, Heard, Line, REFERENCE, body_of},
};
use meeting_model::zone::ZoneDatabase;
use serde::de::Error as _;
use std::{
    collections::BTreeMap,
    io::{self, BufRead, Write},
};
use sync_engine::Engine;

/// Why a record cannot be replayed.
#[derive(Debug, thiserror::Error)]
pub enum NoRecord {
    /// It is something else, or spoilt.
    #[error("line {line}: expected a flight record; is the file one, and whole up to here?")]
    NotOne {
        /// Where.
        line: usize,
        /// What was found.
        source: Option<serde_json::Error>,
    },
    /// It is of another callboard.
    #[error(
        "expected a flight record of form {FORMAT}, found form {found}; replay it with callboard {version}"
    )]
    OtherForm {
        /// Its form.
        found: u32,
        /// Who wrote it.
        version: String,
    },
    /// A room is in a zone that is not known here.
    #[error("a room's zone is not known here: {said}; update the host's `tzdata` package")]
    Zone {
        /// What was expected, and what was found.
        said: String,
    },
    /// A line names a body that no line before it holds.
    #[error("line {line}: names a body that is not in the record; the record is not whole")]
    NoBody {
        /// Which line.
        line: usize,
    },
    /// A line tells of a time that the engine could not reckon with.
    #[error("line {line}: tells of a time that no callboard has seen; the record is spoilt")]
    Time {
        /// Which line.
        line: usize,
    },
    /// It cannot be read, or what is told of it not written.
    #[error("the flight record cannot be read, or this not be written")]
    Io(#[from] io::Error),
}

impl From<meeting_model::error::Error> for NoRecord {
    fn from(error: meeting_model::error::Error) -> Self {
        Self::Zone { said: printable(&error.to_string()) }
    }
}

/// What came of a replay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Replayed {
    /// The events that were told.
    pub events: usize,
    /// What the engine did about them.
    pub actions: usize,
    /// The events about which it did something else than was recorded.
    pub differing: usize,
}

/// Tells an engine what a record says, and writes what it does, with what it did then where that differs: `all`, or only where
/// it differs. A last line that breaks off, as that of a program that was killed, is left out. Somebody else may have written the
/// record: whatever it holds, the terminal is told no control characters but the ends of lines.
///
/// # Errors
/// [`NoRecord`].
pub fn replay(
    record: impl BufRead,
    zones: &ZoneDatabase,
    all: bool,
    out: &mut (dyn Write + Send),
) -> Result<Replayed, NoRecord> {
    // as bytes: another file may be no text, and a line that breaks off may do so within a letter
    let mut lines = record.split(b'\n').zip(1..).peekable();
    let Some((first, _)) = lines.next() else { return Err(NoRecord::NotOne { line: 1, source: None }) };
    let (mut engine, mut bodies, mut replayed) =
        (begun(&first?, zones, out)?, BTreeMap::new(), Replayed::default());
    while let Some((line, number)) = lines.next() {
        let line = line?;
        if !is_within_reason(&line) {
            return Err(NoRecord::Time { line: number });
        }
        let heard = match serde_json::from_slice::<Line>(&line) {
            Ok(Line::Heard(heard)) => *heard,
            Ok(Line::Body { name, text }) => {
                bodies.insert(name, text);
                continue;
            }
            Ok(Line::Ended { why }) => {
                say(out, &format!("the record ends before the program: {why}"))?;
                break;
            }
            Ok(Line::Begun(_)) => return Err(NoRecord::NotOne { line: number, source: None }),
            Err(_) if lines.peek().is_none() => break,
            Err(error) => return Err(unlike(number, &error)),
        };
        let heard = whole(heard, &bodies, zones, number)?;
        tell(&mut engine, heard, all, out, &mut replayed)?;
    }
    Ok(replayed)
}

/// The engine as it was at the beginning of the record.
fn begun(first: &[u8], zones: &ZoneDatabase, out: &mut (dyn Write + Send)) -> Result<Engine, NoRecord> {
    let unlike = |error: serde_json::Error| unlike(1, &error);
    let FirstLine { begun: Form { format, version } } = serde_json::from_slice(first).map_err(unlike)?;
    if format != FORMAT {
        return Err(NoRecord::OtherForm { found: format, version: printable(&version) });
    }
    if !is_within_reason(first) {
        return Err(NoRecord::Time { line: 1 });
    }
    let Line::<Engine>::Begun(begun) = serde_json::from_slice(first).map_err(unlike)? else {
        return Err(NoRecord::NotOne { line: 1, source: None });
    };
    let Begun { site, engine, .. } = *begun;
    let from = match &engine {
        Beginning::Seed(_) => "from its start",
        Beginning::State(_) => "from the middle of its work",
    };
    say(out, &format!("recorded by callboard {version}, {} rooms, {from}", site.rooms()))?;
    let ours = env!("CARGO_PKG_VERSION");
    if version != ours {
        say(out, &format!("warning: this is callboard {ours}, which may decide otherwise"))?;
    }
    let site = site.site(zones)?;
    match engine {
        Beginning::Seed(seed) => Ok(Engine::new(site, seed)),
        Beginning::State(engine) => engine.resume(site).ok_or(NoRecord::NotOne { line: 1, source: None }),
    }
}

/// A line is something else: what it says may be anything, and is told as far as it can be.
fn unlike(line: usize, error: &serde_json::Error) -> NoRecord {
    NoRecord::NotOne { line, source: Some(serde_json::Error::custom(printable(&error.to_string()))) }
}

/// What the first line of a record of any form says.
#[derive(serde::Deserialize)]
struct FirstLine {
    begun: Form,
}

#[derive(serde::Deserialize)]
struct Form {
    format: u32,
    version: String,
}

/// An event with what other lines hold of it.
fn whole(
    mut heard: Heard,
    bodies: &BTreeMap<String, String>,
    zones: &ZoneDatabase,
    line: usize,
) -> Result<Heard, NoRecord> {
    if let Some(body) = body_of(&mut heard.event)
        && let Some(name) = body.strip_prefix(&[REFERENCE])
    {
        let name = String::from_utf8_lossy(name);
        *body = bodies.get(name.as_ref()).ok_or(NoRecord::NoBody { line })?.clone().into_bytes();
    }
    Ok(heard.with_site(zones)?)
}

fn tell(
    engine: &mut Engine,
    heard: Heard,
    all: bool,
    out: &mut (dyn Write + Send),
    replayed: &mut Replayed,
) -> io::Result<()> {
    let (now, then, what) = (heard.now(), heard.did, told::event(&heard.event));
    let does = told::actions(&engine.on(heard.event, now));
    let differs = does != then;
    replayed.events += 1;
    replayed.actions += does.len();
    replayed.differing += usize::from(differs);
    if !(all || differs) {
        return Ok(());
    }
    say(out, &format!("{} {what}", now.wall.format("%Y-%m-%d %H:%M:%S%.3f")))?;
    for action in &does {
        let sign = if then.contains(action) { ' ' } else { '+' };
        say(out, &format!("  {sign} {action}"))?;
    }
    for action in then.iter().filter(|action| !does.contains(action)) {
        say(out, &format!("  - {action}"))?;
    }
    if differs && does.iter().all(|action| then.contains(action)) && then.len() == does.len() {
        say(out, "    in another order than was recorded")?;
    }
    Ok(())
}
