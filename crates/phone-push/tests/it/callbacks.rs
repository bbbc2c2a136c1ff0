//! The routes that devices call back on.

use crate::{device, phones::phone_at, present, stage, withheld};
use exchange_sim::{endpoint, server::Endpoints};
use meeting_model::id::{DeviceId, Revision};
use phone_push::{Callbacks, DeviceKind, DeviceTarget, HttpSettings, PhonePush, Poller};
use std::time::Duration;
use sync_engine::{Delivered, Event, Page};
use tokio::sync::mpsc::UnboundedReceiver;

struct Site {
    url: String,
    push: PhonePush,
    events: UnboundedReceiver<Event>,
    http: reqwest::Client,
    callbacks: Callbacks,
}

/// Devices whose routes are served.
async fn site(targets: Vec<(DeviceId, DeviceTarget)>) -> Site {
    let (push, callbacks, events) = stage::push(targets, "http://feed.example.com", HttpSettings::default());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(axum::serve(listener, callbacks.router()).into_future());
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    Site { url, push: push.unwrap(), events, http, callbacks }
}

impl Site {
    async fn get(&self, path: &str) -> (u16, String) {
        let answer = self.http.get(format!("{}{path}", self.url)).send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }

    async fn post(&self, path: &str, body: &str) -> (u16, String) {
        let answer =
            self.http.post(format!("{}{path}", self.url)).body(body.to_owned()).send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }
}

#[tokio::test]
async fn a_phone_that_asks_us_hears_whether_a_push_may_be_trusted() {
    let site = site(vec![(device(), stage::target(phone_at("http://10.0.1.100")))]).await;
    for (query, authorized) in [
        ("UserID=pusher&Password=open%20sesame&devicename=SEP1", true),
        ("userid=pusher&PASSWORD=open+sesame", true),
        ("UserID=pusher&Password=guess", false),
        ("UserID=&Password=", false),
    ] {
        let (status, body) = site.get(&format!("/authenticate?{query}")).await;
        assert_eq!((status, body == "AUTHORIZED"), (200, authorized), "{query}: {body}");
    }
}

#[tokio::test]
async fn whoever_guesses_passwords_is_slow() {
    let site = site(vec![(device(), stage::target(phone_at("http://10.0.1.100")))]).await;
    let guesses = (0..12).map(|n| format!("/authenticate?UserID=pusher&Password={n}"));
    let statuses = futures_util::future::join_all(guesses.map(|path| {
        let site = &site;
        async move { site.get(&path).await.0 }
    }));
    let statuses = statuses.await;
    // some more where they come so late that others have been answered
    let heard = statuses.iter().filter(|status| **status == 200).count();
    assert!((4..12).contains(&heard), "{statuses:?}");
    assert_eq!(site.get("/authenticate?UserID=pusher&Password=open%20sesame").await.1, "AUTHORIZED");
}

#[tokio::test]
async fn only_the_endpoint_itself_says_that_it_has_lost_its_list() {
    let kind = crate::endpoints::kind(
        "http://10.0.1.20",
        phone_push::Transport::Http,
        "x",
        phone_push::Trust::System,
    );
    let mut site = site(vec![(device(), stage::target(kind))]).await;
    for (path, body, status) in [
        ("/device/guess/feedback", "<Event><Bookings><SyncRequired/></Bookings></Event>", 404),
        ("/device/token-of-berlin-phone/feedback", "<Event><Bookings><Start/></Bookings></Event>", 200),
        ("/device/token-of-berlin-phone/feedback", r#"{"Event":{"Bookings":{"SyncRequired":{}}}}"#, 200),
    ] {
        assert_eq!(site.post(path, body).await.0, status, "{path} {body}");
    }
    assert_eq!(site.events.try_recv().ok(), Some(Event::Forgot { device: device() }));
    assert_eq!(site.events.try_recv().ok(), None, "once");
}

fn poller(identity: &str) -> DeviceTarget {
    stage::target(DeviceKind::Tms(Poller { identity: identity.to_owned(), token: "open-sesame".into() }))
}

#[tokio::test]
async fn an_endpoint_that_asks_is_answered_its_meetings_and_has_them_then() {
    let mut site = site(vec![(device(), poller("0011.2233.4455"))]).await;
    let endpoints = Endpoints::serve(vec![endpoint::Endpoint::new("berlin", "", "")]).await.unwrap();
    let delivered = site.push.deliver(&device(), &present(), &withheld(), None, None).await;
    let Delivered::Told { page, digest, answered: false, .. } = delivered else { panic!("{delivered:?}") };
    assert_eq!(page, Page { rev: Revision(7), at: present().now });
    let url = format!("{}/tms/open-sesame", site.url);
    endpoints.ask("berlin", "00:11:22:33:44:55", &url, Duration::from_mins(1));
    let list = endpoints.until("berlin", |list| !list.is_empty()).await;
    assert_eq!(list.len(), 3);
    let dials: Vec<_> = list.iter().map(|one| (one.title.as_str(), one.number.as_deref())).collect();
    assert_eq!(
        dials,
        [
            ("R&D <weekly>", Some("4711@video.example.com")),
            ("Private meeting", Some("0815@secret.example.com")),
            ("Sunday", None)
        ]
    );
    assert_eq!(site.events.recv().await, Some(Event::Fetched { device: device(), page }));
    let again = site.push.deliver(&device(), &present(), &withheld(), Some(&digest), None).await;
    assert!(matches!(again, Delivered::Acknowledged { sent: false, .. }), "{again:?}");
}

#[tokio::test]
async fn nobody_else_is_answered() {
    let site = site(vec![(device(), poller("FOC0000TEST"))]).await;
    let event = |identification: &str| {
        format!(
            "<e:Envelope xmlns:e='http://schemas.xmlsoap.org/soap/envelope/'><e:Body><PostEvent><Identification>\
             {identification}</Identification><Event>Beat</Event></PostEvent></e:Body></e:Envelope>"
        )
    };
    let ours = event("<SerialNumber>FOC0000TEST</SerialNumber>");
    assert_eq!(site.post("/tms/open-sesame", &ours).await.0, 503, "nothing is known of its room yet");
    site.push.deliver(&device(), &present(), &withheld(), None, None).await;
    let other = event("<SerialNumber>FOC1111TEST</SerialNumber>");
    for (path, body, status) in [
        ("/tms/open-sesame", &ours, 200),
        ("/tms/guess", &ours, 404),
        ("/tms/open-sesame", &other, 404),
        ("/tms/open-sesame", &"hello".to_owned(), 400),
    ] {
        assert_eq!(site.post(path, body).await.0, status, "{path} {body}");
    }
}

#[tokio::test]
async fn after_a_change_of_the_configuration_only_the_new_devices_may_call() {
    let site = site(vec![(device(), poller("FOC0000TEST"))]).await;
    assert_eq!(site.callbacks.device("token-of-berlin-phone"), Some(device()));
    let (other, _, _) = stage::push(Vec::new(), "http://feed.example.com", HttpSettings::default());
    site.callbacks.replace(&other.unwrap());
    assert_eq!(site.callbacks.device("token-of-berlin-phone"), None);
}
