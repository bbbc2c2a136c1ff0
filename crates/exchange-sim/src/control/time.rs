//! Time that passes at once, and chance that begins anew.

use chrono::{DateTime, Datelike as _, Duration, Utc};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Refusal, read};
use crate::{World, script};

/// The last year that time can be moved to: the dates of HTTP and of calendars have four digits.
pub(super) const LAST_YEAR: i32 = 9999;

#[derive(Deserialize)]
#[serde(untagged, deny_unknown_fields)]
enum Passing {
    To {
        to: DateTime<Utc>,
    },
    By {
        #[serde(rename = "advance_ms", with = "crate::milliseconds")]
        by: Duration,
    },
}

pub(super) fn pass(world: &mut World, _: &[&str], body: &[u8]) -> Result<Value, Refusal> {
    let now = world.now;
    let to = match read(body)? {
        Passing::To { to } => Some(to),
        Passing::By { by } => now.checked_add_signed(by),
    };
    let to = to.filter(|to| *to >= now && to.year() <= LAST_YEAR).ok_or(Refusal::Time { now })?;
    world.skip_to(to);
    Ok(json!({ "now": world.now }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Tempo {
    pace: String,
}

pub(super) fn set_pace(world: &mut World, _: &[&str], body: &[u8]) -> Result<Value, Refusal> {
    let pace = read::<Tempo>(body)?.pace.parse()?;
    Ok(json!({ "plays": script::set_pace(world, pace) }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Seed {
    seed: u64,
}

pub(super) fn reseed(world: &mut World, _: &[&str], body: &[u8]) -> Result<Value, Refusal> {
    world.reseed(read::<Seed>(body)?.seed);
    Ok(json!({}))
}
