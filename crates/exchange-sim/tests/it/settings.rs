//! The server itself set over HTTP: its version, sign-in, throttling, ways of notifying, faults and time.

use chrono::{DateTime, Utc};
use exchange_sim::ServerProfile;
use exchange_sim::server::Running;
use reqwest::{Method, Response};
use serde_json::{Value, json};

use crate::client::{BERLIN, LOGIN, PASSWORD, calendar, envelope, get_folder, hours, morning, subscribe};
use crate::server::{Hands, http, serving};

/// A world on a port, and who talks to it.
struct Told {
    running: Running,
    client: reqwest::Client,
}

impl Told {
    async fn new() -> Self {
        Self { running: serving(&Hands::new()).await, client: http() }
    }

    async fn say(&self, method: Method, call: &str, body: &Value) -> (u16, Value) {
        let url = format!("{}/sim/{call}", self.running.url());
        let reply = self.client.request(method, url).body(body.to_string()).send().await.unwrap();
        (reply.status().as_u16(), reply.text().await.unwrap().parse().unwrap())
    }

    async fn post(&self, call: &str, body: &Value) {
        let (status, told) = self.say(Method::POST, call, body).await;
        assert_eq!(status, 200, "{call}: {told}");
    }

    async fn set(&self, patch: &Value) -> Value {
        let (status, told) = self.say(Method::PATCH, "settings", patch).await;
        assert_eq!(status, 200, "{patch}: {told}");
        told
    }

    async fn ask(&self, body: &str) -> Response {
        let post = self.client.post(self.running.ews_url()).basic_auth(LOGIN, Some(PASSWORD));
        post.body(envelope("", body)).send().await.unwrap()
    }

    async fn code(&self, body: &str) -> String {
        let told = self.ask(body).await.text().await.unwrap();
        let code = told.split("ResponseCode").nth(1).and_then(|part| part.split(['>', '<']).nth(1));
        code.unwrap_or_else(|| panic!("no code in {told}")).to_owned()
    }
}

#[tokio::test]
async fn every_version_is_chosen_by_name() {
    let told = Told::new().await;
    for (name, profile) in ServerProfile::NAMES {
        let settings = told.set(&json!({ "profile": name })).await;
        assert_eq!(settings["profile"], name);
        assert_eq!(settings["throttling"]["max_concurrency"], json!(profile.throttling().max_concurrency));
        assert_eq!(settings["notifying"]["streaming"], profile.notifying().streaming, "{name}");
        let reply = told.ask(&get_folder(BERLIN)).await;
        assert_eq!(reply.status() == 403, name == "exchange-online-ews-off", "{name}");
        if reply.status() == 200 {
            let version = format!("MajorVersion=\"{}\"", profile.version().major);
            let reply = reply.text().await.unwrap();
            assert!(reply.contains(&version), "{name}: {reply}");
        }
    }
    told.running.shutdown().await;
}

#[tokio::test]
async fn a_patch_is_taken_whole_or_not_at_all() {
    let told = Told::new().await;
    let (_, before) = told.say(Method::GET, "settings", &json!({})).await;
    assert_eq!(before["sign_in"]["basic"], true);
    let table = [
        json!({ "profile": "exchange-2003" }),
        json!({ "profile": "exchange-2013", "nonsense": 1 }),
        json!({ "date_offset_ms": 1, "sign_in": { "password": true } }),
        json!({ "call_time_ms": 1, "notifying": { "push_prefix": "x" } }),
        json!({ "call_time_ms": i64::MAX }),
        json!([]),
        json!("exchange-2013"),
    ];
    for patch in table {
        let (status, refused) = told.say(Method::PATCH, "settings", &patch).await;
        assert_eq!(status, 400, "{patch}: {refused}");
        assert!(refused["cause"].is_string(), "{patch}: {refused}");
    }
    assert_eq!(told.say(Method::GET, "settings", &json!({})).await, (200, before));
    told.running.shutdown().await;
}

#[tokio::test]
async fn ways_to_sign_in_are_set_and_offered() {
    let told = Told::new().await;
    let offered = async || {
        let reply = told.client.post(told.running.ews_url()).body("").send().await.unwrap();
        assert_eq!(reply.status(), 401);
        let ways = reply.headers().get_all("WWW-Authenticate").iter();
        ways.map(|way| way.to_str().unwrap().split(' ').next().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let windows = json!({ "basic": false, "ntlm": true, "negotiate": true, "channel_binding": "require" });
    told.set(&json!({ "sign_in": windows })).await;
    assert_eq!(offered().await, ["Negotiate", "NTLM"]);
    assert_eq!(told.ask(&get_folder(BERLIN)).await.status(), 401, "not with a password");
    told.set(&json!({ "sign_in": { "bearer": true, "ntlm": false, "negotiate": false } })).await;
    assert_eq!(offered().await, ["Bearer"]);
    told.set(&json!({ "sign_in": { "basic": true, "lock_out_after": 1 } })).await;
    let guess = told.client.get(told.running.ews_url()).basic_auth(LOGIN, Some("guess"));
    assert_eq!(guess.send().await.unwrap().status(), 401);
    assert_eq!(told.ask(&get_folder(BERLIN)).await.status(), 401, "locked");
    told.set(&json!({ "sign_in": { "lock_out_after": null, "front": "login-timeout" } })).await;
    assert_eq!(told.ask(&get_folder(BERLIN)).await.status(), 440);
    told.set(&json!({ "sign_in": { "front": null } })).await;
    assert_eq!(told.ask(&get_folder(BERLIN)).await.status(), 200);
    told.running.shutdown().await;
}

#[tokio::test]
async fn budgets_are_limited_as_they_are_set() {
    let told = Told::new().await;
    let spending = json!({ "max_burst_ms": 1, "recharge_per_hour_ms": 3_600_000, "cutoff_ms": 1 });
    told.set(&json!({ "call_time_ms": 2, "throttling": { "spending": spending } })).await;
    assert_eq!(told.code(&get_folder(BERLIN)).await, "NoError");
    assert_eq!(told.code(&get_folder(BERLIN)).await, "ErrorServerBusy", "the clock stands still");
    told.set(&json!({ "throttling": { "spending": null, "max_concurrency": null } })).await;
    assert_eq!(told.code(&get_folder(BERLIN)).await, "NoError");
    told.running.shutdown().await;
}

#[tokio::test]
async fn each_way_of_notifying_can_be_taken_away() {
    let told = Told::new().await;
    let events = "<t:EventTypes><t:EventType>CreatedEvent</t:EventType></t:EventTypes>";
    let folders = format!("<t:FolderIds>{}</t:FolderIds>{events}", calendar(BERLIN));
    let streaming = format!(
        "<m:Subscribe><m:StreamingSubscriptionRequest>{folders}</m:StreamingSubscriptionRequest></m:Subscribe>"
    );
    let push = format!(
        "<m:Subscribe><m:PushSubscriptionRequest>{folders}<t:StatusFrequency>1</t:StatusFrequency>\
         <t:URL>http://127.0.0.1:9/</t:URL></m:PushSubscriptionRequest></m:Subscribe>"
    );
    let table = [
        ("pull", subscribe(BERLIN, 5), "ErrorInvalidSubscriptionRequest"),
        ("push", push, "ErrorInvalidSubscriptionRequest"),
        ("streaming", streaming, "ErrorSchemaValidation"),
    ];
    for (way, body, refusal) in table {
        assert_eq!(told.code(&body).await, "NoError", "{way}");
        told.set(&json!({ "notifying": { way: false } })).await;
        assert_eq!(told.code(&body).await, refusal, "{way}");
    }
    told.running.shutdown().await;
}

#[tokio::test]
async fn the_date_of_replies_is_as_wrong_as_it_is_set() {
    let told = Told::new().await;
    for milliseconds in [2_000, 45_000, 3 * 3_600_000, -3 * 3_600_000, 0] {
        told.set(&json!({ "date_offset_ms": milliseconds })).await;
        let date = told.ask(&get_folder(BERLIN)).await.headers()["date"].to_str().unwrap().to_owned();
        let date = DateTime::parse_from_rfc2822(&date).unwrap();
        assert_eq!((date.to_utc() - morning()).num_milliseconds(), milliseconds);
    }
    told.running.shutdown().await;
}

#[tokio::test]
async fn time_passes_when_it_is_told_to() {
    let told = Told::new().await;
    let now = async || {
        let (_, state) = told.say(Method::GET, "state", &json!({})).await;
        let first = state["rooms"][0]["items"][0].clone();
        (state["now"].as_str().unwrap().parse::<DateTime<Utc>>().unwrap(), first)
    };
    let meeting = json!({ "organizer": "kim", "rooms": ["berlin"], "start": hours(4), "end": hours(5) });
    told.post("meetings", &meeting).await;
    assert_eq!(now().await.1["response"], "NoResponseReceived", "the attendant takes its time");
    told.post("time", &json!({ "advance_ms": 60_000 })).await;
    assert_eq!(now().await.1["response"], "Accept");
    told.post("time", &json!({ "to": hours(2) })).await;
    assert_eq!(now().await.0, hours(2));
    for back in
        [json!({ "to": hours(1) }), json!({ "advance_ms": -1 }), json!({ "to": "+12000-01-01T00:00:00Z" })]
    {
        assert_eq!(told.say(Method::POST, "time", &back).await.0, 400, "{back}");
    }
    assert_eq!(now().await.0, hours(2));
    told.running.shutdown().await;
}

#[tokio::test]
async fn faults_strike_at_their_rate_and_moment_by_the_seed() {
    let told = Told::new().await;
    let round = async || {
        told.post("seed", &json!({ "seed": 7 })).await;
        let mut codes = Vec::new();
        for _ in 0..30 {
            codes.push(told.ask(&get_folder(BERLIN)).await.status().as_u16());
        }
        codes
    };
    told.post("faults", &json!({ "fault": "service-unavailable", "per_mille": 500 })).await;
    let first = round().await;
    assert!(first.contains(&200) && first.contains(&503), "{first:?}");
    assert_eq!(round().await, first, "the same seed, the same faults");
    assert_eq!(told.say(Method::DELETE, "faults", &json!({})).await.0, 200);
    told.post("faults", &json!({ "fault": "iis-error", "from": hours(1), "until": hours(2) })).await;
    for (moment, status) in [(morning(), 200), (hours(1), 500), (hours(2), 200)] {
        told.post("time", &json!({ "to": moment })).await;
        assert_eq!(told.ask(&get_folder(BERLIN)).await.status(), status, "{moment}");
    }
    let (_, names) = told.say(Method::GET, "faults", &json!({})).await;
    assert_eq!(names["faults"].as_array().unwrap().len(), exchange_sim::Fault::NAMES.len());
    told.running.shutdown().await;
}

#[tokio::test]
async fn rooms_have_rights_states_servers_and_settings_of_their_own() {
    let told = Told::new().await;
    told.post("rooms/berlin/rights", &json!({ "login": LOGIN, "rights": "none" })).await;
    assert_eq!(told.code(&get_folder(BERLIN)).await, "ErrorAccessDenied");
    told.post("rooms/berlin/rights", &json!({ "login": LOGIN, "rights": "reviewer" })).await;
    told.post("rooms/berlin/server", &json!({ "profile": "exchange-2010-sp1" })).await;
    assert_eq!(told.code(&get_folder(BERLIN)).await, "ErrorIncorrectSchemaVersion");
    told.post("rooms/berlin/server", &json!({ "profile": "exchange-2019" })).await;
    for (state, code) in [("moving", "ErrorMailboxMoveInProgress"), ("healthy", "NoError")] {
        told.post("rooms/berlin/state", &json!({ "state": state })).await;
        assert_eq!(told.code(&get_folder(BERLIN)).await, code);
    }
    told.post("rooms/berlin/processing", &json!({ "AutomateProcessing": "None", "DelayMs": 0 })).await;
    let (_, state) = told.say(Method::GET, "state", &json!({})).await;
    let processing = &state["rooms"][0]["processing"];
    assert_eq!((&processing["AutomateProcessing"], &processing["DelayMs"]), (&json!("None"), &json!(0)));
    let (status, refused) = told.say(Method::POST, "rooms/berlin/paint", &json!({})).await;
    assert_eq!(status, 404);
    assert!(refused["error"].as_str().unwrap().contains("`POST rooms/berlin/paint`"), "{refused}");
    told.running.shutdown().await;
}

#[tokio::test]
async fn the_calls_explain_themselves() {
    let told = Told::new().await;
    for path in ["/sim", "/sim/"] {
        let page = told.client.get(format!("{}{path}", told.running.url())).send().await.unwrap();
        assert_eq!(page.status(), 200);
        let page = page.text().await.unwrap();
        for call in ["GET /sim/state", "PATCH /sim/settings", "POST /sim/meetings/{number}/cancel"] {
            assert!(page.contains(&format!("\n{call}\n")), "{call} in {page}");
        }
        assert!(page.lines().all(|line| line.len() <= 220), "{page}");
    }
    told.running.shutdown().await;
}
