//! A proxy on the way, which the environment names. A test cannot change its own, so that it runs itself again.

use crate::server::{account, hq, reply, request, start, subscriber};
use insta::assert_snapshot;
use std::process::Stdio;
use subscriber::{SignIn, Trust};
use tokio::process::Command;

/// Set where a proxy is named.
const AGAIN: &str = "CALLBOARD_TEST_BEHIND_A_PROXY";

#[tokio::test]
async fn a_proxy_that_wants_a_sign_in_of_its_own_is_told() {
    if std::env::var_os(AGAIN).is_some() {
        let url = "https://mail.example.com/EWS/Exchange.asmx";
        let subscriber = subscriber(url, SignIn::Basic(account()), Trust::System);
        let unreachable = subscriber.exchange(&hq(), &request()).await.unwrap_err();
        assert!(unreachable.whole_server);
        assert_snapshot!(unreachable.sentence, @"server `hq` at `mail.example.com:443`: expected a way through the proxy, found that it wants to be signed in to (status 407); let this machine through the proxy without a sign-in, or put the server's host into `NO_PROXY` where callboard is started");
        return;
    }
    let proxy = start(None, |_| {
        reply("407 Proxy Authentication Required", &["Proxy-Authenticate: Basic realm=\"proxy\""], "")
    })
    .await;
    let again = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "proxy::a_proxy_that_wants_a_sign_in_of_its_own_is_told"])
        .env(AGAIN, "1")
        .env("HTTPS_PROXY", format!("http://{}", proxy.address))
        .env_remove("NO_PROXY")
        .env_remove("no_proxy")
        .stdout(Stdio::null())
        .status();
    assert!(again.await.unwrap().success());
    let [heard] = &proxy.heard()[..] else { panic!("asked once") };
    assert!(heard.head.starts_with("CONNECT mail.example.com:443 "), "{}", heard.head);
    assert_eq!(heard.header("Authorization"), None);
}
