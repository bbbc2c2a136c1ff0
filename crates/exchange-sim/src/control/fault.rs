//! Faults, set, listed and taken away by commands.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::{Value, json};

use super::fault_meanings::meaning;
use super::{Refusal, read};
use crate::{Fault, Injection, ResponseCode, SimError, Strikes, World};

/// The operations that a fault can be for: those of Exchange Web Services that are served.
const OPERATIONS: [&str; 20] = [
    "ConvertId",
    "CreateItem",
    "DeleteItem",
    "FindFolder",
    "FindItem",
    "GetEvents",
    "GetFolder",
    "GetItem",
    "GetPasswordExpirationDate",
    "GetRoomLists",
    "GetRooms",
    "GetServerTimeZones",
    "GetStreamingEvents",
    "GetUserAvailability",
    "MoveItem",
    "ResolveNames",
    "Subscribe",
    "SyncFolderItems",
    "Unsubscribe",
    "UpdateItem",
];

/// A fault by name; without `next`, `per_mille`, `from` and `until` or `always` it strikes the next call.
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
    fn inject(self, world: &mut World) -> Result<u64, Refusal> {
        let strikes = self.strikes(world.now)?;
        let fault = self.fault.parse().map_err(|unknown| match unknown {
            SimError::UnknownFault(_) => Refusal::Value {
                place: "fault",
                expected: "one of those that `GET /sim/faults` names, or `code:` and one of its codes",
            },
            code => Refusal::World(code),
        })?;
        let mut injection = Injection::of(fault).striking(strikes);
        if let Some(room) = &self.room {
            injection = injection.in_room(room);
        }
        if let Some(operation) = &self.operation {
            if !OPERATIONS.contains(&operation.as_str()) {
                let expected = "one of those that `GET /sim/faults` lists, such as `GetItem`";
                return Err(Refusal::Value { place: "operation", expected });
            }
            injection = injection.on(operation);
        }
        world.inject(injection)?;
        Ok(world.faults.newest())
    }

    fn strikes(&self, now: DateTime<Utc>) -> Result<Strikes, Refusal> {
        let refuse = |place, expected| Err(Refusal::Value { place, expected });
        let span = self.from.is_some() || self.until.is_some();
        let ways = [self.next.is_some(), self.per_mille.is_some(), span, self.always];
        if ways.into_iter().filter(|said| *said).count() > 1 {
            return refuse("next", "only one of `next`, `per_mille`, `from` with `until`, and `always`");
        }
        match (self.next, self.per_mille, self.from, self.until) {
            (Some(0), ..) => refuse("next", "1 call or more"),
            (Some(count), ..) => Ok(Strikes::Next(count)),
            (None, Some(rate @ 1..=1000), ..) => Ok(Strikes::PerMille(rate)),
            (None, Some(_), ..) => refuse("per_mille", "1 to 1000"),
            (None, None, from, Some(until)) if from.unwrap_or(now) < until => {
                Ok(Strikes::Between(from.unwrap_or(now), until))
            }
            (None, None, _, Some(_)) => refuse("until", "an instant after `from`, or after now"),
            (None, None, Some(_), None) => refuse("until", "it with `from`"),
            (None, None, None, None) if self.always => Ok(Strikes::Always),
            (None, None, None, None) => Ok(Strikes::Next(1)),
        }
    }
}

pub(super) fn inject(world: &mut World, _: &[&str], body: &[u8]) -> Result<Value, Refusal> {
    Ok(json!({ "id": read::<NewFault>(body)?.inject(world)? }))
}

pub(super) fn list(world: &World) -> Value {
    let faults = Fault::NAMES.iter().map(|(name, _)| json!({ "name": name, "meaning": meaning(name) }));
    let set = world.faults.set().map(|(id, injection)| {
        let mut told = json!({ "id": id, "fault": injection.fault().to_string() });
        for (place, said) in [("room", injection.room()), ("operation", injection.operation())] {
            if let Some(said) = said {
                merge(&mut told, json!({ place: said }));
            }
        }
        merge(
            &mut told,
            match injection.strikes() {
                Strikes::Next(count) => json!({ "next": count }),
                Strikes::PerMille(rate) => json!({ "per_mille": rate }),
                Strikes::Between(from, until) => json!({ "from": from, "until": until }),
                Strikes::Always => json!({ "always": true }),
            },
        );
        told
    });
    json!({
        "faults": faults.collect::<Vec<_>>(),
        "codes": ResponseCode::all().map(ResponseCode::name).collect::<Vec<_>>(),
        "operations": OPERATIONS,
        "set": set.collect::<Vec<_>>(),
    })
}

fn merge(into: &mut Value, members: Value) {
    if let (Value::Object(into), Value::Object(members)) = (into, members) {
        into.extend(members);
    }
}

pub(super) fn remove(world: &mut World, parts: &[&str], _: &[u8]) -> Result<Value, Refusal> {
    let id = parts.first().copied().unwrap_or_default();
    let gone = id.parse().is_ok_and(|id| world.faults.remove(id));
    if gone { Ok(json!({})) } else { Err(Refusal::Unknown(format!("DELETE faults/{id}"))) }
}
