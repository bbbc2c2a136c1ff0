//! What was really said, held against the protocols' own schemas by `xmllint`.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// The schema of Exchange Web Services with its SOAP envelope.
pub const EWS: &str = "xsd/ews-soap.xsd";

/// The schema of pages for Cisco IP phones.
pub const PHONE: &str = "xsd/phone/CiscoIPPhone.xsd";

/// A file or folder of the samples and schemas beside the project; without it, a printed reason to skip.
pub fn shared(path: &str) -> Option<PathBuf> {
    let place = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared").join(path);
    if place.exists() {
        return Some(place);
    }
    #[expect(clippy::print_stdout, reason = "a test says what it leaves out")]
    {
        println!("skipped: {} is not here", place.display());
    }
    None
}

/// Validates documents, and says how many there were; nothing where that cannot be done here, which is printed.
///
/// # Panics
/// Where a document is not valid, or where `CI` is set and `xmllint` is missing.
pub fn validate(schema: &str, documents: impl IntoIterator<Item = Vec<u8>>) -> Option<usize> {
    let schema = shared(schema)?;
    let distinct: BTreeSet<Vec<u8>> = documents.into_iter().collect();
    if distinct.is_empty() {
        return Some(0);
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    let names: Vec<String> = (0..distinct.len()).map(|number| format!("{number}.xml")).collect();
    for (name, document) in names.iter().zip(&distinct) {
        fs::write(folder.path().join(name), document).expect("a temporary file");
    }
    let schema = fs::canonicalize(schema).expect("it exists");
    let mut lint = Command::new("xmllint");
    lint.current_dir(folder.path()).args(["--noout", "--nonet", "--schema"]).arg(schema).args(&names);
    match lint.output() {
        Ok(output) if output.status.success() => Some(distinct.len()),
        Ok(output) => {
            let kept = folder.keep();
            panic!("in {}: {}", kept.display(), String::from_utf8_lossy(&output.stderr));
        }
        Err(error) => {
            assert!(std::env::var_os("CI").is_none(), "xmllint: {error}");
            #[expect(clippy::print_stdout, reason = "a test says what it leaves out")]
            {
                println!("skipped: xmllint: {error}");
            }
            None
        }
    }
}
