//! What is put on endpoints, held against what Cisco says of `Bookings Put` in four releases of its schema. The schemas are not
//! part of the project.

use crate::stage::{Stage, present, withheld};
use serde_json::Value;
use std::{collections::BTreeSet, fs, path::Path};

/// The words of one release: the fields there are, and what some of them may hold.
struct Schema {
    fields: BTreeSet<String>,
    protocols: BTreeSet<String>,
    platforms: BTreeSet<String>,
}

/// Reads the description of the command, which is where the schema tells its payload.
fn schema(version: &str) -> Option<Schema> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/samples/roomos");
    let text = fs::read_to_string(folder.join(format!("roomos-xapi-bookings-{version}.json"))).ok()?;
    let objects: Vec<Value> = serde_json::from_str(&text).unwrap();
    let put = objects.iter().find(|object| object["path"] == "Bookings Put").unwrap();
    let description =
        put["attributes"]["description"].as_str().unwrap().replace(['\u{201c}', '\u{201d}'], "\"");
    let supported = description.split_once("supports the following fields:").unwrap().1;
    let supported = supported.split_once("The required fields are").unwrap().0;
    let values = |field: &str| -> BTreeSet<String> {
        let after = supported.split_once(&format!("\"{field}\", \"")).map_or("", |(_, after)| after);
        let listed = after.split('"').next().unwrap_or_default();
        listed.split('/').filter(|value| !value.is_empty()).map(str::to_owned).collect()
    };
    let fields = supported.split("{ \"").skip(1).filter_map(|part| part.split('"').next()).map(str::to_owned);
    Some(Schema {
        fields: fields.collect(),
        protocols: values("Protocol"),
        platforms: values("MeetingPlatform"),
    })
}

#[tokio::test]
async fn what_is_put_is_what_each_release_takes() {
    for (version, software) in [
        ("9.15.17.4", "ce9.15.17.4"),
        ("10.19.4.2", "RoomOS 10.19.4.2"),
        ("11.14.5.0", "RoomOS 11.14.5.0"),
        ("26.4.1", "26.4.1"),
    ] {
        let Some(schema) = schema(version) else { return println!("skipped: no schema of {version}") };
        assert!(schema.fields.len() >= 13 && schema.protocols.contains("SIP"), "the description was read");
        let payload = put_on(software).await;
        for booking in payload["Bookings"].as_array().unwrap() {
            check(booking, &schema, version);
        }
    }
}

fn check(booking: &Value, schema: &Schema, version: &str) {
    for (field, value) in booking.as_object().unwrap() {
        assert!(schema.fields.contains(field), "{version}: `{field}` is no field");
        for inner in value.as_object().into_iter().flat_map(|object| object.keys()) {
            assert!(schema.fields.contains(inner), "{version}: `{field}/{inner}` is no field");
        }
    }
    for required in
        ["/Id", "/Title", "/Number", "/Protocol", "/Organizer/Name", "/Time/StartTime", "/Time/Duration"]
    {
        assert!(booking.pointer(required).is_some(), "{version}: {required} is required");
    }
    let word = |field: &str| booking.get(field).and_then(Value::as_str);
    assert!(schema.protocols.contains(word("Protocol").unwrap()), "{version}: {booking}");
    assert!(
        word("MeetingPlatform").is_none_or(|platform| schema.platforms.contains(platform)),
        "{version}: {booking}"
    );
    let with_link = word("Protocol") == Some("WebRTC");
    assert!(
        !with_link || matches!(word("MeetingPlatform"), Some("MicrosoftTeams" | "GoogleMeet")),
        "{version}: {booking}"
    );
}

/// The payload that an endpoint with this software is given.
async fn put_on(software: &str) -> Value {
    let version = crate::raw::ok(&format!(
        "<Status><SystemUnit><Software><Version>{software}</Version></Software></SystemUnit></Status>"
    ));
    // It answers everything with its version, which no command takes for a success: what it was put is all that counts.
    let mut endpoint = crate::raw::Raw::answering(&version).await;
    let kind =
        crate::endpoints::kind(&endpoint.url(), phone_push::Transport::Http, "x", phone_push::Trust::System);
    Stage::of(kind).unwrap().push.deliver(&crate::device(), &present(), &withheld(), None, None).await;
    loop {
        let post = endpoint.post().await;
        if let Some((_, after)) = post.split_once("<body>") {
            let payload = after.split_once("</body>").unwrap().0;
            let payload = payload
                .replace("&lt;", "<")
                .replace("&gt;", ">")
                .replace("&quot;", "\"")
                .replace("&apos;", "'")
                .replace("&amp;", "&");
            return serde_json::from_str(&payload).unwrap();
        }
    }
}
