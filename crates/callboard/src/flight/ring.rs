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

/// How many bytes each part of a record takes, of so many for both.
pub(super) fn part_of(most: u64) -> usize {
    usize::try_from(most / 2).unwrap_or(usize::MAX).saturating_sub(FAREWELL)
}

impl Ring {
    /// Begins a part with its first line. What was there is the part before it from now on.
    pub(super) fn begin(path: &Path, most: u64, first: &[u8]) -> io::Result<Self> {
        let part = part_of(most);
        let left = part.checked_sub(first.len()).ok_or(ErrorKind::FileTooLarge)?;
        Ok(Self { path: path.to_owned(), file: next(path, first)?, part, left })
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

    /// Begins the next part with its first line, and forgets the one before this.
    pub(super) fn turn(&mut self, first: &[u8]) -> io::Result<()> {
        let left = self.part.checked_sub(first.len()).ok_or(ErrorKind::FileTooLarge)?;
        self.file = next(&self.path, first)?;
        self.left = left;
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

/// The part that comes next, until it has its first line.
fn coming(path: &Path) -> PathBuf {
    path.with_extension("coming.jsonl")
}

/// Begins a part. The newest one there is stays whole, in its place or in that of the part before, whenever the program dies or
/// the disk refuses: it is moved only for another one that has its first line.
fn next(path: &Path, first: &[u8]) -> io::Result<File> {
    let coming = coming(path);
    absent(fs::remove_file(&coming))?;
    if path.try_exists()? {
        // three parts would be longer than the record may be
        absent(fs::remove_file(before(path)))?;
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&coming)?;
    file.write_all(first)?;
    absent(fs::rename(path, before(path)))?;
    fs::rename(&coming, path)?;
    Ok(file)
}

/// That a file is not there is no failure.
fn absent(done: io::Result<()>) -> io::Result<()> {
    match done {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::{Ring, before, coming};
    use std::{
        fs,
        path::{Path, PathBuf},
    };
    use tempfile::TempDir;

    const MOST: u64 = 2_000;

    /// Where a part is, and what it holds.
    type Part = (fn(&Path) -> PathBuf, &'static str);

    /// Where a record is, of which an earlier run left these parts.
    fn left(parts: &[Part]) -> (TempDir, PathBuf) {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("flight.jsonl");
        for (part, text) in parts {
            fs::write(part(&path), text).unwrap();
        }
        (directory, path)
    }

    fn read(path: &Path) -> String {
        fs::read_to_string(path).unwrap_or_default()
    }

    #[test]
    fn whenever_a_program_dies_the_newest_part_is_the_part_before() {
        let dead: [&[Part]; 5] = [
            // at work, and then as it began another part: the older one gone, the other one begun, the newest moved
            &[(Path::to_owned, "newest"), (before, "older")],
            &[(Path::to_owned, "newest")],
            &[(Path::to_owned, "newest"), (coming, "")],
            &[(Path::to_owned, "newest"), (coming, "fir")],
            &[(before, "newest"), (coming, "first")],
        ];
        for parts in dead {
            let (_directory, path) = left(parts);
            Ring::begin(&path, MOST, b"first").unwrap();
            let there = [read(&before(&path)), read(&path), read(&coming(&path))];
            assert_eq!(there, ["newest", "first", ""]);
        }
    }

    #[test]
    fn a_part_that_cannot_be_begun_leaves_the_newest_where_it_is() {
        let (_directory, path) = left(&[]);
        let mut ring = Ring::begin(&path, MOST, b"first").unwrap();
        fs::create_dir(coming(&path)).unwrap();
        ring.turn(b"second").unwrap_err();
        ring.write(b", and more").unwrap();
        assert_eq!(read(&path), "first, and more");
        ring.turn(&[b'x'; 2_000]).unwrap_err();
        assert_eq!(read(&path), "first, and more");
    }
}
