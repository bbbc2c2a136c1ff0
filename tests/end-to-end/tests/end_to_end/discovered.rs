//! `rooms discover`: the rooms that a directory has, as they are configured.

use crate::CALLBOARD;
use end_to_end::{Program, exchange};
use exchange_sim::{Room, ServerProfile};
use serde_json::Value;
use std::fs;

#[tokio::test]
async fn rooms_are_found_in_the_directory() {
    let stage = exchange().room("berlin").open().await;
    stage.exchange().with(|world, _| {
        for (alias, name) in [("oslo", "Møterom \"Oslo\""), ("oslo-2", "Møterom Oslo")] {
            world.add_room(Room::new(alias).named(name)).unwrap();
        }
        world.add_room_list("Norge & mer", "norge@rooms.example", &["oslo", "oslo-2", "berlin"]).unwrap();
        world.add_room_list("Alle", "alle@rooms.example", &["oslo"]).unwrap();
    });
    let program = Program::on(CALLBOARD, &stage);
    let configured = fs::read_to_string(stage.config()).unwrap();
    let ended = program.run("rooms discover").await;
    assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""));
    insta::assert_snapshot!(ended.out, @r#"
    # Møterom "Oslo" in list Norge & mer
    [[room]]
    id = "moeterom-oslo"
    name = 'Møterom "Oslo"'
    mailbox = "oslo@rooms.example"
    exchange = "hq"
    # the zone that the room's walls stand in, as "Europe/Berlin"
    # time_zone = ""
    # "proxy" where people accept for it
    acceptance = "auto-accept"

    # Møterom Oslo in list Norge & mer
    [[room]]
    id = "moeterom-oslo-2"
    name = "Møterom Oslo"
    mailbox = "oslo-2@rooms.example"
    exchange = "hq"
    # the zone that the room's walls stand in, as "Europe/Berlin"
    # time_zone = ""
    # "proxy" where people accept for it
    acceptance = "auto-accept"

    # Berlin in list Norge & mer is configured already, as `berlin`
    "#);

    // whoever has nothing yet but a server finds the same, all of it new
    stage.reconfigure(|text| {
        let (_, server) = text.split_once("[exchange.hq]").unwrap();
        format!("[exchange.hq]{}\n", server.split_once("\n[").unwrap_or((server, "")).0)
    });
    let begun = program.run("rooms discover --json").await;
    assert_eq!((begun.code, begun.err.as_str()), (Some(0), ""), "{begun:?}");
    let found: Value = serde_json::from_str(&begun.out).unwrap();
    let ids: Vec<_> = found["rooms"].as_array().unwrap().iter().map(|room| &room["id"]).collect();
    assert_eq!(ids, ["moeterom-oslo", "moeterom-oslo-2", "berlin"], "{found}");
    assert_eq!(found["rooms"][2]["is_configured"], false, "{found}");
    stage.reconfigure(|_| configured);

    let one = program.run("rooms discover --server hq --matching osl").await;
    assert_eq!((one.code, one.out), (Some(0), ended.out), "found twice, it is told once");
    let other = program.run("rooms discover --server hk").await;
    assert_eq!((other.code, other.out.as_str()), (Some(2), ""));
    insta::assert_snapshot!(other.err, @"callboard: expected the name of a configured server, found `hk`");

    stage.exchange().with(|world, _| world.set_profile(ServerProfile::Exchange2007Sp1));
    let old = program.run("rooms discover").await;
    assert_eq!((old.code, old.out.as_str()), (Some(1), ""));
    insta::assert_snapshot!(old.err, @"callboard: server `hq` speaks nothing newer than Exchange 2007, which has no room lists");
    stage.close().await;
}

#[tokio::test]
async fn where_nothing_tells_rooms_the_search_has_failed() {
    let stage = exchange().room("berlin").open().await;
    let program = Program::on(CALLBOARD, &stage);
    let named = program.run("rooms discover --json --matching berl").await;
    let found: Value = serde_json::from_str(&named.out).unwrap();
    assert_eq!(found["rooms"][0].get("list"), Some(&Value::Null), "{named:?}");
    for (words, asked) in [
        ("", "it has no room lists; fill one by "),
        (" --matching zzz", "begins with `zzz`; try other words"),
    ] {
        let nothing = program.run(&format!("rooms discover --json{words}")).await;
        assert!(nothing.code == Some(1) && nothing.err.contains(asked), "{nothing:?}");
        assert!(nothing.out.starts_with("{\"rooms\":[],\"errors\":[{\"sentence\":"), "{nothing:?}");
    }
    stage.reconfigure(|text| text.replace("protocol = \"ews\"", "protocol = \"webdav\""));
    let silent = program.run("rooms discover").await;
    assert_eq!((silent.code, silent.out.as_str()), (Some(1), ""), "{silent:?}");
    assert!(silent.err.contains("WebDAV tells no rooms"), "{silent:?}");
    stage.close().await;
}
