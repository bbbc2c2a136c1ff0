//! How the daemon is, in numbers, for Prometheus and whoever else reads `OpenMetrics` 1.0.
//!
//! Every number is made when it is asked for, of what health, the clock report and the runtime say: none is counted apart, which could
//! contradict them. No label names a person, a meeting, a mailbox or an address.

mod clock;
mod written;

use crate::{
    access::Visitor,
    admin,
    api::answer::{self, Refusal},
    server::Shared,
};
use axum::{
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Utc};
use control::{ClockReport, DeviceHealth, Health, RoomHealth, RoomState, ServerState};
use meeting_model::availability::is_stale;
use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, text},
    registry::Registry,
};
use std::{fmt, sync::Arc};
use written::{Written, count};

/// What scrapers ask for by that name.
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// The numbers, for those who may see all rooms.
#[utoipa::path(
    get,
    path = "/metrics",
    responses(
        (status = 200, description = "the numbers (OpenMetrics 1.0)", body = String, content_type = OPEN_METRICS),
        (status = 401, description = "a token for all rooms is needed", body = Refusal<'_>),
        (status = 403, description = "the token is not for all rooms", body = Refusal<'_>),
    ),
)]
pub(crate) async fn metrics(State(feed): State<Arc<Shared>>, visitor: Visitor) -> Response {
    if let Some(refusal) = answer::not_for_all(&feed, &visitor) {
        return refusal;
    }
    let clock = admin::clock_report(&feed).await;
    let health = feed.health.borrow().clone();
    let tasks = tokio::runtime::Handle::current().metrics().num_alive_tasks();
    // Linux tells it; one of them is the folder that is read
    let open_files = std::fs::read_dir("/proc/self/fd").ok().map(|files| files.count().saturating_sub(1));
    let now = feed.clock.now().wall;
    let snapshot = Snapshot { health, clock, rooms: feed.rooms.len(), tasks, open_files, now };
    let mut registry = Registry::with_prefix("callboard");
    registry.register_collector(Box::new(snapshot));
    let mut body = String::new();
    match text::encode(&mut body, &registry) {
        Ok(()) => {
            let headers = [(header::CONTENT_TYPE, OPEN_METRICS), (header::CACHE_CONTROL, "no-store")];
            (headers, body).into_response()
        }
        Err(fmt::Error) => {
            answer::refusal(StatusCode::INTERNAL_SERVER_ERROR, "the numbers cannot be written")
        }
    }
}

/// How everything was at one moment.
#[derive(Debug)]
struct Snapshot {
    health: Health,
    /// Absent where nobody looks at the clock.
    clock: Option<ClockReport>,
    /// How many rooms are configured.
    rooms: usize,
    /// How many tasks the runtime has.
    tasks: usize,
    /// How many files the program has open, where the system tells it.
    open_files: Option<usize>,
    now: DateTime<Utc>,
}

impl Collector for Snapshot {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let mut out = Written(&mut encoder);
        out.labelled(
            "build_info",
            "The program's version.",
            [([("version", self.health.version.as_str())], 1.0)],
        )?;
        let started = self.health.started.signed_duration_since(DateTime::UNIX_EPOCH).as_seconds_f64();
        out.seconds("start_time", "When the program started, since 1970.", Some(started))?;
        out.number("tasks", "Tasks that the program is at; they do not grow with time.", count(self.tasks))?;
        if let Some(files) = self.open_files {
            out.number("open_files", "Files and connections that the program has open.", count(files))?;
        }
        self.rooms(&mut out)?;
        devices(&self.health.devices, &mut out)?;
        self.servers(&mut out)?;
        clock::clock(self.health.clock, self.clock.as_ref(), &mut out)
    }
}

impl Snapshot {
    fn rooms(&self, out: &mut Written<'_, '_>) -> fmt::Result {
        let rooms = &self.health.rooms;
        let in_state = |wanted| count(rooms.iter().filter(|room| room.state == wanted).count());
        let untold = self.rooms.saturating_sub(rooms.len());
        let states = [
            ("subscribing", in_state(RoomState::Subscribing)),
            ("reading", in_state(RoomState::Reading)),
            ("live", in_state(RoomState::Live)),
            ("backing-off", in_state(RoomState::BackingOff)),
            ("unknown", count(untold)),
        ];
        out.labelled("rooms", "Rooms by what is being done about them.", states.map(in_its_state))?;
        let is_late = |room: &&RoomHealth| is_stale(room.as_of, self.now);
        let late = count(untold + rooms.iter().filter(is_late).count());
        out.number("rooms_out_of_date", "Rooms whose calendar was not read for 15 minutes, or never.", late)?;
        let oldest = rooms.iter().filter_map(|room| room.as_of).min();
        let age = oldest.map(|as_of| (self.now - as_of).as_seconds_f64().max(0.0));
        out.seconds("oldest_room_age", "How old the truth of the room is that was read the longest ago.", age)
    }

    fn servers(&self, out: &mut Written<'_, '_>) -> fmt::Result {
        let states = self.health.servers.iter().flat_map(|server| {
            let all = [
                ("unknown", ServerState::Unknown),
                ("up", ServerState::Up),
                ("backing-off", ServerState::BackingOff),
                ("sign-in-refused", ServerState::SignInRefused),
                ("down", ServerState::Down),
            ];
            all.map(|(word, state)| {
                let labels = [("server", server.server.as_str()), ("state", word)];
                (labels, f64::from(u8::from(server.state == state)))
            })
        });
        out.labelled(
            "server_state",
            "1 for the state an Exchange server is in, by its configured name.",
            states,
        )
    }
}

fn in_its_state((state, rooms): (&'static str, f64)) -> ([(&'static str, &'static str); 1], f64) {
    ([("state", state)], rooms)
}

fn devices(devices: &[DeviceHealth], out: &mut Written<'_, '_>) -> fmt::Result {
    let number = |is: &dyn Fn(&&DeviceHealth) -> bool| count(devices.iter().filter(is).count());
    out.number("devices", "Devices that something is pushed to.", count(devices.len()))?;
    let in_trouble = number(&|device| device.trouble.is_some());
    out.number("devices_in_trouble", "Devices whose last delivery failed.", in_trouble)?;
    let due = number(&|device| device.acknowledged < device.wanted);
    out.number("deliveries_due", "Devices that have not acknowledged the newest revision.", due)?;
    // from zero: the sum of no floating-point numbers is −0
    let failed = devices.iter().fold(0.0, |sum, device| sum + f64::from(device.attempts));
    out.number(
        "deliveries_failed",
        "Deliveries that failed since the last success, over all devices.",
        failed,
    )
}
