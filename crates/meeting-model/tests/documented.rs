//! What `docs/rules.md` says is what the code has, by the ids of the rules.

#![expect(clippy::unwrap_used, reason = "a test may stop")]

use meeting_model::{
    availability::Presence, compare::DifferenceKind, decision::Rule, join::JoinRule, settings::SubjectPolicy,
    warning::WarningKind,
};
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

fn documented() -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/rules.md")).unwrap()
}

/// The ids of the tables: a letter and a number.
fn ids() -> BTreeSet<String> {
    let rules = documented();
    let cells = rules.lines().filter_map(|line| line.strip_prefix("| ")?.split_once(" |"));
    let is_id = |cell: &str| {
        let (letter, number) = cell.split_at_checked(1).unwrap_or_default();
        letter.bytes().all(|byte| byte.is_ascii_uppercase()) && number.parse::<u8>().is_ok()
    };
    cells.map(|(cell, _)| cell.to_owned()).filter(|cell| is_id(cell)).collect()
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if entry.is_dir() {
            sources(&entry, found);
        } else if entry.extension().is_some_and(|kind| kind == "rs") {
            found.push(entry);
        }
    }
}

/// The sources in these folders of the workspace.
fn texts(folders: &[&str]) -> Vec<String> {
    let mut files = Vec::new();
    for folder in folders {
        sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(folder), &mut files);
    }
    files.iter().map(|file| fs::read_to_string(file).unwrap()).collect()
}

/// The ids that the code refers to as rules.
fn named() -> BTreeSet<String> {
    let texts = texts(&["crates/meeting-model/src"]);
    let lines = texts.iter().flat_map(|text| text.lines());
    let words = lines
        .filter(|line| line.to_lowercase().contains("rule"))
        .flat_map(|line| line.split(|c: char| !c.is_ascii_alphanumeric()));
    let is_id = |word: &&str| match word.split_at_checked(1) {
        Some((letter, number)) => "APSIT".contains(letter) && number.parse::<u8>().is_ok(),
        None => false,
    };
    words.filter(is_id).map(str::to_owned).collect()
}

/// The ids that tests are named after: `fn a1_a2_a3_come_first` proves three.
fn tested() -> BTreeSet<String> {
    let texts = texts(&["crates", "tests"]);
    let lines = texts.iter().flat_map(|text| text.lines());
    let functions = lines.filter_map(|line| line.trim().trim_start_matches("async ").strip_prefix("fn "));
    functions.flat_map(|name| name.split('_')).map(str::to_ascii_uppercase).collect()
}

#[test]
fn every_documented_rule_has_a_test_of_its_name() {
    let (ids, tested) = (ids(), tested());
    assert!(ids.len() > 25, "{ids:?}");
    let missing: Vec<_> = ids.difference(&tested).collect();
    assert!(missing.is_empty(), "rules without a test: {missing:?}");
}

#[test]
fn every_rule_that_the_code_names_is_documented() {
    let (ids, named) = (ids(), named());
    assert!(named.len() > 20, "{named:?}");
    let missing: Vec<_> = named.difference(&ids).collect();
    assert!(missing.is_empty(), "rules of the code without a line: {missing:?}");
}

#[test]
fn every_rule_of_the_code_is_documented() {
    use DifferenceKind::{Ghost, Missing, Moved, Private, Renamed, Response};
    let (ids, text) = (ids(), documented());
    for rule in [Rule::A1, Rule::A2, Rule::A3, Rule::A4, Rule::A5, Rule::A6, Rule::A7] {
        assert!(ids.contains(rule.id()), "{rule}");
    }
    let named = |word: &str| text.contains(&format!("`{word}`"));
    for kind in WarningKind::ALL {
        assert!(named(kind.id()), "{}", kind.id());
    }
    for rule in JoinRule::ALL {
        assert!(named(rule.id()), "{}", rule.id());
    }
    for kind in [Missing, Ghost, Moved, Renamed, Response, Private] {
        assert!(named(kind.name()), "{kind}");
    }
    for presence in [Presence::Available, Presence::IdleBusy, Presence::InAMeeting, Presence::Away] {
        assert!(named(presence.words()), "{}", presence.words());
    }
    for policy in [SubjectPolicy::Show, SubjectPolicy::Organizer, SubjectPolicy::Busy] {
        let word = serde_json::to_value(policy).unwrap();
        assert!(text.contains(&format!("`{word}`")), "{word}");
    }
}
