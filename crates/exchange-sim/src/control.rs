//! The world told what to do over HTTP, for tests in any language: JSON under `/sim/`.
//!
//! `GET /sim/state`, `GET /sim/changes`; `POST /sim/rooms`, `/sim/meetings`, `/sim/meetings/{n}/move`,
//! `/rename`, `/cancel`, `/answer`, `/delete`; `POST /sim/bookings`; `POST` and `DELETE /sim/faults`; `POST /sim/accounts`,
//! `/sim/redirects`, `/sim/groups`, `/sim/people`, `/sim/room-lists`; `POST /sim/meetings/{n}/classify`,
//! `/check-in`; `POST /sim/rooms/{room}/state`, `/processing`, `/policy`, `/addresses`, `/relocate`.

mod account;
mod autodiscover;
mod mailbox;
mod state;

use chrono::{DateTime, NaiveDate, Utc};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::item::{FreeBusy, Sensitivity};
use crate::{
    Answer, CalendarProcessing, Injection, MeetingHandle, Request, Response, Room, SimError, Strikes, World,
    Zone,
};

/// Why a command was not carried out.
#[derive(Debug, thiserror::Error)]
enum Refusal {
    #[error("no such command: `{0}`")]
    Unknown(String),
    #[error("the body is not what this command takes")]
    Body(#[from] serde_json::Error),
    #[error(transparent)]
    World(#[from] SimError),
}

/// Carries out one command.
pub(crate) fn handle(world: &mut World, request: &Request) -> Response {
    let path = request.path.split('?').next().unwrap_or_default();
    let parts: Vec<&str> = path.trim_start_matches("/sim/").trim_end_matches('/').split('/').collect();
    match carry_out(world, &request.method, &parts, &request.body) {
        Ok(value) => Response::new(200, "application/json", value.to_string()),
        Err(refusal) => {
            let status = if matches!(refusal, Refusal::Unknown(_)) { 404 } else { 400 };
            let cause = std::error::Error::source(&refusal).map(ToString::to_string);
            let value = json!({ "error": refusal.to_string(), "cause": cause });
            Response::new(status, "application/json", value.to_string())
        }
    }
}

fn carry_out(world: &mut World, method: &str, parts: &[&str], body: &[u8]) -> Result<Value, Refusal> {
    match (method, parts) {
        ("GET", ["state"]) => Ok(state::of(world)),
        ("GET", ["changes"]) => Ok(serde_json::to_value(world.changes())?),
        ("POST", ["rooms"]) => read::<NewRoom>(body)?.add(world),
        ("POST", ["meetings"]) => read::<NewMeeting>(body)?.send(world),
        ("POST", ["bookings"]) => read::<NewBooking>(body)?.write(world),
        ("POST", ["faults"]) => read::<NewFault>(body)?.inject(world),
        ("POST", ["accounts"]) => read::<account::NewAccount>(body)?.add(world),
        ("POST", ["redirects"]) => Ok(read::<autodiscover::NewRedirect>(body)?.set(world)),
        ("POST", ["groups"]) => read::<autodiscover::NewGroup>(body)?.set(world),
        ("POST", ["people"]) => read::<mailbox::NewPerson>(body)?.add(world),
        ("POST", ["room-lists"]) => read::<mailbox::NewRoomList>(body)?.add(world),
        ("POST", ["rooms", room, verb]) => mailbox::change(world, room, verb, body),
        ("DELETE", ["faults"]) => {
            world.heal();
            Ok(json!({}))
        }
        ("POST", ["meetings", number, verb]) => {
            let number = number.parse().map_err(|_bad| Refusal::Unknown((*number).to_owned()))?;
            meeting(world, MeetingHandle(number), verb, body)
        }
        _ => Err(Refusal::Unknown(parts.join("/"))),
    }
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refusal> {
    Ok(serde_json::from_slice(body)?)
}

fn meeting(world: &mut World, meeting: MeetingHandle, verb: &str, body: &[u8]) -> Result<Value, Refusal> {
    let now = world.now;
    match verb {
        "move" => {
            let Span { start, end, occurrence } = read(body)?;
            match occurrence {
                None => world.reschedule(meeting, start, end, now)?,
                Some(date) => world.reschedule_occurrence(meeting, date, start, end, now)?,
            }
        }
        "rename" => {
            let Rename { subject, occurrence } = read(body)?;
            match occurrence {
                None => world.rename(meeting, &subject, now)?,
                Some(date) => world.rename_occurrence(meeting, date, &subject, now)?,
            }
        }
        "cancel" => match read::<Which>(if body.is_empty() { b"{}" } else { body })?.occurrence {
            None => world.cancel(meeting, now)?,
            Some(date) => world.cancel_occurrence(meeting, date, now)?,
        },
        "answer" => {
            let Reply { room, answer, occurrence } = read(body)?;
            match occurrence {
                None => world.answer(&room, meeting, answer, now)?,
                Some(date) => world.answer_occurrence(&room, meeting, date, answer, now)?,
            }
        }
        "classify" => {
            let Classify { sensitivity, occurrence } = read(body)?;
            match occurrence {
                None => world.set_sensitivity(meeting, sensitivity, now)?,
                Some(date) => world.set_occurrence_sensitivity(meeting, date, sensitivity, now)?,
            }
        }
        "check-in" => mailbox::check_in(world, meeting, body)?,
        "delete" => {
            let Delete { room, occurrence } = read(body)?;
            match occurrence {
                None => world.delete_from(&room, meeting, now)?,
                Some(date) => world.delete_occurrence(&room, meeting, date, now)?,
            }
        }
        _ => return Err(Refusal::Unknown(verb.to_owned())),
    }
    Ok(json!({}))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Span {
    start: DateTime<Utc>,
    end: DateTime<Utc>,
    occurrence: Option<NaiveDate>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rename {
    subject: String,
    occurrence: Option<NaiveDate>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Which {
    occurrence: Option<NaiveDate>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Reply {
    room: String,
    answer: Answer,
    occurrence: Option<NaiveDate>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Classify {
    sensitivity: Sensitivity,
    occurrence: Option<NaiveDate>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Delete {
    room: String,
    occurrence: Option<NaiveDate>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewRoom {
    alias: String,
    name: Option<String>,
    address: Option<String>,
    /// A Windows id.
    zone: Option<String>,
    processing: Option<CalendarProcessing>,
}

impl NewRoom {
    fn add(self, world: &mut World) -> Result<Value, Refusal> {
        let mut room = Room::new(&self.alias).processing(self.processing.unwrap_or_default());
        if let Some(name) = self.name {
            room = room.named(&name);
        }
        if let Some(address) = self.address {
            room = room.at_address(&address);
        }
        if let Some(zone) = self.zone {
            room = room.in_zone(Zone::windows(&zone)?);
        }
        world.add_room(room)?;
        Ok(json!({ "room": self.alias }))
    }
}

/// How often a meeting takes place.
#[derive(Deserialize, PartialEq)]
#[serde(rename_all = "kebab-case")]
enum Repeats {
    Daily,
    Weekly,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewMeeting {
    organizer: String,
    rooms: Vec<String>,
    #[serde(default)]
    subject: String,
    #[serde(default)]
    body: String,
    start: DateTime<Utc>,
    end: DateTime<Utc>,
    /// A Windows id.
    zone: Option<String>,
    #[serde(default)]
    sensitivity: Sensitivity,
    #[serde(default)]
    show_as: FreeBusy,
    repeats: Option<Repeats>,
    times: Option<u32>,
    join_url: Option<String>,
}

impl NewMeeting {
    fn send(self, world: &mut World) -> Result<Value, Refusal> {
        let now = world.now;
        let zone = self.zone.map_or(Ok(Zone::utc()), |zone| Zone::windows(&zone))?;
        let mut rooms = self.rooms.iter();
        let first = rooms.next().ok_or(SimError::NoRooms)?;
        let mut invitation = world
            .organizer(&self.organizer)
            .invites(first)
            .to(&self.subject)
            .saying(&self.body)
            .at(self.start, self.end)
            .in_zone(&zone)
            .sensitivity(self.sensitivity)
            .showing(self.show_as);
        for room in rooms {
            invitation = invitation.and(room);
        }
        if let Some(join_url) = &self.join_url {
            invitation = invitation.online(join_url);
        }
        invitation = match self.repeats {
            None => invitation,
            Some(Repeats::Daily) => invitation.daily(),
            Some(Repeats::Weekly) => invitation.weekly(),
        };
        if let Some(times) = self.times {
            invitation = invitation.times(times);
        }
        Ok(json!({ "meeting": invitation.send(now)? }))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewBooking {
    room: String,
    subject: String,
    start: DateTime<Utc>,
    end: DateTime<Utc>,
}

impl NewBooking {
    fn write(self, world: &mut World) -> Result<Value, Refusal> {
        let meeting = world.book(&self.room, &self.subject, self.start, self.end, world.now)?;
        Ok(json!({ "meeting": meeting }))
    }
}

/// A fault by name; without `next`, `per_mille` or `from` and `until` it strikes the next call.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewFault {
    fault: String,
    room: Option<String>,
    operation: Option<String>,
    next: Option<u32>,
    per_mille: Option<u32>,
    from: Option<DateTime<Utc>>,
    until: Option<DateTime<Utc>>,
    #[serde(default)]
    always: bool,
}

impl NewFault {
    fn inject(self, world: &mut World) -> Result<Value, Refusal> {
        let strikes = match (self.next, self.per_mille, self.from, self.until) {
            (Some(count), ..) => Strikes::Next(count),
            (None, Some(rate), ..) => Strikes::PerMille(rate),
            (None, None, from, Some(until)) => Strikes::Between(from.unwrap_or(world.now), until),
            _ if self.always => Strikes::Always,
            _ => Strikes::Next(1),
        };
        let mut injection = Injection::of(self.fault.parse()?).striking(strikes);
        if let Some(room) = &self.room {
            injection = injection.in_room(room);
        }
        if let Some(operation) = &self.operation {
            injection = injection.on(operation);
        }
        world.inject(injection)?;
        Ok(json!({}))
    }
}
