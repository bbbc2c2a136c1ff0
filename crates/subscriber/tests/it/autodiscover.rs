//! Autodiscover, asked as a server's account.

use crate::{
    server::{account, hq, now, reply, start, subscriber},
    stand_in,
};
use exchange_sim::{ChannelBinding, SignIn as Demand};
use exchange_wire::{
    Reply,
    autodiscover::{Ask, Discovery, Policy, Step},
    ews::{
        Dialect, Mailbox,
        get_folder::{self, Folder},
    },
};
use std::time::Duration;
use subscriber::{Addressee, Server, SignIn, Subscriber, Trust};

/// The first question about a room, to this address.
fn ask(url: String) -> Ask {
    match Discovery::begin("berlin@rooms.example", Policy::default()) {
        Step::Ask(_, ask) => Ask { url, ..ask },
        step => panic!("nobody is asked: {step:?}"),
    }
}

#[tokio::test]
async fn who_is_found_by_name_and_password_is_asked_where_he_says() {
    for (demand, sign_in) in [
        (Demand::default(), SignIn::Basic(stand_in::account(stand_in::PASSWORD))),
        (Demand::windows(ChannelBinding::Require), SignIn::Ntlm(stand_in::account(stand_in::PASSWORD))),
    ] {
        let running = stand_in::exchange(demand).await;
        let (trust, timeout) = (stand_in::trust(&running), Duration::from_secs(20));
        let server = Server { id: hq(), url: None, sign_in, trust, timeout };
        let subscriber = Subscriber::new([server], now()).unwrap();
        let request = get_folder::request(Dialect::default(), &Mailbox::new("berlin@rooms.example"));
        let nowhere = subscriber.ask(&hq(), &request).await.unwrap_err().to_string();
        assert_eq!(nowhere, "server `hq`: expected its address, found that Autodiscover has not told it");

        let asked = ask(format!("{}/autodiscover/autodiscover.svc", running.url()));
        let answer = subscriber.discover(&hq(), &asked).await.unwrap();
        let body = String::from_utf8(answer.body).unwrap();
        assert_eq!(answer.status, 200, "{body}");
        let url = running.ews_url();
        assert!(
            body.contains(&format!("<Value>{url}</Value>")) || body.contains(&format!(">{url}<")),
            "{body}"
        );
        let answer = subscriber.ask(Addressee { server: &hq(), at: Some(&url) }, &request).await.unwrap();
        let opened = get_folder::parse(&answer.as_wire()).and_then(Folder::readable);
        assert!(opened.is_ok(), "{opened:?}");
        running.shutdown().await;
    }
}

#[tokio::test]
async fn the_password_is_shown_to_nobody_who_does_not_ask_for_it() {
    let site = start(None, |_| reply("200 OK", &[], "<html/>")).await;
    let subscriber = subscriber(&site.plain(), SignIn::Basic(account()), Trust::System);
    let url = format!("http://127.0.0.1:{}/autodiscover/autodiscover.svc", site.address.port());
    subscriber.discover(&hq(), &ask(url.clone())).await.unwrap();
    assert_eq!(site.schemes(), [(1, "nothing".to_owned())]);

    let other = start(None, |_| reply("401 Unauthorized", &["WWW-Authenticate: NTLM"], "")).await;
    let url = url.replace(&site.address.port().to_string(), &other.address.port().to_string());
    let error = subscriber.discover(&hq(), &ask(url)).await.unwrap_err();
    assert_eq!(
        other.sentence(&error.to_string()),
        "server `hq` at `127.0.0.1:PORT`: expected it to offer `Basic`, found `NTLM`"
    );
    assert_eq!(other.schemes(), [(1, "nothing".to_owned())]);
}

#[tokio::test]
async fn a_redirection_is_an_answer() {
    let site = start(None, |_| reply("302 Found", &["Location: https://evil.example/"], "")).await;
    let subscriber = subscriber(&site.plain(), SignIn::Basic(account()), Trust::System);
    let url = format!("http://127.0.0.1:{}/autodiscover/autodiscover.svc", site.address.port());
    let answer = subscriber.discover(&hq(), &ask(url)).await.unwrap();
    let reply = Reply { status: answer.status, headers: &answer.headers, body: &answer.body };
    assert_eq!((reply.status, reply.header("Location")), (302, Some("https://evil.example/")));
    assert_eq!(site.heard().len(), 1);
}
