//! NTLM and Kerberos against other people's servers. `tests/outside/run` installs them and says where they are; without
//! it, these tests say that they are left out.

use crate::server::{Certified, hq, request, subscriber};
use std::{
    fs,
    io::{BufRead, BufReader},
    process::{Child, ChildStdin, Command, Stdio},
};
use subscriber::{Account, SignIn, Subscriber};
use sync_engine::Reply;
use tempfile::TempDir;

/// The interpreter that a variable names, with what it needs.
fn python(variable: &str) -> Option<String> {
    let python = std::env::var(variable).ok();
    if python.is_none() {
        println!("{variable} is not set: left out, see tests/outside/run");
    }
    python
}

/// A server of `tests/outside`, as long as it is needed.
struct Outside {
    child: Child,
    /// It ends when this does.
    stdin: Option<ChildStdin>,
    ports: Vec<u16>,
    certified: Certified,
    _folder: TempDir,
}

impl Drop for Outside {
    fn drop(&mut self) {
        drop(self.stdin.take());
        self.child.wait().unwrap();
    }
}

/// Starts a script that says as many ports.
fn start(python: &str, script: &str, arguments: &[&str], ports: usize) -> Outside {
    let certified = Certified::new(|_| {});
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, content: String| {
        let path = folder.path().join(name);
        fs::write(&path, content).unwrap();
        path
    };
    let certificate = file("certificate.pem", certified.certificate.pem());
    let key = file("key.pem", certified.key_pem());
    let users = file("users", "CORP:svc-rooms:Pässw0rd!\n:svc-rooms@corp.example:Pässw0rd!\n".into());
    let mut child = Command::new(python)
        .arg(format!("{}/tests/outside/{script}", env!("CARGO_MANIFEST_DIR")))
        .args(arguments)
        .args([certificate, key])
        .args((script == "negotiate.py").then(|| folder.path()))
        .env("NTLM_USER_FILE", users)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let ports = (0..ports).map(|_| lines.next().unwrap().unwrap().parse().unwrap()).collect();
    let stdin = child.stdin.take();
    Outside { child, stdin, ports, certified, _folder: folder }
}

impl Outside {
    fn subscriber(&self, scheme: &str, sign_in: SignIn) -> Subscriber {
        let port = self.ports.last().unwrap();
        let url = format!("{scheme}://localhost:{port}/EWS/Exchange.asmx");
        subscriber(&url, sign_in, self.certified.trust())
    }
}

fn account(username: &str, password: &str) -> Account {
    Account { username: username.into(), password: password.into() }
}

fn header<'a>(reply: &'a Reply, name: &str) -> &'a str {
    reply.as_wire().header(name).unwrap()
}

#[tokio::test]
async fn pyspnego_takes_ntlm_with_its_channel_binding() {
    let Some(python) = python("CALLBOARD_PYSPNEGO") else { return };
    for binding in ["bound", "unbound"] {
        let server = start(&python, "ntlm.py", &[binding], 1);
        for username in ["CORP\\svc-rooms", "svc-rooms@corp.example"] {
            let subscriber = server.subscriber("https", SignIn::Ntlm(account(username, "Pässw0rd!")));
            let first = subscriber.exchange(&hq(), &request()).await.unwrap();
            assert_eq!(first.status, 200, "{binding} {username}");
            assert!(header(&first, "X-User").contains("svc-rooms"), "{first:?}");
            let second = subscriber.exchange(&hq(), &request()).await.unwrap();
            assert_eq!(second.status, 200);
            assert_eq!(header(&first, "X-Connection"), header(&second, "X-Connection"));
            assert_eq!(header(&second, "X-Refused"), "0");
        }
    }
}

#[tokio::test]
async fn pyspnego_refuses_another_channel_binding_and_another_password_once() {
    let Some(python) = python("CALLBOARD_PYSPNEGO") else { return };
    for (binding, password) in [("misbound", "Pässw0rd!"), ("bound", "Passw0rd!")] {
        let server = start(&python, "ntlm.py", &[binding], 1);
        let subscriber = server.subscriber("https", SignIn::Ntlm(account("CORP\\svc-rooms", password)));
        for attempt in ["1", "2"] {
            let reply = subscriber.exchange(&hq(), &request()).await.unwrap();
            assert_eq!((reply.status, header(&reply, "X-Refused")), (401, attempt), "{binding}");
        }
    }
}

#[tokio::test]
async fn many_connections_are_signed_in_beside_each_other() {
    let Some(python) = python("CALLBOARD_PYSPNEGO") else { return };
    let server = start(&python, "ntlm.py", &["bound"], 1);
    let subscriber = server.subscriber("https", SignIn::Ntlm(account("CORP\\svc-rooms", "Pässw0rd!")));
    let mut asked = Vec::new();
    for _ in 0..8 {
        let subscriber = subscriber.clone();
        asked.push(tokio::spawn(async move {
            for _ in 0..5 {
                let reply = subscriber.exchange(&hq(), &request()).await.unwrap();
                assert_eq!((reply.status, header(&reply, "X-Refused")), (200, "0"));
            }
        }));
    }
    for asked in asked {
        asked.await.unwrap();
    }
}

/// The realm's account, or another.
fn negotiate(server: &Outside, scheme: &str, username: &str, password: &str) -> Subscriber {
    let kdc = Some(format!("127.0.0.1:{}", server.ports[0]));
    server.subscriber(scheme, SignIn::Negotiate { account: account(username, password), kdc })
}

#[tokio::test]
async fn mit_kerberos_takes_a_ticket_got_by_password() {
    let Some(python) = python("CALLBOARD_MIT_KERBEROS") else { return };
    for lasting in ["connection", "request"] {
        let server = start(&python, "negotiate.py", &["http", lasting], 2);
        let subscriber = negotiate(&server, "http", "CORP.EXAMPLE\\svc-rooms", "Pässw0rd!");
        let mut connections = Vec::new();
        for _ in 0..3 {
            let reply = subscriber.exchange(&hq(), &request()).await.unwrap();
            assert_eq!((reply.status, header(&reply, "X-Refused")), (200, "0"), "{lasting}");
            assert_eq!(header(&reply, "X-User"), "svc-rooms@CORP.EXAMPLE");
            connections.push(header(&reply, "X-Connection").to_owned());
        }
        connections.dedup();
        assert_eq!(connections.len(), 1, "{lasting}");
    }
}

/// What `docs/exchange.md` says of it. The binding itself is right; the flag that goes with it (`KERB_AP_OPTIONS_CBT`,
/// [MS-KILE] 3.2.5.8) has two bytes of four as the sign-in library writes it, which MIT's library refuses. When this fails,
/// the library has been mended, and the page can say so.
#[tokio::test]
async fn mit_kerberos_does_not_take_a_channel_binding_of_ours() {
    let Some(python) = python("CALLBOARD_MIT_KERBEROS") else { return };
    let server = start(&python, "negotiate.py", &["https", "connection"], 2);
    let subscriber = negotiate(&server, "https", "CORP.EXAMPLE\\svc-rooms", "Pässw0rd!");
    let reply = subscriber.exchange(&hq(), &request()).await.unwrap();
    assert_eq!((reply.status, header(&reply, "X-Refused")), (401, "1"));
}

#[tokio::test]
async fn what_the_key_distribution_centre_says_is_told_and_it_is_not_asked_again() {
    let Some(python) = python("CALLBOARD_MIT_KERBEROS") else { return };
    let server = start(&python, "negotiate.py", &["http", "connection"], 2);
    let mut told = Vec::new();
    for (username, password) in [
        ("CORP.EXAMPLE\\svc-rooms", "wrong"),
        ("CORP.EXAMPLE\\nobody", "wrong"),
        ("CORP.EXAMPLE\\svc-expired", "Pässw0rd!"),
    ] {
        let subscriber = negotiate(&server, "http", username, password);
        let first = subscriber.exchange(&hq(), &request()).await.unwrap_err();
        let second = subscriber.exchange(&hq(), &request()).await.unwrap_err();
        assert_eq!(first, second);
        assert!(first.whole_server);
        told.push(first.sentence);
    }
    let ports = server.ports.iter().map(u16::to_string).zip(["KDC", "PORT"]);
    let told = ports.fold(told.join("\n"), |told, (port, name)| told.replace(&port, name));
    insta::assert_snapshot!(told, @"
    server `hq` at `localhost:PORT`: no Kerberos ticket from `127.0.0.1:KDC`: the password is wrong (Kerberos error 24); put the right password where `password_file` says, then `callboard reload`
    server `hq` at `localhost:PORT`: no Kerberos ticket from `127.0.0.1:KDC`: it knows no such account (Kerberos error 6); check `username`: the account and its domain, as Active Directory writes them
    server `hq` at `localhost:PORT`: no Kerberos ticket from `127.0.0.1:KDC`: the password has expired (Kerberos error 23); set a new password for the account, put it where `password_file` says, then `callboard reload`
    ");
}
