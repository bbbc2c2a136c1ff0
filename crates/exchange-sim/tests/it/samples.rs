//! Other people's requests of the operations we have are understood.

use std::path::{Path, PathBuf};

use exchange_sim::{Ending, Request};

use crate::client::{LOGIN, PASSWORD, morning, world};

pub(crate) fn shared(part: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared").join(part);
    if path.exists() {
        return Some(path);
    }
    println!("skipped: {part} is not beside the repository");
    None
}

fn requests(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(requests(&path));
        } else if path.extension().is_some_and(|extension| extension == "xml")
            && path.file_name().unwrap().to_string_lossy().contains("request")
        {
            found.push(path);
        }
    }
    found.sort();
    found
}

#[test]
fn sample_requests_are_understood() {
    let Some(folder) = shared("samples/ews") else { return };
    let mut world = world();
    let people = ["alfred@contoso.com", "sadie@contoso.com"];
    for room in
        ["room-0001@contoso.com", "room-4711@contoso.com", "room-4712@contoso.com"].into_iter().chain(people)
    {
        let alias = room.split('@').next().unwrap();
        world.add_room(exchange_sim::Room::new(alias).at_address(room)).unwrap();
    }
    let operations = [
        "GetFolder",
        "SyncFolderItems",
        "GetItem",
        "FindItem",
        "Subscribe",
        "GetEvents",
        "GetStreamingEvents",
        "Unsubscribe",
    ];
    let mut understood = 0;
    for path in requests(&folder) {
        let body = std::fs::read(&path).unwrap();
        let text = String::from_utf8_lossy(&body).into_owned();
        let ours = operations.iter().any(|name| {
            text.contains(&format!("<{name}"))
                || text.contains(&format!("<m:{name}>"))
                || text.contains(&format!("<m:{name} "))
        });
        // Without a version it is a request of 2007, which does not stream.
        let too_old = text.contains("<GetStreamingEvents") && !text.contains("RequestServerVersion");
        if !ours || too_old {
            continue;
        }
        let response =
            world.handle(morning(), &Request::post("/EWS/Exchange.asmx", body).basic(LOGIN, PASSWORD));
        assert_eq!(response.status, 200, "{}: {}", path.display(), response.text());
        let said = match response.ending {
            Ending::Stream(stream) => world.stream_chunks(stream, morning()).chunks.concat(),
            _ => response.body,
        };
        let said = String::from_utf8(said).unwrap();
        assert!(said.contains("ResponseMessage ResponseClass="), "{}", path.display());
        understood += 1;
    }
    assert!(understood >= 30, "{understood}");
}
