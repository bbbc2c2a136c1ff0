//! Ways to sign in: bound to connections, to certificates, to tokens, or kept out by forms.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use exchange_sim::server::{Clock, serve, serve_tls};
use exchange_sim::{Account, ChannelBinding, Front, Request, Response, SignIn, World};

use crate::client::{
    BERLIN, LOGIN, PASSWORD, envelope, get_folder, impersonating, morning, request, seconds, world,
};
use crate::valid::Site;

fn anonymous(body: &str) -> Request {
    Request::post("/EWS/Exchange.asmx", envelope("", body))
}

fn signing_in(how: SignIn) -> Site {
    let mut world = world();
    world.set_sign_in(how);
    world
}

fn challenges(response: &Response) -> Vec<&str> {
    let headers = response.headers.iter().filter(|(name, _)| name == "WWW-Authenticate");
    headers.map(|(_, value)| value.split(' ').next().unwrap_or_default()).collect()
}

#[test]
fn every_way_is_offered_that_is_taken() {
    let all = SignIn { basic: true, bearer: true, ..SignIn::windows(ChannelBinding::None) };
    let table = [
        (SignIn::default(), vec!["Basic"]),
        (SignIn::windows(ChannelBinding::Require), vec!["Negotiate", "NTLM"]),
        (SignIn::bearer(), vec!["Bearer"]),
        (all, vec!["Negotiate", "NTLM", "Basic", "Bearer"]),
    ];
    for (how, expected) in table {
        let mut world = signing_in(how);
        let refused = world.handle(morning(), &anonymous(&get_folder(BERLIN)));
        assert_eq!((refused.status, challenges(&refused)), (401, expected), "{how:?}");
        let basic = world.handle(morning(), &request("", &get_folder(BERLIN)));
        assert_eq!(basic.status == 200, how.basic, "{how:?}");
    }
}

#[test]
fn pages_for_people_answer_in_place_of_the_service() {
    let table = [
        (Front::Forms, 302, "Location", "/owa/auth/logon.aspx"),
        (Front::LoginTimeout, 440, "Content-Type", "text/html"),
        (Front::LogonPage, 200, "Content-Type", "text/html"),
    ];
    for (front, status, header, part) in table {
        let reply = signing_in(SignIn::behind(front)).handle(morning(), &request("", &get_folder(BERLIN)));
        assert_eq!(reply.status, status, "{front:?}");
        assert!(reply.header_value(header).unwrap().contains(part), "{front:?}");
    }
}

#[test]
fn an_account_is_locked_after_wrong_passwords() {
    let mut world = signing_in(SignIn { lock_out_after: Some(2), ..SignIn::default() });
    let with = |password: &str| anonymous(&get_folder(BERLIN)).basic(LOGIN, password);
    assert_eq!(world.handle(morning(), &with("guess")).status, 401);
    assert_eq!(world.handle(morning(), &with(PASSWORD)).status, 200, "the count begins anew");
    for _ in 0..2 {
        assert_eq!(world.handle(morning(), &with("guess")).status, 401);
    }
    let locked = world.handle(morning(), &with(PASSWORD));
    assert_eq!(locked.status, 401);
    assert!(locked.text().contains("currently locked out"));
}

#[test]
fn an_application_reads_with_a_token_for_whom_it_names() {
    let mut world = signing_in(SignIn::bearer());
    world.add_account(Account::application("4d1c-app", "s3cret&x"));
    let ask = |world: &mut World, secret: &str, grant: &str| {
        let form = format!(
            "client_id=4d1c-app&client_secret={secret}&grant_type={grant}\
             &scope=https%3A%2F%2Foutlook.office365.com%2F.default"
        );
        world.handle(morning(), &Request::post("/organization/oauth2/v2.0/token", form))
    };
    assert_eq!(ask(&mut world, "wrong", "client_credentials").status, 401);
    assert_eq!(ask(&mut world, "s3cret%26x", "password").status, 400);
    let granted = ask(&mut world, "s3cret%26x", "client_credentials");
    assert_eq!(granted.status, 200);
    let granted: serde_json::Value = serde_json::from_slice(&granted.body).unwrap();
    let token = format!("Bearer {}", granted["access_token"].as_str().unwrap());

    let plain = anonymous(&get_folder(BERLIN)).header("Authorization", &token);
    let refused = world.handle(seconds(1), &plain);
    assert_eq!(refused.status, 500);
    assert!(refused.text().contains("ErrorInvalidExchangeImpersonationHeaderData"), "{}", refused.text());
    let own = Request::post("/EWS/Exchange.asmx", envelope(&impersonating(BERLIN), &get_folder(BERLIN)));
    let own = own.header("Authorization", &token);
    assert!(world.handle(seconds(1), &own).text().contains("NoError"));
    let expired = world.handle(seconds(3600), &own);
    assert_eq!(expired.status, 401);
    assert!(expired.header_value("WWW-Authenticate").unwrap().contains("invalid_token"));
}

#[test]
fn broken_handshakes_are_refused_without_harm() {
    let mut world = signing_in(SignIn::windows(ChannelBinding::None));
    for scheme in ["NTLM", "Negotiate"] {
        for token in ["", "!", "TlRMTVNTUAA=", "TlRMTVNTUAADAAAA", "YAAA", "oQMwAQA=", "Bearer"] {
            let asked = anonymous("").header("Authorization", &format!("{scheme} {token}")).on_connection(3);
            let refused = world.handle(morning(), &asked);
            assert_eq!((refused.status, challenges(&refused).len()), (401, 2), "{scheme} {token}");
        }
    }
}

/// The Python with pyspnego that `tests/outside/run` installs and names, or a printed reason to skip.
pub(crate) fn pyspnego() -> Option<PathBuf> {
    let python = std::env::var_os("EXCHANGE_SIM_PYSPNEGO").map(PathBuf::from);
    if python.is_none() {
        println!("skipped: `tests/outside/run` installs pyspnego, and runs this test with it");
    }
    python
}

#[tokio::test]
async fn curl_signs_in_by_ntlm_without_unicode() {
    let curl = || Command::new("curl");
    let version =
        curl().arg("--version").output().map(|told| String::from_utf8_lossy(&told.stdout).into_owned());
    if !version.is_ok_and(|version| version.contains("NTLM")) {
        println!("skipped: there is no curl that speaks NTLM");
        return;
    }
    let world = signing_in(SignIn::windows(ChannelBinding::None));
    let running = serve(world.into_world(), "127.0.0.1:0", Arc::new(morning)).await.unwrap();
    for (password, expected) in [(PASSWORD, "200"), ("guess", "401")] {
        let mut command = curl();
        command.args(["--silent", "--noproxy", "*", "--ntlm", "--user", &format!("{LOGIN}:{password}")]);
        command.args([
            "--output",
            "-",
            "--write-out",
            "\n%{http_code}",
            "--header",
            "Content-Type: text/xml",
        ]);
        command.args(["--data-binary", &envelope("", &get_folder(BERLIN)), &running.ews_url()]);
        let output = tokio::task::spawn_blocking(move || command.output()).await.unwrap().unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        assert_eq!(said.lines().last(), Some(expected), "{said}");
        assert_eq!(said.contains("NoError"), expected == "200", "{said}");
    }
    running.shutdown().await;
}

#[tokio::test]
async fn pyspnego_signs_in_as_the_server_demands() {
    use ChannelBinding::{Allow, None as Unbound, Require};
    let Some(python) = pyspnego() else { return };
    let clock: Clock = Arc::new(morning);
    let mut world = world();
    world.add_account(Account::new("CORP\\räume", "pässwörd").impersonating());
    world.grant("corp\\räume", "berlin", exchange_sim::Rights::Reviewer).unwrap();
    let running = serve_tls(world.into_world(), "127.0.0.1:0", clock).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let (pem, body) = (folder.path().join("server.pem"), folder.path().join("body.xml"));
    std::fs::write(&pem, running.ca_certificate().unwrap()).unwrap();
    std::fs::write(&body, envelope("", &get_folder(BERLIN))).unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/outside/ntlm.py");
    let (welcome, refused) = ("401\n401\n200\n200\n", "401\n401\n401\n401\n");
    let table = [
        (Require, "bound", LOGIN, PASSWORD, welcome),
        (Require, "bound", "CORP\\räume", "pässwörd", welcome),
        (Require, "bound", LOGIN, "guess", refused),
        (Require, "bound", "nobody", PASSWORD, refused),
        (Require, "misbound", LOGIN, PASSWORD, refused),
        (Require, "unbound", LOGIN, PASSWORD, refused),
        (Allow, "bound", LOGIN, PASSWORD, welcome),
        (Allow, "misbound", LOGIN, PASSWORD, refused),
        (Allow, "unbound", LOGIN, PASSWORD, welcome),
        (Unbound, "misbound", LOGIN, PASSWORD, welcome),
        (Unbound, "unbound", LOGIN, "guess", refused),
    ];
    for protocol in ["ntlm", "negotiate"] {
        for (demand, binding, user, password, expected) in table {
            running.with(|world, _| world.set_sign_in(SignIn::windows(demand)));
            let mut command = Command::new(&python);
            command.arg(&script).arg(running.ews_url()).arg(&pem);
            command.args([protocol, binding, user, password]).arg(&body);
            let output = tokio::task::spawn_blocking(move || command.output()).await.unwrap().unwrap();
            let said = String::from_utf8_lossy(&output.stdout);
            let complaint = String::from_utf8_lossy(&output.stderr);
            assert_eq!(said, expected, "{protocol} {demand:?} {binding} {user}: {complaint}");
            assert!(output.status.success(), "{protocol} {demand:?} {binding} {user}: {complaint}");
        }
    }
    running.shutdown().await;
}
