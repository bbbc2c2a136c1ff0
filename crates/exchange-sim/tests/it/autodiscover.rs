//! Autodiscover in its three dialects, asked with other people's requests.

use std::io::Write as _;
use std::process::{Command, Stdio};

use exchange_sim::{Fault, Injection, Redirect, Request, Response, Room, ServerProfile, World};
use serde_json::{Value, json};

use crate::client::{BERLIN, LOGIN, PASSWORD, morning, text, texts, world};
use crate::samples::shared;
use crate::valid::Site;

const EWS_URL: &str = "http://mail.example:8080/EWS/Exchange.asmx";
const INSIDE: &str = "https://mailbox.exchange.example/EWS/Exchange.asmx";
const MOVED: &str = "elvin@mail.contoso.com";

/// Berlin and a moved room, and one that another server knows.
fn organization() -> Site {
    let mut world = world();
    world.redirect("Moved@rooms.example", Redirect::Address(MOVED.to_owned()));
    let elsewhere = "https://autodiscover-s.outlook.com/autodiscover/autodiscover.svc";
    world.redirect("far@rooms.example", Redirect::Url(elsewhere.to_owned()));
    world.set_group("berlin", "DAG-BERLIN-01").unwrap();
    world
}

fn post(world: &mut World, page: &str, body: &str) -> Response {
    let request = Request::post(&format!("/Autodiscover/Autodiscover.{page}"), body).basic(LOGIN, PASSWORD);
    world.handle(morning(), &request.header("Host", "mail.example:8080"))
}

fn get(world: &mut World, path: &str) -> Response {
    world.handle(morning(), &Request::get(path).header("Host", "mail.example:8080"))
}

fn sample(name: &str) -> Option<String> {
    let path = shared("samples/ews/autodiscover")?.join(name);
    Some(std::fs::read_to_string(path).unwrap())
}

/// The request of [MS-OXDSCLI] 4.1.
fn pox(world: &mut World, address: &str) -> String {
    let schema = "http://schemas.microsoft.com/exchange/autodiscover/outlook";
    let body = format!(
        "<Autodiscover xmlns=\"{schema}/requestschema/2006\"><Request><EMailAddress>{address}</EMailAddress>\
         <AcceptableResponseSchema>{schema}/responseschema/2006a</AcceptableResponseSchema></Request>\
         </Autodiscover>"
    );
    let response = post(world, "xml", &body);
    assert_eq!(response.status, 200);
    response.text()
}

fn user_settings(users: &[&str], settings: &[&str]) -> String {
    let namespace = "http://schemas.microsoft.com/exchange/2010/Autodiscover";
    let each = |open: &str, close: &str, texts: &[&str]| -> String {
        texts.iter().flat_map(|text| [open, text, close]).collect()
    };
    let users = each("<a:User><a:Mailbox>", "</a:Mailbox></a:User>", users);
    let settings = each("<a:Setting>", "</a:Setting>", settings);
    format!(
        "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\" xmlns:a=\"{namespace}\" \
         xmlns:wsa=\"http://www.w3.org/2005/08/addressing\"><s:Header>\
         <a:RequestedServerVersion>Exchange2013</a:RequestedServerVersion>\
         <wsa:Action>{namespace}/Autodiscover/GetUserSettings</wsa:Action>\
         <wsa:To>http://mail.example/autodiscover/autodiscover.svc</wsa:To></s:Header><s:Body>\
         <a:GetUserSettingsRequestMessage><a:Request><a:Users>{users}</a:Users>\
         <a:RequestedSettings>{settings}</a:RequestedSettings></a:Request></a:GetUserSettingsRequestMessage>\
         </s:Body></s:Envelope>"
    )
}

#[test]
fn pox_tells_where_the_inside_and_the_outside_reach_the_services() {
    let told = pox(&mut organization(), BERLIN);
    assert_eq!(text(&told, "Action"), "settings");
    assert_eq!(texts(&told, "Type"), ["EXCH", "EXPR"]);
    assert_eq!(texts(&told, "EwsUrl"), [INSIDE, EWS_URL]);
    assert_eq!(texts(&told, "ASUrl"), [INSIDE, EWS_URL]);
    assert_eq!(text(&told, "DisplayName"), "Berlin");
}

#[test]
fn pox_redirects() {
    let mut world = organization();
    let moved = pox(&mut world, "moved@rooms.example");
    assert_eq!((text(&moved, "Action"), text(&moved, "RedirectAddr")), ("redirectAddr".into(), MOVED.into()));
    let far = pox(&mut world, "far@rooms.example");
    assert_eq!(text(&far, "Action"), "redirectUrl");
    assert!(text(&far, "RedirectUrl").starts_with("https://autodiscover-s."));
}

#[test]
fn pox_refusals_are_numbered_and_valid() {
    let mut world = organization();
    let other = "<Autodiscover><Request><EMailAddress>berlin@rooms.example</EMailAddress>\
                 <AcceptableResponseSchema>urn:other</AcceptableResponseSchema></Request></Autodiscover>";
    let table = [
        (pox(&mut world, "nobody@rooms.example"), "500"),
        (pox(&mut world, "berlin"), "600"),
        (post(&mut world, "xml", "<Autodiscover/>").text(), "600"),
        (post(&mut world, "xml", "nonsense").text(), "600"),
        (post(&mut world, "xml", other).text(), "601"),
    ];
    let schema = shared("xsd/autodiscover/AutodiscoverResponse.xsd");
    for (refusal, code) in table {
        assert_eq!(text(&refusal, "ErrorCode"), code, "{refusal}");
        if let Some(schema) = &schema {
            let mut lint = Command::new("xmllint");
            lint.args(["--noout", "--nonet", "--schema"]).arg(schema).arg("-").stdin(Stdio::piped());
            let Ok(mut lint) = lint.spawn() else { continue };
            lint.stdin.take().unwrap().write_all(refusal.as_bytes()).unwrap();
            assert!(lint.wait().unwrap().success(), "{refusal}");
        }
    }
}

#[test]
fn soap_answers_every_user_by_itself() {
    let mut world = organization();
    let users = [BERLIN, "moved@rooms.example", "far@rooms.example", "nobody@rooms.example"];
    let wanted =
        ["ExternalEwsUrl", "InternalEwsUrl", "GroupingInformation", "EwsSupportedSchemas", "CasVersion"];
    let response = post(&mut world, "svc", &user_settings(&users, &wanted));
    assert_eq!(response.status, 200);
    let told = response.text();
    let codes = texts(&told, "ErrorCode");
    let expected =
        ["NoError", "NoError", "SettingIsNotAvailable", "RedirectAddress", "RedirectUrl", "InvalidUser"];
    assert_eq!(codes, expected);
    assert_eq!(texts(&told, "Name"), wanted[..4]);
    assert_eq!(texts(&told, "Value")[..3], [EWS_URL, INSIDE, "DAG-BERLIN-01"]);
    assert!(texts(&told, "Value")[3].ends_with("Exchange2016"));
    assert_eq!(text(&told, "SettingName"), "CasVersion");
    assert_eq!(texts(&told, "RedirectTarget")[0], MOVED);
}

#[test]
fn fact_2_5_1_rooms_of_one_group_name_it_and_their_address() {
    let mut world = world();
    world.set_group("oslo", "other").unwrap();
    let users = [BERLIN, "oslo@rooms.example", "rome@rooms.example"];
    let told =
        post(&mut world, "svc", &user_settings(&users, &["GroupingInformation", "ExternalEwsUrl"])).text();
    let values = texts(&told, "Value");
    let groups: Vec<&[String]> = values.chunks(2).collect();
    assert_eq!(groups.len(), 3);
    assert_ne!(groups[0], groups[1]);
    assert_eq!(groups[0], groups[2], "the same pair is the same group");
}

#[test]
fn soap_requests_without_their_headers_are_invalid() {
    let mut world = organization();
    let whole = user_settings(&[BERLIN], &["ExternalEwsUrl"]);
    let table = [
        whole.replace("RequestedServerVersion", "Other"),
        whole.replace("wsa:To", "wsa:From"),
        whole.replace("/Autodiscover/GetUserSettings", "/Autodiscover/GetDomainSettings"),
        user_settings(&[], &["ExternalEwsUrl"]),
        user_settings(&[BERLIN], &[]),
    ];
    for broken in table {
        let told = post(&mut world, "svc", &broken).text();
        assert_eq!(text(&told, "ErrorCode"), "InvalidRequest", "{broken}");
    }
    let other = whole.replace("GetUserSettingsRequestMessage", "GetDomainSettingsRequestMessage");
    assert_eq!(post(&mut world, "svc", &other).status, 500);
    assert_eq!(post(&mut world, "svc", "nonsense").status, 400);
}

#[test]
fn json_tells_anybody() {
    let mut world = organization();
    let page = "/autodiscover/autodiscover.json";
    let found = json!({ "Protocol": "Ews", "Url": EWS_URL });
    let spelled = [
        "?Email=berlin%40rooms.example&Protocol=EWS",
        "/v1.0/berlin@rooms.example?Protocol=Ews&RedirectCount=1",
    ];
    for spelling in spelled {
        let response = get(&mut world, &format!("{page}{spelling}"));
        assert_eq!((response.status, response.text().parse::<Value>().unwrap()), (200, found.clone()));
    }
    let refusals = [
        ("?Email=berlin@rooms.example&Protocol=Foo", 400, "ProtocolNotSupported"),
        ("?Email=berlin@rooms.example", 400, "MandatoryParameterMissing"),
        ("?Protocol=Ews", 400, "MandatoryParameterMissing"),
        ("?Email=nobody@rooms.example&Protocol=Ews", 404, "UserNotFound"),
    ];
    for (query, status, code) in refusals {
        let response = get(&mut world, &format!("{page}{query}"));
        assert_eq!(response.status, status);
        assert_eq!(response.text().parse::<Value>().unwrap()["ErrorCode"], code);
    }
    let far = get(&mut world, &format!("{page}?Email=far@rooms.example&Protocol=Ews"));
    assert_eq!(far.status, 302);
    assert!(far.header_value("Location").unwrap().starts_with("https://autodiscover-s."));
}

#[test]
fn each_version_has_its_own_dialects() {
    use ServerProfile::{Exchange2007Sp1, Exchange2010Sp1, Exchange2013, Exchange2016, Exchange2019};
    let json = "/autodiscover/autodiscover.json?Email=berlin@rooms.example&Protocol=Ews";
    let table = [
        (Exchange2007Sp1, 404, 404, "", ""),
        (Exchange2010Sp1, 200, 404, "14 Exchange2010_SP1", "Exchange2010_SP1"),
        (Exchange2013, 200, 404, "15 Exchange2013", "Exchange2013_SP1"),
        (Exchange2016, 200, 200, "15 Exchange2015", "Exchange2016"),
        (Exchange2019, 200, 200, "15 Exchange2015", "Exchange2016"),
    ];
    for (profile, soap, v2, version, newest) in table {
        let mut world = organization();
        world.set_profile(profile);
        assert_eq!(text(&pox(&mut world, BERLIN), "Action"), "settings", "{profile:?}");
        assert_eq!(get(&mut world, json).status, v2, "{profile:?}");
        let told = post(&mut world, "svc", &user_settings(&[BERLIN], &["EwsSupportedSchemas"]));
        assert_eq!(told.status, soap, "{profile:?}");
        if soap == 200 {
            let told = told.text();
            let said = format!("{} {}", text(&told, "h:MajorVersion"), text(&told, "h:Version"));
            assert_eq!(said, version);
            assert_eq!(text(&told, "Value").rsplit(", ").next(), Some(newest));
        }
    }
}

#[test]
fn with_tls_every_url_is_https() {
    let mut world = organization();
    world.set_certificate([7; 32]);
    let secure = EWS_URL.replace("http:", "https:");
    assert_eq!(texts(&pox(&mut world, BERLIN), "EwsUrl"), [INSIDE, secure.as_str()]);
    let told = post(&mut world, "svc", &user_settings(&[BERLIN], &["ExternalEwsUrl"])).text();
    assert_eq!(text(&told, "Value"), secure);
    let json = "/autodiscover/autodiscover.json?Protocol=Ews&Email=";
    let told = get(&mut world, &format!("{json}berlin@rooms.example"));
    assert_eq!(told.text().parse::<Value>().unwrap()["Url"], secure);
    let moved = get(&mut world, &format!("{json}moved@rooms.example"));
    assert!(moved.header_value("Location").unwrap().starts_with("https://"));
}

#[test]
fn only_json_is_told_to_strangers() {
    let mut world = organization();
    for page in ["xml", "svc"] {
        let path = format!("/autodiscover/autodiscover.{page}");
        assert_eq!(world.handle(morning(), &Request::post(&path, "")).status, 401);
        let get = world.handle(morning(), &Request::get(&path).basic(LOGIN, PASSWORD));
        assert_eq!(get.status, 405);
    }
    assert_eq!(get(&mut world, "/autodiscover/other").status, 404);
}

#[test]
fn sample_requests_find_their_rooms() {
    let mut world = organization();
    for (alias, address) in
        [("user", "user@contoso.com"), ("user1", "User1@Contoso.com"), ("r1", "room-0001@contoso.com")]
    {
        world.add_room(Room::new(alias).at_address(address)).unwrap();
    }
    let Some(request) = sample("pox-request.doc.xml") else { return };
    assert_eq!(text(&post(&mut world, "xml", &request).text(), "Action"), "settings");
    let table = [
        ("soap-connection-points-request.doc.xml", &["NoError", "NoError"][..]),
        ("soap-getusersettings-batch-grouping-request.derived.xml", &["NoError", "NoError", "InvalidUser"]),
    ];
    for (name, codes) in table {
        let told = post(&mut world, "svc", &sample(name).unwrap()).text();
        assert_eq!(texts(&told, "ErrorCode"), codes, "{name}");
    }
}

#[test]
fn who_does_not_sign_in_may_be_sent_elsewhere() {
    let mut world = organization();
    let page = "/autodiscover/autodiscover.xml";
    assert_eq!(get(&mut world, page).status, 401);
    let elsewhere = "https://exchange.example/autodiscover/autodiscover.xml";
    world.redirect_plainly(Some(elsewhere));
    let sent = get(&mut world, page);
    assert_eq!((sent.status, sent.header_value("Location")), (302, Some(elsewhere)));
    assert_eq!(text(&pox(&mut world, BERLIN), "Action"), "settings", "who posts is answered");
    world.redirect_plainly(None);
    assert_eq!(get(&mut world, page).status, 401);
}

#[test]
fn faults_befall_autodiscover_too() {
    let json = format!("/autodiscover/autodiscover.json?Email={BERLIN}&Protocol=EWS");
    let table = [
        (Fault::ServiceUnavailable, 503, None),
        (Fault::NotFound, 404, None),
        (Fault::WrongPassword, 401, None),
        (Fault::SignInPage, 200, None),
        (Fault::RedirectToOwa, 302, Some("/owa/auth/logon.aspx")),
        (Fault::MovedPermanently, 301, Some("https://elsewhere.example/Autodiscover/Autodiscover.xml")),
        (Fault::MovedToPlainHttp, 302, Some("http://elsewhere.example/Autodiscover/Autodiscover.xml")),
        (Fault::MovedToItself, 302, Some("http://mail.example:8080/Autodiscover/Autodiscover.xml")),
        (Fault::SignInElsewhere, 302, Some("https://sign-in.example/")),
    ];
    for (fault, status, location) in table {
        let mut world = organization();
        world.inject(Injection::of(fault).on("Autodiscover")).unwrap();
        let reply = post(&mut world, "xml", "");
        assert_eq!(reply.status, status, "{fault}");
        let told = reply.header_value("Location").unwrap_or_default();
        assert!(location.is_none_or(|location| told.contains(location)), "{fault}: {told}");
        assert_eq!(text(&pox(&mut world, BERLIN), "Action"), "settings", "{fault} has passed");
    }
    let mut world = organization();
    let only = |fault| Injection::of(fault).in_room("berlin");
    world.inject(only(Fault::ServiceUnavailable)).unwrap();
    assert_eq!(get(&mut world, &json.replace("berlin", "oslo")).status, 200, "of another room");
    assert_eq!(get(&mut world, &json).status, 503);
    world.inject(only(Fault::TruncatedBody)).unwrap();
    assert!(
        !post(&mut world, "svc", &user_settings(&[BERLIN], &["ExternalEwsUrl"]))
            .text()
            .contains("</s:Envelope>")
    );
    // What only Exchange Web Services can say passes by.
    world.inject(Injection::of(Fault::ServerBusy)).unwrap();
    assert_eq!(get(&mut world, &json).status, 200);
}
