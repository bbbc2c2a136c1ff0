//! One device of one room, and what it is to show.

use chrono::{DateTime, Utc};
use futures_util::future::join_all;
use meeting_model::{
    availability::{Occupancy, Spell},
    clock::Window,
    display::{Displayed, Present, PublicKey, Words},
    id::{DeviceId, Revision, RoomId},
    item::ShowAs,
    join::{Found, Join, JoinRule, Place},
    withheld::Withheld,
    zone::{RoomZone, ZoneDatabase},
};
use phone_push::{Callbacks, DeviceKind, DeviceTarget, HttpSettings, PhonePush, Setup, SetupError};
use std::time::Duration;
use sync_engine::{Delivered, Event, timetable::Reminders};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

/// A device that hangs is given up soon.
pub(crate) const QUICK: HttpSettings =
    HttpSettings { connect_timeout: Duration::from_secs(2), total_timeout: Duration::from_millis(400) };

/// One device, and what it says to the engine.
pub(crate) struct Stage {
    pub(crate) push: PhonePush,
    pub(crate) events: UnboundedReceiver<Event>,
}

pub(crate) fn device() -> DeviceId {
    DeviceId::new("berlin/phone")
}

/// The devices, their routes, and what they say to the engine.
pub(crate) fn push(
    targets: Vec<(DeviceId, DeviceTarget)>,
    public_url: &str,
    http: HttpSettings,
) -> (Result<PhonePush, SetupError>, Callbacks, UnboundedReceiver<Event>) {
    // A second installation fails, and the first one stands.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let (events, heard) = unbounded_channel();
    let callbacks = Callbacks::new(events.clone());
    let token = |device: &DeviceId| format!("token-of-{}", device.as_str().replace('/', "-"));
    let push = PhonePush::new(targets, &Setup { public_url, http, token: &token, events });
    if let Ok(push) = &push {
        callbacks.replace(push);
    }
    (push, callbacks, heard)
}

pub(crate) fn target(kind: DeviceKind) -> DeviceTarget {
    let reminds = matches!(kind, DeviceKind::CiscoIpPhone(_) | DeviceKind::Webhook(_) | DeviceKind::Mqtt(_));
    DeviceTarget { room: RoomId::new("berlin"), reminders: reminds.then(Reminders::default), kind }
}

impl Stage {
    pub(crate) fn of(kind: DeviceKind) -> Result<Self, SetupError> {
        Self::with(kind, HttpSettings::default())
    }

    pub(crate) fn with(kind: DeviceKind, settings: HttpSettings) -> Result<Self, SetupError> {
        let (push, _, events) = push(vec![(device(), target(kind))], "http://feed.example.com", settings);
        Ok(Self { push: push?, events })
    }

    /// Brings the device up to the present; `has` is the digest of what it has.
    pub(crate) async fn deliver(&self, has: Option<&str>) -> Delivered {
        self.push.deliver(&device(), &present(), &withheld(), has, None).await
    }
}

/// What comes of deliveries to these devices at once. All are set up before the first of them begins, as that takes its time.
pub(crate) async fn deliver_at_once(
    devices: impl IntoIterator<Item = (DeviceKind, HttpSettings)>,
) -> Vec<Delivered> {
    let stages: Vec<Stage> =
        devices.into_iter().map(|(kind, settings)| Stage::with(kind, settings).unwrap()).collect();
    join_all(stages.iter().map(|stage| stage.deliver(None))).await
}

pub(crate) fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// A Saturday in Berlin at nine in the morning: a meeting of the video kind at ten, a private one at noon, one in Teams on
/// Sunday, and one that is beyond the horizon.
pub(crate) fn present() -> Present {
    let open = |title: &str, join: Join| Words::Open {
        title: title.to_owned(),
        organizer: Some("Kim Jones".to_owned()),
        location: Some("Berlin".to_owned()),
        join,
    };
    let found = |address: &str, rule| Some(Found { address: address.to_owned(), rule, place: Place::Body });
    let video = Join { video: found("4711@video.example.com", JoinRule::BodyUri), ..Join::default() };
    let web =
        Join { web: found("https://teams.microsoft.com/meet/123?p=x", JoinRule::Teams), ..Join::default() };
    let spell = |start: &str, end: &str| Spell {
        window: Window { start: at(start), end: at(end) },
        occupancy: Occupancy::Occupied,
        show_as: ShowAs::Busy,
    };
    Present {
        room: RoomId::new("berlin"),
        room_name: "Berlin".to_owned(),
        rev: Revision(7),
        now: at("2026-11-21T08:00:00Z"),
        zone: RoomZone::named(&ZoneDatabase::bundled(), "Europe/Berlin").unwrap(),
        meetings: vec![
            meeting("a1", "2026-11-21T09:00:00Z", "2026-11-21T10:00:00Z", open("R&D <weekly>", video)),
            meeting("b2", "2026-11-21T11:00:00Z", "2026-11-21T11:45:30Z", Words::Private { organizer: None }),
            meeting("c3", "2026-11-22T09:00:00Z", "2026-11-22T10:00:00Z", open("Sunday", web)),
            meeting("d4", "2026-11-24T08:30:00Z", "2026-11-24T09:00:00Z", open("Beyond", Join::default())),
        ],
        spells: vec![
            spell("2026-11-21T09:00:00Z", "2026-11-21T10:00:00Z"),
            spell("2026-11-21T11:00:00Z", "2026-11-21T11:45:30Z"),
            spell("2026-11-22T09:00:00Z", "2026-11-22T10:00:00Z"),
        ],
        as_of: Some(at("2026-11-21T08:00:00Z")),
    }
}

/// How the private meeting is joined: it reaches what dials, and nothing else (rule P1).
pub(crate) fn withheld() -> Withheld {
    let found =
        Found { address: "0815@secret.example.com".to_owned(), rule: JoinRule::BodyUri, place: Place::Body };
    Withheld::from_iter([(PublicKey::new("b2"), Join { video: Some(found), ..Join::default() })])
}

pub(crate) fn meeting(key: &str, start: &str, end: &str, words: Words) -> Displayed {
    let key = PublicKey::new(key);
    Displayed {
        key,
        start: at(start),
        end: at(end),
        all_day: None,
        words,
        tentative: false,
        lingers: chrono::TimeDelta::zero(),
    }
}

/// The sentence of a failure, with the device's address in place of its changing port.
pub(crate) fn sentence(delivered: &Delivered) -> String {
    let Delivered::Failed { rev, sentence, .. } = delivered else { panic!("{delivered:?}") };
    assert_eq!(*rev, Revision(7));
    assert!(!sentence.contains("sesame"));
    let (before, rest) = sentence.split_once("127.0.0.1:").unwrap();
    format!("{before}DEVICE{}", rest.trim_start_matches(|c: char| c.is_ascii_digit()))
}
