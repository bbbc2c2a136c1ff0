//! Name and password with every request, as far as the server wants them.

use crate::server::{account, hq, reply, request, start, subscriber};
use insta::assert_snapshot;
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};
use subscriber::{SignIn, Trust};

const UNAUTHORIZED: &str = "401 Unauthorized";

#[tokio::test]
async fn a_server_that_does_not_offer_it_sees_the_password_once_until_it_does() {
    let offers = Arc::new(AtomicBool::new(false));
    let offering = Arc::clone(&offers);
    let running = start(None, move |heard| match (offering.load(Ordering::Relaxed), heard.scheme()) {
        (false, _) => reply(UNAUTHORIZED, &["WWW-Authenticate: Negotiate", "WWW-Authenticate: NTLM"], ""),
        (true, "Basic") => reply("200 OK", &[], "here"),
        (true, _) => reply(UNAUTHORIZED, &["WWW-Authenticate: Basic realm=\"hq\""], ""),
    })
    .await;
    let subscriber = subscriber(&running.plain(), SignIn::Basic(account()), Trust::System);
    for _ in 0..2 {
        let unreachable = subscriber.exchange(&hq(), &request()).await.unwrap_err();
        assert_eq!(
            (unreachable.whole_server, unreachable.refusals),
            (true, 0),
            "nobody said that it is wrong"
        );
        insta::allow_duplicates! {
            assert_snapshot!(running.sentence(&unreachable.sentence), @r#"server `hq` at `127.0.0.1:PORT`: expected it to offer `Basic`, found `Negotiate`, `NTLM`; configure `auth = "negotiate"` or `auth = "ntlm"`, or enable it on the server: `Set-WebServicesVirtualDirectory -BasicAuthentication $true`"#);
        }
    }
    offers.store(true, Ordering::Relaxed);
    for _ in 0..2 {
        assert_eq!(subscriber.exchange(&hq(), &request()).await.unwrap().body, b"here");
    }
    let schemes: Vec<String> = running.schemes().into_iter().map(|(_, scheme)| scheme).collect();
    assert_eq!(schemes, ["Basic", "nothing", "nothing", "Basic", "Basic"]);
}

#[tokio::test]
async fn a_refusal_by_who_offers_it_or_nothing_is_handed_on() {
    for headers in [&["WWW-Authenticate: NTLM", "WWW-Authenticate: Basic realm=\"hq\""][..], &[]] {
        let running = start(None, move |_| reply(UNAUTHORIZED, headers, "")).await;
        let subscriber = subscriber(&running.plain(), SignIn::Basic(account()), Trust::System);
        assert_eq!(subscriber.exchange(&hq(), &request()).await.unwrap().status, 401);
    }
}
