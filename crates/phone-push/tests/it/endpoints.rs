//! Video endpoints, by both transports and with every software.

use crate::{
    device, present,
    stage::{self, Stage},
    withheld,
};
use exchange_sim::{
    endpoint::{self, Knows, Listed},
    server::Endpoints,
};
use insta::assert_snapshot;
use meeting_model::withheld::Withheld;
use phone_push::{Account, DeviceKind, Endpoint, HttpSettings, Transport, Trust};
use sync_engine::{Delivered, Event};

const BOTH: [Transport; 2] = [Transport::Http, Transport::WebSocket];

async fn one(software: &str, knows: Knows) -> Endpoints {
    let endpoint = endpoint::Endpoint::new("berlin", "admin", "open sesame").with_software(software, knows);
    Endpoints::serve(vec![endpoint]).await.unwrap()
}

fn stage(endpoints: &Endpoints, transport: Transport) -> Stage {
    Stage::of(kind(endpoints.base_url("berlin").unwrap(), transport, "open sesame", Trust::System)).unwrap()
}

pub(crate) fn kind(url: &str, transport: Transport, password: &str, trust: Trust) -> DeviceKind {
    let account = Account { username: "admin".to_owned(), password: password.into() };
    DeviceKind::RoomOs(Endpoint { url: url.to_owned(), account, transport, trust })
}

fn lines(list: &[Listed]) -> String {
    let line = |one: &Listed| {
        let (number, platform) = (one.number.as_deref(), one.platform.as_deref());
        format!(
            "{} {}-{} {:?} by {:?}: {} {} {}{}",
            one.id,
            one.start.format("%dT%H:%M"),
            one.end.format("%H:%M"),
            one.title,
            one.organizer,
            one.protocol,
            number.unwrap_or("nothing to dial"),
            platform.unwrap_or("no platform"),
            if one.private { " private" } else { "" },
        )
    };
    list.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[tokio::test]
async fn the_whole_list_is_put_by_both_transports() {
    let mut lists = Vec::new();
    for transport in BOTH {
        let endpoints = one("RoomOS 11.14.5.0", Knows { put: true, put_xml: false }).await;
        let stage = stage(&endpoints, transport);
        let delivered = stage.deliver(None).await;
        assert!(matches!(delivered, Delivered::Acknowledged { sent: true, .. }), "{delivered:?}");
        lists.push(lines(&endpoints.list("berlin")));
        assert_eq!(stage.push.empty(&device()).await, Ok(()));
        assert_eq!(
            (endpoints.list("berlin").len(), endpoints.puts("berlin")),
            (0, 2),
            "the empty list is put, too"
        );
    }
    let [by_http, by_web_socket] = lists.as_slice() else { panic!("{lists:?}") };
    assert_eq!(by_http, by_web_socket);
    assert_snapshot!(by_http, @r#"
    a1 21T09:00-10:00 "R&D <weekly>" by "Kim Jones": SIP 4711@video.example.com no platform
    b2 21T11:00-11:46 "Private meeting" by "": SIP 0815@secret.example.com no platform private
    c3 22T09:00-10:00 "Sunday" by "Kim Jones": WebRTC https://teams.microsoft.com/meet/123?p=x MicrosoftTeams
    "#);
}

#[tokio::test]
async fn older_and_newer_software_is_given_what_it_knows() {
    let knows = Knows { put: true, put_xml: false };
    let mut lists = Vec::new();
    for software in ["ce9.15.17.4", "26.4.1"] {
        let endpoints = one(software, knows).await;
        let nothing = Withheld::default();
        stage(&endpoints, Transport::Http).push.deliver(&device(), &present(), &nothing, None, None).await;
        lists.push(lines(&endpoints.list("berlin")));
    }
    assert_snapshot!(lists.join("\n\n"), @r#"
    a1 21T09:00-10:00 "R&D <weekly>" by "Kim Jones": SIP 4711@video.example.com no platform
    b2 21T11:00-11:46 "Private meeting" by "": SIP nothing to dial no platform private
    c3 22T09:00-10:00 "Sunday" by "Kim Jones": SIP nothing to dial no platform

    a1 21T09:00-10:00 "R&D <weekly>" by "Kim Jones": SIP 4711@video.example.com no platform
    b2 21T11:00-11:46 "Private meeting" by "": None nothing to dial no platform private
    c3 22T09:00-10:00 "Sunday" by "Kim Jones": WebRTC https://teams.microsoft.com/meet/123?p=x MicrosoftTeams
    "#);
}

#[tokio::test]
async fn an_endpoint_without_the_command_gets_its_list_by_the_older_path_and_that_is_remembered() {
    let mut lists = Vec::new();
    for transport in BOTH {
        let endpoints = one("TC7.3.9", Knows { put: false, put_xml: true }).await;
        let stage = stage(&endpoints, transport);
        for puts in 1..=2 {
            let delivered = stage.deliver(None).await;
            assert!(matches!(delivered, Delivered::Acknowledged { sent: true, .. }), "{delivered:?}");
            assert_eq!(endpoints.puts("berlin"), puts);
        }
        lists.push(lines(&endpoints.list("berlin")));
        assert_eq!(stage.push.empty(&device()).await, Ok(()));
        assert_eq!(endpoints.list("berlin"), []);
    }
    let [by_http, by_web_socket] = lists.as_slice() else { panic!("{lists:?}") };
    assert_eq!(by_http, by_web_socket);
    assert_snapshot!(by_http, @r#"
    a1 21T09:00-10:00 "R&D <weekly>" by "Kim Jones": SIP 4711@video.example.com no platform
    b2 21T11:00-11:45 "Private meeting" by "": SIP 0815@secret.example.com no platform private
    c3 22T09:00-10:00 "Sunday" by "Kim Jones":  nothing to dial no platform
    "#);
    let neither = one("1.0", Knows { put: false, put_xml: false }).await;
    let refused = crate::sentence(&stage(&neither, Transport::Http).deliver(None).await);
    assert_snapshot!(refused, @"endpoint `http://DEVICE`: knows neither `Bookings Put` nor `/bookingsputxml`: check that it is a video endpoint of Cisco's with TC7 or later, and not a Teams room");
}

#[tokio::test]
async fn what_it_still_has_after_our_restart_is_not_put_again() {
    for transport in BOTH {
        let endpoints = one("RoomOS 11.14.5.0", Knows { put: true, put_xml: true }).await;
        let Delivered::Acknowledged { digest, .. } = stage(&endpoints, transport).deliver(None).await else {
            panic!("it answers");
        };
        let restarted = stage(&endpoints, transport);
        let delivered = restarted.deliver(Some(&digest)).await;
        assert!(
            matches!(delivered, Delivered::Acknowledged { sent: false, answered: true, .. }),
            "{delivered:?}"
        );
        assert_eq!(endpoints.puts("berlin"), 1);
        endpoints.restart("berlin").await;
        let delivered = stage(&endpoints, transport).deliver(Some(&digest)).await;
        assert!(matches!(delivered, Delivered::Acknowledged { sent: true, .. }), "{delivered:?}");
        assert_eq!(
            (endpoints.puts("berlin"), endpoints.list("berlin").len()),
            (2, 3),
            "it had lost its list"
        );
    }
}

#[tokio::test]
async fn an_endpoint_is_asked_for_its_list_every_ten_minutes() {
    let endpoints = one("RoomOS 11.14.5.0", Knows { put: true, put_xml: true }).await;
    let stage = stage(&endpoints, Transport::Http);
    let Delivered::Acknowledged { digest, next_change, .. } = stage.deliver(None).await else {
        panic!("it answers");
    };
    let mut present = present();
    assert_eq!(next_change, present.now + chrono::TimeDelta::minutes(10));
    endpoints.restart("berlin").await;
    for (minutes, puts) in [(9, 1), (10, 2)] {
        present.now = next_change + chrono::TimeDelta::minutes(minutes - 10);
        let delivered = stage.push.deliver(&device(), &present, &withheld(), Some(&digest), None).await;
        let Delivered::Acknowledged { answered, .. } = delivered else { panic!("{delivered:?}") };
        assert_eq!((endpoints.puts("berlin"), answered), (puts, puts == 2), "after {minutes} minutes");
    }
}

#[tokio::test]
async fn an_endpoint_that_restarts_says_so_on_its_web_socket() {
    let endpoints = one("RoomOS 11.14.5.0", Knows { put: true, put_xml: true }).await;
    let mut stage = stage(&endpoints, Transport::WebSocket);
    stage.deliver(None).await;
    endpoints.restart("berlin").await;
    assert_eq!(stage.events.recv().await, Some(Event::Forgot { device: device() }));
    stage.deliver(None).await;
    endpoints.shutdown().await;
    assert_eq!(stage.events.recv().await, Some(Event::Forgot { device: device() }), "as when it breaks off");
}

#[tokio::test]
async fn an_endpoint_that_restarts_calls_back() {
    let endpoints = one("RoomOS 11.14.5.0", Knows { put: true, put_xml: true }).await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let here = format!("http://{}", listener.local_addr().unwrap());
    let kind = kind(endpoints.base_url("berlin").unwrap(), Transport::Http, "open sesame", Trust::System);
    let (push, callbacks, mut events) =
        stage::push(vec![(device(), stage::target(kind))], &here, HttpSettings::default());
    tokio::spawn(axum::serve(listener, callbacks.router()).into_future());
    push.unwrap().deliver(&device(), &present(), &withheld(), None, None).await;
    endpoints.restart("berlin").await;
    assert_eq!(events.recv().await, Some(Event::Forgot { device: device() }));
}

#[tokio::test]
async fn only_a_certificate_that_is_trusted_is_believed() {
    use sha2::{Digest, Sha256};
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let _ = rustls::crypto::ring::default_provider().install_default();
    let key = rustls::pki_types::PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let config = rustls::ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .unwrap();
    let acceptor = tokio_rustls::TlsAcceptor::from(std::sync::Arc::new(config));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://localhost:{}", listener.local_addr().unwrap().port());
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            // Whoever was believed sees the connection end.
            drop(acceptor.accept(stream).await);
        }
    });
    let pinned = Trust::Pinned(Sha256::digest(made.cert.der()).into());
    let authority = Trust::Authorities(made.cert.pem().into_bytes());
    for (trust, believed) in
        [(Trust::System, false), (Trust::Pinned([7; 32]), false), (pinned, true), (authority, true)]
    {
        for transport in BOTH {
            let stage = Stage::of(kind(&url, transport, "open sesame", trust.clone())).unwrap();
            let Delivered::Failed { sentence, .. } = stage.deliver(None).await else {
                panic!("nobody answers")
            };
            assert_eq!(
                !sentence.contains("its certificate is not trusted"),
                believed,
                "{trust:?} {transport:?}: {sentence}"
            );
        }
    }
    let none =
        Stage::of(kind(&url, Transport::Http, "", Trust::Authorities(b"hello".to_vec()))).err().unwrap();
    assert_snapshot!(none, @"device `berlin/phone`: expected certificates in PEM or DER to trust, found none");
}
