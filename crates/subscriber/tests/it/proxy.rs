//! A proxy on the way, which the environment names. A test cannot change its own, so that it runs itself again.

use crate::server::{account, hq, reply, request, start, subscriber};
use insta::assert_snapshot;
use std::{fmt::Display, process::Stdio};
use subscriber::{SignIn, Trust};
use sync_engine::Unreachable;
use tokio::process::Command;

/// Set where a proxy is named.
const AGAIN: &str = "CALLBOARD_TEST_BEHIND_A_PROXY";

/// Runs a test of this file again, by way of the proxy at this address.
async fn again_behind(test: &str, address: impl Display) {
    let again = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test])
        .env(AGAIN, "1")
        .env("HTTPS_PROXY", format!("http://someone:secret@{address}"))
        .env_remove("NO_PROXY")
        .env_remove("no_proxy")
        .stdout(Stdio::null())
        .status();
    assert!(again.await.unwrap().success());
}

/// What is told of a server whose name only the proxy knows.
async fn told() -> Unreachable {
    let url = "https://mail.example.com/EWS/Exchange.asmx";
    let subscriber = subscriber(url, SignIn::Basic(account()), Trust::System);
    subscriber.exchange(&hq(), &request()).await.unwrap_err()
}

#[tokio::test]
async fn a_proxy_that_does_not_answer_is_not_taken_for_the_server() {
    if std::env::var_os(AGAIN).is_some() {
        let unreachable = told().await;
        assert!(unreachable.whole_server);
        // no service has port 1 of this machine
        assert_snapshot!(unreachable.sentence, @"server `hq` at `mail.example.com:443`: no connection through the proxy `127.0.0.1:1`, which `HTTPS_PROXY` names: Connection refused (os error 111); check that the proxy runs and lets this machine through to the server; or correct `HTTPS_PROXY` where callboard is started, or put the server's host into `NO_PROXY` there");
        return;
    }
    again_behind("proxy::a_proxy_that_does_not_answer_is_not_taken_for_the_server", "127.0.0.1:1").await;
}

#[tokio::test]
async fn a_proxy_that_wants_a_sign_in_of_its_own_is_told() {
    if std::env::var_os(AGAIN).is_some() {
        let unreachable = told().await;
        assert!(unreachable.whole_server);
        assert_snapshot!(unreachable.sentence, @"server `hq` at `mail.example.com:443`: expected a way through the proxy, found that it wants to be signed in to (status 407); let this machine through the proxy without a sign-in, or put the server's host into `NO_PROXY` where callboard is started");
        return;
    }
    let proxy = start(None, |_| {
        reply("407 Proxy Authentication Required", &["Proxy-Authenticate: Basic realm=\"proxy\""], "")
    })
    .await;
    again_behind("proxy::a_proxy_that_wants_a_sign_in_of_its_own_is_told", proxy.address).await;
    let [heard] = &proxy.heard()[..] else { panic!("asked once") };
    assert!(heard.head.starts_with("CONNECT mail.example.com:443 "), "{}", heard.head);
    assert_eq!(heard.header("Authorization"), None);
}
