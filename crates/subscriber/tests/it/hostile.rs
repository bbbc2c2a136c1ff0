//! Servers that mean ill: what is taken from them is bounded, and each is told for what it is.

use crate::{
    oauth2,
    server::{Running, Step, account, hq, patient, reply, request, start, subscriber},
};
use exchange_wire::{Reply, ews::get_folder};
use insta::assert_snapshot;
use std::{fs, time::Duration};
use subscriber::{SignIn, Subscriber, Trust};
use tokio::{io::AsyncWriteExt, net::TcpListener};

const PATIENCE: Duration = Duration::from_secs(20);

/// By so much the whole process may have grown at its largest, in MB: an answer of 32 MiB in a vector that doubles, and what
/// other tests do beside it. The answers here have a thousand and more.
const MOST_GROWTH: u64 = 256;

fn by_basic(running: &Running, patience: Duration) -> Subscriber {
    patient(&running.plain(), SignIn::Basic(account()), Trust::System, patience)
}

/// What this process has in RAM, now or at its most, in MB.
fn memory(line: &str) -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|found| found.starts_with(line)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() / 1024
}

/// What this process had in RAM before somebody meant ill.
struct Memory(u64);

impl Memory {
    fn now() -> Self {
        Self(memory("VmRSS"))
    }

    /// Nor has it grown since, by more than is agreed.
    fn is_bounded(&self) {
        let grown = memory("VmHWM").saturating_sub(self.0);
        println!("{grown} MB more at most");
        assert!(grown < MOST_GROWTH, "{grown} MB more");
    }
}

/// What the administrator reads of a server that answers so.
async fn sentence(steps: impl Fn() -> Vec<Step> + Send + Sync + 'static, patience: Duration) -> String {
    let running = start(None, move |_| steps()).await;
    let unreachable = by_basic(&running, patience).exchange(&hq(), &request()).await.unwrap_err();
    running.sentence(&unreachable.sentence)
}

fn head(headers: &str) -> Step {
    Step::Say(format!("HTTP/1.1 200 OK\r\n{headers}\r\n").into())
}

#[tokio::test]
async fn an_answer_of_a_gigabyte_and_one_without_end_are_cut_off() {
    let before = Memory::now();
    for headers in ["Content-Length: 1073741824\r\n", "Connection: close\r\n"] {
        let megabyte = || vec![head(headers), Step::Forever(vec![b' '; 1 << 20], Duration::ZERO)];
        let said = sentence(megabyte, PATIENCE).await;
        let expected = "expected an answer to GetFolder of at most 33554432 bytes, found more";
        assert!(said.contains(expected), "{said}");
    }
    before.is_bounded();
}

#[tokio::test]
async fn headers_without_end_are_cut_off() {
    let before = Memory::now();
    // many, large ones, and one that never ends
    for flood in [
        format!("{}\r\n", "X-Flood: x\r\n".repeat(100)),
        format!("X-Flood: {}\r\n", "x".repeat(1 << 16)),
        "x".repeat(1 << 16),
    ] {
        let head = || Step::Say(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n".into());
        let steps = move || vec![head(), Step::Forever(flood.clone().into(), Duration::ZERO)];
        let said = sentence(steps, PATIENCE).await;
        insta::allow_duplicates! { assert_snapshot!(said, @"server `hq` at `127.0.0.1:PORT`: expected an answer to GetFolder of at most 100 headers in 400 KB, found more; check that the address is Exchange's, and what a proxy on the way adds to its answers"); }
    }
    before.is_bounded();
}

#[tokio::test]
async fn an_answer_that_comes_byte_by_byte_ends_in_time() {
    let before = Memory::now();
    for begun in ["HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n", "HTTP/1.1 200 OK\r\nX-Drip: "] {
        let drip = || Step::Forever(b"x".into(), Duration::from_millis(10));
        let said = sentence(move || vec![Step::Say(begun.into()), drip()], Duration::from_millis(300)).await;
        assert!(said.contains("expected an answer to GetFolder within 0 s, found none"), "{said}");
    }
    before.is_bounded();
}

/// What the administrator reads where the token endpoint answers so.
async fn token_sentence(steps: impl Fn() -> Vec<Step> + Send + Sync + 'static, patience: Duration) -> String {
    let server = start(None, |_| reply("200 OK", &[], "<answer/>")).await;
    let endpoint = start(None, move |_| steps()).await;
    let asked = oauth2::patient(&server, &endpoint, patience).exchange(&hq(), &request()).await;
    assert!(server.heard().is_empty(), "nothing is asked without a token");
    server.sentence(&asked.unwrap_err().sentence)
}

#[tokio::test]
async fn a_token_endpoint_that_does_not_end_is_cut_off() {
    let before = Memory::now();
    let granted = r#"{"access_token":""#;
    let mut told = Vec::new();
    for (begun, piece, pause, patience) in [
        ("Content-Length: 1073741824\r\n\r\n", 1 << 20, Duration::ZERO, PATIENCE),
        ("Connection: close\r\n\r\n", 1 << 20, Duration::ZERO, PATIENCE),
        ("X-Flood: ", 1 << 16, Duration::ZERO, PATIENCE),
        ("Content-Length: 1000\r\n\r\n", 1, Duration::from_millis(10), Duration::from_millis(100)),
    ] {
        let begun = format!("HTTP/1.1 200 OK\r\n{begun}{granted}");
        let endless = move || vec![Step::Say(begun.clone().into()), Step::Forever(vec![b'x'; piece], pause)];
        told.push(token_sentence(endless, patience).await);
    }
    assert_snapshot!(told.join("\n"), @"
    server `hq` at `127.0.0.1:PORT`: no answer from the token endpoint `127.0.0.1`: expected an answer of at most 1048576 bytes, found more; check `tenant` or `token_url`, and that this machine may reach it
    server `hq` at `127.0.0.1:PORT`: no answer from the token endpoint `127.0.0.1`: expected an answer of at most 1048576 bytes, found more; check `tenant` or `token_url`, and that this machine may reach it
    server `hq` at `127.0.0.1:PORT`: no answer from the token endpoint `127.0.0.1`: expected an answer of at most 100 headers in 400 KB, found more; check `tenant` or `token_url`, and that this machine may reach it
    server `hq` at `127.0.0.1:PORT`: no answer from the token endpoint `127.0.0.1`: expected an answer within 0.1 s, found none that was whole by then; check `tenant` or `token_url`, and that this machine may reach it
    ");
    before.is_bounded();
}

#[tokio::test]
async fn a_key_distribution_centre_that_has_too_much_to_say_is_not_heard() {
    let server = start(None, |_| reply("401 Unauthorized", &["WWW-Authenticate: Negotiate"], "")).await;
    let centre = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let kdc = centre.local_addr().unwrap().to_string();
    tokio::spawn(async move {
        let (mut stream, _) = centre.accept().await.unwrap();
        // as many bytes as it says that it has
        while stream.write_all(&[0x7f; 1 << 14]).await.is_ok() {}
    });
    let sign_in = SignIn::Negotiate { account: account(), kdc: Some(kdc.clone()) };
    let before = Memory::now();
    let unreachable = subscriber(&server.plain(), sign_in, Trust::System).exchange(&hq(), &request()).await;
    let told = server.sentence(&unreachable.unwrap_err().sentence).replace(&kdc, "KDC");
    assert_snapshot!(told, @"server `hq` at `127.0.0.1:PORT`: no answer from the key distribution centre `KDC`: the answer is too large; check `kdc`, and that no firewall stands between this machine and its port 88");
    before.is_bounded();
}

/// A thousand spaces in gzip (RFC 1952).
const PACKED: &[u8] = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\x53\x50\x18\x05\xa3\x60\x14\x0c\x77\x00\x00\x82\xe3\x93\xcd\xe8\x03\x00\x00";

#[tokio::test]
async fn what_is_packed_is_not_unpacked() {
    let head =
        format!("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {}\r\n\r\n", PACKED.len());
    let running = start(None, move |_| vec![Step::Say(head.clone().into()), Step::Say(PACKED.into())]).await;
    let answer = by_basic(&running, PATIENCE).exchange(&hq(), &request()).await.unwrap();
    assert_eq!(answer.body, PACKED, "as it came");
    assert_eq!(running.heard()[0].header("Accept-Encoding"), None, "nobody asks for it");
}

#[tokio::test]
async fn documents_that_grow_or_reach_out_are_refused() {
    let before = Memory::now();
    let lol = (0..10).fold(String::new(), |entities, n| {
        format!("{entities}<!ENTITY e{} \"{}\">", n + 1, format!("&e{n};").repeat(10))
    });
    for document in [
        format!("<!DOCTYPE x [<!ENTITY e0 \"lol\">{lol}]><Envelope>&e10;</Envelope>"),
        "<!DOCTYPE x [<!ENTITY file SYSTEM \"file:///etc/passwd\">]><Envelope>&file;</Envelope>".to_owned(),
        "<!DOCTYPE x SYSTEM \"http://127.0.0.1:1/x.dtd\"><Envelope/>".to_owned(),
    ] {
        let running = start(None, move |_| reply("200 OK", &[], &document)).await;
        let answer = by_basic(&running, PATIENCE).exchange(&hq(), &request()).await.unwrap();
        let answer = Reply { status: answer.status, headers: &answer.headers, body: &answer.body };
        let said = get_folder::parse(&answer).unwrap_err().to_string();
        assert!(said.contains("a document type is declared, which no reply needs"), "{said}");
        assert_eq!(running.heard().len(), 1);
    }
    before.is_bounded();
}

#[tokio::test]
async fn nobody_is_followed_elsewhere() {
    let other = start(None, |_| reply("200 OK", &[], "<stolen/>")).await;
    for status in
        ["301 Moved", "302 Found", "303 See Other", "307 Temporary Redirect", "308 Permanent Redirect"]
    {
        let location = format!("Location: {}", other.plain());
        let running = start(None, move |_| reply(status, &[location.as_str()], "")).await;
        let answer = by_basic(&running, PATIENCE).exchange(&hq(), &request()).await.unwrap();
        let answer = Reply { status: answer.status, headers: &answer.headers, body: &answer.body };
        let said = get_folder::parse(&answer).unwrap_err().to_string();
        assert!(said.contains("found a redirection (status 30"), "{said}");
        assert!(running.heard()[0].header("Authorization").is_some(), "we did sign in where we were told to");
    }
    assert!(other.heard().is_empty(), "somebody else heard of us: {:?}", other.heard());
}

#[tokio::test]
async fn a_stream_without_end_costs_nothing() {
    let before = Memory::now();
    let running =
        start(None, |_| vec![head("Transfer-Encoding: chunked\r\n"), Step::Forever(chunk(), Duration::ZERO)])
            .await;
    let mut opened = by_basic(&running, PATIENCE).open(&hq(), &request(), PATIENCE).await.unwrap();
    let mut stream = exchange_wire::ews::get_streaming_events::Stream::default();
    let mut heard = 0;
    let error = loop {
        let piece = opened.next().await.unwrap().unwrap();
        heard += piece.len();
        if let Err(error) = stream.take(&piece) {
            break error.to_string();
        }
    };
    assert!(error.contains("8 MiB"), "{error}");
    assert!(heard < 9 << 20, "{heard} bytes were taken");
    before.is_bounded();
}

fn chunk() -> Vec<u8> {
    [b"10000\r\n".as_slice(), "x".repeat(0x10000).as_bytes(), b"\r\n"].concat()
}

#[tokio::test]
async fn what_speaks_no_http_is_told_from_what_breaks_off() {
    // a TLS alert (RFC 8446 §6.2), and a mail server's greeting
    for said in [&b"\x15\x03\x01\x00\x02\x02\x46"[..], b"220 mail.example.com ESMTP\r\n"] {
        let steps = move || vec![Step::Say(said.to_vec()), Step::Close];
        let told = sentence(steps, PATIENCE).await;
        insta::allow_duplicates! {
            insta::assert_snapshot!(told, @"server `hq` at `127.0.0.1:PORT`: expected an answer in HTTP, found something else: invalid HTTP version parsed; check the port in `url`: it may want `https://`, as 443 does, or be another service's, as 25 is for mail");
        }
    }
}
