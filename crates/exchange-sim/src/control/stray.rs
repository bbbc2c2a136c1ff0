//! Items that are no calendar items, put into calendars by commands.

use serde::Deserialize;
use serde_json::{Value, json};

use super::mailbox::named;
use super::{Refusal, read};
use crate::{Stray, World};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Misplaced {
    kind: Stray,
    subject: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Marked {
    read: bool,
}

pub(super) fn mark(world: &mut World, parts: &[&str], body: &[u8]) -> Result<Value, Refusal> {
    world.mark_strays(named(parts), read::<Marked>(body)?.read, world.now)?;
    Ok(json!({}))
}

pub(super) fn misplace(world: &mut World, parts: &[&str], body: &[u8]) -> Result<Value, Refusal> {
    let Misplaced { kind, subject } = read(body)?;
    world.misplace(named(parts), kind, &subject, world.now)?;
    Ok(json!({}))
}
