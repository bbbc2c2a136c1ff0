//! Every file of other people's samples is read by a test, or left out for a reason.

use crate::{files, rendered, reply, samples, shared};
use exchange_wire::ews::get_streaming_events::{Stream, Told};
use std::{collections::BTreeSet, path::Path};

/// What a stream tells, envelope by envelope.
fn streamed(body: &str) -> String {
    let mut stream = Stream::default();
    let told = stream.take(body.as_bytes()).unwrap();
    stream.end().unwrap();
    told.iter().map(envelope).collect::<Vec<_>>().join(", ")
}

fn envelope(told: &Told) -> String {
    let mut words = Vec::new();
    words.extend((!told.changed.is_empty()).then(|| format!("{} changed", told.changed.len())));
    words.extend((!told.lost.is_empty()).then(|| format!("{} lost", told.lost.len())));
    words.extend(told.failure.as_ref().map(|failure| samples::variant(&failure.problem)));
    words.extend(told.closed.then(|| "closed".to_owned()));
    if words.is_empty() { "alive".to_owned() } else { words.join("/") }
}

#[test]
fn every_stream_tells_what_it_says() {
    let Some(samples) = shared("samples") else { return };
    let mut found = Vec::new();
    for folder in ["ews/events", "ews/events/streaming-sequence", "ews/live-gromox", "ews-captures"] {
        for ending in [".xml", ".multi.txt"] {
            let streams = files(&samples.join(folder), ending).into_iter();
            let streams = streams.filter(|(name, body)| {
                body.contains("GetStreamingEventsResponse") && !name.contains("request")
            });
            found.extend(streams.map(|(name, body)| (format!("{folder}/{name}"), streamed(&body))));
        }
    }
    assert!(found.len() > 12, "found only {} streams", found.len());
    samples::check(&found, include_str!("samples/streams.tsv"));
}

#[test]
fn every_captured_reply_means_what_it_says() {
    let Some(captures) = shared("samples/ews-captures") else { return };
    let found: Vec<_> = files(&captures, ".response.xml")
        .into_iter()
        .filter(|(_, body)| !body.contains("GetStreamingEventsResponse"))
        .map(|(name, body)| {
            let means = match samples::operation_of(&body) {
                Some(_) => samples::summary(&body),
                None => samples::variant(
                    &rendered::parse("GetFolder", &[], &reply(200, &body)).unwrap_err().problem,
                ),
            };
            (name, means)
        })
        .collect();
    assert!(found.len() > 15);
    samples::check(&found, include_str!("samples/captures.tsv"));
}

/// Why files are left out: a part of their path, and the reason.
const LEFT_OUT: [(&str, &str); 10] = [
    ("request", "what others ask"),
    (".body.txt", "the words of a refusal, which its status has told"),
    (".http.txt", "the status line and headers of the reply beside it"),
    ("ews/graph/", "Microsoft Graph"),
    ("ews/timezones/", "GetServerTimeZones, which is never asked: zones have names and rules of their own"),
    ("createitem-", "CreateItem, which is never asked: calendars are read only"),
    ("deleteitem-", "DeleteItem, which is never asked: calendars are read only"),
    ("findfolder-", "FindFolder, which is never asked"),
    ("v2-json-", "Autodiscover in JSON, which is never asked"),
    ("http/401-ntlm-handshake-transcript", "a sign-in, which is the business of whoever connects"),
];

/// What tests of notifications read besides.
const READ_ELSEWHERE: [&str; 2] = ["ews/push/", "raw-chunked-http-response"];

#[test]
fn no_sample_is_forgotten() {
    let Some(samples) = shared("samples") else { return };
    let mut paths = Vec::new();
    for folder in ["ews", "ews-captures"] {
        walk(&samples, folder, &mut paths);
    }
    assert!(paths.len() > 200, "the samples are gone");
    let read = [
        ("ews/", include_str!("samples/answers.tsv")),
        ("ews/errors/", include_str!("samples/errors.tsv")),
        ("ews/http/", include_str!("samples/http.tsv")),
        ("ews/autodiscover/", include_str!("samples/autodiscover.tsv")),
        ("ews-captures/", include_str!("samples/captures.tsv")),
        ("", include_str!("samples/streams.tsv")),
    ];
    let read: BTreeSet<String> = read
        .into_iter()
        .flat_map(|(folder, table)| {
            samples::table(table).into_keys().map(move |name| format!("{folder}{name}"))
        })
        .collect();
    let left_out = |path: &str| LEFT_OUT.iter().any(|(part, _)| path.contains(part));
    let elsewhere = |path: &str| READ_ELSEWHERE.iter().any(|part| path.contains(part));
    let forgotten: Vec<_> =
        paths.iter().filter(|path| !read.contains(*path) && !left_out(path) && !elsewhere(path)).collect();
    assert!(forgotten.is_empty(), "{forgotten:#?}");
    for (part, reason) in LEFT_OUT {
        assert!(paths.iter().any(|path| path.contains(part)), "nothing is left out for {reason}");
    }
}

fn walk(root: &Path, folder: &str, paths: &mut Vec<String>) {
    for entry in std::fs::read_dir(root.join(folder)).unwrap() {
        let entry = entry.unwrap();
        let path = format!("{folder}/{}", entry.file_name().to_str().unwrap());
        if entry.file_type().unwrap().is_dir() {
            walk(root, &path, paths);
        } else {
            paths.push(path);
        }
    }
}
