//! Where passwords are: never in the configuration itself.

use super::{notes::Given, section::Section, value::filled};
use secrecy::SecretString;
use std::{
    env, fmt,
    fs::File,
    io::{self, Read},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

/// What everybody but a file's owner and its group may do with it.
const OTHERS: u32 = 0o007;

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
    /// When the file cannot be read, or others can read or write it too; when the variable is not set; when either holds
    /// nothing.
    pub fn read(&self) -> Result<SecretString, SecretError> {
        let text = match self {
            Self::File(path) => guarded(path)?,
            Self::Environment(name) => {
                env::var(name).map_err(|source| SecretError::Unset { name: name.clone(), source })?
            }
        };
        match text.trim_end_matches(['\r', '\n']) {
            "" => Err(SecretError::Empty { place: self.to_string() }),
            password => Ok(password.into()),
        }
    }
}

/// A file's text, where no other user of this machine can read it or put another one in its place.
fn guarded(path: &Path) -> Result<String, SecretError> {
    let unreadable = |source| SecretError::Unreadable { path: path.to_owned(), source };
    let mut file = File::open(path).map_err(unreadable)?;
    let mode = file.metadata().map_err(unreadable)?.permissions().mode() & 0o777;
    if mode & OTHERS != 0 {
        return Err(SecretError::Exposed { path: path.to_owned(), mode });
    }
    let mut text = String::new();
    file.read_to_string(&mut text).map_err(unreadable)?;
    Ok(text)
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
    /// Every user of this machine can read the file, or write it.
    #[error(
        "password file `{}`: expected a file that no other user can reach, found mode {mode:04o}; chmod o= {}",
        path.display(), path.display()
    )]
    Exposed {
        /// The file.
        path: PathBuf,
        /// Its permissions.
        mode: u32,
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
    let is_given = [file_key, environment_key, itself(file_key)].iter().any(|key| section.holds(key));
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
    let is_open = refuse_itself(section, file_key, environment_key);
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
            if !is_open {
                section.require_one_of(file_key, environment_key);
            }
            None
        }
    }
}

/// Notes a secret that stands in the configuration itself, and tells whether one does. It is not repeated.
pub(super) fn refuse_itself(
    section: &mut Section<'_>,
    file_key: &'static str,
    environment_key: &str,
) -> bool {
    let key = itself(file_key);
    let is_open = section.holds(key);
    if is_open {
        let sentence = format!(
            "`{key}`: expected in a file that `{file_key}` names, or in an environment variable that \
             `{environment_key}` names, found it here, where whoever reads the configuration reads it"
        );
        section.misplaced(key, &sentence);
    }
    is_open
}

/// The key that would hold a secret, by the one that names its file: `password`, by `password_file`.
fn itself(file_key: &'static str) -> &'static str {
    file_key.strip_suffix("_file").unwrap_or(file_key)
}
