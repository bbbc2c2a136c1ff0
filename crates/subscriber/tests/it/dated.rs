//! What replies tell of the servers' clocks.

use crate::server::{Certified, account, hq, reply, request, start, subscriber};
use std::sync::{Arc, Mutex};
use subscriber::{Dated, SignIn, Trust, dated::Hears};

const DATE: &str = "Date: Sat, 21 Nov 2026 09:00:00 GMT";

/// What is heard of four requests, of a server that answers with these headers.
async fn heard(secure: bool, headers: &'static [&'static str], status: &'static str) -> Vec<Dated> {
    let certified = Certified::new(|_| {});
    let running = start(secure.then_some(&certified), move |_| reply(status, headers, "<answer/>")).await;
    let (url, trust) =
        if secure { (running.secure(), certified.trust()) } else { (running.plain(), Trust::System) };
    let subscriber = subscriber(&url, SignIn::Basic(account()), trust);
    let all = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&all);
    let hears: Arc<Hears> = Arc::new(move |dated| kept.lock().unwrap().push(dated));
    subscriber.tell_dates(&hears);
    for _ in 0..4 {
        subscriber.exchange(&hq(), &request()).await.unwrap();
    }
    all.lock().unwrap().clone()
}

#[tokio::test]
async fn every_reply_that_is_dated_is_heard_whatever_it_says() {
    for (secure, status) in
        [(false, "200 OK"), (true, "200 OK"), (false, "401 Unauthorized"), (false, "503 Busy")]
    {
        let heard = heard(secure, &[DATE, "X-FEServer: EX01"], status).await;
        assert_eq!(heard.len(), 4, "{status}");
        for dated in &heard {
            assert_eq!((dated.server.clone(), dated.front_end.as_deref()), (hq(), Some("EX01")));
            assert_eq!(dated.date, "Sat, 21 Nov 2026 09:00:00 GMT");
            assert!(dated.sent < dated.received);
        }
        assert!(heard.windows(2).all(|two| two[0].received <= two[1].sent));
    }
}

#[tokio::test]
async fn without_a_front_end_s_name_connections_are_told_apart() {
    let lasting = heard(false, &[DATE], "200 OK").await;
    assert!(lasting[0].front_end.is_none() && lasting[0].connection.starts_with("127.0.0.1:"), "{lasting:?}");
    assert!(
        lasting.iter().all(|dated| dated.connection == lasting[0].connection),
        "one connection: {lasting:?}"
    );
    let closed = heard(false, &[DATE, "Connection: close"], "200 OK").await;
    let mut names: Vec<_> = closed.into_iter().map(|dated| dated.connection).collect();
    names.dedup();
    assert_eq!(names.len(), 4, "a connection each");
}

#[tokio::test]
async fn a_server_that_tells_no_time_is_not_heard_of() {
    assert_eq!(heard(false, &["X-FEServer: EX01"], "200 OK").await, []);
}
