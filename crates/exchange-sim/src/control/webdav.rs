//! WebDAV, served and disturbed by commands.

use chrono::Duration;
use serde::Deserialize;
use serde_json::{Value, json};

use super::mailbox::named;
use super::meeting::numbered;
use super::settings::merge;
use super::{Refusal, read};
use crate::{WebdavManners, World, milliseconds};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Down {
    #[serde(rename = "for_ms", with = "milliseconds")]
    span: Duration,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Forbidden {
    forbidden: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Copy {
    room: String,
}

pub(super) fn tell(world: &World) -> Result<Value, Refusal> {
    let renewals = world.webdav_renewals().iter();
    Ok(json!({
        "manners": serde_json::to_value(world.webdav())?,
        "subscriptions": world.webdav_subscriptions(),
        "renewals": renewals.map(|(at, id)| json!({ "at": at.to_rfc3339(), "id": id })).collect::<Vec<_>>(),
        "sessions": world.webdav_sessions(),
    }))
}

/// Changes what a merge patch names, all of it or, where something is wrong, nothing.
pub(super) fn patch(world: &mut World, _: &[&str], body: &[u8]) -> Result<Value, Refusal> {
    let patch: Value = read(body)?;
    let mut manners = serde_json::to_value(world.webdav().cloned().unwrap_or_default())?;
    merge(&mut manners, &patch);
    let manners: WebdavManners = serde_json::from_value(manners)?;
    world.set_webdav(Some(manners));
    tell(world)
}

pub(super) fn end(world: &mut World) -> Value {
    world.set_webdav(None);
    json!({})
}

pub(super) fn restart(world: &mut World, _: &[&str], body: &[u8]) -> Result<Value, Refusal> {
    let Down { span } = read(body)?;
    world.restart_store(world.now, span);
    Ok(json!({}))
}

pub(super) fn fail_over(world: &mut World) -> Value {
    world.fail_over_store(world.now);
    json!({})
}

pub(super) fn end_sessions(world: &mut World) -> Value {
    world.end_webdav_sessions();
    json!({})
}

pub(super) fn forbid(world: &mut World, parts: &[&str], body: &[u8]) -> Result<Value, Refusal> {
    let Forbidden { forbidden } = read(body)?;
    world.forbid_webdav(named(parts), forbidden)?;
    Ok(json!({}))
}

pub(super) fn spoil(world: &mut World, parts: &[&str], body: &[u8]) -> Result<Value, Refusal> {
    let Copy { room } = read(body)?;
    world.spoil(&room, numbered(parts)?)?;
    Ok(json!({}))
}

pub(super) fn keep_expansion(world: &mut World, parts: &[&str], body: &[u8]) -> Result<Value, Refusal> {
    let Copy { room } = read(body)?;
    world.keep_expansion(&room, numbered(parts)?)?;
    Ok(json!({}))
}

pub(super) fn clear_expansions(world: &mut World) -> Value {
    world.clear_expansions();
    json!({})
}
