//! Where passwords are: never in the configuration itself.

use super::{notes::Given, section::Section, value::filled};
use control::Warning;
use secrecy::SecretString;
use std::{
    env, fmt, fs, io,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

/// Where a password is. It is read when it is needed, not when the configuration is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecretSource {
    /// The content of a file, without its trailing line end.
    File(PathBuf),
    /// The value of an environment variable.
    Environment(String),
}

impl SecretSource {
    /// Reads the password.
    ///
    /// # Errors
    /// When the file cannot be read, the variable is not set, or either holds nothing.
    pub fn read(&self) -> Result<SecretString, SecretError> {
        let text = match self {
            Self::File(path) => fs::read_to_string(path)
                .map_err(|source| SecretError::Unreadable { path: path.clone(), source })?,
            Self::Environment(name) => {
                env::var(name).map_err(|source| SecretError::Unset { name: name.clone(), source })?
            }
        };
        match text.trim_end_matches(['\r', '\n']) {
            "" => Err(SecretError::Empty { place: self.to_string() }),
            password => Ok(password.into()),
        }
    }

    /// Warns of a file that everybody on this machine may read. A file that cannot be looked at is left to
    /// [`SecretSource::read`].
    pub(super) fn warning(&self, about: &str) -> Option<Warning> {
        let Self::File(path) = self else { return None };
        let mode = fs::metadata(path).ok()?.permissions().mode();
        (mode & 0o004 != 0).then(|| Warning {
            id: "password-file-readable".into(),
            about: Some(about.to_owned()),
            sentence: format!("every user of this machine can read the password in `{}`", path.display()),
            remedy: format!("chmod o= {}", path.display()),
        })
    }
}

impl fmt::Display for SecretSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "password file `{}`", path.display()),
            Self::Environment(name) => write!(f, "environment variable `{name}`"),
        }
    }
}

/// Why a password cannot be had. Somebody has to put it there.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// The file is not there or not ours to read.
    #[error("password file `{}`: expected a file this user can read", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The environment variable is not set, or not text.
    #[error("environment variable `{name}`: expected a password in it")]
    Unset {
        /// Its name.
        name: String,
        /// Why.
        source: env::VarError,
    },
    /// There is nothing in it.
    #[error("{place}: expected a password, found nothing")]
    Empty {
        /// The file or the variable.
        place: String,
    },
}

/// As [`read`], of a secret that does not have to be.
pub(super) fn read_optional(
    section: &mut Section<'_>,
    file_key: &'static str,
    environment_key: &'static str,
    base: &Path,
) -> Option<SecretSource> {
    let is_given = section.holds(file_key) || section.holds(environment_key);
    is_given.then(|| read(section, file_key, environment_key, base)).flatten()
}

/// Reads the key that names a file or the one that names an environment variable, of which there must be exactly one.
/// Files are relative to `base`.
pub(super) fn read(
    section: &mut Section<'_>,
    file_key: &'static str,
    environment_key: &'static str,
    base: &Path,
) -> Option<SecretSource> {
    let file = section.text(file_key, filled);
    let environment = section.text(environment_key, filled);
    match (file, environment) {
        (Some(file), None) => Some(SecretSource::File(base.join(file.value))),
        (None, Some(name)) => Some(SecretSource::Environment(name.value)),
        (Some(_), Some(Given { at, .. })) => {
            section.notes.mistake(at, format!("expected `{file_key}` or `{environment_key}`, found both"));
            None
        }
        (None, None) => {
            section.require_one_of(file_key, environment_key);
            None
        }
    }
}
