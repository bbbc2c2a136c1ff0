//! What the state directory holds, and who holds it.
//!
//! ```text
//! callboard.sqlite    the mirror (and its -wal and -shm)
//! control.sock        the running daemon's control socket
//! flight.jsonl        the flight record, where one is made, and flight.before.jsonl, its part before that; flight.coming.jsonl is
//!                     never there but where the program was killed as it began a part
//! lock                locked by whoever writes the mirror: the daemon, or a command that works without one
//! ```

use anyhow::Context;
use std::{
    fs::{self, DirBuilder, File, OpenOptions, Permissions, TryLockError},
    os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

/// The mode bit of a directory that everybody shares.
const STICKY: u32 = 0o1000;

/// A state directory.
#[derive(Debug, Clone)]
pub struct StateDir(PathBuf);

/// Somebody else holds a state directory: the same may succeed later.
#[derive(Debug, thiserror::Error)]
#[error(
    "state directory `{}`: another callboard is running on it; stop that one, or give this one a `state_dir` of its own",
    directory.display()
)]
pub struct Held {
    /// Which directory.
    pub directory: PathBuf,
}

/// Held by whoever writes the mirror; given back when dropped, also by a program that is killed.
#[derive(Debug)]
pub struct Lock(#[expect(dead_code, reason = "the open file is the lock")] File);

impl StateDir {
    /// Names a state directory; it need not exist.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// The mirror.
    pub fn database(&self) -> PathBuf {
        self.0.join("callboard.sqlite")
    }

    /// The flight record, where one is made.
    pub fn flight(&self) -> PathBuf {
        self.0.join("flight.jsonl")
    }

    /// The daemon's control socket.
    pub fn control_socket(&self) -> PathBuf {
        self.0.join("control.sock")
    }

    /// Makes the directory where it is missing, with mode 0700: it will hold what the rules hide. One that others of this
    /// machine can look into is closed to them, where it holds nothing else than ours.
    ///
    /// # Errors
    /// Where it is missing and cannot be made, is no directory, or is open to others and cannot be closed.
    pub fn create(&self) -> anyhow::Result<()> {
        DirBuilder::new().recursive(true).mode(0o700).create(&self.0).with_context(|| {
            format!(
                "state directory `{}`: it cannot be made; make it, owned by the account that runs callboard",
                self.0.display()
            )
        })?;
        self.close_to_others()
    }

    /// The control socket has its own mode only from the moment after it was made: until then the directory guards it.
    fn close_to_others(&self) -> anyhow::Result<()> {
        let directory = self.0.display();
        let close = || -> anyhow::Result<()> {
            if self.is_to_be_closed()? {
                fs::set_permissions(&self.0, Permissions::from_mode(0o700))?;
                tracing::warn!(directory = %directory, "closed the state directory to others");
            }
            Ok(())
        };
        close().with_context(|| format!("state directory `{directory}`"))
    }

    /// Whether others of this machine can look into it; what also holds other people's files, as `/tmp` or a home does, is
    /// not ours to close.
    ///
    /// # Errors
    /// Where they can, and it is not ours to close.
    fn is_to_be_closed(&self) -> anyhow::Result<bool> {
        let place = fs::metadata(&self.0)?;
        let mode = place.permissions().mode();
        let others = mode & 0o077;
        if others == 0 {
            return Ok(false);
        }
        anyhow::ensure!(
            mode & STICKY == 0,
            "it is shared by everybody on this machine; name a directory of callboard's own in it, as `{}`",
            self.0.join("callboard").display()
        );
        let us = rustix::process::geteuid();
        anyhow::ensure!(
            us.is_root() || us.as_raw() == place.uid(),
            "others can look into it, and it belongs to another account; let the account that runs callboard own it, or give a \
             `state_dir` of its own"
        );
        let other = fs::read_dir(&self.0)?.next().transpose()?.filter(|_| !self.0.join("lock").exists());
        match other {
            Some(other) => anyhow::bail!(
                "others can look into it, and it holds other files than callboard's, as `{}`; give a `state_dir` of its own, or, \
                 where nobody else needs what is in it, chmod 0700 {}",
                other.file_name().display(),
                self.0.display()
            ),
            None => Ok(true),
        }
    }

    /// Finds out whether [`StateDir::create`] could make the directory and files in it, without making anything: the file
    /// that is tried has no name.
    ///
    /// # Errors
    /// Where it could not.
    pub fn probe(&self) -> anyhow::Result<()> {
        let nearest = self.0.ancestors().find(|path| path.exists()).unwrap_or(Path::new(""));
        let place = if nearest.as_os_str().is_empty() { Path::new(".") } else { nearest };
        anyhow::ensure!(
            place.is_dir(),
            "expected a directory at `{}`, found a file; name another",
            place.display()
        );
        tempfile::tempfile_in(place).with_context(|| {
            format!(
                "this user cannot write to `{}`; let the account that runs callboard own it",
                place.display()
            )
        })?;
        if self.0.exists() {
            self.is_to_be_closed()?;
        }
        Ok(())
    }

    /// Takes the lock, where nobody has it.
    ///
    /// # Errors
    /// Where the lock file cannot be written.
    pub fn try_lock(&self) -> anyhow::Result<Option<Lock>> {
        let path = self.0.join("lock");
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .mode(0o600)
            .open(&path)
            .with_context(|| format!("lock file `{}`: it cannot be written", path.display()))?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Lock(file))),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => {
                Err(error).with_context(|| format!("lock file `{}`: it cannot be locked", path.display()))
            }
        }
    }

    /// Takes the lock, or says who has it.
    ///
    /// # Errors
    /// [`Held`] where somebody has it; where the lock file cannot be written.
    pub fn lock(&self) -> anyhow::Result<Lock> {
        self.try_lock()?.ok_or_else(|| Held { directory: self.0.clone() }.into())
    }

    /// Removes the socket of a daemon that is gone. Whoever calls this holds the lock.
    pub(crate) fn remove_stale_socket(&self) {
        // a missing file is as good as a removed one, and binding says what is wrong with any other
        let _ = fs::remove_file(self.control_socket());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o7777
    }

    #[test]
    fn a_directory_of_ours_is_closed_to_others_and_a_shared_one_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        for (before, other_file, after) in [
            (0o755, None, Ok(0o700)),
            (0o700, Some("song"), Ok(0o700)),
            (
                0o755,
                Some("song"),
                Err("other files than callboard's, as `song`; give a `state_dir` of its own, or, "),
            ),
            (
                0o1777,
                None,
                Err("it is shared by everybody on this machine; name a directory of callboard's own"),
            ),
        ] {
            let state = StateDir::new(folder.path().join(format!("{before:o}-{}", other_file.is_some())));
            fs::create_dir(state.path()).unwrap();
            if let Some(name) = other_file {
                fs::write(state.path().join(name), "").unwrap();
            }
            fs::set_permissions(state.path(), Permissions::from_mode(before)).unwrap();
            for done in [state.probe(), state.create()] {
                match (done, after) {
                    (Ok(()), Ok(_)) => {}
                    (Err(error), Err(words)) => assert!(format!("{error:#}").contains(words), "{error:#}"),
                    (done, _) => panic!("{before:o}, {other_file:?}: {done:?}"),
                }
            }
            assert_eq!(mode(state.path()), after.unwrap_or(before), "{before:o}, {other_file:?}");
        }
    }

    #[test]
    fn probing_makes_nothing_and_finds_a_file_in_the_way() {
        let folder = tempfile::tempdir().unwrap();
        StateDir::new(folder.path().join("not/yet/there")).probe().unwrap();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
        let file = folder.path().join("file");
        fs::write(&file, "").unwrap();
        for path in [file.clone(), file.join("state")] {
            let sentence = StateDir::new(path).probe().unwrap_err().to_string();
            assert!(sentence.ends_with("found a file; name another"), "{sentence}");
        }
    }

    #[test]
    fn only_one_holds_the_lock_and_it_is_free_again_when_dropped() {
        let folder = tempfile::tempdir().unwrap();
        let state = StateDir::new(folder.path().join("state"));
        state.create().unwrap();
        let lock = state.lock().unwrap();
        assert!(state.try_lock().unwrap().is_none());
        let sentence = state.lock().unwrap_err().to_string();
        assert!(sentence.contains("another callboard is running"), "{sentence}");
        drop(lock);
        assert!(state.try_lock().unwrap().is_some());
    }
}
