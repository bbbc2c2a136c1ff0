//! The migrations stay in the part of SQL that SQLite and PostgreSQL share.

use std::{fs, path::Path};

/// What only one of the two understands, or what would ask the time or count globally.
const FOREIGN: &[&str] = &[
    "autoincrement",
    "rowid",
    "without",
    "strict",
    "insert or",
    "replace",
    "pragma",
    "integer",
    "blob",
    "datetime",
    "strftime",
    "julianday",
    "unixepoch",
    "ifnull",
    "glob",
    "collate nocase",
    "current_timestamp",
    "now(",
    "serial",
    "jsonb",
    "bytea",
    "timestamptz",
    "identity",
    "sequence",
    "`",
    "[",
];

#[test]
fn no_word_is_of_one_database_alone() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../migrations");
    let mut seen = 0;
    for file in fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let text = fs::read_to_string(&path).unwrap().to_lowercase();
        let sql: Vec<&str> = text.lines().filter(|line| !line.trim_start().starts_with("--")).collect();
        let sql = sql.join("\n");
        let found: Vec<_> = FOREIGN.iter().filter(|word| sql.contains(**word)).collect();
        assert!(found.is_empty(), "{}: {found:?}", path.display());
        seen += 1;
    }
    assert!(seen > 0, "there are migrations");
}
