//! The example that is shipped has every key, and no mistake.

use super::*;
use std::collections::BTreeSet;
use toml::de::{DeTable, DeValue};

const EXAMPLE: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../config/example.toml"));

#[test]
fn the_example_has_no_mistake_and_its_defaults_are_the_defaults() {
    let shipped = parse(EXAMPLE).unwrap();
    let warnings: Vec<&str> = shipped.warnings.iter().map(|warning| warning.id.as_str()).collect();
    assert_eq!(warnings, [""; 0]);
    assert_eq!(parse(&with_defaults_spelled_out()).unwrap(), shipped);
}

#[test]
fn the_readme_s_example_is_complete_and_nothing_of_it_is_warned_of() {
    let readme = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../README.md"));
    let block = readme.split_once("```toml\n").unwrap().1.split_once("```").unwrap().0;
    assert_eq!(parse(block).unwrap().warnings, []);
}

#[test]
fn the_example_has_every_key_there_is() {
    let text = with_defaults_spelled_out();
    let (document, mut notes) = Notes::parse(&text);
    RawConfig::read(&document, Path::new(""), &mut notes);
    let known: BTreeSet<String> =
        notes.asked.iter().map(|(title, key)| format!("{} {key}", any_server(title))).collect();
    let mut shown = BTreeSet::new();
    keys("", document.get_ref(), &mut shown);
    assert!(known.contains("[[room.device]] password_env"), "{known:?}");
    // of two keys that exclude each other a single table has one
    let is_the_other =
        |key: &&String| key.strip_suffix("_env").is_some_and(|stem| shown.contains(&format!("{stem}_file")));
    let missing: Vec<_> = known.difference(&shown).filter(|key| !is_the_other(key)).collect();
    assert!(missing.is_empty() && shown.is_subset(&known), "{missing:?}");
}

/// The example with `#key = value` as `key = value`.
fn with_defaults_spelled_out() -> String {
    let uncommented = |line: &'static str| match line.strip_prefix('#') {
        Some(default) if default.starts_with(|c: char| c.is_ascii_lowercase()) => default,
        _ => line,
    };
    EXAMPLE.lines().map(uncommented).collect::<Vec<_>>().join("\n")
}

fn any_server(title: &str) -> String {
    if title.starts_with("[exchange.") { "[exchange.NAME]".into() } else { title.into() }
}

/// Every key of a table and of the tables in it, behind the title of its table.
fn keys(title: &str, table: &DeTable<'_>, all: &mut BTreeSet<String>) {
    let path = title.trim_matches(['[', ']']);
    let inner = |key: &str| if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
    for (key, value) in table {
        // `exchange` itself holds names, not keys.
        if path != "exchange" {
            all.insert(format!("{} {}", any_server(title), key.get_ref()));
        }
        match value.get_ref() {
            DeValue::Table(table) => keys(&format!("[{}]", inner(key.get_ref())), table, all),
            DeValue::Array(items) => {
                for table in items.iter().filter_map(|item| item.get_ref().as_table()) {
                    keys(&format!("[[{}]]", inner(key.get_ref())), table, all);
                }
            }
            _ => {}
        }
    }
}
