//! The files of a record: the part that is being written and the one before it, each half as long as both may be.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, ErrorKind, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

/// What is kept free at the end of a part, to say why the record ends there.
const FAREWELL: usize = 200;

/// The files of a record.
#[derive(Debug)]
pub(super) struct Ring {
    path: PathBuf,
    file: File,
    /// How many bytes a part takes.
    part: usize,
    /// How many bytes this one still takes.
    left: usize,
}

impl Ring {
    /// Begins a part. What was there is the part before it from now on.
    pub(super) fn begin(path: &Path, most: u64) -> io::Result<Self> {
        let part = usize::try_from(most / 2).unwrap_or(usize::MAX).saturating_sub(FAREWELL);
        Ok(Self { path: path.to_owned(), file: next(path)?, part, left: part })
    }

    /// How many bytes a part takes.
    pub(super) fn part(&self) -> usize {
        self.part
    }

    /// Whether this part takes so many bytes more.
    pub(super) fn takes(&self, bytes: usize) -> bool {
        bytes <= self.left
    }

    /// Writes what it takes.
    pub(super) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.left = self.left.checked_sub(bytes.len()).ok_or(ErrorKind::FileTooLarge)?;
        self.file.write_all(bytes)
    }

    /// Begins the next part, and forgets the one before this.
    pub(super) fn turn(&mut self) -> io::Result<()> {
        self.file = next(&self.path)?;
        self.left = self.part;
        Ok(())
    }

    /// Writes a last line, for which there is always room.
    pub(super) fn end(&mut self, line: &[u8]) -> io::Result<()> {
        self.left += FAREWELL;
        self.write(line)
    }
}

/// The part before this one.
fn before(path: &Path) -> PathBuf {
    path.with_extension("before.jsonl")
}

fn next(path: &Path) -> io::Result<File> {
    match fs::rename(path, before(path)) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)
}
