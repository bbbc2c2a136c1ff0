//! The program `exchange-sim`, started as any test would start it, over HTTP and HTTPS.

use std::path::Path;
use std::process::Stdio;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

use crate::client::{envelope, get_folder, impersonating, text};
use crate::server::http;
use crate::sign_in::pyspnego;

const ROOM: &str = "room-1@rooms.example";

/// The program while it runs; dropped, it is ended.
struct Program {
    _child: Child,
    ews: String,
    calls: String,
}

impl Program {
    async fn start(arguments: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_exchange-sim"));
        command.args(arguments).stdout(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let ews = lines.next_line().await.unwrap().unwrap();
        let calls = lines.next_line().await.unwrap().unwrap();
        Self { _child: child, ews, calls: calls.strip_prefix("calls: ").unwrap().to_owned() }
    }

    async fn state(&self) -> Value {
        let reply = http().get(format!("{}state", self.calls)).send().await.unwrap();
        reply.text().await.unwrap().parse().unwrap()
    }
}

async fn output(arguments: &[&str]) -> (bool, String) {
    let program = Command::new(env!("CARGO_BIN_EXE_exchange-sim")).args(arguments).output().await.unwrap();
    let said = [program.stdout, program.stderr].concat();
    (program.status.success(), String::from_utf8(said).unwrap())
}

#[tokio::test]
async fn help_names_every_flag_and_shows_examples() {
    let (good, help) = output(&["--help"]).await;
    assert!(good);
    let flags = "--listen --rooms --seed --quiet --stopped-at --processing --server --sign-in --channel-binding \
                 --tls --ca-out --user --password /sim/ Examples:";
    for flag in flags.split_whitespace() {
        assert!(help.contains(flag), "{flag} in {help}");
    }
    for wrong in
        [&["--server", "exchange-2003"][..], &["--channel-binding"], &["--ca-out", "x"], &["--sign-in", "x"]]
    {
        assert!(!output(wrong).await.0, "{wrong:?}");
    }
}

#[tokio::test]
async fn rooms_and_weeks_follow_from_the_flags() {
    let week = ["--rooms", "3", "--stopped-at", "2027-03-03T08:00:00Z", "--seed"];
    let one = Program::start(&[&week[..], &["5"]].concat()).await.state().await;
    let rooms = one["rooms"].as_array().unwrap();
    assert_eq!(rooms.len(), 3);
    assert!(rooms.iter().all(|room| room["items"].as_array().unwrap().len() > 20));
    assert_eq!(one["now"], "2027-03-03T08:00:00Z");
    assert_eq!(Program::start(&[&week[..], &["5"]].concat()).await.state().await, one);
    assert_ne!(Program::start(&[&week[..], &["6"]].concat()).await.state().await, one);
    let quiet = Program::start(&["--quiet", "--rooms", "1", "--processing", "proxy"]).await.state().await;
    assert_eq!(quiet["rooms"][0]["items"], Value::Array(Vec::new()));
    assert_eq!(quiet["rooms"][0]["processing"]["AutomateProcessing"], "AutoUpdate");
}

#[tokio::test]
async fn the_server_and_its_sign_in_follow_from_the_flags() {
    let table = [
        ("basic", vec!["Basic"]),
        ("ntlm", vec!["NTLM"]),
        ("negotiate,ntlm,basic", vec!["Negotiate", "NTLM", "Basic"]),
        ("bearer", vec!["Bearer"]),
    ];
    for (ways, offered) in table {
        let program = Program::start(&["--quiet", "--sign-in", ways]).await;
        let refused = http().post(&program.ews).body("").send().await.unwrap();
        let challenges = refused.headers().get_all("WWW-Authenticate").iter();
        let challenges: Vec<&str> =
            challenges.map(|way| way.to_str().unwrap().split(' ').next().unwrap()).collect();
        assert_eq!((refused.status().as_u16(), challenges), (401, offered), "{ways}");
    }
    let arguments = ["--quiet", "--server", "exchange-2013", "--listen", "127.0.0.1:0", "--user", "kim"];
    let program = Program::start(&arguments).await;
    let asked = http().post(&program.ews).basic_auth("kim", Some("secret"));
    let told = asked.body(envelope("", &get_folder(ROOM))).send().await.unwrap().text().await.unwrap();
    assert!(told.contains("MajorVersion=\"15\" MinorVersion=\"0\""), "{told}");
}

#[tokio::test]
async fn forms_stand_in_front() {
    let program = Program::start(&["--quiet", "--sign-in", "forms"]).await;
    let _ = http();
    let client = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none());
    let sent = client.build().unwrap().post(&program.ews).basic_auth("svc", Some("secret"));
    let sent = sent.send().await.unwrap();
    assert_eq!(sent.status(), 302);
    assert!(sent.headers()["location"].to_str().unwrap().contains("/owa/auth/logon.aspx"));
}

#[tokio::test]
async fn an_application_reads_with_its_token() {
    let program = Program::start(&["--quiet", "--sign-in", "bearer"]).await;
    let url = program.ews.replace("/EWS/Exchange.asmx", "/organization/oauth2/v2.0/token");
    let form = [
        ("client_id", "app"),
        ("client_secret", "secret"),
        ("grant_type", "client_credentials"),
        ("scope", "https://outlook.office365.com/.default"),
    ];
    let granted = http().post(url).form(&form).send().await.unwrap().text().await.unwrap();
    let granted: Value = granted.parse().unwrap();
    let asked = http().post(&program.ews).bearer_auth(granted["access_token"].as_str().unwrap());
    let asked = asked.body(envelope(&impersonating(ROOM), &get_folder(ROOM)));
    let told = asked.send().await.unwrap().text().await.unwrap();
    assert_eq!(text(&told, "m:ResponseCode"), "NoError");
}

/// A client that trusts one authority alone.
fn trusting(ca: &Path) -> reqwest::Client {
    let _ = http();
    let ca = reqwest::Certificate::from_pem(&std::fs::read(ca).unwrap()).unwrap();
    reqwest::Client::builder().no_proxy().tls_certs_only([ca]).build().unwrap()
}

#[tokio::test]
async fn tls_is_trusted_by_the_certificate_that_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let ca = folder.path().join("ca.pem");
    let program = Program::start(&["--quiet", "--tls", "--ca-out", ca.to_str().unwrap()]).await;
    assert!(program.ews.starts_with("https://127.0.0.1:"), "{}", program.ews);
    assert!(http().get(&program.calls).send().await.is_err(), "nobody vouches for it");
    let client = trusting(&ca);
    assert!(client.get(&program.calls).send().await.unwrap().text().await.unwrap().contains("/sim/state"));
    for host in ["127.0.0.1", "localhost"] {
        let page = format!("/autodiscover/autodiscover.json?Protocol=Ews&Email={ROOM}");
        let url = program.ews.replace("127.0.0.1", host).replace("/EWS/Exchange.asmx", &page);
        let told: Value = client.get(url).send().await.unwrap().text().await.unwrap().parse().unwrap();
        assert_eq!(told["Url"], program.ews.replace("127.0.0.1", host));
    }
}

#[tokio::test]
async fn ntlm_is_bound_to_the_certificate() {
    let Some(python) = pyspnego() else { return };
    let folder = tempfile::tempdir().unwrap();
    let (ca, body) = (folder.path().join("ca.pem"), folder.path().join("body.xml"));
    std::fs::write(&body, envelope("", &get_folder(ROOM))).unwrap();
    let windows = ["--quiet", "--tls", "--channel-binding", "--sign-in", "ntlm,negotiate", "--ca-out"];
    let program = Program::start(&[&windows[..], &[ca.to_str().unwrap()]].concat()).await;
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/outside/ntlm.py");
    let (welcome, refused) = ("401\n401\n200\n200\n", "401\n401\n401\n401\n");
    for protocol in ["ntlm", "negotiate"] {
        for (binding, expected) in [("bound", welcome), ("misbound", refused), ("unbound", refused)] {
            let mut command = Command::new(&python);
            command.arg(&script).arg(&program.ews).arg(&ca);
            let ran = command.args([protocol, binding, "svc", "secret"]).arg(&body).output().await.unwrap();
            assert_eq!(String::from_utf8_lossy(&ran.stdout), expected, "{protocol} {binding}: {ran:?}");
        }
    }
}

#[tokio::test]
async fn the_documented_python_drives_it() {
    let manual = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/stand-in.md");
    let manual = std::fs::read_to_string(manual).unwrap();
    let script = manual.split("```python\n").nth(1).and_then(|part| part.split("```").next()).unwrap();
    let mut python = Command::new("python3");
    python.arg("-c").arg(script).env("EXCHANGE_SIM", env!("CARGO_BIN_EXE_exchange-sim"));
    let Ok(ran) = python.output().await else {
        assert!(std::env::var_os("CI").is_none(), "python3 could not be started");
        println!("skipped: python3 could not be started");
        return;
    };
    assert!(ran.status.success(), "{ran:?}");
}
