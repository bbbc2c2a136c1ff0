//! A server that cannot be reached for a while.

use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};

use super::{Refusal, read};
use crate::World;

/// The longest outage: nothing can be told to a server that is not reached, so that it must end by itself.
const LONGEST: u64 = 60 * 60 * 1000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Outage {
    for_ms: u64,
}

pub(super) fn begin(world: &mut World, _: &[&str], body: &[u8]) -> Result<Value, Refusal> {
    let Outage { for_ms } = read(body)?;
    if !(1..=LONGEST).contains(&for_ms) {
        return Err(Refusal::Value { place: "for_ms", expected: "1 to 3600000" });
    }
    world.outage = Some(Duration::from_millis(for_ms));
    Ok(json!({}))
}
