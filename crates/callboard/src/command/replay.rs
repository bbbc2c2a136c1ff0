//! `callboard replay`.

use crate::{
    cli::{Exit, Replay},
    command::Terminal,
    flight::{NoRecord, Replayed, replay},
};
use anyhow::Context;
use meeting_model::zone::ZoneDatabase;
use std::{
    fs::File,
    io::{BufReader, BufWriter, Write},
};

/// Has the engine do again what a record tells.
///
/// # Errors
/// Where the file cannot be read, or it cannot be told.
pub fn run(asked: &Replay, terminal: &mut Terminal<'_>) -> anyhow::Result<Exit> {
    let place = asked.file.display();
    if asked.file.is_dir() {
        writeln!(
            terminal.err,
            "callboard: flight record `{place}`: expected a file, found a directory; name the file, as `{}`",
            asked.file.join("flight.jsonl").display()
        )?;
        return Ok(Exit::Damaged);
    }
    let file =
        File::open(&asked.file).with_context(|| format!("flight record `{place}`: it cannot be read"))?;
    let mut out = BufWriter::new(&mut *terminal.out);
    let replayed = replay(BufReader::new(file), &ZoneDatabase::system(), !asked.differences, &mut out);
    let Replayed { events, actions, differing } = match replayed {
        Ok(replayed) => replayed,
        Err(NoRecord::Io(error)) => return Err(error.into()),
        Err(unlike) => {
            out.flush()?;
            drop(out);
            let unlike = anyhow::Error::new(unlike);
            writeln!(terminal.err, "callboard: flight record `{place}`: {unlike:#}")?;
            return Ok(Exit::Damaged);
        }
    };
    let outcome = match differing {
        0 => "as was recorded".to_owned(),
        differing => format!("{differing} events lead to something else than was recorded"),
    };
    writeln!(out, "{events} events, {actions} actions: {outcome}")?;
    out.flush()?;
    Ok(if differing == 0 { Exit::Done } else { Exit::Failed })
}
