//! What the state directory holds, and who holds it.
//!
//! ```text
//! callboard.sqlite    the mirror (and its -wal and -shm)
//! control.sock        the running daemon's control socket
//! lock                locked by whoever writes the mirror: the daemon, or a command that works without one
//! ```

use anyhow::Context;
use std::{
    fs::{self, DirBuilder, File, OpenOptions, TryLockError},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

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

    /// The daemon's control socket.
    pub fn control_socket(&self) -> PathBuf {
        self.0.join("control.sock")
    }

    /// Makes the directory where it is missing, with mode 0700: it will hold what the rules hide.
    ///
    /// # Errors
    /// Where it is missing and cannot be made, or is no directory.
    pub fn create(&self) -> anyhow::Result<()> {
        DirBuilder::new().recursive(true).mode(0o700).create(&self.0).with_context(|| {
            format!(
                "state directory `{}`: it cannot be made; make it, owned by the account that runs callboard",
                self.0.display()
            )
        })
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
