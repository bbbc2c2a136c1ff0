//! A thousand days against Cisco's own schema, which is not part of the project: without it, or without `xmllint`, this is
//! skipped. In CI `xmllint` has to be there.

use super::*;
use crate::language::languages;
use proptest::{strategy::ValueTree, test_runner::TestRunner};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

const SCHEMA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/xsd/phone/CiscoIPPhone.xsd");

/// Days of whatever calendars may hold, in every language, for every kind of phone: today, the day after, and each meeting.
#[test]
fn a_thousand_days_are_valid() {
    let folder = tempfile::tempdir().unwrap();
    let mut files = Vec::new();
    let mut keep = |page: &Page, phone: Phone| {
        let file = folder.path().join(format!("{}.xml", files.len()));
        fs::write(&file, page.xml(phone)).unwrap();
        files.push(file);
    };
    let days = proptest::collection::vec(any_meeting(), 0..5);
    let mut runner = TestRunner::deterministic();
    let forms = languages().flat_map(|tag| [Charset::Utf8, Charset::Latin1].map(|charset| (tag, charset)));
    for (day, (tag, charset)) in (0..1000).zip(forms.collect::<Vec<_>>().into_iter().cycle()) {
        let phone = Phone { charset, one_line: day % 7 == 0, language: Language::named(tag).unwrap() };
        let (room, mut present) =
            (room(phone.language), present(days.new_tree(&mut runner).unwrap().current()));
        let token = (day % 5 == 0).then_some("0123456789abcdef");
        let pages = Pages { links: &room.links, token, day: None };
        present.as_of = [Some(present.now), Some(utc("2026-11-20T13:00:00Z")), None][day % 3];
        let today = day::local_day(&present.zone, present.now);
        let next = day::day_of(&present.zone, today.date.succ_opt().unwrap());
        for day in [today, next] {
            keep(&menu::page(&present, &day, pages, phone), phone);
        }
        // These say the same on every day.
        for reason in [other_day::NoDay::NotOne, other_day::NoDay::NotRead].into_iter().filter(|_| day < 12) {
            keep(&reason.page(&room, pages, phone.language), phone);
        }
        for meeting in &present.meetings {
            keep(&details::page(meeting, present.as_of, present.now, &room, pages, phone.language), phone);
        }
    }
    assert!(files.len() > 3000, "{}", files.len());
    for some in files.chunks(2000) {
        let Some(faults) = faults(some) else { return };
        assert_eq!(faults, "");
    }
}

/// What is wrong with documents; `None` where it cannot be said.
fn faults(files: &[PathBuf]) -> Option<String> {
    if !Path::new(SCHEMA).exists() {
        return None;
    }
    match Command::new("xmllint").args(["--nonet", "--noout", "--schema", SCHEMA]).args(files).output() {
        Ok(told) if told.status.success() => Some(String::new()),
        Ok(told) => {
            let text = String::from_utf8_lossy(&told.stderr);
            Some(
                text.lines()
                    .filter(|line| !line.ends_with("validates"))
                    .take(5)
                    .collect::<Vec<_>>()
                    .join("\n"),
            )
        }
        Err(error) => {
            assert!(std::env::var_os("CI").is_none(), "xmllint: {error}");
            None
        }
    }
}
