//! Commands that say who may do what, and where Autodiscover sends people.

use exchange_sim::{Request, Response, World};
use serde_json::{Value, json};

use crate::client::{BERLIN, envelope, get_folder, morning, text, world};

fn tell(world: &mut World, command: &str, body: &Value) -> Response {
    world.handle(morning(), &Request::post(&format!("/sim/{command}"), body.to_string()))
}

fn code(world: &mut World, login: &str, room: &str) -> String {
    let body = envelope("", &get_folder(&format!("{room}@rooms.example")));
    let request = Request::post("/EWS/Exchange.asmx", body).basic(login, "word");
    text(&world.handle(morning(), &request).text(), "m:ResponseCode")
}

#[test]
fn accounts_have_the_rights_they_are_given() {
    let mut world = world();
    let account = json!({ "login": "Kim", "password": "word", "rooms": { "berlin": "reviewer" } });
    assert_eq!(tell(&mut world, "accounts", &account).status, 200);
    assert_eq!(code(&mut world, "kim", "berlin"), "NoError");
    assert_eq!(code(&mut world, "kim", "oslo"), "ErrorAccessDenied");
    let nowhere = json!({ "login": "lee", "password": "word", "rooms": { "atlantis": "full" } });
    assert_eq!(tell(&mut world, "accounts", &nowhere).status, 400);
}

#[test]
fn redirects_and_groups_reach_autodiscover() {
    let mut world = world();
    let far = json!({ "address": "far@rooms.example", "to": { "url": "https://far.example/" } });
    assert_eq!(tell(&mut world, "redirects", &far).status, 200);
    let page = "/autodiscover/autodiscover.json?Protocol=Ews&Email=far@rooms.example";
    let sent = world.handle(morning(), &Request::get(page));
    assert_eq!((sent.status, sent.header_value("Location")), (302, Some("https://far.example/")));
    assert_eq!(tell(&mut world, "groups", &json!({ "room": BERLIN, "group": "DAG-2" })).status, 200);
    assert_eq!(tell(&mut world, "groups", &json!({ "room": "atlantis", "group": "DAG-2" })).status, 400);
}
