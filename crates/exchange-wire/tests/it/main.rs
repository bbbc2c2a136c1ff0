//! What the wire is held to: our own fixtures, other people's samples, the schema, and scripted conversations.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stdout,
    reason = "a test may stop, and says what it skips"
)]

mod autodiscover;
mod broken;
mod conversation;
mod every_sample;
mod fixtures;
mod masked;
mod notifications;
mod rendered;
mod requests;
mod samples;
mod view;
mod webdav;

use exchange_wire::Reply;
use std::path::{Path, PathBuf};

/// A reply without headers.
fn reply(status: u16, body: &str) -> Reply<'_> {
    Reply { status, headers: &[], body: body.as_bytes() }
}

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/ews")
}

/// The folder of samples and schemas beside the project, where there is one.
fn shared(path: &str) -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared").join(path);
    if !folder.exists() {
        println!("skipped: {} is not here", folder.display());
        return None;
    }
    Some(folder)
}

/// The files of a folder whose names end so, in order, with their text.
fn files(folder: &Path, ending: &str) -> Vec<(String, String)> {
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.to_str().unwrap().ends_with(ending))
        .map(|path| {
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            (name, String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned())
        })
        .collect();
    files.sort();
    files
}
