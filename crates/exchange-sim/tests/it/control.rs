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

fn told(world: &mut World, command: &str, body: &Value) -> (u16, Value) {
    let response = tell(world, command, body);
    (response.status, serde_json::from_str(&response.text()).unwrap())
}

fn state(world: &mut World) -> Value {
    serde_json::from_str(&world.handle(morning(), &Request::get("/sim/state")).text()).unwrap()
}

#[test]
fn meetings_of_every_kind_are_sent() {
    let mut world = world();
    let offsite = json!({
        "organizer": "lee", "rooms": ["berlin"], "optional": ["kim"], "subject": "Offsite", "location": "By the lake",
        "all_day": { "first": "2026-03-03", "days": 2 }, "zone": "Europe/Prague"
    });
    assert_eq!(told(&mut world, "meetings", &offsite), (200, json!({ "meeting": 1 })));
    let lasts = json!({
        "organizer": "lee", "rooms": ["berlin"], "subject": "Close", "start": "2026-03-02T15:00:00Z",
        "end": "2026-03-02T16:00:00Z", "until": "2026-04-30",
        "repeats": { "every": "month", "which": "Last", "on": "Weekday" }
    });
    assert_eq!(told(&mut world, "meetings", &lasts).0, 200);
    world.advance(morning() + chrono::Duration::minutes(1));
    let held = &state(&mut world)["rooms"][0]["items"];
    let starts: Vec<[&str; 3]> = held
        .as_array()
        .unwrap()
        .iter()
        .map(|item| ["subject", "start", "end"].map(|name| item[name].as_str().unwrap()))
        .collect();
    assert_eq!(
        starts,
        [
            ["Offsite", "2026-03-02T23:00:00+00:00", "2026-03-04T23:00:00+00:00"],
            ["Close", "2026-03-31T15:00:00+00:00", "2026-03-31T16:00:00+00:00"],
            ["Close", "2026-04-30T15:00:00+00:00", "2026-04-30T16:00:00+00:00"],
        ]
    );
    assert_eq!(
        tell(&mut world, "meetings/1/delete", &json!({ "room": "berlin", "how": "SoftDelete" })).status,
        200
    );
    assert_eq!(state(&mut world)["rooms"][0]["items"].as_array().unwrap().len(), 2);
}

/// Every call is refused with its sentence.
fn refused(world: &mut World, table: &[((&str, Value), &str)]) {
    for ((command, body), expected) in table {
        let (status, refused) = told(world, command, body);
        assert_eq!((status, refused["error"].as_str().unwrap()), (400, *expected), "{command} {body}");
    }
}

#[test]
fn what_makes_no_sense_is_refused_and_changes_nothing() {
    let mut world = world();
    let before = state(&mut world);
    let meeting = |more: Value| {
        let mut meeting = json!({
            "organizer": "lee", "rooms": ["berlin"], "start": "2026-03-02T09:00:00Z", "end": "2026-03-02T10:00:00Z"
        });
        meeting.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        ("meetings", meeting)
    };
    let table = [
        (meeting(json!({ "times": 3 })), "`times`: expected it with `repeats`"),
        (meeting(json!({ "repeats": "daily", "times": 0 })), "`times`: expected 1 to 999"),
        (
            meeting(json!({ "all_day": { "first": "2026-03-02" } })),
            "`start`: expected either it and `end`, or `all_day`",
        ),
        (meeting(json!({ "rooms": [] })), "`rooms`: expected at least one"),
        (
            meeting(json!({ "organizer": " " })),
            "`organizer`: expected aliases or addresses, of attendees too",
        ),
        (meeting(json!({ "rooms": ["berlin", "mars"] })), "room `mars` is not in this world: add it first"),
        (("rooms", json!({ "alias": "a b" })), "`alias`: expected 1 to 64 letters, digits, `-`, `_` or `.`"),
        (
            ("rooms", json!({ "alias": "a", "address": "a" })),
            "`address`: expected one like `berlin@rooms.example`",
        ),
        (
            ("accounts", json!({ "login": "x", "password": "y", "rooms": { "mars": "full" } })),
            "room `mars` is not in this world: add it first",
        ),
    ];
    refused(&mut world, &table);
    assert_eq!(state(&mut world), before);
    let stranger = Request::post("/EWS/Exchange.asmx", envelope("", &get_folder(BERLIN))).basic("x", "y");
    assert_eq!(world.handle(morning(), &stranger).status, 401, "no account was added");
}

#[test]
fn faults_are_listed_and_taken_away_one_by_one() {
    let mut world = world();
    for body in [
        json!({ "fault": "server-busy", "operation": "GetUserAvailability", "next": 3 }),
        json!({ "fault": "slow-reply", "room": "berlin", "always": true }),
        json!({ "fault": "code:ErrorTimeoutExpired", "operation": "FindItem" }),
    ] {
        assert_eq!(tell(&mut world, "faults", &body).status, 200);
    }
    let list = |world: &mut World| -> Value {
        serde_json::from_str(&world.handle(morning(), &Request::get("/sim/faults")).text()).unwrap()
    };
    let listed = list(&mut world);
    assert_eq!(
        listed["set"],
        json!([
            { "id": 1, "fault": "server-busy", "operation": "GetUserAvailability", "next": 3 },
            { "id": 2, "fault": "slow-reply", "room": "berlin", "always": true },
            { "id": 3, "fault": "code:ErrorTimeoutExpired", "operation": "FindItem", "next": 1 },
        ])
    );
    assert_eq!(listed["faults"][0]["meaning"], "status 200 with the HTML page of a sign-in form");
    assert!(listed["codes"].as_array().unwrap().contains(&json!("ErrorTimeoutExpired")));
    let remove = |world: &mut World, id: u32| {
        let mut request = Request::post(&format!("/sim/faults/{id}"), String::new());
        request.method = "DELETE".to_owned();
        world.handle(morning(), &request).status
    };
    assert_eq!([remove(&mut world, 1), remove(&mut world, 1)], [200, 404]);
    assert_eq!(list(&mut world)["set"].as_array().unwrap().len(), 2);
}

#[test]
fn the_state_can_be_of_one_room_or_a_page() {
    let mut world = world();
    let all = state(&mut world);
    let asked = |world: &mut World, query: &str| {
        let reply = world.handle(morning(), &Request::get(&format!("/sim/state?{query}")));
        (reply.status, serde_json::from_str::<Value>(&reply.text()).unwrap())
    };
    let (_, one) = asked(&mut world, "room=Berlin");
    assert_eq!(one["rooms"], json!([all["rooms"][0]]));
    let (_, page) = asked(&mut world, "skip=1&take=1");
    assert_eq!((&page["rooms"], &page["rooms_in_all"]), (&json!([all["rooms"][1]]), &all["rooms_in_all"]));
    for query in ["room=mars", "take=few", "page=2"] {
        assert_eq!(asked(&mut world, query).0, 400, "{query}");
    }
}

#[test]
fn processing_that_is_left_out_stays() {
    let mut world = world();
    for change in [json!({ "DeleteSubject": true, "DelayMs": 7 }), json!({ "AllowConflicts": true })] {
        assert_eq!(tell(&mut world, "rooms/berlin/processing", &change).status, 200);
    }
    let processing = &state(&mut world)["rooms"][0]["processing"];
    let told = ["DeleteSubject", "DelayMs", "AllowConflicts"].map(|name| processing[name].clone());
    assert_eq!(told, [json!(true), json!(7), json!(true)]);
    assert_eq!(tell(&mut world, "rooms/berlin/processing", &json!({ "Delay": 7 })).status, 400);
}

#[test]
fn faults_that_make_no_sense_are_refused_and_not_set() {
    let mut world = world();
    let fault = |more: Value| {
        let mut fault = json!({ "fault": "server-busy" });
        fault.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        ("faults", fault)
    };
    let (early, late) = ("2026-03-02T09:00:00Z", "2026-03-02T10:00:00Z");
    let table = [
        (
            ("faults", json!({ "fault": "gremlins" })),
            "`fault`: expected one of those that `GET /sim/faults` names, or `code:` and one of its codes",
        ),
        (
            ("faults", json!({ "fault": "code:ErrorGremlins" })),
            "response code `ErrorGremlins` is unknown: expected an error of the schema's `ResponseCodeType`",
        ),
        (
            ("faults", json!({ "fault": "code:NoError" })),
            "response code `NoError` is unknown: expected an error of the schema's `ResponseCodeType`",
        ),
        (fault(json!({ "next": 0 })), "`next`: expected 1 call or more"),
        (fault(json!({ "per_mille": 1001 })), "`per_mille`: expected 1 to 1000"),
        (
            fault(json!({ "from": late, "until": early })),
            "`until`: expected an instant after `from`, or after now",
        ),
        (fault(json!({ "from": late })), "`until`: expected it with `from`"),
        (
            fault(json!({ "next": 1, "always": true })),
            "`next`: expected only one of `next`, `per_mille`, `from` with `until`, and `always`",
        ),
        (
            fault(json!({ "operation": "GetPizza" })),
            "`operation`: expected one of those that `GET /sim/faults` lists, such as `GetItem`",
        ),
    ];
    refused(&mut world, &table);
    let listed = world.handle(morning(), &Request::get("/sim/faults")).text();
    assert_eq!(serde_json::from_str::<Value>(&listed).unwrap()["set"], json!([]));
}
