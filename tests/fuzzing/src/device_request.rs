//! Whatever may be asked at the routes that devices call back on.

use crate::feed_request::written;
use axum::{Router, http::StatusCode};
use chrono::{DateTime, TimeDelta, Utc};
use meeting_model::{
    display::{Displayed, Present, PublicKey, Words},
    id::{DeviceId, Revision, RoomId},
    join::Join,
    withheld::Withheld,
    zone::{RoomZone, ZoneDatabase},
};
use phone_push::{
    Account, Callbacks, DeviceKind, DeviceTarget, HttpSettings, Phone, PhonePush, PhoneSignIn, Poller, Setup,
};
use std::{
    cell::{OnceCell, RefCell},
    time::Duration,
};
use sync_engine::Event;
use tokio::{
    runtime::{Builder, Runtime},
    sync::mpsc::{UnboundedReceiver, unbounded_channel},
    time::timeout,
};
use tower::ServiceExt;

/// The routes of a phone and an endpoint that asks, made once.
struct Site {
    runtime: Runtime,
    router: Router,
    events: RefCell<UnboundedReceiver<Event>>,
}

/// A request as its lines say it, as in `feed_request`: it is answered, and the engine hears of these two devices alone.
pub(crate) fn request(bytes: &[u8]) {
    thread_local! {
        static SITE: OnceCell<Site> = const { OnceCell::new() };
    }
    let Some(request) = written(bytes) else { return };
    SITE.with(|site| {
        let Site { runtime, router, events } = site.get_or_init(made);
        // whoever guesses passwords waits for the answer, and may wait here for ever
        let answered =
            runtime.block_on(async { timeout(Duration::ZERO, router.clone().oneshot(request)).await });
        if let Ok(response) = answered {
            let status = response.unwrap().status();
            let is_well = !status.is_server_error() || status == StatusCode::SERVICE_UNAVAILABLE;
            assert!(is_well, "answered with {status}");
        }
        while let Ok(event) = events.borrow_mut().try_recv() {
            let (Event::Forgot { device } | Event::Fetched { device, .. }) = &event else {
                panic!("{event:?}")
            };
            assert!([phone(), endpoint()].contains(device), "{device}");
        }
    });
}

fn phone() -> DeviceId {
    DeviceId::new("berlin/phone")
}

fn endpoint() -> DeviceId {
    DeviceId::new("berlin/endpoint")
}

fn made() -> Site {
    // a second installation fails, and the first one stands
    let _ = rustls::crypto::ring::default_provider().install_default();
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let _inside = runtime.enter();
    let (events, heard) = unbounded_channel();
    let setup = Setup {
        public_url: "http://feed.example.com",
        http: HttpSettings::default(),
        token: &|device| device.as_str().replace('/', "-"),
        events: events.clone(),
    };
    let push = PhonePush::new(targets().into(), &setup).unwrap();
    let callbacks = Callbacks::new(events);
    callbacks.replace(&push);
    let (present, withheld) = (present(), Withheld::default());
    runtime.block_on(push.deliver(&endpoint(), &present, &withheld, None, None));
    Site { router: callbacks.router(), runtime, events: RefCell::new(heard) }
}

fn targets() -> [(DeviceId, DeviceTarget); 2] {
    let target = |kind| DeviceTarget { room: RoomId::new("berlin"), reminders: None, kind };
    let account = Account { username: "pusher".to_owned(), password: "sesame".into() };
    let url = "http://192.0.2.1/CGI/Execute".to_owned();
    let cisco = Phone { url, sign_in: PhoneSignIn::Basic(account), name: None };
    let poller = Poller { identity: "001122334455".to_owned(), token: "asks".into() };
    [(phone(), target(DeviceKind::CiscoIpPhone(cisco))), (endpoint(), target(DeviceKind::Tms(poller)))]
}

fn present() -> Present {
    let now: DateTime<Utc> = DateTime::UNIX_EPOCH + TimeDelta::days(20_000);
    let meeting = Displayed {
        key: PublicKey::new("a1"),
        start: now + TimeDelta::hours(1),
        end: now + TimeDelta::hours(2),
        all_day: None,
        words: Words::Open {
            title: "R&D".to_owned(),
            organizer: None,
            location: None,
            join: Join::default(),
        },
        tentative: false,
        lingers: TimeDelta::zero(),
    };
    Present {
        room: RoomId::new("berlin"),
        room_name: "Berlin".to_owned(),
        rev: Revision(7),
        now,
        zone: RoomZone::named(&ZoneDatabase::bundled(), "Europe/Berlin").unwrap(),
        meetings: vec![meeting],
        spells: Vec::new(),
        as_of: Some(now),
    }
}
