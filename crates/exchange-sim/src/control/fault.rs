//! Faults, set and taken away by commands.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Refusal, read};
use crate::{Fault, Injection, Strikes, World};

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
    fn inject(self, world: &mut World) -> Result<(), Refusal> {
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
        Ok(world.inject(injection)?)
    }
}

pub(super) fn inject(world: &mut World, _: &[&str], body: &[u8]) -> Result<Value, Refusal> {
    read::<NewFault>(body)?.inject(world)?;
    Ok(json!({}))
}

pub(super) fn names() -> Value {
    let names: Vec<&str> = Fault::NAMES.iter().map(|(name, _)| *name).collect();
    json!({ "faults": names })
}
