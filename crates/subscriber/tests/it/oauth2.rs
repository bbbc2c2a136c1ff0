//! Tokens, from a token endpoint on loopback.

use crate::server::{Heard, Running, Step, hq, now, reply, request, start};
use insta::assert_snapshot;
use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};
use subscriber::{ClientCredentials, Server, SignIn, Subscriber, Trust};

fn by_oauth2(server: &Running, endpoint: &Running) -> Subscriber {
    patient(server, endpoint, Duration::from_secs(20))
}

/// A subscriber with so much patience for each answer.
pub(crate) fn patient(server: &Running, endpoint: &Running, timeout: Duration) -> Subscriber {
    let credentials = ClientCredentials {
        token_url: format!("http://{}/tenant/oauth2/v2.0/token", endpoint.address),
        client_id: "app".into(),
        client_secret: "s&cret".into(),
        scope: "https://outlook.office365.com/.default".into(),
    };
    let sign_in = SignIn::OAuth2(credentials);
    let server = Server { id: hq(), url: Some(server.plain()), sign_in, trust: Trust::System, timeout };
    Subscriber::new([server], now()).unwrap()
}

/// A token endpoint that counts its tokens, each good for as many seconds.
async fn endpoint(seconds: u32) -> Running {
    let given = AtomicUsize::new(0);
    start(None, move |_| {
        let number = given.fetch_add(1, Ordering::Relaxed) + 1;
        let token =
            format!("{{\"token_type\":\"Bearer\",\"expires_in\":{seconds},\"access_token\":\"t{number}\"}}");
        reply("200 OK", &["Content-Type: application/json"], &token)
    })
    .await
}

fn answering(_: &Heard) -> Vec<Step> {
    reply("200 OK", &[], "<answer/>")
}

fn bearers(server: &Running) -> Vec<String> {
    server.heard().iter().map(|heard| heard.header("Authorization").unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_token_is_fetched_once_and_goes_with_every_request() {
    let (server, endpoint) = (start(None, answering).await, endpoint(3599).await);
    let subscriber = by_oauth2(&server, &endpoint);
    for _ in 0..3 {
        assert_eq!(subscriber.exchange(&hq(), &request()).await.unwrap().status, 200);
    }
    assert_eq!(bearers(&server), ["Bearer t1", "Bearer t1", "Bearer t1"]);
    let [asked] = &endpoint.heard()[..] else { panic!("asked once") };
    assert!(asked.head.starts_with("POST /tenant/oauth2/v2.0/token "), "{}", asked.head);
    assert_eq!(
        asked.body,
        "grant_type=client_credentials&client_id=app&client_secret=s%26cret\
         &scope=https%3A%2F%2Foutlook.office365.com%2F.default"
    );
}

#[tokio::test]
async fn a_token_that_has_expired_is_renewed() {
    let (server, endpoint) = (start(None, answering).await, endpoint(0).await);
    let subscriber = by_oauth2(&server, &endpoint);
    for _ in 0..2 {
        subscriber.exchange(&hq(), &request()).await.unwrap();
    }
    assert_eq!(bearers(&server), ["Bearer t1", "Bearer t2"]);
}

#[tokio::test]
async fn a_token_that_is_refused_is_not_used_again_and_nothing_is_tried_again() {
    let server = start(None, |_| reply("401 Unauthorized", &["WWW-Authenticate: Bearer"], "")).await;
    let endpoint = endpoint(3599).await;
    let subscriber = by_oauth2(&server, &endpoint);
    for _ in 0..2 {
        assert_eq!(subscriber.exchange(&hq(), &request()).await.unwrap().status, 401);
    }
    assert_eq!(bearers(&server), ["Bearer t1", "Bearer t2"]);
}

#[tokio::test]
async fn what_is_no_token_is_not_sent_and_nothing_said_of_it_lasts_forever() {
    let server = start(None, answering).await;
    for (answer, expected) in [
        (r#"{"access_token":"t1\r\nX: y","expires_in":3599}"#, None),
        (r#"{"access_token":"t1","expires_in":18446744073709551615}"#, Some("Bearer t1")),
        (r#"{"access_token":"t2","expires_in":"3599"}"#, Some("Bearer t2")),
        (r#"{"access_token":"t3"}"#, Some("Bearer t3")),
    ] {
        let endpoint = start(None, move |_| reply("200 OK", &[], answer)).await;
        let before = server.heard().len();
        let answered = by_oauth2(&server, &endpoint).exchange(&hq(), &request()).await;
        assert_eq!(answered.is_ok(), expected.is_some(), "{answer}");
        let heard = server.heard();
        assert_eq!(
            heard.get(before).map(|heard| heard.header("Authorization").unwrap()),
            expected,
            "{answer}"
        );
    }
}

#[tokio::test]
async fn a_refusal_of_the_token_endpoint_says_what_to_do() {
    let server = start(None, answering).await;
    let mut told = Vec::new();
    for (status, body) in [
        (
            "401 Unauthorized",
            r#"{"error":"invalid_client","error_description":"AADSTS7000222: The provided client secret keys for app 'x' are expired."}"#,
        ),
        (
            "400 Bad Request",
            r#"{"error":"unauthorized_client","error_description":"AADSTS700016: Application was not found."}"#,
        ),
        ("400 Bad Request", r#"{"error":"invalid_scope"}"#),
        ("502 Bad Gateway", "<html/>"),
        ("200 OK", "<html/>"),
    ] {
        let endpoint = start(None, move |_| reply(status, &[], body)).await;
        let unreachable = by_oauth2(&server, &endpoint).exchange(&hq(), &request()).await.unwrap_err();
        told.push(server.sentence(&unreachable.sentence));
    }
    assert_snapshot!(told.join("\n"), @"
    server `hq` at `127.0.0.1:PORT`: no token from `127.0.0.1`: `invalid_client` (AADSTS7000222); the client secret has expired: make a new one in the app registration
    server `hq` at `127.0.0.1:PORT`: no token from `127.0.0.1`: `unauthorized_client` (AADSTS700016); check `client_id`: the tenant has no such application
    server `hq` at `127.0.0.1:PORT`: no token from `127.0.0.1`: `invalid_scope`; check `scope`: the resource's address and `/.default`
    server `hq` at `127.0.0.1:PORT`: no token from `127.0.0.1`: `status 502`; check `tenant` or `token_url`, `client_id` and `scope`
    server `hq` at `127.0.0.1:PORT`: no answer from the token endpoint `127.0.0.1`: expected JSON with an `access_token`, found something else in line 1, column 1; check `tenant` or `token_url`, and that this machine may reach it
    ");
    assert!(server.heard().is_empty(), "nothing is asked without a token");
}
