//! Cookies of groups.

use crate::server::{account, hq, reply, request, start, subscriber};
use subscriber::{SignIn, Trust};

#[tokio::test]
async fn a_group_s_cookies_go_with_its_requests_and_with_no_others() {
    let running = start(None, |heard| {
        let cookie = format!("Set-Cookie: X-BackEndOverrideCookie=server~{}; path=/; HttpOnly", heard.body);
        reply("200 OK", &[&cookie], "<answer/>")
    })
    .await;
    let subscriber = subscriber(&running.plain(), SignIn::Basic(account()), Trust::System);
    for (group, body) in [(Some("a"), "1"), (Some("b"), "2"), (None, "3"), (Some("a"), "4"), (Some("a"), "5")]
    {
        let mut request = request();
        request.affinity = group.map(str::to_owned);
        request.body = body.into();
        subscriber.exchange(&hq(), &request).await.unwrap();
    }
    let heard = running.heard();
    let cookies: Vec<_> = heard.iter().map(|heard| heard.header("Cookie")).collect();
    let of = |server| Some(server);
    assert_eq!(
        cookies,
        [None, None, None, of("X-BackEndOverrideCookie=server~1"), of("X-BackEndOverrideCookie=server~4")]
    );
}
