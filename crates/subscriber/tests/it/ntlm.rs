//! NTLM against a script: which connection carries what, and when nothing more is tried. That the messages are right is
//! shown against other people's servers: see `outside`.

use crate::server::{Heard, Step, account, hq, reply, request, start, subscriber};
use base64::{Engine, engine::general_purpose::STANDARD};
use insta::assert_snapshot;
use std::sync::atomic::{AtomicBool, Ordering};
use subscriber::{SignIn, Subscriber, Trust};

fn by_ntlm(url: &str) -> Subscriber {
    subscriber(url, SignIn::Ntlm(account()), Trust::System)
}

/// A challenge ([MS-NLMP] 2.2.1.2) with these flags, and empty target information.
fn challenge(flags: u32) -> String {
    let place = [0x30_u8, 0, 0, 0];
    let message = [
        b"NTLMSSP\0\x02\0\0\0".as_slice(),
        &[0; 4],
        &place,
        &flags.to_le_bytes(),
        b"12345678",
        &[0; 8],
        &[4, 0, 4, 0],
        &place,
        &[0; 4],
    ];
    format!("WWW-Authenticate: NTLM {}", STANDARD.encode(message.concat()))
}

/// The number of the NTLM message that a request carries; 0 where there is none.
fn message(heard: &Heard) -> u8 {
    let token = heard.header("Authorization").and_then(|value| value.strip_prefix("NTLM "));
    token.map_or(0, |token| STANDARD.decode(token).unwrap()[8])
}

const UNAUTHORIZED: &str = "401 Unauthorized";
const VERSION_2: u32 = 0x2088_8205;

/// A server that signs connections in, and takes everything that has been signed in.
fn accepting(heard: &Heard) -> Vec<Step> {
    match message(heard) {
        1 => reply(UNAUTHORIZED, &[&challenge(VERSION_2)], "not yet"),
        _ => reply("200 OK", &[], "<answer/>"),
    }
}

#[tokio::test]
async fn a_connection_is_signed_in_once_and_the_body_sent_once() {
    let running = start(None, accepting).await;
    let subscriber = by_ntlm(&running.plain());
    for _ in 0..20 {
        assert_eq!(subscriber.exchange(&hq(), &request()).await.unwrap().status, 200);
    }
    let heard = running.heard();
    let carried: Vec<_> = heard.iter().take(4).map(|one| (message(one), one.body.as_str())).collect();
    assert_eq!(carried, [(1, ""), (3, "<question/>"), (0, "<question/>"), (0, "<question/>")]);
    assert!(heard.iter().all(|one| one.connection == 1), "{:?}", running.schemes());
    assert_eq!(heard.len(), 21);
}

#[tokio::test]
async fn requests_at_once_have_a_connection_each() {
    let running = start(None, accepting).await;
    let subscriber = by_ntlm(&running.plain());
    let asked = (0..8).map(|_| {
        let subscriber = subscriber.clone();
        tokio::spawn(async move { subscriber.exchange(&hq(), &request()).await.unwrap().status })
    });
    for status in asked.collect::<Vec<_>>() {
        assert_eq!(status.await.unwrap(), 200);
    }
    let mut signed_in: Vec<_> =
        running.heard().iter().filter(|heard| message(heard) == 3).map(|heard| heard.connection).collect();
    signed_in.sort_unstable();
    signed_in.dedup();
    let handshakes = running.heard().iter().filter(|heard| message(heard) == 3).count();
    assert_eq!(signed_in.len(), handshakes, "no connection is signed in twice");
}

#[tokio::test]
async fn a_refused_password_is_handed_on_and_not_tried_again() {
    let running = start(None, |heard| match message(heard) {
        1 => reply(UNAUTHORIZED, &[&challenge(VERSION_2)], ""),
        _ => reply(UNAUTHORIZED, &["WWW-Authenticate: NTLM"], "wrong"),
    })
    .await;
    let subscriber = by_ntlm(&running.plain());
    let answered = subscriber.exchange(&hq(), &request()).await.unwrap();
    assert_eq!((answered.status, answered.body.as_slice()), (401, b"wrong".as_slice()));
    assert_eq!(running.heard().iter().map(message).collect::<Vec<_>>(), [1, 3]);
}

#[tokio::test]
async fn those_who_wait_while_a_password_is_refused_do_not_try_it() {
    let running = start(None, |heard| match message(heard) {
        1 => reply(UNAUTHORIZED, &[&challenge(VERSION_2)], ""),
        _ => reply(UNAUTHORIZED, &["WWW-Authenticate: NTLM"], "wrong"),
    })
    .await;
    let subscriber = by_ntlm(&running.plain());
    // One thread: all of them ask before the first is answered.
    let asked: Vec<_> = (0..4)
        .map(|_| {
            let subscriber = subscriber.clone();
            tokio::spawn(async move { subscriber.exchange(&hq(), &request()).await })
        })
        .collect();
    let mut told = Vec::new();
    for asked in asked {
        told.extend(asked.await.unwrap().err().map(|unreachable| running.sentence(&unreachable.sentence)));
    }
    assert_eq!(running.heard().iter().filter(|heard| message(heard) == 3).count(), 1);
    assert_eq!(told.len(), 3);
    assert_snapshot!(told[0], @"server `hq` at `127.0.0.1:PORT`: the sign-in was refused to another request just now, so that this one did not try");
}

#[tokio::test]
async fn a_connection_that_lost_its_sign_in_is_signed_in_once_more() {
    static FORGOTTEN: AtomicBool = AtomicBool::new(false);
    let running = start(None, |heard| match message(heard) {
        0 if !FORGOTTEN.swap(true, Ordering::Relaxed) => {
            reply(UNAUTHORIZED, &["WWW-Authenticate: NTLM"], "who?")
        }
        _ => accepting(heard),
    })
    .await;
    let subscriber = by_ntlm(&running.plain());
    for _ in 0..2 {
        assert_eq!(subscriber.exchange(&hq(), &request()).await.unwrap().status, 200);
    }
    assert_eq!(running.heard().iter().map(message).collect::<Vec<_>>(), [1, 3, 0, 1, 3]);
}

#[tokio::test]
async fn a_connection_that_the_server_closed_is_replaced() {
    let running = start(None, |heard| match message(heard) {
        3 => {
            let mut steps = accepting(heard);
            steps.push(Step::Close);
            steps
        }
        _ => accepting(heard),
    })
    .await;
    let subscriber = by_ntlm(&running.plain());
    for connection in 1..=2 {
        assert_eq!(subscriber.exchange(&hq(), &request()).await.unwrap().status, 200);
        assert_eq!(running.heard().last().unwrap().connection, connection);
    }
}

#[tokio::test]
async fn a_connection_that_ends_while_it_is_signed_in_is_told() {
    let running = start(None, |heard| {
        let mut steps = accepting(heard);
        steps.push(Step::Close);
        steps
    })
    .await;
    let unreachable = by_ntlm(&running.plain()).exchange(&hq(), &request()).await.unwrap_err();
    assert!(!unreachable.whole_server);
    assert_snapshot!(running.sentence(&unreachable.sentence), @r#"server `hq` at `127.0.0.1:PORT`: expected the connection to last while it is signed in, found it closed; it is tried again; if this goes on, let the proxy or load balancer on the way keep connections, or configure `auth = "basic"`"#);
    assert_eq!(running.heard().len(), 1, "no password was sent");
}

#[tokio::test]
async fn a_server_without_ntlm_is_told_by_what_it_offers() {
    let running = start(None, |_| {
        reply(UNAUTHORIZED, &["WWW-Authenticate: Negotiate", "WWW-Authenticate: Basic realm=\"hq\""], "")
    })
    .await;
    let unreachable = by_ntlm(&running.plain()).exchange(&hq(), &request()).await.unwrap_err();
    assert_snapshot!(running.sentence(&unreachable.sentence), @r#"server `hq` at `127.0.0.1:PORT`: expected it to offer `NTLM`, found `Negotiate`, `Basic`; configure `auth = "negotiate"` or `auth = "basic"`, or enable it on the server: `Set-WebServicesVirtualDirectory -WindowsAuthentication $true`"#);
}

#[tokio::test]
async fn version_1_is_refused_by_design() {
    let running = start(None, |_| reply(UNAUTHORIZED, &[&challenge(0x0000_8205)], "")).await;
    let unreachable = by_ntlm(&running.plain()).exchange(&hq(), &request()).await.unwrap_err();
    assert_snapshot!(running.sentence(&unreachable.sentence), @"server `hq` at `127.0.0.1:PORT`: expected NTLM version 2, found a challenge without target information, which is version 1; version 1 is refused by design, as its answers can be broken: let the server take version 2 (`LmCompatibilityLevel` 3 or more), or configure another `auth`");
    assert_eq!(running.heard().len(), 1, "no password was sent");
}

#[tokio::test]
async fn a_challenge_of_nonsense_is_told() {
    let running = start(None, |_| reply(UNAUTHORIZED, &["WWW-Authenticate: NTLM bm9uc2Vuc2U="], "")).await;
    let unreachable = by_ntlm(&running.plain()).exchange(&hq(), &request()).await.unwrap_err();
    assert_snapshot!(running.sentence(&unreachable.sentence), @r#"server `hq` at `127.0.0.1:PORT`: expected the next message of NTLM, found something else: InternalError: IO error: Error { kind: UnexpectedEof, message: "failed to fill whole buffer" }; look for a proxy or load balancer on the way that changes headers"#);
}

#[tokio::test]
async fn what_is_not_about_the_sign_in_is_handed_on() {
    let running = start(None, |_| reply("503 Busy", &["Retry-After: 7"], "later")).await;
    let subscriber = by_ntlm(&running.plain());
    for _ in 0..2 {
        let answered = subscriber.exchange(&hq(), &request()).await.unwrap();
        assert_eq!((answered.status, answered.body.as_slice()), (503, b"later".as_slice()));
    }
    let heard: Vec<_> = running.heard().iter().map(|heard| (heard.connection, message(heard))).collect();
    assert_eq!(heard, [(1, 1), (2, 1)], "a connection that was not signed in is not taken for one that was");
}
