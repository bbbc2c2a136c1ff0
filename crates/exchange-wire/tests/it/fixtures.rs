//! `fixtures/ews/<case>.xml` with `<case>.expected.json`: adding a case is adding two files.
//!
//! The expected file says how the reply came and what it must mean:
//! `{"operation": …, "ids": […], "status": 200, "headers": {…}, "means": … }`, or `"error": "the sentence"` instead.

use crate::{files, fixtures, rendered};
use exchange_wire::{Error, Reply, mask::Mask};
use meeting_model::id::ItemId;
use serde_json::{Value, json};
use std::mem::discriminant;

#[test]
fn every_fixture_means_what_is_expected() {
    let cases = files(&fixtures(), ".xml");
    assert!(cases.len() > 20, "the fixtures are gone");
    let mut wrong = Vec::new();
    for (name, body) in cases {
        let expected = fixtures().join(name.replace(".xml", ".expected.json"));
        let mut expected: Value = serde_json::from_slice(&std::fs::read(expected).unwrap()).unwrap();
        let found = meaning(&expected, &body);
        let expected = json!({ "means": expected["means"].take(), "error": expected["error"].take() });
        if found != expected {
            wrong.push(format!("{name}:\nexpected {expected:#}\nfound {found:#}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn masked_every_fixture_is_judged_in_the_same_way() {
    for (name, body) in files(&fixtures(), ".xml") {
        let case = fixtures().join(name.replace(".xml", ".expected.json"));
        let case: Value = serde_json::from_slice(&std::fs::read(case).unwrap()).unwrap();
        let masked = String::from_utf8(Mask::whole(body.as_bytes(), &|_| "masked".to_owned())).unwrap();
        let judged = |body| parsed(&case, body).map(|_| ()).map_err(|error| discriminant(&error.problem));
        assert_eq!(judged(&masked), judged(&body), "{name}: {masked}");
    }
}

fn meaning(case: &Value, body: &str) -> Value {
    match parsed(case, body) {
        Ok(means) => json!({ "means": means, "error": null }),
        Err(error) => json!({ "means": null, "error": error.to_string() }),
    }
}

fn parsed(case: &Value, body: &str) -> Result<Value, Error> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let ids: Vec<_> = case["ids"].as_array().into_iter().flatten().map(|id| ItemId::new(text(id))).collect();
    let headers = case["headers"].as_object().into_iter().flatten();
    let headers: Vec<_> = headers.map(|(name, value)| (name.clone(), text(value))).collect();
    let status = case["status"].as_u64().map_or(200, |status| status.try_into().unwrap());
    let reply = Reply { status, headers: &headers, body: body.as_bytes() };
    rendered::parse(case["operation"].as_str().unwrap(), &ids, &reply)
}
