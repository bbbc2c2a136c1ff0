//! An independent server's own words, from the wire to the phone.

use chrono::{DateTime, TimeDelta, Utc};
use control::{Health, RoomHealth, RoomState};
use end_to_end::{Replay, exchange, schema, until};
use feed::{Administrator, Feed, FeedRoom, FeedSettings};
use meeting_model::{
    availability::Profile,
    clock::{Clock, Now},
    id::RoomId,
    zone::{RoomZone, ZoneDatabase},
};
use std::{sync::Arc, time::Duration};
use store::DisplayReader;
use tokio::{net::TcpListener, sync::watch};

/// The first meeting that was recorded: 10:00 to 11:00 in Berlin.
const START: &str = "2026-12-01T09:00:00Z";

/// A clock that stands.
struct At(DateTime<Utc>);

impl Clock for At {
    fn now(&self) -> Now {
        Now { wall: self.0, mono: Duration::ZERO }
    }
}

/// What the room's phone page says on the morning of the recorded meeting.
async fn phone_page(stage: &end_to_end::Stage) -> String {
    let zone = RoomZone::named(&ZoneDatabase::system(), "Europe/Berlin").unwrap();
    let room = FeedRoom {
        id: RoomId::new("berlin"),
        name: "Berlin".to_owned(),
        zone,
        language: None,
        tokens: Vec::new(),
        devices: Vec::new(),
    };
    let settings = FeedSettings {
        public_url: "http://feed.example".to_owned(),
        back: Duration::from_hours(24),
        ahead: Duration::from_hours(24),
        presence: Profile::Imp,
        tokens: Vec::new(),
        administrator: Administrator::default(),
        rooms: vec![room],
    };
    let reader = DisplayReader::open(&stage.state_dir().database()).unwrap();
    let morning = START.parse::<DateTime<Utc>>().unwrap() - TimeDelta::hours(2);
    let stored = reader.room(RoomId::new("berlin")).await.unwrap();
    // read on that very morning, as far as this page knows
    let read = RoomHealth {
        room: "berlin".to_owned(),
        state: RoomState::Live,
        told_by: None,
        rev: stored.rev.0,
        as_of: Some(morning),
        trouble: None,
        retry_at: None,
        mailboxes: Vec::new(),
    };
    let (_tell, health) = watch::channel(Health { rooms: vec![read], ..Health::default() });
    let router = Feed::new(settings, reader, Arc::new(At(morning)), health).unwrap().router();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/phone/berlin/menu.xml", listener.local_addr().unwrap());
    let serving =
        tokio::spawn(feed::serve(listener, router, feed::Limits::default(), std::future::pending()));
    let page = reqwest::Client::builder().no_proxy().build().unwrap().get(url).send().await.unwrap();
    let page = page.text().await.unwrap();
    serving.abort();
    schema::validate(schema::PHONE, [page.clone().into_bytes()]);
    page
}

#[tokio::test]
async fn a_recorded_calendar_is_followed_through_all_its_changes() {
    let Some(folder) = schema::shared("samples/ews-captures") else { return };
    let replay = Replay::serve(&folder).await;
    let mut stage = exchange().room("berlin").open().await;
    let start: DateTime<Utc> = START.parse().unwrap();
    if (start - stage.at("+0s")).abs() > TimeDelta::days(360) {
        println!("skipped: the recording is too old to be within a window");
        return;
    }
    let upstream = end_to_end::Tap::before(replay.addr()).await;
    stage.reconfigure(|text| {
        let text = text.replace(&stage.ews.addr().to_string(), &upstream.addr().to_string());
        let window = "[window]\nback = \"365d\"\nahead = \"365d\"\n";
        // what was recorded are polls
        text.replace("[exchange.hq]", &format!("{window}\n[exchange.hq]\nnotifications = \"pull\""))
    });
    stage.start().await;
    let shown = async |title: &str, start: DateTime<Utc>| {
        let day = start.date_naive();
        // whatever day it is in the room's zone
        let query = format!("from={}&to={}", day - TimeDelta::days(1), day + TimeDelta::days(2));
        let json = stage.get(&format!("/api/rooms/berlin/meetings?{query}")).await?;
        let start = start.to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
        let found = json.contains(&format!("\"title\":\"{title}\"")) && json.contains(&start);
        found.then_some(())
    };
    assert!(shown("Weekly planning", start).await.is_none());
    assert!(phone_page(&stage).await.contains("No meetings today"));

    replay.go_on();
    until("the meeting that was made", async || shown("Weekly planning", start).await).await;
    assert!(phone_page(&stage).await.contains("<Name>10:00-11:00 Weekly planning</Name>"));

    replay.go_on();
    until("its new name", async || shown("Renamed", start).await).await;
    let page = phone_page(&stage).await;
    assert!(page.contains("10:00-11:00 Renamed") && !page.contains("Weekly planning"), "{page}");

    replay.go_on();
    let second = start + TimeDelta::hours(49);
    until("the second meeting", async || shown("ignored", second).await).await;
    assert!(phone_page(&stage).await.contains("No meetings today"));
    let health = stage.status().await.unwrap();
    assert_eq!(health.servers[0].version.as_deref(), Some("15.0.847"));
    stage.stop().await;
    schema::validate(schema::EWS, upstream.heard().into_iter().map(|exchange| exchange.sent));
    stage.close().await;
}
