//! Other people's requests and replies, where they lie beside the project: documentation, live servers, derived.

use crate::{
    files,
    rendered::{self, OPERATIONS},
    reply, shared,
};
use exchange_wire::{Problem, Reply};
use meeting_model::id::ItemId;
use serde_json::Value;
use std::collections::BTreeMap;

/// The operation whose answer a body holds, if it is one of ours.
pub(crate) fn operation_of(body: &str) -> Option<&'static str> {
    OPERATIONS.into_iter().find(|operation| {
        [":", "<"].iter().any(|before| {
            [" ", ">"].iter().any(|after| body.contains(&format!("{before}{operation}Response{after}")))
        })
    })
}

/// The ids that a reply answers for: those it names, and made-up ones where it names none.
fn ids_of(body: &str) -> Vec<ItemId> {
    body.split("GetItemResponseMessage ")
        .skip(1)
        .enumerate()
        .map(|(number, message)| {
            let item = message.split_once("ItemId Id=\"").map(|(_, rest)| rest.split('"').next().unwrap());
            ItemId::new(item.map_or_else(|| format!("id {number}"), str::to_owned))
        })
        .collect()
}

/// What a reply means, in a word or two.
pub(crate) fn summary(body: &str) -> String {
    let operation = operation_of(body).unwrap_or("GetItem");
    let means = match rendered::parse(operation, &ids_of(body), &reply(200, body)) {
        Ok(means) => means,
        Err(error) => return variant(&error.problem),
    };
    match operation {
        "SyncFolderItems" => {
            let changes = means["changes"].as_array().unwrap();
            let gone = changes.iter().filter(|change| change.get("gone").is_some()).count();
            let last = if means["is_last"] == true { "last" } else { "more" };
            format!("{} put, {gone} gone, {last}", changes.len() - gone)
        }
        "FindItem" => {
            let kinds: Vec<_> =
                means["rows"].as_array().unwrap().iter().map(|item| word(&item["kind"])).collect();
            format!("[{}], whole: {}", kinds.join(" "), means["is_whole"])
        }
        "GetItem" => means.as_array().unwrap().iter().map(item_summary).collect::<Vec<_>>().join(", "),
        "GetRoomLists" | "GetRooms" | "ResolveNames" => {
            let found = means.get("matches").unwrap_or(&means).as_array().unwrap();
            format!("found [{}]", found.iter().map(|found| word(&found[0])).collect::<Vec<_>>().join(", "))
        }
        "GetUserAvailability" => {
            means.as_array().unwrap().iter().map(|span| word(&span[2])).collect::<Vec<_>>().join(" ")
        }
        "GetEvents" => format!("changed: {}, more: {}", means["changed"], means["more"]),
        "GetFolder" => format!("may read: {}, deleted: {}", means["may_read"], means["deleted_count"]),
        "Subscribe" => format!("watermark: {}", !means["watermark"].is_null()),
        _ => word(&means),
    }
}

fn item_summary(answer: &Value) -> String {
    let item = &answer["item"];
    if item.is_null() {
        return word(answer);
    }
    let mut words = vec![word(&item["kind"]), word(&item["start"]), word(&item["response"])];
    words.push(match item["zone"].get("Own") {
        Some(own) => format!("{} with rules", word(&own["name"])),
        None => word(item["zone"].get("Named").unwrap_or(&item["zone"])),
    });
    let signs = [
        (item["sensitivity"] != "Normal", "hidden"),
        (item["is_cancelled"] == true, "cancelled"),
        (item["all_day"] == true, "all day"),
        (item["has_body"] == true, "body"),
        (item["subject"].is_null(), "no subject"),
        (item["clean_global_object_id"].is_null(), "no goid"),
        (item["organizer"]["address"].is_null(), "no organizer"),
    ];
    words.extend(signs.into_iter().filter(|(is, _)| *is).map(|(_, sign)| sign.to_owned()));
    if let Some(series) = item["series"].as_object() {
        let count = |list: &str| series.get(list).map_or(0, |list| list.as_array().unwrap().len());
        words.push(format!("{} exceptions, {} deleted", count("exceptions"), count("deleted")));
    }
    words.join("/")
}

fn word(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// The name of a variant.
pub(crate) fn variant(problem: &Problem) -> String {
    format!("{problem:?}").split([' ', '{']).next().unwrap().to_owned()
}

/// Reads `tests/it/samples/<table>.tsv`: file, tab, what it means.
pub(crate) fn table(table: &'static str) -> BTreeMap<&'static str, &'static str> {
    table.lines().filter_map(|line| line.split_once('\t')).collect()
}

/// Compares what files mean with a table; every file must be in it.
pub(crate) fn check(found: &[(String, String)], expected: &'static str) {
    let expected = table(expected);
    let wrong: Vec<_> = found
        .iter()
        .filter(|(name, means)| expected.get(name.as_str()) != Some(&means.as_str()))
        .map(|(name, means)| format!("{name}\t{means}"))
        .collect();
    assert!(wrong.is_empty(), "found instead:\n{}", wrong.join("\n"));
}

#[test]
fn every_answer_means_what_it_says() {
    let Some(samples) = shared("samples/ews") else { return };
    let mut found = Vec::new();
    for folder in
        ["folder", "sync", "getitem", "finditem", "events", "subscribe", "live-gromox", "availability"]
    {
        let answers = files(&samples.join(folder), ".xml");
        found.extend(
            answers
                .iter()
                .filter(|(name, body)| operation_of(body).is_some() || name.ends_with("response.xml"))
                .map(|(name, body)| (format!("{folder}/{name}"), summary(body))),
        );
    }
    assert!(found.len() > 50, "found only {} answers", found.len());
    check(&found, include_str!("samples/answers.tsv"));
}

#[test]
fn every_error_is_sorted_by_its_next_step() {
    let Some(samples) = shared("samples/ews/errors") else { return };
    let found: Vec<_> = files(&samples, ".xml")
        .into_iter()
        .filter(|(name, _)| !name.starts_with("deleteitem") && !name.starts_with("findfolder"))
        .map(|(name, body)| {
            let operation = operation_of(&body).unwrap_or("GetItem");
            let status = if name.starts_with("soapfault") { 500 } else { 200 };
            let error = match rendered::parse(operation, &ids_of(&body), &reply(status, &body)) {
                Err(error) => variant(&error.problem),
                Ok(means) => means.to_string(),
            };
            (name, error)
        })
        .collect();
    assert!(found.len() > 30);
    check(&found, include_str!("samples/errors.tsv"));
}

#[test]
fn every_page_that_is_no_answer_is_sorted_by_its_next_step() {
    let Some(samples) = shared("samples/ews/http") else { return };
    let found: Vec<_> = files(&samples, ".txt")
        .into_iter()
        .filter(|(_, text)| text.starts_with("HTTP/"))
        .map(|(name, text)| {
            let text = text.replace("\r\n", "\n");
            let (head, body) = text.split_once("\n\n").unwrap_or((&text, ""));
            let mut lines = head.lines();
            let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
            let headers = lines.filter_map(|line| line.split_once(": "));
            let headers: Vec<_> = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
            let reply = Reply { status, headers: &headers, body: body.as_bytes() };
            (name, rendered::parse("GetFolder", &[], &reply).unwrap_err().to_string())
        })
        .collect();
    assert!(found.len() > 8);
    check(&found, include_str!("samples/http.tsv"));
}

/// The classes of the public list, and those of ours that mean the same next step.
const CLASSES: [(&str, &[&str]); 8] = [
    ("throttle", &["busy", "subscription-limit"]),
    ("transient", &["transient", "failure", "busy", "unavailable", "too-much"]),
    ("re-discover", &["wrong-server"]),
    ("resubscribe", &["subscription-lost"]),
    ("version", &["version"]),
    ("split", &["too-much"]),
    ("mailbox gone", &["mailbox-not-found"]),
    ("item gone", &["gone"]),
];

#[test]
fn the_table_of_codes_agrees_with_the_public_one() {
    let Some(policy) = shared("samples/ews-data") else { return };
    let policy = std::fs::read_to_string(policy.join("response_code_policy.tsv")).unwrap();
    let ours = table(include_str!("../../data/response_codes.tsv"));
    let mut wrong = Vec::new();
    for line in policy.lines().skip(1) {
        let [code, seen_in, class, ..] = line.split('\t').collect::<Vec<_>>()[..] else { panic!("{line}") };
        let same = CLASSES.iter().find(|(public, _)| class.starts_with(public));
        // Operations that are not ours.
        let Some((_, same)) = same.filter(|_| !seen_in.starts_with("GetUserAvailability")) else { continue };
        if !ours.get(code).is_some_and(|class| same.contains(class)) {
            wrong.push(format!("{code}: {class} there, {:?} here", ours.get(code)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
