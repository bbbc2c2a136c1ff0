//! `fixtures/webdav/<case>.xml` with `<case>.expected.json`: adding a case is adding two files.
//!
//! Each is the answer to a SEARCH of the window; where it holds occurrences, `<case>.masters.xml` answers the next one. The
//! expected file says what they mean, or the error's sentence.

use super::{mailbox, window};
use crate::files;
use exchange_wire::{
    Error,
    webdav::read::{Read, Step},
};
use meeting_model::{
    global_object_id::GlobalObjectId,
    item::CalendarItem,
    join::JoinRules,
    observed::{Cursor, Observed, Protocol},
};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/webdav")
}

#[test]
fn every_fixture_means_what_is_expected() {
    let cases: Vec<_> =
        files(&folder(), ".xml").into_iter().filter(|(name, _)| !name.ends_with(".masters.xml")).collect();
    assert!(cases.len() > 6, "the fixtures are gone");
    let mut wrong = Vec::new();
    for (name, body) in cases {
        let masters = std::fs::read_to_string(folder().join(name.replace(".xml", ".masters.xml")));
        let found = match meaning(&body, masters.ok().as_deref()) {
            Ok(observed) => rendered(&observed),
            Err(error) => json!(error.to_string()),
        };
        let expected =
            std::fs::read(folder().join(name.replace(".xml", ".expected.json"))).unwrap_or_default();
        if serde_json::from_slice::<Value>(&expected).ok().as_ref() != Some(&found) {
            wrong.push(format!("{name}: found {found:#}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn meaning(body: &str, masters: Option<&str>) -> Result<Observed, Error> {
    let cursor = Cursor { protocol: Protocol::Webdav, bytes: b"/exchange/room/Calendar/".to_vec() };
    let (read, _) = Read::again(mailbox(), &cursor, window(), &JoinRules::default())?;
    match (read.on_reply(&crate::reply(207, body))?, masters) {
        (Step::Done(outcome), None) => Ok(outcome.observed),
        (Step::Send(read, _), Some(masters)) => match read.on_reply(&crate::reply(207, masters))? {
            Step::Done(outcome) => Ok(outcome.observed),
            Step::Send(_, request) => panic!("{request:?}"),
        },
        (step, _) => panic!("{step:?}"),
    }
}

fn rendered(observed: &Observed) -> Value {
    json!({ "items": observed.items.iter().map(item).collect::<Vec<_>>(), "unreadable": observed.unreadable })
}

fn item(item: &CalendarItem) -> Value {
    let mut value = json!(item);
    value["clean_global_object_id"] = item.clean_global_object_id.as_ref().map(GlobalObjectId::to_uid).into();
    said(value)
}

/// Without what was not said: what is null, false or empty.
fn said(value: Value) -> Value {
    match value {
        Value::Object(fields) => {
            let nothing = [Value::Null, json!(false), json!([])];
            let fields = fields.into_iter().map(|(name, field)| (name, said(field)));
            Value::Object(fields.filter(|(_, field)| !nothing.contains(field)).collect())
        }
        Value::Array(list) => list.into_iter().map(said).collect(),
        value => value,
    }
}
