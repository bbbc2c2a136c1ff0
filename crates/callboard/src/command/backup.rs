//! `callboard backup` and `callboard restore`: the mirror's copies.

use crate::{
    cli::{Backup, Exit, Restore},
    command::Terminal,
    config::Config,
    state_dir::StateDir,
    system_clock::SystemClock,
};
use anyhow::Context;
use chrono::{DateTime, Utc};
use meeting_model::clock::Clock;
use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};
use store::Copied;
use tempfile::NamedTempFile;

/// Copies the mirror into a new file, checked, whether a daemon runs or not.
///
/// # Errors
/// Where the mirror cannot be read or is damaged, or the file cannot be written.
pub fn back_up(asked: &Backup, config: &Config, terminal: &mut Terminal<'_>) -> anyhow::Result<Exit> {
    let mirror = StateDir::new(&config.state_dir).database();
    if !mirror.exists() {
        let sentence = format!("there is no mirror at `{}`: no daemon has run yet", mirror.display());
        return refuse(&sentence, terminal);
    }
    let in_the_way = format!("`{}` is already there; name a file that is not", asked.file.display());
    if asked.file.exists() {
        return refuse(&in_the_way, terminal);
    }
    let part = part_in(folder(&asked.file))?;
    let copied = store::back_up(&mirror, part.path(), now())?;
    let unwritten = || format!("backup `{}`: it cannot be written", asked.file.display());
    let size = part.as_file().metadata().with_context(unwritten)?.len();
    match part.persist_noclobber(&asked.file) {
        Ok(file) => file.sync_all().with_context(unwritten)?,
        Err(failed) if failed.error.kind() == io::ErrorKind::AlreadyExists => {
            return refuse(&in_the_way, terminal);
        }
        Err(failed) => return Err(failed.error).with_context(unwritten),
    }
    settle(folder(&asked.file)).with_context(unwritten)?;
    let (holds, file) = (holds(&copied), asked.file.display());
    writeln!(terminal.out, "backed up {holds} to `{file}`, {} KiB", size.div_ceil(1024))?;
    Ok(Exit::Done)
}

/// Puts a copy, checked, in the place of the mirror, while no daemon runs.
///
/// # Errors
/// [`Held`](crate::state_dir::Held) where one does; where the copy is damaged or of something else, or the mirror cannot be
/// written.
pub fn restore(asked: &Restore, config: &Config, terminal: &mut Terminal<'_>) -> anyhow::Result<Exit> {
    if !asked.file.is_file() {
        let sentence = format!("expected a backup at `{}`, found no file", asked.file.display());
        return refuse(&sentence, terminal);
    }
    let state = StateDir::new(&config.state_dir);
    state.create()?;
    let lock = state.lock()?;
    let mirror = state.database();
    if mirror.exists() && !asked.replace {
        let sentence =
            format!("`{}` is there; move it away, or have it replaced with `--replace`", mirror.display());
        return refuse(&sentence, terminal);
    }
    let part = part_in(state.path())?;
    let copied = match store::restore(&asked.file, part.path(), now()) {
        Ok(copied) => copied,
        Err(error) => {
            let Some(why) = unusable(&error) else { return Err(error.into()) };
            let file = asked.file.display();
            writeln!(
                terminal.err,
                "callboard: backup `{file}`: {why}; nothing was restored, and the mirror is as it was"
            )?;
            return Ok(Exit::Damaged);
        }
    };
    put_in_place(part, &mirror)
        .with_context(|| format!("mirror `{}`: it cannot be replaced", mirror.display()))?;
    drop(lock);
    let taken = copied.taken.map(|taken| format!(", backed up {}", moment(taken))).unwrap_or_default();
    writeln!(
        terminal.out,
        "restored {}{taken}\nThe daemon reads each room whole before it tells its devices of it.",
        holds(&copied)
    )?;
    Ok(Exit::Done)
}

/// What is wrong with the file that was handed in, where that is what is wrong: the one that is made of it is new.
fn unusable(error: &store::Error) -> Option<String> {
    Some(match error {
        store::Error::Damaged { place, .. } => {
            format!("expected a whole backup, found that {place} is damaged; name another")
        }
        store::Error::NotOurs { found, .. } => {
            format!("expected a backup that callboard made, found {found}; name another")
        }
        store::Error::NewerSchema { found, ours, .. } => format!(
            "expected schema {ours} or older, found {found}: a newer callboard made it; restore it with that version"
        ),
        _ => return None,
    })
}

fn refuse(sentence: &str, terminal: &mut Terminal<'_>) -> anyhow::Result<Exit> {
    writeln!(terminal.err, "callboard: {sentence}")?;
    Ok(Exit::Usage)
}

fn holds(copied: &Copied) -> String {
    let as_of = copied.as_of.map(|as_of| format!(", true as of {}", moment(as_of))).unwrap_or_default();
    format!("{} rooms with {} meetings{as_of}", copied.rooms, copied.occurrences)
}

fn moment(instant: DateTime<Utc>) -> String {
    instant.format("%Y-%m-%d %H:%M UTC").to_string()
}

fn now() -> DateTime<Utc> {
    SystemClock::start().now().wall
}

fn folder(file: &Path) -> &Path {
    file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// A file that only its owner can read (mode 0600), and that is gone again where it does not get its name.
fn part_in(folder: &Path) -> anyhow::Result<NamedTempFile> {
    tempfile::Builder::new()
        .prefix(".callboard-")
        .tempfile_in(folder)
        .with_context(|| format!("folder `{}`: no file can be made in it", folder.display()))
}

/// Gives the new mirror its name. The old one goes first, and then its write-ahead log, which must never be found beside
/// another database; whoever is killed in between leaves no mirror, and the old one under another name.
fn put_in_place(part: NamedTempFile, mirror: &Path) -> io::Result<()> {
    let aside = beside(mirror, "-replaced");
    if mirror.exists() {
        fs::rename(mirror, &aside)?;
    }
    for log in ["-wal", "-shm"] {
        remove(&beside(mirror, log))?;
    }
    part.persist(mirror).map_err(|failed| failed.error)?.sync_all()?;
    settle(folder(mirror))?;
    remove(&aside)
}

fn beside(mirror: &Path, ending: &str) -> PathBuf {
    let mut name = mirror.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

fn remove(file: &Path) -> io::Result<()> {
    match fs::remove_file(file) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Has the names in a folder on disk.
fn settle(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}
