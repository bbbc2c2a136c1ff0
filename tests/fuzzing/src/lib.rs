//! What every fuzz target does with arbitrary bytes, so that libFuzzer (`fuzz/`) and an ordinary test do the same.
//!
//! A target is a function that must come back, soon, whatever it is given. It panics where something is wrong: a value that
//! does not survive being written and read again, a sentence that does not fit a log, a conversation without end.
//! `fuzz/seeds/TARGET` holds what the fuzzer begins with, and whatever it has once found.

#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a fuzz target may stop, which is what the fuzzer looks for"
)]

mod autodiscover;
mod calendar;
#[cfg(feature = "io")]
mod certificate;
#[cfg(feature = "io")]
mod config;
mod control_line;
#[cfg(feature = "io")]
mod device;
#[cfg(feature = "io")]
mod device_request;
mod ews;
#[cfg(feature = "io")]
mod feed_request;
#[cfg(feature = "io")]
mod flight_record;
mod join;
mod masked;
mod meeting_id;
#[cfg(feature = "io")]
mod ntlm;
#[cfg(feature = "io")]
mod ntp;
#[cfg(feature = "io")]
mod push_request;
mod said;
#[cfg(feature = "io")]
mod sign_in;
mod webdav;

/// One parser of outside bytes, or several of the same bytes.
#[derive(Debug, Clone, Copy)]
pub struct Target {
    /// What it is called in `fuzz/`.
    pub name: &'static str,
    /// What it does with bytes.
    pub run: fn(&[u8]),
    /// Folders of the repository that hold bytes to begin with, besides its own.
    pub seeds: &'static [&'static str],
}

/// Every target; those of the pure crates alone without the feature `io`.
pub const TARGETS: &[Target] = &[
    target("autodiscover", autodiscover::reply, &[]),
    target("calendar", calendar::planned, &[]),
    target("control_line", control_line::line, &[]),
    target("datagram", webdav::datagram, &[]),
    target("ews_reply", ews::reply, &["fixtures/ews"]),
    target("ews_stream", ews::stream, &[]),
    target("join", join::bodies, &["crates/meeting-model/tests/invitations"]),
    target("masked", masked::document, &["fixtures/ews", "fixtures/webdav"]),
    target("meeting_id", meeting_id::global_object_id, &[]),
    target("webdav_form", webdav::form, &[]),
    target("webdav_reply", webdav::reply, &["fixtures/webdav"]),
    #[cfg(feature = "io")]
    target("certificate", certificate::file, &[]),
    #[cfg(feature = "io")]
    target("config", config::text, &["config"]),
    #[cfg(feature = "io")]
    target("device_reply", device::reply, &[]),
    #[cfg(feature = "io")]
    target("device_request", device_request::request, &[]),
    #[cfg(feature = "io")]
    target("feed_request", feed_request::request, &[]),
    #[cfg(feature = "io")]
    target("flight_record", flight_record::file, &[]),
    #[cfg(feature = "io")]
    target("ntlm", ntlm::challenge, &[]),
    #[cfg(feature = "io")]
    target("ntp_reply", ntp::reply, &[]),
    #[cfg(feature = "io")]
    target("push_request", push_request::connection, &[]),
    #[cfg(feature = "io")]
    target("sign_in", sign_in::reply, &[]),
];

const fn target(name: &'static str, run: fn(&[u8]), seeds: &'static [&'static str]) -> Target {
    Target { name, run, seeds }
}

/// Runs a target by its name.
///
/// # Panics
///
/// Where there is none of this name, and where the target finds something.
pub fn run(name: &str, bytes: &[u8]) {
    let target = TARGETS.iter().find(|target| target.name == name).expect("a target of this name");
    (target.run)(bytes);
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{
        fs,
        path::{Path, PathBuf},
    };

    const REPOSITORY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

    fn files(folder: &Path) -> Vec<PathBuf> {
        let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
        files.sort();
        files
    }

    #[test]
    fn every_target_comes_back_from_every_seed() {
        let own = Path::new(REPOSITORY).join("fuzz/seeds");
        for &Target { name, run, seeds } in TARGETS {
            let folders = seeds.iter().map(|folder| Path::new(REPOSITORY).join(folder));
            let all: Vec<PathBuf> =
                folders.chain([own.join(name)]).flat_map(|folder| files(&folder)).collect();
            assert!(all.len() > 2, "{name} has hardly anything to begin with");
            for file in all.iter().filter(|file| file.is_file()) {
                println!("{name}: {}", file.display());
                let bytes = fs::read(file).unwrap();
                run(&bytes);
                // and what a connection makes of them that breaks off
                run(&bytes[..bytes.len() / 2]);
            }
        }
    }

    #[test]
    fn every_target_can_be_fuzzed_and_no_other() {
        let fuzzed = files(&Path::new(REPOSITORY).join("fuzz/fuzz_targets"));
        let fuzzed: Vec<String> =
            fuzzed.iter().map(|file| file.file_stem().unwrap().to_str().unwrap().to_owned()).collect();
        let mut known: Vec<_> = TARGETS.iter().map(|target| target.name).collect();
        known.sort_unstable();
        assert_eq!(fuzzed, known);
    }
}
