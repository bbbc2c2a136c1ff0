//! The table of facts names tests that exist, and leaves no fact out.

use std::collections::BTreeSet;
use std::path::Path;

use crate::samples::shared;

/// A row of the table: the fact's number, and what proves it.
fn rows() -> Vec<(String, String)> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/specs.md");
    let table = std::fs::read_to_string(path).unwrap();
    let rows = table.lines().filter(|line| line.starts_with("| ")).skip(1);
    let cells = rows.map(|row| row.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()));
    cells.map(|mut cells| (cells.next().unwrap(), cells.nth(1).unwrap())).collect()
}

/// The functions of the crate that are tests; a file that no module names is left out by the compiler.
fn tests(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let stem = path.file_stem().unwrap().to_string_lossy().into_owned();
        let compiled = !path.parent().unwrap().ends_with("tests/it")
            || stem == "main"
            || include_str!("main.rs").contains(&format!("mod {stem};"));
        if path.is_dir() {
            tests(&path, found);
        } else if compiled && path.extension().is_some_and(|extension| extension == "rs") {
            let text = std::fs::read_to_string(path).unwrap();
            let after = text.split("#[test]\n").skip(1).chain(text.split("#[tokio::test]\n").skip(1));
            let names = after.filter_map(|part| part.split_once("fn ")?.1.split('(').next());
            found.extend(names.map(ToOwned::to_owned));
        }
    }
}

fn number(text: &str) -> Option<Vec<u32>> {
    text.split('.').map(|part| part.parse().ok()).collect()
}

#[test]
fn every_row_names_tests_that_exist_or_says_why_there_is_none() {
    let mut existing = BTreeSet::new();
    tests(Path::new(env!("CARGO_MANIFEST_DIR")), &mut existing);
    let mut last = Vec::new();
    for (fact, proof) in rows() {
        let this = number(&fact).unwrap();
        assert!(last < this, "{fact} is out of order");
        last = this;
        if let Some(reason) = proof.strip_prefix("— ") {
            assert!(reason.len() > 20, "{fact}: {reason}");
            continue;
        }
        for test in proof.split(", ") {
            assert!(existing.contains(test.trim_matches('`')), "{fact}: no test is named {test}");
        }
    }
}

#[test]
fn every_numbered_fact_has_a_row() {
    let Some(notes) = shared("reference/ews.md") else { return };
    let known: BTreeSet<_> = rows().into_iter().map(|(fact, _)| fact).collect();
    let notes = std::fs::read_to_string(notes).unwrap();
    let numbered = notes.lines().filter_map(|line| line.split_whitespace().next());
    let numbered = numbered.filter(|word| {
        let parts = number(word).unwrap_or_default();
        parts.len() > 1 && (2..=5).contains(&parts[0])
    });
    let missing: Vec<&str> = numbered.filter(|fact| !known.contains(*fact)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}
